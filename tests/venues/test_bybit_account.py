"""What is peculiar to accounts and markets on Bybit: literal payloads in, our records out."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.model.errors import InvalidValue, NotSent
from engine.model.ids import VenueName
from engine.model.ledger import WithdrawalState
from engine.model.venue import KeyRights
from engine.venues.ccxt import bybit, bybit_transfers
from engine.venues.ccxt.profile import Fees, Listing
from tests.sandbox.exchange_fixtures import KEYS, Exchange
from tests.venues.payload_fixtures import NOON, ScriptedApi, bybit_result, market, read
from tests.venues.venue_fixtures import BTC, desk_at, exchange

__all__ = ["exchange"]
MINE = VenueName("mine")
NOTHING_LISTED = Listing({}, {})


class TestAccount:
    def test_what_is_borrowed_is_not_held(self) -> None:
        """The unified account tells locked funds and debts; the funding wallet is held and cannot be traded with."""
        coins = [
            {"coin": "BTC", "walletBalance": "1.5", "locked": "0.25", "spotBorrow": "0.5"},
            {"coin": "USDT", "walletBalance": "10", "locked": "0", "spotBorrow": "25"},
            {"coin": "ETH", "walletBalance": "0", "locked": "0", "spotBorrow": ""},
        ]
        unified = {"result": {"list": [{"coin": coins}]}}
        funding = {
            "result": {"balance": [{"coin": "ETH", "walletBalance": "3"}, {"coin": "SOL", "walletBalance": "0"}]}
        }
        holdings = bybit.read_holdings(unified, funding, NOTHING_LISTED)
        assert [(b.asset, b.free, b.locked) for b in holdings.spendable] == [
            ("BTC", Decimal("0.75"), Decimal("0.25")),
        ]
        assert [(b.asset, b.total) for b in holdings.left_out] == [("ETH", Decimal(3))]
        assert bybit.read_holdings(unified, None, NOTHING_LISTED).left_out == ()

    @pytest.mark.parametrize("accounts", [[], [{"coin": []}, {"coin": []}]])
    def test_anything_but_one_account_is_an_error(self, accounts: list[Any]) -> None:
        """An account that is not there is not an empty one."""
        with pytest.raises(InvalidValue, match="one account"):
            bybit.read_holdings({"result": {"list": accounts}}, None, NOTHING_LISTED)

    async def test_a_key_that_may_not_see_the_funding_wallet_leaves_it_out(self, exchange: Exchange) -> None:
        """The venue wants a right to transfer for that, which nobody has to give: what can be traded is counted."""
        await exchange.control("balance", venue="bybit", asset="FUND:BTC", delta="1", silent=True)
        async with desk_at(exchange, "bybit") as desk:
            assert {b.asset: b.kept for b in await desk.venue.balances()}[BTC] == 1
            await exchange.control("key", venue="bybit", key=KEYS["bybit"].key, extra={})
            assert (await desk.venue.key_rights()).is_trade_only
            assert {b.asset: (b.free, b.kept) for b in await desk.venue.balances()}[BTC] == (Decimal("0.4"), 0)
            await desk.fault("error", path="/v5/asset/transfer", code="10016", message="System error.")
            with pytest.raises(NotSent, match="System error"):
                await desk.venue.balances()

    def test_fees_are_those_of_the_markets_asked_for(self) -> None:
        """The venue answers for every market it has."""
        row = {"takerFeeRate": "0.00075", "makerFeeRate": "0"}
        payload = {"result": {"list": [{"symbol": "BTCUSDT"} | row, {"symbol": "ETHUSDT"} | row]}}
        assert bybit.read_fees(payload, [market("BTCUSDT")]) == {"BTC/USDT": Fees(Decimal("0.00075"), Decimal(0))}

    def test_a_deposit_has_an_id_however_old_the_venues_answer_is(self) -> None:
        """Its own, or the transaction's with the place in it."""
        row = {"coin": "USDT", "amount": "250.5", "txID": "0xabc", "txIndex": "3", "successAt": "1772366400000"}
        deposit = bybit_transfers.read_deposit(row, MINE, NOTHING_LISTED)
        assert (deposit.id, deposit.quantity, deposit.at, deposit.txid) == ("0xabc-3", Decimal("250.5"), NOON, "0xabc")
        assert bybit_transfers.read_deposit(row | {"id": "160"}, MINE, NOTHING_LISTED).id == "160"
        with pytest.raises(InvalidValue):
            bybit_transfers.read_deposit(row | {"txID": ""}, MINE, NOTHING_LISTED)

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("success", WithdrawalState.DONE),
            ("CancelByUser", WithdrawalState.RETURNED),
            ("Reject", WithdrawalState.RETURNED),
            ("SecurityCheck", WithdrawalState.ON_ITS_WAY),
            ("SomethingNew", WithdrawalState.ON_ITS_WAY),
        ],
    )
    def test_a_withdrawal_is_on_its_way_until_the_venue_says_otherwise(
        self, status: str, state: WithdrawalState
    ) -> None:
        """What is not known to have ended has not."""
        row = {"withdrawId": "9", "coin": "USDT", "amount": "77", "withdrawFee": "10", "createTime": "1772366400000"}
        withdrawal = bybit_transfers.read_withdrawal(row | {"status": status, "txID": ""}, MINE, NOTHING_LISTED)
        assert (withdrawal.state, withdrawal.taken, withdrawal.txid) == (state, Decimal(87), "")

    async def test_transfers_are_read_page_by_page(self) -> None:
        """As long as the venue hands out a cursor."""
        row = '{"id": "%s", "status": 3, "coin": "USDT", "amount": "1", "txID": "t", "successAt": "1772366400000"}'
        pages = [
            bybit_result(f'{{"rows": [{row % number}], "nextPageCursor": "{cursor}"}}')
            for number, cursor in ((1, "next"), (2, ""))
        ]
        api = ScriptedApi({"privateGetV5AssetDepositQueryRecord": pages})
        found = await bybit_transfers.fetch_deposits(api, MINE, NOTHING_LISTED, (NOON - timedelta(days=3), NOON))
        assert [deposit.id for deposit in found] == ["1", "2"]
        assert [asked.get("cursor") for _, asked in api.asked] == [None, "next"]


