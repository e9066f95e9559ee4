"""What the bot wants to say, before Telegram comes in: HTML text, rows of buttons, a file. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Style(StrEnum):
    """The colour of a button."""

    PLAIN = ""
    PRIMARY = "primary"
    SUCCESS = "success"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message. `payload` is what comes back when it is pressed (see `payloads`)."""

    label: str
    payload: str
    style: Style = Style.PLAIN


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that goes into a chat, with the name under which people keep it."""

    name: str
    content: bytes = field(repr=False)
    mime_type: str
    is_picture: bool = False
    """It is shown in the chat, and not offered under its name."""

    def __post_init__(self) -> None:
        if not self.content:
            raise ValueError(f"{self.name} is empty: Telegram takes no such file")


@dataclass(frozen=True, slots=True)
class Message:
    """One message in Telegram's HTML, with the keyboard under it. `silent` makes no sound.

    A `file` goes out with the text as its caption. It is only ever sent anew, as the answer to somebody: no message is
    edited into one with a file, and nothing that is edited in place, such as a card, carries one.
    """

    html: str
    keyboard: Keyboard = ()
    silent: bool = False
    # What a message is compared by in the outbox is its representation: a field that posts never use is not in it.
    file: OutgoingFile | None = field(default=None, repr=False)
