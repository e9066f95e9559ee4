"""The plan that answers a call: the cheapest legs to the destination, with their reasons, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from engine.decide.aim import Aim
from engine.decide.alternatives import alternatives
from engine.decide.drift import target_weight
from engine.decide.effects import naive_cost, values_after
from engine.decide.funding import Funded, funded
from engine.decide.lanes import Lane, lanes_of
from engine.decide.left_out import left_out
from engine.decide.markets import Market, usable_markets
from engine.decide.optimum.problem import Problem
from engine.decide.optimum.quantities import solve
from engine.decide.optimum.rounding import FINEST_COARSE
from engine.decide.optimum.transfers import suggested
from engine.decide.triggers import Call
from engine.model.decision import DecisionInputs
from engine.model.ids import Asset, LegId
from engine.model.market import Side
from engine.model.money import ZERO, Bps, Money, Weight, bps_of, ratio, total
from engine.model.plan import NO_COST, Leg, Plan, WeightLine
from engine.model.portfolio import Valuation
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.slices import slice_sizes

STEPS_TO_ROUND: Final = Decimal(2)
"""So many steps of the tolerance are kept free for rounding to them."""


def plan_for(
    inputs: DecisionInputs,
    valuation: Valuation,
    destination: Mapping[str, Weight],
    call: Call,
    not_bought: frozenset[Asset] = frozenset(),
) -> Plan:
    """The plan that answers a call; its legs may be none. What is in `not_bought` is sold at the most."""
    aim = Aim(inputs, valuation, destination, call, not_bought)
    limits = inputs.policy.limits
    markets = usable_markets(inputs.snapshot, inputs.policy, valuation)
    problem = _problem(aim, markets)
    solved = solve(problem, limits)
    trades, held = funded(solved.trades, problem.free, limits)
    elsewhere = alternatives(trades, problem.lanes, held)
    legs = tuple(
        replace(leg_of(aim, trade, LegId(f"L{number}")), alternatives=others)
        for number, (trade, others) in enumerate(zip(trades, elsewhere, strict=True), start=1)
    )
    legs = aim.tax.with_tax(legs)
    weights = weight_lines(aim, legs)
    return Plan(
        trigger=call.kind,
        reasons=call.reasons,
        legs=legs,
        weights=weights,
        managed_value=valuation.managed_value,
        cost=sum((leg.cost for leg in legs), NO_COST),
        naive_cost=naive_cost(inputs, valuation, markets, aim.cash),
        dropped=left_out(aim, problem, solved.cuts, trades, weights),
        suggested_transfers=suggested(problem, solved.transfer, limits),
    )


def _problem(aim: Aim, markets: Sequence[Market]) -> Problem:
    snapshot = aim.inputs.snapshot
    lanes = aim.straight(tuple(lane for lane in lanes_of(markets) if aim.allows(lane)))
    steps = _steps(aim, lanes)
    return Problem(
        values={w.name: w.value for w in aim.valuation.weights},
        destination=aim.destination,
        tolerance=_tolerances(aim, lanes, steps),
        half_step={name: Weight(max(own, default=ZERO) / 2) for name, own in steps.items()},
        names={mark.asset: aim.name(mark.asset) for mark in aim.valuation.marks},
        lanes=lanes,
        free={(v.name, b.asset): b.free for v in snapshot.venues if v.trades for b in v.balances},
        marks={mark.asset: mark.price for mark in aim.valuation.marks},
        extra_bps=tuple(Bps(aim.extra_bps(lane) + aim.tax_bps(lane)) for lane in lanes),
    )


def _tolerances(aim: Aim, lanes: Sequence[Lane], steps: Mapping[str, Sequence[Decimal]]) -> dict[str, Weight]:
    """How far each name may stay from its destination before rounding to fine steps moves it once more.

    What shall be gone is not left in part; and what a guard's plan does not touch takes nothing of what it sells.
    """
    tolerance = aim.inputs.policy.limits.tolerance
    here = {w.name: w.weight for w in aim.valuation.weights} if aim.takes_detours(lanes) else {}
    room = {name: max((step for step in own if step < FINEST_COARSE), default=ZERO) for name, own in steps.items()}
    return {
        name: Weight(max(tolerance - room[name] * STEPS_TO_ROUND, ZERO) if _may_stray(aim, name, here) else ZERO)
        for name in aim.destination
    }


def _may_stray(aim: Aim, name: str, here: Mapping[str, Weight]) -> bool:
    return bool(aim.destination[name]) and aim.destination[name] != here.get(name)


def _steps(aim: Aim, lanes: Sequence[Lane]) -> dict[str, list[Decimal]]:
    """The steps that each name can be traded by, as weights."""
    found: dict[str, list[Decimal]] = {name: [] for name in aim.destination}
    for lane in lanes:
        step = ratio(lane.market.value(lane.step), aim.valuation.managed_value)
        for asset in (lane.market.instrument.base, lane.market.instrument.quote):
            found[aim.name(asset)].append(step)
    return found


def leg_of(aim: Aim, trade: Funded, leg_id: LegId) -> Leg:
    """A trade as a leg of the plan, with its cost and why it is wanted."""
    lane, limits = trade.lane, aim.inputs.policy.limits
    instrument, notional = lane.market.instrument, lane.market.value(trade.quantity)
    taken = lane.walk(trade.quantity)
    slices = slice_sizes(instrument, trade.quantity, notional, limits.slice_max, min(trade.limit_price, taken.best))
    return Leg(
        id=leg_id,
        venue=instrument.venue,
        base=instrument.base,
        quote=instrument.quote,
        side=lane.side,
        quantity=trade.quantity,
        limit_price=trade.limit_price,
        expected_price=taken.average,
        notional=notional,
        cost=replace(lane.cost(trade.quantity), learned=Money(bps_of(notional, aim.extra_bps(lane)))),
        reasons=(aim.reason(lane), _funding(trade)),
        slices=slices if len(slices) > 1 else (),
        cost_in_slices=Money(total(lane.cost(part).total for part in slices)) if len(slices) > 1 else None,
    )


def _funding(trade: Funded) -> Reason:
    venue, asset = trade.lane.spends
    if trade.lane.side is Side.SELL:
        return reason(ReasonCode.HELD_HERE, venue=venue, asset=asset, free=trade.available)
    return reason(ReasonCode.CASH_HERE, venue=venue, asset=asset, available=trade.available)


def weight_lines(aim: Aim, legs: Sequence[Leg]) -> tuple[WeightLine, ...]:
    """Every name's weight before and after the legs."""
    after = values_after(aim.inputs, aim.valuation, legs)
    whole = total(after.values())
    return tuple(
        WeightLine(
            name=w.name,
            before=w.weight,
            target=target_weight(w.name, aim.inputs.policy),
            destination=aim.destination[w.name],
            after=Weight(ratio(after[w.name], whole)),
        )
        for w in aim.valuation.weights
    )
