"""The dates of a schedule, in its own time zone. Pure: the present instant comes in.

An hour that the clock skips fires at the next instant that exists; one that it repeats fires once, the first time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from engine.model.errors import InvalidValue

NAMED_SCHEDULES: Final = {
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "monthly": "0 0 1 * *",
    "quarterly": "0 0 1 1,4,7,10 *",
}
CRON_FIELDS: Final = 5
LONGEST_CLOCK_CHANGE: Final = timedelta(days=1)


def latest_date(every: str, timezone: str, now: datetime) -> datetime:
    """The last instant of the schedule that is not after `now`, in UTC: each has one at least every eighth year.

    Raises InvalidValue for a schedule or a time zone that does not exist.
    """
    zone = _zone(timezone)
    start = now.astimezone(zone).replace(tzinfo=None) + LONGEST_CLOCK_CHANGE
    try:
        walls = CronSim(_expression(every), start, reverse=True)
    except CronSimError as error:
        raise InvalidValue("trigger.every", f"{every!r} is no schedule: {error}") from error
    return next(instant for instant in (_instant(wall, zone) for wall in walls) if instant <= now)


def _expression(every: str) -> str:
    expression = NAMED_SCHEDULES.get(every, every)
    if len(expression.split()) != CRON_FIELDS:
        raise InvalidValue("trigger.every", "daily, weekly, monthly, quarterly, or a cron expression of five fields")
    return expression


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidValue(
            "trigger.timezone", f"{timezone!r} is no time zone; write one such as Europe/Berlin"
        ) from error


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time: the first of two, and the end of the gap for one that is skipped."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    return _end_of_gap(wall, zone)


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clock jumped over `wall`, found by halving between the two readings of it."""
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
