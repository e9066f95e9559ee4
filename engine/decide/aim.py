"""What a plan is made for: the portfolio, the weights it shall have, and why each trade serves that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from engine.decide.lanes import Lane, LaneKey, Place
from engine.decide.markets import cash_assets, cash_name
from engine.decide.tax import TaxView
from engine.decide.triggers import Call
from engine.model.decision import DecisionInputs
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import ZERO, Bps, Money, Quantity, Weight
from engine.model.plan import PlanTrigger
from engine.model.portfolio import Valuation
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.experience import extra_bps


@dataclass(frozen=True)
class Aim:
    """A call with all that answers it."""

    inputs: DecisionInputs
    valuation: Valuation
    destination: Mapping[str, Weight]
    call: Call
    not_bought: frozenset[Asset] = frozenset()
    """What guards have sold, and no plan buys."""

    @cached_property
    def cash(self) -> str | None:
        """The name that most markets trade against."""
        return cash_name(self.inputs.snapshot, self.inputs.policy)

    @cached_property
    def cash_assets(self) -> frozenset[Asset]:
        """What purchases are paid with: the assets of the cash, and what new money came in as."""
        own = frozenset(self.inputs.policy.assets_of(self.cash) if self.cash else ())
        if not self.call.flows:
            return own
        paying = cash_assets(self.inputs.snapshot, self.inputs.policy)
        return own | {flow.asset for flow in self.inputs.standing.cash_flows if flow.asset in paying}

    @cached_property
    def gaps(self) -> Mapping[str, Money]:
        """What each name lacks (above zero) or has too much of, before costs."""
        whole = self.valuation.managed_value
        return {w.name: Money(self.destination[w.name] * whole - w.value) for w in self.valuation.weights}

    def extra_bps(self, lane: Lane) -> Bps:
        """What trades there cost beyond their estimates before."""
        return extra_bps(self.inputs.standing.experience, lane.market.venue, lane.market.instrument.base)

    @cached_property
    def tax(self) -> TaxView:
        """The lots, and what sales of them come to."""
        return TaxView(self.inputs, self.valuation)

    def tax_bps(self, lane: Lane) -> Bps:
        """The tax on a sale there of what there is too much of, where tax weighs in plans."""
        if lane.side is Side.BUY or not self.inputs.policy.tax.weight_in_plan:
            return Bps(ZERO)
        venue, asset = lane.spends
        gap = self.gaps.get(self.name(asset), Money(ZERO))
        too_much = max(-gap, ZERO) / lane.market.marks.base
        return self.tax.extra_bps(venue, asset, min(too_much, self._free.get(lane.spends, ZERO)))

    @cached_property
    def _free(self) -> Mapping[Place, Quantity]:
        return {(v.name, b.asset): b.free for v in self.inputs.snapshot.venues for b in v.balances}

    def name(self, asset: Asset) -> str:
        """The name that an asset counts towards; its own where it is not managed."""
        return self._names.get(asset, str(asset))

    @cached_property
    def _names(self) -> Mapping[Asset, str]:
        return self.inputs.policy.names()

    def allows(self, lane: Lane) -> bool:
        """Whether a plan may trade there: between what is weighed, and new money is spent without a sale."""
        if not {self.name(lane.spends[1]), self.name(lane.brings[1])} <= set(self.gaps):
            return False
        if lane.brings[1] in self.not_bought:
            return False
        if not self.call.flows:
            return True
        return lane.side is Side.BUY and lane.market.instrument.quote in self.cash_assets

    def straight(self, lanes: tuple[Lane, ...]) -> tuple[Lane, ...]:
        """Of the lanes of a guard's plan, those from what it sells to where that goes: it trades nothing else.

        At a venue that has no such lane for something, all of them: the way leads over other assets there.
        """
        if self.call.kind is not PlanTrigger.RISK:
            return lanes
        direct, detours = self._direct(lanes), self._detours(lanes)
        return tuple(lane for lane in lanes if lane.key in direct or lane.market.venue in detours)

    def takes_detours(self, lanes: Sequence[Lane]) -> bool:
        """Whether a guard's plan may trade what it neither sells nor flees into."""
        return self.call.kind is PlanTrigger.RISK and bool(self._detours(lanes))

    def _direct(self, lanes: Sequence[Lane]) -> frozenset[LaneKey]:
        return frozenset(lane.key for lane in lanes if self._gap(lane.spends[1]) < 0 and self._gap(lane.brings[1]) > 0)

    def _detours(self, lanes: Sequence[Lane]) -> frozenset[VenueName]:
        direct = self._direct(lanes)
        served = {lane.spends for lane in lanes if lane.key in direct}
        to_sell = {place for place, free in self._free.items() if free and self._gap(place[1]) < 0}
        return frozenset(venue for venue, _ in to_sell - served)

    def _gap(self, asset: Asset) -> Decimal:
        return self.gaps.get(self.name(asset), Money(ZERO))

    def reason(self, lane: Lane) -> Reason:
        """Why a trade is wanted: its asset is off, or what it is traded against, or it is a step on the way."""
        instrument, sign = lane.market.instrument, lane.side.sign
        for asset, direction in ((instrument.base, sign), (instrument.quote, -sign)):
            if direction * self.gaps[self.name(asset)] > 0:
                return self.gap_reason(self.name(asset))
        words = {"venue": lane.market.venue, "spent": lane.spends[1], "brought": lane.brings[1]}
        return reason(ReasonCode.ON_THE_WAY, **words)

    def gap_reason(self, name: str) -> Reason:
        """How far a name is off."""
        gap = self.gaps[name]
        target = self.inputs.policy.target(name)
        if target is None:
            return reason(ReasonCode.UNMANAGED_SOLD, asset=name)
        code = ReasonCode.UNDERWEIGHT if gap > 0 else ReasonCode.OVERWEIGHT
        figures = {"weight": self.valuation.weight(name), "destination": self.destination[name], "gap": gap}
        return reason(code, name=name, target=target.weight, **figures)
