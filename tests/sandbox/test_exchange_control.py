"""The sandbox's controls, its configuration, and what it says about the past of its markets."""

import json
import time
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from bot.sandbox.exchange.config import InstrumentConfig, world_from_dict, world_to_dict
from bot.sandbox.exchange.orders import Side
from bot.sandbox.exchange.world import default_world
from bot.sandbox.market import MarketConfig
from bot.sandbox.price_paths import AssetConfig
from tests.sandbox.exchange_fixtures import SYMBOL, VENUES, Exchange, exchange, running

__all__ = ["exchange"]
both = pytest.mark.parametrize("venue", VENUES)


async def test_state_shows_the_world(exchange: Exchange) -> None:
    """One document tells market time, speed, prices, and of each venue balances, orders and trades."""
    client = await exchange.client("binance")
    await client.create_order("BTC/USDT", "limit", "buy", "0.01", "50000")
    await client.create_order("BTC/USDT", "market", "sell", "0.01")
    state = await exchange.state()
    assert state["market_time"] == "2026-01-01T00:00:00+00:00" and state["speed"] == 1.0
    assert state["prices"]["BTC"] == "60000"
    venue = state["venues"]["binance"]
    assert venue["balances"]["USDT"]["locked"] == "500"
    assert [order["status"] for order in venue["orders"]] == ["open", "filled"]
    assert sum(Decimal(trade["quantity"]) for trade in venue["trades"]) == Decimal("0.01")
    assert state["venues"]["kraken"]["orders"] == []


async def test_default_world_holds_about_a_hundred_thousand() -> None:
    """Both accounts together: about 45 % BTC, 25 % ETH, 10 % SOL, 20 % cash."""
    world = default_world()
    prices = {asset: config.price for asset, config in world.market.assets.items()} | {"USD": Decimal(1)}
    values: dict[str, Decimal] = {}
    for venue in world.venues:
        for asset, amount in venue.balances.items():
            bucket = "cash" if asset in ("USD", "USDT") else asset
            values[bucket] = values.get(bucket, Decimal(0)) + amount * prices[asset]
    total = sum(values.values())
    assert total == pytest.approx(100_000, rel=0.01)
    shares = {bucket: round(value / total, 2) for bucket, value in values.items()}
    assert shares == {name: Decimal(share) for name, share in _SHARES.items()}


_SHARES = {"BTC": "0.45", "ETH": "0.25", "SOL": "0.10", "cash": "0.20"}


async def test_speed_freeze_and_price(exchange: Exchange) -> None:
    """Speed, freeze and price shocks work over HTTP."""
    await exchange.control("speed", speed=600)
    exchange.steady.seconds += 1
    assert (await exchange.state())["market_time"] == "2026-01-01T00:10:00+00:00"
    await exchange.control("freeze")
    frozen = await exchange.state()
    exchange.steady.seconds += 10
    still = await exchange.state()
    assert still["prices"] == frozen["prices"] and still["frozen"]
    await exchange.control("thaw")
    exchange.steady.seconds += 10
    assert (await exchange.state())["prices"] != frozen["prices"]
    await exchange.control("price", asset="BTC", price="30000")
    assert abs(Decimal((await exchange.state())["prices"]["BTC"]) - 30_000) < Decimal("0.01")


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("price", {"asset": "BTC", "factor": "0"}, "factor must be above 0"),
        ("price", {"asset": "BTC"}, "give factor or price"),
        ("price", {"asset": "NOPE", "factor": "2"}, "unknown asset NOPE"),
        ("balance", {"venue": "nowhere", "asset": "BTC", "delta": "1"}, "unknown venue nowhere"),
        ("balance", {"venue": "kraken", "asset": "BTC", "delta": "-99"}, "less than 99 BTC"),
        ("speed", {"speed": -1}, "speed must be"),
        ("speed", {"sped": 1}, "sped"),
        ("fault", {"do": "explode"}, "do"),
        ("key", {"venue": "kraken", "key": "unknown"}, "give its secret"),
        ("venue", {"venue": "kraken", "status": "asleep"}, "status"),
    ],
)
async def test_mistakes_are_named(exchange: Exchange, name: str, body: dict[str, str], words: str) -> None:
    """A wrong body gets status 400 and says which key is wrong."""
    async with exchange.session.post(f"{exchange.base}/_sandbox/{name}", json=body) as response:
        answer = await response.json()
    assert response.status == 400 and words in answer["error"]


async def test_a_venue_can_be_bent(exchange: Exchange) -> None:
    """Premium, spread and depth of a venue change what its book shows; the other venue stays."""
    before = exchange.level("binance", Side.BUY)
    await exchange.control("venue", venue="kraken", premium_bps="-2700", spread_bps="100", level_depth="600")
    (bid, quantity), (ask, _) = (exchange.level("kraken", side) for side in Side)
    assert 43_000 < bid < ask < 45_000
    assert Decimal("0.009") < (ask - bid) / bid < Decimal("0.011")
    assert quantity < Decimal("0.02")
    assert exchange.level("binance", Side.BUY) == before


