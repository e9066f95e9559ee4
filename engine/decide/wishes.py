"""Which trades would bring the holdings to their destination: net per name, split over the venues. Limits come after.

Sales are shared out by what each venue holds. Purchases go to the cheapest venue that has the cash, its own sales
included; what one venue cannot pay goes to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from engine.decide.markets import Market
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import ZERO, Money, Quantity, floor_to_step, ratio, total
from engine.model.policy import Limits, Policy
from engine.model.portfolio import Snapshot
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.book_walk import affordable, bound_price, depth_to, settle, walk


@dataclass(frozen=True, slots=True)
class Wish:
    """A trade that is wished for, already on the venue's steps and within what it has to spend."""

    market: Market
    side: Side
    quantity: Quantity
    reasons: tuple[Reason, ...]

    @property
    def key(self) -> tuple[VenueName, Asset, Asset, Side]:
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


@dataclass(slots=True)
class _Purse:
    """What each venue can still spend of each asset, its own sales included."""

    free: dict[tuple[VenueName, Asset], Decimal] = field(default_factory=dict)

    def of(self, venue: VenueName, asset: Asset) -> Decimal:
        return self.free.get((venue, asset), ZERO)

    def add(self, venue: VenueName, asset: Asset, amount: Decimal) -> None:
        self.free[venue, asset] = self.of(venue, asset) + amount


@dataclass(frozen=True, slots=True)
class Wishes:
    """All wishes, sales before purchases, and what could not be wished for."""

    trades: tuple[Wish, ...]
    unmet: tuple[Unmet, ...]


def wishes(
    snapshot: Snapshot,
    policy: Policy,
    markets: Sequence[Market],
    gaps: Sequence[Gap],
    excluded: frozenset[tuple[str, ...]],
) -> Wishes:
    """The trades that close the gaps, without the excluded ones (by `Wish.key`)."""
    purse = _Purse({(v.name, b.asset): b.free for v in snapshot.venues if v.trades for b in v.balances})
    trades: list[Wish] = []
    unmet: list[Unmet] = []
    for gap in sorted((g for g in gaps if g.value < 0), key=lambda g: (g.value, g.name)):
        usable = _usable(markets, policy, gap, Side.SELL, excluded)
        found = list(_sales(gap, usable, purse, policy.limits))
        trades += found
        unmet += _shortfall(gap, Side.SELL, found, usable)
    for gap in sorted((g for g in gaps if g.value > 0), key=lambda g: (-g.value, g.name)):
        usable = _usable(markets, policy, gap, Side.BUY, excluded)
        found = list(_purchases(gap, usable, purse, policy.limits))
        trades += found
        unmet += _shortfall(gap, Side.BUY, found, usable)
    return Wishes(tuple(trades), tuple(unmet))


def _usable(
    markets: Sequence[Market], policy: Policy, gap: Gap, side: Side, excluded: frozenset[tuple[str, ...]]
) -> list[Market]:
    """The markets on which a name can be traded against another name, cheapest first."""
    assets = set(policy.assets_of(gap.name))
    candidates = [
        m
        for m in markets
        if m.instrument.base in assets and m.instrument.quote not in assets and (*m.key, side) not in excluded
    ]
    costed = [(cost, m) for m in candidates if (cost := m.unit_cost(side)) is not None]
    return [m for _, m in sorted(costed, key=lambda pair: (pair[0], pair[1].key))]


def _sales(gap: Gap, markets: Sequence[Market], purse: _Purse, limits: Limits) -> Iterator[Wish]:
    """Sell at each venue its share by value held, on its cheapest market."""
    cheapest: dict[tuple[VenueName, Asset], Market] = {}
    for market in markets:
        if purse.of(market.venue, market.instrument.base) > 0:
            cheapest.setdefault((market.venue, market.instrument.base), market)
    held = {key: m.value(Quantity(purse.of(*key))) for key, m in cheapest.items()}
    whole = total(held.values())
    for key in sorted(cheapest, key=lambda k: (-held[k], k)):
        market = cheapest[key]
        share = min(-gap.value, whole) * ratio(held[key], whole)
        wanted = min(ratio(share, market.marks.base), purse.of(*key))
        yield from _wish(market, Side.SELL, wanted, gap, purse, limits)


def _purchases(gap: Gap, markets: Sequence[Market], purse: _Purse, limits: Limits) -> Iterator[Wish]:
    """Buy on the cheapest market that has the cash; what is left, on the next."""
    left = gap.value
    for market in markets:
        if left <= 0:
            return
        for wish in _wish(market, Side.BUY, ratio(left, market.marks.base), gap, purse, limits):
            left = Money(left - market.value(wish.quantity))
            yield wish


def _wish(market: Market, side: Side, wanted: Decimal, gap: Gap, purse: _Purse, limits: Limits) -> Iterator[Wish]:
    """Cut a quantity to what the venue can spend and the book holds within the bound; nothing where nothing is left."""
    instrument = market.instrument
    levels = market.book.side_taken(side)
    bound = bound_price(levels[0].price, side, limits.max_slippage_bps, instrument.price_tick)
    if bound <= 0:
        return
    ceiling = [wanted, depth_to(levels, side, bound)]
    paid_in = instrument.quote if side is Side.BUY else instrument.base
    available = purse.of(market.venue, paid_in)
    ceiling.append(affordable(instrument, bound, available) if side is Side.BUY else available)
    quantity = Quantity(floor_to_step(min(ceiling), instrument.amount_step))
    taken = walk(levels, quantity)
    if taken is None:
        return
    change = settle(instrument, side, quantity, taken.average)
    purse.add(market.venue, instrument.base, change.base)
    purse.add(market.venue, instrument.quote, change.quote)
    yield Wish(market, side, quantity, (gap.reason, _funding(market, side, paid_in, available)))


def _funding(market: Market, side: Side, asset: Asset, available: Decimal) -> Reason:
    if side is Side.SELL:
        return reason(ReasonCode.HELD_HERE, venue=market.venue, asset=asset, free=available)
    return reason(ReasonCode.CASH_HERE, venue=market.venue, asset=asset, available=available)


def _shortfall(gap: Gap, side: Side, found: Sequence[Wish], markets: Sequence[Market]) -> Iterator[Unmet]:
    done = total(w.market.value(w.quantity) for w in found)
    missing = Money(abs(gap.value) - done)
    if missing <= 0:
        return
    if not markets:
        yield Unmet(gap, side, missing, reason(ReasonCode.NO_MARKET, asset=gap.name))
    elif side is Side.BUY:
        yield Unmet(gap, side, missing, reason(ReasonCode.CASH_ELSEWHERE, name=gap.name, missing=missing))


def gap_values(
    names: Mapping[str, Money], destination: Mapping[str, Decimal], value_after: Decimal
) -> dict[str, Money]:
    """What each name lacks on the way to its destination weight of the value that is left after costs."""
    return {name: Money(destination[name] * value_after - value) for name, value in names.items()}
