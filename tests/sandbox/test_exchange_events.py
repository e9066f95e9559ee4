"""Events on demand: each is told over HTTP, seen by unmodified clients, and ends with one call."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from bot.sandbox.exchange.events import ASTRAY_BPS, ASTRAY_SECONDS, SHUT_SECONDS
from bot.sandbox.exchange.orders import Side
from tests.sandbox.exchange_fixtures import SYMBOL, Exchange, exchange

__all__ = ["exchange"]


async def told(exchange: Exchange, event: str, **body: Any) -> str:
    answer = await exchange.control(f"event/{event}", **body)
    return str(answer["told"])


async def price(exchange: Exchange, asset: str) -> Decimal:
    return Decimal((await exchange.state())["prices"][asset])


async def mid(exchange: Exchange, venue: str) -> Decimal:
    """What the venue's own book says, after a request like any other."""
    await exchange.state()
    (bid, _), (ask, _) = (exchange.level(venue, side) for side in Side)
    return (bid + ask) / 2


async def test_what_can_happen_is_told(exchange: Exchange) -> None:
    """Venues, stablecoins, and what else has a price."""
    async with exchange.session.get(f"{exchange.base}/_sandbox/event") as response:
        subjects = await response.json()
    assert {"binance", "kraken"} <= set(subjects["venues"])
    assert subjects["stablecoins"] == ["USDT", "USDC"]
    assert {"BTC", "ETH", "SOL"} <= set(subjects["assets"]) and "USDT" not in subjects["assets"]


async def test_a_halted_venue_goes_from_bad_to_worse(exchange: Exchange) -> None:
    """Nothing is paid out from the first moment on, prices drift off, and in the end it trades no more.

    Real time goes on while the test runs: a few seconds of it are a few basis points.
    """
    client = await exchange.client("kraken")
    before = await mid(exchange, "kraken")
    assert "closed the withdrawals of all" in await told(exchange, "halt", venue="kraken")
    coins = (await exchange.state())["venues"]["kraken"]["coins"]
    assert coins and all(flags == {"deposit": True, "withdraw": False} for flags in coins.values())
    assert await mid(exchange, "kraken") == pytest.approx(before, rel=Decimal("0.002"))
    distances = []
    for _ in range(2):
        exchange.wall.offset += ASTRAY_SECONDS / 2
        distances.append((await mid(exchange, "kraken") / before - 1) * 10_000)
    assert [float(d) for d in distances] == pytest.approx([float(ASTRAY_BPS) / 2, float(ASTRAY_BPS)], abs=20)
    await client.create_order(SYMBOL["kraken"], "limit", "buy", "0.001", "20000")
    exchange.wall.offset += SHUT_SECONDS - ASTRAY_SECONDS
    with pytest.raises(ccxt.ExchangeNotAvailable):
        await client.create_order(SYMBOL["kraken"], "limit", "buy", "0.001", "20000")
    assert (await exchange.state())["venues"]["binance"]["status"] == "online"


async def test_a_second_halt_begins_nothing_anew(exchange: Exchange) -> None:
    """The venue is where it is."""
    await told(exchange, "halt", venue="kraken")
    exchange.wall.offset += SHUT_SECONDS
    await told(exchange, "halt", venue="kraken")
    assert (await exchange.state())["venues"]["kraken"]["status"] == "maintenance"


async def test_a_slow_venue_answers_late(exchange: Exchange) -> None:
    """Late, and rightly."""
    client = await exchange.client("kraken")
    assert await told(exchange, "slow", venue="kraken", seconds=0.05) == "kraken answers every call 0.05 s late"
    await client.fetch_balance()
    (rule,) = (await exchange.state())["faults"]
    assert (rule["do"], rule["venue"], rule["seconds"]) == ("slow", "kraken", 0.05)
    assert rule["when"] == "after", "the request is taken while its time stamp is fresh"


async def test_a_stablecoin_loses_its_peg_within_a_minute(exchange: Exchange) -> None:
    """Half-way after half of the time; and it stays there."""
    assert "goes from 1" in await told(exchange, "depeg", asset="USDC")
    seen = []
    for seconds in (30, 30, 600):
        exchange.steady.seconds += seconds
        seen.append(await price(exchange, "USDC"))
    assert [float(p) for p in seen] == pytest.approx([0.965, 0.93, 0.93], abs=0.001)
    assert abs(await price(exchange, "USDT") - 1) < Decimal("0.001")


