"""How a message is laid out for a phone: tables of 32 columns, lists that fold, texts that fit one message. Pure."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bot.chat.render.figures import count
from bot.chat.render.names import shortened, width
from bot.chat.render.splitting import fits

COLUMNS: Final = 32
"""What a phone of 360 pixels shows of a table without a line break."""
ROOMS: Final = (12, 8, 5, 3, 1)
"""How many entries a list may show, tried until the message fits."""


def table(rows: Iterable[str]) -> str:
    """Rows of plain text as one block of fixed width, escaped; nothing where there are none."""
    text = "\n".join(row.rstrip() for row in rows)
    return f"<pre>{html.escape(text, quote=False)}</pre>" if text else ""


def ends(left: str, right: str) -> list[str]:
    """One text at each end of a row; on two rows where one is too narrow."""
    gap = COLUMNS - width(left) - width(right)
    if gap >= 1:
        return [left + " " * gap + right]
    return [shortened(left, COLUMNS), " " * max(0, COLUMNS - width(right)) + shortened(right, COLUMNS)]


def columns(first: str, figures: Sequence[str], each: int) -> list[str]:
    """A name, and figures in columns of equal width at the right; on two rows where one is too narrow."""
    right = "".join(" " * max(1, each - width(figure)) + figure for figure in figures)
    gap = COLUMNS - width(first) - width(right)
    return [first + " " * gap + right] if gap >= 0 else ends(first, right.lstrip())


def listed(lines: Sequence[str], room: int, where_more: str = "") -> list[str]:
    """The first lines as bullets, and how many more there are."""
    shown = [f"• {line}" for line in lines[:room]]
    rest = len(lines) - room
    return [*shown, f"and {count(rest)} more{where_more}"] if rest > 0 else shown


def joined(parts: Sequence[str], room: int) -> str:
    """The first parts in one sentence, and how many more there are."""
    rest = len(parts) - room
    return ", ".join(parts[:room]) + (f" and {count(rest)} more" if rest > 0 else "")


def paragraphs(*parts: str) -> str:
    """Parts with a blank line between them; empty ones are left out."""
    return "\n\n".join(part for part in parts if part)


def lines(*parts: str) -> str:
    """Parts on lines of their own; empty ones are left out."""
    return "\n".join(part for part in parts if part)


def fitting(render: Callable[[int], str]) -> str:
    """The fullest version of a text that fits one message; `render` is given the room that its lists have."""
    for room in ROOMS:
        text = render(room)
        if fits(text):
            break
    return text
