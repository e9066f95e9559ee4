"""What the bot wants to say, before Telegram comes in: HTML text and rows of buttons. Pure."""

from __future__ import annotations

from dataclasses import dataclass
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
class Message:
    """One message in Telegram's HTML, with the keyboard under it. `silent` makes no sound."""

    html: str
    keyboard: Keyboard = ()
    silent: bool = False
