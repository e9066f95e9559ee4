"""Bybit's own rules in the sandbox: its codes, its clock, its two wallets, and how long it remembers."""

from __future__ import annotations

import ccxt.async_support as ccxt
import pytest

from bot.sandbox.exchange.bybit_wire import BybitError, page, window
from tests.sandbox.exchange_fixtures import KEYS, Exchange, exchange

__all__ = ["exchange"]
GOOD = {
    "category": "spot",
    "symbol": "BTCUSDT",
    "side": "Buy",
    "orderType": "Limit",
    "timeInForce": "GTC",
    "qty": "0.001",
    "price": "50000.00",
}
SPOT = {"category": "spot"}


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"symbol": "NOPE"}, 170121, "Invalid symbol"),
        ({"category": "linear"}, 170121, "Invalid symbol"),
        ({"side": "Hold"}, 170117, "Invalid side"),
        ({"orderType": "Iceberg"}, 170116, "Invalid orderType"),
        ({"timeInForce": "GTD"}, 170115, "Invalid timeInForce"),
        ({"price": "50000.001"}, 170134, "price has too many decimals"),
        ({"qty": "0.0010001"}, 170137, "quantity has too many decimals"),
        ({"qty": "0.00001"}, 170136, "lower limit"),
        ({"qty": "9000000"}, 170135, "upper limit"),
        ({"qty": "0.00005"}, 170140, "value exceeded lower limit"),
        ({"qty": "-1"}, 170130, "'qty' is not valid"),
        ({"qty": "9"}, 170131, "Insufficient balance"),
        ({"orderLinkId": "not/an id"}, 10001, "OrderLinkId is invalid"),
    ],
)
async def test_each_broken_rule_has_its_code(exchange: Exchange, change: dict[str, str], code: int, text: str) -> None:
    """With HTTP status 200, and no order left behind."""
    client = await exchange.client("bybit")
    client.handle_errors = lambda *_: None
    answer = await client.privatePostV5OrderCreate(GOOD | change)
    assert answer["retCode"] == code and text in answer["retMsg"]
    assert exchange.orders("bybit") == []


async def test_late_and_early_timestamps_are_refused(exchange: Exchange) -> None:
    """Older than the window, or a second ahead: 10002, and nothing is placed."""
    client = await exchange.client("bybit")
    for offset in (60.0, -2.0):
        exchange.wall.offset = offset
        with pytest.raises(ccxt.InvalidNonce, match="10002"):
            await client.privatePostV5OrderCreate(GOOD)
    exchange.wall.offset = 4.0
    await client.privatePostV5OrderCreate(GOOD)
    assert len(exchange.orders("bybit")) == 1


async def test_a_body_is_part_of_the_signature(exchange: Exchange) -> None:
    """A price that was changed on the way is refused; so is a body that is no object."""
    client = exchange.bare_client("bybit")
    signed = client.sign("v5/order/create", ["private"], "POST", GOOD)
    for body, code in ((signed["body"].replace("50000", "59000"), 10004), (signed["body"], 0)):
        async with exchange.session.post(signed["url"], data=body, headers=signed["headers"]) as response:
            assert (response.status, (await response.json())["retCode"]) == (200, code)
    client.json = lambda _: "[]"
    signed = client.sign("v5/order/create", ["private"], "POST", {})
    async with exchange.session.post(signed["url"], data="[]", headers=signed["headers"]) as response:
        assert (await response.json())["retCode"] == 10001


async def test_a_post_only_order_that_would_take_is_rejected_afterwards(exchange: Exchange) -> None:
    """It is accepted at first; then it ends without a trade, and nothing stays locked."""
    client = await exchange.client("bybit")
    placed = await client.privatePostV5OrderCreate(GOOD | {"timeInForce": "PostOnly", "price": "69000.00"})
    closed = await client.privateGetV5OrderRealtime(SPOT | {"orderId": placed["result"]["orderId"], "openOnly": 1})
    (row,) = closed["result"]["list"]
    assert (row["orderStatus"], row["rejectReason"]) == ("Rejected", "EC_PostOnlyWillTakeLiquidity")
    assert not exchange.world.venues["bybit"].account.balances["USDT"].locked


async def test_the_history_forgets_what_was_never_traded(exchange: Exchange) -> None:
    """After a day; what was traded stays, for those who ask for its week."""
    client = await exchange.client("bybit")
    for price in ("9000.00", "69000.00"):
        await client.privatePostV5OrderCreate(GOOD | {"timeInForce": "IOC", "price": price})
    told = await client.privateGetV5OrderHistory(SPOT)
    assert [row["orderStatus"] for row in told["result"]["list"]] == ["Filled", "Cancelled"]
    exchange.wall.offset = 2 * 86_400
    client.nonce = lambda: int(exchange.wall() * 1000)
    told = await client.privateGetV5OrderHistory(SPOT)
    assert [row["orderStatus"] for row in told["result"]["list"]] == ["Filled"]


async def test_the_funding_wallet_needs_a_right_of_its_own(exchange: Exchange) -> None:
    """It is told apart from the account that trades, to keys that may transfer."""
    await exchange.control("balance", venue="bybit", asset="FUND:BTC", delta="1", silent=True)
    client = await exchange.client("bybit")
    funding = await client.privateGetV5AssetTransferQueryAccountCoinsBalance({"accountType": "FUND"})
    assert [(row["coin"], row["walletBalance"]) for row in funding["result"]["balance"]] == [("BTC", "1.00000000")]
    unified = await client.privateGetV5AccountWalletBalance({"accountType": "UNIFIED"})
    assert "FUND:BTC" not in str(unified)
    await exchange.control("key", venue="bybit", key=KEYS["bybit"].key, extra={})
    with pytest.raises(ccxt.PermissionDenied):
        await client.privateGetV5AssetTransferQueryAccountCoinsBalance({"accountType": "FUND"})


async def test_rights_of_a_key_are_told_in_groups(exchange: Exchange) -> None:
    """What it may do, from where, and whether it only reads."""
    client = exchange.bare_client("bybit")
    told = (await client.privateGetV5UserQueryApi())["result"]
    assert (told["readOnly"], told["ips"], told["permissions"]["Spot"]) == (0, ["127.0.0.1"], ["SpotTrade"])
    await exchange.control(
        "key", venue="bybit", key=KEYS["bybit"].key, permissions=["read", "withdraw"], ip_restricted=False
    )
    told = (await client.privateGetV5UserQueryApi())["result"]
    assert (told["readOnly"], told["ips"]) == (1, ["*"])
    assert told["permissions"]["Wallet"] == ["Withdraw", "AccountTransfer"]


def test_lists_are_told_in_pages_and_windows() -> None:
    """A cursor leads on until nothing is left; more than the longest window is refused."""
    rows: list[dict[str, object]] = [{"n": number} for number in range(5)]
    first = page({"limit": "3"}, "rows", rows, default=50, most=50)
    rest = page({"limit": "3", "cursor": str(first["nextPageCursor"])}, "rows", rows, default=50, most=50)
    assert (first["rows"], rest) == (rows[:3], {"rows": rows[3:], "nextPageCursor": ""})
    assert window({"startTime": "0"}, 1e9, 7) == (0, 7 * 86_400_000)
    for params in ({"startTime": "0", "endTime": "700000000"}, {"startTime": "soon"}):
        with pytest.raises(BybitError):
            window(params, 1e9, 7)
    with pytest.raises(BybitError):
        page({"limit": "51"}, "rows", rows, default=50, most=50)
