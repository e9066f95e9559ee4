"""What legs lead to: balances and values after them, and the cost of the naive way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from engine.decide.drift import target_weight
from engine.decide.markets import Market
from engine.model.decision import DecisionInputs
from engine.model.ids import Asset, VenueName
from engine.model.market import Instrument, Side
from engine.model.money import ZERO, Money, Quantity, ratio, total
from engine.model.plan import Leg
from engine.model.policy import Policy
from engine.model.portfolio import Snapshot, Valuation
from engine.pricing.book_walk import cost_of, settle, walk

Balances = dict[tuple[VenueName, Asset], Decimal]


def balances_after(snapshot: Snapshot, legs: Iterable[Leg]) -> Balances:
    """Every venue's balances once the legs are traded at their expected prices, fees paid."""
    balances: Balances = {(v.name, b.asset): b.total for v in snapshot.venues for b in v.balances}
    for leg in legs:
        change = settle(_instrument(snapshot, leg), leg.side, leg.quantity, leg.expected_price)
        for asset, amount in ((leg.base, change.base), (leg.quote, change.quote)):
            balances[leg.venue, asset] = balances.get((leg.venue, asset), ZERO) + amount
    return balances


def values_after(inputs: DecisionInputs, valuation: Valuation, legs: Sequence[Leg]) -> Mapping[str, Money]:
    """The value of every name at marks once the legs are traded."""
    values, names = {w.name: ZERO for w in valuation.weights}, inputs.policy.names()
    for (_, asset), quantity in balances_after(inputs.snapshot, legs).items():
        name = names.get(asset, str(asset))
        if name in values:
            values[name] += quantity * (valuation.mark(asset) or ZERO)
    return {name: Money(value) for name, value in values.items()}


def _instrument(snapshot: Snapshot, leg: Leg) -> Instrument:
    venue = next(v for v in snapshot.venues if v.name == leg.venue)
    return next(i for i in venue.instruments if (i.base, i.quote) == (leg.base, leg.quote))


def naive_cost(
    inputs: DecisionInputs, valuation: Valuation, markets: Sequence[Market], against: str | None
) -> Money | None:
    """Each name's gap to its target as one market order on its deepest book, balances pooled. None without a book."""
    costs = []
    for line in valuation.weights:
        gap = target_weight(line.name, inputs.policy) * valuation.managed_value - line.value
        if line.name == against or not gap:
            continue
        cost = _naive_leg(inputs.policy, line.name, gap, markets)
        if cost is None:
            return None
        costs.append(cost)
    return Money(total(costs))


def _naive_leg(policy: Policy, name: str, gap: Decimal, markets: Sequence[Market]) -> Money | None:
    side = Side.BUY if gap > 0 else Side.SELL
    assets = set(policy.assets_of(name))
    own = [m for m in markets if m.instrument.base in assets and m.instrument.quote not in assets]
    if not own:
        return None
    deepest = min(own, key=lambda m: (-m.value(Quantity(_depth(m, side))), m.key))
    taken = walk(deepest.book.side_taken(side), Quantity(ratio(abs(gap), deepest.marks.base)))
    return cost_of(deepest.instrument, side, taken, deepest.marks).total if taken else None


def _depth(market: Market, side: Side) -> Decimal:
    return total(level.quantity for level in market.book.side_taken(side))
