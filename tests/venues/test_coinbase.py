"""What is peculiar to Coinbase: tokens that expire, ids that are never made twice, orders found in lists, wallets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.clock import SystemClock
from engine.model.errors import Refused
from engine.model.ids import ClientOrderId
from engine.model.money import Price
from engine.model.order import ReportedStatus
from engine.model.venue import ClientIdScope
from engine.venues.ccxt.client import Credentials
from engine.venues.ccxt.coinbase_orders import ORDER_PAGE
from tests.sandbox.exchange_fixtures import KEYS, Exchange
from tests.venues.venue_fixtures import BTC, CASH, Desk, desk_at, exchange, ready_order

__all__ = ["exchange"]


@pytest.fixture
async def desk(exchange: Exchange) -> AsyncIterator[Desk]:
    """Coinbase, with its trading key."""
    async with desk_at(exchange, "coinbase") as made:
        yield made


async def test_an_order_expires_half_a_minute_after_its_intent(desk: Desk) -> None:
    """Its token is dated back: by itself it would count for two minutes, in which a process may sleep."""
    order = await ready_order(desk)
    desk.exchange.wall.offset = 29
    assert (await desk.venue.submit(order)).status is ReportedStatus.FILLED
    desk.exchange.wall.offset = 31
    with pytest.raises(Refused, match="this computer's clock"):
        await desk.venue.submit(replace(order, client_order_id=ClientOrderId("9" * 32)))
    assert desk.orders_placed() == 1


async def test_reads_are_signed_for_the_present(desk: Desk) -> None:
    """A venue's clock that is a minute ahead keeps no one from seeing his balances."""
    desk.exchange.wall.offset = 60
    assert await desk.venue.balances()


async def test_an_id_is_never_made_twice(desk: Desk) -> None:
    """Not even when its order is over: a repeated request is answered with what became of the first."""
    assert desk.venue.capabilities.client_id_scope is ClientIdScope.FOREVER
    order = await ready_order(desk)
    first = await desk.venue.submit(order)
    again = await desk.venue.submit(replace(order, intended_at=SystemClock().now()))
    assert again == first
    assert desk.orders_placed() == 1


async def test_a_secret_of_another_form_is_refused_with_the_remedy(desk: Desk) -> None:
    """It cannot even sign; the sentence names the place to look, and nothing of the secret."""
    broken = Credentials(KEYS["coinbase"].key, "-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----")
    async with desk_at(desk.exchange, "coinbase", credentials=broken) as other:
        with pytest.raises(
            Refused, match=r"could not be signed; check key and secret .* in \[venues\.coinbase\]"
        ) as caught:
            await other.venue.balances()
    assert "hunter2" not in str(caught.value)


async def test_an_order_is_found_behind_a_whole_page_of_newer_ones(desk: Desk) -> None:
    """The list is read page by page, however many orders were made since."""
    order = await ready_order(desk)
    await desk.venue.submit(order)
    small = replace(order, post_only=True, limit_price=Price(Decimal(1000)))
    sandbox = desk.exchange.world.venues["coinbase"]
    (made,) = sandbox.engine.orders.all()
    for number in range(ORDER_PAGE + 5):
        resting = replace(made.request, price=small.limit_price, quantity=Decimal("0.001"), client_id=f"other-{number}")
        sandbox.engine.cancel(sandbox.place(replace(resting, post_only=True)))
    report = await desk.venue.report(order)
    assert report is not None and report.status is ReportedStatus.FILLED


async def test_there_is_nothing_to_cancel_in_an_order_that_never_was(desk: Desk) -> None:
    """The venue cancels by its own ids: without one there is nothing to ask for."""
    with pytest.raises(Refused, match="no such order"):
        await desk.venue.cancel(await ready_order(desk))


async def test_the_best_prices_need_no_key(desk: Desk) -> None:
    """Without one they are asked for market by market, and are the same."""
    async with desk_at(desk.exchange, "coinbase", credentials=None) as keyless:
        instruments = await keyless.venue.instruments(desk.assets)
        ours, theirs = await desk.venue.tops(instruments), await keyless.venue.tops(instruments)
    assert [(t.base, t.bids, t.asks) for t in ours] == [(t.base, t.bids, t.asks) for t in theirs]


async def test_a_wallets_history_is_read_page_by_page_and_not_further_back_than_asked(desk: Desk) -> None:
    """A wallet that was emptied in the time asked for is read too."""
    sandbox, cash = desk.exchange.world.venues["coinbase"], CASH["coinbase"]
    for number in range(230):
        sandbox.transfer(cash, Decimal(1), age_seconds=float(number))
    sandbox.transfer(BTC, -sandbox.account.free(BTC))
    start = SystemClock().now() - timedelta(seconds=150)
    assert 149 <= len(await desk.venue.deposits(start)) <= 151
    assert len(await desk.venue.deposits(SystemClock().now() - timedelta(hours=1))) == 230
    assert [w.asset for w in await desk.venue.withdrawals(start)] == [BTC]
