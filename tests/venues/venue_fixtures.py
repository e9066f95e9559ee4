"""Venues under test: the ccxt adapter over the sandbox exchanges, with unmodified ccxt and real HTTP on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import SystemClock
from engine.model.ids import Asset, ClientOrderId, LegId, VenueName
from engine.model.market import Instrument, OrderBook, Side
from engine.model.money import Price, Quantity, ceil_to_step
from engine.model.order import OrderRequest
from engine.venues.ccxt.client import Connection, Credentials
from engine.venues.ccxt.exchanges import PROFILES
from engine.venues.ccxt.venue import CcxtVenue
from tests.sandbox.exchange_fixtures import EVERY_VENUE, KEYS, QUOTE, Exchange, running
from tests.sandbox.more_venues import pem_key

BTC = Asset("BTC")
CASH = {dialect: Asset(quote) for dialect, quote in QUOTE.items()}
WRONG_SECRET = {
    "binance": "wrong-secret-that-nobody-knows",
    "kraken": "d3Jvbmctc2VjcmV0LXRoYXQtbm9ib2R5LWtub3dz",
    "coinbase": pem_key(4),
    "okx": "wrong-secret-that-nobody-knows",
    "bybit": "wrong-secret-that-nobody-knows",
    "kucoin": "wrong-secret-that-nobody-knows",
}
IMPATIENT = timedelta(milliseconds=250)


@dataclass
class WakefulClock(SystemClock):
    """The real time, whose sleepers wake at once: pauses between attempts take no test's time."""

    slept: list[timedelta] = field(default_factory=list)
    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.offset

    async def sleep(self, duration: timedelta) -> None:
        self.slept.append(duration)


@dataclass
class Desk:
    """One ccxt venue and the sandbox exchange behind it."""

    dialect: str
    venue: CcxtVenue
    exchange: Exchange
    clock: WakefulClock

    @property
    def assets(self) -> frozenset[Asset]:
        """Bitcoin and the venue's cash."""
        return frozenset({BTC, CASH[self.dialect]})

    async def instrument(self) -> Instrument:
        """Bitcoin against the venue's cash."""
        return (await self.venue.instruments(self.assets))[0]

    async def book(self) -> OrderBook:
        """The book of that market."""
        return (await self.venue.books([await self.instrument()]))[0]

    async def fault(self, do: str, **rule: Any) -> None:
        """Let something go wrong with calls of this venue."""
        await self.exchange.control("fault", venue=self.dialect, do=do, **rule)

    def orders_placed(self) -> int:
        """How many orders the exchange has ever taken."""
        return len(self.exchange.orders(self.dialect))


@asynccontextmanager
async def desk_at(exchange: Exchange, dialect: str, **changes: Any) -> AsyncIterator[Desk]:
    """A venue on a running sandbox; `changes`: credentials, profile, base_url, proxy, timeout."""
    key, clock = KEYS[dialect], WakefulClock()
    credentials = changes.pop("credentials", Credentials(key.key, key.secret, key.passphrase))
    profile = changes.pop("profile", PROFILES[dialect])
    settings: dict[str, Any] = {"base_url": f"{exchange.base}/{dialect}", "throttled": False} | changes
    name = VenueName(dialect)
    venue = CcxtVenue(name, profile, credentials, clock, Connection(**settings))
    try:
        yield Desk(dialect, venue, exchange, clock)
    finally:
        await venue.close()


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    """A sandbox with an exchange of every dialect."""
    async with running() as served:
        yield served


@pytest.fixture(params=EVERY_VENUE)
async def desk(request: pytest.FixtureRequest, exchange: Exchange) -> AsyncIterator[Desk]:
    """Each exchange in turn, with its trading key and little patience."""
    async with desk_at(exchange, request.param, timeout=IMPATIENT) as made:
        yield made


def order_for(
    instrument: Instrument, book: OrderBook, *, quantity: str = "0.01", side: Side = Side.BUY, number: int = 1
) -> OrderRequest:
    """An order that the whole book can fill; `number` makes its id."""
    level = book.side_taken(side)[-1]
    return OrderRequest(
        client_order_id=ClientOrderId(f"{number:032x}"),
        leg=LegId("leg"),
        slice_number=1,
        attempt=1,
        venue=instrument.venue,
        base=instrument.base,
        quote=instrument.quote,
        side=side,
        quantity=Quantity(Decimal(quantity)),
        limit_price=Price(ceil_to_step(level.price, instrument.price_tick)),
        intended_at=SystemClock().now(),
    )


async def ready_order(desk: Desk, **details: Any) -> OrderRequest:
    """An order for this venue's Bitcoin market."""
    return order_for(await desk.instrument(), await desk.book(), **details)
