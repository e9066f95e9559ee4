"""What people ask and say to the guards: what is watched, arming one again, and letting one act by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.decide.guards.exchange_health import resumed
from engine.model import events as ev
from engine.model.conditions import Condition, Finding, Signature, Stage, StopMark
from engine.model.decision import Decision
from engine.model.errors import ConcurrentWrite
from engine.model.guards import RISK_TARGETS, Rule, Stance
from engine.model.ids import Asset, VenueName
from engine.model.money import Money, Price
from engine.model.policy import Policy
from engine.model.portfolio import VenueHealth
from engine.model.venue_signals import VenueSignals
from engine.ports import Clock
from engine.run.approvals import Person
from engine.run.guarding import healths_of, worth_of
from engine.run.scribe import Scribe

MOST_TRIES: Final = 8
"""So often a word is judged anew before its speaker is asked to say it again."""


@dataclass(frozen=True, slots=True)
class VenueLine:
    """A venue: how far it can be relied on, by what signs, and what lies there in the numeraire."""

    state: ev.VenueHealthChanged
    score: int | None
    """From 0 to 100 points against it; None where it was not judged."""
    signals: VenueSignals | None
    worth: Money | None


@dataclass(frozen=True, slots=True)
class GuardView:
    """What the guards see now, what stands, and what was signed for."""

    findings: tuple[Finding, ...]
    conditions: tuple[Condition, ...]
    signatures: tuple[Signature, ...]
    act_up_to: Money
    venues: tuple[VenueLine, ...] = ()


class Said(StrEnum):
    """What became of a person's word to a guard."""

    DONE = "done"
    NOTHING_TO_DO = "nothing_to_do"
    """It is armed, or signed, or not signed, already."""
    UNKNOWN = "unknown"
    """There is no such guard."""
    NO_PRICE = "no_price"
    """It would be armed from the price of now, and there is none."""
    NOT_TO_ACT = "not_to_act"
    """The policy does not let this guard act."""
    NO_CAP = "no_cap"
    """The policy names no size up to which guards may act."""
    NOT_HALTED = "not_halted"
    """The venue is in use."""
    MOVED_ON = "moved_on"
    """Something else was written at the same moment: look again."""


class GuardDesk:
    """The guards, for the people of a portfolio."""

    def __init__(self, look: Callable[[], Awaitable[Decision]], scribe: Scribe, clock: Clock, policy: Policy) -> None:
        self._look = look
        self._scribe = scribe
        self._clock = clock
        self._policy = policy

    async def view(self) -> GuardView:
        """What is watched, and how that stands."""
        decision = await self._look()
        guards = (await self._scribe.journal.standing()).guards
        standing = tuple(c for c in guards.conditions if c.stage is Stage.RAISED)
        found = decision.outcome.guards.findings
        return GuardView(found, standing, guards.signatures, self._policy.guards.act_up_to, _venue_lines(decision))

    async def rearm(self, rule: Rule, subject: str, who: Person) -> Said:
        """Arm a guard again: its condition is over, and what it scaled is whole. A stop is measured from now on."""
        decision = await self._look()
        return await self._insisting(lambda: self._rearm(decision, rule, subject, who))

    async def _rearm(self, decision: Decision, rule: Rule, subject: str, who: Person) -> Said:
        version = await self._scribe.version()
        guards = (await self._scribe.journal.standing()).guards
        condition = next((c for c in guards.conditions if c.key == (rule, subject)), None)
        stands = condition is not None and condition.stage is Stage.RAISED
        mark = None
        if rule is Rule.STOP_LOSS:
            asset = Asset(subject)
            if asset not in self._policy.managed_assets:
                return Said.UNKNOWN
            price = decision.outcome.valuation.mark(asset)
            known = next((m for m in guards.stops if m.asset == asset), None)
            if not stands and known is not None and known.is_armed:
                return Said.NOTHING_TO_DO
            if price is None:
                return Said.NO_PRICE
            told_in = decision.inputs.snapshot.numeraire
            mark = StopMark(asset, Price(price), is_armed=True, base=Price(price), numeraire=told_in)
        elif not stands:
            return Said.NOTHING_TO_DO
        return await self._write(version, ev.GuardRearmed(rule, subject, mark, who.id, who.name))

    async def resume_venue(self, venue: VenueName, who: Person) -> Said:
        """Let plans use a halted venue again. What is wrong with it now is accepted, and counts when it gets worse."""
        return await self._insisting(lambda: self._resume_venue(venue, who))

    async def _resume_venue(self, venue: VenueName, who: Person) -> Said:
        version = await self._scribe.version()
        known = (await self._scribe.journal.standing()).guards.venues
        standing = next((v for v in known if v.venue == venue), None)
        if standing is None:
            return Said.UNKNOWN
        if standing.health is not VenueHealth.HALTED:
            return Said.NOT_HALTED
        return await self._write(version, ev.VenueResumed(resumed(standing, self._clock.now()), who.id, who.name))

    async def sign(self, rule: Rule, who: Person) -> Said:
        """Let a guard carry out its plans by itself, under the policy as it is, up to the size that it names."""
        if rule not in RISK_TARGETS or not self._may_act(rule):
            return Said.NOT_TO_ACT
        if not self._policy.guards.act_up_to:
            return Said.NO_CAP
        return await self._insisting(lambda: self._sign(rule, who))

    async def _sign(self, rule: Rule, who: Person) -> Said:
        version = await self._scribe.version()
        standing = await self._scribe.journal.standing()
        if standing.policy is None:
            return Said.MOVED_ON
        if any(s.rule is rule and s.policy == standing.policy for s in standing.guards.signatures):
            return Said.NOTHING_TO_DO
        up_to, now = self._policy.guards.act_up_to, self._clock.now()
        signature = Signature(rule, up_to, standing.policy, who.id, who.name, now)
        return await self._write(version, ev.GuardSigned(signature))

    async def unsign(self, rule: Rule, who: Person) -> Said:
        """Take back what was signed."""
        return await self._insisting(lambda: self._unsign(rule, who))

    async def _unsign(self, rule: Rule, who: Person) -> Said:
        version = await self._scribe.version()
        standing = await self._scribe.journal.standing()
        if all(s.rule is not rule for s in standing.guards.signatures):
            return Said.NOTHING_TO_DO
        return await self._write(version, ev.GuardUnsigned(rule, who.id, who.name))

    async def _insisting(self, say: Callable[[], Awaitable[Said]]) -> Said:
        """Judge a word anew where something else was written meanwhile: every look writes, and means no harm by it."""
        said = Said.MOVED_ON
        for _ in range(MOST_TRIES):
            said = await say()
            if said is not Said.MOVED_ON:
                break
        return said

    def _may_act(self, rule: Rule) -> bool:
        guards = self._policy.guards
        own = [each.stance for each in guards.stop_loss.own] if rule is Rule.STOP_LOSS else []
        return Stance.ACT in (guards.stance(rule), *own)

    async def _write(self, version: int, fact: ev.GuardFact) -> Said:
        try:
            await self._scribe.note_at(version, fact)
        except ConcurrentWrite:
            return Said.MOVED_ON
        return Said.DONE


def _venue_lines(decision: Decision) -> tuple[VenueLine, ...]:
    scores = {verdict.venue: verdict.score for verdict in decision.outcome.guards.venues}
    states = healths_of(decision)
    return tuple(
        VenueLine(states[venue.name], scores.get(venue.name), venue.signals, worth_of(venue, decision))
        for venue in decision.inputs.snapshot.venues
        if venue.name in states and venue.health is not VenueHealth.REFERENCE
    )
