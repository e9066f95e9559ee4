"""What is said about files that could not be sent or read, and what happens next. Pure."""

from __future__ import annotations

from typing import Final

from bot.chat.message import Message
from bot.chat.render.figures import megabytes
from bot.chat.render.names import name

UNNAMED: Final = "The file"
MOST_SENT: Final = 50_000_000
"""Bytes of a file that Telegram takes from a bot: its 50 MB, counted so that they hold for either kind of megabyte."""
MOST_FETCHED: Final = 20 * 2**20
"""Bytes of a file that Telegram hands out to a bot: its 20 MB, as its server counts them."""


def too_large_to_send(file: str, size: int) -> str:
    """In the place of a file that Telegram takes from no bot, as HTML."""
    return (
        f"⚠️ {name(file)} was not sent: it has {megabytes(size)}, and Telegram takes 50 MB from a bot at the most.\n"
        "What happens next: nothing was changed; ask for less at a time, or let the command line on the machine that I "
        "run on write it."
    )


def too_large_to_read(file: str) -> Message:
    """To somebody who sent more than Telegram lets bots fetch."""
    return Message(
        f"⚠️ {_named(file)} was not read: Telegram hands out 20 MB to a bot at the most.\n"
        "What happens next: nothing was changed; send it in parts, each with its heading line."
    )


def not_fetched(file: str) -> Message:
    """To somebody whose file Telegram did not hand out, or not in time."""
    return Message(
        f"⚠️ {_named(file)} was not read: I could not fetch it from Telegram.\n"
        "What happens next: nothing was changed; send it again in a minute. /health shows how things are."
    )


def _named(file: str, unnamed: str = UNNAMED) -> str:
    return name(file) or unnamed
