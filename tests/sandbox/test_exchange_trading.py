"""Unmodified ccxt clients trade on the sandbox exchanges, in every dialect."""

from decimal import Decimal

import ccxt.async_support as ccxt
import pytest

from bot.sandbox.exchange.orders import Side
from tests.sandbox.exchange_fixtures import (
    EVERY_VENUE,
    MOST_VENUES,
    QUOTE,
    SYMBOL,
    Exchange,
    exchange,
    final,
    free,
)

__all__ = ["exchange"]
most = pytest.mark.parametrize("venue", MOST_VENUES)
every = pytest.mark.parametrize("venue", EVERY_VENUE)
ID = "0123456789abcdef0123456789abcdef"
CANCELED_IN_PART = {"bybit": "closed"}
"""What ccxt calls an order that was cancelled after a part of it was filled, where it is not "canceled"."""


@most
async def test_markets_carry_steps_and_minimums(exchange: Exchange, venue: str) -> None:
    """load_markets finds every pair with the tick, the step and the minimums that are enforced."""
    client = await exchange.client(venue)
    market = client.market(SYMBOL[venue])
    instrument = exchange.world.venues[venue].instruments[SYMBOL[venue]]
    assert set(client.symbols) == set(exchange.world.venues[venue].instruments)
    assert Decimal(market["precision"]["price"]) == instrument.tick
    assert Decimal(market["precision"]["amount"]) == instrument.step
    assert Decimal(market["limits"]["amount"]["min"]) == instrument.min_quantity
    assert Decimal(market["limits"]["cost"]["min"]) == instrument.min_notional


@every
async def test_balances_arrive_under_common_names(exchange: Exchange, venue: str) -> None:
    """Whatever the venue calls them on the wire, balances are those of the configuration."""
    client = await exchange.client(venue)
    totals = (await client.fetch_balance())["total"]
    held = {asset: Decimal(total) for asset, total in totals.items() if Decimal(total)}
    assert held == exchange.world.venues[venue].config.balances


@every
async def test_book_surrounds_the_price(exchange: Exchange, venue: str) -> None:
    """Bids fall, asks rise, the spread holds the market's price, and the limit is kept."""
    client = await exchange.client(venue)
    book = await client.fetch_order_book(SYMBOL[venue], 20)
    bids, asks = ([Decimal(str(price)) for price, *_ in book[side]] for side in ("bids", "asks"))
    mid = exchange.world.venues[venue].mid(SYMBOL[venue], exchange.world.market.now())
    assert mid is not None and len(bids) == len(asks) == 20
    assert bids == sorted(bids, reverse=True) and asks == sorted(asks)
    assert bids[0] < mid < asks[0]
    assert (asks[0] - bids[0]) / mid * 10_000 < 4


@every
async def test_ioc_takes_what_its_cap_allows(exchange: Exchange, venue: str) -> None:
    """A limit IOC fills through several levels up to its price, and the rest never rests."""
    client = await exchange.client(venue)
    cap, symbol = exchange.level(venue, Side.BUY, 1)[0], SYMBOL[venue]
    offered = sum(exchange.level(venue, Side.BUY, number)[1] for number in (0, 1))
    order = await client.create_order(
        symbol, "limit", "sell", "0.3", str(cap), {"timeInForce": "IOC", "clientOrderId": ID}
    )
    filled = Decimal((await final(client, order, symbol))["filled"])
    assert filled == min(Decimal("0.3"), offered)
    await exchange.control("balance", venue=venue, asset="BTC", delta="5")
    second = await client.create_order(symbol, "limit", "sell", "5", str(cap), {"timeInForce": "IOC"})
    report = await final(client, second, symbol)
    assert Decimal(report["filled"]) == offered - filled
    assert report["status"] in ("expired", CANCELED_IN_PART.get(venue, "canceled"))
    assert await client.fetch_open_orders(symbol) == []


@every
async def test_taken_liquidity_comes_back_when_the_price_moves(exchange: Exchange, venue: str) -> None:
    """What an order took is missing from the book until the price changes."""
    client = await exchange.client(venue)
    await exchange.control("balance", venue=venue, asset="BTC", delta="1")
    price, quantity = exchange.level(venue, Side.BUY)
    await client.create_order(SYMBOL[venue], "limit", "sell", str(quantity), str(price), {"timeInForce": "IOC"})
    bids = exchange.world.venues[venue].depth(SYMBOL[venue], Side.BUY)
    assert bids[0][0] < price and len(bids) == 24
    exchange.steady.seconds += 60
    assert len(exchange.world.venues[venue].depth(SYMBOL[venue], Side.BUY)) == 25


