"""Schedules and time zones as people write them, refused while the file is read and not when the date comes."""

from __future__ import annotations

import difflib
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from bot.config.mistakes import shown

NAMED: Final = ("daily", "weekly", "monthly", "quarterly")
CRON_FIELDS: Final = 5
ANY_DAY: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - a cron expression is read against some day; which does not matter
REMEDY: Final = 'write daily, weekly, monthly, quarterly, or five cron fields such as "30 6 * * 1"'


def schedule(text: str) -> str:
    """Check a named schedule or a cron expression. Raises ValueError, which says what would be right."""
    if text in NAMED:
        return text
    if len(text.split()) != CRON_FIELDS:
        raise ValueError(f"{shown(text)} is no schedule; {REMEDY}")
    try:
        CronSim(text, ANY_DAY)
    except CronSimError as error:
        raise ValueError(f"{shown(text)} is no schedule ({str(error).lower()}); {REMEDY}") from None
    return text


def time_zone(name: str) -> str:
    """Check a time zone's name. Raises ValueError, with the nearest that exists."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = difflib.get_close_matches(name, sorted(available_timezones()), n=1)
        raise ValueError(f"{shown(name)} is no time zone; write one such as {(near or ['Europe/Berlin'])[0]}") from None
    return name
