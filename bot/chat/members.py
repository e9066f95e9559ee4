"""Who may use the bot: the users named in the configuration, and those who were paired with a one-time code.

A code is printed on the command line, lives for an hour, and makes the first private chat that sends it its owner. The
journal keeps only the code's hash; two people who send it at the same instant cannot both win.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from engine.api import Clock, ConcurrentWrite, Expectation, Journal
from engine.model.events import Draft, Event, MemberAdded, PairingCodeIssued, Role, members_stream
from engine.model.ids import PortfolioId, UserId

CODE_LIFE: Final = timedelta(hours=1)
CODE_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without the letters and digits that are mistaken for each other."""
CODE_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class Pairing:
    """The state of the members' stream."""

    version: int = 0
    members: tuple[MemberAdded, ...] = ()
    code_hash: str = ""
    expires_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """A code is out that can still be used."""
        return bool(self.code_hash) and self.expires_at is not None and now < self.expires_at


def fold(events: Iterable[Event]) -> Pairing:
    """The members and the code that is out, after all facts of the stream. A code is used up by who is added."""
    state = Pairing()
    for event in events:
        state = replace(state, version=event.stream_version)
        if isinstance(event.fact, PairingCodeIssued):
            state = replace(state, code_hash=event.fact.code_hash, expires_at=event.fact.expires_at)
        elif isinstance(event.fact, MemberAdded):
            state = replace(state, members=(*state.members, event.fact), code_hash="", expires_at=None)
    return state


class Members:
    """The people of one portfolio. `load` reads the journal once; afterwards `ids` is known without it."""

    def __init__(self, journal: Journal, clock: Clock, portfolio: PortfolioId, allowed: Iterable[UserId]) -> None:
        self._journal = journal
        self._clock = clock
        self._stream = members_stream(portfolio)
        self._allowed = frozenset(allowed)
        self._pairing = Pairing()

    async def load(self) -> None:
        """Read who is paired."""
        self._pairing = fold(await self._journal.stream(self._stream))

    @property
    def ids(self) -> tuple[UserId, ...]:
        """Everyone who may use the bot."""
        return tuple(sorted(self._allowed | {member.user for member in self._pairing.members}))

    @property
    def can_begin(self) -> bool:
        """Somebody may use the bot, or can still become its owner."""
        return bool(self.ids) or self._pairing.is_open(self._clock.now())

    async def issue_code(self) -> str:
        """Make a new one-time code; an earlier one is worth nothing from now on."""
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        issued = PairingCodeIssued(_hash(code), self._clock.now() + CODE_LIFE)
        await self._append(issued)
        return code

    async def claim(self, text: str, user: UserId, name: str) -> bool:
        """Make somebody an owner who sent the code. False where the text is no code that is out."""
        await self.load()
        pairing = self._pairing
        if not pairing.is_open(self._clock.now()) or not secrets.compare_digest(_hash(text), pairing.code_hash):
            return False
        try:
            await self._append(MemberAdded(user, name, Role.OWNER))
        except ConcurrentWrite:
            return False
        return True

    async def _append(self, fact: PairingCodeIssued | MemberAdded) -> None:
        draft = Draft(self._stream, fact, self._clock.now())
        await self._journal.append([draft], Expectation({self._stream: self._pairing.version}))
        await self.load()


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()
