"""What the exchanges' answers mean: literal payloads in, our records out. No network."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.money import Price, Quantity
from engine.model.order import FeePaid, ReportedStatus
from engine.venues.ccxt import (
    binance,
    binance_orders,
    kraken,
    kraken_orders,
)
from engine.venues.ccxt.parse import (
    book_of,
    candles_of,
    instant_of_iso,
    instant_of_milliseconds,
    instant_of_seconds,
    milliseconds,
    read_spot_market,
)
from engine.venues.ccxt.profile import Candle, Fees, Listing
from tests.venues.payload_fixtures import NOON, OUR_ID, market, placement, read

BINANCE_CREATED = """{"symbol": "BTCUSDT", "orderId": 77001, "clientOrderId": "%s", "transactTime": 1772366400123,
 "executedQty": "0.20000000", "status": "EXPIRED", "fills": [
 {"price": "69000.10000000", "qty": "0.15000000", "commission": "0.00010000", "commissionAsset": "BNB", "tradeId": 5},
 {"price": "69000.20000000", "qty": "0.05000000", "commission": "0.00000000", "commissionAsset": "BNB", "tradeId": 6}
 ]}"""


class TestBinance:
    def test_the_full_answer_carries_the_fills(self) -> None:
        """Exact figures, the fee in the coin it was paid in, ids that differ between markets, and no fee of zero."""
        report = binance_orders.read_created(read(BINANCE_CREATED % OUR_ID), placement(market("BTCUSDT")))
        assert (report.status, report.venue_order_id) == (ReportedStatus.EXPIRED, "77001")
        assert report.filled == Decimal("0.2")
        first, second = report.fills
        assert (first.id, first.price, first.quantity) == ("BTCUSDT-5", Decimal("69000.1"), Decimal("0.15"))
        assert first.fees == (FeePaid(Asset("BNB"), Quantity(Decimal("0.0001"))),)
        assert second.fees == ()
        assert first.traded_at == datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)

    @pytest.mark.parametrize("text", ["null", "{}", "[]", BINANCE_CREATED % "someone-else", '{"orderId": ""}'])
    def test_an_answer_without_our_order_is_not_taken_for_one(self, text: str) -> None:
        """Nothing, something else, or another's order: none of these confirms ours."""
        with pytest.raises(InvalidValue):
            binance_orders.read_created(read(text), placement(market("BTCUSDT")))

    def test_a_status_that_nobody_knows_is_an_error(self) -> None:
        """A new word of the venue is not guessed at."""
        text = (BINANCE_CREATED % OUR_ID).replace("EXPIRED", "TELEPORTED")
        with pytest.raises(InvalidValue, match="TELEPORTED"):
            binance_orders.read_created(read(text), placement(market("BTCUSDT")))

    def test_lent_shares_are_left_out_and_named(self) -> None:
        """LDETH is lent ether; LDO is a coin of its own, and an airdrop without a market is still a holding."""
        rows = [("ETH", "1.5", "0.5"), ("LDETH", "2", "0"), ("LDO", "7", "0"), ("XYZ", "3", "0"), ("BTC", "0", "0")]
        payload = {"balances": [{"asset": a, "free": f, "locked": x} for a, f, x in rows]}
        listing = Listing({}, {name: Asset(name) for name in ("ETH", "LDO", "BTC")})
        holdings = binance.read_holdings(payload, listing)
        assert [(b.asset, b.free, b.locked) for b in holdings.spendable] == [
            ("ETH", Decimal("1.5"), Decimal("0.5")),
            ("LDO", Decimal(7), Decimal(0)),
            ("XYZ", Decimal(3), Decimal(0)),
        ]
        assert [(b.asset, b.total) for b in holdings.left_out] == [("ETH", Decimal(2))]

    def test_a_name_that_is_not_understood_is_an_error(self) -> None:
        """It never vanishes from the portfolio: the message names it."""
        payload = {"balances": [{"asset": "some thing", "free": "1", "locked": "0"}]}
        with pytest.raises(InvalidValue, match="some thing"):
            binance.read_holdings(payload, Listing({}, {}))

    def test_fees_are_those_of_the_markets_asked_for(self) -> None:
        """The venue answers for every market it has."""
        payload = [
            {"symbol": "BTCUSDT", "takerCommission": "0.00075", "makerCommission": "0"},
            {"symbol": "ETHUSDT", "takerCommission": "0.001", "makerCommission": "0.001"},
        ]
        assert binance.read_fees(payload, [market("BTCUSDT")]) == {"BTC/USDT": Fees(Decimal("0.00075"), Decimal(0))}

    def test_key_rights_fail_closed(self) -> None:
        """What moves assets out, what is unknown and what is missing each keep a key from being trade-only."""
        fine = {"enableReading": True, "enableSpotAndMarginTrading": True, "enableWithdrawals": False}
        fine |= {"ipRestrict": True, "enableFutures": False, "enableInternalTransfer": False}
        assert binance.read_key_rights(fine).is_trade_only
        for right in ("enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer"):
            assert binance.read_key_rights(fine | {right: True}).can_withdraw
        assert binance.read_key_rights(fine | {"enableTeleport": True}).unknown == ("enableTeleport",)
        assert not binance.read_key_rights(fine | {"enableTeleport": True}).is_trade_only
        for name in ("enableWithdrawals", "enableReading", "ipRestrict"):
            less = {key: value for key, value in fine.items() if key != name}
            assert name in binance.read_key_rights(less).problem
        assert binance.read_key_rights(["nonsense"]).problem


