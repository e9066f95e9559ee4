"""How long a lot was held, as tax law counts it: by the calendar of the taxpayer, in days, in seconds, or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from engine.model.lots import Term


class HoldingKind(StrEnum):
    """How a holding period is counted."""

    ANNIVERSARY = "anniversary"
    """Long if it is sold after the same date a year later; 29 February counts as 1 March."""
    DAYS = "days"
    """Long from so many whole days on."""
    SECONDS = "seconds"
    """Long if more than so many seconds have passed."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Holding:
    """When a lot is held for long. `length` is in the unit of the kind; an anniversary is one year."""

    kind: HoldingKind
    length: int = 1

    def term(self, acquired_at: datetime, sold_at: datetime, zone: tzinfo) -> Term:
        """Whether a sale at an instant comes after the holding period."""
        held = sold_at - acquired_at
        match self.kind:
            case HoldingKind.ANNIVERSARY:
                # Only near the date itself does the calendar decide, and it is slow to ask.
                is_long = held > SURELY_LONG or (
                    held > SURELY_SHORT and local_date(sold_at, zone) > anniversary(local_date(acquired_at, zone))
                )
            case HoldingKind.DAYS:
                is_long = held.days >= self.length
            case HoldingKind.SECONDS:
                is_long = held > timedelta(seconds=self.length)
            case HoldingKind.NONE:
                return Term.NONE
        return Term.LONG if is_long else Term.SHORT

    def long_on(self, acquired_at: datetime, zone: tzinfo) -> date | None:
        """The first whole day of which a sale is long; None where the rules make no difference."""
        match self.kind:
            case HoldingKind.ANNIVERSARY:
                return anniversary(local_date(acquired_at, zone)) + timedelta(days=1)
            case HoldingKind.DAYS:
                return local_date(acquired_at + timedelta(days=self.length), zone) + timedelta(days=1)
            case HoldingKind.SECONDS:
                return local_date(acquired_at + timedelta(seconds=self.length), zone) + timedelta(days=1)
            case HoldingKind.NONE:
                return None


SURELY_SHORT: Final = timedelta(days=363)
SURELY_LONG: Final = timedelta(days=369)
"""A year is something between, whatever the calendar and the zones."""

A_YEAR: Final = Holding(HoldingKind.ANNIVERSARY)


def anniversary(day: date) -> date:
    """The same date a year later; 29 February has none, and counts as 1 March."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


def local_date(at: datetime, zone: tzinfo) -> date:
    """The date on the taxpayer's calendar."""
    return at.astimezone(zone).date()
