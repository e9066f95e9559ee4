"""Where what is sold for safety goes: to the cash that the policy holds anyway."""

from __future__ import annotations

from collections.abc import Collection

from engine.decide.guards.look import Look, is_stable
from engine.model.ids import Asset


def refuge(look: Look, fallen: Collection[Asset]) -> str | None:
    """The name of the largest cash target that has an asset at its peg; None where there is none.

    A name of which every asset has fallen is no refuge.
    """
    policy = look.inputs.policy
    safe = {
        target.name: target.weight
        for target in policy.targets
        if target.weight and any(_stands(look, a) and a not in fallen for a in policy.assets_of(target.name))
    }
    return min(safe, key=lambda name: (-safe[name], name)) if safe else None


def _stands(look: Look, asset: Asset) -> bool:
    """Something is paid with it, and it keeps its worth: of ETH/BTC, BTC is no refuge."""
    return asset in look.cash and is_stable(asset)