@most
async def test_resting_order_locks_and_fills_as_maker(exchange: Exchange, venue: str) -> None:
    """A bid below the market waits, locks its cost, and fills at its own price when the market falls."""
    client = await exchange.client(venue)
    symbol, quote = SYMBOL[venue], QUOTE[venue]
    before = await free(client, quote)
    order = await client.create_order(symbol, "limit", "buy", "0.05", "59000")
    report = await final(client, order, symbol)
    assert report["status"] == "open" and Decimal(report["filled"]) == 0
    assert before - await free(client, quote) >= Decimal("2950")
    await exchange.control("price", asset="BTC", factor="0.95")
    report = await final(client, order, symbol)
    assert report["status"] == "closed"
    trades = await client.fetch_my_trades(symbol)
    assert {trade["takerOrMaker"] for trade in trades} == {"maker"}
    assert {Decimal(trade["price"]) for trade in trades} == {Decimal(59_000)}
    assert [Decimal(trade["amount"]) for trade in trades] == [Decimal("0.05")]
    locked = (await client.fetch_balance())["used"].get(quote, "0")
    assert Decimal(locked) == 0


@most
async def test_an_order_that_takes_and_then_rests(exchange: Exchange, venue: str) -> None:
    """What the book offers within the limit is taken at its better price; only the rest stays locked."""
    client = await exchange.client(venue)
    symbol, quote = SYMBOL[venue], QUOTE[venue]
    await exchange.control("balance", venue=venue, asset=quote, delta="100000")
    await exchange.control("venue", venue=venue, level_depth="3000")
    offered = [exchange.level(venue, Side.SELL, number) for number in (0, 1, 2)]
    limit, taken = offered[2][0], sum(quantity for _, quantity in offered)
    order = await client.create_order(symbol, "limit", "buy", str(taken + Decimal("0.5")), str(limit))
    report = await final(client, order, symbol)
    assert (report["status"], Decimal(report["filled"])) == ("open", taken)
    assert Decimal(report["average"]) < limit
    fees = exchange.world.venues[venue].config.fees
    surcharge = fees.taker if fees.mode == "quote" else Decimal(0)
    locked = Decimal((await client.fetch_balance())["used"][quote])
    assert locked == Decimal("0.5") * limit * (1 + surcharge)


@every
async def test_a_dip_between_two_calls_fills_a_resting_order(exchange: Exchange, venue: str) -> None:
    """Resting orders meet the path of the price, not only the instants of the calls."""
    client = await exchange.client(venue)
    price_at, start = exchange.world.venues[venue].mid, exchange.world.market.now()
    path = [price_at(SYMBOL[venue], start + 3600 * k / 32) or Decimal(0) for k in range(1, 33)]
    bid = (min(path) * Decimal("1.002")).quantize(Decimal("0.1"))
    assert bid * Decimal("1.001") < min(price_at(SYMBOL[venue], start) or 0, path[-1])
    order = await client.create_order(SYMBOL[venue], "limit", "buy", "0.01", str(bid))
    exchange.steady.seconds += 3600
    assert (await final(client, order, SYMBOL[venue]))["status"] == "closed"


@every
async def test_partial_fill_stays_open(exchange: Exchange, venue: str) -> None:
    """An outside seller hits part of our bid; the rest keeps waiting and can be cancelled."""
    client = await exchange.client(venue)
    symbol, instrument_name = SYMBOL[venue], SYMBOL[venue]
    order = await client.create_order(symbol, "limit", "buy", "0.05", "59000", {"clientOrderId": ID})
    hit = await exchange.control(
        "trade", venue=venue, symbol=instrument_name, side="sell", price="58000", quantity="0.02"
    )
    assert hit["traded"] == "0.02"
    report = await final(client, order, symbol)
    assert (report["status"], Decimal(report["filled"])) == ("open", Decimal("0.02"))
    await client.cancel_order(order["id"], symbol)
    report = await final(client, order, symbol)
    assert report["status"] == CANCELED_IN_PART.get(venue, "canceled")
    assert Decimal(report["filled"]) == Decimal("0.02")
    assert Decimal((await client.fetch_balance())["used"].get(QUOTE[venue], "0")) == 0


@every
async def test_resting_orders_fill_in_price_time_priority(exchange: Exchange, venue: str) -> None:
    """The better price fills first, and of two equal prices the older order."""
    client = await exchange.client(venue)
    symbol = SYMBOL[venue]
    prices = ("58900", "59000", "59000")
    low, old, young = [await client.create_order(symbol, "limit", "buy", "0.01", price) for price in prices]
    await exchange.control("trade", venue=venue, symbol=symbol, side="sell", price="58000", quantity="0.015")
    filled = [Decimal((await final(client, order, symbol))["filled"]) for order in (low, old, young)]
    assert filled == [Decimal(0), Decimal("0.01"), Decimal("0.005")]


@most
async def test_market_orders_by_quantity_and_by_cost(exchange: Exchange, venue: str) -> None:
    """A market order takes the best levels; one by cost spends no more than its cost."""
    client = await exchange.client(venue)
    symbol = SYMBOL[venue]
    sold = await final(client, await client.create_order(symbol, "market", "sell", "0.01"), symbol)
    assert (sold["status"], Decimal(sold["filled"])) == ("closed", Decimal("0.01"))
    before = await free(client, "BTC")
    await client.create_market_buy_order_with_cost(symbol, 600)
    newest = (await client.fetch_my_trades(symbol))[-1]
    assert 590 < Decimal(newest["cost"]) <= 600
    assert before < await free(client, "BTC") <= before + Decimal(newest["amount"])


