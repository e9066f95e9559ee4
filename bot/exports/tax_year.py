"""The days of a tax year on the taxpayer's calendar; it need not begin on 1 January. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.api import LotRules


@dataclass(frozen=True, slots=True)
class TaxYear:
    """A year by the calendar year in which it begins: with `begins` (4, 6), 2026 is 6 April 2026 to 5 April 2027."""

    year: int
    zone: tzinfo = field(default=UTC)
    begins: tuple[int, int] = (1, 1)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, *self.begins)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year + 1, *self.begins) - timedelta(days=1)

    def holds(self, at: datetime) -> bool:
        """An instant falls on one of its days."""
        return self.first <= self.local(at).date() <= self.last

    def local(self, at: datetime) -> datetime:
        """An instant in the taxpayer's time zone."""
        return at.astimezone(self.zone)


def tax_year(rules: LotRules, year: int) -> TaxYear:
    """A year as these rules count it."""
    return TaxYear(year, rules.zone, rules.profile.year_begins if rules.profile else (1, 1))
