"""What is peculiar to accounts and markets on KuCoin: literal payloads in, our records out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.model.errors import InvalidValue, Refused
from engine.model.ids import Asset, VenueName
from engine.model.ledger import WithdrawalState
from engine.model.venue import KeyRights
from engine.venues.ccxt import kucoin
from engine.venues.ccxt.client import Credentials
from engine.venues.ccxt.profile import Fees, Listing
from tests.sandbox.exchange_fixtures import KEYS, Exchange
from tests.venues.payload_fixtures import NOON, ScriptedApi, market
from tests.venues.venue_fixtures import desk_at, exchange, ready_order

__all__ = ["exchange"]
MINE = VenueName("mine")
NOTHING_LISTED = Listing({}, {})


def accounts(*rows: tuple[str, str, str]) -> dict[str, Any]:
    """An answer with these: name, available, on hold."""
    return {"data": [{"currency": name, "available": free, "holds": held} for name, free, held in rows]}


def test_the_main_account_is_held_and_cannot_be_traded_with() -> None:
    """Orders spend what the trading account has; on hold is locked there, and all the same in the main account."""
    trading = accounts(("BTC", "1.5", "0.25"), ("ETH", "0", "0"))
    main = accounts(("BTC", "2", "0.5"), ("XYZ", "3", "0"))
    listing = Listing({}, {"XYZ": Asset("ZYX")})
    holdings = kucoin.read_holdings(trading, main, listing)
    assert [(b.asset, b.free, b.locked) for b in holdings.spendable] == [("BTC", Decimal("1.5"), Decimal("0.25"))]
    assert [(b.asset, b.free, b.locked) for b in holdings.left_out] == [("BTC", Decimal("2.5"), 0), ("ZYX", 3, 0)]


def test_an_account_that_cannot_be_read_is_not_an_empty_one() -> None:
    """Either of the two, or a name in it."""
    fine = accounts(("BTC", "1", "0"))
    for trading, main in (({}, fine), (fine, {"data": None}), (fine, accounts(("no coin", "1", "0")))):
        with pytest.raises(InvalidValue):
            kucoin.read_holdings(trading, main, NOTHING_LISTED)


def test_the_smallest_value_of_an_order_is_the_larger_of_two() -> None:
    """The list that ccxt reads has one of them; the venue checks the other as well."""
    listed: dict[str, Any] = {
        "id": "BTC-USDT",
        "symbol": "BTC/USDT",
        "base": "BTC",
        "quote": "USDT",
        "active": True,
        "taker": "0.001",
        "maker": "0.001",
        "precision": {"price": "0.1", "amount": "0.00000001"},
        "limits": {"amount": {"min": "0.00001"}, "cost": {"min": "0.01"}},
    }
    assert kucoin.read_market(listed | {"info": {"minFunds": "0.1"}}).min_notional == Decimal("0.1")
    assert kucoin.read_market(listed | {"info": {}}).min_notional == Decimal("0.01")


async def test_fees_are_asked_for_ten_markets_at_a_time() -> None:
    """And told of those alone."""
    markets = [market(f"C{number}-USDT", f"C{number}") for number in range(12)]
    row = '{"symbol": "%s", "takerFeeRate": "0.0008", "makerFeeRate": "-0.00005"}'
    api = ScriptedApi({"privateGetTradeFees": [f'{{"data": [{row % name}]}}' for name in ("C1-USDT", "C11-USDT")]})
    fees = await kucoin.KUCOIN.fetch_fees(api, markets)
    assert fees == dict.fromkeys(("C1/USDT", "C11/USDT"), Fees(Decimal("0.0008"), Decimal("-0.00005")))
    assert [str(asked["symbols"]).count(",") + 1 for _, asked in api.asked] == [10, 2]


def test_a_deposit_without_an_id_gets_one_that_stays() -> None:
    """Currency, instant and transaction, whatever address stands behind it; one from within has no transaction."""
    row = {"currency": "USDT", "amount": "250.5", "walletTxId": "0xabc@addr", "createdAt": "1772366400000"}
    deposit = kucoin.read_deposit(row, MINE, NOTHING_LISTED)
    assert deposit.id == "USDT-1772366400000-0xabc@addr"
    assert (deposit.quantity, deposit.at, deposit.txid) == (Decimal("250.5"), NOON, "0xabc")
    assert kucoin.read_deposit(row | {"walletTxId": None}, MINE, NOTHING_LISTED).id == "USDT-1772366400000-inner"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("SUCCESS", WithdrawalState.DONE),
        ("FAILURE", WithdrawalState.RETURNED),
        ("WALLET_PROCESSING", WithdrawalState.ON_ITS_WAY),
        ("REVIEW", WithdrawalState.ON_ITS_WAY),
        ("SOMETHING_NEW", WithdrawalState.ON_ITS_WAY),
    ],
)
def test_a_withdrawal_is_on_its_way_until_the_venue_says_otherwise(status: str, state: WithdrawalState) -> None:
    """What is not known to have ended has not."""
    row = {"id": "9", "currency": "USDT", "amount": "77", "fee": "10", "createdAt": "1772366400000", "status": status}
    withdrawal = kucoin.read_withdrawal(row, MINE, NOTHING_LISTED)
    assert (withdrawal.state, withdrawal.taken, withdrawal.txid) == (state, Decimal(87), "")


async def test_transfers_are_read_page_by_page() -> None:
    """As many pages as the venue says there are."""
    row = '{"status": "SUCCESS", "currency": "USDT", "amount": "1", "walletTxId": "%s", "createdAt": 1772366400000}'
    pages = [f'{{"data": {{"totalPage": 2, "items": [{row % name}]}}}}' for name in ("a", "b")]
    api = ScriptedApi({"privateGetDeposits": pages})
    found = await kucoin.KUCOIN.fetch_deposits(api, MINE, NOTHING_LISTED, (NOON - timedelta(days=3), NOON))
    assert [deposit.txid for deposit in found] == ["a", "b"]
    assert [asked["currentPage"] for _, asked in api.asked] == [1, 2]


def rights(words: Any, **changes: Any) -> KeyRights:
    """What a key with these words may do."""
    return kucoin.read_key_rights({"data": {"permission": words, "ipWhitelist": "192.0.2.1"} | changes})


def test_a_key_that_trades_spot_is_fine() -> None:
    """Also with rights to trade elsewhere."""
    assert rights("General,Spot").is_trade_only and rights("General, Spot").ip_restricted
    assert rights("General,Spot,Margin,Futures,Unified").is_trade_only


@pytest.mark.parametrize("word", ["Transfer", "Withdrawal"])
def test_a_key_that_can_withdraw_is_seen(word: str) -> None:
    """By the word of the answers, and by that of the documents."""
    assert rights(f"General,Spot,{word}").can_withdraw


@pytest.mark.parametrize("word", ["InnerTransfer", "FlexTransfers", "Earn", "Teleport", "spot"])
def test_an_unknown_right_is_named(word: str) -> None:
    """Transfers between accounts are among them: some lead out of this one."""
    told = rights(f"General,Spot,{word}")
    assert told.unknown == (word,) and not told.is_trade_only


def test_what_a_key_lacks_shows() -> None:
    """Reading, trading, and a restriction to addresses."""
    assert not rights("Spot").can_read and not rights("General").can_trade
    assert not rights("General,Spot", ipWhitelist="").ip_restricted
    for payload in (None, {}, {"data": None}, {"data": {}}, {"data": {"permission": ["Spot"]}}, {"data": "General"}):
        assert kucoin.read_key_rights(payload).problem


def test_a_side_that_nobody_offers_on_leaves_the_market_out() -> None:
    """The venue leaves its figures out, or writes null."""
    row = {"symbol": "BTC-USDT", "buy": "9", "bestBidSize": "1", "sell": "10", "bestAskSize": "2"}
    (top,) = kucoin.read_tops({"data": {"ticker": [row]}}, [market("BTC-USDT"), market("ETH-USDT", "ETH")], NOON)
    assert (top.bids[0].price, top.asks[0].quantity) == (Decimal(9), Decimal(2))
    empty = row | {"sell": None, "bestAskSize": None}
    assert kucoin.read_tops({"data": {"ticker": [empty]}}, [market("BTC-USDT")], NOON) == ()


@pytest.mark.parametrize("passphrase", ["", "wrong-passphrase"])
async def test_a_key_without_its_passphrase_is_refused(exchange: Exchange, passphrase: str) -> None:
    """Left out or wrong: one sentence with the place to look, and nothing of the key itself."""
    key = KEYS["kucoin"]
    async with desk_at(exchange, "kucoin", credentials=Credentials(key.key, key.secret, passphrase)) as desk:
        order = await ready_order(desk) if passphrase else None
        with pytest.raises(Refused, match=r"\[venues\.kucoin\]") as caught:
            await (desk.venue.submit(order) if order else desk.venue.balances())
    assert not [part for part in (key.key, key.secret, passphrase) if part and part in str(caught.value)]
