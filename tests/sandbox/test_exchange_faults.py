"""Every fault of the script, as an unmodified ccxt client meets it, before and after processing."""

import asyncio
from typing import Any

import ccxt.async_support as ccxt
import pytest

from bot.sandbox.faults import FaultRule
from tests.sandbox.exchange_fixtures import MOST_VENUES, SYMBOL, Exchange, exchange
from tests.venues.dialects import BOOK_PATH, ORDER_PATH

__all__ = ["exchange"]
most = pytest.mark.parametrize("venue", MOST_VENUES)
ID = "0123456789abcdef0123456789abcdef"


async def attempt(exchange: Exchange, venue: str, **rule: Any) -> Any:
    """Place one order under a rule that strikes once; the error, or the order that ccxt made of the answer."""
    client = await exchange.client(venue)
    # Only the order is waited for so shortly: on a busy machine the markets take longer.
    client.timeout = 150
    await exchange.control("fault", venue=venue, method="POST", path=ORDER_PATH[venue], times=1, **rule)
    try:
        return await client.create_order(SYMBOL[venue], "limit", "buy", "0.001", "50000", {"clientOrderId": ID})
    except ccxt.BaseError as error:
        return error


@most
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"do": "hang"}, ccxt.RequestTimeout),
        ({"do": "drop"}, ccxt.ExchangeNotAvailable),
        ({"do": "status", "status": 429}, ccxt.DDoSProtection),
        ({"do": "status", "status": 418}, ccxt.DDoSProtection),
        ({"do": "status", "status": 502}, ccxt.ExchangeNotAvailable),
        ({"do": "status", "status": 504}, ccxt.RequestTimeout),
    ],
)
async def test_no_usable_answer(
    exchange: Exchange, venue: str, when: str, rule: dict[str, Any], expected: type[Exception]
) -> None:
    """The client learns nothing either way, but only a call struck before processing left no order."""
    outcome = await attempt(exchange, venue, when=when, **rule)
    assert isinstance(outcome, expected | ccxt.RateLimitExceeded)
    assert len(exchange.orders(venue)) == (0 if when == "before" else 1)


@most
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["empty", "html"])
async def test_answers_that_are_no_answer(exchange: Exchange, venue: str, when: str, kind: str) -> None:
    """200 with nothing or with a web page comes out of ccxt as an order without an id."""
    outcome = await attempt(exchange, venue, do=kind, when=when)
    assert isinstance(outcome, ccxt.BaseError) or outcome["id"] is None
    assert len(exchange.orders(venue)) == (0 if when == "before" else 1)


@most
async def test_an_answer_cut_short(exchange: Exchange, venue: str) -> None:
    """Half an answer is an error, and the order stands."""
    outcome = await attempt(exchange, venue, do="cut")
    assert isinstance(outcome, ccxt.ExchangeError | ccxt.NetworkError)
    assert len(exchange.orders(venue)) == 1


@most
async def test_an_order_that_arrives_late(exchange: Exchange, venue: str) -> None:
    """The client gave up, found nothing, and then the order is placed after all."""
    outcome = await attempt(exchange, venue, do="slow", when="before", seconds=60)
    assert isinstance(outcome, ccxt.RequestTimeout)
    assert len(exchange.orders(venue)) == 0
    await exchange.control("faults/clear")
    async with asyncio.timeout(5):
        while not (await exchange.state())["venues"][venue]["orders"]:
            pass
    assert exchange.world.venues[venue].engine.orders.by_client_id(ID) is not None


@most
async def test_a_slow_answer_is_still_the_answer(exchange: Exchange, venue: str) -> None:
    """A little late, the answer is as usual."""
    outcome = await attempt(exchange, venue, do="slow", when="after", seconds=0.01)
    assert not isinstance(outcome, ccxt.BaseError)
    assert outcome["id"] and len(exchange.orders(venue)) == 1


@most
async def test_the_venues_own_errors(exchange: Exchange, venue: str) -> None:
    """A scripted error code comes in the venue's shape, also after the order was placed."""
    code, expected = {
        "binance": ("-1007", ccxt.RequestTimeout),
        "kraken": ("EService:Busy", ccxt.ExchangeNotAvailable),
        "bybit": ("170007", ccxt.RequestTimeout),
        "kucoin": ("500000", ccxt.ExchangeNotAvailable),
    }[venue]
    outcome = await attempt(exchange, venue, do="error", when="after", code=code, message="Timeout")
    assert isinstance(outcome, expected)
    assert len(exchange.orders(venue)) == 1


@most
async def test_maintenance_by_script(exchange: Exchange, venue: str) -> None:
    """The venue refuses every call as it does when it is down."""
    outcome = await attempt(exchange, venue, do="maintenance")
    assert isinstance(outcome, ccxt.ExchangeNotAvailable | ccxt.ExchangeError)
    assert len(exchange.orders(venue)) == 0


@most
async def test_a_stale_book_repeats_itself(exchange: Exchange, venue: str) -> None:
    """The book keeps its old prices while the market moves, until the rules are cleared."""
    client = await exchange.client(venue)
    await exchange.control("fault", venue=venue, path=BOOK_PATH[venue], do="stale")
    first = await client.fetch_order_book(SYMBOL[venue], 20)
    await exchange.control("price", asset="BTC", factor="1.1")
    assert await client.fetch_order_book(SYMBOL[venue], 20) == first
    await exchange.control("faults/clear")
    assert (await client.fetch_order_book(SYMBOL[venue], 20))["bids"] != first["bids"]


async def test_rules_match_count_and_skip(exchange: Exchange) -> None:
    """A rule strikes the calls it names, after those it skips, as often as it says."""
    client = await exchange.client("binance")
    await exchange.control("fault", venue="binance", path="/api/v3/time", do="status", status=502, skip=1, times=2)
    outcomes = []
    for _ in range(5):
        try:
            outcomes.append(bool(await client.fetch_time()))
        except ccxt.ExchangeNotAvailable:
            outcomes.append(False)
    assert outcomes == [True, False, False, True, True]
    await client.fetch_order_book("BTC/USDT")
    assert (await exchange.client("kraken")).markets


async def test_rules_can_be_set_in_process(exchange: Exchange) -> None:
    """A test in the same process needs no HTTP to script a fault."""
    client = await exchange.client("kraken")
    exchange.world.faults.add(FaultRule("status", venue="kraken", path="/0/public/Time", times=1))
    with pytest.raises(ccxt.ExchangeNotAvailable):
        await client.fetch_time()
    assert await client.fetch_time()
