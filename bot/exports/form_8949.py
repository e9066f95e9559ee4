"""The columns of the IRS's Form 8949 (sales and other dispositions of capital assets) and its boxes. Pure.

The form wants every row rounded, the gain of a row taken from its rounded figures, and totals of what the rows say; so
that rows and totals add up to the cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from bot.exports.sheets import Cell, Column, Kind, Sheet
from bot.exports.tax_year import TaxYear
from engine.model.errors import InvalidValue
from engine.model.lots import Match, Settlement, Term
from engine.model.money import ZERO, exact, total

CENT: Final = Decimal("0.01")
LEAST_DECIMALS: Final = 8
"""Of a quantity, as in the form's own example of a digital asset."""
VARIOUS: Final = "VARIOUS"
"""Where units of many days are matched together, as the form says it."""
WASH_SALE: Final = "W"
TOTALS: Final = "Totals"
UNKNOWN_BASIS: Final = "date and cost unknown; cost counts as 0"
OWN_BOXES_SINCE: Final = 2025
"""Digital assets have boxes of their own from that tax year on."""


class Reported(StrEnum):
    """What a broker told the tax office of the sales, on a Form 1099-DA (1099-B before 2025)."""

    NOTHING = "none"
    """No form was sent: what was sold from one's own wallet, or is in one's own records alone."""
    WITH_BASIS = "with-basis"
    WITHOUT_BASIS = "without-basis"


OWN_BOXES: Final = {
    Reported.WITH_BASIS: ("G", "J"),
    Reported.WITHOUT_BASIS: ("H", "K"),
    Reported.NOTHING: ("I", "L"),
}
FORMER_BOXES: Final = {
    Reported.WITH_BASIS: ("A", "D"),
    Reported.WITHOUT_BASIS: ("B", "E"),
    Reported.NOTHING: ("C", "F"),
}

COLUMNS: Final = (
    Column("Box"),
    Column("(a) Description of property"),
    Column("(b) Date acquired"),
    Column("(c) Date sold or disposed of"),
    Column("(d) Proceeds", Kind.CENTS),
    Column("(e) Cost or other basis", Kind.CENTS),
    Column("(f) Code"),
    Column("(g) Amount of adjustment", Kind.CENTS),
    Column("(h) Gain or loss", Kind.CENTS),
    Column("Remark", Kind.WORDS),
)


class FormRow(NamedTuple):
    """A line of the form, its figures in whole cents."""

    box: str
    description: str
    acquired: str
    sold: str
    proceeds: Decimal
    cost: Decimal
    code: str
    adjustment: Decimal
    remark: str = ""

    @property
    def gain(self) -> Decimal:
        """Column (h), as the form asks: (d) less (e), combined with (g)."""
        return self.proceeds - self.cost + self.adjustment


def boxes(year: int, reported: Reported) -> tuple[str, str]:
    """The boxes for short and for long gains."""
    return (OWN_BOXES if year >= OWN_BOXES_SINCE else FORMER_BOXES)[reported]


@exact
def form_sheet(settlement: Settlement, year: TaxYear, reported: Reported = Reported.NOTHING) -> Sheet:
    """The rows of the short box with their totals, then those of the long one. Raises InvalidValue, see `form_rows`."""
    rows = form_rows(settlement, year, reported)
    cells: list[tuple[Cell, ...]] = []
    for box in boxes(year.year, reported):
        own = [row for row in rows if row.box == box]
        cells += [_cells(row) for row in (*own, *([totals(box, own)] if own else []))]
    return Sheet("Form 8949", COLUMNS, tuple(cells))


@exact
def form_rows(settlement: Settlement, year: TaxYear, reported: Reported = Reported.NOTHING) -> tuple[FormRow, ...]:
    """A row for every match of the year that brought something.

    Raises InvalidValue where the rules make no difference between short and long: the form asks for it.
    """
    sold = [match for match in settlement.matches if match.proceeds is not None and year.holds(match.at)]
    untimed = next((match for match in sold if match.term is Term.NONE), None)
    if untimed is not None:
        raise InvalidValue(untimed.entry, "is neither short nor long, and Form 8949 asks which; use a holding period")
    short, long = boxes(year.year, reported)
    return tuple(_row(match, year, long if match.term is Term.LONG else short) for match in sold)


def totals(box: str, rows: Sequence[FormRow]) -> FormRow:
    """The form's line 2: what its rows come to as they are written."""
    proceeds, cost, adjustment = (
        total(getattr(row, field) for row in rows) for field in ("proceeds", "cost", "adjustment")
    )
    return FormRow(box, TOTALS, "", "", proceeds, cost, "", adjustment)


def _row(match: Match, year: TaxYear, box: str) -> FormRow:
    assert match.proceeds is not None, "what brought nothing is no row of the form"
    adjustment = cents(match.disallowed)
    return FormRow(
        box,
        f"{_quantity(match.quantity)} {match.asset}",
        _acquired(match, year),
        f"{year.local(match.at):%m/%d/%Y}",
        cents(match.proceeds),
        cents(match.cost),
        WASH_SALE if adjustment else "",
        adjustment,
        "" if match.is_known else UNKNOWN_BASIS,
    )


def _acquired(match: Match, year: TaxYear) -> str:
    """Empty where it is not known: the day on which books were opened is not the day of the purchase."""
    if not match.is_known:
        return ""
    return VARIOUS if match.acquired_at is None else f"{year.local(match.acquired_at):%m/%d/%Y}"


def _quantity(quantity: Decimal) -> str:
    """Eight decimals, or as many as it takes to be exact."""
    exponent = quantity.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "a quantity is finite"
    return f"{quantity:.{max(LEAST_DECIMALS, -exponent)}f}"


def cents(amount: Decimal) -> Decimal:
    """An amount in whole cents, a half away from zero; what rounds to nothing has no sign."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP) + ZERO


def _cells(row: FormRow) -> tuple[Cell, ...]:
    return (
        row.box,
        row.description,
        row.acquired or None,
        row.sold or None,
        row.proceeds,
        row.cost,
        row.code or None,
        row.adjustment or None,
        row.gain,
        row.remark or None,
    )
