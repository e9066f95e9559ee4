"""Where the weights are to go: the targets themselves, or part of the way there from the edge of the band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from engine.decide.drift import target_weight
from engine.model.decision import Drift
from engine.model.money import ONE, ZERO, Money, Weight, ratio, total
from engine.model.policy import Policy
from engine.model.portfolio import Valuation


def destination(drifts: Sequence[Drift], rebalance_to: Decimal) -> Mapping[str, Weight]:
    """`t + s (w - t)` for every name, with one s for all, so that the sum stays 1.

    s puts the name that is worst against its band at `1 - rebalance_to` of it. It is 0 (the targets themselves) for
    `rebalance_to` 1, where no band fired, and where a name is beyond any band.
    """
    share = _share_kept(drifts, rebalance_to)
    return {d.name: Weight(d.target + share * d.absolute) for d in drifts}


def _share_kept(drifts: Sequence[Drift], rebalance_to: Decimal) -> Decimal:
    uses = [drift.band_use for drift in drifts]
    worst = max((use for use in uses if use is not None), default=ZERO)
    if None in uses or worst <= ONE:
        return ZERO
    return ratio(ONE - rebalance_to, worst)


def with_new_money(valuation: Valuation, policy: Policy, flows: Mapping[str, Money]) -> Mapping[str, Weight]:
    """Where new money is to go: what lacked something before it came gets its share, in proportion, up to its target.

    `flows` is what came in of each name. It may be such a name itself: cash that lacked keeps its share.
    """
    whole, budget = valuation.managed_value, total(flows.values())
    before = {w.name: w.value - flows.get(w.name, ZERO) for w in valuation.weights}
    lacks = {n: max(target_weight(n, policy) * whole - value, ZERO) for n, value in before.items()}
    share = min(ONE, ratio(budget, total(lacks.values()))) if any(lacks.values()) else ZERO
    gets = {name: lack * share for name, lack in lacks.items() if name not in flows}
    spent = ratio(total(gets.values()), budget)
    return {
        w.name: Weight(ratio(w.value + gets.get(w.name, ZERO) - flows.get(w.name, ZERO) * spent, whole))
        for w in valuation.weights
    }
