"""The rules by which a history is matched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from engine.model.holding import A_YEAR, Holding, local_date
from engine.model.lots import LotMethod, OrderKey, Scope, Shortfall, Term
from engine.model.tax import TaxProfile
from engine.model.tax_policy import TaxPolicy

NEW_YEAR: Final = (1, 1)


@dataclass(frozen=True, slots=True)
class LotRules:
    """How lots are matched. `by_year` holds the years that have a method of their own, on the taxpayer's calendar."""

    method: LotMethod
    by_year: tuple[tuple[int, LotMethod], ...] = ()
    scope: Scope = Scope.ACCOUNT
    order_key: OrderKey = OrderKey.UNIT_COST
    holding: Holding = A_YEAR
    zone: tzinfo = field(default=UTC)
    shortfall: Shortfall = Shortfall.ERROR
    profile: TaxProfile | None = None
    """What `min_tax` reckons with, and what says of wash sales; no other methods than its own are allowed. Its scope is
    for who makes these rules to take or to leave.
    """
    otherwise: LotMethod | None = None
    """What takes the place of `min_tax` in a year that the profile knows nothing of; None: such a year is refused."""

    @property
    def methods(self) -> frozenset[LotMethod]:
        """All methods that can come up."""
        return frozenset({self.method, *(method for _, method in self.by_year)})

    def method_in(self, year: int) -> LotMethod:
        """The method of a year."""
        method = dict(self.by_year).get(year, self.method)
        if method is not LotMethod.MIN_TAX or self.otherwise is None:
            return method
        return method if self.profile is not None and self.profile.knows(year) else self.otherwise

    @property
    def changes(self) -> bool:
        """Whether not all years need have one method."""
        return bool(self.by_year) or (self.otherwise is not None and LotMethod.MIN_TAX in self.methods)

    def year_of(self, at: datetime) -> int:
        """The tax year of an instant, by the calendar year in which it begins."""
        day = local_date(at, self.zone)
        begins = self.profile.year_begins if self.profile else NEW_YEAR
        return day.year if (day.month, day.day) >= begins else day.year - 1

    def term(self, acquired_at: datetime, sold_at: datetime) -> Term:
        """For how long something was held."""
        return self.holding.term(acquired_at, sold_at, self.zone)


def rules_of(policy: TaxPolicy, profile: TaxProfile | None = None) -> LotRules:
    """The rules of the user's own ledger. What it does not know is an unknown lot, and shown as one.

    A plan must not fail for a year whose tax nobody knows: its lots are taken oldest first.

    `profile` takes the place of the policy's, with results of the year to date in it.
    """
    return LotRules(
        method=policy.method,
        by_year=policy.by_year,
        scope=policy.scope,
        order_key=policy.order_key,
        holding=policy.holding,
        zone=ZoneInfo(policy.timezone),
        shortfall=Shortfall.ZERO_BASIS,
        profile=profile or policy.profile,
        otherwise=LotMethod.FIFO,
    )
