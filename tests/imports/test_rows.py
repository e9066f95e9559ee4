"""How single rows are read: sides, values, fees, transfers, and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.imports.records import Skipped
from engine.model.ids import Asset
from engine.model.lots import EntryKind
from tests.imports.files import GENERIC, Short, mistakes, preview, price_at, read

IN_BNB = ("fee", "BNB", "1", "600")


def test_a_preview_counts_what_would_be_added() -> None:
    """By kind and asset, with the days from which to which, and the columns as they were understood."""
    found = preview(GENERIC)
    assert [(count.kind.value, count.asset, count.entries, str(count.quantity)) for count in found.counts] == [
        ("acquire", "BTC", 1, "0.5"),
        ("dispose", "BTC", 1, "0.2"),
        ("income", "ETH", 1, "0.1"),
        ("opening", "ETH", 1, "1"),
        ("reduce", "BTC", 1, "0.1"),
    ]
    assert (str(found.first), str(found.last)) == ("2024-01-15", "2024-01-19")
    assert (found.rows, found.unpaired_deposits, found.unpaired_withdrawals, found.without_id) == (5, 1, 1, 2)
    assert [column.meaning for column in found.columns][:3] == ["time", "type", "asset"]


def test_a_fee_is_part_of_the_cost_or_comes_off_the_proceeds() -> None:
    """The price is that of the row, without the fee."""
    bought, sold = preview(GENERIC).entries[:2]
    assert (bought.value, bought.price) == (Decimal(20_010), Decimal(40_000))
    assert (sold.value, sold.price) == (Decimal(8_195), Decimal(41_000))


def test_a_trade_between_two_coins_is_a_sale_and_a_purchase() -> None:
    """Both at the value that the row says, and the fee counts once: here it makes the purchase dearer."""
    found = preview("""\
        date,type,pair,amount,price,fee,fee coin,value,id
        2024-01-15 10:00,buy,ETH/BTC,10,0.05,3,USDT,21000,7
        """)
    assert [(entry.id, entry.kind.value, str(entry.quantity), str(entry.value)) for entry in found.entries] == [
        ("binance:7:in", "acquire", "10", "21003"),
        ("binance:7:out", "dispose", "0.50", "21000"),
    ]


@pytest.mark.parametrize(
    ("side", "fee", "expected"),
    [
        ("buy", "0.1 ETH", [("acquire", "ETH", "9.9", "20000"), ("dispose", "BTC", "0.5", "20000")]),
        ("buy", "0.001 BTC", [("acquire", "ETH", "10", "20040"), ("dispose", "BTC", "0.501", "20040")]),
        ("sell", "0.001 BTC", [("acquire", "BTC", "0.499", "19960"), ("dispose", "ETH", "10", "19960")]),
        ("sell", "0.1 ETH", [("acquire", "BTC", "0.5", "20000"), ("dispose", "ETH", "10.1", "20000")]),
        ("buy", "1 BNB", [("acquire", "ETH", "10", "20600"), ("dispose", "BTC", "0.5", "20000"), IN_BNB]),
        ("sell", "1 BNB", [("acquire", "BTC", "0.5", "20000"), ("dispose", "ETH", "10", "19400"), IN_BNB]),
    ],
)  # fmt: skip
def test_a_fee_counts_once_whatever_it_is_paid_in(side: str, fee: str, expected: list[Short]) -> None:
    """In what was bought, in what was sold, or in a third coin that is sold for it."""
    text = f"date,type,pair,amount,price,fee\n2024-01-15 10:00,{side},ETH/BTC,10,0.05,{fee}\n"
    assert sorted(read(text, price_at=price_at)) == expected


def test_what_has_no_value_is_a_mistake_of_its_line() -> None:
    """The remedy is a column, or prices."""
    said = mistakes("""\
        date,type,pair,asset,amount,price,fee
        2024-01-15 10:00,buy,ETH/BTC,,10,0.05,
        2024-01-15 10:00,income,,ETH,1,,
        2024-01-15 10:00,buy,BTC/USDT,,1,40000,0.1 BNB
        """)
    assert said == [
        'line 2: nobody knows what BTC given for ETH was worth in USDT; add a column "value USDT"',
        'line 3: nobody knows what 1 ETH was worth in USDT; add a column "value USDT"',
        'line 4, column "fee": nobody knows what the fee of 0.1 BNB was worth in USDT; add a column "fee value USDT"',
    ]


def test_a_withdrawal_and_the_deposit_that_it_became_are_one_transfer() -> None:
    """Known by the transaction, or by an amount that lacks no more than a fee, between two accounts."""
    found = preview(
        """\
        date,type,asset,amount,account,txid
        2024-01-15 10:00,withdrawal,BTC,1,binance,abc
        2024-01-15 11:00,deposit,BTC,0.9,kraken,abc
        2024-01-16 10:00,withdrawal,ETH,2,binance,
        2024-01-16 10:30,deposit,ETH,1.99,kraken,
        2024-01-17 10:00,withdrawal,SOL,2,binance,
        2024-01-17 10:30,deposit,SOL,1.9,kraken,
        2024-01-18 10:00,withdrawal,DOT,2,binance,
        2024-01-18 10:30,deposit,DOT,2,binance,
        """,
        price_at=price_at,
    )
    moved = [entry for entry in found.entries if entry.kind is EntryKind.TRANSFER]
    assert [(e.account, e.to_account, str(e.quantity), str(e.fee_quantity), str(e.fee_value)) for e in moved] == [
        ("binance", "kraken", "0.9", "0.1", "4000.0"),
        ("binance", "kraken", "1.99", "0.01", "20.00"),
    ]
    assert (found.transfers, found.unpaired_deposits, found.unpaired_withdrawals) == (2, 2, 2)


def test_a_transfer_can_be_written_as_one() -> None:
    """With the account it went to; its fee is beside what arrived."""
    (moved,) = preview("""\
        date,type,asset,amount,fee,account,to account
        2024-01-15 10:00,transfer,BTC,1,0.001,binance,ledger
        """).entries
    assert (moved.kind, moved.to_account) == (EntryKind.TRANSFER, "ledger")
    assert (moved.quantity, moved.fee_quantity) == (1, Decimal("0.001"))


def test_money_makes_no_entries() -> None:
    """Deposits of the numeraire are counted, and so is what never took place."""
    found = preview("""\
        date,type,asset,amount,status
        2024-01-15 10:00,deposit,USDT,1000,completed
        2024-01-15 10:00,deposit,BTC,1,failed
        2024-01-15 10:00,internal transfer,BTC,1,completed
        2024-01-15 10:00,income,BTC,0,completed
        """)
    assert found.entries == () and found.errors == ()
    once = dict.fromkeys((Skipped.CASH, Skipped.NOT_DONE, Skipped.INTERNAL, Skipped.NOTHING), 1)
    assert dict(found.skipped) == once


def test_money_on_the_side_of_the_base_is_money_too() -> None:
    """Selling Tether for euros is buying euros."""
    assert read("""\
        date,type,pair,amount,total,fee,fee coin
        2024-01-15 10:00,sell,USDT/EUR,110,100,0.1,EUR
        2024-01-16 10:00,buy,USDT/EUR,110,100,1,USDT
        """) == [("acquire", "EUR", "99.9", "110"), ("dispose", "EUR", "100", "109")]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("yesterday,buy,BTC/USDT,1,1,", "column \"date\": 'yesterday' is no date; write dates as 2026-01-31"),
        ("2024-01-15,hold,BTC/USDT,1,1,", "column \"type\": 'hold' is not known; write one of buy, sell"),
        ("2024-01-15,,BTC/USDT,1,1,", "does not say what the row is"),
        ("2024-01-15,buy,BTCX,1,1,", "'BTCX' is no market; write one as BTC/USDT"),
        ("2024-01-15,buy,USDTUSD,1,1,", "it can be USD/TUSD or USDT/USD; write which"),
        ("2024-01-15,buy,BTC/USDT,one,1,", "column \"amount\": 'one' is no number"),
        ("2024-01-15,buy,BTC/USDT,,1,", 'column "amount": is empty; fill it in'),
        ("2024-01-15,buy,BTC/USDT,1,,", "is missing, and so is a price"),
        ("2024-01-15,buy,BTC/USDT,1,1,-1", "write fees without a sign"),
        ("2024-01-15,buy,BTC/USDT,1,1,2 BTC", "takes all of the BTC that was bought"),
        ("2024-01-15,buy,BTC/BTC,1,1,", "BTC is given for itself"),
        ("2024-01-15,trade,BTC/USDT,1,1,", "is a trade, and the row has one side; write buy or sell"),
        ("2024-01-15,transfer,BTC,1,1,", 'column "asset": is empty'),
        ("=HYPERLINK(1),buy,BTC/USDT,1,1,", "'=HYPERLINK(1)' is no date"),
    ],
)
def test_a_mistake_names_its_line_its_column_and_the_remedy(row: str, says: str) -> None:
    """And a file with one yields nothing, however right the rest is."""
    (said,) = mistakes(f"date,type,market,amount,price,fee\n2024-01-14,buy,BTC/USDT,1,1,\n{row}\n")
    assert said.startswith("line 3") and says in said


def test_all_mistakes_are_told_at_once() -> None:
    """With their lines, those of quoted cells over several lines counted right."""
    said = mistakes('date,type,asset,amount,note\nx,buy,BTC,1,"two\nlines"\n2024-01-15,buy,BTC,y,\n')
    assert [text.partition(",")[0] for text in said] == ["line 2", "line 4"]


def test_a_total_that_holds_the_fee_is_refused() -> None:
    """Quantity times price is without it."""
    (said,) = mistakes("date,type,asset,amount,price,total,fee\n2024-01-15,buy,BTC,1,100,110,10\n")
    assert "is not quantity times price; leave the fee out of it" in said


def test_rows_that_do_not_make_one_trade_are_refused_together() -> None:
    """Two purchases in one second of a statement: which for how much nobody can tell."""
    (said,) = mistakes("""\
        User_ID,UTC_Time,Account,Operation,Coin,Change,Remark
        1,2024-01-15 18:00:01,Spot,Buy,BTC,0.01,
        1,2024-01-15 18:00:01,Spot,Buy,USDT,-400,
        1,2024-01-15 18:00:01,Spot,Buy,ETH,0.1,
        """)
    assert "lines 2, 3, 4 belong together" in said and "import the export of trades instead" in said


def test_an_id_stands_for_one_row() -> None:
    """The same row again is passed over, another one under the same id is a mistake."""
    same = "2024-01-15,buy,BTC,1,100,a"
    found = preview(f"date,type,asset,amount,price,id\n{same}\n{same}\n")
    assert len(found.entries) == 1 and dict(found.skipped) == {Skipped.REPEATED: 1}
    (said,) = mistakes(f"date,type,asset,amount,price,id\n{same}\n2024-01-15,buy,BTC,2,100,a\n")
    assert "is there already in line 2, of something else" in said


def test_bare_times_are_read_in_the_persons_zone() -> None:
    """The days of the preview are of that zone too; a zone that is written wins."""
    found = preview("date,type,asset,amount\n2024-01-15 00:30,deposit,BTC,1\n", zone=ZoneInfo("Europe/Berlin"))
    assert found.entries[0].at == datetime(2024, 1, 14, 23, 30, tzinfo=UTC)
    assert str(found.first) == "2024-01-15"
    shifted = preview("date,type,asset,amount\n2024-01-15T00:30:00+05:30,deposit,BTC,1\n")
    assert shifted.entries[0].at == datetime(2024, 1, 14, 19, 0, tzinfo=UTC)


def test_the_account_is_the_one_that_is_imported_for_unless_a_table_of_ones_own_names_another() -> None:
    """Binance calls its wallets accounts: they are none of one's own."""
    assert preview(GENERIC, account="mine").entries[0].account == "mine"
    own = preview("date,type,asset,amount,account\n2024-01-15,deposit,BTC,1,Cold wallet\n")
    assert own.entries[0].account == "Cold wallet"


def test_another_currency_is_valued_by_its_price() -> None:
    """Paid in euros, counted in Tether; counted in euros it is money."""
    text = "date,type,pair,amount,total\n2024-01-15,buy,BTC/EUR,1,36000\n"
    assert read(text, price_at=price_at) == [
        ("acquire", "BTC", "1", "39600"),
        ("dispose", "EUR", "36000", "39600"),
    ]
    assert read(text, numeraire=Asset("EUR")) == [("acquire", "BTC", "1", "36000")]
