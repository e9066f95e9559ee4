"""What the portfolio holds: balances, the raw snapshot of one instant, and its valuation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.errors import InvalidValue
from engine.model.ids import Asset, VenueName
from engine.model.market import Instrument, Mark, OrderBook
from engine.model.market_usual import MarketUsual
from engine.model.money import ZERO, Money, Price, Quantity, Weight, total
from engine.model.reasons import Reason
from engine.model.venue_signals import VenueSignals


class VenueHealth(StrEnum):
    """How far a venue can be relied on."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    """No new plans use it."""
    HALTED = "halted"
    """Left out until a person resumes it."""
    UNREACHABLE = "unreachable"
    """It did not answer: its balances are the last known ones."""
    WATCHED = "watched"
    """No venue that trades: holdings that are counted, and never traded."""
    REFERENCE = "reference"
    """No venue either: prices of the numeraire, where nothing is held or traded."""
    IN_TRANSIT = "in_transit"
    """No venue either: what has left one and not arrived at another."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What a venue says it holds of one asset. `locked` lies in open orders.

    `kept` is a reserve, staked, lent or in another of the venue's accounts: it is valued, and not spent.
    """

    asset: Asset
    free: Quantity
    locked: Quantity = Quantity(ZERO)
    kept: Quantity = Quantity(ZERO)

    def __post_init__(self) -> None:
        if self.free < 0 or self.locked < 0 or self.kept < 0:
            raise InvalidValue(f"balance {self.asset}", "must not be negative")

    def holding_back(self, reserve: Quantity) -> Balance:
        """The same holding with so much of what is free kept out of reach."""
        back = Quantity(min(self.free, reserve))
        return Balance(self.asset, Quantity(self.free - back), self.locked, Quantity(self.kept + back))

    @property
    def total(self) -> Quantity:
        """Free, locked and kept together."""
        return Quantity(self.free + self.locked + self.kept)


@dataclass(frozen=True, slots=True)
class VenueSnapshot:
    """One venue as it was seen. `observed_at` is the instant of its balances; `problem` says what failed."""

    name: VenueName
    health: VenueHealth
    observed_at: datetime | None
    balances: tuple[Balance, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    books: tuple[OrderBook, ...] = ()
    problem: str = ""
    in_question: bool = False
    """A change of its balances waits for a person's word."""
    signals: VenueSignals | None = None
    usual: tuple[MarketUsual, ...] = ()
    """What is usual on the markets of the managed coins; nothing where no guard asks."""
    """How it is doing; None where nobody asked."""

    def __post_init__(self) -> None:
        # The order in which a venue lists things means nothing: one order makes equal snapshots equal texts.
        object.__setattr__(self, "balances", tuple(sorted(self.balances, key=lambda b: b.asset)))
        object.__setattr__(self, "instruments", tuple(sorted(self.instruments, key=lambda i: (i.base, i.quote))))
        object.__setattr__(self, "books", tuple(sorted(self.books, key=lambda b: (b.base, b.quote))))

    def free(self, asset: Asset) -> Quantity:
        """What can be spent of an asset here."""
        return Quantity(total(b.free for b in self.balances if b.asset == asset))

    def book(self, base: Asset, quote: Asset) -> OrderBook | None:
        """The book of a market, or None where the venue gave none."""
        return next((b for b in self.books if b.base == base and b.quote == quote), None)

    @property
    def trades(self) -> bool:
        """Plans may use it."""
        return self.health is VenueHealth.HEALTHY and not self.in_question


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The raw observation of one instant: nothing in it is computed. Its parts are in the order of their names."""

    as_of: datetime
    numeraire: Asset
    venues: tuple[VenueSnapshot, ...]
    given_marks: tuple[tuple[Asset, Price], ...] = ()
    """Prices handed in with the state, which win over those that follow from the books."""

    def __post_init__(self) -> None:
        names = [venue.name for venue in self.venues]
        if len(set(names)) != len(names):
            raise InvalidValue("venues", f"each name once, got {', '.join(sorted(names))}")
        object.__setattr__(self, "venues", tuple(sorted(self.venues, key=lambda v: v.name)))
        object.__setattr__(self, "given_marks", tuple(sorted(self.given_marks)))

    @property
    def missing_venues(self) -> tuple[VenueSnapshot, ...]:
        """The venues whose balances are not of this instant: where there is one, the snapshot is partial."""
        return tuple(v for v in self.venues if v.health is VenueHealth.UNREACHABLE)


class HoldingKind(StrEnum):
    """What a holding means to the plan."""

    MANAGED = "managed"
    UNMANAGED = "unmanaged"
    DUST = "dust"
    """Managed, too small for its venue to trade: valued, and left out of the plan."""


@dataclass(frozen=True, slots=True)
class Holding:
    """An asset on a venue, marked. `value` is absent where there is no price."""

    venue: VenueName
    asset: Asset
    quantity: Quantity
    free: Quantity
    kind: HoldingKind
    value: Money | None
    kept: Quantity = Quantity(ZERO)
    """Of the quantity, what is staked, lent or in another of the venue's accounts."""


@dataclass(frozen=True, slots=True)
class NamedWeight:
    """The weight of a target's name: an asset or a bucket."""

    name: str
    weight: Weight
    value: Money


@dataclass(frozen=True, slots=True)
class Valuation:
    """The marked snapshot. `managed_value` is what weights are fractions of."""

    numeraire: Asset
    marks: tuple[Mark, ...]
    holdings: tuple[Holding, ...]
    managed_value: Money
    total_value: Money
    weights: tuple[NamedWeight, ...]
    vetoes: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()

    def mark(self, asset: Asset) -> Decimal | None:
        """The price of an asset in the numeraire, or None."""
        return next((m.price for m in self.marks if m.asset == asset), None)

    def weight(self, name: str) -> Weight:
        """The weight of a target's name; zero where nothing is held."""
        return next((w.weight for w in self.weights if w.name == name), Weight(ZERO))
