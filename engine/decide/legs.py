"""The legs from here to the destination, and the plan they make.

A wish that a limit objects to is dropped with its reasons, and the rest is solved again without it, until no limit
objects. Values are taken after costs: the first round tells what the trades cost, the second aims at what is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from engine.decide.effects import naive_cost, suggested_transfers, values_after
from engine.decide.limits import objections
from engine.decide.markets import cash_name, usable_markets
from engine.decide.triggers import Call
from engine.decide.unmet import left_out
from engine.decide.wishes import Gap, Means, Unmet, Wish, Wishes, WishKey, gap_values, wishes
from engine.model.decision import DecisionInputs
from engine.model.ids import LegId
from engine.model.market import Side
from engine.model.money import ONE, ZERO, Money, Weight, ratio, total
from engine.model.plan import NO_COST, DroppedLeg, Leg, Plan, WeightLine
from engine.model.portfolio import Valuation
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.book_walk import bound_price, cost_of, walk
from engine.pricing.slices import slice_sizes

ROUNDS_FOR_COST: Final = 2


def plan_for(inputs: DecisionInputs, valuation: Valuation, destination: Mapping[str, Weight], call: Call) -> Plan:
    """The plan that answers a call; its legs may be none."""
    against = cash_name(inputs.snapshot, inputs.policy)
    means = _means(inputs, valuation, call, against)
    value_after = Decimal(valuation.managed_value)
    for _ in range(ROUNDS_FOR_COST):
        gaps = _gaps(inputs, valuation, destination, call, value_after)
        solved, dropped = _solve(means, gaps)
        cost = sum((_leg(wish, "", inputs).cost for wish in solved.trades), NO_COST)
        value_after = valuation.managed_value - cost.total
    legs = tuple(_leg(wish, f"L{n}", inputs) for n, wish in enumerate(_in_order(solved.trades), start=1))
    return Plan(
        trigger=call.kind,
        reasons=call.reasons,
        legs=legs,
        weights=_weight_lines(inputs, valuation, destination, legs),
        managed_value=valuation.managed_value,
        cost=cost,
        naive_cost=naive_cost(inputs, valuation, means.markets, against),
        dropped=(*dropped, *left_out(means, solved.unmet)),
        suggested_transfers=suggested_transfers(inputs, valuation, legs, _lacking_cash(solved.unmet)),
    )


def _means(inputs: DecisionInputs, valuation: Valuation, call: Call, against: str | None) -> Means:
    """New money is spent without a sale; all else may sell, and trades against the cash that most markets quote in."""
    cash = frozenset(inputs.policy.assets_of(against) if against else ())
    new_money = frozenset(flow.asset for flow in inputs.standing.cash_flows) if call.budget is not None else frozenset()
    return Means(
        snapshot=inputs.snapshot,
        policy=inputs.policy,
        markets=usable_markets(inputs.snapshot, inputs.policy, valuation),
        cash=cash | new_money,
        least=Money(inputs.policy.limits.tolerance * valuation.managed_value),
        sells=call.budget is None,
    )


def _solve(means: Means, gaps: Sequence[Gap]) -> tuple[Wishes, tuple[DroppedLeg, ...]]:
    excluded: frozenset[WishKey] = frozenset()
    dropped: list[DroppedLeg] = []
    while True:
        solved = wishes(means, gaps, excluded)
        objected = [(w, found) for w in solved.trades if (found := objections(w, means.policy.limits))]
        if not objected:
            return solved, tuple(dropped)
        dropped += [_dropped(wish, found) for wish, found in objected]
        excluded |= {wish.key for wish, _ in objected}


def _gaps(
    inputs: DecisionInputs,
    valuation: Valuation,
    destination: Mapping[str, Weight],
    call: Call,
    value_after: Decimal,
) -> tuple[Gap, ...]:
    """What each name lacks or has too much of, in the numeraire; cash has no gap of its own."""
    against = cash_name(inputs.snapshot, inputs.policy)
    now = {w.name: w.value for w in valuation.weights}
    values = {name: v for name, v in gap_values(now, destination, value_after).items() if name != against}
    if call.budget is not None:
        values = _within_budget(values, call.budget)
    return tuple(
        Gap(name, value, _gap_reason(inputs, valuation, name, destination[name], value))
        for name, value in sorted(values.items())
    )


def _within_budget(values: Mapping[str, Money], budget: Money) -> dict[str, Money]:
    """New money buys what is underweight, in proportion, and nothing is sold for it."""
    lacking = {name: value for name, value in values.items() if value > 0}
    share = min(ONE, ratio(budget, total(lacking.values()))) if lacking else ZERO
    return {name: Money(value * share) for name, value in lacking.items()}


def _gap_reason(inputs: DecisionInputs, valuation: Valuation, name: str, aim: Weight, value: Money) -> Reason:
    figures = {"weight": valuation.weight(name), "destination": aim, "gap": value}
    target = next((t.weight for t in inputs.policy.targets if t.name == name), None)
    if target is None:
        return reason(ReasonCode.UNMANAGED_SOLD, asset=name)
    code = ReasonCode.UNDERWEIGHT if value > 0 else ReasonCode.OVERWEIGHT
    return reason(code, name=name, target=target, **figures)


def _in_order(trades: Sequence[Wish]) -> list[Wish]:
    """Sales before purchases; else as they were wished for, so that what one brings is there for the next."""
    return sorted(trades, key=lambda w: w.side is Side.BUY)


def _leg(wish: Wish, leg_id: str, inputs: DecisionInputs) -> Leg:
    instrument = wish.market.instrument
    levels = wish.market.book.side_taken(wish.side)
    taken = walk(levels, wish.quantity)
    assert taken is not None, "a wish holds a quantity above zero on a book that is not empty"
    limits, notional = inputs.policy.limits, wish.market.value(wish.quantity)
    limit_price = bound_price(levels[0].price, wish.side, limits.max_slippage_bps, instrument.price_tick)
    slices = slice_sizes(instrument, wish.quantity, notional, limits.slice_max, limit_price)
    return Leg(
        id=LegId(leg_id),
        venue=instrument.venue,
        base=instrument.base,
        quote=instrument.quote,
        side=wish.side,
        quantity=wish.quantity,
        limit_price=limit_price,
        expected_price=taken.average,
        notional=notional,
        cost=cost_of(instrument, wish.side, taken, wish.market.marks),
        reasons=wish.reasons,
        slices=slices if len(slices) > 1 else (),
    )


def _dropped(wish: Wish, found: Sequence[Reason]) -> DroppedLeg:
    instrument = wish.market.instrument
    return DroppedLeg(
        venue=instrument.venue,
        base=instrument.base,
        quote=instrument.quote,
        side=wish.side,
        notional=wish.market.value(wish.quantity),
        reasons=(*found, *wish.reasons),
    )


def _weight_lines(
    inputs: DecisionInputs, valuation: Valuation, destination: Mapping[str, Weight], legs: Sequence[Leg]
) -> tuple[WeightLine, ...]:
    after = values_after(inputs, valuation, legs)
    whole = total(after.values())
    targets = {t.name: t.weight for t in inputs.policy.targets}
    return tuple(
        WeightLine(
            name=w.name,
            before=w.weight,
            target=targets.get(w.name, Weight(ZERO)),
            destination=destination[w.name],
            after=Weight(ratio(after[w.name], whole)),
        )
        for w in valuation.weights
    )


def _lacking_cash(unmet: Sequence[Unmet]) -> dict[str, Money]:
    return {u.gap.name: u.missing for u in unmet if u.reason.code is ReasonCode.CASH_ELSEWHERE}
