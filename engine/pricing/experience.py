"""What trades teach about estimates: how far they were off of late, bounded, by venue and asset. Pure and exact."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from engine.model.costs import Experience, LegCost
from engine.model.ids import Asset, VenueName
from engine.model.money import BPS_IN_ONE, ZERO, Bps, Money, ratio

MEMORY: Final = 8
"""So many legs count alike; from then on each newer one replaces an eighth of what is known."""
OBSERVED_WITHIN: Final = Decimal(25)
"""One leg teaches no more than this, in basis points: the market moves while slices are under way."""
TRUSTED_AFTER: Final = 3
"""Fewer legs teach nothing yet."""
MOST_EXTRA: Final = Decimal(20)
LEAST_EXTRA: Final = Decimal(-5)
STEP: Final = Decimal("0.01")


def learned(known: Sequence[Experience], costs: Sequence[LegCost]) -> tuple[Experience, ...]:
    """What is known after a plan's legs, in the order of venues and assets.

    What traded nothing, was paid for in what has no mark, or was reckoned for another venue teaches nothing.
    """
    found = {(each.venue, each.asset): each for each in known}
    for cost in costs:
        if cost.traded > 0 and not cost.unpriced and not cost.is_rerouted:
            place = (cost.venue, cost.asset)
            found[place] = _after(found.get(place, Experience(cost.venue, cost.asset)), cost)
    return tuple(found[place] for place in sorted(found))


def extra_of(known: Sequence[Experience], each: Experience) -> Bps:
    """What is added to the estimates of trades such as these."""
    return extra_bps(known, each.venue, each.asset)


def extra_bps(known: Sequence[Experience], venue: VenueName, asset: Asset) -> Bps:
    """What a trade is reckoned to cost beyond its estimate, of its notional; zero where too little is known."""
    own = next((each for each in known if (each.venue, each.asset) == (venue, asset)), None)
    if own is None or own.legs < TRUSTED_AFTER:
        return Bps(ZERO)
    return Bps(min(max(own.excess_bps, LEAST_EXTRA), MOST_EXTRA))


def _after(before: Experience, cost: LegCost) -> Experience:
    off = ratio((cost.real - cost.estimated) * BPS_IN_ONE, cost.traded)
    seen = min(max(off, -OBSERVED_WITHIN), OBSERVED_WITHIN)
    share = min(before.legs + 1, MEMORY)
    excess = before.excess_bps + (seen - before.excess_bps) / share
    return Experience(
        venue=before.venue,
        asset=before.asset,
        legs=before.legs + 1,
        traded=Money(before.traded + cost.traded),
        estimated=Money(before.estimated + cost.estimated),
        real=Money(before.real + cost.real),
        excess_bps=Bps(excess.quantize(STEP)),
    )
