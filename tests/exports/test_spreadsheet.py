"""The spreadsheet, read back by a library that had no part in writing it."""

from __future__ import annotations

import io
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.exports.form_8949 import Reported
from bot.exports.report import What, book
from bot.exports.sheets import DISCLAIMER, Column, Kind, Sheet
from bot.exports.spreadsheet import NoSpreadsheets, holds, workbook
from bot.exports.tax_view import tax_year_view
from engine.model.lots import Term
from tests.exports import histories as a

D = Decimal
NUMBERS = st.builds(
    lambda digits, power: D(digits).scaleb(power), st.integers(-(10**15) + 1, 10**15 - 1), st.integers(-18, 3)
)


def whole_book(what: What = What.ALL) -> tuple[Sheet, ...]:
    settlement = a.settled()
    return book(settlement, tax_year_view(settlement, a.HIFO, 2026, a.at("2026-06-01")), what, Reported.NOTHING)


def opened(file: bytes) -> Any:
    return load_workbook(io.BytesIO(file))


def cells(*row: Any, kind: Kind = Kind.TEXT) -> list[Any]:
    """What a row of cells is read back as."""
    sheet = Sheet("X", tuple(Column(f"{i}", kind) for i in range(len(row))), (row,))
    return list(opened(workbook([sheet]))["X"][2])


def test_a_year_is_six_sheets() -> None:
    """With the figures as numbers, and the instants as days that can be sorted."""
    read = opened(workbook(whole_book()))
    assert read.sheetnames == ["Gains", "Income", "Open lots", "Form 8949", "Summary", "Notes"]
    first = [cell.value for cell in read["Gains"][2]]
    assert first[1].isoformat() == "2026-02-20T12:00:00"
    assert [first[0], *first[2:4]] == ["dispose-BTC-2026-02-20", "BTC", "kraken"]
    assert first[7:10] == [15000, 22500, -7500]
    assert [cell.value for cell in read["Summary"][2]][:2] == ["Short-term gain", -15985]


def test_the_disclaimer_is_said_once_in_the_file() -> None:
    """First among the notes."""
    read = opened(workbook(whole_book()))
    said = [cell.value for sheet in read for row in sheet for cell in row if DISCLAIMER in str(cell.value)]
    assert said == [DISCLAIMER]
    assert read["Notes"]["A2"].value == DISCLAIMER


def test_equal_tables_are_equal_bytes() -> None:
    """No clock is read: the file can be compared, and made again."""
    assert workbook(whole_book()) == workbook(whole_book())
    assert opened(workbook(whole_book())).properties.created.isoformat() == "2000-01-01T00:00:00"


@settings(max_examples=30, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_a_number_of_fifteen_digits_comes_back_exactly(numbers: list[Decimal]) -> None:
    """Whatever its power of ten."""
    assert [D(repr(cell.value)) for cell in cells(*numbers, kind=Kind.MONEY)] == numbers


def test_a_number_that_would_be_rounded_is_text() -> None:
    """All of its digits are there."""
    long = D("0.1234567890123456")
    (cell,) = cells(long, kind=Kind.QUANTITY)
    assert (cell.value, cell.data_type) == ("0.1234567890123456", "s")
    assert not holds(long)
    assert holds(D("123456789012345000000"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", '=HYPERLINK("http://x")', "{=1}", "http://x.example"])
def test_text_is_never_a_formula_or_a_link(text: str) -> None:
    """It is kept as it is, as text."""
    (cell,) = cells(text)
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_what_is_no_character_does_not_break_the_file() -> None:
    """Control characters become spaces, and a text without end is cut."""
    control, long = cells("a\x00b\x1fc", "x" * 40_000)
    assert control.value == "a b c"
    assert len(long.value) == 32_767


def test_days_that_a_spreadsheet_does_not_know_are_text() -> None:
    """It begins in 1900."""
    early, late, none = cells(date(1899, 12, 31), datetime(2026, 1, 1, tzinfo=UTC), None, kind=Kind.TIME)
    assert (early.value, late.value.isoformat(), none.value) == ("1899-12-31", "2026-01-01T00:00:00", None)


def test_a_single_table_has_its_summary_and_notes() -> None:
    """They say what year and method it is of."""
    assert [sheet.name for sheet in whole_book(What.INCOME)] == ["Income", "Summary", "Notes"]


def test_who_counts_no_terms_gets_no_form() -> None:
    """And is told why."""
    settlement = a.of_matches(a.a_match("2", "1", term=Term.NONE))
    view = tax_year_view(settlement, a.HIFO, 2026, a.at("2026-06-01"))
    sheets = book(settlement, view, What.ALL, Reported.NOTHING)
    assert "Form 8949" not in [sheet.name for sheet in sheets]
    assert "no sheet Form 8949" in str(sheets[-1].rows)


def test_without_the_library_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot runs without it."""
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(NoSpreadsheets, match=r"not installed; install it .*, or export CSV"):
        workbook(whole_book())
