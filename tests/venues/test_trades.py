"""The account's history of trades, as long as it is: all pages, all windows, and as far back as a venue tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.sandbox.exchange.orders import OrderRequest, Side
from engine.clock import SystemClock
from engine.model.errors import Refused
from tests.sandbox.exchange_fixtures import EVERY_VENUE, SYMBOL, Exchange
from tests.venues.venue_fixtures import Desk, desk_at, exchange

__all__ = ["exchange"]

SHORTEST = Decimal("0.001")
HISTORY = {
    "binance": "/api/v3/myTrades",
    "kraken": "/0/private/TradesHistory",
    "coinbase": "/api/v3/brokerage/orders/historical/fills",
    "okx": "/api/v5/trade/fills",
    "bybit": "/v5/execution/list",
    "kucoin": "/api/v1/hf/fills",
}
FAR_BACK = {"okx": 80}
"""Days that a venue tells of at least; a year of the others is enough."""


def trade(exchange: Exchange, dialect: str, *, days_ago: float, times: int = 1) -> None:
    """Let the account have traded then: bought and sold in turn, so that its money lasts."""
    venue = exchange.world.venues[dialect]
    exchange.wall.offset = -timedelta(days=days_ago).total_seconds()
    for number in range(times):
        side = (Side.BUY, Side.SELL)[number % 2]
        venue.place(OrderRequest(venue.instruments[SYMBOL[dialect]], side, SHORTEST))
    exchange.wall.offset = 0


@pytest.fixture
async def patient(request: pytest.FixtureRequest, exchange: Exchange) -> AsyncIterator[Desk]:
    """Each exchange in turn."""
    async with desk_at(exchange, request.param) as made:
        yield made


every_exchange = pytest.mark.parametrize("patient", EVERY_VENUE, indirect=True)


@every_exchange
async def test_all_pages_are_read(patient: Desk, exchange: Exchange) -> None:
    """More trades than any venue tells at once, on one day."""
    trade(exchange, patient.dialect, days_ago=1, times=1_010 if patient.dialect == "binance" else 130)
    told = await patient.venue.trades(SystemClock().now() - timedelta(days=2), patient.assets)
    fills = list(exchange.world.venues[patient.dialect].engine.orders.fills())
    assert len(told) == len({each.id for each in told}) == len(fills)
    assert sum(each.quantity for each in told) == sum(fill.quantity for _, fill in fills)


@every_exchange
async def test_what_is_long_ago_is_told(patient: Desk, exchange: Exchange) -> None:
    """Over many windows, where a venue answers for a week at a time; what is before the instant is left out."""
    longest = FAR_BACK.get(patient.dialect, 360)
    for days_ago in (longest + 5, longest, 30, 7, 0):
        trade(exchange, patient.dialect, days_ago=days_ago)
    since = SystemClock().now() - timedelta(days=longest + 1)
    told = await patient.venue.trades(since, patient.assets)
    ages = [round((SystemClock().now() - each.at) / timedelta(days=1)) for each in told]
    assert ages == [longest, 30, 7, 0]


@every_exchange
async def test_a_venue_that_asks_for_patience_gets_it(patient: Desk, exchange: Exchange) -> None:
    """A long history is more than a minute's requests: it goes on after a pause, and not from the beginning."""
    trade(exchange, patient.dialect, days_ago=1, times=2)
    await patient.instrument()
    await patient.fault("status", status=429, path=HISTORY[patient.dialect], times=2)
    told = await patient.venue.trades(SystemClock().now() - timedelta(days=2), patient.assets)
    assert len(told) == len(list(exchange.world.venues[patient.dialect].engine.orders.fills()))
    assert patient.clock.slept == [timedelta(seconds=15)] * 2


async def test_without_a_key_there_is_no_history(exchange: Exchange) -> None:
    """It is refused at once, with what to do."""
    async with desk_at(exchange, "binance", credentials=None) as desk:
        with pytest.raises(Refused, match="no API key is set"):
            await desk.venue.trades(SystemClock().now(), desk.assets)