FINE: dict[str, Any] = {"Spot": ["SpotTrade"], "Wallet": []}


def rights(granted: Any, **changes: Any) -> KeyRights:
    """What a key with these permissions may do."""
    fine: dict[str, Any] = {"readOnly": 0, "uta": 1, "ips": ["192.0.2.1"], "permissions": granted}
    return bybit.read_key_rights(read(json.dumps({"result": fine | changes})))


class TestKeyRights:
    def test_a_key_that_trades_spot_is_fine(self) -> None:
        """Also with rights whose use keeps the assets in the account."""
        assert rights(FINE).is_trade_only and rights(FINE).ip_restricted
        more = {
            "Spot": ["SpotTrade"],
            "Wallet": ["AccountTransfer"],
            "ContractTrade": ["Order", "Position"],
            "Earn": [],
        }
        assert rights(more).is_trade_only

    @pytest.mark.parametrize("word", ["Withdraw", "SubMemberTransfer", "SubMemberTransferList"])
    def test_what_moves_assets_out_of_the_account_is_seen(self, word: str) -> None:
        """Withdrawals, and transfers to other accounts."""
        assert rights({"Spot": ["SpotTrade"], "Wallet": [word]}).can_withdraw

    def test_an_unknown_right_is_named(self) -> None:
        """A new group, or a new word in a known one."""
        told = rights({"Spot": ["SpotTrade"], "Wallet": ["Teleport"], "Earn": ["Earn"]})
        assert told.unknown == ("Earn.Earn", "Wallet.Teleport") and not told.is_trade_only

    def test_a_key_that_only_reads_cannot_trade(self) -> None:
        """Whatever it may see."""
        told = rights(FINE, readOnly=1)
        assert (told.can_read, told.can_trade) == (True, False)
        assert not rights({"Spot": [], "Wallet": []}).can_read

    def test_an_open_address_list_is_no_restriction(self) -> None:
        """Every address, or none told of."""
        assert not rights(FINE, ips=["*"]).ip_restricted and not rights(FINE, ips=[]).ip_restricted

    @pytest.mark.parametrize(
        "changes",
        [
            {"granted": None},
            {"granted": {"Spot": []}},
            {"readOnly": None},
            {"ips": None},
            {"uta": 0},
            {"uta": None},
        ],
    )
    def test_what_is_missing_is_a_problem(self, changes: dict[str, Any]) -> None:
        """A classic account is one too: its balances are told elsewhere."""
        told = rights(**{"granted": FINE} | changes)
        assert told.problem and not told.is_trade_only

    def test_an_answer_of_another_shape_is_a_problem(self) -> None:
        """Nothing is granted by something that cannot be read."""
        for payload in (None, {}, {"result": None}, {"result": "all"}, ["nonsense"]):
            assert bybit.read_key_rights(payload).problem


class TestMarketData:
    def test_a_side_that_nobody_offers_on_leaves_the_market_out(self) -> None:
        """The venue writes it as empty text."""
        row = {"symbol": "BTCUSDT", "bid1Price": "9", "bid1Size": "1", "ask1Price": "10", "ask1Size": "2"}
        (top,) = bybit.read_tops({"result": {"list": [row]}}, [market("BTCUSDT"), market("ETHUSDT", "ETH")], NOON)
        assert (top.bids[0].price, top.asks[0].quantity) == (Decimal(9), Decimal(2))
        empty = row | {"ask1Price": "", "ask1Size": ""}
        assert bybit.read_tops({"result": {"list": [empty]}}, [market("BTCUSDT")], NOON) == ()

    @pytest.mark.parametrize(
        ("event", "online"),
        [
            ({"state": "ongoing", "product": ["1", "2"], "title": "Upgrade"}, False),
            ({"state": "ongoing", "product": [], "title": ""}, False),
            ({"state": "ongoing", "product": ["1"]}, True),
            ({"state": "scheduled", "product": ["2"]}, True),
            ({"state": "completed", "product": ["2"]}, True),
        ],
    )
    def test_only_maintenance_of_spot_that_is_going_on_counts(self, event: dict[str, Any], online: bool) -> None:
        """And one that does not say what it touches."""
        status = bybit.read_status({"result": {"list": [{"state": "completed"}, event]}})
        assert status.online is online and status.text
