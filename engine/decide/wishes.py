"""Which trades would bring the holdings to their destination: net per name, split over the venues. Limits come after.

Sales are shared out by what each venue holds. Purchases go to the cheapest venue that has the cash, its own sales
included; what one venue cannot pay goes to the next. A trade against another name than cash moves that name too: it is
wished for only where the other one wants to move that way, or where there is no market against cash at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from engine.decide.markets import Market
from engine.decide.valuation import kept_elsewhere
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import ZERO, Money, Quantity, floor_to_step, ratio, total
from engine.model.policy import Policy
from engine.model.portfolio import Balance, Snapshot, VenueHealth, VenueSnapshot
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.book_walk import affordable, bound_price, depth_to, settle, walk

NO_VENUES: Final = frozenset({VenueHealth.WATCHED, VenueHealth.IN_TRANSIT})
WishKey = tuple[VenueName, Asset, Asset, Side]


@dataclass(frozen=True, slots=True)
class Wish:
    """A trade that is wished for, already on the venue's steps and within what it has to spend."""

    market: Market
    side: Side
    quantity: Quantity
    reasons: tuple[Reason, ...]

    @property
    def key(self) -> WishKey:
        """By this wishes are told apart."""
        return *self.market.key, self.side


@dataclass(frozen=True, slots=True)
class Gap:
    """What a name lacks (above zero) or has too much of, in the numeraire, and the reason that says so."""

    name: str
    value: Money
    reason: Reason


@dataclass(frozen=True, slots=True)
class Unmet:
    """Part of a gap that no venue could fill."""

    gap: Gap
    side: Side
    missing: Money
    reason: Reason


@dataclass(frozen=True, slots=True)
class Wishes:
    """All wishes, sales before purchases, and what could not be wished for."""

    trades: tuple[Wish, ...]
    unmet: tuple[Unmet, ...]


@dataclass(frozen=True, slots=True)
class Means:
    """What gaps may be closed with."""

    snapshot: Snapshot
    policy: Policy
    markets: Sequence[Market]
    cash: frozenset[Asset]
    """What is traded against: its own gap closes by itself."""
    least: Money
    """A gap that is not above this is left alone."""
    sells: bool = True
    """False for new money: nothing is sold, and nothing but cash is spent."""

    def name(self, asset: Asset) -> str:
        """The name that an asset counts towards; its own where it is not managed."""
        return self.policy.name_of(asset) or str(asset)


def wishes(means: Means, gaps: Sequence[Gap], excluded: frozenset[WishKey]) -> Wishes:
    """The trades that close the gaps, without the excluded ones.

    Names without a market against cash come first, and names that others are traded against last: by then it is known
    what those trades brought or took.
    """
    desk = _Desk(means, excluded, {gap.name: Decimal(gap.value) for gap in gaps})
    ordered = sorted(gaps, key=lambda gap: (desk.quoted_for(gap.name), -abs(gap.value), gap.name))
    trades: list[Wish] = []
    for direct in (False, True):
        for side in (Side.SELL, Side.BUY) if means.sells else (Side.BUY,):
            for gap in ordered:
                now = replace(gap, value=Money(desk.lacks[gap.name]))
                if side.sign * now.value > means.least and desk.has_direct(gap.name) is direct:
                    trades += desk.sales(now) if side is Side.SELL else desk.purchases(now)
    return Wishes(tuple(trades), tuple(unmet for gap in ordered for unmet in desk.unmet(gap)))


