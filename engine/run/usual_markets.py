"""What is usual on the markets of the managed coins: a record of the last week in memory, an hour apart, and no longer.

A restart begins it anew, and until it is long enough nothing is said about what is usual.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Final

from engine.decide.guards.liquidity import LEAST_HOURS
from engine.decide.guards.look import coins_of
from engine.model.guards import Stance
from engine.model.ids import Asset, VenueName
from engine.model.market import Instrument, OrderBook
from engine.model.market_usual import MarketUsual
from engine.model.money import Bps, Quantity, exact
from engine.model.policy import Policy
from engine.model.portfolio import VenueHealth, VenueSnapshot
from engine.ports import VolumeHistory
from engine.pricing.book_shape import depth_within, spread_bps

AN_HOUR: Final = timedelta(hours=1)
MOST_HOURS: Final = 7 * 24
STEP: Final = Decimal("0.000001")

Key = tuple[VenueName, str]


@dataclass(slots=True)
class _Hour:
    """One look of an hour; the depth of the first one in it that read whole books."""

    began: datetime
    spread_bps: Decimal
    depth: Decimal | None


class UsualMarkets:
    """Looks on at every look, and tells what was usual before it."""

    def __init__(self, policy: Policy, volumes: VolumeHistory | None) -> None:
        self._policy = policy
        self._volumes = volumes
        self._hours: dict[Key, deque[_Hour]] = {}

    async def told(
        self, seen: Sequence[VenueSnapshot], now: datetime, *, whole_books: bool
    ) -> tuple[VenueSnapshot, ...]:
        """The same snapshots with what is usual on their markets; as they are where no guard asks."""
        if self._policy.guards.liquidity.stance is Stance.OFF:
            return tuple(seen)
        coins = {*coins_of(self._policy)}
        markets = {v.name: [i for i in v.instruments if i.base in coins] for v in seen if _may_trade(v)}
        every = [instrument for listed in markets.values() for instrument in listed]
        volumes = await self._volumes.day_volumes(every, now) if self._volumes is not None else {}
        told = tuple(replace(v, usual=self._usual(markets.get(v.name, ()), volumes)) for v in seen)
        for venue in seen:
            for book in venue.books:
                if book.base in coins and book.is_two_sided and not book.is_crossed:
                    self._note(venue.name, book, now, whole_books=whole_books)
        return told

    def _usual(self, markets: Sequence[Instrument], volumes: Mapping[Key, Quantity]) -> tuple[MarketUsual, ...]:
        ordered = sorted(markets, key=lambda market: market.symbol)
        return tuple(self._of(m.base, m.quote, (m.venue, m.symbol), volumes) for m in ordered)

    @exact
    def _of(self, base: Asset, quote: Asset, key: Key, volumes: Mapping[Key, Quantity]) -> MarketUsual:
        hours = self._hours.get(key, ())
        spreads, depths = [hour.spread_bps for hour in hours], [h.depth for h in hours if h.depth is not None]
        return MarketUsual(
            base,
            quote,
            len(hours),
            Bps(median(spreads).quantize(STEP)) if len(spreads) >= LEAST_HOURS else None,
            Quantity(median(depths)) if len(depths) >= LEAST_HOURS else None,
            volumes.get(key),
        )

    @exact
    def _note(self, venue: VenueName, book: OrderBook, now: datetime, *, whole_books: bool) -> None:
        hours = self._hours.setdefault((venue, f"{book.base}/{book.quote}"), deque(maxlen=MOST_HOURS))
        depth = depth_within(book, self._policy.limits.depth_bps) if whole_books else None
        if not hours or now - hours[-1].began >= AN_HOUR:
            hours.append(_Hour(now, spread_bps(book), depth))
        elif hours[-1].depth is None:
            hours[-1].depth = depth


def _may_trade(venue: VenueSnapshot) -> bool:
    return venue.health not in (VenueHealth.WATCHED, VenueHealth.REFERENCE, VenueHealth.IN_TRANSIT)
