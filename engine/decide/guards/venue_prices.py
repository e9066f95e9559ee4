"""How far a venue's prices are from those of the others, whatever currencies either quotes in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from engine.model.ids import Asset, VenueName
from engine.model.market import OrderBook
from engine.model.money import ONE, ZERO, Price, ratio
from engine.model.portfolio import Snapshot, VenueSnapshot

Prices = Mapping[Asset, Price]


@dataclass(frozen=True, slots=True)
class PriceGap:
    """More than half of a venue's assets are at least so far, as a fraction, from what so many other venues say."""

    deviation: Decimal
    witnesses: int


def is_usable(book: OrderBook, now: datetime, max_age: timedelta) -> bool:
    """Whether a book says anything of the price now."""
    return book.is_two_sided and not book.is_crossed and now - book.as_of <= max_age


def price_gap(
    venue: VenueSnapshot, snapshot: Snapshot, suspects: Collection[VenueName], max_age: timedelta
) -> PriceGap | None:
    """How far a venue is from the median of the others; None where there is nothing to compare it with.

    A venue under suspicion is no witness. Of an asset's deviation only what is beyond the venue's own spread counts, as
    a wide spread is no wrong price; and of all assets' the lower median, as one coin that cannot be moved has a price
    of its own everywhere.
    """
    trusted = [
        books
        for other in snapshot.venues
        if other.name != venue.name and other.name not in suspects
        if (books := _usable(other, snapshot.as_of, max_age))
    ]
    rates = _rates(snapshot, [book for books in trusted for book in books], max_age)
    words = [_own_prices(books, rates) for books in trusted]
    gaps: dict[Asset, Decimal] = {}
    for book in _usable(venue, snapshot.as_of, max_age):
        said = [word[book.base] for word in words if book.base in word]
        if said and book.quote in rates:
            gap = min(_beyond_spread(book, rates[book.quote], middle) for middle in _middles(said))
            gaps[book.base] = min(gap, gaps.get(book.base, gap))
    if not gaps:
        return None
    witnesses = sum(1 for word in words if gaps.keys() & word.keys())
    return PriceGap(sorted(gaps.values())[(len(gaps) - 1) // 2], witnesses)


def prices(snapshot: Snapshot, max_age: timedelta) -> Prices:
    """The price of every asset in the numeraire that can be reached by the markets of all venues."""
    books = [book for venue in snapshot.venues for book in _usable(venue, snapshot.as_of, max_age)]
    return _reach(_numeraire(snapshot) | dict(snapshot.given_marks), books)


def _numeraire(snapshot: Snapshot) -> dict[Asset, Price]:
    return {snapshot.numeraire: Price(ONE)}


def _usable(venue: VenueSnapshot, now: datetime, max_age: timedelta) -> list[OrderBook]:
    return [book for book in venue.books if is_usable(book, now, max_age)]


def _rates(snapshot: Snapshot, theirs: Sequence[OrderBook], max_age: timedelta) -> Prices:
    """What currencies are worth by the other venues' books; by all books where those do not lead there."""
    everywhere = prices(snapshot, max_age)
    reached = _reach(_numeraire(snapshot), theirs)
    missing = {book.quote for book in theirs} - reached.keys()
    known = _numeraire(snapshot) | {quote: everywhere[quote] for quote in sorted(missing) if quote in everywhere}
    return dict(everywhere) | _reach(known, theirs)


def _own_prices(books: Sequence[OrderBook], rates: Prices) -> Prices:
    """What one venue says of each of its assets: one voice, however many markets the asset has there."""
    found: dict[Asset, list[Price]] = defaultdict(list)
    for book in books:
        if book.quote in rates:
            found[book.base].append(Price(book.mid * rates[book.quote]))
    return {asset: _median(own) for asset, own in found.items()}


def _middles(said: Sequence[Price]) -> Sequence[Price]:
    """The middle one, or both: of two that contradict each other, a venue need not agree with the wrong one."""
    ordered = sorted(said)
    return ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]


def _reach(known: Prices, books: Sequence[OrderBook]) -> dict[Asset, Price]:
    """Outwards from known prices: each step prices what has a market against something priced, by the median."""
    reached = dict(known)
    while True:
        found: dict[Asset, list[Price]] = defaultdict(list)
        for book in books:
            if book.quote in reached and book.base not in reached:
                found[book.base].append(Price(book.mid * reached[book.quote]))
            elif book.base in reached and book.quote not in reached and (price := ratio(reached[book.base], book.mid)):
                found[book.quote].append(Price(price))
        if not found:
            return reached
        reached |= {asset: _median(own) for asset, own in sorted(found.items())}


def _beyond_spread(book: OrderBook, rate: Price, said: Price) -> Decimal:
    bid, ask = book.bids[0].price * rate, book.asks[0].price * rate
    return ratio(max(bid - said, said - ask, ZERO), said)


def _median(own: Sequence[Price]) -> Price:
    ordered, middle = sorted(own), len(own) // 2
    return ordered[middle] if len(ordered) % 2 else Price((ordered[middle - 1] + ordered[middle]) / 2)
