"""Venues as plans may use them: judged by their signs, and left out where they cannot be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from engine.decide.guards.exchange_health import sweep
from engine.model.conditions import Finding, Level
from engine.model.decision import DecisionInputs
from engine.model.guards import Rule, Stance
from engine.model.health import StandingSign, VenueStanding, VenueVerdict
from engine.model.portfolio import Snapshot, VenueHealth, VenueSnapshot
from engine.model.reasons import ReasonCode, reason

LEAVES_OUT: Final = frozenset({Stance.PROPOSE, Stance.ACT})
"""With `alert`, what cannot be relied on is told of and stays in plans."""


@dataclass(frozen=True, slots=True)
class JudgedVenues:
    """The snapshot with the verdicts in it, the verdicts, and what is to be remembered where that has changed."""

    snapshot: Snapshot
    verdicts: tuple[VenueVerdict, ...] = ()
    after: tuple[VenueStanding, ...] | None = None


def judged(inputs: DecisionInputs) -> JudgedVenues:
    """Judge every venue whose signals are known. One without signals is taken as it was observed."""
    rule, snapshot = inputs.policy.guards.exchange_health, inputs.snapshot
    before = inputs.standing.guards.venues
    if rule.stance is Stance.OFF or all(venue.signals is None for venue in snapshot.venues):
        return JudgedVenues(snapshot)
    known = {standing.venue: standing for standing in before}
    found = sweep(snapshot, known, rule.limits, inputs.standing.questions, inputs.now)
    verdicts = tuple(verdict for verdict, _ in found)
    after = tuple(standing for _, standing in found)
    changed = None if [_gist(s) for s in after] == [_gist(s) for s in before] else after
    if rule.stance in LEAVES_OUT:
        snapshot = replace(snapshot, venues=tuple(_as_judged(venue, verdicts) for venue in snapshot.venues))
    return JudgedVenues(snapshot, verdicts, changed)


def health_findings(inputs: DecisionInputs, verdicts: Sequence[VenueVerdict]) -> tuple[Finding, ...]:
    """The verdicts as they are listed beside the other guards."""
    stance = inputs.policy.guards.exchange_health.stance
    listed = []
    for verdict in verdicts:
        level = Level.CLEAR if verdict.health is VenueHealth.HEALTHY else Level.HIT
        why = reason(ReasonCode.VENUE_JUDGED, venue=verdict.venue, health=verdict.health.value, score=verdict.score)
        listed.append(Finding(Rule.EXCHANGE_HEALTH, verdict.venue, level, why, stance))
    return tuple(listed)


def _as_judged(venue: VenueSnapshot, verdicts: Sequence[VenueVerdict]) -> VenueSnapshot:
    """A venue with its verdict. A halted one is left out also where it does not answer: the others are traded on."""
    verdict = next((v for v in verdicts if v.venue == venue.name), None)
    if verdict is None or verdict.health is VenueHealth.HEALTHY:
        return venue
    if venue.health is VenueHealth.UNREACHABLE and verdict.health is not VenueHealth.HALTED:
        return venue
    return replace(venue, health=verdict.health, problem=venue.problem)


def _gist(standing: VenueStanding) -> VenueStanding:
    """A standing without what moves at every look: how bad a sign is just now."""
    return replace(standing, signs=tuple(_lasting(sign) for sign in standing.signs))


def _lasting(sign: StandingSign) -> StandingSign:
    return replace(sign, measure=Decimal(0), why=reason(sign.why.code))
