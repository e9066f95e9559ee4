"""An exchange's own history becomes the entries that its file would."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from bot.imports.from_trades import preview_of_trades
from engine.account.ledger import new_among
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import Price, Quantity
from engine.model.order import FeePaid, HistoricTrade
from tests.imports.files import preview, price_at, terms

BTC, USDT, ETH, BNB, USD = (Asset(name) for name in ("BTC", "USDT", "ETH", "BNB", "USD"))
NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)


def trade(number: str, side: Side, base: Asset, quote: Asset, fee: tuple[str, Asset] | None = None) -> HistoricTrade:
    """Two units at a price of 1,000, at noon."""
    fees = (FeePaid(fee[1], Quantity(Decimal(fee[0]))),) if fee else ()
    price = Price(Decimal(1000))
    return HistoricTrade(number, VenueName("kraken"), base, quote, side, Quantity(Decimal(2)), price, fees, NOON)


def test_a_purchase_and_a_sale_for_money_make_one_entry_each() -> None:
    """Under the id that a fill of our own has, with the fee in the cost and off the proceeds."""
    trades = [trade("T1", Side.BUY, ETH, USDT, ("3", USDT)), trade("T2", Side.SELL, ETH, USDT, ("3", USDT))]
    found = preview_of_trades(trades, terms())
    assert [(entry.id, entry.kind.value, entry.account, str(entry.value)) for entry in found.entries] == [
        ("kraken:T1:in", "acquire", "kraken", "2003"),
        ("kraken:T2:out", "dispose", "kraken", "1997"),
    ]
    assert [(count.kind.value, count.entries) for count in found.counts] == [("acquire", 1), ("dispose", 1)]


def test_a_trade_between_coins_makes_two_and_a_third_for_a_fee_in_a_third_coin() -> None:
    """All three of one trade: known together."""
    found = preview_of_trades([trade("T1", Side.SELL, ETH, BTC, ("1", BNB))], terms(price_at=price_at))
    assert [(entry.id, entry.kind.value, entry.asset) for entry in found.entries] == [
        ("kraken:T1:fee", "fee", "BNB"),
        ("kraken:T1:in", "acquire", "BTC"),
        ("kraken:T1:out", "dispose", "ETH"),
    ]
    assert new_among(found.entries, ["kraken:T1"]) == () == new_among(found.entries, ["kraken:T1:out"])


def test_a_rebate_makes_a_purchase_cheaper() -> None:
    """In a third coin it is bought for what it takes off."""
    rebates = [trade("T1", Side.BUY, ETH, USDT, ("-3", USDT)), trade("T2", Side.BUY, ETH, USDT, ("-1", BNB))]
    found = preview_of_trades(rebates, terms(price_at=price_at))
    assert [(entry.kind.value, entry.asset, str(entry.value)) for entry in found.entries] == [
        ("acquire", "ETH", "1997"),
        ("acquire", "BNB", "600"),
        ("acquire", "ETH", "1400"),
    ]


def test_what_has_no_value_stops_the_whole() -> None:
    """Every such trade is named."""
    found = preview_of_trades([trade("T1", Side.BUY, ETH, BTC), trade("T2", Side.BUY, ETH, USDT)], terms())
    assert found.entries == ()
    assert ["kraken, 2024-01-15 12:00 UTC: nobody knows what BTC given for ETH" in str(e) for e in found.errors] == [
        True
    ]


def test_the_file_of_an_exchange_says_what_its_history_says() -> None:
    """So that whichever comes second adds nothing."""
    text = """\
        txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers
        T1,O1,XETHZUSD,2024-01-15 12:00:00,buy,limit,1000,2000,3,2,0,,
        """
    of_file = preview(text, numeraire=USD, account="kraken")
    of_history = preview_of_trades([trade("T1", Side.BUY, ETH, USD, ("3", USD))], terms(numeraire=USD))
    assert of_file.entries == of_history.entries
    assert new_among(of_history.entries, [entry.id for entry in of_file.entries]) == ()