async def test_a_silent_change_leaves_no_record(exchange: Exchange) -> None:
    """A balance can change without any deposit to explain it."""
    await exchange.control("balance", venue="kraken", asset="BTC", delta="-0.1", silent=True)
    venue = (await exchange.state())["venues"]["kraken"]
    assert venue["balances"]["BTC"]["free"] == "0.2" and venue["transfers"] == []


def test_configuration_survives_json() -> None:
    """A world written as JSON and read again is the same world; a wrong key is named."""
    world = default_world(seed=3)
    document = json.loads(json.dumps(world_to_dict(world)))
    assert world_from_dict(document) == world
    document["venues"][0]["fees"]["makr"] = "1"
    with pytest.raises(ValueError, match="makr"):
        world_from_dict(document)


async def test_unlisted_coins_appear_when_they_are_listed(tmp_path: Path) -> None:
    """In a replay a market is unknown to the venue until the file has a price for it."""
    file = tmp_path / "closes.csv"
    file.write_text("timestamp,BTC,ETH,SOL\n2025-01-01,50000,2000,\n2026-01-01T01:00:00,50500,2100,99\n")
    async with running(default_world(csv=str(file))) as exchange:
        client = await exchange.client("binance")
        assert "SOL/USDT" not in client.symbols and "BTC/USDT" in client.symbols
        exchange.steady.seconds += 3600
        await client.load_markets(True)
        last = Decimal((await client.fetch_ticker("SOL/USDT"))["last"])
        assert last == pytest.approx(Decimal(99), rel=Decimal("0.001"))


@both
async def test_candles_join_and_end_now(exchange: Exchange, venue: str) -> None:
    """Candles are aligned on real time, open where the one before closed, and end at the present price."""
    client = await exchange.client(venue)
    candles = await client.fetch_ohlcv(SYMBOL[venue], "1h", limit=48)
    opens = [candle[0] for candle in candles]
    assert len(candles) in (48, 720) and all(opened % 3_600_000 == 0 for opened in opens)
    assert 0 <= exchange.wall() * 1000 - opens[-1] < 3_600_000
    for before, after in pairwise(candles):
        assert after[0] - before[0] == 3_600_000
        assert after[1] == before[4]
    for _, opened, high, low, close, volume in candles:
        assert Decimal(low) <= min(Decimal(opened), Decimal(close))
        assert Decimal(high) >= max(Decimal(opened), Decimal(close))
        assert Decimal(volume) > 0
    mid = exchange.world.venues[venue].mid(SYMBOL[venue], exchange.world.market.now())
    assert mid is not None and abs(Decimal(candles[-1][4]) - mid) < 1


@both
async def test_candles_since(exchange: Exchange, venue: str) -> None:
    """`since` selects: the first candle opens at or just after it."""
    client = await exchange.client(venue)
    since = int(exchange.wall() // 3600 - 10) * 3_600_000
    candles = await client.fetch_ohlcv(SYMBOL[venue], "1h", since)
    assert candles[0][0] == since and len(candles) == 11


@both
async def test_tickers_of_all_markets(exchange: Exchange, venue: str) -> None:
    """fetch_tickers tells every market's bid, ask, last and range of the day."""
    client = await exchange.client(venue)
    tickers = await client.fetch_tickers()
    assert set(tickers) == set(exchange.world.venues[venue].instruments)
    for entry in tickers.values():
        assert Decimal(entry["bid"]) < Decimal(entry["ask"])
        assert Decimal(entry["low"]) <= Decimal(entry["last"]) <= Decimal(entry["high"])


async def test_a_venue_with_800_markets_is_cheap() -> None:
    """Markets load and one book is told without laying out the other 799."""
    coins = [f"C{number:03}" for number in range(800)]
    world = default_world()
    tick, step = Decimal("0.0001"), Decimal("0.01")
    markets = tuple(InstrumentConfig(coin, "USDT", tick, step, step, Decimal(5)) for coin in coins)
    assets = {coin: AssetConfig(Decimal(10)) for coin in coins} | {"USDT": world.market.assets["USDT"]}
    venue = replace(world.venues[0], markets=markets)
    async with running(replace(world, market=MarketConfig(7, assets), venues=(venue,))) as exchange:
        started = time.perf_counter()
        client = await exchange.client("binance")
        await client.fetch_order_book("C123/USDT")
        assert time.perf_counter() - started < 3
        assert len(client.symbols) == 800
        assert len(await client.fetch_tickers(["C001/USDT", "C002/USDT"])) == 2
