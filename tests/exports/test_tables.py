"""The tables of a year, as CSV that a reviewer has read."""

from __future__ import annotations

import csv
from datetime import UTC, date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.exports.csv_text import csv_text
from bot.exports.sheets import DISCLAIMER, Column, Kind, Sheet
from bot.exports.tables import gains_sheet, income_sheet, lots_sheet
from bot.exports.tax_year import TaxYear, tax_year
from engine.model.money import ONE, total
from tests.exports import histories as a
from tests.exports.golden_csv import assert_golden

YEAR = TaxYear(2026)


def test_gains_of_a_year() -> None:
    """Every match, those of unknown cost marked."""
    assert_golden("gains", gains_sheet(a.settled(), YEAR))


def test_income_of_a_year() -> None:
    """What it was worth when it came."""
    assert_golden("income", income_sheet(a.settled(), YEAR))


def test_open_lots() -> None:
    """By asset and account, the oldest first, with the cost of a unit; none is told where none is known."""
    assert_golden("open_lots", lots_sheet(a.settled(a.found("2025-01-01", "3", "SOL"), *a.A_HISTORY[1:6]), YEAR))


def test_only_the_year_is_in_its_tables() -> None:
    """Each gain is in one year."""
    whole = a.settled()
    rows = [row for year in (2024, 2025, 2026, 2027) for row in gains_sheet(whole, TaxYear(year)).rows]
    assert len(rows) == len(whole.matches) == len(gains_sheet(whole, YEAR).rows)


def test_a_year_may_begin_in_april() -> None:
    """On the taxpayer's calendar: half an hour before midnight in London is still the old year."""
    london = ZoneInfo("Europe/London")
    rules = a.in_zone(london, (4, 6))
    year = tax_year(rules, 2026)
    assert (year.first, year.last) == (date(2026, 4, 6), date(2027, 4, 5))
    for instant in ("2026-04-05T22:30:00", "2026-04-05T23:30:00", "2027-04-05T22:30:00", "2027-04-05T23:30:00"):
        assert year.holds(a.at(instant)) == (rules.year_of(a.at(instant)) == 2026)
    assert not year.holds(a.at("2026-04-05T22:30:00"))
    assert year.holds(a.at("2026-04-05T23:30:00"))


def test_an_instant_is_told_on_the_taxpayers_clock() -> None:
    """With its distance from UTC, so that it stays an instant."""
    year = TaxYear(2026, ZoneInfo("America/New_York"))
    match = a.a_match("10", "5", at=a.at("2026-02-02"))
    assert "2026-02-02T07:00:00-05:00" in csv_text(gains_sheet(a.of_matches(match), year))


def test_figures_are_exact() -> None:
    """The parts of a sale add up to what it brought, to the last digit."""
    sheet = gains_sheet(a.settled(), YEAR)
    rows = list(csv.DictReader(csv_text(sheet).splitlines()[1:]))
    parts = [Decimal(row["Proceeds"]) for row in rows if row["Entry"] == "dispose-BTC-2026-04-01"]
    assert len(parts) == 2
    assert total(parts) == Decimal("36000.005")


def test_the_disclaimer_is_said_once() -> None:
    """On a first line that programs can leave out."""
    text = csv_text(gains_sheet(a.settled(), YEAR))
    assert text.startswith(f"# {DISCLAIMER}\n")
    assert text.count(DISCLAIMER) == 1


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "\t=", " =", "\r=", "\n@"])
def test_no_text_becomes_a_formula(sign: str) -> None:
    """Names come from exchanges and files; a spreadsheet calculates what begins like this."""
    match = a.a_match("10", "5", entry=f'{sign}HYPERLINK("http://x")', account=f"{sign}1+1", lot=f"{sign}cmd")
    (row,) = list(csv.reader(csv_text(gains_sheet(a.of_matches(match), YEAR)).splitlines()))[2:]
    assert [row[i][0] for i in (0, 3, 5)] == ["'"] * 3


def test_a_loss_is_a_number_all_the_same() -> None:
    """Only text is made harmless."""
    text = csv_text(gains_sheet(a.of_matches(a.a_match("5", "15")), YEAR))
    assert ",5,15,-10,short," in text


def test_text_stays_on_its_line() -> None:
    """Quotes, commas and line ends in a name do not move cells."""
    sheet = Sheet("X", (Column("A"), Column("B", Kind.CENTS)), (('one, "two"\nthree', ONE), (None, ONE)))
    assert csv_text(sheet).splitlines()[1:] == ["A,B", '"one, ""two"" three",1.00', ",1.00"]


def test_a_year_is_in_utc_unless_said() -> None:
    """As everything else is."""
    assert TaxYear(2026).zone is UTC