KRAKEN_ORDER = """{"cl_ord_id": "%s", "status": "canceled", "opentm": 1772366400.123456, "vol": "0.30000000",
 "vol_exec": "0.20000000"}"""
KRAKEN_TRADES = """{"T-2": {"ordertxid": "O-1", "price": "69000.20000", "vol": "0.05000000", "fee": "8.97003",
 "time": 1772366400.2}, "T-1": {"ordertxid": "O-1", "price": "69000.10000", "vol": "0.15000000", "fee": "26.91004",
 "time": 1772366400.1}}"""
KRAKEN_ASSETS = {"XXBT": Asset("BTC"), "XETH": Asset("ETH"), "ZUSD": Asset("USD"), "DOT": Asset("DOT")}


class TestKraken:
    def test_a_new_order_is_an_id_and_nothing_else(self) -> None:
        """It stands, and what became of it is asked for later."""
        report = kraken_orders.read_placed({"error": [], "result": {"txid": ["O-1"]}}, placement(market("XXBTZUSD")))
        assert (report.venue_order_id, report.status, report.filled) == ("O-1", ReportedStatus.OPEN, Decimal(0))

    @pytest.mark.parametrize("result", ["null", "{}", '{"txid": []}', '{"txid": [null]}', '{"txid": ["a", "b"]}'])
    def test_an_answer_without_one_id_confirms_nothing(self, result: str) -> None:
        """Nothing is made up where the venue did not say which order it is."""
        with pytest.raises(InvalidValue):
            kraken_orders.read_placed(read(f'{{"result": {result}}}'), placement(market("XXBTZUSD")))

    def test_fills_come_from_the_trades(self) -> None:
        """Exact figures, fees in quote, and the venue's own trade ids."""
        where = placement(market("XXBTZUSD", quote="USD"))
        report = kraken_orders.read_order("O-1", read(KRAKEN_ORDER % OUR_ID), read(KRAKEN_TRADES), where)
        assert (report.status, report.filled) == (ReportedStatus.CANCELED, Decimal("0.2"))
        assert {fill.id: fill.fees[0].quantity for fill in report.fills} == {
            "T-1": Decimal("26.91004"),
            "T-2": Decimal("8.97003"),
        }
        assert {fill.fees[0].asset for fill in report.fills} == {"USD"}

    def test_only_an_order_with_our_id_is_ours(self) -> None:
        """A venue that ignores the filter does not lend us another's order; of two of ours the newer counts."""
        older, newer = read(KRAKEN_ORDER % OUR_ID), read(KRAKEN_ORDER % OUR_ID) | {"opentm": "1772366401"}
        rows = {"O-0": read(KRAKEN_ORDER % "other"), "O-1": older, "O-2": newer}
        picked = kraken_orders.pick_order(rows, placement(market("XXBTZUSD")))
        assert picked is not None and picked[0] == "O-2"
        assert kraken_orders.pick_order({"O-0": rows["O-0"]}, placement(market("XXBTZUSD"))) is None

    def test_staked_and_held_balances_are_left_out_and_named(self) -> None:
        """XBT.M is lent bitcoin, ETH.F earning ether: held, and nothing to trade with."""
        payload = read(
            """{"result": {"XXBT": {"balance": "1.25", "hold_trade": "0.25"}, "ZUSD": {"balance": "10.5"},
            "XBT.M": {"balance": "0.5", "hold_trade": "0"}, "ETH.F": {"balance": "2", "hold_trade": "0"},
            "DOT.S": {"balance": "3", "hold_trade": "0"}, "DOT": {"balance": "0", "hold_trade": "0"}}}""",
        )
        holdings = kraken.read_holdings(payload, Listing({}, KRAKEN_ASSETS))
        assert [(b.asset, b.free, b.locked) for b in holdings.spendable] == [
            ("BTC", Decimal(1), Decimal("0.25")),
            ("USD", Decimal("10.5"), Decimal(0)),
        ]
        assert [(b.asset, b.total) for b in holdings.left_out] == [
            ("BTC", Decimal("0.5")),
            ("ETH", Decimal(2)),
            ("DOT", Decimal(3)),
        ]

    @pytest.mark.parametrize("name", ["NEWCOIN", "NEWCOIN.S", "xx.yy.zz"])
    def test_a_name_that_is_not_understood_is_an_error(self, name: str) -> None:
        """It never vanishes from the portfolio: the message names it."""
        with pytest.raises(InvalidValue, match=name.partition(".")[0]):
            kraken.read_holdings({"result": {name: {"balance": "1"}}}, Listing({}, KRAKEN_ASSETS))

    def test_fees_are_percentages_of_both_sides(self) -> None:
        """0.2600 is 26 basis points; a market without a maker's fee has the taker's."""
        result = {"fees": {"XXBTZUSD": {"fee": "0.2600"}, "XETHZUSD": {"fee": "0.2"}}}
        result["fees_maker"] = {"XXBTZUSD": {"fee": "0.1600"}}
        wanted = [market("XXBTZUSD", quote="USD"), market("XETHZUSD", "ETH", "USD")]
        assert kraken.read_fees({"result": result}, wanted) == {
            "BTC/USD": Fees(Decimal("0.0026"), Decimal("0.0016")),
            "ETH/USD": Fees(Decimal("0.002"), Decimal("0.002")),
        }

    def test_key_rights_fail_closed(self) -> None:
        """What moves assets out, what is unknown and what is missing each keep a key from being trade-only."""
        words = ["query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades"]
        fine = {"permissions": words, "ip_allowlist": ["192.0.2.1"]}
        assert kraken.read_key_rights({"result": fine}).is_trade_only
        assert kraken.read_key_rights({"result": fine | {"permissions": [*words, "withdraw-funds"]}}).can_withdraw
        new = kraken.read_key_rights({"result": fine | {"permissions": [*words, "earn-funds"]}})
        assert new.unknown == ("earn-funds",) and not new.is_trade_only
        assert not kraken.read_key_rights({"result": fine | {"permissions": words[1:]}}).can_read
        assert not kraken.read_key_rights({"result": fine | {"ip_allowlist": []}}).ip_restricted
        for broken in ({}, {"result": None}, {"result": {"permissions": "all"}}, None):
            assert kraken.read_key_rights(broken).problem


