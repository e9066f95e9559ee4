"""Numbers, dates and tables as people and spreadsheets write them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.imports.dates import DateOrder
from bot.imports.numbers import DecimalMark
from bot.imports.table import MOST_CHARACTERS, MOST_ROWS, NoTable, lines_of
from engine.model.errors import InvalidValue
from tests.imports.files import mistakes, preview, read


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.5", "1234.5"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234,5", "1234.5"),
        ("1'234.56", "1234.56"),
        ("0,5", "0.5"),
        ("0,500", "0.500"),
        ("1,234,567", "1234567"),
        ("$1,234.50", "1234.50"),
        ("-$0.5", "-0.5"),
        ("(0.5)", "-0.5"),
        ("\u22120.5", "-0.5"),
        ("1e-8", "1e-8"),
        ("1.234", "1.234"),
        ("12", "12"),
        (".5", "0.5"),
    ],
)
def test_a_number_that_can_be_read_in_one_way_is_read(text: str, number: str) -> None:
    """Alone in its file."""
    assert DecimalMark([text]).number(text) == Decimal(number)


def test_a_number_that_could_be_two_is_judged_by_its_file() -> None:
    """Where no other number tells, it is refused."""
    assert DecimalMark(["0.5", "1,234"]).number("1,234") == 1234
    assert DecimalMark(["0,5", "1,234"]).number("1,234") == Decimal("1.234")
    assert DecimalMark(["0,5", "1.234"]).number("1.234") == 1234
    with pytest.raises(InvalidValue, match="can be read in two ways"):
        DecimalMark(["1,234"]).number("1,234")


@pytest.mark.parametrize(
    "text", ["", "abc", "1,2,3.4", "1.2.3,4", "--1", "1..2", "NaN", "Infinity", "=1+1", "0x10", "1e", "٣", "1e999999"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    """With how it would be right, and never as another number."""
    with pytest.raises(InvalidValue):
        DecimalMark([text]).number(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-31 14:30:00",
        "2024-01-31T14:30:00Z",
        "2024-01-31 14:30:00 UTC",
        "2024/01/31 14:30",
        "2024-01-31T15:30:00+01:00",
        "31.01.2024 14:30",
        "31/01/2024 14:30:00",
        "01/31/2024 02:30 PM",
        "14:30 2024-01-31",
        "1706711400",
        "1706711400000",
        "2024-01-31 14:30:00.000",
    ],
)
def test_a_date_that_can_be_read_in_one_way_is_read(text: str) -> None:
    """Alone in its file."""
    assert DateOrder([text], UTC).instant(text) == datetime(2024, 1, 31, 14, 30, tzinfo=UTC)


def test_a_date_that_could_be_two_is_judged_by_its_file() -> None:
    """A 13th or later tells the others; without one, dates are asked for as ISO writes them."""
    assert DateOrder(["13/02/2024", "03/02/2024"], UTC).instant("03/02/2024").month == 2
    assert DateOrder(["02/13/2024", "03/02/2024"], UTC).instant("03/02/2024").month == 3
    for texts in (["03/02/2024"], ["13/02/2024", "02/13/2024", "03/02/2024"]):
        with pytest.raises(InvalidValue, match="with the day or the month first; write dates as 2026-01-31"):
            DateOrder(texts, UTC).instant("03/02/2024")
    assert DateOrder([], UTC).instant("02/02/2024").month == 2


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-01",
        "2024-01-15 10:00 UTC+99:00",
        "2024-02-30",
        "2024-13-01",
        "24-01-15 10:00",
        "2024-01-15 25:00",
        "0000-01-01",
        "99999999999999",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """A year of two digits too."""
    with pytest.raises(InvalidValue, match="write dates as"):
        DateOrder([text], UTC).instant(text)


def test_a_spreadsheets_file_is_read_as_it_is() -> None:
    """A mark at its beginning, semicolons, decimal commas, quoted headers, empty lines and spaces."""
    text = '\ufeff"Date";"Type";"Asset";"Amount";"Price"\r\n\r\n31/01/2024 10:00;buy; BTC;0,5;40.000,00\r\n;;;;\r\n'
    assert read(text) == [("acquire", "BTC", "0.5", "20000")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is no header"),
        ("foo,bar\n1,2\n", "there is no header"),
        ("date,type,asset,amount\n2024-01-15,buy,BTC,\0", "line 2: there are NUL bytes"),
        ('date,type,asset,amount\n2024-01-15,buy,BTC,"1\n', "line 2: the quotes"),
        ("a," * 200, "columns"),
        ("x" * 3000, "characters"),
        ("x" * (MOST_CHARACTERS + 1), "million characters"),
    ],
)
def test_what_is_no_table_is_refused_whole(text: str, says: str) -> None:
    """With its line, and what to do."""
    assert says in mistakes(text)[0]


def test_a_file_of_too_many_rows_is_refused() -> None:
    """The limit is for what a person can look at before it is added."""
    with pytest.raises(NoTable, match="rows; split it by year"):
        lines_of("a,b\n" * (MOST_ROWS + 2))


def test_a_formula_is_a_text() -> None:
    """It is not computed, and where a text may stand it harms nobody."""
    found = preview('date,type,asset,amount,note\n2024-01-15,deposit,BTC,1,"=cmd|calc"\n')
    assert len(found.entries) == 1


def test_an_account_with_books_is_known_however_its_name_is_written() -> None:
    """Else what it held would be there twice: of unknown cost, and in an account of its own."""
    rows = """\
        date,type,asset,amount,price,account,to account,id
        2024-01-15T10:00:00Z,buy,BTC,0.5,40000,KRAKEN,,1
        2024-01-16T10:00:00Z,transfer,BTC,0.1,,Ledger,Kraken,2
        """
    bought, moved = preview(rows, own=("kraken",)).entries
    assert (bought.account, bought.id) == ("kraken", "kraken:1:in")
    assert (moved.account, moved.to_account) == ("Ledger", "kraken")
