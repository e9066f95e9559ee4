"""The whole record of one evaluation, also when nothing is done: what went in, every intermediate, what came out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.model.canonical import digest_of
from engine.model.conditions import GuardOutcome, GuardStanding
from engine.model.costs import Experience
from engine.model.ids import Asset, Digest, PlanId, UserId, VenueName
from engine.model.ledger import Declaration, Question, Transit
from engine.model.lots import Lot
from engine.model.market import Close
from engine.model.money import Quantity, Weight
from engine.model.notices import Loudness, NoticeKind, QuietChoice
from engine.model.plan import Plan, PlanTrigger
from engine.model.plan_tax import Harvest, TaxStanding
from engine.model.policy import Policy
from engine.model.portfolio import Snapshot, Valuation
from engine.model.reasons import Reason
from engine.model.target_changes import ModelOutcome, ModelStanding, SignalReading


class RequestKind(StrEnum):
    """Why an evaluation is made."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"
    """A person wants a plan whatever the drift."""


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Past closes of an asset in the numeraire, oldest first."""

    asset: Asset
    closes: tuple[Close, ...]


QUIET_AFTER_REFUSAL: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A plan that was refused or expired, and how much of each band was used up then."""

    at: datetime
    band_use: tuple[tuple[str, Decimal], ...]
    snoozed_until: datetime | None = None

    @property
    def quiet_until(self) -> datetime:
        """Until when nothing is proposed again, unless drift grows; a snooze ends when it was asked to."""
        return self.snoozed_until or self.at + QUIET_AFTER_REFUSAL


@dataclass(frozen=True, slots=True)
class CashFlow:
    """New money that has not been put to use yet."""

    deposit_id: str
    venue: VenueName
    asset: Asset
    quantity: Quantity
    at: datetime


class AlertLevel(StrEnum):
    """How far a drift has gone towards its threshold."""

    NEAR = "near"
    """80 % of it."""
    REACHED = "reached"
    """All of it."""


FIRST_BACK_OFF: Final = timedelta(hours=1)
LONGEST_BACK_OFF: Final = timedelta(days=1)
MOST_DOUBLINGS: Final = 5
"""After so many the longest back-off is passed."""
CALM_AFTER: Final = timedelta(days=1)
"""So long after a back-off without another one, the next is the first again."""


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert that is raised (`level` is the new one) or resolved (`level` is None).

    One that is not `told` happened all the same: people hear of it later, or not at all where it passes before.
    """

    name: str
    level: AlertLevel | None
    told: bool = True


@dataclass(frozen=True, slots=True)
class BackOff:
    """After people heard that an alert is over: for how long the same name is not told of again.

    1 h, doubled with each that follows on another within a day, up to 24 h.
    """

    since: datetime
    repeats: int = 0
    """How many went before, each within a day of the next."""
    reached_told: bool = False
    """That the limit was reached has been told within it: once is enough."""

    @property
    def until(self) -> datetime:
        """When it is over."""
        doubled = FIRST_BACK_OFF * (1 << min(self.repeats, MOST_DOUBLINGS))
        return self.since + min(doubled, LONGEST_BACK_OFF)

    def is_forgotten(self, now: datetime) -> bool:
        """It is too long ago to count for the next."""
        return now - self.until >= CALM_AFTER


@dataclass(frozen=True, slots=True)
class DriftAlert:
    """An alert that stands for a target's name; without a `level` it is over, and its back-off is remembered.

    `untold`: it stands, and people have not heard of it.
    """

    name: str
    level: AlertLevel | None
    untold: bool = False
    back_off: BackOff | None = None

    def may_tell(self, level: AlertLevel, now: datetime) -> bool:
        """Whether people are told now that it has this level: within a back-off only of a reached limit, and once."""
        back_off = self.back_off
        if back_off is None or now >= back_off.until:
            return True
        return level is AlertLevel.REACHED and not back_off.reached_told

    def after(self, change: AlertChange, at: datetime) -> DriftAlert:
        """The alert after a change of it."""
        back_off = self.back_off
        running = back_off if back_off is not None and at < back_off.until else None
        if change.level is None:
            # What nobody heard of is over without a word; and one back-off is not drawn out by another.
            begins = not self.untold and running is None
            return DriftAlert(self.name, None, back_off=self._next_back_off(at) if begins else back_off)
        if not change.told:
            return replace(self, level=change.level, untold=True)
        if running is not None and change.level is AlertLevel.REACHED:
            back_off = replace(running, reached_told=True)
        return DriftAlert(self.name, change.level, back_off=back_off)

    def _next_back_off(self, at: datetime) -> BackOff:
        before = self.back_off
        return BackOff(at) if before is None or before.is_forgotten(at) else BackOff(at, before.repeats + 1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A person's word that nothing new is planned."""

    by: UserId
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What earlier evaluations and people left behind: a fold of the journal, handed to every decision."""

    active_since: datetime | None = None
    """When the schedule began to count: an earlier date is not missed."""
    last_rebalance: datetime | None = None
    """When the last plan ended, however it ended."""
    last_date_fired: datetime | None = None
    """The last date of the schedule that was answered."""
    open_plan: PlanId | Digest | None = None
    open_trigger: PlanTrigger | None = None
    """What the open plan answers to."""
    pause: Pause | None = None
    killed: Pause | None = None
    """The kill switch was pulled: nothing is planned or sent until a person lets it begin again."""
    refusal: Refusal | None = None
    cash_flows: tuple[CashFlow, ...] = ()
    deposits_seen: tuple[tuple[str, datetime], ...] = ()
    """The venues' ids of recent deposits, so that none is counted twice."""
    flows_in_plan: tuple[str, ...] = ()
    """The deposits that were known when the open plan was made: they are used up when it is carried out."""
    policy: Digest | None = None
    """The policy that was adopted last."""
    vetoes_told: tuple[Reason, ...] = ()
    """What people were told last to stand in the way of every plan."""
    alerts: tuple[DriftAlert, ...] = ()
    questions: tuple[Question, ...] = ()
    """Changes of balances that wait for a person's word: their venues are left out of plans."""
    transits: tuple[Transit, ...] = ()
    """What has left one venue and not arrived at another: it counts, and is not traded."""
    declared: tuple[Declaration, ...] = ()
    """Movements that a person told of and that no balance has shown yet."""
    withdrawals_seen: tuple[tuple[str, datetime], ...] = ()
    """The venues' ids of recent withdrawals, as of deposits."""
    harvest_told_at: datetime | None = None
    """When losses worth realising were told of last."""
    experience: tuple[Experience, ...] = ()
    """How trades came out beside their estimates, by venue and asset."""
    guards: GuardStanding = field(default_factory=GuardStanding)
    policy_version: int = 0
    """How many policies were adopted."""
    loudness: tuple[tuple[NoticeKind, Loudness], ...] = ()
    """How loudly people want to be told of what, where they chose."""
    quiet: QuietChoice | None = None
    """The quiet hours that people chose; None: those of the policy."""
    models: ModelStanding = field(default_factory=ModelStanding)