def test_books_keep_the_text_of_prices() -> None:
    """No float comes between: 0.1 and long fractions stay what they are; empty levels are left out."""
    payload = read('{"bids": [["0.10000000000000000001", "3", "1772366400"]], "asks": [[0.1000001, "0"], [0.2, "1"]]}')
    book = book_of(payload, market("X"), NOON)
    assert book.bids[0].price == Decimal("0.10000000000000000001")
    assert [(level.price, level.quantity) for level in book.asks] == [(Decimal("0.2"), Decimal(1))]


@pytest.mark.parametrize(
    "text", ['{"bids": []}', '{"bids": [["1"]], "asks": []}', '{"bids": [["x", "1"]], "asks": []}']
)
def test_a_broken_book_is_an_error(text: str) -> None:
    """A book that lacks a side or a figure is no book."""
    with pytest.raises(InvalidValue):
        book_of(read(text), market("X"), NOON)


def test_instants_are_exact() -> None:
    """Milliseconds and fractional seconds become the instant that they name."""
    assert instant_of_milliseconds("1772366400123", "t") == NOON.replace(microsecond=123_000)
    assert instant_of_seconds("1772366400.123456", "t") == NOON.replace(microsecond=123_456)
    assert milliseconds(NOON.replace(microsecond=123_999)) == 1772366400123
    assert instant_of_iso("2026-03-01T13:00:00.123456789+01:00", "t") == NOON.replace(microsecond=123_456)
    with pytest.raises(InvalidValue):
        instant_of_seconds("1e30", "t")
    for text in ("2026-03-01T12:00:00", "noon", None):
        with pytest.raises(InvalidValue):
            instant_of_iso(text, "t")


