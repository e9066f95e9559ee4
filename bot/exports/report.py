"""Everything that is exported of a tax year: which tables there are, and the sheets that sum up and explain. Pure."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.exports.form_8949 import Reported, cents, form_sheet
from bot.exports.sheets import DISCLAIMER, Column, Kind, Sheet
from bot.exports.tables import gains_sheet, income_sheet, lots_sheet
from bot.exports.tax_year import TaxYear
from bot.exports.views import TaxYearView
from engine.model.lots import Settlement, Term
from engine.model.money import exact


class What(StrEnum):
    """A table that can be exported by itself, or all of them."""

    GAINS = "gains"
    INCOME = "income"
    LOTS = "lots"
    FORM_8949 = "8949"
    ALL = "all"


FILES: Final = {
    What.GAINS: "gains.csv",
    What.INCOME: "income.csv",
    What.LOTS: "open-lots.csv",
    What.FORM_8949: "form-8949.csv",
}
SUMMARY: Final = (Column("Figure", Kind.WORDS), Column("Value", Kind.CENTS), Column("Remark", Kind.WORDS))
ABOUT: Final = (
    DISCLAIMER,
    "Gains: a row for every lot, or part of one, that a sale or a fee used up. Proceeds are net of the sale's fee; "
    "cost is the part of the lot's total cost, with the fee of its purchase. Figures are exact and shown to the cent.",
    "Basis: where it is unknown nobody has said what the units cost, and their cost counts as 0.",
    "Income: what came in otherwise than by a purchase, at its value on arrival. It opens a lot at that value.",
    "Open lots: what is left at the end of the whole history, not at the end of the year.",
    "Form 8949: every row is rounded to the cent, its gain follows from its rounded figures, totals add up the rows.",
    "A figure of more than 15 digits is written as text: a spreadsheet would round it.",
)
NO_FORM: Final = (
    "There is no sheet Form 8949: it asks whether a gain is short or long, and by these rules it is neither."
)


@exact
def tables(settlement: Settlement, year: TaxYear, what: What, reported: Reported) -> dict[What, Sheet]:
    """The tables that are asked for. Raises InvalidValue where the form is asked for by name and cannot be made."""
    made: dict[What, Sheet] = {}
    if what in (What.GAINS, What.ALL):
        made[What.GAINS] = gains_sheet(settlement, year)
    if what in (What.INCOME, What.ALL):
        made[What.INCOME] = income_sheet(settlement, year)
    if what in (What.LOTS, What.ALL):
        made[What.LOTS] = lots_sheet(settlement, year)
    if what is What.FORM_8949 or (what is What.ALL and _has_terms(settlement, year)):
        made[What.FORM_8949] = form_sheet(settlement, year, reported)
    return made


def _has_terms(settlement: Settlement, year: TaxYear) -> bool:
    """Who holds to rules without terms has no use for the form."""
    return all(m.term is not Term.NONE for m in settlement.matches if m.proceeds is not None and year.holds(m.at))


@exact
def book(settlement: Settlement, view: TaxYearView, what: What, reported: Reported) -> tuple[Sheet, ...]:
    """The sheets of a spreadsheet: the tables, what they come to, and how to read them."""
    made = tables(settlement, view.year, what, reported)
    without = NO_FORM if what is What.ALL and What.FORM_8949 not in made else ""
    return (*made.values(), summary_sheet(view), notes_sheet(view, without))


@exact
def summary_sheet(view: TaxYearView) -> Sheet:
    """What the year came to, to the cent."""
    gains, estimate = view.gains, view.estimate
    rows: list[tuple[str, Decimal | None, str | None]] = [
        ("Short-term gain", gains.short, None),
        ("Long-term gain", gains.long, None),
        *([("Gain without term", gains.none, None)] if gains.none else []),
        ("Gain in all", gains.total, None),
        ("Sum of gains", view.won, None),
        ("Sum of losses", view.lost, None),
        ("Losses that do not count", view.disallowed, None),
        ("Income", view.income, None),
        ("Estimated tax on gains", estimate.tax, estimate.why_none or f"by the profile {view.profile}"),
    ]
    for asset, quantity, proceeds in view.unknown:
        rows.append((f"Proceeds of {asset} of unknown cost", proceeds, f"{quantity:f} units; their cost counts as 0"))
    rows += [(f"Gain in all by {other.method.value}", other.gains.total, None) for other in view.others]
    shown = [(figure, None if value is None else cents(value), remark) for figure, value, remark in rows]
    return Sheet("Summary", SUMMARY, tuple(shown))


def notes_sheet(view: TaxYearView, *more: str) -> Sheet:
    """The disclaimer, which days and which method, and how the other sheets are to be read."""
    days = f"Tax year {view.year.year}: {view.year.first} to {view.year.last}, on the calendar of {view.year.zone}."
    method = f"Lots were chosen by the method {view.method.value}. Sales that brought something: {view.disposals}."
    texts = (*ABOUT[:1], days, method, *ABOUT[1:], *more)
    return Sheet("Notes", (Column("Notes", Kind.WORDS),), tuple((text,) for text in texts if text))
