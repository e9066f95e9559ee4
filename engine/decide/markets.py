"""The markets a plan may use: instrument, book, marks and what the venue can spend, in one value each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.model.ids import Asset, VenueName
from engine.model.market import Instrument, OrderBook
from engine.model.money import Money, Price, Quantity
from engine.model.policy import Policy, Unmanaged
from engine.model.portfolio import Snapshot, Valuation, VenueSnapshot
from engine.pricing.book_walk import Marks


@dataclass(frozen=True, slots=True)
class Market:
    """One market of one venue, ready to be traded on."""

    instrument: Instrument
    book: OrderBook
    marks: Marks

    @property
    def venue(self) -> VenueName:
        """The venue's name."""
        return self.instrument.venue

    @property
    def key(self) -> tuple[VenueName, Asset, Asset]:
        """Venue, base and quote: by this markets are told apart and ordered."""
        return self.instrument.venue, self.instrument.base, self.instrument.quote

    def value(self, quantity: Quantity) -> Money:
        """So much base at its mark."""
        return Money(quantity * self.marks.base)


def usable_markets(snapshot: Snapshot, policy: Policy, valuation: Valuation) -> tuple[Market, ...]:
    """The markets of healthy venues between assets that the plan may trade, in the order of their keys."""
    prices = {mark.asset: mark.price for mark in valuation.marks}
    managed = policy.names()
    tradeable = {asset for asset in prices if asset in managed or policy.unmanaged is Unmanaged.SELL}
    found = [m for v in snapshot.venues if v.trades for m in _markets_of(v, snapshot, policy, prices)]
    wanted = [m for m in found if {m.instrument.base, m.instrument.quote} <= tradeable]
    return tuple(sorted(wanted, key=lambda m: m.key))


def _markets_of(
    venue: VenueSnapshot, snapshot: Snapshot, policy: Policy, prices: Mapping[Asset, Price]
) -> Iterator[Market]:
    for instrument in venue.instruments:
        book = venue.book(instrument.base, instrument.quote)
        if book is None or not book.is_two_sided or book.is_crossed:
            continue
        if snapshot.as_of - book.as_of > policy.limits.max_price_age:
            continue
        base, quote = prices.get(instrument.base), prices.get(instrument.quote)
        if base is not None and quote is not None:
            yield Market(instrument, book, Marks(base, quote))


def cash_assets(snapshot: Snapshot, policy: Policy) -> frozenset[Asset]:
    """The assets that purchases are paid with: of the managed ones, those that markets quote in."""
    managed = set(policy.managed_assets)
    quoted = {i.quote for venue in snapshot.venues for i in venue.instruments if i.base in managed}
    return frozenset(quoted & managed)


def cash_name(snapshot: Snapshot, policy: Policy) -> str | None:
    """The target's name that is traded against: the one whose assets most markets quote in. None without any.

    Of several, the one that fewest markets trade itself: of BTC/USDT and ETH/BTC, USDT is the cash.
    """
    cash = cash_assets(snapshot, policy)
    names = policy.names()
    markets = [(names.get(i.base), names.get(i.quote), i) for v in snapshot.venues for i in v.instruments]
    counts = Counter(name for base, name, i in markets if i.quote in cash and name is not None and base != name)
    traded = Counter(base for base, name, _ in markets if base != name)
    return min(counts, key=lambda name: (-counts[name], traded[name], name)) if counts else None
