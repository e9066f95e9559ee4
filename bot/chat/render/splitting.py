"""How long a message is for Telegram, and what is done with one that is too long or cannot be parsed. Pure."""

from __future__ import annotations

import html as markup
import re
from dataclasses import dataclass, field
from typing import Final

MOST_UNITS: Final = 4096
"""Of one message after parsing, in UTF-16 code units."""
TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")
TOKEN: Final = re.compile(r"</?[a-zA-Z][^<>]*>|&#?\w{1,10};|\n|[^<&\n]{1,64}|[<&]")
TAG_NAME: Final = re.compile(r"[a-zA-Z][\w-]*")


def plain_text(html: str) -> str:
    """The text without its markup: what is sent where Telegram cannot parse it, and what lengths are measured on."""
    return markup.unescape(TAG.sub("", html))


def length(text: str) -> int:
    """UTF-16 code units of plain text: an emoji takes two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fits(html: str) -> bool:
    """One message can hold it."""
    return length(plain_text(html)) <= MOST_UNITS


def split(html: str, most: int = MOST_UNITS) -> tuple[str, ...]:
    """Cut into messages at line ends; tags that are open at a cut are closed there and opened again after it.

    A line that is longer than a message is cut where it has to be. Nothing of the text is lost but blank ends. `most`
    is at least 128 units, the longest piece that is not cut itself.
    """
    splitter = _Splitter(most)
    for token in TOKEN.findall(html):
        splitter.add(token)
    splitter.close_part()
    return tuple(splitter.parts)


@dataclass(slots=True)
class _Splitter:
    """Fills one part after the other."""

    most: int
    parts: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)
    used: int = 0
    last_break: int | None = None
    """Where the newest line end of this part stands among its tokens."""

    def add(self, token: str) -> None:
        """One more token, in a new part where this one is full."""
        size = 0 if TAG.fullmatch(token) else length(plain_text(token))
        while self.used and self.used + size > self.most:
            self._break()
        self._put(token, size)

    def close_part(self) -> None:
        """End the part that is under way."""
        text = "".join(self.tokens)
        if plain_text(text).strip():
            closing = "".join(f"</{_tag_name(tag)}>" for tag in reversed(self.open_tags))
            self.parts.append(text.rstrip("\n") + closing)
        self.tokens, self.used, self.last_break = [], 0, None

    def _put(self, token: str, size: int) -> None:
        if token == "\n":
            self.last_break = len(self.tokens)
        elif token.startswith("</") and TAG.fullmatch(token):
            self.open_tags.pop()
        elif TAG.fullmatch(token):
            self.open_tags.append(token)
        self.tokens.append(token)
        self.used += size

    def _break(self) -> None:
        carried: list[str] = []
        if self.last_break is not None:
            carried = self.tokens[self.last_break + 1 :]
            self.tokens = self.tokens[: self.last_break]
            self.open_tags = _open_after(self.tokens)
        reopened = list(self.open_tags)
        self.close_part()
        self.tokens = list(reopened)
        for token in carried:
            self._put(token, 0 if TAG.fullmatch(token) else length(plain_text(token)))


def _open_after(tokens: list[str]) -> list[str]:
    open_tags: list[str] = []
    for token in tokens:
        if TAG.fullmatch(token):
            if token.startswith("</"):
                open_tags.pop()
            else:
                open_tags.append(token)
    return open_tags


def _tag_name(tag: str) -> str:
    match = TAG_NAME.search(tag)
    return match.group() if match else ""
