"""What a venue lists and what the account pays there, kept for a while: loading either costs many requests."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from engine.model.errors import NotSent, Refused
from engine.model.ids import Asset, VenueName
from engine.model.market import Instrument
from engine.model.money import Price, Quantity
from engine.ports import Clock
from engine.venues.ccxt.client import Clients
from engine.venues.ccxt.profile import Fees, Listing, Market, Profile
from engine.venues.ccxt.reading import Reader

LISTING_KEPT = timedelta(hours=6)
FEES_KEPT = timedelta(hours=1)

log = logging.getLogger(__name__)


class Markets:
    """The listing and the fees of one venue."""

    def __init__(self, name: VenueName, profile: Profile, clients: Clients, reader: Reader, clock: Clock) -> None:
        self._name = name
        self._profile = profile
        self._clients = clients
        self._reader = reader
        self._clock = clock
        self._listing: tuple[datetime, Listing] | None = None
        self._fees: dict[str, tuple[datetime, Fees]] = {}
        self._loading = asyncio.Lock()

    async def listing(self) -> Listing:
        """All that the venue lists. A newer one that cannot be had does not take away the last. Raises VenueError."""
        async with self._loading:
            now = self._clock.now()
            if self._listing is not None and now - self._listing[0] < LISTING_KEPT:
                return self._listing[1]
            try:
                listing = await self._reader.read(self._clients.listing)
            except NotSent as error:
                if self._listing is None:
                    raise
                log.warning("the markets could not be loaded again: %s", error)
                listing = self._listing[1]
            self._listing = (now, listing)
            return listing

    async def market(self, base: Asset, quote: Asset) -> Market:
        """One market. Raises Refused where the venue does not list it."""
        market = (await self.listing()).markets.get(f"{base}/{quote}")
        if market is None:
            raise Refused(self._name, f"it has no market {base}/{quote}")
        return market

    async def among(self, assets: frozenset[Asset]) -> list[Market]:
        """The listed markets whose two sides are among `assets`, open or not, in the order of their symbols."""
        listed = (await self.listing()).markets
        return [market for _, market in sorted(listed.items()) if market.base in assets and market.quote in assets]

    async def instruments(self, assets: frozenset[Asset]) -> tuple[Instrument, ...]:
        """The active markets among `assets` with the account's own fees, in the order of their symbols."""
        markets = [market for market in await self.among(assets) if market.active]
        await self._refresh_fees(markets)
        return tuple(self._instrument(market) for market in markets)

    async def _refresh_fees(self, markets: list[Market]) -> None:
        now = self._clock.now()
        due = [m for m in markets if m.symbol not in self._fees or now - self._fees[m.symbol][0] >= FEES_KEPT]
        if not due or not self._clients.has_key:
            return
        try:
            fees = await self._reader.read(lambda: self._profile.fetch_fees(self._clients, due))
        except Refused as error:
            # A key that may not see its fees still trades: the lowest tier's fees are never too low.
            log.warning("the account's own fees are not known, the listed ones are used: %s", error)
            fees = {}
        for market in due:
            self._fees[market.symbol] = (now, fees.get(market.symbol, market.listed_fees))

    def _instrument(self, market: Market) -> Instrument:
        fees = self._fees[market.symbol][1] if market.symbol in self._fees else market.listed_fees
        return Instrument(
            venue=self._name,
            base=market.base,
            quote=market.quote,
            taker_fee=fees.taker,
            maker_fee=fees.maker,
            price_tick=Price(market.price_tick),
            amount_step=Quantity(market.amount_step),
            min_amount=Quantity(market.min_amount),
            min_notional=market.min_notional,
            fee_currency=self._profile.fee_currency,
        )
