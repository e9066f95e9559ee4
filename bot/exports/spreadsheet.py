"""Tables as one .xlsx file: the same bytes for the same tables, and no cell that is a formula.

XlsxWriter is imported when a file is made: it is an extra that the bot itself runs without.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from bot.exports.sheets import Cell, Kind, Sheet, one_line
from engine.model.money import exact, plain

if TYPE_CHECKING:
    from datetime import date

MOST_DIGITS: Final = 15
"""A spreadsheet's number holds so many exactly; what has more is written as text rather than rounded."""
SMALLEST_POWER, LARGEST_POWER = -300, 300
MOST_CHARACTERS: Final = 32_767
"""Of a cell."""
MADE_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""A spreadsheet says when it was made; a fixed day makes equal tables equal files."""
FIRST_YEAR: Final = 1901
"""A spreadsheet counts days from 1900 on, and errs in its first months."""
FORMATS: Final[Mapping[Kind, str]] = {
    Kind.MONEY: "#,##0.00",
    Kind.CENTS: "#,##0.00",
    Kind.QUANTITY: "0.########",
    Kind.TIME: "yyyy-mm-dd hh:mm:ss",
}
WIDTHS: Final[Mapping[Kind, int]] = {Kind.TEXT: 16, Kind.WORDS: 70, Kind.TIME: 20, Kind.QUANTITY: 20}
USUAL_WIDTH: Final = 15


class NoSpreadsheets(Exception):
    """XlsxWriter is not installed. The message is one sentence with the remedy."""


@exact
def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The tables as one file, a sheet for each. Raises NoSpreadsheets."""
    try:
        from xlsxwriter import Workbook
    except ModuleNotFoundError:
        remedy = "install it (pip install -r requirements/spreadsheet.txt), or export CSV"
        raise NoSpreadsheets(f"spreadsheets need XlsxWriter, which is not installed; {remedy}") from None
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"created": MADE_AT})
        styles = _Styles(book)
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.name), sheet, styles)
    return file.getvalue()


class _Styles:
    """The formats of one file."""

    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True})
        self.of = {kind: book.add_format({"num_format": text}) for kind, text in FORMATS.items()}
        self.words = book.add_format({"text_wrap": True, "valign": "top"})


def _fill(page: Any, sheet: Sheet, styles: _Styles) -> None:
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, max(WIDTHS.get(column.kind, USUAL_WIDTH), len(column.title) + 1))
        page.write_string(0, place, column.title, styles.title)
    page.freeze_panes(1, 0)
    for number, row in enumerate(sheet.rows, start=1):
        for place, (cell, column) in enumerate(zip(row, sheet.columns, strict=True)):
            _write(
                page, (number, place), cell, styles.words if column.kind is Kind.WORDS else styles.of.get(column.kind)
            )


def _write(page: Any, place: tuple[int, int], cell: Cell, style: Any) -> None:
    match cell:
        case None:
            return
        case Decimal() if holds(cell):
            # XlsxWriter writes the digits of a decimal themselves: no float is made of it.
            page.write_number(*place, cell, style)
        case Decimal():
            page.write_string(*place, plain(cell), style)
        case str():
            page.write_string(*place, one_line(cell)[:MOST_CHARACTERS], style)
        case _:
            _write_day(page, place, cell, style)


def _write_day(page: Any, place: tuple[int, int], day: date | datetime, style: Any) -> None:
    """A spreadsheet knows no zones: it shows the taxpayer's clock."""
    if day.year < FIRST_YEAR:
        page.write_string(*place, day.isoformat(), style)
    else:
        page.write_datetime(*place, day.replace(tzinfo=None) if isinstance(day, datetime) else day, style)


@exact
def holds(number: Decimal) -> bool:
    """Whether a spreadsheet's number holds this one exactly."""
    digits = number.normalize().as_tuple().digits
    return len(digits) <= MOST_DIGITS and (not number or SMALLEST_POWER < number.adjusted() < LARGEST_POWER)
