"""In which order entries count, and years that have a method of their own."""

from __future__ import annotations

from datetime import UTC
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from engine.api import InvalidValue
from engine.model.lots import LotMethod
from engine.model.tax import TaxProfile
from tests.account.lots.ledger import at, bought, found, gains, left, moved, settled, sold, used

NOON = "2024-05-01 12:00"


def test_what_is_bought_can_be_sold_at_the_same_instant() -> None:
    """Purchases come first, wherever they stand."""
    assert used(settled(LotMethod.FIFO, sold("s", NOON, "1", "9"), bought("a", NOON, "1", "8"))) == ["s: 1 of a for 8"]


def test_sales_of_one_instant_go_in_the_order_of_the_ledger() -> None:
    """So do transfers among them."""
    lots = bought("a", "2024-01-01", "1", "8"), bought("b", "2024-01-02", "1", "9")
    first, second = sold("first", NOON, "1", "10"), sold("second", NOON, "1", "20")
    assert gains(settled(LotMethod.FIFO, *lots, first, second)) == ["2 short", "11 short"]
    assert gains(settled(LotMethod.FIFO, *lots, second, first)) == ["12 short", "1 short"]
    out = moved("out", NOON, "1", "cold")
    assert left(settled(LotMethod.FIFO, *lots, out, first)) == ["cold: 1 of a for 8"]
    assert left(settled(LotMethod.FIFO, *lots, first, out)) == ["cold: 1 of b for 9"]


def test_purchases_of_one_instant_go_by_their_names() -> None:
    """However the file lists them; the tenth comes after the ninth."""
    lots = bought("r9", NOON, "1", "1"), bought("r10", NOON, "1", "2"), bought("r11", NOON, "1", "3")
    sale = sold("s", "2024-05-02", "2", "10")
    for listed in permutations(lots):
        assert used(settled(LotMethod.FIFO, *listed, sale)) == ["s: 1 of r9 for 1", "s: 1 of r10 for 2"]
        assert used(settled(LotMethod.LIFO, *listed, sale)) == ["s: 1 of r11 for 3", "s: 1 of r10 for 2"]


def test_an_instant_counts_and_not_how_its_zone_is_written() -> None:
    """Eleven in London is before noon in Berlin's summer plus an hour."""
    late, early = (
        bought("late", "2024-05-01T12:30:00+01:00", "1", "1"),
        bought("early", "2024-05-01T12:40:00+02:00", "1", "2"),
    )
    assert used(settled(LotMethod.FIFO, late, early, sold("s", NOON, "1", "10"))) == ["s: 1 of early for 2"]


# --- what was there before the books -------------------------------------------------------------------------------


def test_an_opening_balance_of_unknown_cost_is_marked() -> None:
    """It counts as nothing until somebody says what it cost."""
    settlement = settled(LotMethod.FIFO, found("o", "2020-01-01", "2"), sold("s", "2024-01-01", "1", "50"))
    assert gains(settlement) == ["50 long"]
    assert [match.is_known for match in settlement.matches] == [False]
    assert [lot.is_known for lot in settlement.remaining] == [False]
    assert settlement.missing == ()


def test_an_opening_balance_with_its_cost_is_a_lot_like_others() -> None:
    """And no income."""
    settlement = settled(LotMethod.FIFO, found("o", "2020-01-01", "2", "30"), sold("s", "2024-01-01", "1", "50"))
    assert gains(settlement) == ["35 long"]
    assert settlement.income == ()


def test_a_lot_is_as_old_as_it_has_been_held() -> None:
    """Where that is told, it counts for its age and its term, and not when it came into the books."""
    early = found("early", "2024-02-01", "1", "30", acquired_at=at("2021-06-01"))
    entries = bought("a", "2024-01-01", "1", "10"), early, sold("s", "2024-03-01", "1", "50")
    settlement = settled(LotMethod.FIFO, *entries)
    assert used(settlement) == ["s: 1 of early for 30"]
    assert gains(settlement) == ["20 long"]
    assert [match.acquired_at for match in settlement.matches] == [at("2021-06-01")]
    assert used(settled(LotMethod.LIFO, *entries)) == ["s: 1 of a for 10"]


# --- years ---------------------------------------------------------------------------------------------------------

LOTS = (
    bought("cheap", "2020-01-01", "3", "30"),
    bought("dear", "2020-02-01", "3", "90"),
    bought("newest", "2020-03-01", "3", "60"),
)


def test_a_year_can_have_a_method_of_its_own() -> None:
    """That year alone: before and after it the usual one holds, on what is left then."""
    sales = (
        sold("s20", "2020-06-01", "1", "50"),
        sold("s21", "2021-06-01", "1", "50"),
        sold("s22", "2022-06-01", "1", "50"),
        sold("s23", "2023-06-01", "3", "150"),
    )
    settlement = settled(LotMethod.HIFO, *LOTS, *sales, by_year=((2021, LotMethod.FIFO), (2023, LotMethod.AVERAGE)))
    assert used(settlement) == [
        "s20: 1 of dear for 30",
        "s21: 1 of cheap for 10",
        "s22: 1 of dear for 30",
        "s23: 2 of cheap for 36.666666666666666667",
        "s23: 1 of dear for 18.333333333333333333",
    ]
    assert sum(lot.basis for lot in settlement.remaining) == 180 - sum(match.cost for match in settlement.matches)


def test_a_year_begins_when_the_taxpayer_says_so() -> None:
    """At midnight of the own zone; or on the day that the law sets."""
    sale = sold("s", "2020-12-31 23:30", "1", "50")
    rules = {"by_year": ((2021, LotMethod.FIFO),)}
    assert used(settled(LotMethod.LIFO, *LOTS, sale, zone=UTC, **rules)) == ["s: 1 of newest for 20"]
    assert used(settled(LotMethod.LIFO, *LOTS, sale, zone=ZoneInfo("Europe/Berlin"), **rules)) == [
        "s: 1 of cheap for 10"
    ]
    april = TaxProfile("april", years=(), year_begins=(4, 6))
    before, after = sold("before", "2022-04-05", "1", "50"), sold("after", "2022-04-06", "1", "50")
    lots = used(settled(LotMethod.LIFO, *LOTS, before, after, profile=april, **rules))
    assert lots == ["before: 1 of cheap for 10", "after: 1 of newest for 20"]


def test_the_uk_s_method_cannot_be_one_year_s_alone() -> None:
    """It looks at days to come."""
    with pytest.raises(InvalidValue, match=r"method: uk_s104 .* cannot be mixed"):
        settled(LotMethod.FIFO, *LOTS, by_year=((2021, LotMethod.UK),))
