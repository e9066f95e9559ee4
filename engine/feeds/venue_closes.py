"""Past prices as the venues tell them: daily closes, asked for once a day and kept in memory.

The first market that tells is taken: of the numeraire itself before one whose quote must be converted, and by name
between equals, so that a series does not wander from venue to venue. What is not recent is not told: a band that
breathes with an old market would be worse than one that does not breathe.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from engine.model.decision import PriceSeries
from engine.model.errors import VenueError
from engine.model.ids import Asset, VenueName
from engine.model.market import Close, Instrument
from engine.model.money import ONE, Price, exact, ratio
from engine.model.portfolio import Snapshot
from engine.ports import Venue

LOOKED_BACK: Final = timedelta(days=180)
"""What every exchange tells in one answer; a band is compared with what was usual in so long."""
ASKED_AGAIN_AFTER: Final = timedelta(minutes=10)
"""A market that did not tell its last day is left in peace for so long."""
OLDEST_LAST_CLOSE: Final = timedelta(days=3)
LONGEST_ANSWER: Final = timedelta(seconds=20)
"""An evaluation waits for it: what does not come by then comes with a later one."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What a market has told, and when it was asked last."""

    asked_at: datetime
    closes: tuple[Close, ...]


class VenueCloses:
    """The price history of what some venues trade. Its own notes are all that it keeps."""

    def __init__(self, venues: Mapping[VenueName, Venue]) -> None:
        self._venues = venues
        self._told: dict[tuple[VenueName, str], _Told] = {}
        self._asking: defaultdict[tuple[VenueName, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._series: dict[Asset, PriceSeries] = {}

    async def daily_closes(self, assets: frozenset[Asset], snapshot: Snapshot) -> tuple[PriceSeries, ...]:
        """Past closes in the snapshot's numeraire, none later than the snapshot, in the order of the assets' names.

        An asset of which nothing recent is known is left out. What has not changed is the same object as before: what
        is worked out from it is remembered by that. Never raises for a venue's sake.
        """
        markets = sorted((i for v in snapshot.venues for i in v.instruments), key=lambda i: (i.venue, i.symbol))
        look = _Look(self, tuple(markets), snapshot.numeraire, snapshot.as_of)
        names = sorted(assets - {snapshot.numeraire})
        found = await asyncio.gather(*(look.in_numeraire(asset) for asset in names))
        return tuple(self._same(asset, closes) for asset, closes in zip(names, found, strict=True) if closes)

    def _same(self, asset: Asset, closes: tuple[Close, ...]) -> PriceSeries:
        known = self._series.get(asset)
        if known is None or known.closes != closes:
            known = self._series[asset] = PriceSeries(asset, closes)
        return known

    async def of(self, market: Instrument, now: datetime) -> tuple[Close, ...]:
        """The closes of one market in its quote currency; none where they are not recent."""
        key = market.venue, market.symbol
        async with self._asking[key]:
            told = self._told.get(key)
            if told is None or _is_due(told, now):
                self._told[key] = told = _Told(now, await self._ask(market, now) or (told.closes if told else ()))
        recent = told.closes and now - told.closes[-1][0] <= OLDEST_LAST_CLOSE
        return told.closes if recent else ()

    async def _ask(self, market: Instrument, now: datetime) -> tuple[Close, ...]:
        venue = self._venues.get(market.venue)
        if venue is None:
            return ()
        try:
            async with asyncio.timeout(LONGEST_ANSWER.total_seconds()):
                return await venue.daily_closes(market, now - LOOKED_BACK)
        except (VenueError, TimeoutError):
            return ()


def _is_due(told: _Told, now: datetime) -> bool:
    """A day has ended that it has not told of, and it was not asked just now."""
    midnight = datetime.combine(now.date(), time(), now.tzinfo)
    knows_yesterday = bool(told.closes) and told.closes[-1][0] >= midnight
    return not knows_yesterday and now - told.asked_at >= ASKED_AGAIN_AFTER


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at all markets of a snapshot, for prices in its numeraire."""

    closes: VenueCloses
    markets: Sequence[Instrument]
    numeraire: Asset
    now: datetime

    async def in_numeraire(self, asset: Asset) -> tuple[Close, ...]:
        """The closes of an asset by the first market that tells them."""
        own = sorted((m for m in self.markets if m.base == asset), key=lambda m: m.quote != self.numeraire)
        for market in own:
            closes = await self.closes.of(market, self.now)
            if closes and market.quote != self.numeraire:
                closes = _product(closes, await self._rate(market.quote))
            if closes:
                return closes
        return ()

    async def _rate(self, quote: Asset) -> tuple[Close, ...]:
        """What a quote currency was worth in the numeraire."""
        for market in self.markets:
            if {market.base, market.quote} == {quote, self.numeraire}:
                closes = await self.closes.of(market, self.now)
                if closes:
                    return closes if market.base == quote else _inverse(closes)
        return ()


@exact
def _product(closes: Sequence[Close], rates: Sequence[Close]) -> tuple[Close, ...]:
    """Prices times rates, on the days that both know."""
    known = dict(rates)
    return tuple((at, Price(price * known[at])) for at, price in closes if at in known)


@exact
def _inverse(closes: Sequence[Close]) -> tuple[Close, ...]:
    turned = ((at, ratio(ONE, price)) for at, price in closes)
    return tuple((at, Price(price)) for at, price in turned if price)
