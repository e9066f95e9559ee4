"""What is peculiar to OKX: two pockets, errors under HTTP 200, a deadline for every order, histories told backwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.clock import SystemClock
from engine.model.errors import NotSent, Refused
from engine.model.market import Side
from engine.model.money import Quantity
from engine.model.order import ReportedStatus
from engine.venues.ccxt.client import Credentials
from tests.sandbox.exchange_fixtures import KEYS, Exchange
from tests.venues.venue_fixtures import BTC, Desk, desk_at, exchange, ready_order

__all__ = ["exchange"]


@pytest.fixture
async def desk(exchange: Exchange) -> AsyncIterator[Desk]:
    """OKX, with its trading key."""
    async with desk_at(exchange, "okx") as made:
        yield made


async def test_a_wrong_passphrase_is_refused_with_the_remedy(desk: Desk) -> None:
    """The sentence names it beside key and secret, and shows nothing of it."""
    key = KEYS["okx"]
    async with desk_at(desk.exchange, "okx", credentials=Credentials(key.key, key.secret, "wrong-phrase")) as other:
        with pytest.raises(Refused, match=r"key, secret and passphrase in \[venues\.okx\]") as caught:
            await other.venue.balances()
    assert "wrong-phrase" not in str(caught.value)


async def test_an_order_carries_its_deadline(desk: Desk) -> None:
    """A request that the venue comes to after it is discarded, although its signature would still count."""
    order = await ready_order(desk)
    desk.exchange.wall.offset = 8
    with pytest.raises(NotSent, match="expTime"):
        await desk.venue.submit(replace(order, intended_at=order.intended_at - timedelta(seconds=8)))
    assert desk.orders_placed() == 0


async def test_what_lies_in_the_funding_account_cannot_be_sold(desk: Desk) -> None:
    """It is counted, and an order that would need it is refused."""
    before = {b.asset: b for b in await desk.venue.balances()}[BTC]
    await desk.exchange.control("balance", venue="okx", asset="BTC.FUNDING", delta="2", silent=True)
    held = {b.asset: b for b in await desk.venue.balances()}[BTC]
    assert (held.free, held.kept) == (before.free, Decimal(2))
    with pytest.raises(Refused, match="Insufficient balance"):
        await desk.venue.submit(await ready_order(desk, side=Side.SELL, quantity="1"))


async def test_fills_that_the_newest_days_do_not_hold_come_from_the_longer_list(desk: Desk) -> None:
    """A process that comes back after days still learns what its order traded."""
    order = await ready_order(desk, quantity="0.01")
    await desk.venue.submit(order)
    await desk.fault("error", path="/api/v5/trade/fills-history", code="50011")
    assert await desk.venue.report(order)
    await desk.exchange.control("faults/clear")
    empty = '{"code": "0", "data": [], "msg": ""}'
    await desk.fault("status", status=200, body=empty, path="/api/v5/trade/fills", times=1)
    report = await desk.venue.report(order)
    assert report is not None and report.status is ReportedStatus.FILLED
    assert sum(fill.quantity for fill in report.fills) == Quantity(Decimal("0.01"))


async def test_a_long_history_is_read_to_its_beginning(desk: Desk) -> None:
    """Page by page, newest first; entries of one instant at the edge of a page are told once and not lost."""
    for number in range(250):
        desk.exchange.world.venues["okx"].transfer("USDT", Decimal(1), age_seconds=float(number // 3))
    deposits = await desk.venue.deposits(SystemClock().now() - timedelta(hours=1))
    assert len({d.id for d in deposits}) == len(deposits) == 250
