"""Facts about one revision of one plan: what was proposed, what people said to it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.model.costs import LegCost
from engine.model.decision import Drift
from engine.model.ids import DecisionId, Digest, LegId, PlanId, PortfolioId, UserId
from engine.model.money import Bps, Weight
from engine.model.plan import Plan
from engine.model.portfolio_facts import Mode
from engine.model.reasons import Reason


@dataclass(frozen=True, slots=True)
class PlanProposed:
    """A plan waits for approval."""

    plan_id: PlanId
    root: str
    revision: int
    portfolio: PortfolioId
    mode: Mode
    plan: Plan
    digest: Digest
    decision: DecisionId
    expires_at: datetime
    drifts: tuple[Drift, ...]
    supersedes: PlanId | None = None
    in_place: bool = False
    """Its card takes the place of the card that it supersedes."""


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """One person approved this digest. Where several must agree, the plan is approved by the last of them."""

    by: UserId
    digest: Digest
    name: str


@dataclass(frozen=True, slots=True)
class PlanApproved:
    """Enough people, or the policy itself, approved this digest."""

    by: tuple[str, ...]
    digest: Digest


@dataclass(frozen=True, slots=True)
class PlanDeclined:
    """A person refused the plan, or asked to be left alone until an instant."""

    by: UserId
    name: str
    band_use: tuple[tuple[str, Decimal], ...]
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanExpired:
    """Nobody approved it in time, or it was stale at its start."""

    band_use: tuple[tuple[str, Decimal], ...]
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanSuperseded:
    """Another plan takes its place; `by_plan` is absent where none was called for any more."""

    by_plan: PlanId | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """How a plan's orders go out, as the policy was when it began.

    Slices are spread over `horizon`, by the clock or by `volume_by_hour` (24 shares, of the hours in UTC), each up to
    `jitter` of its distance to the next one late. With `maker_wait` every slice rests in the book for so long first.
    `slippage` in basis points holds for each order against the best price of its moment, within the leg's own bound.
    """

    horizon: timedelta = timedelta(0)
    jitter: Decimal = Decimal(0)
    volume_by_hour: tuple[Decimal, ...] = ()
    maker_wait: timedelta | None = None
    slippage: Bps = Bps(Decimal(10_000))


AT_ONCE: Final = Pace()


@dataclass(frozen=True, slots=True)
class ExecutionStarted:
    """From here on orders go out, until `deadline`."""

    deadline: datetime
    pace: Pace = AT_ONCE


@dataclass(frozen=True, slots=True)
class ExecutionPaused:
    """No order goes out until it is resumed."""

    reasons: tuple[Reason, ...]
    by: UserId | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class ExecutionResumed:
    """Orders go out again. The time of the pause does not count."""

    by: UserId
    name: str = ""


@dataclass(frozen=True, slots=True)
class StopRequested:
    """What rests is cancelled, nothing more is sent."""

    reasons: tuple[Reason, ...]
    by: UserId | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class LegSettled:
    """A leg is over; `reasons` say why less than planned was done, where it was less."""

    leg: LegId
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class SliceEnded:
    """A slice is over before all of it was traded; `reasons` say why. What it left is not made up for."""

    leg: LegId
    number: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class LegWaiting:
    """A leg waits, and why. Told once per reason."""

    leg: LegId
    reason: Reason


@dataclass(frozen=True, slots=True)
class PlanCompleted:
    """All legs are settled. `weights_now` is what the venues showed afterwards, where they answered."""

    weights_now: tuple[tuple[str, Weight], ...]
    costs: tuple[LegCost, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanAborted:
    """It was wound down before all was done."""

    reasons: tuple[Reason, ...]
    weights_now: tuple[tuple[str, Weight], ...] = ()
    costs: tuple[LegCost, ...] = ()
