"""Fees are taken from what the venue says they are taken from, and reported as such."""

from decimal import Decimal

import pytest

from bot.sandbox.exchange.config import FeeConfig
from bot.sandbox.exchange.orders import Side
from tests.sandbox.exchange_fixtures import Exchange, exchange, free, running, with_venue

__all__ = ["exchange"]


async def test_fee_comes_out_of_what_is_received(exchange: Exchange) -> None:
    """Binance by default: a purchase pays in the coin bought, a sale in the quote currency."""
    client = await exchange.client("binance")
    before = await free(client, "BTC")
    cap = exchange.level("binance", Side.SELL, 3)[0]
    bought = await client.create_order("BTC/USDT", "limit", "buy", "0.01", str(cap), {"timeInForce": "IOC"})
    assert bought["fees"] == [{"currency": "BTC", "cost": "0.00001000"}]
    assert await free(client, "BTC") == before + Decimal("0.01") - Decimal("0.00001")
    before = await free(client, "USDT")
    sold = await client.create_order("BTC/USDT", "market", "sell", "0.01")
    assert [fee["currency"] for fee in sold["fees"]] == ["USDT"]
    assert await free(client, "USDT") == before + Decimal(sold["cost"]) - Decimal(sold["fees"][0]["cost"])


async def test_fee_in_quote_is_added_to_the_cost(exchange: Exchange) -> None:
    """Kraken by default: a purchase delivers all of the coin, and costs the fee on top."""
    client = await exchange.client("kraken")
    coins, dollars = await free(client, "BTC"), await free(client, "USD")
    await client.create_order("BTC/USD", "market", "buy", "0.01")
    trade = (await client.fetch_my_trades("BTC/USD"))[-1]
    fee = Decimal(trade["fee"]["cost"])
    assert trade["fee"]["currency"] == "USD"
    assert fee == (Decimal(trade["cost"]) * Decimal("0.0026")).quantize(Decimal("1e-8"))
    assert await free(client, "BTC") == coins + Decimal("0.01")
    assert await free(client, "USD") == dollars - Decimal(trade["cost"]) - fee


async def test_kraken_fee_in_base_on_request(exchange: Exchange) -> None:
    """oflags=fcib takes the fee of a purchase from the coin, and the order says so."""
    client = await exchange.client("kraken")
    coins = await free(client, "BTC")
    order = await client.create_order("BTC/USD", "market", "buy", "0.01", None, {"oflags": "fcib"})
    report = await client.fetch_order(order["id"])
    assert report["fees"][0]["currency"] == "BTC"
    assert await free(client, "BTC") == coins + Decimal("0.01") - Decimal(report["fees"][0]["cost"])


async def test_fee_in_a_coin_at_a_discount() -> None:
    """With BNB burn on, the fee is three quarters and comes from free BNB; nothing is taken elsewhere."""
    fees = FeeConfig(mode="coin")
    balances = {"BTC": Decimal("0.45"), "USDT": Decimal(10_000), "BNB": Decimal(1)}
    async with running(with_venue("binance", fees=fees, balances=balances)) as exchange:
        client = await exchange.client("binance")
        order = await client.create_order("BTC/USDT", "market", "sell", "0.01")
        (fee,) = order["fees"]
        market, now = exchange.world.market, exchange.world.market.now()
        usdt, bnb = market.price("USDT", now), market.price("BNB", now)
        assert usdt is not None and bnb is not None
        expected = Decimal(order["cost"]) * Decimal("0.00075") * usdt / bnb
        assert fee["currency"] == "BNB"
        assert Decimal(fee["cost"]) == pytest.approx(expected, abs=Decimal("1e-8"))
        assert await free(client, "BNB") == 1 - Decimal(fee["cost"])
        assert await free(client, "USDT") == 10_000 + Decimal(order["cost"])


async def test_fee_coin_that_ran_out_falls_back() -> None:
    """Without enough BNB the fee comes out of what is received, at the full rate."""
    balances = {"BTC": Decimal("0.45"), "BNB": Decimal("0.00000001")}
    async with running(with_venue("binance", fees=FeeConfig(mode="coin"), balances=balances)) as exchange:
        client = await exchange.client("binance")
        order = await client.create_order("BTC/USDT", "market", "sell", "0.01")
        (fee,) = order["fees"]
        assert fee["currency"] == "USDT"
        assert Decimal(fee["cost"]) == (Decimal(order["cost"]) / 1000).quantize(Decimal("1e-8"))


async def test_maker_pays_the_maker_rate(exchange: Exchange) -> None:
    """A resting order that is hit pays the maker's rate on both tellings: the trade and the order."""
    client = await exchange.client("kraken")
    order = await client.create_order("BTC/USD", "limit", "buy", "0.01", "59000", {"postOnly": True})
    await exchange.control("trade", venue="kraken", symbol="BTC/USD", side="sell", price="59000", quantity="1")
    (trade,) = await client.fetch_my_trades("BTC/USD")
    assert Decimal(trade["fee"]["cost"]) == Decimal("590") * Decimal("0.0016")
    report = await client.fetch_order(order["id"])
    assert Decimal(report["fees"][0]["cost"]) == Decimal(trade["fee"]["cost"])


async def test_rates_are_told(exchange: Exchange) -> None:
    """fetch_trading_fee tells the rates that are charged."""
    rates = {"binance": ("0.001", "0.001"), "kraken": ("0.0016", "0.0026")}
    for venue, (maker, taker) in rates.items():
        client = await exchange.client(venue)
        told = await client.fetch_trading_fee("BTC/USDT")
        assert (told["maker"], told["taker"]) == (maker, taker)
