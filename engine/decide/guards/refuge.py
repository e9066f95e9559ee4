"""Where what is sold for safety goes: to the cash that the policy holds anyway."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from engine.decide.guards.look import Look, is_stable
from engine.model.conditions import Stage
from engine.model.guards import Rule
from engine.model.ids import Asset
from engine.model.money import ONE


def refuge(look: Look, fallen: Collection[Asset]) -> str | None:
    """The name of the largest cash target that has an asset at its peg; None where there is none.

    A name of which every asset has fallen is no refuge; one that was told of as fallen and is kept all the same, by the
    rule or a person's word, is one only where there is no other.
    """
    policy, told = look.inputs.policy, _told_of(look)
    safe = {
        target.name: (any(a not in told for a in good), target.weight)
        for target in policy.targets
        if target.weight
        and (good := [a for a in policy.assets_of(target.name) if _stands(look, a) and a not in fallen])
    }
    return min(sorted(safe), key=lambda name: (not safe[name][0], -safe[name][1])) if safe else None


def _told_of(look: Look) -> frozenset[str]:
    """The stablecoins of which people were told that they are below their peg."""
    raised = (c for c in look.standing.conditions if c.rule is Rule.DEPEG and c.stage is Stage.RAISED)
    return frozenset(c.subject for c in raised if Decimal(c.reason.get("worth") or ONE) < ONE)


def _stands(look: Look, asset: Asset) -> bool:
    """Something is paid with it, and it keeps its worth: of ETH/BTC, BTC is no refuge."""
    return asset in look.cash and is_stable(asset)
