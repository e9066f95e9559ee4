"""What a plan's legs came to, by its fills: fees and prices against the marks that it was made with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from engine.execute.plan_state import OrderState, PlanState
from engine.model.costs import LegCost
from engine.model.ids import Asset, VenueName
from engine.model.money import ONE, ZERO, Money, ratio, total
from engine.model.order import Fill
from engine.model.plan import Leg, Plan

MICROSECOND: Final = timedelta(microseconds=1)


def leg_costs(state: PlanState, numeraire: Asset | None) -> tuple[LegCost, ...]:
    """Of every leg that traded something, once for each venue that it traded on, in the order of legs and venues."""
    marks = marks_of(state.proposed.plan, numeraire)
    return tuple(
        _leg_cost(state, leg, venue, tuple(fill for fill in fills if fill.venue == venue), marks)
        for leg in state.proposed.plan.legs
        for fills in (state.fills_of(leg.id),)
        for venue in sorted({fill.venue for fill in fills})
    )


def order_cost(state: PlanState, order: OrderState, numeraire: Asset | None) -> LegCost | None:
    """What one order of a plan came to; None where it traded nothing."""
    leg = state.proposed.plan.leg(order.request.leg)
    if not order.fills:
        return None
    return _leg_cost(state, leg, order.request.venue, order.fills, marks_of(state.proposed.plan, numeraire))


def marks_of(plan: Plan, numeraire: Asset | None) -> dict[Asset, Decimal]:
    """The prices in the numeraire that the plan was made with, as far as its legs tell them.

    A leg's notional is its quantity at the mark of base; what it costs beside the fee is what its expected price is
    worse than that mark, which tells the mark of quote.
    """
    marks: dict[Asset, Decimal] = {}
    for leg in plan.legs:
        marks.setdefault(leg.base, leg.notional / leg.quantity)
        spent = leg.notional + leg.side.sign * (leg.cost.spread + leg.cost.impact)
        marks.setdefault(leg.quote, spent / (leg.quantity * leg.expected_price))
    return marks | ({numeraire: ONE} if numeraire else {})


def _leg_cost(
    state: PlanState, leg: Leg, venue: VenueName, fills: tuple[Fill, ...], marks: Mapping[Asset, Decimal]
) -> LegCost:
    traded = total(fill.quantity for fill in fills)
    fees = [fee for fill in fills for fee in fill.fees]
    slippage = sum(
        (leg.side.sign * fill.quantity * (fill.price * marks[leg.quote] - marks[leg.base]) for fill in fills), ZERO
    )
    estimate = leg.cost.total - leg.cost.learned
    return LegCost(
        leg=leg.id,
        venue=venue,
        asset=leg.base,
        traded=Money(traded * marks[leg.base]),
        estimated=Money(estimate * ratio(traded, leg.quantity)),
        fee=Money(total(fee.quantity * marks[fee.asset] for fee in fees if fee.asset in marks)),
        slippage=Money(slippage),
        delay=_delay(state, fills, traded),
        is_rerouted=venue != leg.venue,
        unpriced=tuple(sorted({fee.asset for fee in fees if fee.asset not in marks and fee.quantity})),
    )


def _delay(state: PlanState, fills: tuple[Fill, ...], traded: Decimal) -> timedelta:
    start = state.started_at
    if start is None or not traded:
        return timedelta(0)
    waited = total(fill.quantity * Decimal((fill.traded_at - start) // MICROSECOND) for fill in fills)
    # A venue's clock may be behind ours.
    return timedelta(microseconds=max(int(waited / traded), 0))
