"""Instants as exchanges and spreadsheets write them. Whether the day or the month comes first is judged by the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from bot.config.mistakes import shown
from engine.model.errors import InvalidValue

AS_IT_WOULD_BE_RIGHT: Final = "write dates as 2026-01-31 14:30:00"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_OR_MORE: Final = re.compile(r"\d{10}(?:\.\d+)?|\d{13}|\d{16}")
"""Since 1970: seconds, milliseconds or microseconds."""
WRITTEN_ZONE: Final = re.compile(r"\s*\(?(?P<zone>UTC|GMT|Z)(?P<shift>[-+]\d{1,2}(?::?\d{2})?)?\)?$", re.IGNORECASE)
HEADER_ZONE: Final = re.compile(r"\(?\b(?:UTC|GMT)(?:null)?(?P<shift>[-+]\d{1,2}(?::?\d{2})?)?\)?(?![A-Za-z])|^UTC_")
SHIFT: Final = re.compile(r"(?P<sign>[-+])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?")
YEAR_FIRST: Final = re.compile(r"(?P<date>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})(?:[T\s,]+(?P<time>\S.*))?")
YEAR_LAST: Final = re.compile(
    r"(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})[-/.](?P<year>\d{4})(?:[T\s,]+(?P<time>\S.*))?"
)
TIME_FIRST: Final = re.compile(r"(?P<time>\d{1,2}:\d{2}(?::\d{2})?)\s+(?P<date>\d{4}-\d{2}-\d{2})")
CLOCK: Final = re.compile(
    r"(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?\s*(?P<half>[AaPp][Mm])?(?P<shift>[-+]\d{2}:?\d{2})?"
)
LAST_MONTH: Final = 12
MOST_HOURS_AHEAD: Final = 14
YEARS: Final = range(2008, 2200)
"""There was nothing to trade before, and a number that is no date at all often reads as one of another century."""


def zone_in_header(header: str) -> tzinfo | None:
    """The zone that a column's header names: `Date(UTC)`, `Time(UTC+08:00)`, `UTC_Time`."""
    found = HEADER_ZONE.search(header)
    try:
        return _zone_of(found["shift"]) if found else None
    except ValueError:
        return None


class DateOrder:
    """Whether a file writes the day or the month first, by those of its dates that leave no doubt."""

    def __init__(self, texts: Iterable[str], zone: tzinfo) -> None:
        """`texts` are all cells of the file that should hold an instant, `zone` is that of those without any."""
        self._zone = zone
        shapes = [found for text in texts if (found := YEAR_LAST.match(text)) and found["mark"] != "."]
        self._day_first = any(int(found["a"]) > LAST_MONTH for found in shapes)
        self._month_first = any(int(found["b"]) > LAST_MONTH for found in shapes)

    def instant(self, text: str) -> datetime:
        """An instant of this file, in UTC. Raises InvalidValue, with an empty field."""
        try:
            if SECONDS_OR_MORE.fullmatch(text):
                read = _since_1970(text)
            else:
                read = self._read(*_without_zone(text, self._zone), text).astimezone(UTC)
        except (ValueError, OverflowError):
            raise InvalidValue("", f"{shown(text)} is no date; {AS_IT_WOULD_BE_RIGHT}") from None
        if read.year not in YEARS:
            raise InvalidValue("", f"{shown(text)} is no date since {YEARS.start}; {AS_IT_WOULD_BE_RIGHT}")
        return read

    def _read(self, bare: str, zone: tzinfo, text: str) -> datetime:
        turned = TIME_FIRST.fullmatch(bare)
        if turned:
            bare = f"{turned['date']} {turned['time']}"
        found = YEAR_FIRST.fullmatch(bare)
        if found:
            year, month, day = re.split(r"[-/.]", found["date"])
            return _at(int(year), int(month), int(day), found["time"], zone)
        found = YEAR_LAST.fullmatch(bare)
        if found is None:
            raise ValueError(text)
        day_number, month_number = self._in_order(int(found["a"]), int(found["b"]), found["mark"], text)
        return _at(int(found["year"]), month_number, day_number, found["time"], zone)

    def _in_order(self, a: int, b: int, mark: str, text: str) -> tuple[int, int]:
        """Day and month. Between points the day always comes first."""
        if mark == "." or a == b:
            return a, b
        if self._day_first is self._month_first:
            raise InvalidValue("", f"{shown(text)} can be read with the day or the month first; {AS_IT_WOULD_BE_RIGHT}")
        return (a, b) if self._day_first else (b, a)


def _without_zone(text: str, default: tzinfo) -> tuple[str, tzinfo]:
    found = WRITTEN_ZONE.search(text)
    return (text[: found.start()], _zone_of(found["shift"])) if found else (text, default)


def _zone_of(shift: str | None) -> tzinfo:
    """UTC and so much ahead of it. Raises ValueError where no zone is."""
    found = SHIFT.fullmatch(shift) if shift else None
    if found is None:
        return UTC
    if int(found["hours"]) > MOST_HOURS_AHEAD:
        raise ValueError(shift)
    ahead = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return timezone(-ahead if found["sign"] == "-" else ahead)


def _at(year: int, month: int, day: int, clock: str | None, zone: tzinfo) -> datetime:
    """Midnight where there is no time of day. Raises ValueError."""
    if clock is None:
        return datetime(year, month, day, tzinfo=zone)
    found = CLOCK.fullmatch(clock.strip())
    if found is None:
        raise ValueError(clock)
    hour, half = int(found["h"]), (found["half"] or "").lower()
    if half:
        if not 1 <= hour <= LAST_MONTH:
            raise ValueError(clock)
        hour = hour % LAST_MONTH + (LAST_MONTH if half == "pm" else 0)
    micros = int((found["f"] or "0").ljust(6, "0")[:6])
    own = _zone_of(found["shift"]) if found["shift"] else zone
    return datetime(year, month, day, hour, int(found["m"]), int(found["s"] or 0), micros, tzinfo=own)


def _since_1970(text: str) -> datetime:
    whole, _, fraction = text.partition(".")
    micros = int(whole) * 10 ** (16 - len(whole)) + int((fraction or "0").ljust(6, "0")[:6])
    return EPOCH + timedelta(microseconds=micros)
