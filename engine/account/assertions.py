"""What the venues show against what the books say, and what can explain the difference. Pure.

A difference is put down to what is known already, in this order: something on its way that has arrived, a fall here
and a rise there at the same look, a movement that a person declared. What is left is asked about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.model.ids import Asset, VenueName
from engine.model.ledger import BalanceChange, Books, Declaration, Transit, is_what_is_left_of
from engine.model.money import ZERO, Quantity, exact
from engine.model.portfolio import VenueSnapshot

Prices = Mapping[Asset, Decimal]


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A venue shows other balances than the books do, by these changes."""

    venue: VenueName
    changes: tuple[BalanceChange, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something on its way has arrived, as a venue's balance shows."""

    transit: Transit
    venue: VenueName
    change: BalanceChange


@dataclass(frozen=True, slots=True)
class Crossing:
    """One asset fell on one venue and rose on another."""

    from_venue: VenueName
    left: BalanceChange
    to_venue: VenueName
    arrived: BalanceChange


@dataclass(frozen=True, slots=True)
class Told:
    """A change that a person has declared."""

    declaration: Declaration
    venue: VenueName
    change: BalanceChange


Known = Arrival | Crossing | Told


@exact
def discrepancy(books: Books, seen: VenueSnapshot, prices: Prices, least: Decimal) -> Discrepancy | None:
    """What a venue's balances differ by from the books, where one difference is worth at least `least`.

    An asset without a price cannot be worth anything to a plan: alone it is no reason to ask.
    """
    expected = books.expected(seen.name)
    shown = {balance.asset: Decimal(balance.total) for balance in seen.balances}
    changes = tuple(
        BalanceChange(asset, Quantity(difference))
        for asset in sorted(expected.keys() | shown.keys())
        if (difference := shown.get(asset, ZERO) - expected.get(asset, ZERO))
    )
    worth_asking = any(abs(c.quantity) * prices.get(c.asset, ZERO) >= least and c.asset in prices for c in changes)
    return Discrepancy(seen.name, changes) if worth_asking else None


@exact
def explained(
    found: Sequence[Discrepancy], transits: Sequence[Transit], declared: Sequence[Declaration]
) -> tuple[Known, ...]:
    """What is known of the differences. Each transit and each declaration explains one of them at the most."""
    search = _Search({(d.venue, c.asset): c for d in found for c in d.changes}, [])
    for transit in transits:
        search.take(_arrival(search.open, transit))
    for place, change in sorted(search.open.items()):
        if change.quantity < 0:
            search.take(_crossing(search.open, place, change))
    for declaration in declared:
        search.take(_told(search.open, declaration))
    return tuple(search.known)


Place = tuple[VenueName, Asset]
Open = dict[Place, BalanceChange]


@dataclass(slots=True)
class _Search:
    """The differences that are still open, and what the others were put down to."""

    open: Open
    known: list[Known]

    def take(self, known: Known | None) -> None:
        """Put a difference down to what is known of it."""
        match known:
            case Arrival() | Told():
                self._close((known.venue, known.change.asset))
            case Crossing():
                self._close((known.from_venue, known.left.asset))
                self._close((known.to_venue, known.arrived.asset))
            case None:
                return
        self.known.append(known)

    def _close(self, place: Place) -> None:
        del self.open[place]


def _arrival(open_changes: Open, transit: Transit) -> Arrival | None:
    for (venue, asset), change in sorted(open_changes.items(), key=lambda item: item[0]):
        expected_here = venue == transit.to_venue or (transit.to_venue is None and venue != transit.from_venue)
        if asset == transit.asset and expected_here and is_what_is_left_of(change.quantity, transit.quantity):
            return Arrival(transit, venue, change)
    return None


def _crossing(open_changes: Open, place: Place, left: BalanceChange) -> Crossing | None:
    if place not in open_changes:
        return None
    for (venue, asset), change in sorted(open_changes.items(), key=lambda item: item[0]):
        if asset == place[1] and venue != place[0] and is_what_is_left_of(change.quantity, -left.quantity):
            return Crossing(place[0], left, venue, change)
    return None


def _told(open_changes: Open, declaration: Declaration) -> Told | None:
    if declaration.from_venue is not None:
        change = open_changes.get((declaration.from_venue, declaration.asset))
        # What left may be more than was declared, by the fee beside it.
        if change and is_what_is_left_of(declaration.quantity, -change.quantity):
            return Told(declaration, declaration.from_venue, change)
        return None
    if declaration.to_venue is None:
        return None
    change = open_changes.get((declaration.to_venue, declaration.asset))
    if change and is_what_is_left_of(change.quantity, declaration.quantity):
        return Told(declaration, declaration.to_venue, change)
    return None
