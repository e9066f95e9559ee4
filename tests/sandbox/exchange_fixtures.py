"""A running sandbox exchange world for tests, and unmodified ccxt clients that trade on it.

Market time stands still until a test moves it; wall time is real, plus what a test adds.
"""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import aiohttp
import ccxt.async_support as ccxt
import pytest
from aiohttp import web

from bot.sandbox.clock import SandboxClock
from bot.sandbox.exchange.config import KeyConfig, VenueConfig, WorldConfig
from bot.sandbox.exchange.defaults import BINANCE_KEY, KRAKEN_KEY
from bot.sandbox.exchange.orders import Order, Side
from bot.sandbox.exchange.world import ExchangeWorld
from tests.sandbox.more_venues import BYBIT_KEY, COINBASE_KEY, KUCOIN_KEY, OKX_KEY, every_exchange

START = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = {
    "binance": BINANCE_KEY,
    "kraken": KRAKEN_KEY,
    "coinbase": COINBASE_KEY,
    "okx": OKX_KEY,
    "bybit": BYBIT_KEY,
    "kucoin": KUCOIN_KEY,
}
EVERY_VENUE = tuple(KEYS)
VENUES = ("binance", "kraken")
"""Those of the demo."""
MOST_VENUES = (*VENUES, "bybit", "kucoin")
"""Those whose dialects also answer what ccxt can ask and the bot does not."""
QUOTE = {venue: "USD" if venue in ("kraken", "coinbase") else "USDT" for venue in EVERY_VENUE}
SYMBOL = {venue: f"BTC/{quote}" for venue, quote in QUOTE.items()}


@dataclass
class Steady:
    """A steady clock, in seconds, that only a test moves."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Wall:
    """The clock on the wall, set ahead or back by a test."""

    offset: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset


@dataclass
class Exchange:
    """The world under test, its address and its clocks."""

    world: ExchangeWorld
    base: str
    session: aiohttp.ClientSession
    steady: Steady
    wall: Wall
    clients: list[Any] = field(default_factory=list)

    async def client(self, venue: str, key: KeyConfig | None = None, **options: Any) -> Any:
        """A ccxt client with its markets loaded; figures are strings."""
        made = self.bare_client(venue, key, **options)
        await made.load_markets()
        return made

    def bare_client(self, venue: str, key: KeyConfig | None = None, **options: Any) -> Any:
        """A ccxt client that has not called anything yet."""
        key = key or KEYS[venue]
        config = {
            "apiKey": key.key,
            "secret": key.secret,
            "password": key.passphrase,
            "enableRateLimit": False,
            "session": self.session,
            "options": {
                "defaultType": "spot",
                "fetchMarkets": {"types": ["spot"]},
                "fetchMargins": False,
                "warnOnFetchOpenOrdersWithoutSymbol": False,
            },
        }
        made = getattr(ccxt, venue)(config | options)
        made.number = str
        made.urls["api"] = redirected(made.urls["api"], self.base + self.world.venues[venue].config.prefix)
        self.clients.append(made)
        return made

    async def control(self, name: str, **body: Any) -> dict[str, Any]:
        """POST to a control; fails the test unless it is accepted."""
        async with self.session.post(f"{self.base}/_sandbox/{name}", json=body) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
            return answer

    async def state(self) -> dict[str, Any]:
        """The whole world as the sandbox shows it."""
        async with self.session.get(f"{self.base}/_sandbox/state") as response:
            answer: dict[str, Any] = await response.json()
            return answer

    def orders(self, venue: str) -> list[Order]:
        """All orders that a venue ever took, oldest first."""
        return self.world.venues[venue].engine.orders.all()

    def level(self, venue: str, side: Side, number: int = 0) -> tuple[Decimal, Decimal]:
        """Price and quantity of a level of the BTC book; 0 is the best, BUY are the bids."""
        return self.world.venues[venue].depth(SYMBOL[venue], side)[number]


def redirected(urls: Any, base: str) -> Any:
    """Every address with this server in place of its scheme and host."""
    if isinstance(urls, dict):
        return {name: redirected(url, base) for name, url in urls.items()}
    return re.sub(r"^https?://[^/]+", base, urls)


@asynccontextmanager
async def running(config: WorldConfig | None = None) -> AsyncIterator[Exchange]:
    """Serve a world on loopback for as long as the block lasts."""
    steady, wall = Steady(), Wall()
    world = ExchangeWorld(config or every_exchange(), SandboxClock(START, 1.0, steady), wall)
    app = web.Application()
    world.register(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    session = aiohttp.ClientSession()
    try:
        port = runner.addresses[0][1]
        yield Exchange(world, f"http://127.0.0.1:{port}", session, steady, wall)
    finally:
        await session.close()
        await runner.cleanup()


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    """A world with an exchange of every dialect, seed 7."""
    async with running() as served:
        yield served


def with_venue(name: str, **changes: Any) -> WorldConfig:
    """A world of every exchange with one venue configured differently."""
    world = every_exchange()
    venues: list[VenueConfig] = [replace(venue, **changes) if venue.name == name else venue for venue in world.venues]
    return replace(world, venues=tuple(venues))


async def final(client: Any, order: dict[str, Any], symbol: str) -> dict[str, Any]:
    """The order as the venue reports it afterwards: most create answers carry the id alone."""
    if client.id == "bybit":
        return await _bybit_order(client, order["id"], symbol)
    found: dict[str, Any] = await client.fetch_order(order["id"], symbol)
    return found


async def _bybit_order(client: Any, order_id: str, symbol: str) -> dict[str, Any]:
    """Among the open orders, or among the closed ones."""
    found: dict[str, Any]
    try:
        found = await client.fetch_order(order_id, symbol, {"acknowledged": True, "openOnly": 0})
    except ccxt.OrderNotFound:
        found = await client.fetch_order(order_id, symbol, {"acknowledged": True, "openOnly": 1})
    return found


async def free(client: Any, asset: str) -> Decimal:
    """The free balance of an asset."""
    return Decimal((await client.fetch_balance())["free"].get(asset, "0"))
