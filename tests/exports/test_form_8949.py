"""Form 8949: which box, which dates, and cents that add up."""

from __future__ import annotations

import csv
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.exports.csv_text import csv_text
from bot.exports.form_8949 import Reported, boxes, form_rows, form_sheet, totals
from bot.exports.tax_year import TaxYear
from engine.model.errors import InvalidValue
from engine.model.lots import Term
from engine.model.money import ONE, total
from tests.exports import histories as a
from tests.exports.golden_csv import assert_golden

YEAR = TaxYear(2026)
D = Decimal
AMOUNTS = st.decimals(0, 10**6, places=5)


def test_the_form_of_a_year() -> None:
    """Short rows with their totals, then long ones."""
    assert_golden("form_8949", form_sheet(a.settled(), YEAR))


def test_losses_that_do_not_count_carry_code_w() -> None:
    """The adjustment is positive, and combined with the gain."""
    wash = a.a_match("900", "1000.004", disallowed=D("60.001"))
    (row,) = form_rows(a.of_matches(wash), YEAR)
    assert (row.code, row.adjustment, row.gain) == ("W", D("60.00"), D("-40.00"))
    assert_golden("form_8949_wash", form_sheet(a.of_matches(wash, a.a_match("5", "1")), YEAR))


@pytest.mark.parametrize(
    ("year", "reported", "expected"),
    [
        (2024, Reported.NOTHING, ("C", "F")),
        (2024, Reported.WITH_BASIS, ("A", "D")),
        (2024, Reported.WITHOUT_BASIS, ("B", "E")),
        (2025, Reported.NOTHING, ("I", "L")),
        (2025, Reported.WITH_BASIS, ("G", "J")),
        (2026, Reported.WITHOUT_BASIS, ("H", "K")),
    ],
)
def test_digital_assets_have_boxes_of_their_own_since_2025(
    year: int, reported: Reported, expected: tuple[str, str]
) -> None:
    """For short and for long gains."""
    assert boxes(year, reported) == expected


def test_a_quantity_has_eight_decimals_or_what_it_takes() -> None:
    """Never fewer than it has."""
    matches = [a.a_match("1", "1", quantity=D(text)) for text in ("0.5", "1E+3", "0.123456789012")]
    assert [row.description for row in form_rows(a.of_matches(*matches), YEAR)] == [
        "0.50000000 BTC",
        "1000.00000000 BTC",
        "0.123456789012 BTC",
    ]


def test_a_pool_was_acquired_on_various_days() -> None:
    """As the form words it."""
    (row,) = form_rows(a.of_matches(a.a_match("1", "1", lot=None, acquired_at=None)), YEAR)
    assert (row.acquired, row.remark) == ("VARIOUS", "")


@pytest.mark.parametrize("acquired_at", [None, a.at("2025-01-01")])
def test_what_is_not_known_is_left_empty_and_marked(acquired_at: object) -> None:
    """The day on which the books were opened is no day of purchase."""
    (row,) = form_rows(a.of_matches(a.a_match("7", "0", acquired_at=acquired_at, is_known=False)), YEAR)
    assert row.acquired == ""
    assert "unknown" in row.remark


def test_what_brings_nothing_is_no_row() -> None:
    """Units that are lost or given away are no sale."""
    assert form_rows(a.of_matches(a.a_match(None, "5")), YEAR) == ()


def test_rules_without_terms_have_no_form() -> None:
    """It asks for short or long, and neither is guessed."""
    with pytest.raises(InvalidValue, match="neither short nor long"):
        form_rows(a.of_matches(a.a_match("1", "1", term=Term.NONE)), YEAR)


def test_half_a_cent_is_rounded_up() -> None:
    """As the form's instructions round half dollars; a loss of less than half a cent is none."""
    (row, none) = form_rows(a.of_matches(a.a_match("0.005", "0"), a.a_match("-0.004", "0")), YEAR)
    assert row.proceeds == D("0.01")
    assert str(none.proceeds) == "0.00"


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), max_size=20))
def test_rows_and_totals_add_up_to_the_cent(sales: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    """Down each column, and across each row and the totals: (d) less (e) and (g) is (h)."""
    matches = [a.a_match(str(p), str(c), disallowed=d) for p, c, d in sales]
    rows = form_rows(a.of_matches(*matches), YEAR)
    line = totals("I", rows)
    assert line.gain == total(row.gain for row in rows) == line.proceeds - line.cost + line.adjustment
    assert all(abs(row.gain - (match.gain or 0)) <= D("0.015") for row, match in zip(rows, matches, strict=True))


def test_the_file_says_what_the_rows_say() -> None:
    """Both decimals of every figure, and the boxes apart."""
    rows = list(csv.DictReader(csv_text(form_sheet(a.settled(), YEAR)).splitlines()[1:]))
    assert all(D(row["(h) Gain or loss"]).as_tuple().exponent == -2 for row in rows)
    assert all(before["Box"] <= after["Box"] for before, after in pairwise(rows))
    assert sum(row["(a) Description of property"] == "Totals" for row in rows) == 2 * ONE