@dataclass(frozen=True, slots=True)
class DecisionInputs:
    """All that a decision depends on. Nothing else is read while deciding."""

    snapshot: Snapshot
    policy: Policy
    standing: Standing
    now: datetime
    request: RequestKind = RequestKind.SCHEDULED
    lots: tuple[Lot, ...] = ()
    history: tuple[PriceSeries, ...] = ()
    tax: TaxStanding | None = None
    """The tax year so far; None where no ledger is kept."""
    signal: SignalReading | None = None
    """What was read of the signal that targets follow; None where they follow none."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a target's name is from its target, both ways of stating it.

    `relative` is absent for a target of 0. `band_use` is the drift as a fraction of its threshold; absent where it is
    beyond any (held, target 0, relative mode).
    """

    name: str
    weight: Weight
    target: Weight
    absolute: Weight
    relative: Decimal | None
    threshold: Decimal
    band_use: Decimal | None

    @property
    def fires(self) -> bool:
        """Strictly beyond its threshold."""
        return self.band_use is None or self.band_use > 1


@dataclass(frozen=True, slots=True)
class TriggerVerdict:
    """Whether a plan is called for, what calls for it, and why or why not."""

    fired: bool
    kind: PlanTrigger | None
    reasons: tuple[Reason, ...]
    date: datetime | None = None
    """The date of the schedule that is answered by this verdict, traded or offered."""
    missed: bool = False
    """That date is past its grace: it is offered, not traded."""
    checked: bool = False
    """On that date nothing was beyond its band: it is answered by that."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision came to: equal inputs give byte-equal outcomes."""

    valuation: Valuation
    drifts: tuple[Drift, ...]
    verdict: TriggerVerdict
    alerts: tuple[AlertChange, ...]
    vetoes: tuple[Reason, ...]
    plan: Plan | None
    harvests: tuple[Harvest, ...] = ()
    """Losses that are worth realising, where the policy asks for them."""
    guards: GuardOutcome = field(default_factory=GuardOutcome)
    model: ModelOutcome | None = None
    """What the model of the targets says; None where there is none."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Inputs and outcome together, with the version of the engine that decided."""

    engine_version: str
    inputs: DecisionInputs
    outcome: Outcome

    @property
    def digest(self) -> Digest:
        """Of inputs, outcome and engine version."""
        return digest_of(self)
