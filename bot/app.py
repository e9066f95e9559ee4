"""The life of the process: start, keep the loops alive, stop. Telegram never holds up the engine, nor the other way."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from bot import backoff
from bot.backoff import Backoff
from bot.chat.announce import Announcer
from bot.chat.application import TelegramAccess, TelegramChat, TelegramUnreachable, TokenRefused
from bot.chat.commands import Commands
from bot.chat.delivery import Delivery
from bot.chat.members import Members
from bot.chat.message import Message
from bot.chat.presses import Presses
from bot.chat.render import replies
from bot.chat.services import ChatServices
from bot.config.settings import Settings
from bot.health import HealthDesk
from bot.outbox import Outbox
from bot.schedule import Ticker
from bot.wiring import Parts, open_parts
from bot.zone import zone_of
from engine.api import Clock, JournalUnavailable, Person
from engine.model.decision import Standing
from engine.model.ids import UserId

log = structlog.get_logger(__name__)

TOKEN_USED_TWICE: Final = Message(
    "⚠️ <b>Another program polls with this bot's token.</b>\n"
    "Messages and presses may go there instead. Stop it, or revoke the token with BotFather; I go on polling."
)
NOT_WRITTEN: Final = "nothing is traded; it is tried again at every look"
NOT_LOOKED: Final = "no new plan is made; it is tried again at every look, and the log has the error"
SWITCH_LOOKED_AT_EVERY: Final = timedelta(seconds=1)
POLLS_LOOKED_AT_EVERY: Final = timedelta(seconds=5)


class CannotStart(Exception):
    """The program cannot begin. The message is one sentence with the remedy."""


class App:
    """One bot: an engine, a chat, and the loops between them."""

    def __init__(self, settings: Settings, parts: Parts, members: Members) -> None:
        self._settings = settings
        self._parts = parts
        self._members = members
        clock, zone = parts.clock, zone_of(settings)
        self._clock = clock
        self.health = HealthDesk(settings, parts)
        venues = tuple(sorted(parts.venues))
        services = ChatServices(
            parts.engine, parts.journal, clock, zone, self.health.view, venues=venues, sandbox=parts.sandbox
        )
        self._services = services
        commands = Commands(services)
        self.chat = TelegramChat(access_of(settings), members, commands, Presses(services, commands), clock)
        announcer = Announcer(services)
        self.outbox = Outbox(parts.journal, clock, self.chat.messenger, announcer.compose, lambda: members.ids)
        self.health.attach(self.chat.polls, self.outbox)
        self._ticker = Ticker(self._tick, settings.schedule.check_every, clock.now())
        self._tasks: list[asyncio.Task[None]] = []
        self._told_failing = ""

    async def start(self) -> None:
        """Recover, and begin to work. Returns when all loops run; Telegram may still be out of reach."""
        await self._parts.engine.start()
        self._parts.engine.listen(lambda _: self.outbox.call())
        self._keep("telegram", self._connect)
        self._keep("outbox", self.outbox.run)
        self._keep("kill switch", self._watch_switch)
        self._ticker.start()
        log.info("started", mode=self._settings.mode.value, venues=[str(v) for v in self._parts.venues])

    async def stop(self) -> None:
        """Stop the loops and let go of everything. What is under way is on disk."""
        self._ticker.stop()
        await self._parts.engine.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.chat.stop()
        await self._parts.opened.aclose()

    def _keep(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(self._alive(name, loop), name=name))

    async def _alive(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """A loop that the program cannot do without is begun again, and its failure is reported."""
        while True:
            try:
                await loop()
            except Exception as error:  # a loop that must survive; the failure is reported
                log.error("loop_failed", loop=name, error=type(error).__name__, exc_info=error)
            await self._clock.sleep(backoff.FIRST)

    async def _tick(self) -> None:
        try:
            await self._parts.engine.advance()
        except JournalUnavailable as error:
            log.error("journal_unavailable", problem=str(error))
            await self._tell_once("Writing to the database", str(error), NOT_WRITTEN)
        except Exception as error:  # the next tick must come; the failure is reported
            log.error("evaluation_failed", error=type(error).__name__, exc_info=error)
            await self._tell_once("Looking at the market", type(error).__name__, NOT_LOOKED)
        else:
            self._told_failing = ""

    async def _tell_once(self, what: str, why: str, what_next: str) -> None:
        """What the journal cannot announce is told to the members directly: once, until a look succeeds again."""
        if self._told_failing != what and await self._tell(replies.failed(what, why, what_next)):
            self._told_failing = what

    async def _tell(self, message: Message) -> bool:
        """Send to every member, without a sound in the quiet hours; False where Telegram could not take it now."""
        message = replace(message, silent=await self._is_quiet())
        sent = [await self.chat.messenger.send(int(user), message) for user in self._members.ids]
        return all(done.outcome is not Delivery.LATER for done in sent)

    async def _is_quiet(self) -> bool:
        """Nobody is to be woken: by the policy's hours where the journal cannot tell of others."""
        try:
            standing = await self._services.journal.standing()
        except JournalUnavailable:
            standing = Standing()
        return self._services.is_quiet(standing)

    async def _connect(self) -> None:
        """Connect to Telegram, however long that takes, and watch over the polling from then on."""
        waits = Backoff()
        while True:
            try:
                await self.chat.start()
                break
            except TokenRefused:
                log.error("token_refused", remedy="Telegram does not know this bot token; copy it again from BotFather")
                wait = backoff.LONGEST
            except TelegramUnreachable as error:
                wait = waits.next()
                log.warning("telegram_unreachable", problem=str(error), next_try_seconds=wait.total_seconds())
            await self._clock.sleep(wait)
        for user in self._members.ids:
            await self.chat.show_menu(user)
        await self._watch_polls()

    async def _watch_switch(self) -> None:
        """A file beside the database stops everything: it is taken into the journal, and lifted in the chat alone."""
        while True:
            if self._settings.kill_file.exists():
                await self._parts.engine.kill(Person(UserId(0), "equipoise kill"))
                self._settings.kill_file.unlink(missing_ok=True)
            await self._clock.sleep(SWITCH_LOOKED_AT_EVERY)

    async def _watch_polls(self) -> None:
        told_conflict = False
        while True:
            await self._clock.sleep(POLLS_LOOKED_AT_EVERY)
            if self.chat.polls.is_dead:
                log.error("polling_died", remedy="it is started again")
                self.chat.polls.answered()
                await self.chat.start_polling()
            if self.chat.polls.conflict and not told_conflict:
                await self._tell(TOKEN_USED_TWICE)
            told_conflict = self.chat.polls.conflict


def access_of(settings: Settings) -> TelegramAccess:
    """How the settings say that Telegram is reached."""
    telegram = settings.telegram
    return TelegramAccess(telegram.token.reveal(), telegram.base_url, telegram.proxy, telegram.drop_pending)


async def make_app(settings: Settings, clock: Clock) -> App:
    """Open everything. Raises CannotStart or JournalUnavailable, each one sentence with the remedy."""
    parts = await open_parts(settings, clock)
    members = Members(parts.journal, clock, settings.portfolio, settings.telegram.allowed_users)
    await members.load()
    if not members.can_begin:
        await parts.opened.aclose()
        raise CannotStart(
            "telegram.allowed_users is empty and nobody is paired, so nobody could use this bot;"
            " run `equipoise pair CONFIG` and send the code it prints to the bot, or name your numeric id"
        )
    return App(settings, parts, members)


async def run(app: App) -> None:
    """Run until the process is told to end."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        await app.start()
        await ended.wait()
    finally:
        await app.stop()
