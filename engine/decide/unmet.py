"""What no venue could fill, told as legs that are left out, so that nothing is missing from a plan without a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.decide.wishes import Means, Unmet
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import ZERO
from engine.model.plan import DroppedLeg
from engine.model.portfolio import VenueSnapshot


def left_out(means: Means, unmet: Sequence[Unmet]) -> tuple[DroppedLeg, ...]:
    """One entry for each gap that stays open for want of a market, or of cash where there is one."""
    return tuple(leg for each in unmet for leg in _left_out(means, each))


def _left_out(means: Means, unmet: Unmet) -> Iterator[DroppedLeg]:
    if unmet.missing < means.policy.limits.min_trade:
        return
    place = _place(means, unmet)
    if place is not None:
        venue, base, quote = place
        yield DroppedLeg(venue, base, quote, unmet.side, unmet.missing, (unmet.reason, unmet.gap.reason))


def _place(means: Means, unmet: Unmet) -> tuple[VenueName, Asset, Asset] | None:
    """Where it would have been traded: on a market it has, else where the asset, or the cash for it, lies."""
    assets = means.policy.assets_of(unmet.gap.name)
    own = [m.key for m in means.markets if m.instrument.base in assets and m.instrument.quote not in assets]
    if own:
        return own[0]
    venues = [venue for venue in means.snapshot.venues if venue.trades]
    pays_with = sorted(means.cash) if unmet.side is Side.BUY else sorted(assets)
    held = [(venue, asset) for venue in venues for asset in pays_with if venue.free(asset) > ZERO]
    if not held or not means.cash:
        return None
    venue, asset = max(held, key=_most)
    return (venue.name, assets[0], asset) if unmet.side is Side.BUY else (venue.name, asset, min(means.cash))


def _most(place: tuple[VenueSnapshot, Asset]) -> tuple[object, ...]:
    venue, asset = place
    return venue.free(asset), venue.name, asset
