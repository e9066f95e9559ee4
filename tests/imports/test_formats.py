"""Exports of the six exchanges, and of tax tools, as they come."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.model.ids import Asset
from tests.imports.files import preview, price_at, read

USD = Asset("USD")


def test_trades_of_binance_carry_their_coins_behind_the_numbers() -> None:
    """A fee in what was bought makes it less for the same money; one in BNB is sold, and comes off the proceeds."""
    assert read(
        """\
        "Date(UTC)","Pair","Side","Price","Executed","Amount","Fee"
        "2024-01-15 10:00:00","BTCUSDT","BUY","40000","0.0500000000BTC","2,000.00000000USDT","0.0000500000BTC"
        "2024-01-16 10:00:00","BTCUSDT","SELL","42000","0.0100000000BTC","420.00000000USDT","0.00050000BNB"
        "2024-01-17 10:00:00","ETHBTC","BUY","0.05","1.00000000ETH","0.05000000BTC","0.0010000000ETH"
        """,
        price_at=price_at,
    ) == [
        ("acquire", "BTC", "0.04995", "2000"),
        ("fee", "BNB", "0.0005", "0.3"),
        ("dispose", "BTC", "0.01", "419.7"),
        ("acquire", "ETH", "0.999", "2000"),
        ("dispose", "BTC", "0.05", "2000"),
    ]


def test_older_trades_of_binance_name_the_coin_of_the_fee() -> None:
    """Here `Amount` is the quantity, and `Total` what was paid."""
    assert read("""\
        Date(UTC),Market,Type,Price,Amount,Total,Fee,Fee Coin
        2021-01-15 10:00:00,BNBUSDT,BUY,40,2,80,0.08,USDT
        """) == [("acquire", "BNB", "2", "80.08")]


def test_a_statement_of_binance_ties_the_rows_of_one_instant_together() -> None:
    """Bought, spent and fee stand in rows of their own."""
    assert read(
        """\
        User_ID,UTC_Time,Account,Operation,Coin,Change,Remark
        1,2024-01-15 18:00:01,Spot,Transaction Buy,BTC,0.01,
        1,2024-01-15 18:00:01,Spot,Transaction Spend,USDT,-400,
        1,2024-01-15 18:00:01,Spot,Transaction Fee,BNB,-0.0005,
        1,2024-01-16 18:00:01,Earn,Simple Earn Flexible Interest,BNB,0.001,
        1,2024-01-16 18:00:02,Spot,Simple Earn Flexible Subscription,BNB,-0.001,
        """,
        price_at=price_at,
    ) == [("fee", "BNB", "0.0005", "0.3"), ("acquire", "BTC", "0.01", "400.3"), ("income", "BNB", "0.001", "0.6")]


def test_withdrawals_of_binance_are_told_from_deposits_by_their_fee() -> None:
    """Neither export says in a row which it is."""
    assert read("""\
        Date(UTC+0),Coin,Network,Amount,Address,TXID,Status
        2024-01-15 10:00:00,BTC,BTC,0.5,bc1,tx1,Completed
        """) == [("opening", "BTC", "0.5", "?")]
    assert read("""\
        Date(UTC+0),Coin,Network,Amount,Fee,Address,TXID,Status
        2024-01-15 10:00:00,BTC,BTC,0.5,0.0001,bc1,tx1,Completed
        2024-01-15 11:00:00,BTC,BTC,0.7,0.0001,bc1,tx1,Cancelled
        """) == [("fee", "BTC", "0.0001", "?"), ("reduce", "BTC", "0.5", "?")]


def test_trades_of_kraken_have_names_of_their_own_for_coins() -> None:
    """The id is that of the exchange's interface, so that a trade is known whichever way it came."""
    found = preview(
        """\
        txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers
        TX-1,O1,XXBTZUSD,2024-01-15 10:00:00.1234,buy,limit,40000,1000,2.6,0.025,0,,
        TX-2,O2,DOT/USD,2024-01-16 10:00:00.1234,sell,limit,5,10,0.26,2,0,,
        """,
        numeraire=USD,
        account="kraken",
    )
    assert [(entry.id, entry.asset, str(entry.value)) for entry in found.entries] == [
        ("kraken:TX-1:in", "BTC", "1002.6"),
        ("kraken:TX-2:out", "DOT", "9.74"),
    ]
    assert found.entries[0].at == datetime(2024, 1, 15, 10, 0, 0, 123_400, tzinfo=UTC)