async def test_a_peg_is_lost_at_once_where_that_is_wanted_or_the_market_stands_still(exchange: Exchange) -> None:
    """Whoever waits for a minute of a market that stands still would wait for ever."""
    assert "at once" in await told(exchange, "depeg", asset="USDC", to="0.9", seconds=0)
    assert abs(await price(exchange, "USDC") - Decimal("0.9")) < Decimal("0.0001")
    await exchange.control("speed", speed=0)
    assert "at once" in await told(exchange, "depeg", asset="USDC", to="0.5")
    assert abs(await price(exchange, "USDC") - Decimal("0.5")) < Decimal("0.0001")


async def test_a_crash_is_a_fall_at_once(exchange: Exchange) -> None:
    """Told with both prices; two of them come on top of each other."""
    assert await told(exchange, "crash", asset="BTC", percent="30") == (
        "BTC fell by 30 %, from 60,000.00 to 42,000.00 USD"
    )
    await told(exchange, "crash", asset="BTC", percent="50")
    assert await price(exchange, "BTC") == 21_000


async def test_all_of_it_ends_with_one_call(exchange: Exchange) -> None:
    """Prices are what they would have been; what was bent by hand before stays bent."""
    await exchange.control("price", asset="ETH", factor="2")
    await exchange.control("venue", venue="kraken", premium_bps="10")
    before = (await exchange.state())["prices"]
    for event, body in {
        "halt": {"venue": "kraken"},
        "slow": {"venue": "binance", "seconds": 0.01},
        "depeg": {"asset": "USDC"},
        "crash": {"asset": "ETH", "percent": "40"},
    }.items():
        await told(exchange, event, **body)
    exchange.wall.offset += SHUT_SECONDS
    assert (await exchange.state())["venues"]["kraken"]["status"] == "maintenance"
    assert "prices are what they would have been" in await told(exchange, "recover")
    state = await exchange.state()
    assert (state["prices"], state["faults"]) == (before, [])
    for venue in state["venues"].values():
        assert venue["status"] == "online"
        assert all(flags == {"deposit": True, "withdraw": True} for flags in venue["coins"].values())
    assert exchange.world.venues["kraken"].premium_bps == 10


async def test_what_was_seen_while_a_price_was_bent_stays_seen(exchange: Exchange) -> None:
    """The past of a market does not change when the event is over: candles show the fall and the way back."""
    market = exchange.world.market
    await told(exchange, "depeg", asset="USDC")
    exchange.steady.seconds += 30
    half_way, then = market.price("USDC", market.now()), market.now()
    await told(exchange, "recover")
    exchange.steady.seconds += 300
    assert market.price("USDC", then - 0.001) == pytest.approx(half_way, abs=Decimal("0.0001"))
    assert abs(await price(exchange, "USDC") - 1) < Decimal("0.001")


@pytest.mark.parametrize(
    ("event", "body", "words"),
    [
        ("halt", {"venue": "ftx"}, "unknown venue ftx: one of binance"),
        ("halt", {}, "venue"),
        ("slow", {"venue": "kraken", "seconds": 0}, "seconds must be above 0"),
        ("depeg", {"asset": "BTC"}, "BTC is no stablecoin here: one of USDT, USDC"),
        ("depeg", {"asset": "USDC", "to": "0"}, "the price must be above 0"),
        ("crash", {"asset": "NOPE", "percent": "30"}, "NOPE has no price now: one of BTC"),
        ("crash", {"asset": "BTC", "percent": "100"}, "percent must lie between 0 and 100"),
        ("crash", {"asset": "BTC", "percent": "NaN"}, "percent"),
    ],
)
async def test_mistakes_are_named_and_change_nothing(
    exchange: Exchange, event: str, body: dict[str, Any], words: str
) -> None:
    """With status 400, like those of the other controls."""
    before = await exchange.state()
    async with exchange.session.post(f"{exchange.base}/_sandbox/event/{event}", json=body) as response:
        answer = await response.json()
    assert response.status == 400 and words in answer["error"]
    assert await exchange.state() == before
