"""The dates of a schedule in its own time zone, over the hours that clocks skip and repeat."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.decide.calendar import latest_date
from engine.model.errors import InvalidValue


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "now", "date"),
    [
        ("daily", "2026-05-06 00:00", "2026-05-06 00:00"),
        ("daily", "2026-05-06 23:59", "2026-05-06 00:00"),
        ("weekly", "2026-05-06 12:00", "2026-05-04 00:00"),
        ("weekly", "2026-05-04 00:00", "2026-05-04 00:00"),
        ("monthly", "2026-05-31 12:00", "2026-05-01 00:00"),
        ("quarterly", "2026-06-30 12:00", "2026-04-01 00:00"),
        ("quarterly", "2026-01-01 00:00", "2026-01-01 00:00"),
        ("30 6 * * 1", "2026-05-06 12:00", "2026-05-04 06:30"),
        ("0 12 * * 0", "2026-05-06 12:00", "2026-05-03 12:00"),
        ("0 12 * * 7", "2026-05-06 12:00", "2026-05-03 12:00"),
        ("0 0 29 2 *", "2026-05-06 12:00", "2024-02-29 00:00"),
        ("0 0 13 * 5", "2026-05-09 12:00", "2026-05-08 00:00"),
    ],
)
def test_the_latest_date_is_the_last_one_not_after_now(every: str, now: str, date: str) -> None:
    """Names and five POSIX fields; on the very instant it has come. Day of month or day of week: either counts."""
    assert latest_date(every, "UTC", utc(now)) == utc(date)


def test_dates_are_of_the_schedules_own_zone() -> None:
    """Midnight in Berlin, New York and Kathmandu are three instants."""
    now = utc("2026-07-15 12:00")
    assert latest_date("daily", "Europe/Berlin", now) == utc("2026-07-14 22:00")
    assert latest_date("daily", "America/New_York", now) == utc("2026-07-15 04:00")
    assert latest_date("daily", "Asia/Kathmandu", now) == utc("2026-07-14 18:15")


SKIPPED = [
    # Berlin: 02:00 to 03:00 on 29 March 2026; the clock jumps at 01:00 UTC.
    ("30 2 * * *", "Europe/Berlin", "2026-03-29 01:00"),
    ("0 2 * * *", "Europe/Berlin", "2026-03-29 01:00"),
    # New York: 02:00 to 03:00 on 8 March 2026, at 07:00 UTC.
    ("15 2 * * *", "America/New_York", "2026-03-08 07:00"),
    # Lord Howe moves by half an hour: 02:00 to 02:30 on 4 October 2026, at 15:30 UTC of the 3rd.
    ("10 2 * * *", "Australia/Lord_Howe", "2026-10-03 15:30"),
]


@pytest.mark.parametrize(("every", "zone", "instant"), SKIPPED)
def test_a_time_that_the_clock_skips_fires_at_the_next_instant_that_exists(every: str, zone: str, instant: str) -> None:
    """A second before, the last date is still the day before's."""
    assert latest_date(every, zone, utc(instant)) == utc(instant)
    before = latest_date(
        every, zone, utc(instant).replace(second=0) - (utc("2026-01-01 00:01") - utc("2026-01-01 00:00"))
    )
    assert before < utc(instant)


@pytest.mark.parametrize(
    ("every", "zone", "first", "second"),
    [
        ("30 2 * * *", "Europe/Berlin", "2026-10-25 00:30", "2026-10-25 01:30"),
        ("30 1 * * *", "America/New_York", "2026-11-01 05:30", "2026-11-01 06:30"),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04 14:45", "2026-04-04 15:15"),
    ],
)
def test_a_time_that_the_clock_repeats_fires_once(every: str, zone: str, first: str, second: str) -> None:
    """The first time; when the clock shows it again, no new date has come."""
    assert latest_date(every, zone, utc(first)) == utc(first)
    assert latest_date(every, zone, utc(second)) == utc(first)


@pytest.mark.parametrize(
    ("every", "zone", "field"),
    [
        ("hourly", "UTC", "trigger.every"),
        ("* * *", "UTC", "trigger.every"),
        ("* * * * * *", "UTC", "trigger.every"),
        ("61 * * * *", "UTC", "trigger.every"),
        ("0 0 30 2 *", "UTC", "trigger.every"),
        ("daily", "Mars/Olympus", "trigger.timezone"),
        ("daily", "../etc/passwd", "trigger.timezone"),
    ],
)
def test_what_is_no_schedule_is_named(every: str, zone: str, field: str) -> None:
    """The error says which key is wrong."""
    with pytest.raises(InvalidValue) as caught:
        latest_date(every, zone, utc("2026-05-06 12:00"))
    assert caught.value.field == field
