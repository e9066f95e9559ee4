"""From when on a lot was held for long: by anniversary, by days, by seconds, or never."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.api import A_YEAR, Holding
from engine.model.holding import HoldingKind
from engine.model.lots import LotMethod, Term
from tests.account.lots.ledger import at, bought, gains, settled, sold

UTC = ZoneInfo("UTC")
YEAR_OF_DAYS = Holding(HoldingKind.DAYS, 365)
YEAR_OF_SECONDS = Holding(HoldingKind.SECONDS, 31_536_000)


@pytest.mark.parametrize(
    ("holding", "acquired", "sold_at", "term"),
    [
        (A_YEAR, "2021-03-05", "2022-03-05 23:59:59", Term.SHORT),
        (A_YEAR, "2021-03-05 23:59:59", "2022-03-06", Term.LONG),
        # 366 days, as there is a 29 February among them: still the same date a year later.
        (A_YEAR, "2019-03-05", "2020-03-05 12:00", Term.SHORT),
        (A_YEAR, "2020-02-29", "2021-02-28 12:00", Term.SHORT),
        (A_YEAR, "2020-02-29", "2021-03-01 12:00", Term.SHORT),
        (A_YEAR, "2020-02-29", "2021-03-02", Term.LONG),
        (A_YEAR, "2019-02-28", "2020-02-29", Term.LONG),
        (A_YEAR, "2021-03-05", "2031-01-01", Term.LONG),
        (YEAR_OF_DAYS, "2020-01-01 08:00", "2020-12-31 07:59", Term.SHORT),
        (YEAR_OF_DAYS, "2020-01-01 08:00", "2020-12-31 08:00", Term.LONG),
        (YEAR_OF_SECONDS, "2021-01-01 08:00", "2022-01-01 08:00", Term.SHORT),
        (YEAR_OF_SECONDS, "2021-01-01 08:00", "2022-01-01 08:00:01", Term.LONG),
        (Holding(HoldingKind.NONE), "2001-01-01", "2022-01-01", Term.NONE),
    ],
)
def test_a_lot_is_long_after_its_holding_period(holding: Holding, acquired: str, sold_at: str, term: Term) -> None:
    """The very end of it is still short, except where whole days are counted."""
    entries = bought("a", acquired, "1", "10"), sold("s", sold_at, "1", "11")
    assert gains(settled(LotMethod.FIFO, *entries, holding=holding)) == [f"1 {term}"]


@pytest.mark.parametrize(
    ("zone", "acquired", "sold_at", "term"),
    [
        # Half past ten in the evening of 5 March in Berlin, and half past midnight on the 6th.
        ("Europe/Berlin", "2021-03-05 21:30", "2022-03-05 23:30", Term.LONG),
        ("UTC", "2021-03-05 21:30", "2022-03-05 23:30", Term.SHORT),
        # The evening before in New York.
        ("America/New_York", "2021-03-05 12:00", "2022-03-06 04:30", Term.SHORT),
        ("UTC", "2021-03-05 12:00", "2022-03-06 04:30", Term.LONG),
        # Bought on the evening of the 4th over there, so that the whole of the 5th counts.
        ("America/New_York", "2021-03-05 02:00", "2022-03-05 12:00", Term.LONG),
    ],
)
def test_dates_are_those_of_the_taxpayer(zone: str, acquired: str, sold_at: str, term: Term) -> None:
    """Near midnight the calendar decides, and everyone has their own."""
    entries = bought("a", acquired, "1", "10"), sold("s", sold_at, "1", "11")
    assert gains(settled(LotMethod.FIFO, *entries, zone=ZoneInfo(zone))) == [f"1 {term}"]


def test_an_instant_is_the_same_in_whatever_zone_it_is_written() -> None:
    """It is the taxpayer's zone that counts."""
    entries = bought("a", "2021-03-05T23:30:00+02:00", "1", "10"), sold("s", "2022-03-06T01:00:00+02:00", "1", "11")
    assert gains(settled(LotMethod.FIFO, *entries)) == ["1 short"]


@pytest.mark.parametrize("holding", [A_YEAR, YEAR_OF_DAYS, YEAR_OF_SECONDS, Holding(HoldingKind.DAYS, 10)])
@pytest.mark.parametrize("acquired", ["2020-02-29 13:00", "2023-06-30 23:59", "2024-12-31 00:30"])
def test_the_first_long_day_is_long_from_its_beginning(holding: Holding, acquired: str) -> None:
    """And the day before is not, from beginning to end."""
    day = holding.long_on(at(acquired), UTC)
    assert day is not None
    midnight = at(day.isoformat())
    assert holding.term(at(acquired), midnight, UTC) is Term.LONG
    assert holding.term(at(acquired), midnight - timedelta(days=1), UTC) is Term.SHORT


def test_there_is_no_long_day_where_it_makes_no_difference() -> None:
    """And the anniversary of a leap day is told."""
    assert Holding(HoldingKind.NONE).long_on(at("2020-01-01"), UTC) is None
    assert A_YEAR.long_on(at("2020-02-29"), UTC) == date(2021, 3, 2)
