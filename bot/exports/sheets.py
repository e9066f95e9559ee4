"""A table of records before it is a file: columns with a title and a kind, and rows of exact cells. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final, NamedTuple

DISCLAIMER: Final = "Estimates to decide by, not tax advice."
"""Said once in every file: on the first line of a CSV, on the sheet Notes of a spreadsheet."""

Cell = str | Decimal | date | datetime | None
"""Text is from outside, and never a formula. An instant is in the taxpayer's time zone. None is an empty cell."""


class Kind(Enum):
    """What a column holds: it decides how wide it is, and how its figures are shown."""

    TEXT = "text"
    WORDS = "words"
    """Whole sentences."""
    MONEY = "money"
    """Exact; a spreadsheet shows it to the cent."""
    CENTS = "cents"
    """Rounded to the cent, and written with both decimals."""
    QUANTITY = "quantity"
    TIME = "time"


class Column(NamedTuple):
    """A column of a table."""

    title: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its name. Every row has a cell for each column."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def one_line(text: str) -> str:
    """Text from outside on one line: what is no character becomes a space."""
    return "".join(character if character.isprintable() else " " for character in text)
