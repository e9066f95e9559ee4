"""Tables of a settled history: a year's gains, match by match, its income, and the lots that are left. Pure."""

from __future__ import annotations

from typing import Final

from bot.exports.sheets import Cell, Column, Kind, Sheet
from bot.exports.tax_year import TaxYear
from engine.model.lots import Income, Lot, Match, Settlement
from engine.model.money import exact, ratio

KNOWN: Final = "known"
UNKNOWN: Final = "unknown"
"""Nobody has said what it cost: its cost counts as 0 until then."""

GAINS: Final = (
    Column("Entry"),
    Column("Disposed", Kind.TIME),
    Column("Asset"),
    Column("Account"),
    Column("Quantity", Kind.QUANTITY),
    Column("Lot"),
    Column("Acquired", Kind.TIME),
    Column("Proceeds", Kind.MONEY),
    Column("Cost", Kind.MONEY),
    Column("Gain", Kind.MONEY),
    Column("Term"),
    Column("Rule"),
    Column("Disallowed", Kind.MONEY),
    Column("Basis"),
)
INCOME: Final = (
    Column("Entry"),
    Column("Received", Kind.TIME),
    Column("Asset"),
    Column("Account"),
    Column("Quantity", Kind.QUANTITY),
    Column("Value", Kind.MONEY),
)
LOTS: Final = (
    Column("Asset"),
    Column("Account"),
    Column("Lot"),
    Column("Acquired", Kind.TIME),
    Column("Quantity", Kind.QUANTITY),
    Column("Cost", Kind.MONEY),
    Column("Unit cost", Kind.MONEY),
    Column("Basis"),
)


@exact
def gains_sheet(settlement: Settlement, year: TaxYear) -> Sheet:
    """A row for every match of the year, in the order in which units were used up."""
    return Sheet("Gains", GAINS, tuple(_gain(m, year) for m in settlement.matches if year.holds(m.at)))


def _gain(match: Match, year: TaxYear) -> tuple[Cell, ...]:
    acquired = None if match.acquired_at is None else year.local(match.acquired_at)
    return (
        match.entry,
        year.local(match.at),
        match.asset,
        match.account,
        match.quantity,
        match.lot,
        acquired,
        match.proceeds,
        match.cost,
        match.gain,
        match.term.value,
        None if match.rule is None else match.rule.value,
        match.disallowed or None,
        _basis(match),
    )


@exact
def income_sheet(settlement: Settlement, year: TaxYear) -> Sheet:
    """A row for everything that came as income in the year."""
    return Sheet("Income", INCOME, tuple(_income(each, year) for each in settlement.income if year.holds(each.at)))


def _income(each: Income, year: TaxYear) -> tuple[Cell, ...]:
    return each.entry, year.local(each.at), each.asset, each.account, each.quantity, each.value


@exact
def lots_sheet(settlement: Settlement, year: TaxYear) -> Sheet:
    """A row for every lot that is left at the end of the history: by asset and account, the oldest first."""
    ordered = sorted(settlement.remaining, key=lambda lot: (lot.asset, lot.account, lot.acquired_at))
    return Sheet("Open lots", LOTS, tuple(_lot(lot, year) for lot in ordered))


def _lot(lot: Lot, year: TaxYear) -> tuple[Cell, ...]:
    unit_cost = ratio(lot.basis, lot.quantity) if lot.is_known else None
    acquired = year.local(lot.acquired_at)
    return lot.asset, lot.account, lot.id or None, acquired, lot.quantity, lot.basis, unit_cost, _basis(lot)


def _basis(of: Match | Lot) -> str:
    return KNOWN if of.is_known else UNKNOWN
