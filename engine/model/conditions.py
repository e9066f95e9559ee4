"""What guards find, and what is remembered of it: findings, conditions with what becomes of them, marks, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.model.guards import Rule, Stance
from engine.model.health import VenueStanding, VenueVerdict
from engine.model.ids import Asset, Digest, UserId
from engine.model.money import ONE, Money, Price
from engine.model.reasons import Reason


class Level(StrEnum):
    """What a guard sees of one subject."""

    UNARMED = "unarmed"
    """It cannot tell; the reason says what is missing. What stands of it stays."""
    CLEAR = "clear"
    HOLD = "hold"
    """Neither: what stands of it stays."""
    HIT = "hit"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule sees of a subject: an asset, a pair, or the portfolio. The reason holds the figures."""

    rule: Rule
    subject: str
    level: Level
    reason: Reason
    stance: Stance
    lasting: timedelta = timedelta(0)
    """How long it must be hit before it is raised."""
    calm: timedelta = timedelta(minutes=10)
    """How long it must be clear before it is over."""
    grade: int = 1
    """How bad: 1 at the limit, more beyond it."""
    assets: tuple[Asset, ...] = ()
    """Whose targets are scaled."""
    keeps: Decimal = ONE
    """What is kept of those."""
    wants_plan: bool = False
    """There is something that a plan can do about it."""


class Stage(StrEnum):
    """How far a condition has come."""

    NOTICED = "noticed"
    """Hit, and not for long enough: nobody is told."""
    RAISED = "raised"
    OVER = "over"
    """Remembered for a day, so that one which comes and goes is told of ever less often."""


class Step(StrEnum):
    """What becomes of the lower targets that a condition asks for."""

    NONE = "none"
    """It asks for none."""
    WANTED = "wanted"
    """A plan is to be made."""
    DONE = "done"
    """A plan was carried out."""
    WAIVED = "waived"
    """A person refused it: the targets are whole, and the rule is silent until it is armed again."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule has found and is not over, or was over lately."""

    rule: Rule
    subject: str
    stage: Stage
    since: datetime
    """When it was first seen; of one that is over, when it ended."""
    reason: Reason
    grade: int = 1
    times: int = 1
    """How often it was raised, each within a day of the one before."""
    raised_at: datetime | None = None
    clear_since: datetime | None = None
    assets: tuple[Asset, ...] = ()
    keeps: Decimal = ONE
    shares: tuple[Decimal, ...] = ()
    """What part of its bucket each of the assets was when this was raised; 1 of one in no bucket."""
    step: Step = Step.NONE
    rest_until: datetime | None = None
    """Nobody answered its plan: it is proposed again from then on."""

    @property
    def key(self) -> tuple[Rule, str]:
        """By which conditions are told apart and ordered."""
        return self.rule, self.subject

    @property
    def scales(self) -> bool:
        """Targets are lower for its sake."""
        return self.stage is Stage.RAISED and self.step in (Step.WANTED, Step.DONE)


class ChangeKind(StrEnum):
    """What has become of a condition."""

    NOTICED = "noticed"
    RAISED = "raised"
    WORSE = "worse"
    RESOLVED = "resolved"
    KEPT = "kept"
    """Only what is remembered of it has changed."""
    FORGOTTEN = "forgotten"


TOLD: Final = frozenset({ChangeKind.RAISED, ChangeKind.WORSE, ChangeKind.RESOLVED})
"""The changes that people hear of."""


@dataclass(frozen=True, slots=True)
class ConditionChange:
    """A condition as it is from now on. `reason` are the figures of now, also of one that is over."""

    kind: ChangeKind
    condition: Condition
    reason: Reason


def conditions_after(standing: Sequence[Condition], changes: Sequence[ConditionChange]) -> tuple[Condition, ...]:
    """The conditions that stand when the changes have taken place, in the order of rule and subject."""
    after = {condition.key: condition for condition in standing}
    for change in changes:
        if change.kind is ChangeKind.FORGOTTEN:
            after.pop(change.condition.key, None)
        else:
            after[change.condition.key] = change.condition
    return tuple(after[key] for key in sorted(after))


@dataclass(frozen=True, slots=True)
class StopMark:
    """What is remembered of a position for its stop."""

    asset: Asset
    peak: Price
    """The highest price since its purchase, to a thousandth."""
    is_armed: bool = False
    """It was seen above its stop: one that begins below sells nothing."""
    base: Price | None = None
    """What it is measured from since it fired, or was armed again; None: from its purchase."""
    higher: Price | None = None
    """A price above the peak that one look has seen: it is the peak when the next has seen it too."""
    numeraire: Asset | None = None
    """What its prices are told in; None of an old record, whose numeraire was that of the portfolio."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A person's standing approval of what one guard does by itself, for one policy, up to a plan's size."""

    rule: Rule
    up_to: Money
    policy: Digest
    by: UserId
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GuardStanding:
    """What guards and people left behind for the next decision."""

    conditions: tuple[Condition, ...] = ()
    stops: tuple[StopMark, ...] = ()
    signatures: tuple[Signature, ...] = ()
    in_plan: tuple[tuple[Rule, str], ...] = ()
    """The conditions that the open risk plan answers."""
    prices: tuple[tuple[datetime, tuple[tuple[Asset, Price], ...]], ...] = ()
    """Prices of the last 24 hours, an hour apart."""
    prices_in: Asset | None = None
    """What those are told in; None of an old record."""
    traded: tuple[tuple[datetime, Money], ...] | None = None
    """What plans have traded in the last 24 hours; None: no record is kept."""
    venues: tuple[VenueStanding, ...] = ()
    """How each venue was judged last."""


@dataclass(frozen=True, slots=True)
class GuardOutcome:
    """What the guards came to at one decision."""

    findings: tuple[Finding, ...] = ()
    changes: tuple[ConditionChange, ...] = ()
    stops: tuple[StopMark, ...] | None = None
    """What is to be remembered of stops from now on; None where nothing has changed."""
    venues: tuple[VenueVerdict, ...] = ()
    """How far each venue can be relied on, of those whose health is known."""
    venues_after: tuple[VenueStanding, ...] | None = None
    """What is to be remembered of that; None where nothing that matters has changed."""
    answers: tuple[tuple[Rule, Stance], ...] = ()
    """The rules that the plan answers, and how far each may go."""
    must_ask: tuple[Reason, ...] = ()
    """Why a plan waits for a person whatever the approval policy says."""
