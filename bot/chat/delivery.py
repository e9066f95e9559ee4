"""Messages on their way into chats: what is to be posted, who posts it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from bot.chat.message import Message
from engine.model.ids import UserId
from engine.model.notices import NoticeKind


@dataclass(frozen=True, slots=True)
class Post:
    """A message for everyone. There is one per `key` and chat: it is edited in place, and never sent twice.

    `except_for` is the person who already has the answer to what they did. `takes_over` is the key of another message
    that this one replaces where it stands. A message that is edited in place carries no file. `kind` is what people
    choose its loudness by; what `breaks_through` is heard in the quiet hours too.
    """

    message: Message
    key: str
    except_for: UserId | None = None
    takes_over: str = ""
    kind: NoticeKind = NoticeKind.OTHER
    breaks_through: bool = False

    def __post_init__(self) -> None:
        assert self.message.file is None, "files are answers to one person, and are never posted to everyone"


class Delivery(StrEnum):
    """What became of a message."""

    DONE = "done"
    IMPOSSIBLE = "impossible"
    """This chat will never take it: the person has blocked the bot, or has never written to it."""
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Delivered:
    """The answer to a delivery. `message_id` is the message that now stands in the chat."""

    outcome: Delivery
    message_id: int | None = None
    retry_after: timedelta | None = None


class Messenger(Protocol):
    """Puts messages into chats. It never raises for the network's sake: it says `LATER`."""

    async def send(self, chat_id: int, message: Message) -> Delivered:
        """Put a new message into a chat."""
        ...

    async def edit(self, chat_id: int, message_id: int, message: Message) -> Delivered:
        """Replace a message by one without a file; where it is gone, put a new one into the chat."""
        ...