@most
async def test_fill_or_kill_fills_wholly_or_not_at_all(exchange: Exchange, venue: str) -> None:
    """A FOK that the book cannot fill leaves no trade and no lock; one that it can fills."""
    client = await exchange.client(venue)
    price, quantity = exchange.level(venue, Side.BUY)
    await exchange.control("balance", venue=venue, asset="BTC", delta="5")
    symbol, fok = SYMBOL[venue], {"timeInForce": "FOK"}
    killed = await client.create_order(symbol, "limit", "sell", str(quantity * 2), str(price), fok)
    report = await final(client, killed, symbol)
    assert report["status"] in ("expired", "canceled") and Decimal(report["filled"]) == 0
    done = await client.create_order(symbol, "limit", "sell", str(quantity), str(price), fok)
    assert Decimal((await final(client, done, symbol))["filled"]) == quantity
    assert Decimal((await client.fetch_balance())["used"].get("BTC", "0")) == 0


async def test_post_only_that_would_take_is_refused(exchange: Exchange) -> None:
    """Each venue refuses in its own words, and nothing rests or locks afterwards."""
    words = {
        "binance": (ccxt.OrderImmediatelyFillable, "Order would immediately match and take"),
        "kraken": (ccxt.ExchangeError, "EOrder:Post only order"),
    }
    for venue, (error, text) in words.items():
        client = await exchange.client(venue)
        above = str(exchange.level(venue, Side.SELL, 2)[0])
        with pytest.raises(error, match=text):
            await client.create_order(
                SYMBOL[venue], "limit", "buy", "0.01", above, {"postOnly": True, "clientOrderId": ID}
            )
        below = str(exchange.level(venue, Side.BUY, 2)[0])
        await client.create_order(SYMBOL[venue], "limit", "buy", "0.01", below, {"postOnly": True})
        assert len(await client.fetch_open_orders(SYMBOL[venue])) == 1


@most
async def test_cancel_all_empties_the_book(exchange: Exchange, venue: str) -> None:
    """cancel_all_orders leaves nothing open and nothing locked."""
    client = await exchange.client(venue)
    for price in ("50000", "51000"):
        await client.create_order(SYMBOL[venue], "limit", "buy", "0.01", price)
    await client.cancel_all_orders(SYMBOL[venue])
    assert await client.fetch_open_orders(SYMBOL[venue]) == []
    assert Decimal((await client.fetch_balance())["used"].get(QUOTE[venue], "0")) == 0


@every
async def test_insufficient_funds_change_nothing(exchange: Exchange, venue: str) -> None:
    """More than is free is refused, and the balance stays as it was."""
    client = await exchange.client(venue)
    before = (await client.fetch_balance())["free"]
    with pytest.raises(ccxt.InsufficientFunds):
        await client.create_order(SYMBOL[venue], "limit", "buy", "1", "59000")
    with pytest.raises(ccxt.InsufficientFunds):
        await client.create_order(SYMBOL[venue], "limit", "sell", "9", "61000")
    assert (await client.fetch_balance())["free"] == before


@every
async def test_own_resting_order_shows_in_the_book(exchange: Exchange, venue: str) -> None:
    """The public book holds our own bid at its price."""
    client = await exchange.client(venue)
    inside = exchange.level(venue, Side.BUY)[0] + exchange.world.venues[venue].config.markets[0].tick
    await client.create_order(SYMBOL[venue], "limit", "buy", "0.01", str(inside))
    book = await client.fetch_order_book(SYMBOL[venue], 20)
    assert [Decimal(str(value)) for value in book["bids"][0][:2]] == [inside, Decimal("0.01")]


@most
async def test_deposits_and_withdrawals_are_listed(exchange: Exchange, venue: str) -> None:
    """Transfers by hand change the balance and appear in the history; a pending one says since when."""
    client = await exchange.client(venue)
    await exchange.control("balance", venue=venue, asset="ETH", delta="2")
    await exchange.control("balance", venue=venue, asset="SOL", delta="7", status="pending")
    await exchange.control("balance", venue=venue, asset="ETH", delta="-1", status="pending", age_seconds=39_600)
    held = exchange.world.venues[venue].config.balances["ETH"]
    assert await free(client, "ETH") == held + 1
    assert await free(client, "SOL") == exchange.world.venues[venue].config.balances["SOL"]
    deposits, withdrawals = await client.fetch_deposits("ETH"), await client.fetch_withdrawals("ETH")
    assert [(row["status"], Decimal(row["amount"])) for row in deposits] == [("ok", Decimal(2))]
    assert [(row["status"], Decimal(row["amount"])) for row in withdrawals] == [("pending", Decimal(1))]
    age = exchange.wall() - withdrawals[0]["timestamp"] / 1000
    assert 39_590 < age < 39_700