def test_a_ledger_of_kraken_tells_a_trade_in_two_rows() -> None:
    """What is not settled yet comes twice, first without an id; a withdrawal that came back is none."""
    assert read(
        """\
        "txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"
        "L1","R1","2024-01-15 10:00:00","trade","","currency","ZUSD","-1000.0","2.6","5000"
        "L2","R1","2024-01-15 10:00:00","trade","","currency","XXBT","0.025","0","0.025"
        "","D1","2024-01-14 10:00:00","deposit","","currency","XETH","5","0",""
        "L3","D1","2024-01-14 10:00:00","deposit","","currency","XETH","5","0","5"
        "L4","W1","2024-01-17 10:00:00","withdrawal","","currency","XXBT","-0.01","0.0001","0.01"
        "L5","W2","2024-01-17 10:00:00","withdrawal","","currency","XXBT","-0.01","0","0.01"
        "L6","W2","2024-01-18 10:00:00","withdrawal","","currency","XXBT","0.01","0","0.02"
        "L7","S1","2024-01-19 10:00:00","earn","reward","currency","ETH.F","0.1","0.02","0.1"
        "L8","S2","2024-01-20 10:00:00","earn","autoallocation","currency","ETH.F","0.1","0","0.1"
        """,
        numeraire=USD,
        price_at=price_at,
    ) == [
        ("opening", "ETH", "5", "?"),
        ("acquire", "BTC", "0.025", "1002.6"),
        ("fee", "BTC", "0.0001", "4"),
        ("reduce", "BTC", "0.01", "?"),
        ("income", "ETH", "0.08", "160"),
    ]


COINBASE = (
    "ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,"
    "Total (inclusive of fees and/or spread),Fees and/or Spread,Notes"
)


def test_a_report_of_coinbase_begins_with_lines_that_are_no_table() -> None:
    """Its fee is beside the subtotal, its sales are below zero, and a conversion stands in the note."""
    assert read(
        f"""\

        Transactions
        User,Jo,123
        {COINBASE}
        a1,2024-01-15 10:00:00 UTC,Buy,BTC,0.01,USD,$40000.00,$400.00,$404.00,$4.00,Bought
        a2,2024-01-16 10:00:00 UTC,Advanced Trade Sell,BTC,-0.005,USD,$42000.00,-$210.00,-$209.00,$1.00,Sold
        a3,2024-01-17 10:00:00 UTC,Staking Income,ETH,0.001,USD,$2500,$2.5,$2.5,$0,
        a4,2024-01-18 10:00:00 UTC,Convert,ETH,0.1,USD,$2500,$250,$255,$5,Converted 0.1 ETH to 0.006 BTC
        a5,2024-01-19 10:00:00 UTC,Send,BTC,-0.001,USD,$42000,-$42,-$42,$0,
        """,
        numeraire=USD,
    ) == [
        ("acquire", "BTC", "0.01", "404"),
        ("dispose", "BTC", "0.005", "209"),
        ("income", "ETH", "0.001", "2.5"),
        ("acquire", "BTC", "0.006", "250"),
        ("dispose", "ETH", "0.1", "250"),
        ("reduce", "BTC", "0.001", "?"),
    ]


def test_ids_of_a_report_of_coinbase_are_not_those_of_its_trades() -> None:
    """A trade that the exchange tells of cannot be recognised in it: whoever imports both is warned."""
    found = preview(
        f"{COINBASE}\na1,2024-01-15 10:00:00 UTC,Buy,BTC,0.01,USD,$40000.00,$400.00,$404.00,$4.00,Bought\n",
        numeraire=USD,
    )
    assert (len(found.entries), found.without_id) == (1, 1)


