"""Where the weights are to go: the targets themselves, or part of the way there from the edge of the band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from engine.model.decision import Drift
from engine.model.money import ONE, ZERO, Weight, ratio


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
