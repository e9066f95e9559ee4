"""What a plan's sales come to for tax: the lots that they use up, their gains, and what else could be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.model.ids import Asset, VenueName
from engine.model.lots import LotMethod, Term
from engine.model.money import ZERO, Money, Quantity


@dataclass(frozen=True, slots=True)
class LegLot:
    """A lot that a leg is to use up. `lot` is empty for units that no lot is known for; `cost` is their basis."""

    lot: str
    acquired_at: datetime | None
    quantity: Quantity
    cost: Money
    gain: Money
    term: Term
    is_known: bool = True
    """Whether it is known what it cost."""


@dataclass(frozen=True, slots=True)
class MethodOutcome:
    """What a leg's sale would come to under a method; `tax` is None where no rates are set."""

    method: LotMethod
    short: Money
    long: Money
    tax: Money | None

    @property
    def gain(self) -> Money:
        """Of both terms."""
        return Money(self.short + self.long)


@dataclass(frozen=True, slots=True)
class SoonLong:
    """Lots that a leg sells within short term, and that are long term from a near day on; `saves` is tax."""

    quantity: Quantity
    long_on: date
    days: int
    saves: Money


@dataclass(frozen=True, slots=True)
class Rebuy:
    """The same asset on the other side of a sale at a loss, within the window in which the law may look at both."""

    at: datetime
    loss: Money = Money(ZERO)
    """Of the earlier sale; zero where this leg is the sale, or where that one had none and the law asks anyway."""


@dataclass(frozen=True, slots=True)
class LegTax:
    """What a leg comes to for tax: `chosen` by the policy's method, `others` by the methods that were not taken."""

    asset: Asset
    """What is disposed of."""
    lots: tuple[LegLot, ...]
    chosen: MethodOutcome
    others: tuple[MethodOutcome, ...] = ()
    soon_long: tuple[SoonLong, ...] = ()


@dataclass(frozen=True, slots=True)
class Harvest:
    """A loss that is worth realising: sold and bought back at once, it saves more tax than that costs.

    `left` is the gain of the asset's lots that is then not realised yet: what is saved now is owed later in part.
    """

    venue: VenueName
    asset: Asset
    quantity: Quantity
    loss: Money
    saves: Money
    cost: Money
    left: Money


@dataclass(frozen=True, slots=True)
class RecentTrade:
    """A purchase or a sale of the last weeks; `loss` is zero where there was none."""

    asset: Asset
    at: datetime
    is_sale: bool
    loss: Money = Money(ZERO)


@dataclass(frozen=True, slots=True)
class TaxStanding:
    """The tax year so far: results that are realised already, and trades that a sale or purchase may clash with."""

    year: int
    short: Money = Money(ZERO)
    long: Money = Money(ZERO)
    recent: tuple[RecentTrade, ...] = ()