def test_fills_of_coinbase_hold_the_fee_in_their_total() -> None:
    """So the total is not read: quantity times price is right."""
    assert read(
        """\
        portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit
        default,1,BTC-USD,BUY,2021-01-15T10:00:00.000Z,0.01,BTC,40000,2,-402,USD
        """,
        numeraire=USD,
    ) == [("acquire", "BTC", "0.01", "402")]


def test_trades_of_bybit_take_the_fee_from_what_was_received() -> None:
    """And the time stands before the date."""
    found = preview("""\
        Spot Pairs,Order Type,Direction,Filled Value,Filled Price,Filled Quantity,Fees,Transaction ID,Timestamp (UTC)
        ICPUSDT,MARKET,SELL,50,10,5,0.05,2200000000355489633,14:35 2024-11-16
        ICPUSDT,LIMIT,BUY,80,8,10,0.01,2200000000351489633,14:36 2024-11-16
        """)
    assert [(entry.id, str(entry.quantity), str(entry.value)) for entry in found.entries] == [
        ("binance:2200000000355489633:out", "5", "49.95"),
        ("binance:2200000000351489633:in", "9.99", "80"),
    ]


KUCOIN = (
    "UID,Account Type,Order ID,Order Time(UTC+08:00),Symbol,Side,Order Type,Order Price,Order Amount,"
    "Avg. Filled Price,Filled Amount,Filled Volume,Filled Volume (USDT),Filled Time(UTC+08:00),Fee,Fee Currency,Status"
)


def test_trades_of_kucoin_name_the_zone_in_the_header() -> None:
    """What is told of the order, which may not have been filled whole, is not read."""
    found = preview(
        f"{KUCOIN}\n1,mainAccount,o1,2024-01-15 18:00:00,BTC-USDT,BUY,LIMIT,41000,0.02,"
        "40000,0.01,400,400,2024-01-15 18:00:01,0.4,USDT,deal\n"
    )
    assert [(str(e.quantity), str(e.value), e.at.hour) for e in found.entries] == [("0.01", "400.4", 10)]
    assert found.without_id == 1


OKX = (
    "id,Order id,Time,Trade Type,Symbol,Action,Amount,Trading Unit,Filled Price,PnL,Fee,Fee Unit,"
    "Position Change,Position Balance,Balance Change,Balance,Balance Unit"
)


def test_trades_of_okx_are_two_changes_of_the_balance() -> None:
    """The fee is in them already."""
    assert read(f"""\
        {OKX}
        1,77,2024-01-15 18:00:01,Spot,BTC-USDT,Buy,0.01,BTC,40000,0,-0.00001,BTC,0,0,0.00999,0.00999,BTC
        2,77,2024-01-15 18:00:01,Spot,BTC-USDT,Sell,400,USDT,40000,0,0,USDT,0,0,-400,600,USDT
        3,,2024-01-15 17:00:01,Transfer,,Transfer in,1000,USDT,,0,0,,0,0,1000,1000,USDT
        """) == [("acquire", "BTC", "0.00999", "400")]


def test_tools_write_both_sides_into_one_row() -> None:
    """One side alone is something that came or went; a currency that is not ours values nothing."""
    header = (
        "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,"
        "Net Worth Amount,Net Worth Currency,Label,TxHash"
    )
    assert read(f"""\
        {header}
        2024-01-15 10:00:00 UTC,1,ETH,0.05,BTC,1,USDT,2100,USDT,,
        2024-01-16 10:00:00 UTC,,,0.1,ETH,,,190,USDT,reward,
        2024-01-17 10:00:00 UTC,0.1,BTC,,,,,190,EUR,,
        """) == [
        ("acquire", "BTC", "0.05", "2100"),
        ("dispose", "ETH", "1", "2099"),
        ("income", "ETH", "0.1", "190"),
        ("reduce", "BTC", "0.1", "?"),
    ]


def test_columns_of_one_name_are_told_apart_by_their_place() -> None:
    """CoinTracking calls three columns `Cur.`."""
    assert read("""\
        "Type","Buy","Cur.","Sell","Cur.","Fee","Cur.","Exchange","Group","Comment","Date"
        "Trade","0.05","BTC","2000","USDT","2","USDT","Kraken","","","2024-01-15 10:00:00"
        """) == [("acquire", "BTC", "0.05", "2002")]
