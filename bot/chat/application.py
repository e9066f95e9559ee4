"""Telegram as it is: polling, the gate, and handlers that hand over to commands and presses."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import stamina
import structlog
from telegram import Bot, BotCommand, BotCommandScopeChat, CallbackQuery, Update
from telegram.constants import ChatAction
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters
from telegram.request import HTTPXRequest

from bot.chat.auth import GATE_GROUP, Gate
from bot.chat.commands import Commands
from bot.chat.delivery import Delivery
from bot.chat.incoming_files import IncomingFiles
from bot.chat.members import Members
from bot.chat.message import Message
from bot.chat.polls import POLL_TIMEOUT, READ_MARGIN, PollWatch
from bot.chat.presses import Pressed, Presses, Spot
from bot.chat.render import replies
from bot.chat.services import Ask
from bot.chat.telegram_messenger import TelegramMessenger
from engine.api import Clock, EngineError, Person
from engine.model.ids import UserId

log = structlog.get_logger(__name__)

REPLY_ATTEMPTS: Final = 5
ALLOWED_UPDATES: Final = [Update.MESSAGE, Update.CALLBACK_QUERY]

Context = ContextTypes.DEFAULT_TYPE
Handler = Callable[[Update, Context], Coroutine[Any, Any, None]]


class TokenRefused(Exception):
    """Telegram does not know the bot's token."""


class TelegramUnreachable(Exception):
    """Telegram does not answer now."""


@dataclass(frozen=True, slots=True)
class TelegramAccess:
    """How Telegram is reached. `token` is the secret itself: it goes into requests and nowhere else."""

    token: str
    base_url: str
    proxy: str | None
    drop_pending: bool

    def __repr__(self) -> str:
        return f"TelegramAccess({self.base_url})"


class TelegramChat:
    """The running conversation."""

    def __init__(
        self, access: TelegramAccess, members: Members, commands: Commands, presses: Presses, clock: Clock
    ) -> None:
        self._access = access
        self._commands = commands
        self._presses = presses
        self._files = IncomingFiles(commands.received)
        self.polls = PollWatch(clock)
        self._application = _build(access, self.polls)
        self.messenger = TelegramMessenger(self._application.bot)
        self._register(Gate(members, self._welcome))

    @property
    def bot(self) -> Bot:
        """The python-telegram-bot `Bot`."""
        bot: Bot = self._application.bot
        return bot

    async def start(self) -> None:
        """Connect and poll. Raises TokenRefused, or TelegramUnreachable: then try again later."""
        try:
            await self._application.initialize()
            await self._application.start()
            await self.start_polling()
        except InvalidToken as error:
            raise TokenRefused from error
        except TelegramError as error:
            raise TelegramUnreachable(str(error)) from error

    async def start_polling(self) -> None:
        """Begin to poll, also again after polling has died."""
        updater = self._application.updater
        assert updater is not None, "the application is built with an updater"
        if updater.running:
            await self._stop_polling()
        await updater.start_polling(
            timeout=POLL_TIMEOUT,
            bootstrap_retries=-1,
            allowed_updates=ALLOWED_UPDATES,
            drop_pending_updates=self._access.drop_pending,
            error_callback=self.polls.failed,
        )

    async def stop(self) -> None:
        """Stop polling, let handlers finish, let go of connections."""
        await self._stop_polling()
        if self._application.running:
            await self._application.stop()
        await self._application.shutdown()

    async def show_menu(self, user: UserId) -> None:
        """Put the commands into the menu of a member's chat."""
        menu = [BotCommand(word, does) for word, does in replies.menu(with_sandbox=self._commands.sandbox is not None)]
        with contextlib.suppress(TelegramError):
            await self.bot.set_my_commands(menu, scope=BotCommandScopeChat(int(user)))

    async def _welcome(self, person: Person) -> None:
        """Greet somebody who has just been paired."""
        await self.show_menu(person.id)
        for message in await self._commands.table["start"](Ask(person)):
            await self.reply(int(person.id), message)

    async def _stop_polling(self) -> None:
        updater = self._application.updater
        if updater is not None and updater.running:
            # A token that was refused while polling is told once more on stopping.
            with contextlib.suppress(InvalidToken):
                await updater.stop()

    def _register(self, gate: Gate) -> None:
        add = self._application.add_handler
        add(gate.handler(), group=GATE_GROUP)
        for name, command in self._commands.table.items():
            add(CommandHandler(name, self._typed(command), filters=filters.UpdateType.MESSAGE))
        add(CallbackQueryHandler(self._pressed))
        add(MessageHandler(filters.UpdateType.MESSAGE & filters.Document.ALL, self._file_sent))
        add(MessageHandler(filters.UpdateType.MESSAGE, self._typed(self._commands.unknown, whole=True)))
        self._application.add_error_handler(self._failed)

    def _typed(self, command: Callable[[Ask], Awaitable[tuple[Message, ...]]], *, whole: bool = False) -> Handler:
        async def handle(update: Update, context: Context) -> None:
            assert update.effective_chat is not None, "the gate lets only people in chats through"
            chat_id = update.effective_chat.id
            await self._typing(chat_id)
            text = update.effective_message.text if whole and update.effective_message else None
            words = tuple((text or "").split()) if whole else tuple(context.args or ())
            for message in await command(Ask(_person(update), words)):
                await self.reply(chat_id, message)

        return handle

    async def _file_sent(self, update: Update, _: Context) -> None:
        message = update.message
        assert message is not None and message.document is not None, "only messages with a file come here"
        await self._typing(message.chat_id)
        ask = Ask(_person(update), tuple((message.caption or "").split()))
        for said in await self._files.answer(ask, message.document):
            await self.reply(message.chat_id, said)

    async def _pressed(self, update: Update, _: Context) -> None:
        query = update.callback_query
        assert query is not None and update.effective_chat is not None, "only presses in chats come here"
        payload = query.data or ""
        if self._presses.answers_later(payload):
            await self._acknowledge(query, "")
        spot = Spot(update.effective_chat.id, query.message.message_id) if query.message is not None else None
        try:
            pressed = await self._presses.press(payload, _person(update), spot)
        except EngineError as error:
            pressed = Pressed(says=(failure_message(error),))
        if not self._presses.answers_later(payload):
            await self._acknowledge(query, pressed.toast)
        if pressed.becomes is not None and query.message is not None:
            await self.messenger.edit(update.effective_chat.id, query.message.message_id, pressed.becomes)
        for message in pressed.says:
            await self.reply(update.effective_chat.id, message)

    async def _acknowledge(self, query: CallbackQuery, toast: str) -> None:
        """A courtesy: what was pressed happens, whether or not the press can still be answered."""
        with contextlib.suppress(TelegramError):
            await query.answer(toast[:200] or None)

    async def reply(self, chat_id: int, message: Message) -> None:
        """Answer a person, also over a short outage."""
        async for attempt in stamina.retry_context(on=_NotYet, attempts=REPLY_ATTEMPTS, wait_initial=0.3, timeout=None):
            with attempt:
                done = await self.messenger.send(chat_id, message)
                if done.outcome is Delivery.LATER:
                    raise _NotYet

    async def _typing(self, chat_id: int) -> None:
        with contextlib.suppress(TelegramError):
            await self.bot.send_chat_action(chat_id, ChatAction.TYPING)

    async def _failed(self, update: object, context: Context) -> None:
        """A handler failed: say so to whoever is waiting, with what happens next."""
        error = context.error
        log.error("handler_failed", error=type(error).__name__, exc_info=error)
        if isinstance(update, Update) and update.effective_chat is not None and not isinstance(error, BadRequest):
            with contextlib.suppress(_NotYet):
                await self.reply(update.effective_chat.id, failure_message(error))


