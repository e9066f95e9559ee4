"""The venues' own rules: signatures, clocks, rights, filters, states of service, each in the venue's words."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import ccxt.async_support as ccxt
import pytest

from bot.sandbox.exchange.defaults import BINANCE_WITHDRAWAL_KEY, KRAKEN_WITHDRAWAL_KEY
from tests.sandbox.exchange_fixtures import EVERY_VENUE, KEYS, MOST_VENUES, SYMBOL, VENUES, Exchange, exchange

__all__ = ["exchange"]
most = pytest.mark.parametrize("venue", MOST_VENUES)
every = pytest.mark.parametrize("venue", EVERY_VENUE)
ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
GOOD = ORDER | {"quantity": "0.001", "price": "50000.00"}
NO_TRADING = (ccxt.ExchangeNotAvailable, ccxt.ExchangeError)
KRAKEN_GOOD = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "volume": "0.001", "price": "50000.0"}


@most
async def test_wrong_secret_is_refused(exchange: Exchange, venue: str) -> None:
    """A signature made with another secret says what is wrong, and nothing else."""
    wrong = replace(KEYS[venue], secret=base64.b64encode(b"another secret").decode())
    client = exchange.bare_client(venue, wrong)
    words = {
        "binance": "-1022.*Signature for this request",
        "kraken": "EAPI:Invalid signature",
        "bybit": "10004.*Error sign",
        "kucoin": "400004.*Invalid KC-API-PASSPHRASE",
    }
    with pytest.raises(ccxt.ExchangeError, match=words[venue]):
        await client.fetch_balance()


@every
async def test_unknown_and_revoked_keys_are_refused(exchange: Exchange, venue: str) -> None:
    """A key that the venue does not know, or no longer honours, is an authentication error."""
    stranger = exchange.bare_client(venue, replace(KEYS[venue], key="no-such-key"))
    with pytest.raises(ccxt.AuthenticationError):
        await stranger.fetch_balance()
    await exchange.control("key", venue=venue, key=KEYS[venue].key, enabled=False)
    with pytest.raises(ccxt.AuthenticationError):
        await exchange.bare_client(venue).fetch_balance()


async def test_late_and_early_timestamps_are_refused(exchange: Exchange) -> None:
    """Binance: a call older than recvWindow, or a second ahead, is -1021, and nothing is placed."""
    client = await exchange.client("binance")
    for offset in (60.0, -2.0):
        exchange.wall.offset = offset
        with pytest.raises(ccxt.InvalidNonce, match="-1021"):
            await client.privatePostOrder(GOOD)
    exchange.wall.offset = 4.0
    with pytest.raises(ccxt.InvalidNonce):
        await client.privatePostOrder(GOOD | {"recvWindow": 3000})
    await client.privatePostOrder(GOOD | {"recvWindow": 5000})
    assert len(exchange.world.venues["binance"].engine.orders.open()) == 1


async def test_nonce_must_rise(exchange: Exchange) -> None:
    """Kraken: a nonce that does not rise for its key is refused, for two clients on one key as well."""
    client = await exchange.client("kraken")
    client.incrementing_nonce = lambda: 5_000_000_000_000
    await client.fetch_balance()
    with pytest.raises(ccxt.InvalidNonce):
        await client.fetch_balance()
    with pytest.raises(ccxt.InvalidNonce):
        await (await exchange.client("kraken")).fetch_balance()


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"quantity": "0.0000005"}, -1013, "Filter failure: LOT_SIZE"),
        ({"quantity": "0.000000005"}, -1111, "too much precision"),
        ({"price": "50000.001"}, -1013, "Filter failure: PRICE_FILTER"),
        ({"quantity": "0.00005"}, -1013, "Filter failure: NOTIONAL"),
        ({"quantity": "-1"}, -1100, "Illegal characters found in parameter 'quantity'"),
        ({"price": ""}, -1102, "Mandatory parameter 'price'"),
        ({"symbol": "NOPE"}, -1121, "Invalid symbol"),
        ({"side": "HOLD"}, -1117, "Invalid side"),
        ({"type": "STOP"}, -1116, "Invalid orderType"),
        ({"timeInForce": "GTX"}, -1115, "Invalid timeInForce"),
        ({"newClientOrderId": "not/an id!"}, -1100, "newClientOrderId"),
    ],
)
async def test_binance_refuses_by_code(exchange: Exchange, change: dict[str, str], code: int, text: str) -> None:
    """Each broken rule has its code and message, and leaves no order behind."""
    client = await exchange.client("binance")
    client.handle_errors = lambda *_: None
    client.handle_http_status_code = lambda *_: None
    answer = await client.privatePostOrder(GOOD | change)
    assert int(answer["code"]) == code and text in answer["msg"]
    assert exchange.orders("binance") == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"pair": "NOPE"}, "EQuery:Unknown asset pair"),
        ({"type": "hold"}, "EGeneral:Invalid arguments:type"),
        ({"ordertype": "iceberg"}, "EGeneral:Invalid arguments:ordertype"),
        ({"volume": "0.00001"}, "EGeneral:Invalid arguments:volume minimum not met"),
        ({"volume": "0.001000001"}, "EGeneral:Invalid arguments:volume"),
        ({"price": "50000.01"}, "EOrder:Invalid price:XXBTZUSD price can only be specified up to 1 decimals."),
        ({"volume": "0.00005", "price": "9000.0"}, "EOrder:Cost minimum not met"),
        ({"volume": "9"}, "EOrder:Insufficient funds"),
        ({"cl_ord_id": "Far Too Long For Free Text"}, "EGeneral:Invalid arguments:cl_ord_id"),
        ({"deadline": "2020-01-01T00:00:00Z"}, "EService:Deadline elapsed"),
        ({"timeinforce": "GTD"}, "EGeneral:Invalid arguments:timeinforce"),
    ],
)
async def test_kraken_refuses_in_words(exchange: Exchange, change: dict[str, str], text: str) -> None:
    """Each broken rule has its text, and leaves no order behind."""
    client = await exchange.client("kraken")
    client.handle_errors = lambda *_: None
    answer = await client.privatePostAddOrder(KRAKEN_GOOD | change)
    assert answer == {"error": [text]}
    assert exchange.orders("kraken") == []


async def test_kraken_deadline_and_validation(exchange: Exchange) -> None:
    """An order within its deadline is placed; one with validate=true is only described."""
    client = await exchange.client("kraken")
    soon = (datetime.fromtimestamp(exchange.wall(), UTC) + timedelta(seconds=30)).isoformat()
    described = await client.privatePostAddOrder(KRAKEN_GOOD | {"validate": "true"})
    assert described["result"] == {"descr": {"order": "buy 0.00100000 XBTUSD @ limit 50000.0"}}
    placed = await client.privatePostAddOrder(KRAKEN_GOOD | {"deadline": soon})
    assert set(placed["result"]) == {"descr", "txid"}
    assert len(await client.fetch_open_orders()) == 1


async def test_kraken_wire_names(exchange: Exchange) -> None:
    """Balances, pairs and descriptions carry Kraken's own names."""
    client = await exchange.client("kraken")
    balances = (await client.privatePostBalanceEx())["result"]
    assert {"XXBT", "XETH", "ZUSD", "SOL", "USDT"} == set(balances)
    pairs = (await client.publicGetAssetPairs())["result"]
    assert pairs["XXBTZUSD"]["altname"] == "XBTUSD" and pairs["XXBTZUSD"]["wsname"] == "XBT/USD"
    assert {"SOLUSD", "XBTUSDT", "USDTZUSD", "USDCUSD"} <= set(pairs)


