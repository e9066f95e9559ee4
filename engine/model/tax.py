"""What a country's law makes of gains, as dated data: rates, brackets, allowances, and which lots may be chosen.

Not tax advice: these are estimates to decide by. What the data does not hold is refused, and never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from engine.model.errors import InvalidValue
from engine.model.lots import LotMethod, Scope
from engine.model.money import ONE, ZERO


class Bracket(NamedTuple):
    """Income above `above` is taxed at `rate`, up to the next bracket."""

    above: Decimal
    rate: Decimal


class WashSale(StrEnum):
    """What becomes of a loss where the asset is bought again within the window."""

    OFF = "off"
    WARN = "warn"
    """It counts, and the sale is flagged."""
    ENFORCE = "enforce"
    """It does not count as far as was bought again; it is added to the basis of what was bought."""


@dataclass(frozen=True, slots=True)
class YearRules:
    """How one year's gains are taxed. Amounts are in the country's currency, rates fractions of 1.

    Short gains are taxed on top of `income` by `short_brackets`, long ones on top of both by `long_brackets`;
    `surcharge_brackets` come on top of either, for all gains together on top of `income`. The brackets of each rise.

    With `nets_terms` a loss of one term is set against a gain of the other. Without it, long results stand apart: a
    long loss is worth nothing, and long gains do not count towards `free_below`. A net loss reduces other income up to
    `loss_cap`; what goes beyond is worth `carried_loss_rate` of it. `allowance` is taken off gains, short ones first;
    below `free_below` they are free, from it on all of them are taxed. Only `inclusion` of a result counts; all limits
    are in terms of what counts.
    """

    short_brackets: tuple[Bracket, ...]
    long_brackets: tuple[Bracket, ...]
    surcharge_brackets: tuple[Bracket, ...] = ()
    income: Decimal = ZERO
    nets_terms: bool = True
    loss_cap: Decimal = ZERO
    carried_loss_rate: Decimal = ZERO
    allowance: Decimal = ZERO
    free_below: Decimal = ZERO
    inclusion: Decimal = ONE
    short_to_date: Decimal = ZERO
    """Results of the year that the history does not hold."""
    long_to_date: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class TaxProfile:
    """A country's rules, year by year."""

    name: str
    years: tuple[tuple[int, YearRules], ...]
    methods: tuple[LotMethod, ...] = tuple(LotMethod)
    """What the law lets one choose from."""
    scope: Scope = Scope.ACCOUNT
    wash_sale: WashSale = WashSale.OFF
    wash_days: int = 30
    """How many days before and after a sale are its window; the days themselves count."""
    year_begins: tuple[int, int] = (1, 1)
    """Month and day; a year is named after the calendar year in which it begins."""
    every_year: YearRules | None = None
    """The rules of every year that `years` does not name; None: such a year is refused."""
    currency: str = ""
    """What its amounts are in; empty where it does not say."""
    is_told: bool = False
    """Whether the taxpayer's own income or rate is in it; else the highest rates stand in, which suits an estimate of
    what is owed, and not one of what is saved.
    """

    def require(self, methods: Iterable[LotMethod]) -> None:
        """Raises InvalidValue where the law does not leave one of these methods to choose."""
        for method in sorted(set(methods) - set(self.methods)):
            allowed = ", ".join(self.methods)
            raise InvalidValue("method", f"{method} is not for the profile {self.name}; choose of {allowed}")

    def knows(self, year: int) -> bool:
        """Whether it says how that year's gains are taxed."""
        return self.every_year is not None or any(known == year for known, _ in self.years)

    def rules(self, year: int) -> YearRules:
        """The rules of a year. Raises InvalidValue for a year that the profile knows nothing of."""
        for known, rules in self.years:
            if known == year:
                return rules
        if self.every_year is not None:
            return self.every_year
        known_years = ", ".join(str(known) for known, _ in self.years)
        raise InvalidValue("profile", f"{self.name} knows the rules of {known_years}, and not of {year}; add them")
