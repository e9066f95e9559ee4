"""A text as a table: rows of cells, each with its line in the file. What is too large or no table is refused."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.model.errors import InvalidValue

MOST_CHARACTERS: Final = 10_000_000
MOST_ROWS: Final = 50_000
MOST_COLUMNS: Final = 100
LONGEST_CELL: Final = 2_000
DELIMITERS: Final = ";\t,"
BYTE_ORDER_MARK: Final = "\ufeff"
LOOKED_AT: Final = 20
"""So many lines show which delimiter a file uses, and hold its header: some exchanges write a few lines before it."""


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of one row, trimmed, and the line of the file that it begins in."""

    number: int
    cells: tuple[str, ...]


class NoTable(InvalidValue):
    """The text is no table that can be read; `line` is where that shows."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__("", problem)
        self.line = line


def lines_of(text: str) -> list[Line]:
    """All rows that hold something. Cells are texts and nothing else: a formula is not computed. Raises NoTable."""
    if len(text) > MOST_CHARACTERS:
        raise NoTable(1, f"the file has more than {MOST_CHARACTERS // 1_000_000} million characters; split it by year")
    if "\0" in text:
        number = text.count("\n", 0, text.index("\0")) + 1
        raise NoTable(number, "there are NUL bytes in the file; export it as CSV in UTF-8")
    plain = text.removeprefix(BYTE_ORDER_MARK)
    found: list[Line] = []
    for line in _parsed(plain, _delimiter(plain)):
        if len(found) > MOST_ROWS:
            raise NoTable(line.number, f"the file has more than {MOST_ROWS:,} rows; split it by year")
        if any(line.cells):
            _check(line)
            found.append(line)
    return found


def _parsed(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True, skipinitialspace=True)
    begins = 1
    try:
        for cells in reader:
            yield Line(begins, tuple(cell.strip() for cell in cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise NoTable(
            begins, f"the quotes or the length of this line are wrong ({error}); export the file anew"
        ) from error


def _check(line: Line) -> None:
    if len(line.cells) > MOST_COLUMNS:
        raise NoTable(line.number, f"the line has more than {MOST_COLUMNS} columns; is this the right file?")
    if any(len(cell) > LONGEST_CELL for cell in line.cells):
        raise NoTable(line.number, f"a cell has more than {LONGEST_CELL:,} characters; is this the right file?")


def _delimiter(text: str) -> str:
    """The one that stands most often in the line of the first ones that has most of them.

    A decimal comma puts as many commas into a row as a file with semicolons has numbers, so they win a tie.
    """
    head = text.splitlines()[:LOOKED_AT]
    return max(DELIMITERS, key=lambda mark: max((line.count(mark) for line in head), default=0))
