"""Text that comes from outside, made harmless: names of assets and venues, people, and problems in a venue's words.

Nothing from outside reaches a message except through here. Control characters go, right-to-left names cannot turn the
rest of their line around, and what Telegram would make a link or a command of is shown as code, where it stays text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import Final

NAME_LIMIT: Final = 40
PROBLEM_LIMIT: Final = 160
ELLIPSIS: Final = "…"
RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"
LINKED: Final = re.compile(r"(?<!\w)/|//|[@#$]|\.[^\W\d]")
"""What Telegram turns into links, commands, mentions and tags by itself."""
MOST_MARKS: Final = 2
"""Marks take no column: so many characters for each column are let through."""
WIDE: Final = frozenset({"W", "F"})


def name(text: str, limit: int = NAME_LIMIT) -> str:
    """A name for a sentence, as HTML."""
    shown = clean(text, limit)
    escaped = html.escape(_isolated(shown), quote=False)
    return f"<code>{escaped}</code>" if LINKED.search(shown) else escaped


def problem(text: str) -> str:
    """What a venue or a library says went wrong, as HTML: long enough to look it up, short enough for a card."""
    return name(text.rstrip(". "), PROBLEM_LIMIT)


def cell(text: str, columns: int) -> str:
    """A name for a table, cut to so many columns: not escaped yet, the table does that once for all its rows."""
    return _isolated(clean(text, columns))


def bare(text: str, columns: int = NAME_LIMIT) -> str:
    """A name for a text without markup, such as the answer to a press."""
    return _isolated(clean(text, columns))


def clean(text: str, limit: int) -> str:
    """One line without control characters, at most so many columns wide. Plain text, not escaped."""
    visible = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return shortened(" ".join(visible.split()), limit)


def shortened(text: str, limit: int) -> str:
    """Cut to so many columns, with a sign that something is missing."""
    text = text[: MOST_MARKS * limit]
    if width(text) <= limit:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > limit - 1:
            break
        kept += character
    return kept.rstrip() + ELLIPSIS


def width(text: str) -> int:
    """Columns that a text takes in a table: two for wide characters, none for marks and isolates."""
    return sum(map(_columns, text))


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in WIDE else 1


def _isolated(text: str) -> str:
    turns = any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in text)
    return f"{ISOLATE}{text}{POP_ISOLATE}" if turns else text
