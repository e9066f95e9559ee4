"""Which coins can be moved, as each exchange says it; and what kind of thing went wrong with a call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from engine.model.errors import Fault, InvalidValue, Refused, VenueError
from engine.model.ids import Asset
from engine.model.venue_signals import CoinState
from engine.venues.ccxt import coin_flags as c
from engine.venues.ccxt import okx
from engine.venues.ccxt.client import Credentials
from engine.venues.ccxt.profile import Listing
from tests.sandbox.exchange_fixtures import KEYS, Exchange
from tests.venues.dialects import BALANCE_PATH, DENIED
from tests.venues.payload_fixtures import ScriptedApi, bybit_result, read
from tests.venues.venue_fixtures import BTC, CASH, WRONG_SECRET, Desk, desk, desk_at, exchange

__all__ = ["desk", "exchange"]

ETH, USD = Asset("ETH"), Asset("USD")
LISTING = Listing({}, {name: Asset(name) for name in ("BTC", "ETH", "USD")})
BOTH = frozenset({BTC, ETH})

BINANCE = """[
 {"coin": "BTC", "depositAllEnable": true, "withdrawAllEnable": true, "isLegalMoney": false, "networkList": [
  {"network": "BTC", "coin": "BTC", "depositEnable": false, "withdrawEnable": false, "isDefault": true,
   "withdrawDesc": "Wallet Maintenance, Withdrawal Suspended"},
  {"network": "BSC", "coin": "BTC", "depositEnable": true, "withdrawEnable": false, "isDefault": false}]},
 {"coin": "ETH", "depositAllEnable": true, "withdrawAllEnable": false, "isLegalMoney": false, "networkList": [
  {"network": "ETH", "coin": "ETH", "depositEnable": true, "withdrawEnable": false},
  {"network": "ARBITRUM", "coin": "ETH", "depositEnable": true, "withdrawEnable": true}]},
 {"coin": "USD", "depositAllEnable": false, "withdrawAllEnable": true, "isLegalMoney": true, "networkList": []}]"""
OKX = """{"code": "0", "msg": "", "data": [
 {"ccy": "BTC", "chain": "BTC-Bitcoin", "canDep": true, "canWd": false, "canInternal": true, "mainNet": true},
 {"ccy": "BTC", "chain": "BTC-Lightning", "canDep": false, "canWd": false, "canInternal": true, "mainNet": false},
 {"ccy": "ETH", "chain": "ETH-ERC20", "canDep": false, "canWd": false, "canInternal": true, "mainNet": true},
 {"ccy": "ETH", "chain": "ETH-Optimism", "canDep": true, "canWd": true, "canInternal": true, "mainNet": false}]}"""
BYBIT = bybit_result("""{"rows": [
 {"name": "BTC", "coin": "BTC", "remainAmount": "150", "chains": [
  {"chainType": "BTC", "chain": "BTC", "chainDeposit": "1", "chainWithdraw": "0", "withdrawFee": "0.0005"}]},
 {"name": "ETH", "coin": "ETH", "remainAmount": "10000", "chains": [
  {"chainType": "Ethereum", "chain": "ETH", "chainDeposit": "1", "chainWithdraw": "0"},
  {"chainType": "Arbitrum One", "chain": "ARBI", "chainDeposit": "1", "chainWithdraw": "1"}]}]}""")
KUCOIN = """{"code": "200000", "data": [
 {"currency": "BTC", "name": "BTC", "precision": 8, "chains": [
  {"chainName": "BTC", "chainId": "btc", "isWithdrawEnabled": false, "isDepositEnabled": true},
  {"chainName": "KCC", "chainId": "kcc", "isWithdrawEnabled": false, "isDepositEnabled": false}]},
 {"currency": "ETH", "name": "ETH", "precision": 8, "chains": [
  {"chainName": "ERC20", "chainId": "eth", "isWithdrawEnabled": true, "isDepositEnabled": true}]}]}"""
BY_NETWORK: list[tuple[Callable[..., tuple[CoinState, ...]], str]] = [
    (c.read_binance, BINANCE),
    (c.read_okx, OKX),
    (c.read_bybit, BYBIT),
    (c.read_kucoin, KUCOIN),
]
IDS = ["binance", "okx", "bybit", "kucoin"]


@pytest.mark.parametrize(("reader", "text"), BY_NETWORK, ids=IDS)
def test_a_coin_is_open_where_any_network_is(reader: Callable[..., tuple[CoinState, ...]], text: str) -> None:
    """Bitcoin can be deposited on one and withdrawn on none; of Ether one network of several is enough."""
    assert reader(read(text), LISTING, BOTH) == (CoinState(BTC, True, False), CoinState(ETH, True, True))


@pytest.mark.parametrize(("reader", "text"), BY_NETWORK, ids=IDS)
def test_a_coin_that_is_not_told_of_is_neither_open_nor_closed(
    reader: Callable[..., tuple[CoinState, ...]], text: str
) -> None:
    """Nothing is guessed of it; others are not told of at all."""
    doge = Asset("DOGE")
    assert reader(read(text), LISTING, frozenset({doge})) == (CoinState(doge, None, None),)


@pytest.mark.parametrize(("reader", "text"), BY_NETWORK, ids=IDS)
def test_flags_that_are_not_understood_say_nothing(reader: Callable[..., tuple[CoinState, ...]], text: str) -> None:
    """Another word in the place of a flag is not taken for open."""
    odd = text.replace("true", '"maybe"').replace("false", "null").replace('"1"', '"2"').replace('"0"', '"3"')
    assert set(reader(read(odd), LISTING, BOTH)) == {CoinState(BTC, None, None), CoinState(ETH, None, None)}


@pytest.mark.parametrize("reader", [*(reader for reader, _ in BY_NETWORK), c.read_kraken], ids=[*IDS, "kraken"])
@pytest.mark.parametrize("text", ["{}", "null", '{"result": null}', '{"data": "none"}'])
def test_an_answer_without_coins_is_an_error(reader: Callable[..., tuple[CoinState, ...]], text: str) -> None:
    """It is asked again, and never taken for a venue where nothing is closed."""
    with pytest.raises(InvalidValue):
        reader(read(text), LISTING, BOTH)


def test_money_has_no_networks() -> None:
    """Its flags are the coin's own."""
    assert c.read_binance(read(BINANCE), LISTING, frozenset({USD})) == (CoinState(USD, False, True),)


