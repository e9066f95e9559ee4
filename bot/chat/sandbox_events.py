"""The sandbox's events as the chat knows them: what can happen, how it is written, and who lets it happen. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from engine.model.errors import InvalidValue
from engine.model.money import decimal_of

PAYLOAD: Final = re.compile(r"v1:sandbox:([A-Za-z0-9:._-]{1,52})")
NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")


class Happening(StrEnum):
    """What can be made to happen."""

    HALT = "halt"
    """A venue closes withdrawals, and goes from bad to worse."""
    SLOW = "slow"
    """A venue answers late."""
    DEPEG = "depeg"
    """A stablecoin loses its peg."""
    CRASH = "crash"
    """An asset's price falls."""
    RECOVER = "recover"
    """All of it ends."""


SUBJECT: Final = {Happening.HALT: "a venue", Happening.SLOW: "a venue", Happening.DEPEG: "a stablecoin"}
"""What has to be named beside the word; a crash needs an asset and by how much."""


@dataclass(frozen=True, slots=True)
class SandboxEvent:
    """Something that is to happen, to a venue or an asset. `figure`: USD for a lost peg, percent for a crash."""

    what: Happening
    subject: str = ""
    figure: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Subjects:
    """What events can be about."""

    venues: tuple[str, ...]
    stablecoins: tuple[str, ...]
    assets: tuple[str, ...]


class SandboxFailed(Exception):
    """The sandbox did not do it, or does not answer. The message says why."""


class SandboxControl(Protocol):
    """Lets things happen in the sandbox."""

    async def subjects(self) -> Subjects:
        """What events can be about. Raises SandboxFailed."""
        ...

    async def cause(self, event: SandboxEvent) -> str:
        """Let an event happen; gives what the sandbox says that it did. Raises SandboxFailed."""
        ...


def read_event(words: Sequence[str]) -> SandboxEvent:
    """An event as it is typed, such as `depeg USDC 0.93`. Raises InvalidValue, which says what is missing."""
    what = next((happening for happening in Happening if words and happening == words[0].lower()), None)
    if what is None:
        raise InvalidValue("the event", f"must be one of {', '.join(Happening)}")
    rest = tuple(word.removesuffix("%") for word in words[1:])
    if any(NAME.fullmatch(word) is None for word in rest):
        raise InvalidValue("the names", "are letters and digits")
    if what is Happening.RECOVER and not rest:
        return SandboxEvent(what)
    if what in (Happening.HALT, Happening.SLOW) and len(rest) == 1:
        return SandboxEvent(what, rest[0].lower())
    if what is Happening.DEPEG and len(rest) in (1, 2):
        return SandboxEvent(what, rest[0].upper(), _figure(rest[1]) if len(rest) == 2 else None)
    if what is Happening.CRASH and len(rest) == 2:
        return SandboxEvent(what, rest[0].upper(), _figure(rest[1]))
    needs = {Happening.RECOVER: "nothing", Happening.CRASH: "an asset and percent"} | SUBJECT
    raise InvalidValue(f"after {what}", f"{needs[what]} is to be named")


def event_payload(event: SandboxEvent) -> str | None:
    """What a button carries that lets an event happen; None for names that no button can carry."""
    parts = [event.what, event.subject, "" if event.figure is None else f"{event.figure}"]
    payload = f"v1:sandbox:{':'.join(part for part in parts if part)}"
    return payload if PAYLOAD.fullmatch(payload) else None


def parse_event(payload: str) -> SandboxEvent | None:
    """Read what a button carried. None for anything that none of these ever did."""
    match = PAYLOAD.fullmatch(payload)
    try:
        return read_event(match[1].split(":")) if match else None
    except InvalidValue:
        return None


def _figure(word: str) -> Decimal:
    figure = decimal_of(word, "the figure")
    if figure <= 0:
        raise InvalidValue("the figure", "must be above 0")
    return figure
