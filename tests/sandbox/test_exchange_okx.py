"""OKX's own rules, each in its codes: signatures, deadlines, rights, filters, what is told of an order."""

from __future__ import annotations

import time
from dataclasses import replace

import ccxt.async_support as ccxt
import pytest

from tests.sandbox.exchange_fixtures import Exchange, exchange
from tests.sandbox.more_venues import OKX_KEY

__all__ = ["exchange"]
GOOD = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "post_only", "sz": "0.001", "px": "50000"}
ID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret": "another"}, "50113"),
        ({"passphrase": "another"}, "50105"),
        ({"key": "another"}, "50111"),
    ],
)
async def test_a_request_is_signed_with_all_three(exchange: Exchange, change: dict[str, str], code: str) -> None:
    """Key, secret and passphrase; what is wrong has a code of its own."""
    client = exchange.bare_client("okx", replace(OKX_KEY, **change))
    with pytest.raises(ccxt.AuthenticationError, match=code):
        await client.privateGetAccountBalance()


async def test_a_timestamp_counts_for_half_a_minute(exchange: Exchange) -> None:
    """Before and after, nothing is done."""
    client = exchange.bare_client("okx")
    for offset in (-29, 29):
        client.milliseconds = lambda offset=offset: int((time.time() + offset) * 1000)
        await client.privateGetAccountBalance()
    for offset in (-31, 31):
        client.milliseconds = lambda offset=offset: int((time.time() + offset) * 1000)
        with pytest.raises(ccxt.InvalidNonce, match="50102"):
            await client.privatePostTradeOrder(GOOD)
    assert exchange.orders("okx") == []


async def test_a_request_is_discarded_after_its_deadline(exchange: Exchange) -> None:
    """The header is not signed, and kept to."""
    client = exchange.bare_client("okx")
    now = int(time.time() * 1000)
    client.headers = {"expTime": str(now - 1000)}
    with pytest.raises(ccxt.ExchangeError, match="50036"):
        await client.privatePostTradeOrder(GOOD)
    client.headers = {"expTime": str(now + 5000)}
    await client.privatePostTradeOrder(GOOD)
    assert len(exchange.orders("okx")) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"instId": "DOGE-USDT"}, "51001"),
        ({"tdMode": "cross"}, "51000.*tdMode"),
        ({"side": "hold"}, "51000.*side"),
        ({"ordType": "iceberg"}, "51000.*ordType"),
        ({"clOrdId": "not-a-word"}, "51000.*clOrdId"),
        ({"px": "50000.01"}, "51000.*px"),
        ({"px": "-1"}, "51000.*px"),
        ({"sz": "0.00001"}, "51020"),
        ({"sz": "0.001000000001"}, "51121"),
        ({"sz": "5"}, "51008"),
    ],
)
async def test_an_order_is_refused_by_code(exchange: Exchange, change: dict[str, str], code: str) -> None:
    """Each rule has its own, under HTTP 200, and nothing is placed."""
    with pytest.raises(ccxt.ExchangeError, match=code):
        await exchange.bare_client("okx").privatePostTradeOrder(GOOD | change)
    assert exchange.orders("okx") == []


async def test_an_id_is_unique_among_open_orders(exchange: Exchange) -> None:
    """When the first is over, a second may have it; a look-up then tells of the second."""
    client = exchange.bare_client("okx")
    first = await client.privatePostTradeOrder(GOOD | {"clOrdId": ID})
    with pytest.raises(ccxt.InvalidOrder, match="51016"):
        await client.privatePostTradeOrder(GOOD | {"clOrdId": ID})
    named = {"instId": "BTC-USDT", "clOrdId": ID}
    await client.privatePostTradeCancelOrder(named)
    with pytest.raises(ccxt.OrderNotFound, match="51400"):
        await client.privatePostTradeCancelOrder(named)
    second = await client.privatePostTradeOrder(GOOD | {"clOrdId": ID})
    told = (await client.privateGetTradeOrder(named))["data"][0]
    assert told["ordId"] == second["data"][0]["ordId"] != first["data"][0]["ordId"]
    with pytest.raises(ccxt.OrderNotFound, match="51603"):
        await client.privateGetTradeOrder(named | {"clOrdId": "unknown"})


async def test_a_post_only_order_that_would_take_is_accepted_and_cancelled(exchange: Exchange) -> None:
    """It has an id and no fill: the answer to it alone does not tell."""
    client = exchange.bare_client("okx")
    made = await client.privatePostTradeOrder(GOOD | {"px": "61000", "clOrdId": ID})
    assert made["data"][0]["sCode"] == "0"
    told = (await client.privateGetTradeOrder({"instId": "BTC-USDT", "clOrdId": ID}))["data"][0]
    assert (told["state"], told["px"], told["accFillSz"]) == ("canceled", "61000.00000000", "0.00000000")


async def test_a_key_uses_the_rights_it_has(exchange: Exchange) -> None:
    """One that may only read is refused when it trades, and says so of itself."""
    await exchange.control("key", venue="okx", key=OKX_KEY.key, permissions=["read"], ip_restricted=False)
    client = exchange.bare_client("okx")
    info = (await client.privateGetAccountConfig())["data"][0]
    assert (info["perm"], info["ip"]) == ("read_only", "")
    with pytest.raises(ccxt.ExchangeError, match="50120"):
        await client.privatePostTradeOrder(GOOD)


async def test_what_goes_on_and_what_is_announced_are_both_told(exchange: Exchange) -> None:
    """In this order, which unmodified ccxt reads as if all were well."""
    await exchange.control("venue", venue="okx", status="maintenance")
    client = exchange.bare_client("okx")
    assert [row["state"] for row in (await client.publicGetSystemStatus())["data"]] == ["ongoing", "scheduled"]
    instruments = (await client.publicGetPublicInstruments({"instType": "SPOT"}))["data"]
    assert {row["state"] for row in instruments} == {"suspend"}
    with pytest.raises(ccxt.InvalidOrder, match="51022"):
        await client.privatePostTradeOrder(GOOD)


async def test_what_does_not_exist_is_an_error_of_its_kind(exchange: Exchange) -> None:
    """A path, a body that is no JSON, a market in a question for its book."""
    address = f"{exchange.base}/okx/api/v5/public/nonsense"
    async with exchange.session.get(address) as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "404")
    with pytest.raises(ccxt.BadSymbol, match="51001"):
        await exchange.bare_client("okx").publicGetMarketBooks({"instId": "DOGE-USDT"})
