"""What people say to a proposal of other targets, and what they ask of the model. A word names one proposal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from engine.decide.models.shadow import shadow_record
from engine.model import events as ev
from engine.model.errors import ConcurrentWrite
from engine.model.events import StreamId, portfolio_stream
from engine.model.ids import PortfolioId
from engine.model.policy import Policy
from engine.model.reasons import ReasonCode, reason
from engine.model.target_changes import ModelStanding, ShadowRecord, TargetChange
from engine.ports import Clock, Expectation
from engine.run.approvals import Person
from engine.run.modelling import basis_of, withdrawal
from engine.run.scribe import Scribe


class TargetsAnswerKind(StrEnum):
    """What became of a person's word on other targets."""

    ADOPTED = "adopted"
    KEPT = "kept"
    STALE = "stale"
    """The proposal does not wait for a word any more; `standing` says what holds."""


@dataclass(frozen=True, slots=True)
class TargetsAnswer:
    """What became of a person's word, with what holds now."""

    kind: TargetsAnswerKind
    standing: ModelStanding


class ModelDesk:
    """Takes words on proposals of other targets, and reads the record."""

    def __init__(self, scribe: Scribe, clock: Clock, portfolio: PortfolioId, policy: Policy) -> None:
        self._scribe = scribe
        self._clock = clock
        self._portfolio = portfolio_stream(portfolio)
        self._policy = policy

    async def adopt(self, change: str, who: Person) -> TargetsAnswer:
        """Let the proposed targets take the place of those that hold. An ordinary plan that waits is withdrawn."""
        return await self._say(change, TargetsAnswerKind.ADOPTED, lambda c: ev.TargetsAdopted(c, who.id, who.name), who)

    async def keep(self, change: str, who: Person) -> TargetsAnswer:
        """Leave the targets as they are; nothing like it is proposed for a while."""
        return await self._say(change, TargetsAnswerKind.KEPT, lambda c: ev.TargetsKept(c, who.id, who.name), who)

    async def record(self) -> ShadowRecord:
        """What the model would have made, beside the static targets, since it is set as it is now."""
        basis = basis_of(self._policy)
        noted = [event.fact for event in await self._scribe.journal.facts(ev.ShadowNoted)]
        days = [fact.day for fact in noted if isinstance(fact, ev.ShadowNoted) and fact.basis == basis]
        return shadow_record(days, {t.name: self._policy.assets_of(t.name) for t in self._policy.targets})

    async def _say(
        self, change: str, kind: TargetsAnswerKind, word: Callable[[TargetChange], ev.Fact], who: Person
    ) -> TargetsAnswer:
        """Judged by what the journal holds, and made anew where it has moved on meanwhile."""
        while True:
            version = await self._scribe.version()
            standing = (await self._scribe.journal.standing()).models
            asked = standing.asked
            if asked is None or asked.id != change:
                return TargetsAnswer(TargetsAnswerKind.STALE, standing)
            facts: list[tuple[StreamId, ev.Fact]] = [(self._portfolio, word(asked))]
            expected: dict[StreamId, int] = {self._portfolio: version}
            if kind is TargetsAnswerKind.ADOPTED:
                why = reason(ReasonCode.TARGETS_CHANGED, since=self._clock.now(), by=who.name)
                facts += withdrawal(await self._scribe.journal.open_plan(), why, expected)
            try:
                await self._scribe.write(facts, Expectation(expected))
            except ConcurrentWrite:
                continue
            return TargetsAnswer(kind, (await self._scribe.journal.standing()).models)
