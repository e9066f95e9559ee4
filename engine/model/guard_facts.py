"""Facts about the guards: what they found, what is remembered of stops, and what people said to them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.conditions import ConditionChange, Signature, StopMark
from engine.model.guards import Rule
from engine.model.health import VenueStanding
from engine.model.ids import UserId


@dataclass(frozen=True, slots=True)
class ConditionsChanged:
    """Conditions were noticed, raised, got worse or are over. People hear of some of it."""

    changes: tuple[ConditionChange, ...]


@dataclass(frozen=True, slots=True)
class StopsMarked:
    """What is remembered of all positions that are held: peaks, and which stops are armed."""

    stops: tuple[StopMark, ...]


@dataclass(frozen=True, slots=True)
class GuardRearmed:
    """A person armed a guard again: its condition is over, and its targets are whole."""

    rule: Rule
    subject: str
    mark: StopMark | None
    by: UserId
    name: str


@dataclass(frozen=True, slots=True)
class VenuesJudged:
    """How all venues were judged, where a sign has come or gone or a verdict is another."""

    venues: tuple[VenueStanding, ...]


@dataclass(frozen=True, slots=True)
class VenueResumed:
    """A person lets plans use a venue again that was halted."""

    standing: VenueStanding
    by: UserId
    name: str


@dataclass(frozen=True, slots=True)
class GuardSigned:
    """An owner lets a guard carry out its plans by itself, under this policy and up to a size."""

    signature: Signature


@dataclass(frozen=True, slots=True)
class GuardUnsigned:
    """A person took a standing approval back."""

    rule: Rule
    by: UserId
    name: str
