"""What Coinbase's answers mean: literal payloads in, our records out. No network."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.model.errors import InvalidValue
from engine.model.ids import Asset, VenueName
from engine.model.ledger import WithdrawalState
from engine.model.money import Quantity
from engine.model.order import FeePaid, ReportedStatus
from engine.venues.ccxt import (
    coinbase,
    coinbase_ledger,
    coinbase_orders,
)
from engine.venues.ccxt.profile import Fees, Listing
from tests.venues.payload_fixtures import NOON, OUR_ID, market, placement, read

COINBASE_ORDER = """{"order_id": "11111111-aaaa", "client_order_id": "%s", "status": "CANCELLED",
 "filled_size": "0.2", "product_id": "BTC-USD"}"""
COINBASE_FILLS = """[{"entry_id": "e1", "trade_id": "t", "order_id": "11111111-aaaa", "trade_type": "FILL",
 "trade_time": "2026-03-01T12:00:00.123456789Z", "price": "69000.1", "size": "0.15", "commission": "62.10009",
 "size_in_quote": false},
 {"entry_id": "e2", "trade_id": "t", "order_id": "11111111-aaaa", "trade_type": "FILL",
 "trade_time": "2026-03-01T12:00:01Z", "price": "69000.2", "size": "0.05", "commission": "0",
 "size_in_quote": false}]"""
COINBASE_PLACED = """{"success": %s, "success_response": {"order_id": "%s", "client_order_id": "%s"}}"""
COINBASE_ACCOUNT = """{"currency": "%s", "available_balance": {"value": "%s"}, "hold": {"value": "%s"}, "type": "%s",
 "platform": "%s"}"""
CRYPTO, CONSUMER = "ACCOUNT_TYPE_CRYPTO", "ACCOUNT_PLATFORM_CONSUMER"


class TestCoinbase:
    def test_a_new_order_is_an_id_and_nothing_else(self) -> None:
        """It stands, and what became of it is asked for later."""
        report = coinbase_orders.read_placed(read(COINBASE_PLACED % ("true", "o-1", OUR_ID)), self.where)
        assert (report.venue_order_id, report.status, report.filled) == ("o-1", ReportedStatus.OPEN, Decimal(0))

    @pytest.mark.parametrize(
        "text",
        [
            "null",
            '{"success": true}',
            COINBASE_PLACED % ("false", "o-1", OUR_ID),
            COINBASE_PLACED % ("true", "", OUR_ID),
            COINBASE_PLACED % ("true", "o-1", "other"),
        ],
    )
    def test_an_answer_without_our_order_confirms_nothing(self, text: str) -> None:
        """Nothing, no success, one without an id, and another's."""
        with pytest.raises(InvalidValue):
            coinbase_orders.read_placed(read(text), self.where)

    def test_fills_have_the_entries_ids_and_fees_in_quote(self) -> None:
        """Exact figures; an instant with nanoseconds is cut off, a fee of zero is none."""
        report = coinbase_orders.read_order(read(COINBASE_ORDER % OUR_ID), read(COINBASE_FILLS), self.where)
        assert (report.status, report.filled) == (ReportedStatus.CANCELED, Decimal("0.2"))
        first, second = report.fills
        assert (first.id, first.quantity, first.price) == ("e1", Decimal("0.15"), Decimal("69000.1"))
        assert first.fees == (FeePaid(Asset("USD"), Quantity(Decimal("62.10009"))),)
        assert first.traded_at == NOON.replace(microsecond=123_456)
        assert second.fees == ()

    @pytest.mark.parametrize("change", [{"size_in_quote": True}, {"trade_type": "REVERSAL"}, {"trade_time": "noon"}])
    def test_a_fill_of_another_kind_is_an_error(self, change: dict[str, object]) -> None:
        """A size in quote, or a correction, would be booked as what it is not."""
        rows = [row | change for row in read(COINBASE_FILLS)]
        with pytest.raises(InvalidValue):
            coinbase_orders.read_order(read(COINBASE_ORDER % OUR_ID), rows, self.where)

    def test_vaults_futures_and_staked_ether_are_left_out_and_named(self) -> None:
        """They are held, and no spot order draws on them; what is on hold is locked."""
        accounts = [
            ("BTC", "1.25", "0.25", CRYPTO, CONSUMER),
            ("USD", "10.5", "0", "ACCOUNT_TYPE_FIAT", CONSUMER),
            ("SOL", "0", "0", CRYPTO, CONSUMER),
            ("BTC", "0.5", "0", "ACCOUNT_TYPE_VAULT", CONSUMER),
            ("ETH2", "2", "0", CRYPTO, CONSUMER),
            ("USD", "7", "0", "ACCOUNT_TYPE_FIAT", "ACCOUNT_PLATFORM_CFM_CONSUMER"),
        ]
        rows = [read(COINBASE_ACCOUNT % account) for account in accounts]
        holdings = coinbase.read_holdings(rows, Listing({}, {"ETH": Asset("ETH")}))
        assert [(b.asset, b.free, b.locked) for b in holdings.spendable] == [
            ("BTC", Decimal("1.25"), Decimal("0.25")),
            ("USD", Decimal("10.5"), Decimal(0)),
        ]
        assert [(b.asset, b.total) for b in holdings.left_out] == [
            ("BTC", Decimal("0.5")),
            ("ETH", Decimal(2)),
            ("USD", Decimal(7)),
        ]

    def test_fees_are_the_tiers_except_of_stable_pairs(self) -> None:
        """Whatever one trades elsewhere, two stable coins cost next to nothing."""
        tier = {"fee_tier": {"taker_fee_rate": "0.006", "maker_fee_rate": "0.004"}}
        stable = replace(market("USDT-USD", "USDT", "USD"), listed_fees=Fees(Decimal("1e-05"), Decimal("0.0")))
        assert coinbase.read_fees(tier, [market("BTC-USD", quote="USD"), stable]) == {
            "BTC/USD": Fees(Decimal("0.006"), Decimal("0.004")),
            "USDT/USD": Fees(Decimal("0.00001"), Decimal(0)),
        }

    def test_key_rights_fail_closed(self) -> None:
        """What moves assets out, what is unknown and what is missing each keep a key from being trade-only."""
        fine = {"can_view": True, "can_trade": True, "can_transfer": False, "portfolio_type": "DEFAULT"}
        assert coinbase.read_key_rights(fine).is_trade_only
        assert coinbase.read_key_rights(fine | {"can_transfer": True}).can_withdraw
        assert coinbase.read_key_rights(fine | {"can_teleport": True}).unknown == ("can_teleport",)
        assert not coinbase.read_key_rights(fine | {"can_view": False}).can_read
        for name in ("can_view", "can_trade", "can_transfer"):
            less = {key: value for key, value in fine.items() if key != name}
            assert name in coinbase.read_key_rights(less).problem
            assert coinbase.read_key_rights(fine | {name: "yes"}).problem
        assert coinbase.read_key_rights(None).problem

    @pytest.mark.parametrize("switch", coinbase.HALTED)
    def test_a_market_with_any_switch_thrown_is_not_active(self, switch: str) -> None:
        """ccxt looks at one of them alone."""
        listed = {"id": "BTC-USD", "symbol": "BTC/USD", "base": "BTC", "quote": "USD", "active": True, "info": {}}
        listed |= {"precision": {"price": "0.01", "amount": "0.1"}, "taker": 0.012, "maker": 0.006}
        listed |= {"limits": {"amount": {"min": "0.1"}, "cost": {"min": "1"}}}
        assert coinbase.read_market(listed).active
        assert not coinbase.read_market(listed | {"info": {switch: True}}).active

    def test_a_withdrawal_holds_the_networks_fee(self) -> None:
        """The amount is all that left the wallet; a fee in another coin is not this one's."""
        row = {"id": "t-1", "type": "send", "status": "pending", "created_at": "2026-03-01T12:00:00Z"}
        row |= {"amount": {"amount": "-14.008308", "currency": "USDC"}}
        network = {"hash": "0xabc", "transaction_fee": {"amount": "4.008308", "currency": "USDC"}}
        told = coinbase_ledger.read_withdrawal(row | {"network": network}, VenueName("mine"), Listing({}, {}))
        assert (told.quantity, told.fee, told.taken) == (Decimal(10), Decimal("4.008308"), Decimal("14.008308"))
        assert (told.state, told.at, told.txid) == (WithdrawalState.ON_ITS_WAY, NOON, "0xabc")
        other = {"transaction_fee": {"amount": "0.001", "currency": "ETH"}}
        told = coinbase_ledger.read_withdrawal(row | {"network": other}, VenueName("mine"), Listing({}, {}))
        assert (told.quantity, told.fee) == (Decimal("14.008308"), Decimal(0))

    @pytest.mark.parametrize(
        ("payload", "words"),
        [
            ({"error_response": {"error": "INSUFFICIENT_FUND", "message": "no"}}, ("INSUFFICIENT_FUND", "no")),
            (
                {"error_response": {"error": "UNKNOWN_FAILURE_REASON", "preview_failure_reason": "PREVIEW_X"}},
                ("PREVIEW_X", "PREVIEW_X"),
            ),
            ({"error": "INVALID_ARGUMENT", "message": "bad"}, ("INVALID_ARGUMENT", "bad")),
            ({"errors": [{"id": "not_found", "message": "Not found"}]}, ("not_found", "Not found")),
            ({"success": True, "failure_reason": "UNKNOWN_FAILURE_REASON"}, ("", "")),
            ("Unauthorized", ("", "")),
        ],
    )
    def test_errors_are_read_in_all_three_shapes(self, payload: object, words: tuple[str, str]) -> None:
        """Of an order, of a request, and of the older interface; what is none has no words."""
        assert coinbase.read_error_words(payload) == words

    where = placement(market("BTC-USD", quote="USD"))
