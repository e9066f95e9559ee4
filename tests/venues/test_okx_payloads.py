"""What OKX's answers mean: literal payloads in, our records out. No network."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.money import Quantity
from engine.model.order import FeePaid, ReportedStatus
from engine.model.venue import KeyRights
from engine.venues.ccxt import (
    okx,
    okx_orders,
)
from engine.venues.ccxt.profile import Fees, Listing
from tests.venues.payload_fixtures import NOON, OUR_ID, market, placement, read

OKX_ORDER = """{"data": [{"clOrdId": "%s", "ordId": "312269865356374016", "state": "canceled", "accFillSz": "0.2"}]}"""
OKX_FILLS = """[{"billId": "9001", "tradeId": "5", "ordId": "312269865356374016", "fillPx": "69000.1", "fillSz": "0.15",
 "fee": "-0.00015", "feeCcy": "BTC", "fillTime": "1772366400123", "ts": "1772366400999"},
 {"billId": "9002", "tradeId": "5", "ordId": "312269865356374016", "fillPx": "69000.2", "fillSz": "0.05",
 "fee": "0.00000001", "feeCcy": "BTC", "ts": "1772366400200"}]"""
OKX_PLACED = """{"code": "0", "data": [{"clOrdId": "%s", "ordId": "%s", "sCode": "%s", "sMsg": ""}]}"""


class TestOkx:
    def test_a_new_order_is_an_id_and_nothing_else(self) -> None:
        """It stands, and what became of it is asked for later."""
        report = okx_orders.read_placed(read(OKX_PLACED % (OUR_ID, "77", "0")), placement(market("BTC-USDT")))
        assert (report.venue_order_id, report.status, report.filled) == ("77", ReportedStatus.OPEN, Decimal(0))

    @pytest.mark.parametrize(
        "text",
        [
            "null",
            '{"data": []}',
            OKX_PLACED % ("other", "77", "0"),
            OKX_PLACED % (OUR_ID, "", "0"),
            OKX_PLACED % (OUR_ID, "77", "51008"),
        ],
    )
    def test_an_answer_without_our_accepted_order_confirms_nothing(self, text: str) -> None:
        """Nothing, another's, one without an id, one that says no under a code that says yes."""
        with pytest.raises(InvalidValue):
            okx_orders.read_placed(read(text), placement(market("BTC-USDT")))

    def test_fills_have_the_bills_ids_and_fees_above_zero(self) -> None:
        """Two fills can share a trade's id; what was taken is a fee, what was given back is one below zero."""
        row = read(OKX_ORDER % OUR_ID)["data"][0]
        report = okx_orders.read_order(row, read(OKX_FILLS), placement(market("BTC-USDT")))
        assert (report.status, report.filled) == (ReportedStatus.CANCELED, Decimal("0.2"))
        assert {f.id: f.fees for f in report.fills} == {
            "9001": (FeePaid(Asset("BTC"), Quantity(Decimal("0.00015"))),),
            "9002": (FeePaid(Asset("BTC"), Quantity(Decimal("-0.00000001"))),),
        }
        assert report.fills[0].traded_at == NOON.replace(microsecond=123_000)

    def test_a_status_that_nobody_knows_is_an_error(self) -> None:
        """A new word of the venue is not guessed at."""
        row = read(OKX_ORDER % OUR_ID)["data"][0] | {"state": "teleported"}
        with pytest.raises(InvalidValue, match="teleported"):
            okx_orders.read_order(row, [], placement(market("BTC-USDT")))

    def test_the_funding_account_is_left_out_and_counted(self) -> None:
        """Orders draw on the trading account alone; what lies in the other is the same person's."""
        rows = [{"ccy": "BTC", "cashBal": "1.5", "availBal": "1.25"}, {"ccy": "OKB", "cashBal": "0", "availBal": "0"}]
        trading = {"data": [{"details": rows}]}
        funding = {"data": [{"ccy": "BTC", "bal": "0.5"}, {"ccy": "NEWCOIN", "bal": "7"}, {"ccy": "ETH", "bal": "0"}]}
        holdings = okx.read_holdings(trading, funding, Listing({}, {"BTC": Asset("BTC")}))
        assert [(b.asset, b.free, b.locked) for b in holdings.spendable] == [("BTC", Decimal("1.25"), Decimal("0.25"))]
        assert [(b.asset, b.total) for b in holdings.left_out] == [("BTC", Decimal("0.5")), ("NEWCOIN", Decimal(7))]

    @pytest.mark.parametrize("change", [{"cashBal": "-1"}, {"liab": "5"}, {"ccy": "some thing"}])
    def test_a_debt_and_an_odd_name_are_errors(self, change: dict[str, str]) -> None:
        """A portfolio that owes, or a part of it that nobody can name, is not judged."""
        trading = {"data": [{"details": [{"ccy": "BTC", "cashBal": "1", "availBal": "1"} | change]}]}
        with pytest.raises(InvalidValue, match="not understood"):
            okx.read_holdings(trading, {"data": []}, Listing({}, {}))

    def test_fees_are_those_of_what_a_market_is_quoted_in(self) -> None:
        """Fees are below zero, rebates above; euros have a rate of their own, USDT and others theirs."""
        row = {"taker": "-0.001", "maker": "-0.0008", "takerUSDC": "-0.0007", "makerUSDC": "0.0001"}
        row |= {"fiat": [{"ccy": "EUR", "taker": "-0.0035", "maker": "-0.002"}]}
        markets = [market("BTC-USDT"), market("BTC-USDC", quote="USDC"), market("BTC-EUR", quote="EUR")]
        assert okx.read_fees({"data": [row]}, markets) == {
            "BTC/USDT": Fees(Decimal("0.001"), Decimal("0.0008")),
            "BTC/USDC": Fees(Decimal("0.0007"), Decimal("-0.0001")),
            "BTC/EUR": Fees(Decimal("0.0035"), Decimal("0.002")),
        }
        assert okx.read_fees({"data": [row | {"takerUSDC": ""}]}, markets[1:2]) == {
            "BTC/USDC": Fees(Decimal("0.001"), Decimal("0.0008"))
        }

    def test_key_rights_fail_closed(self) -> None:
        """What moves assets out, what is unknown and what is missing each keep a key from being trade-only."""

        def rights(**row: object) -> KeyRights:
            return okx.read_key_rights({"code": "0", "data": [{"ip": "192.0.2.1", **row}]})

        assert rights(perm="read_only,trade").is_trade_only
        assert rights(perm="read_only, withdraw ,trade").can_withdraw
        assert rights(perm="read_only,trade,teleport").unknown == ("teleport",)
        assert not rights(perm="read_only,trade,teleport").is_trade_only
        assert not rights(perm="trade").can_read
        assert not rights(perm="read_only,trade", ip="").ip_restricted
        for broken in (rights(), rights(perm=""), rights(perm=["trade"]), okx.read_key_rights(None)):
            assert broken.problem and not broken.is_trade_only

    @pytest.mark.parametrize(
        ("states", "online"),
        [
            ([], True),
            (["scheduled", "completed", "canceled"], True),
            (["ongoing", "scheduled"], False),
            (["scheduled", "pre_open"], False),
        ],
    )
    def test_any_event_that_goes_on_counts(self, states: list[str], online: bool) -> None:
        """The last of the list is not the one that matters; what goes on at the demo system is not ours."""
        events = [{"state": state, "title": "Upgrade", "env": "1"} for state in states]
        demo = {"state": "ongoing", "title": "Demo", "env": "2"}
        assert okx.read_status({"data": [*events, demo]}).online is online
