"""What people may say about balances: what a change was, where something went, what they are about to move.

Like every word, it is judged by the journal: it is written against the version that was read, and judged anew where
that has moved on. A second press, and one on a question that has changed since, do nothing and are told so.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from engine.model import events as ev
from engine.model.canonical import digest_of
from engine.model.decision import Standing
from engine.model.errors import ConcurrentWrite
from engine.model.ids import Asset, VenueName, short
from engine.model.ledger import Declaration, Explanation
from engine.model.money import Quantity
from engine.ports import Clock
from engine.run.approvals import Person
from engine.run.scribe import Scribe


class Heard(StrEnum):
    """What became of a person's word about balances."""

    DONE = "done"
    OVER = "over"
    """It was answered already, or has gone by itself."""
    CHANGED = "changed"
    """More has changed since the question was asked: it stands with other figures now."""
    UNFIT = "unfit"
    """The answer does not fit: a rise cannot be a withdrawal."""


Judge = Callable[[Standing], tuple[Heard, tuple[ev.Fact, ...]]]


class Explanations:
    """Takes people's words on balances."""

    def __init__(self, scribe: Scribe, clock: Clock) -> None:
        self._scribe = scribe
        self._clock = clock

    async def answer(
        self, question: str, version: int, said: Explanation, who: Person, to_venue: VenueName | None = None
    ) -> Heard:
        """Say what a change was; its venue then takes part in plans again. `version` is that of the question seen."""

        def judge(standing: Standing) -> tuple[Heard, tuple[ev.Fact, ...]]:
            found = next((q for q in standing.questions if q.id == question), None)
            if found is None:
                return Heard.OVER, ()
            if found.version != version:
                return Heard.CHANGED, ()
            if said not in found.fitting:
                return Heard.UNFIT, ()
            return Heard.DONE, (ev.ChangeAnswered(found, said, who.id, who.name, to_venue),)

        return await self._say(judge)

    async def say_where(self, transit: str, to_venue: VenueName | None, who: Person) -> Heard:
        """Say where something goes that left a venue: to another of one's own, or out of the portfolio (None).

        `transit` is its handle.
        """

        def judge(standing: Standing) -> tuple[Heard, tuple[ev.Fact, ...]]:
            found = next((t for t in standing.transits if t.handle == transit), None)
            if found is None:
                return Heard.OVER, ()
            return Heard.DONE, (ev.TransitAnswered(found, to_venue, who.id, who.name),)

        return await self._say(judge)

    async def declare(
        self, quantity: Quantity, asset: Asset, from_venue: VenueName | None, to_venue: VenueName | None, who: Person
    ) -> Declaration:
        """Tell of a movement in advance: when the balances show it, it is booked without a question."""
        now = self._clock.now()
        name = short(digest_of((quantity, asset, from_venue, to_venue, now)))
        declared = Declaration(name, asset, quantity, from_venue, to_venue, now, who.id, who.name)
        await self._scribe.note(ev.MovementDeclared(declared))
        return declared

    async def take_back(self, declaration: str) -> Heard:
        """Forget a declared movement that no balance has shown yet."""

        def judge(standing: Standing) -> tuple[Heard, tuple[ev.Fact, ...]]:
            if not any(d.id == declaration for d in standing.declared):
                return Heard.OVER, ()
            return Heard.DONE, (ev.DeclarationUsed(declaration),)

        return await self._say(judge)

    async def _say(self, judge: Judge) -> Heard:
        while True:
            version = await self._scribe.version()
            heard, facts = judge(await self._scribe.journal.standing())
            try:
                await self._scribe.note_at(version, *facts)
            except ConcurrentWrite:
                continue
            return heard
