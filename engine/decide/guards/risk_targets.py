"""The targets in force: the policy's own, scaled down for what guards have found, and what that frees in the cash.

Every later step of a decision reads these targets, so that no rebalance buys back what a guard has sold, nor what a
guard asks to sell while nobody has answered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from engine.decide.guards.look import Look, is_stable
from engine.decide.guards.refuge import refuge
from engine.model.conditions import Condition, Step
from engine.model.guards import Rule
from engine.model.ids import Asset
from engine.model.money import ONE, ZERO, Weight, ratio, total
from engine.model.policy import Bucket, Policy, Target
from engine.model.portfolio import Valuation

OF_POSITION: Final = frozenset({Rule.STOP_LOSS, Rule.DEPEG})
"""The rules that sell a share of what is held, whatever the target is."""


def policy_in_force(look: Look, conditions: Sequence[Condition]) -> Policy:
    """The policy with its targets as guards leave them. Where there is no cash to flee into, the policy as it is."""
    keeps = kept_shares(conditions)
    fallen = frozenset(a for c in conditions if c.rule is Rule.DEPEG and c.scales for a in c.assets)
    haven = refuge(look, fallen) if keeps else None
    if haven is None:
        return look.inputs.policy
    policy, parts = look.inputs.policy, bucket_shares(look, conditions)
    for asset in sorted({asset for asset, _ in keeps}):
        policy = _apart(policy, asset, parts.get(asset, ONE), look.inputs.policy)
    stopped = _stopped(conditions)
    scaled = [
        replace(t, weight=_in_force(look, _sole(policy, t), _scaled(policy, t, keeps), stopped)) for t in policy.targets
    ]
    freed = ONE - total(t.weight for t in scaled) - (ONE - total(t.weight for t in policy.targets))
    targets = tuple(replace(t, weight=Weight(t.weight + freed)) if t.name == haven else t for t in scaled)
    return replace(policy, targets=targets)


def _in_force(look: Look, asset: Asset, scaled: Weight, stopped: Collection[Asset]) -> Weight:
    """A target as it is scaled. That of a fired stop falls with its price: what it has sold is not bought back."""
    whole = look.valuation.managed_value
    if asset not in stopped or asset not in look.marks or whole <= 0:
        return scaled
    return Weight(min(scaled, ratio(look.held.get(asset, ZERO) * look.marks[asset], whole)))


def _stopped(conditions: Sequence[Condition]) -> frozenset[Asset]:
    return frozenset(a for c in conditions if c.rule is Rule.STOP_LOSS and c.scales for a in c.assets)


def not_bought(conditions: Sequence[Condition]) -> frozenset[Asset]:
    """What no plan may buy, whatever it serves: the assets of fired stops, and stablecoins below their peg."""
    fallen = frozenset(a for c in conditions if c.rule is Rule.DEPEG and c.scales for a in c.assets)
    return _stopped(conditions) | fallen


def kept_shares(conditions: Sequence[Condition]) -> Mapping[tuple[Asset, Rule], Decimal]:
    """What each rule leaves of an asset's target, where that is not all of it.

    Rules add up, subjects of one rule do not: two coins that move as one lower the average's number and their own.
    """
    keeps: dict[tuple[Asset, Rule], Decimal] = {}
    for condition in conditions:
        if condition.scales:
            for asset in condition.assets:
                keeps[asset, condition.rule] = min(keeps.get((asset, condition.rule), ONE), condition.keeps)
    return keeps


def _scaled(policy: Policy, target: Target, keeps: Mapping[tuple[Asset, Rule], Decimal]) -> Weight:
    """What is left of a target. For likeness alone none becomes less than a person said that it may."""
    weight = Decimal(target.weight)
    for rule in Rule:
        kept = weight * keeps.get((_sole(policy, target), rule), ONE)
        least = min(policy.model.bound(target.name).least, weight) if rule is Rule.CORRELATION else ZERO
        weight = max(kept, least)
    return Weight(weight)


def _sole(policy: Policy, target: Target) -> Asset:
    """The asset that a target is of: also one that is alone in its bucket, where the others have left it."""
    bucket = next((b for b in policy.buckets if b.name == target.name), None)
    return bucket.assets[0] if bucket is not None and len(bucket.assets) == 1 else Asset(target.name)


def bucket_shares(look: Look, conditions: Sequence[Condition] | None = None) -> Mapping[Asset, Decimal]:
    """What part of its bucket each asset is: what it was when a condition was raised for it, else by what is held.

    Of what a guard has sold there is less than its part; the others have what it leaves. Without `conditions`, those
    that stand.
    """
    known = {
        asset: share
        for c in (look.standing.conditions if conditions is None else conditions)
        if c.scales
        for asset, share in zip(c.assets, c.shares, strict=False)
    }
    parts: dict[Asset, Decimal] = {}
    for bucket in look.inputs.policy.buckets:
        own = {a: known[a] for a in bucket.assets if a in known}
        worth = {a: look.held.get(a, ZERO) * look.marks.get(a, ZERO) for a in bucket.assets if a not in known}
        left, together = max(ONE - total(own.values()), ZERO), total(worth.values())
        parts |= own | {a: ratio(left * held, together) if together else ZERO for a, held in worth.items()}
    return parts


def _apart(policy: Policy, asset: Asset, share: Decimal, written: Policy) -> Policy:
    """The policy with an asset out of its bucket, under a target of its own: its share of the bucket as it is written.

    A fallen stablecoin's share is nothing: what is at its peg takes its place in the bucket.
    """
    bucket = next((b for b in policy.buckets if asset in b.assets), None)
    if bucket is None or len(bucket.assets) == 1:
        return policy
    whole = next(t for t in policy.targets if t.name == bucket.name)
    before = next(t for t in written.targets if t.name == bucket.name)
    part = ZERO if is_stable(asset) else min(before.weight * share, whole.weight)
    own = Target(str(asset), Weight(part), whole.threshold)
    others = tuple(t for t in policy.targets if t.name != bucket.name)
    rest = replace(whole, weight=Weight(whole.weight - own.weight))
    smaller = Bucket(bucket.name, tuple(a for a in bucket.assets if a != asset))
    buckets = tuple(smaller if b.name == bucket.name else b for b in policy.buckets)
    return replace(policy, targets=(*others, rest, own), buckets=buckets)


def to_safety(
    valuation: Valuation, policy: Policy, conditions: Sequence[Condition], haven: str
) -> Mapping[str, Weight]:
    """The weights that a risk plan leads to: less of what its conditions are about, the rest in the cash.

    A stop and a depeg sell their share of what is held, whatever its weight; the others come down to the target, in
    which those are counted already: of what is left. Nothing else is touched: minutes matter.
    """
    weights = {w.name: Decimal(w.weight) for w in valuation.weights}
    for condition in sorted(conditions, key=lambda each: each.rule not in OF_POSITION):
        for name in _names(policy, condition):
            target = next((t.weight for t in policy.targets if t.name == name), Weight(ZERO))
            held = weights.get(name, ZERO)
            weights[name] = held * condition.keeps if condition.rule in OF_POSITION else min(held, target)
    freed = total(w.weight for w in valuation.weights) - total(weights.values())
    weights[haven] = weights.get(haven, ZERO) + freed
    return {name: Weight(weight) for name, weight in weights.items()}


def _names(policy: Policy, condition: Condition) -> tuple[str, ...]:
    if condition.rule is Rule.CONCENTRATION:
        return (condition.subject,)
    return tuple(policy.name_of(asset) or str(asset) for asset in condition.assets)


def wanted(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """The conditions that wait for a plan."""
    return tuple(c for c in conditions if c.step is Step.WANTED)
