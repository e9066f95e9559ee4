"""What a plan does to the risk of the portfolio, where past prices of all that it holds are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from engine.decide.effects import balances_after
from engine.decide.guards.look import coins_of, is_stable
from engine.model.decision import DecisionInputs
from engine.model.ids import Asset
from engine.model.money import ZERO, ratio, total
from engine.model.plan import Leg, Plan
from engine.model.plan_risk import PlanRisk
from engine.model.portfolio import Valuation


def with_risk(plan: Plan, inputs: DecisionInputs, valuation: Valuation) -> Plan:
    """The plan with its risk before and after; as it is where that is not known, or nothing is traded."""
    return replace(plan, risk=_change(inputs, valuation, plan.legs)) if plan.legs and inputs.history else plan


def _change(inputs: DecisionInputs, valuation: Valuation, legs: Sequence[Leg]) -> PlanRisk | None:
    # Late: a decision without past prices loads no numpy.
    from engine.decide.statistics.portfolio_risk import portfolio_risk

    coins = coins_of(inputs.policy)
    before, after = (
        portfolio_risk(inputs.history, coins, inputs.now, _weights(inputs, valuation, traded)) for traded in ((), legs)
    )
    return PlanRisk(before, after) if before is not None and after is not None else None


def _weights(inputs: DecisionInputs, valuation: Valuation, legs: Sequence[Leg]) -> dict[Asset, Decimal]:
    """Of every asset that rises and falls, as fractions of all that is managed once the legs are traded."""
    names = {line.name for line in valuation.weights}
    own = inputs.policy.names()
    values: dict[Asset, Decimal] = {}
    for (_, asset), quantity in balances_after(inputs.snapshot, legs).items():
        if own.get(asset, str(asset)) in names:
            values[asset] = values.get(asset, ZERO) + quantity * (valuation.mark(asset) or ZERO)
    whole = total(values.values())
    if not whole:
        return {}
    return {asset: ratio(value, whole) for asset, value in values.items() if value and not is_stable(asset)}
