"""What the chat and the summary show of taxes and lots: figures that were counted elsewhere. Pure records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from bot.exports.tax_year import TaxYear
from engine.model.ids import Asset
from engine.model.lots import Account, LotMethod, Term
from engine.model.money import ZERO
from engine.model.tax import WashSale


class Gains(NamedTuple):
    """What sales came to, by how long was held what they used up."""

    short: Decimal = ZERO
    long: Decimal = ZERO
    none: Decimal = ZERO
    """Where the rules make no difference."""

    @property
    def total(self) -> Decimal:
        """All of them."""
        return self.short + self.long + self.none


class AssetGains(NamedTuple):
    """What the sales of one asset came to."""

    asset: Asset
    gains: Gains


class UnknownUnits(NamedTuple):
    """Units of an asset that were sold, and of which nobody has said what they cost."""

    asset: Asset
    quantity: Decimal
    proceeds: Decimal
    """All of it counts as gain until then."""


class WashFlag(NamedTuple):
    """A sale at a loss near a purchase of the same asset. `disallowed` is the part of the loss that does not count."""

    asset: Asset
    day: date
    loss: Decimal
    disallowed: Decimal


class TaxEstimate(NamedTuple):
    """The tax on a year's gains, below zero where losses save tax; None and why where it cannot be told.

    It counts results of the year that the history does not hold, where the profile names them.
    """

    tax: Decimal | None
    why_none: str = ""
    short_elsewhere: Decimal = ZERO
    long_elsewhere: Decimal = ZERO


class MethodResult(NamedTuple):
    """What the year would come to if its sales used up lots by another method."""

    method: LotMethod
    gains: Gains
    tax: Decimal | None


@dataclass(frozen=True, slots=True)
class TaxYearView:
    """A year's gains and income, and what they mean. Amounts are in the numeraire."""

    year: TaxYear
    is_over: bool
    method: LotMethod
    profile: str
    """The name of the tax profile; empty where there is none."""
    currency: str
    """What the profile's amounts are in; empty where it does not say."""
    gains: Gains
    won: Decimal
    lost: Decimal
    """The sums of what matches gained and lost; the latter is below zero."""
    disallowed: Decimal
    income: Decimal
    disposals: int
    assets: tuple[AssetGains, ...]
    unknown: tuple[UnknownUnits, ...]
    wash_sale: WashSale
    wash_days: int
    washes: tuple[WashFlag, ...]
    estimate: TaxEstimate
    others: tuple[MethodResult, ...]


class LotRow(NamedTuple):
    """A lot that is held, with what it would come to if it were sold now. No price: no value."""

    account: Account
    acquired: date
    """On the taxpayer's calendar."""
    quantity: Decimal
    basis: Decimal
    unit_cost: Decimal
    value: Decimal | None
    term: Term
    long_on: date | None
    """The first day of which a sale is long; None where it is so already, or the rules make no difference."""
    days_to_long: int | None
    is_known: bool
    handle: str = ""
    """By which a person names it; empty for units that no lot is known for."""

    @property
    def unrealised(self) -> Decimal | None:
        """The gain of a sale at the mark; none where the value or the cost is not known."""
        return None if self.value is None or not self.is_known else self.value - self.basis


@dataclass(frozen=True, slots=True)
class LotsView:
    """The open lots of an asset, by account and age."""

    asset: Asset
    as_of: datetime
    mark: Decimal | None
    rows: tuple[LotRow, ...]