@pytest.mark.parametrize(
    ("word", "deposit", "withdraw"),
    [
        ("enabled", True, True),
        ("deposit_only", True, False),
        ("withdrawal_only", False, True),
        ("funding_temporarily_disabled", False, False),
        ("something_new", None, None),
    ],
)
def test_kraken_says_it_in_one_word(word: str, deposit: bool | None, withdraw: bool | None) -> None:
    """Under its own name of the coin; a word that nobody knows says nothing."""
    asset = {"aclass": "currency", "altname": "XBT", "decimals": 10, "display_decimals": 5, "status": word}
    listing = Listing({}, {"XXBT": BTC})
    told = c.read_kraken({"error": [], "result": {"XXBT": asset}}, listing, frozenset({BTC}))
    assert told == (CoinState(BTC, deposit, withdraw),)


async def test_kraken_is_asked_for_what_is_held_by_its_own_names() -> None:
    """An unknown name would fail the whole question, and what is staked has no wallet of its own."""
    row = {"status": "enabled"}
    api = ScriptedApi({"publicGetAssets": [json.dumps({"result": {"XXBT": row, "ZUSD": row}})]})
    listing = Listing({}, {"XXBT": BTC, "XBT.M": BTC, "ZUSD": USD, "XETH": ETH})
    told = await c.kraken_coins(api, listing, frozenset({BTC, USD, Asset("NOWHERE")}))
    assert api.asked == [("publicGetAssets", {"asset": "XXBT,ZUSD"})]
    assert [(coin.asset, coin.withdraw) for coin in told] == [("BTC", True), ("NOWHERE", None), ("USD", True)]
    assert await c.kraken_coins(api, listing, frozenset()) == ()


async def test_okx_is_asked_by_name_where_the_names_are_few() -> None:
    """It takes no more than twenty."""
    api = ScriptedApi({"privateGetAssetCurrencies": [OKX, OKX]})
    await c.okx_coins(api, LISTING, BOTH)
    await c.okx_coins(api, LISTING, frozenset(Asset(f"C{number}") for number in range(21)))
    assert [asked for _, asked in api.asked] == [{"ccy": "BTC,ETH"}, {}]