async def test_a_key_without_a_right_cannot_use_it(exchange: Exchange) -> None:
    """A key that may only read reads, and is refused when it trades."""
    for venue in VENUES:
        await exchange.control("key", venue=venue, key=KEYS[venue].key, permissions=["read"])
        client = await exchange.client(venue)
        await client.fetch_balance()
        with pytest.raises((ccxt.PermissionDenied, ccxt.DDoSProtection)):
            await client.create_order(SYMBOL[venue], "limit", "buy", "0.001", "50000")


async def test_rights_of_a_key_are_told(exchange: Exchange) -> None:
    """The venues tell of each key whether it can withdraw; unknown words can be added."""
    trading, withdrawing = [
        await (await exchange.client("binance", key)).sapiGetAccountApiRestrictions()
        for key in (KEYS["binance"], BINANCE_WITHDRAWAL_KEY)
    ]
    assert (trading["enableWithdrawals"], withdrawing["enableWithdrawals"]) == (False, True)
    assert trading["enableReading"] and trading["enableSpotAndMarginTrading"] and trading["ipRestrict"]
    await exchange.control("key", venue="kraken", key=KEYS["kraken"].key, extra={"permissions": ["new-right"]})
    infos: list[dict[str, Any]] = [
        await (await exchange.client("kraken", key)).privatePostGetApiKeyInfo()
        for key in (KEYS["kraken"], KRAKEN_WITHDRAWAL_KEY)
    ]
    plain, able = (set(info["result"]["permissions"]) for info in infos)
    assert {"query-funds", "modify-trades", "new-right"} <= plain
    assert able - plain == {"withdraw-funds"}