def failure_message(error: BaseException | None) -> Message:
    """What failed in the words that are fit for people: ours where we made them, the kind of error elsewhere."""
    why = str(error) if isinstance(error, EngineError) else type(error).__name__
    return replies.failed("That", why, "nothing was changed; /health shows how things are, then try again")


class _NotYet(Exception):
    """Telegram did not take it now."""


class _WatchedRequest(HTTPXRequest):
    """The requests that polls are made with; every one that is answered is noted."""

    def __init__(self, watch: PollWatch, **settings: Any) -> None:
        super().__init__(**settings)
        self._watch = watch

    async def do_request(self, *args: Any, **settings: Any) -> tuple[int, bytes]:
        """Make the request, and note that it was answered well."""
        code, payload = await super().do_request(*args, **settings)
        if code == 200:
            self._watch.answered()
        return code, payload


def _build(access: TelegramAccess, watch: PollWatch) -> Application[Any, Any, Any, Any, Any, Any]:
    poll = _WatchedRequest(
        watch, proxy=access.proxy, read_timeout=(POLL_TIMEOUT + READ_MARGIN).total_seconds(), connection_pool_size=2
    )
    return (
        Application.builder()
        .token(access.token)
        .base_url(f"{access.base_url}/bot")
        .base_file_url(f"{access.base_url}/file/bot")
        .request(HTTPXRequest(proxy=access.proxy, connection_pool_size=16))
        .get_updates_request(poll)
        .concurrent_updates(True)
        .job_queue(None)
        .build()
    )


def _person(update: Update) -> Person:
    assert update.effective_user is not None, "the gate lets only people through"
    return Person(UserId(update.effective_user.id), update.effective_user.full_name)


async def bot_name(access: TelegramAccess) -> str:
    """The user name that the token belongs to. Raises TokenRefused or TelegramUnreachable."""
    bot = Bot(access.token, base_url=f"{access.base_url}/bot", request=HTTPXRequest(proxy=access.proxy))
    try:
        async with bot:
            return (await bot.get_me()).username or ""
    except InvalidToken as error:
        raise TokenRefused from error
    except TelegramError as error:
        raise TelegramUnreachable(type(error).__name__) from error
