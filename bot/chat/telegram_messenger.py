"""Put messages into Telegram chats, and say plainly what became of them. Nothing here raises for the network's sake."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import structlog
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.chat.delivery import Delivered, Delivery
from bot.chat.message import Keyboard, Message
from bot.chat.render import files
from bot.chat.render.layout import paragraphs
from bot.chat.render.splitting import length, plain_text, split

log = structlog.get_logger(__name__)

UNPARSEABLE: Final = "can't parse entities"
UNCHANGED: Final = "message is not modified"
MOST_CAPTION: Final = 1024
"""Of a document or a picture after parsing, in UTF-16 code units."""
ANSWER_TO_FILE: Final = timedelta(minutes=1)
"""How long Telegram may take over a file that it has received: giving up sooner would send it twice."""
GONE: Final = ("message to edit not found", "message can't be edited", "message_id_invalid")

Call = Callable[[str, str | None, InlineKeyboardMarkup | None], Awaitable[int]]


class TelegramMessenger:
    """The messenger over a python-telegram-bot `Bot`."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def send(self, chat_id: int, message: Message) -> Delivered:
        """Put a new message into a chat, in several where it is too long. The keyboard is under the last.

        A file comes last, with the text as its caption where that is short enough. Instead of one that is too large
        for Telegram comes a sentence that says so.
        """
        file = message.file
        if file is None:
            return await self._send_texts(chat_id, message)
        if len(file.content) > files.MOST_SENT:
            log.error("file_too_large", size=len(file.content))
            told = paragraphs(message.html, files.too_large_to_send(file.name, len(file.content)))
            return await self._send_texts(chat_id, Message(told, message.keyboard, message.silent))
        if length(plain_text(message.html)) <= MOST_CAPTION:
            return await self._send_file(chat_id, message, message.html)
        before = await self._send_texts(chat_id, Message(message.html, silent=message.silent))
        return await self._send_file(chat_id, message, "") if before.outcome is Delivery.DONE else before

    async def _send_texts(self, chat_id: int, message: Message) -> Delivered:
        *first, last = split(message.html)
        for part in first:
            done = await self._try(lambda t, m, k: self._send(chat_id, t, m, k, message.silent), part, ())
            if done.outcome is not Delivery.DONE:
                return done
        return await self._try(lambda t, m, k: self._send(chat_id, t, m, k, message.silent), last, message.keyboard)

    async def _send_file(self, chat_id: int, message: Message, caption: str) -> Delivered:
        is_picture = message.file is not None and message.file.is_picture
        put = self._picture if is_picture else self._document
        return await self._try(lambda t, m, k: put(chat_id, message, t, m, k), caption, message.keyboard)

    async def edit(self, chat_id: int, message_id: int, message: Message) -> Delivered:
        """Replace a message's text and keyboard; where it is gone, put a new one into the chat. Never with a file."""
        assert message.file is None, "no message is edited into one with a file"
        parts = split(message.html)
        try:
            return await self._try(lambda t, m, k: self._edit(chat_id, message_id, t, m, k), parts[0], message.keyboard)
        except _Gone:
            return await self.send(chat_id, message)

    async def _try(self, call: Call, html: str, keyboard: Keyboard) -> Delivered:
        """Call Telegram; a text that it cannot parse goes out once more as plain text."""
        markup = keyboard_markup(keyboard)
        try:
            return Delivered(Delivery.DONE, await call(html, ParseMode.HTML, markup))
        except BadRequest as error:
            if UNPARSEABLE not in str(error).lower():
                return _refused(error)
            log.error("unparseable_message", problem=str(error))
        except TelegramError as error:
            return _failed(error)
        try:
            return Delivered(Delivery.DONE, await call(plain_text(html), None, markup))
        except TelegramError as error:
            return _refused(error) if isinstance(error, BadRequest) else _failed(error)

    async def _send(
        self, chat_id: int, text: str, mode: str | None, markup: InlineKeyboardMarkup | None, silent: bool
    ) -> int:
        sent = await self._bot.send_message(
            chat_id, text, parse_mode=mode, reply_markup=markup, disable_notification=silent
        )
        return sent.message_id

    async def _document(
        self, chat_id: int, message: Message, caption: str, mode: str | None, markup: InlineKeyboardMarkup | None
    ) -> int:
        assert message.file is not None, "the caller has looked"
        upload = InputFile(message.file.content, message.file.name)
        upload.mimetype = message.file.mime_type  # the library guesses it, from what this machine happens to know
        sent = await self._bot.send_document(
            chat_id,
            upload,
            caption or None,
            parse_mode=mode,
            reply_markup=markup,
            disable_notification=message.silent,
            read_timeout=ANSWER_TO_FILE.total_seconds(),
        )
        return sent.message_id

    async def _picture(
        self, chat_id: int, message: Message, caption: str, mode: str | None, markup: InlineKeyboardMarkup | None
    ) -> int:
        assert message.file is not None, "the caller has looked"
        sent = await self._bot.send_photo(
            chat_id,
            InputFile(message.file.content, message.file.name),
            caption or None,
            parse_mode=mode,
            reply_markup=markup,
            disable_notification=message.silent,
            read_timeout=ANSWER_TO_FILE.total_seconds(),
        )
        return sent.message_id

    async def _edit(
        self, chat_id: int, message_id: int, text: str, mode: str | None, markup: InlineKeyboardMarkup | None
    ) -> int:
        try:
            await self._bot.edit_message_text(text, chat_id, message_id, parse_mode=mode, reply_markup=markup)
        except BadRequest as error:
            words = str(error).lower()
            if any(gone in words for gone in GONE):
                raise _Gone from error
            if UNCHANGED not in words:
                raise
        return message_id


class _Gone(Exception):
    """The message to be edited is no longer there."""


def keyboard_markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    """Our buttons as Telegram's."""
    if not keyboard:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(b.label, callback_data=b.payload, **_style(b.style.value)) for b in row]
            for row in keyboard
        ]
    )


def _style(style: str) -> dict[str, Any]:
    return {"style": style} if style else {}


def _refused(error: TelegramError) -> Delivered:
    """Telegram will never take this message: it is given up, and the log says what it was."""
    log.error("message_refused", problem=str(error))
    return Delivered(Delivery.IMPOSSIBLE)


def _failed(error: TelegramError) -> Delivered:
    if isinstance(error, RetryAfter):
        told = error.retry_after
        wait = told if isinstance(told, timedelta) else timedelta(seconds=told)
        return Delivered(Delivery.LATER, retry_after=wait)
    if isinstance(error, Forbidden):
        log.warning("chat_closed_to_bot", problem=str(error))
        return Delivered(Delivery.IMPOSSIBLE)
    if not isinstance(error, NetworkError | InvalidToken):
        log.error("telegram_failed", problem=str(error))
    return Delivered(Delivery.LATER)
