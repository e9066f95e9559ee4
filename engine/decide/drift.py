"""How far each target's name is from its target, in points of weight and relative to the target."""

from __future__ import annotations

from decimal import Decimal

from engine.model.decision import Drift
from engine.model.money import ONE, ZERO, Weight, ratio
from engine.model.policy import DriftMode, Policy, TriggerKind
from engine.model.portfolio import Valuation


def drifts(valuation: Valuation, policy: Policy, scale: Decimal = ONE) -> tuple[Drift, ...]:
    """The drift of every name that has a weight, in the order of names; `scale` widens every threshold."""
    return tuple(_drift(w.name, w.weight, policy, scale) for w in valuation.weights)


def threshold_of(name: str, policy: Policy) -> Decimal:
    """The name's own threshold, or the trigger's: between the dates of a hybrid that is the wider one."""
    target = policy.target(name)
    if target is not None and target.threshold is not None:
        return target.threshold
    hybrid = policy.trigger.kind is TriggerKind.HYBRID
    return policy.trigger.hybrid_threshold if hybrid else policy.trigger.threshold


def target_weight(name: str, policy: Policy) -> Weight:
    """The target of a name; zero for an unmanaged asset that is to be sold."""
    target = policy.target(name)
    return target.weight if target is not None else Weight(ZERO)


def _drift(name: str, weight: Weight, policy: Policy, scale: Decimal) -> Drift:
    target = target_weight(name, policy)
    threshold = threshold_of(name, policy) * scale
    absolute = Weight(weight - target)
    relative = ratio(weight, target) - 1 if target else None
    return Drift(name, weight, target, absolute, relative, threshold, _band_use(absolute, relative, threshold, policy))


def _band_use(absolute: Weight, relative: Decimal | None, threshold: Decimal, policy: Policy) -> Decimal | None:
    if policy.trigger.mode is DriftMode.ABSOLUTE:
        return ratio(abs(absolute), threshold)
    if relative is None:
        return None if absolute else ZERO
    return ratio(abs(relative), threshold)
