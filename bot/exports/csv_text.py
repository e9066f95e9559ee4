"""A table as CSV: exact decimals, and no cell that a spreadsheet would take for a formula. Pure."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from bot.exports.sheets import DISCLAIMER, Cell, Kind, Sheet, one_line
from engine.model.money import exact, plain

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet calculates; in the full width of East Asian keyboards too."""


@exact
def csv_text(sheet: Sheet) -> str:
    """The disclaimer as a comment, the titles, the rows."""
    lines = io.StringIO()
    lines.write(f"# {DISCLAIMER}\n")
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(column.title for column in sheet.columns)
    for row in sheet.rows:
        writer.writerow(_text(cell, column.kind) for cell, column in zip(row, sheet.columns, strict=True))
    return lines.getvalue()


def _text(cell: Cell, kind: Kind) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell:.2f}" if kind is Kind.CENTS else plain(cell)
        case datetime():
            return cell.isoformat(timespec="seconds")
        case date():
            return cell.isoformat()
        case str():
            return _harmless(one_line(cell))


def _harmless(text: str) -> str:
    """An apostrophe makes it text; spaces before the sign do not hide it, as some programs leave them out."""
    return f"'{text}" if text.lstrip().startswith(FORMULA_SIGNS) else text