def test_what_okx_announces_does_not_hide_what_goes_on() -> None:
    """The ongoing event may come first, and the announced one after it."""
    ongoing, announced = {"state": "ongoing", "title": "Spot is down"}, {"state": "scheduled", "title": "Tomorrow"}
    assert okx.read_status({"data": [ongoing, announced]}) == okx.Status(False, "Spot is down")
    assert okx.read_status({"data": [announced]}).online


# --- over HTTP -------------------------------------------------------------------------------------------------------


async def test_what_the_exchange_closes_is_seen_to_be_closed(desk: Desk) -> None:
    """Each way by itself, and open again; Coinbase tells nothing, and says so."""
    cash = CASH[desk.dialect]
    assets = frozenset({BTC, cash})
    if desk.dialect == "coinbase":
        with pytest.raises(Refused, match="does not tell"):
            await desk.venue.coin_states(assets)
        return
    assert await desk.venue.coin_states(assets) == (CoinState(BTC, True, True), CoinState(cash, True, True))
    coins: dict[str, Any] = {"BTC": {"withdraw": False}, cash: {"deposit": False}}
    await desk.exchange.control("venue", venue=desk.dialect, coins=coins)
    assert await desk.venue.coin_states(assets) == (CoinState(BTC, True, False), CoinState(cash, False, True))
    await desk.exchange.control("venue", venue=desk.dialect, coins={"BTC": {"withdraw": True}})
    assert (await desk.venue.coin_states(frozenset({BTC}))) == (CoinState(BTC, True, True),)


@pytest.mark.parametrize("dialect", ["kraken", "kucoin"])
async def test_some_need_no_key_to_tell(exchange: Exchange, dialect: str) -> None:
    """For looking at a market without an account."""
    async with desk_at(exchange, dialect, credentials=None) as made:
        assert (await made.venue.coin_states(frozenset({BTC})))[0].withdraw is True


@pytest.mark.parametrize("dialect", ["binance", "okx", "bybit"])
async def test_others_say_which_key_is_missing(exchange: Exchange, dialect: str) -> None:
    """Before anything is asked."""
    async with desk_at(exchange, dialect, credentials=None) as made:
        with pytest.raises(Refused, match="no API key"):
            await made.venue.coin_states(frozenset({BTC}))


async def test_a_state_of_its_own_is_told_where_the_venue_has_one(desk: Desk) -> None:
    """Coinbase is online where it answers, which is no word of its own."""
    assert (await desk.venue.probe()).tells_status is (desk.dialect != "coinbase")


async def fault_of(desk: Desk) -> Fault:
    """What kind of thing is said to be wrong with asking for balances."""
    with pytest.raises(VenueError) as caught:
        await desk.venue.balances()
    return caught.value.fault


async def test_what_went_wrong_is_told_apart(desk: Desk) -> None:
    """No answer, an error of the venue's own, too many requests, a key that may not."""
    await desk.venue.balances()
    path = BALANCE_PATH[desk.dialect]
    for rule, fault in (
        ({"do": "drop"}, Fault.NETWORK),
        ({"do": "status", "status": 500}, Fault.OTHER),
        ({"do": "status", "status": 429}, Fault.RATE_LIMITED),
        # For OKX's code ccxt has no class that tells of a key.
        ({"do": "error", "code": DENIED[desk.dialect]}, Fault.OTHER if desk.dialect == "okx" else Fault.KEY),
    ):
        await desk.fault(path=path, **rule)  # type: ignore[arg-type]
        assert await fault_of(desk) is fault
        await desk.exchange.control("faults/clear")


async def test_a_wrong_secret_is_the_keys_fault(exchange: Exchange, desk: Desk) -> None:
    """Whatever the exchange answers to it."""
    key = KEYS[desk.dialect]
    wrong = Credentials(key.key, WRONG_SECRET[desk.dialect], key.passphrase)
    async with desk_at(exchange, desk.dialect, credentials=wrong) as made:
        assert await fault_of(made) is Fault.KEY


async def test_nobody_there_is_the_networks_fault(exchange: Exchange) -> None:
    """No connection can be made."""
    async with desk_at(exchange, "binance", base_url="http://127.0.0.1:9") as made:
        assert await fault_of(made) is Fault.NETWORK
