"""Coinbase's own rules, each in its words: tokens, rights, filters, repeated ids, lists in pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from tests.sandbox.exchange_fixtures import Exchange, exchange
from tests.sandbox.more_venues import COINBASE_KEY, pem_key

__all__ = ["exchange"]
LIMITS = {"base_size": "0.001", "limit_price": "50000.00"}
GOOD: dict[str, Any] = {"client_order_id": "an-id", "product_id": "BTC-USD", "side": "BUY"}
RESTING = GOOD | {"order_configuration": {"limit_limit_gtc": LIMITS | {"post_only": True}}}


def signed_at(offset: int) -> Callable[[], int]:
    return lambda: int(time.time()) + offset


async def test_a_token_counts_for_its_two_minutes_alone(exchange: Exchange) -> None:
    """Neither before its time nor after it, and what it asks for is not done."""
    client = exchange.bare_client("coinbase")
    for offset in (-115, 4):
        client.seconds = signed_at(offset)
        await client.v3PrivateGetBrokerageAccounts()
    for offset in (-122, 10):
        client.seconds = signed_at(offset)
        with pytest.raises(ccxt.AuthenticationError, match="Unauthorized"):
            await client.v3PrivatePostBrokerageOrders(RESTING)
    assert exchange.orders("coinbase") == []


async def test_a_token_is_for_one_call_of_one_key(exchange: Exchange) -> None:
    """One that another key signed, or that names another path, is as good as none."""
    forged = exchange.bare_client("coinbase", replace(COINBASE_KEY, secret=pem_key(5)))
    with pytest.raises(ccxt.AuthenticationError):
        await forged.v3PrivateGetBrokerageAccounts()
    client = exchange.bare_client("coinbase")
    url = f"{exchange.base}/coinbase/api/v3/brokerage/accounts"
    token = client.create_auth_token(client.seconds(), "GET", url)
    for path, status in (("accounts", 200), ("key_permissions", 401)):
        address, headers = url.replace("accounts", path), {"Authorization": f"Bearer {token}"}
        async with exchange.session.get(address, headers=headers) as answer:
            assert answer.status == status
    for nonsense in ("", "Bearer", "Bearer a.b.c", "Bearer e30.e30.e30"):
        async with exchange.session.get(url, headers={"Authorization": nonsense}) as answer:
            assert (answer.status, await answer.text()) == (401, "Unauthorized\n")


@pytest.mark.parametrize(
    ("change", "limits", "words"),
    [
        ({"product_id": "DOGE-USD"}, {}, "INVALID_PRODUCT_ID"),
        ({"side": "HOLD"}, {}, "INVALID_SIDE"),
        ({}, {"limit_price": "50000.001"}, "INVALID_PRICE_PRECISION"),
        ({}, {"base_size": "0.000000001"}, "INVALID_SIZE_PRECISION"),
        ({}, {"base_size": "0.00001"}, "INVALID_BASE_SIZE_TOO_SMALL"),
        ({}, {"limit_price": "1"}, "INVALID_QUOTE_SIZE_TOO_SMALL"),
        ({}, {"base_size": "1e-3"}, "INVALID_ARGUMENT"),
        ({}, {"base_size": "5"}, "INSUFFICIENT_FUND"),
        ({}, {"limit_price": "70000"}, "INVALID_LIMIT_PRICE_POST_ONLY"),
        ({"client_order_id": ""}, {}, "INVALID_ARGUMENT"),
        ({"order_configuration": {"market_market_ioc": {}}}, {}, "UNSUPPORTED_ORDER_CONFIGURATION"),
        ({"order_configuration": {}}, {}, "INVALID_ARGUMENT"),
    ],
)
async def test_an_order_is_refused_in_words(
    exchange: Exchange, change: dict[str, Any], limits: dict[str, str], words: str
) -> None:
    """Each rule has its word, and nothing is placed."""
    configuration = {"limit_limit_gtc": LIMITS | limits | {"post_only": True}}
    client = exchange.bare_client("coinbase")
    with pytest.raises(ccxt.ExchangeError, match=words):
        await client.v3PrivatePostBrokerageOrders(GOOD | {"order_configuration": configuration} | change)
    assert exchange.orders("coinbase") == []


async def test_a_repeated_id_is_answered_with_the_first_order(exchange: Exchange) -> None:
    """Whatever the second one asked for, and although the first is over."""
    client = exchange.bare_client("coinbase")
    first = await client.v3PrivatePostBrokerageOrders(RESTING)
    first_id = first["success_response"]["order_id"]
    cancelled = await client.v3PrivatePostBrokerageOrdersBatchCancel({"order_ids": [first_id]})
    assert cancelled["results"][0]["success"]
    again = await client.v3PrivatePostBrokerageOrders(RESTING | {"side": "SELL"})
    assert again["success_response"] == first["success_response"]
    assert len(exchange.orders("coinbase")) == 1
    twice = await client.v3PrivatePostBrokerageOrdersBatchCancel({"order_ids": [first_id, "nonsense"]})
    assert [result["failure_reason"] for result in twice["results"]] == ["UNKNOWN_CANCEL_ORDER"] * 2


async def test_a_key_uses_the_rights_it_has(exchange: Exchange) -> None:
    """One that may only look is refused when it trades, and says so of itself."""
    await exchange.control("key", venue="coinbase", key=COINBASE_KEY.key, permissions=["read"])
    client = exchange.bare_client("coinbase")
    rights = await client.v3PrivateGetBrokerageKeyPermissions()
    assert (rights["can_view"], rights["can_trade"], rights["can_transfer"]) == (True, False, False)
    with pytest.raises(ccxt.PermissionDenied, match="Missing required scopes"):
        await client.v3PrivatePostBrokerageOrders(RESTING)


async def test_lists_come_in_pages(exchange: Exchange) -> None:
    """A cursor leads on; open orders are not asked for with others."""
    client = exchange.bare_client("coinbase")
    for number in range(3):
        await client.v3PrivatePostBrokerageOrders(RESTING | {"client_order_id": f"id-{number}"})
    page = await client.v3PrivateGetBrokerageOrdersHistoricalBatch({"limit": 2})
    rest = await client.v3PrivateGetBrokerageOrdersHistoricalBatch({"limit": 2, "cursor": page["cursor"]})
    assert [order["client_order_id"] for order in page["orders"] + rest["orders"]] == ["id-2", "id-1", "id-0"]
    assert (page["has_next"], rest["has_next"]) == (True, False)
    with pytest.raises(ccxt.BadRequest):
        await client.v3PrivateGetBrokerageOrdersHistoricalBatch({"order_status": ["OPEN", "FILLED"]})


async def test_a_fee_in_quote_is_told_with_its_fill(exchange: Exchange) -> None:
    """An immediate order takes what its limit allows; the commission is the taker's."""
    client = exchange.bare_client("coinbase")
    configuration = {"sor_limit_ioc": {"base_size": "0.01", "limit_price": "60500.00"}}
    made = await client.v3PrivatePostBrokerageOrders(GOOD | {"order_configuration": configuration})
    order_id = made["success_response"]["order_id"]
    told = await client.v3PrivateGetBrokerageOrdersHistoricalOrderId({"order_id": order_id})
    assert (told["order"]["status"], Decimal(told["order"]["filled_size"])) == ("FILLED", Decimal("0.01"))
    fills = (await client.v3PrivateGetBrokerageOrdersHistoricalFills({"order_ids": [order_id]}))["fills"]
    for fill in fills:
        exact = Decimal(fill["size"]) * Decimal(fill["price"]) * Decimal("0.006")
        assert abs(Decimal(fill["commission"]) - exact) <= Decimal("1e-8")
