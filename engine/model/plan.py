"""What is to be traded: legs with their cost and reasons, and the plan that a person approves by its digest."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.model.canonical import digest_of
from engine.model.ids import Asset, Digest, LegId, PlanId, VenueName
from engine.model.lots import LotPick
from engine.model.market import Side
from engine.model.money import ZERO, Money, Price, Quantity, Weight, total
from engine.model.plan_risk import PlanRisk
from engine.model.plan_tax import LegTax, Rebuy
from engine.model.reasons import Reason


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """What a leg costs, in the numeraire: value at marks before minus value at marks after. The parts add up.

    `spread` is the best price against the mark (it can be negative), `impact` the average price against the best.
    """

    fee: Money
    spread: Money
    impact: Money
    gas: Money = Money(ZERO)
    tax: Money = Money(ZERO)
    learned: Money = Money(ZERO)
    """What trades of the asset at the venue cost beyond such estimates before."""

    @property
    def total(self) -> Money:
        """All parts together."""
        return Money(self.fee + self.spread + self.impact + self.gas + self.tax + self.learned)

    def __add__(self, other: CostEstimate) -> CostEstimate:
        return CostEstimate(
            fee=Money(self.fee + other.fee),
            spread=Money(self.spread + other.spread),
            impact=Money(self.impact + other.impact),
            gas=Money(self.gas + other.gas),
            tax=Money(self.tax + other.tax),
            learned=Money(self.learned + other.learned),
        )


NO_COST: Final = CostEstimate(Money(ZERO), Money(ZERO), Money(ZERO))


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another market on which a leg could have been traded.

    `cost` is what the leg's quantity would add there, in the numeraire; None where the book does not hold it. `reason`
    is what the market lacks for it; None where it is only no cheaper.
    """

    venue: VenueName
    quote: Asset
    cost: Money | None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """A planned trade on one market of one venue.

    `quantity` is base, `limit_price` the bound that no fill may be worse than, `expected_price` the average that the
    book promises, `notional` the quantity at its mark in the numeraire.
    """

    id: LegId
    venue: VenueName
    base: Asset
    quote: Asset
    side: Side
    quantity: Quantity
    limit_price: Price
    expected_price: Price
    notional: Money
    cost: CostEstimate
    reasons: tuple[Reason, ...] = ()
    slices: tuple[Quantity, ...] = ()
    """The orders that it is cut into, one after the other; none where one order does."""
    cost_in_slices: Money | None = None
    """What it costs if the book fills up again between the slices; `cost` is all at once. None without slices."""
    alternatives: tuple[Alternative, ...] = ()
    tax: LegTax | None = None
    """What it comes to for tax; None where it disposes of nothing that has lots."""
    rebuy: Rebuy | None = None

    @property
    def picks(self) -> tuple[LotPick, ...]:
        """The lots that it is to use up, as its approval names them."""
        return tuple(LotPick(lot.lot, lot.quantity) for lot in self.tax.lots if lot.lot) if self.tax else ()

    @property
    def parts(self) -> tuple[Quantity, ...]:
        """What each slice may trade at the most; they add up to the quantity."""
        return self.slices or (self.quantity,)

    @property
    def symbol(self) -> str:
        """BASE/QUOTE."""
        return f"{self.base}/{self.quote}"


@dataclass(frozen=True, slots=True)
class DroppedLeg:
    """A leg that was wished for and is not in the plan, and why."""

    venue: VenueName
    base: Asset
    quote: Asset
    side: Side
    notional: Money
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class WeightLine:
    """One target's name before and after the plan."""

    name: str
    before: Weight
    target: Weight
    destination: Weight
    after: Weight

    @property
    def residual(self) -> Weight:
        """What is left between the weight after the plan and the destination."""
        return Weight(self.after - self.destination)


@dataclass(frozen=True, slots=True)
class SuggestedTransfer:
    """A transfer by hand between venues that would let the plan come nearer."""

    asset: Asset
    from_venue: VenueName
    to_venue: VenueName
    quantity: Quantity
    value: Money


class PlanTrigger(StrEnum):
    """What a plan answers to."""

    THRESHOLD = "threshold"
    CALENDAR = "calendar"
    MANUAL = "manual"
    CASH_FLOW = "cash_flow"
    HARVEST = "harvest"
    """Losses are realised because they save tax, and the same is bought back."""
    RISK = "risk"
    """A guard of the portfolio wants out: minutes matter."""
    TARGET_CHANGE = "target_change"
    """The targets are others, and no drift or date would call for a plan towards them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The approvable content: legs in the order of execution, and what they lead to."""

    trigger: PlanTrigger
    reasons: tuple[Reason, ...]
    legs: tuple[Leg, ...]
    weights: tuple[WeightLine, ...]
    managed_value: Money
    cost: CostEstimate
    naive_cost: Money | None
    dropped: tuple[DroppedLeg, ...] = ()
    suggested_transfers: tuple[SuggestedTransfer, ...] = ()
    risk: PlanRisk | None = None
    """What it does to the portfolio's risk; None where too little is known of the past."""

    @property
    def digest(self) -> Digest:
        """What an approval names: it binds every figure above."""
        return digest_of(self)

    @property
    def turnover(self) -> Money:
        """The sum of the legs' notionals."""
        return Money(total(leg.notional for leg in self.legs))

    def leg(self, leg_id: LegId) -> Leg:
        """A leg by its id. Raises KeyError where there is none."""
        for leg in self.legs:
            if leg.id == leg_id:
                return leg
        raise KeyError(leg_id)


class PlanStatus(StrEnum):
    """Where a plan is in its life."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    EXECUTING = "executing"
    PAUSED = "paused"
    WINDING_DOWN = "winding_down"
    """Orders are cancelled, none is sent."""
    COMPLETED = "completed"
    ABORTED = "aborted"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


TERMINAL_PLANS: Final = frozenset(
    {PlanStatus.COMPLETED, PlanStatus.ABORTED, PlanStatus.DECLINED, PlanStatus.EXPIRED, PlanStatus.SUPERSEDED}
)


def plan_id(root: str, revision: int) -> PlanId:
    """`root.revision`: what people see and buttons carry. `root` is the short digest of the first revision."""
    return PlanId(f"{root}.{revision}")


def root_and_revision(plan: PlanId) -> tuple[str, str]:
    """What `plan_id` put together."""
    root, _, revision = plan.rpartition(".")
    return root, revision
