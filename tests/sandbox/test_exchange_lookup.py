"""Orders and trades are found again: by our own ids, by the venue's, and since an instant."""

from decimal import Decimal

import ccxt.async_support as ccxt
import pytest

from tests.sandbox.exchange_fixtures import MOST_VENUES, SYMBOL, Exchange, exchange, final

__all__ = ["exchange"]
most = pytest.mark.parametrize("venue", MOST_VENUES)
ID = "0123456789abcdef0123456789abcdef"
OTHER_ID = "f" * 32
ID_FIELD = {"binance": "clientOrderId", "kraken": "clientOrderId", "bybit": "orderLinkId", "kucoin": "clientOid"}
"""What ccxt wants our id to be called when an order is placed and cancelled by it."""
DUPLICATE = r"Duplicate order sent|cl_ord_id not unique|Duplicate clientOrderId|clientOidDuplicated"


@most
async def test_cancelling_by_client_id_and_twice(exchange: Exchange, venue: str) -> None:
    """An order is cancelled by our own id; cancelling what is closed says that it is unknown."""
    client = await exchange.client(venue)
    symbol, by_id = SYMBOL[venue], {ID_FIELD[venue]: ID}
    await client.create_order(symbol, "limit", "buy", "0.01", "50000", by_id)
    await client.create_order(symbol, "limit", "buy", "0.01", "50000", {ID_FIELD[venue]: OTHER_ID})
    await client.cancel_order(None, symbol, by_id)
    left = await client.fetch_open_orders(symbol)
    assert [order["clientOrderId"] for order in left] == [OTHER_ID]
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_order(None, symbol, by_id)


async def test_binance_finds_an_order_by_client_id(exchange: Exchange) -> None:
    """Binance: fetch_order with our id, whether the order is open or done, and -2013 when there is none."""
    client = await exchange.client("binance")
    by_id = {"clientOrderId": ID}
    with pytest.raises(ccxt.OrderNotFound):
        await client.fetch_order(None, "BTC/USDT", by_id)
    await client.create_order("BTC/USDT", "limit", "buy", "0.01", "50000", by_id)
    assert (await client.fetch_order(None, "BTC/USDT", by_id))["status"] == "open"
    await client.cancel_order(None, "BTC/USDT", by_id)
    found = await client.fetch_order(None, "BTC/USDT", by_id)
    assert (found["status"], found["clientOrderId"]) == ("canceled", ID)


async def test_kraken_finds_an_order_by_client_id_in_two_lists(exchange: Exchange) -> None:
    """Kraken: our id selects from the open and from the closed orders, never others'."""
    client = await exchange.client("kraken")
    by_id = {"clientOrderId": ID}
    await client.create_order("BTC/USD", "limit", "buy", "0.01", "50000", {"clientOrderId": OTHER_ID})
    await client.create_order("BTC/USD", "limit", "buy", "0.01", "50001", by_id)
    listed = await client.fetch_open_orders("BTC/USD", None, None, by_id)
    assert [order["clientOrderId"] for order in listed] == [ID]
    assert await client.fetch_closed_orders("BTC/USD", None, None, by_id) == []
    await client.cancel_order(None, "BTC/USD", by_id)
    closed = await client.fetch_closed_orders("BTC/USD", None, None, by_id)
    assert [(order["clientOrderId"], order["status"]) for order in closed] == [(ID, "canceled")]
    assert await client.fetch_open_orders("BTC/USD", None, None, by_id) == []


@most
async def test_client_id_is_unique_among_open_orders_only(exchange: Exchange, venue: str) -> None:
    """A second open order with the same id is refused; after the first is gone the id is free again."""
    client = await exchange.client(venue)
    order = (SYMBOL[venue], "limit", "buy", "0.01", "50000", {ID_FIELD[venue]: ID})
    await client.create_order(*order)
    with pytest.raises(ccxt.ExchangeError, match=DUPLICATE):
        await client.create_order(*order)
    await client.cancel_order(None, SYMBOL[venue], {ID_FIELD[venue]: ID})
    await client.create_order(*order)
    assert len(await client.fetch_open_orders(SYMBOL[venue])) == 1


@most
async def test_trades_since_an_instant(exchange: Exchange, venue: str) -> None:
    """The venue itself leaves out trades that are older than the instant asked for."""
    client = await exchange.client(venue)
    await client.create_order(SYMBOL[venue], "market", "sell", "0.01")
    exchange.wall.offset = 3.0
    between = exchange.wall() - 1.5
    client.nonce = lambda: int(exchange.wall() * 1000)
    await client.create_order(SYMBOL[venue], "market", "sell", "0.02")
    if venue == "binance":
        call = {"symbol": "BTCUSDT", "startTime": int(between * 1000)}
        amounts = [trade["qty"] for trade in await client.privateGetMyTrades(call)]
    elif venue == "bybit":
        call = {"category": "spot", "symbol": "BTCUSDT", "startTime": int(between * 1000)}
        amounts = [trade["execQty"] for trade in (await client.privateGetV5ExecutionList(call))["result"]["list"]]
    elif venue == "kucoin":
        call = {"symbol": "BTC-USDT", "startAt": int(between * 1000)}
        amounts = [trade["size"] for trade in (await client.privateGetHfFills(call))["data"]["items"]]
    else:
        history = (await client.privatePostTradesHistory({"start": str(round(between, 3))}))["result"]
        amounts = [trade["vol"] for trade in history["trades"].values()]
    assert [Decimal(amount) for amount in amounts] == [Decimal("0.02")]


async def test_binance_trades_of_one_order(exchange: Exchange) -> None:
    """Binance: myTrades with an orderId lists the fills of that order alone."""
    client = await exchange.client("binance")
    first = await client.create_order("BTC/USDT", "market", "sell", "0.01")
    await client.create_order("BTC/USDT", "market", "sell", "0.02")
    trades = await client.fetch_my_trades("BTC/USDT", None, None, {"orderId": first["id"]})
    assert {trade["order"] for trade in trades} == {first["id"]}


async def test_kraken_pages_are_newest_first(exchange: Exchange) -> None:
    """Kraken lists fifty at a time, newest first; `ofs` asks for what comes after."""
    client = await exchange.client("kraken")
    for _ in range(52):
        await client.create_order("BTC/USD", "market", "sell", "0.001")
    first = (await client.privatePostTradesHistory({}))["result"]
    rest = (await client.privatePostTradesHistory({"ofs": "50"}))["result"]
    ids = [row["trade_id"] for page in (first, rest) for row in page["trades"].values()]
    assert (len(first["trades"]), len(rest["trades"]), first["count"]) == (50, 2, 52)
    assert ids == sorted(ids, reverse=True)


@most
async def test_ids_of_others_are_unknown(exchange: Exchange, venue: str) -> None:
    """An id that the venue never gave is an error, however well formed."""
    client = await exchange.client(venue)
    unknown = {"kraken": "OAAAAA-BBBBB-CCCCCC"}.get(venue, "999")
    with pytest.raises((ccxt.OrderNotFound, ccxt.InvalidOrder)):
        await final(client, {"id": unknown}, SYMBOL[venue])
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_order(unknown, SYMBOL[venue])
