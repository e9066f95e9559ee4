"""KuCoin's own rules in the sandbox: its codes, its passphrase, its clock, its accounts, and how long it remembers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ccxt.async_support as ccxt
import pytest

from tests.sandbox.exchange_fixtures import KEYS, Exchange, exchange

__all__ = ["exchange"]
ID = "0123456789abcdef0123456789abcdef"
SYMBOL = {"symbol": "BTC-USDT"}
GOOD = SYMBOL | {"clientOid": ID, "side": "buy", "type": "limit", "size": "0.001", "price": "50000.0"}


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"symbol": "NOPE"}, "900001", "symbol not exists"),
        ({"side": "hold"}, "400100", "side is invalid"),
        ({"type": "iceberg"}, "400100", "type or side is invalid"),
        ({"timeInForce": "GTT"}, "400100", "timeInForce is invalid"),
        ({"price": "50000.01"}, "400100", "Price increment invalid"),
        ({"size": "0.001000001"}, "600100", "Order size increment invalid"),
        ({"size": "0.00001"}, "400100", "below the minimum"),
        ({"size": "9000000"}, "400100", "above the maximum"),
        ({"price": "10.0"}, "600101", "order funds should more then"),
        ({"size": "-1"}, "400100", "size is invalid"),
        ({"size": "9"}, "200004", "Balance insufficient"),
        ({"clientOid": "not/an id"}, "400100", "clientOid is invalid"),
        ({"allowMaxTimeWindow": 1, "clientTimestamp": 1}, "400100", "allowMaxTimeWindow"),
    ],
)
async def test_each_broken_rule_has_its_code(exchange: Exchange, change: dict[str, Any], code: str, text: str) -> None:
    """With HTTP status 200, and no order left behind."""
    client = await exchange.client("kucoin")
    client.handle_errors = lambda *_: None
    answer = await client.privatePostHfOrders(GOOD | change)
    assert answer["code"] == code and text in answer["msg"]
    assert exchange.orders("kucoin") == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"passphrase": "wrong"}, "Invalid KC-API-PASSPHRASE"),
        ({"secret": "wrong"}, "Invalid KC-API-PASSPHRASE"),
        ({"key": "wrong"}, "KC-API-KEY not exists"),
    ],
)
async def test_each_part_of_a_key_is_checked(exchange: Exchange, change: dict[str, str], text: str) -> None:
    """The passphrase is signed with the secret, so that a wrong secret shows there first."""
    client = exchange.bare_client("kucoin", replace(KEYS["kucoin"], **change))
    with pytest.raises(ccxt.AuthenticationError, match=text):
        await client.privateGetAccounts()


async def test_method_path_query_and_body_are_signed(exchange: Exchange) -> None:
    """What was changed on the way is refused."""
    client = exchange.bare_client("kucoin")
    signed = client.sign("accounts", ["private"], "GET", {"type": "main"})
    for url, code in ((signed["url"].replace("main", "trade_hf"), "400005"), (signed["url"], "200000")):
        async with exchange.session.get(url, headers=signed["headers"]) as response:
            assert (response.status, (await response.json())["code"]) == (200, code)
    signed = client.sign("hf/orders", ["private"], "POST", GOOD)
    body = signed["body"].replace("50000", "59000")
    async with exchange.session.post(signed["url"], data=body, headers=signed["headers"]) as response:
        assert (await response.json())["code"] == "400005"
    async with exchange.session.post(signed["url"], data=signed["body"]) as response:
        assert (await response.json())["code"] == "400001"


async def test_a_clock_that_is_off_is_refused_either_way(exchange: Exchange) -> None:
    """More than five seconds early or late: 400002, and nothing is placed."""
    client = await exchange.client("kucoin")
    for offset in (6.0, -6.0):
        exchange.wall.offset = offset
        with pytest.raises(ccxt.InvalidNonce, match="400002"):
            await client.privatePostHfOrders(GOOD)
    exchange.wall.offset = 4.0
    await client.privatePostHfOrders(GOOD)
    assert len(exchange.orders("kucoin")) == 1


async def test_a_post_only_order_that_would_take_is_cancelled_afterwards(exchange: Exchange) -> None:
    """It is accepted at first; then it ends without a trade, and nothing stays locked."""
    client = await exchange.client("kucoin")
    await client.privatePostHfOrders(GOOD | {"postOnly": True, "price": "69000.0"})
    row = (await client.privateGetHfOrdersClientOrderClientOid(SYMBOL | {"clientOid": ID}))["data"]
    assert (row["active"], row["cancelExist"], row["dealSize"]) == (False, True, "0.00000000")
    assert not exchange.world.venues["kucoin"].account.balances["USDT"].locked


async def test_what_ended_is_forgotten(exchange: Exchange) -> None:
    """What was cancelled after two days, what was filled after a week."""
    client = await exchange.client("kucoin")
    for price in ("1000.0", "69000.0"):
        await client.privatePostHfOrders(GOOD | {"timeInForce": "IOC", "price": price})
    client.nonce = lambda: int(exchange.wall() * 1000)
    told = []
    for days in (0, 3, 8):
        exchange.wall.offset = days * 86_400
        told.append([row["dealSize"] for row in (await client.privateGetHfOrdersDone(SYMBOL))["data"]["items"]])
    assert told == [["0.00100000", "0.00000000"], ["0.00100000"], []]
    with pytest.raises(ccxt.OrderNotFound):
        await client.privateGetHfOrdersClientOrderClientOid(SYMBOL | {"clientOid": ID})


async def test_lists_are_told_page_by_page(exchange: Exchange) -> None:
    """Newest first; the last id of a page leads on to what is older."""
    client = await exchange.client("kucoin")
    for number in range(3):
        await client.privatePostHfOrders(GOOD | {"clientOid": str(number), "timeInForce": "IOC", "price": "1000.0"})
    first = (await client.privateGetHfOrdersDone(SYMBOL | {"limit": 2}))["data"]
    rest = (await client.privateGetHfOrdersDone(SYMBOL | {"limit": 2, "lastId": first["lastId"]}))["data"]
    assert [[row["clientOid"] for row in page["items"]] for page in (first, rest)] == [["2", "1"], ["0"]]
    with pytest.raises(ccxt.BadRequest, match="limit should be"):
        await client.privateGetHfOrdersDone(SYMBOL | {"limit": 101})


async def test_accounts_are_told_apart(exchange: Exchange) -> None:
    """What lies in the main account has its own type, and cannot be spent on an order."""
    await exchange.control("balance", venue="kucoin", asset="main:BTC", delta="1", silent=True)
    client = await exchange.client("kucoin")
    rows = (await client.privateGetAccounts({"type": "main"}))["data"]
    assert [(row["currency"], row["available"]) for row in rows] == [("BTC", "1.00000000")]
    assert {row["type"] for row in (await client.privateGetAccounts())["data"]} == {"main", "trade_hf"}
    with pytest.raises(ccxt.InsufficientFunds):
        await client.privatePostHfOrders(GOOD | {"side": "sell", "size": "1"})


async def test_rights_of_a_key_are_told_in_words(exchange: Exchange) -> None:
    """Separated by commas, in the venue's own spelling."""
    client = exchange.bare_client("kucoin")
    told = (await client.privateGetUserApiKey())["data"]
    assert (told["permission"], told["ipWhitelist"]) == ("General,Spot", "127.0.0.1")
    every = ["read", "trade", "withdraw", "transfer"]
    await exchange.control("key", venue="kucoin", key=KEYS["kucoin"].key, permissions=every, ip_restricted=False)
    told = (await client.privateGetUserApiKey())["data"]
    assert told["permission"] == "General,Spot,Transfer,InnerTransfer" and "ipWhitelist" not in told


async def test_fees_are_told_of_ten_markets_at_most(exchange: Exchange) -> None:
    """Of markets that exist."""
    client = exchange.bare_client("kucoin")
    told = (await client.privateGetTradeFees({"symbols": "BTC-USDT,ETH-USDT"}))["data"]
    assert [row["symbol"] for row in told] == ["BTC-USDT", "ETH-USDT"]
    for symbols in ("NO-PE", ",".join(["BTC-USDT"] * 11)):
        with pytest.raises(ccxt.BadRequest):
            await client.privateGetTradeFees({"symbols": symbols})