@pytest.mark.parametrize(("price", "amount"), [("0", "0.1"), (None, "0.1"), ("0.1", "0")])
def test_a_market_without_steps_is_no_market(price: str | None, amount: str) -> None:
    """Nothing could be ordered there exactly."""
    limits = {"amount": {"min": None}, "cost": {"min": None}}
    listed = {"symbol": "A/B", "precision": {"price": price, "amount": amount}, "limits": limits}
    with pytest.raises(InvalidValue, match="A/B"):
        read_spot_market(listed)


class TestCandles:
    def test_a_candle_belongs_to_the_end_of_its_day(self) -> None:
        """Told by the day's beginning, in seconds or milliseconds; the figures keep all their digits."""
        midnight = datetime(2026, 3, 2, tzinfo=UTC)
        expected = (Candle(midnight, Price(Decimal("69000.12345678")), Quantity(Decimal("12.5"))),)
        assert candles_of([[1772323200, "1", "2", "0.5", "69000.12345678", "12.5"]], (0, "s"), (4, 5)) == expected
        row = {"start": "1772323200000", "close": "69000.12345678", "volume": "12.5"}
        assert candles_of([row], ("start", "ms"), ("close", "volume")) == expected

    @pytest.mark.parametrize("close", ["0", "-1", "NaN", None, "", 0.5])
    def test_what_is_no_price_is_an_error(self, close: object) -> None:
        """A day at a price of nothing would make the wildest market of all."""
        with pytest.raises(InvalidValue):
            candles_of([[1772323200, close, "1"]], (0, "s"), (1, 2))

    @pytest.mark.parametrize("volume", ["-1", "NaN", None, "", 0.5])
    def test_what_is_no_volume_is_an_error(self, volume: object) -> None:
        """A day without a trade is one of zero."""
        with pytest.raises(InvalidValue):
            candles_of([[1772323200, "1", volume]], (0, "s"), (1, 2))
        assert candles_of([[1772323200, "1", "0"]], (0, "s"), (1, 2))[0].volume == 0