@dataclass(slots=True)
class _Desk:
    """The state of one round: what each venue can still spend, and what each name still lacks."""

    means: Means
    excluded: frozenset[WishKey]
    lacks: dict[str, Decimal]
    free: dict[tuple[VenueName, Asset], Decimal] = field(init=False)

    def __post_init__(self) -> None:
        venues = [venue for venue in self.means.snapshot.venues if venue.trades]
        self.free = {(v.name, b.asset): b.free for v in venues for b in v.balances}

    def quoted_for(self, name: str) -> int:
        """For how many other names it is the quote."""
        markets = [m.instrument for m in self.means.markets if self.means.name(m.instrument.quote) == name]
        return len({self.means.name(i.base) for i in markets} - {name})

    def has_direct(self, name: str) -> bool:
        """Whether some venue trades it against cash."""
        return any(self._is_direct(market) for market in self._markets_of(name))

    def sales(self, gap: Gap) -> Iterator[Wish]:
        """Sell at each venue its share by value held, on its best market."""
        best: dict[tuple[VenueName, Asset], Market] = {}
        for market in self._usable(gap.name, Side.SELL):
            place = market.venue, market.instrument.base
            if self._of(*place) > 0 and self._room(market, Side.SELL) > 0:
                best.setdefault(place, market)
        held = {place: m.value(Quantity(self._of(*place))) for place, m in best.items()}
        whole = total(held.values())
        for place in sorted(best, key=lambda p: (-held[p], p)):
            share = min(-gap.value, whole) * ratio(held[place], whole)
            yield from self._wish(best[place], Side.SELL, share, gap)

    def purchases(self, gap: Gap) -> Iterator[Wish]:
        """Buy on the best market that has the cash; what is left, on the next."""
        for market in self._usable(gap.name, Side.BUY):
            left = self.lacks[gap.name]
            if left <= self.means.least:
                return
            yield from self._wish(market, Side.BUY, left, gap)

    def unmet(self, gap: Gap) -> Iterator[Unmet]:
        """What is left of a gap, where it is more than may be left alone."""
        left = self.lacks[gap.name]
        side = Side.BUY if left > 0 else Side.SELL
        if abs(left) <= self.means.least or not (self.means.sells or side is Side.BUY):
            return
        missing = Money(abs(left))
        if not any(self._markets_of(gap.name)):
            yield Unmet(gap, side, missing, reason(ReasonCode.NO_MARKET, asset=gap.name))
        elif side is Side.BUY and self._usable(gap.name, side):
            yield Unmet(gap, side, missing, reason(ReasonCode.CASH_ELSEWHERE, name=gap.name, missing=missing))
        elif side is Side.SELL and (kept := self._kept(gap.name)):
            yield Unmet(gap, side, missing, kept)

    def _kept(self, name: str) -> Reason | None:
        """The largest part of a name that is held and cannot be sold."""
        assets = self.means.policy.assets_of(name)
        kept = [
            (_bound(v, b), v.name, b.asset) for v in self.means.snapshot.venues for b in v.balances if b.asset in assets
        ]
        quantity, venue, asset = max(kept, default=(Quantity(ZERO), VenueName(""), Asset("")))
        return kept_elsewhere(venue, asset, quantity) if quantity else None

    def _usable(self, name: str, side: Side) -> list[Market]:
        """The markets on which a name can be traded against another, best first, then cheapest."""
        own = [m for m in self._markets_of(name) if (*m.key, side) not in self.excluded]
        costed = [(self._rank(m, side), cost, m) for m in own if (cost := m.unit_cost(side)) is not None]
        return [m for *_, m in sorted(costed, key=lambda found: (found[0], found[1], found[2].key))]

    def _rank(self, market: Market, side: Side) -> int:
        """A purchase that is paid with what is to go anyway is best; else cash is."""
        if self._is_direct(market):
            return 1
        return 0 if side is Side.BUY and self._room(market, side) > 0 else 2

    def _markets_of(self, name: str) -> Iterator[Market]:
        for market in self.means.markets:
            of_base, of_quote = (self.means.name(a) for a in (market.instrument.base, market.instrument.quote))
            if of_base == name and of_quote != name:
                yield market

    def _is_direct(self, market: Market) -> bool:
        return market.instrument.quote in self.means.cash

    def _room(self, market: Market, side: Side) -> Decimal:
        """How much may be traded on a market for the sake of the name it is quoted in, in the numeraire."""
        enough = abs(self.lacks[self.means.name(market.instrument.base)])
        if self._is_direct(market):
            return enough
        if not self.means.sells:
            return ZERO
        if not self.has_direct(self.means.name(market.instrument.base)):
            return enough
        fits = -side.sign * self.lacks.get(self.means.name(market.instrument.quote), ZERO)
        return fits if fits > self.means.least else ZERO

    def _wish(self, market: Market, side: Side, worth: Decimal, gap: Gap) -> Iterator[Wish]:
        """Cut a trade to what the venue can spend and the book holds within the bound; nothing where none is left."""
        instrument, levels = market.instrument, market.book.side_taken(side)
        bound = bound_price(levels[0].price, side, self.means.policy.limits.max_slippage_bps, instrument.price_tick)
        if bound <= 0:
            return
        paid_in = instrument.quote if side is Side.BUY else instrument.base
        available = self._of(market.venue, paid_in)
        wanted = min(worth, self._room(market, side)) / market.marks.base
        can = affordable(instrument, bound, available) if side is Side.BUY else available
        quantity = Quantity(floor_to_step(min(wanted, depth_to(levels, side, bound), can), instrument.amount_step))
        taken = walk(levels, quantity)
        if taken is None:
            return
        change = settle(instrument, side, quantity, taken.average)
        self._move(market, change.base, change.quote)
        if side is Side.BUY and not self._is_direct(market):
            # What pays for it may be sold before it is its turn: as much as the venue sets aside must be left.
            at_worst = settle(instrument, side, quantity, bound)
            self.free[market.venue, instrument.quote] += at_worst.quote - change.quote
        yield Wish(market, side, quantity, (gap.reason, _funding(market, side, paid_in, available)))

    def _move(self, market: Market, base: Decimal, quote: Decimal) -> None:
        instrument = market.instrument
        for asset, amount, price in (
            (instrument.base, base, market.marks.base),
            (instrument.quote, quote, market.marks.quote),
        ):
            self.free[market.venue, asset] = self._of(market.venue, asset) + amount
            if self.means.name(asset) in self.lacks:
                self.lacks[self.means.name(asset)] -= amount * price

    def _of(self, venue: VenueName, asset: Asset) -> Decimal:
        return self.free.get((venue, asset), ZERO)


def _bound(venue: VenueSnapshot, balance: Balance) -> Quantity:
    """What of a balance only a person can make spendable."""
    return balance.total if venue.health in NO_VENUES else balance.kept


def _funding(market: Market, side: Side, asset: Asset, available: Decimal) -> Reason:
    if side is Side.SELL:
        return reason(ReasonCode.HELD_HERE, venue=market.venue, asset=asset, free=available)
    return reason(ReasonCode.CASH_HERE, venue=market.venue, asset=asset, available=available)


def gap_values(
    names: Mapping[str, Money], destination: Mapping[str, Decimal], value_after: Decimal
) -> dict[str, Money]:
    """What each name lacks on the way to its destination weight of the value that is left after costs."""
    return {name: Money(destination[name] * value_after - value) for name, value in names.items()}