@most
async def test_maintenance_shows_and_stops_trading(exchange: Exchange, venue: str) -> None:
    """The status page says maintenance, and orders are refused."""
    client = await exchange.client(venue)
    assert (await client.fetch_status())["status"] == "ok"
    await exchange.control("venue", venue=venue, status="maintenance")
    assert (await client.fetch_status())["status"] == "maintenance"
    with pytest.raises(NO_TRADING):
        await client.create_order(SYMBOL[venue], "limit", "buy", "0.001", "50000")


@most
async def test_cancel_only_lets_orders_go(exchange: Exchange, venue: str) -> None:
    """In cancel-only mode resting orders can be cancelled and none can be placed."""
    client = await exchange.client(venue)
    order = await client.create_order(SYMBOL[venue], "limit", "buy", "0.001", "50000")
    await exchange.control("venue", venue=venue, status="cancel_only")
    with pytest.raises(NO_TRADING):
        await client.create_order(SYMBOL[venue], "limit", "buy", "0.001", "50000")
    await client.cancel_order(order["id"], SYMBOL[venue])
    assert await client.fetch_open_orders(SYMBOL[venue]) == []


async def test_closed_withdrawals_are_told(exchange: Exchange) -> None:
    """A coin that cannot be withdrawn is flagged by Binance, and has its status word at Kraken."""
    for venue in VENUES:
        await exchange.control("venue", venue=venue, coins={"BTC": {"withdraw": False}})
    binance, kraken = await exchange.client("binance"), await exchange.client("kraken")
    bitcoin = (await binance.fetch_currencies())["BTC"]
    assert (bitcoin["withdraw"], bitcoin["deposit"]) == (False, True)
    assert (await kraken.fetch_currencies())["BTC"]["info"]["status"] == "deposit_only"
    assert (await kraken.fetch_currencies())["ETH"]["info"]["status"] == "enabled"


@every
async def test_server_time_is_wall_time(exchange: Exchange, venue: str) -> None:
    """fetch_time tells the wall's time whatever the market's is."""
    client = await exchange.client(venue)
    exchange.wall.offset = 120.0
    assert abs(await client.fetch_time() / 1000 - exchange.wall()) < 1.5


@most
async def test_unknown_calls_get_the_venues_answer(exchange: Exchange, venue: str) -> None:
    """A path that does not exist is the venue's error, not a crash."""
    config = exchange.world.venues[venue].config
    async with exchange.session.post(f"{exchange.base}{config.prefix}/0/private/Nonsense") as response:
        body = await response.json()
    assert response.status == (404 if venue == "binance" else 200)
    assert body.get("error", body.get("retCode")) in ("Not Found", ["EAPI:Invalid key"], 10017, None)
