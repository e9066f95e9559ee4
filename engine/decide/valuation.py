"""Marks and weights from the raw snapshot. A stale, deviating or missing price is named, and never taken as zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from engine.model.ids import Asset, VenueName
from engine.model.market import Mark, MarkSource, OrderBook
from engine.model.money import ONE, ZERO, Money, Price, Quantity, Weight, ratio, total
from engine.model.policy import Policy, Unmanaged
from engine.model.portfolio import Holding, HoldingKind, NamedWeight, Snapshot, Valuation, VenueHealth, VenueSnapshot
from engine.model.reasons import Reason, ReasonCode, reason


def value(snapshot: Snapshot, policy: Policy) -> Valuation:
    """Mark every holding and weigh every target's name."""
    quotes, notes = _usable_quotes(snapshot, policy, RELIED_ON)
    marks, left_out = _marks(snapshot, quotes, policy.limits.max_price_deviation)
    marks = _with_second_choice(marks, _usable_quotes(snapshot, policy, SECOND_CHOICE)[0], snapshot)
    holdings = _holdings(snapshot, policy, {mark.asset: mark.price for mark in marks})
    names = names_of(policy, holdings, _reachable(snapshot, policy, marks))
    values = _values(policy, holdings, names)
    managed = total(values.values())
    vetoes = [*_view_vetoes(snapshot, policy), *_price_vetoes(policy, marks, holdings)]
    if managed <= 0 and not vetoes:
        vetoes.append(reason(ReasonCode.NOTHING_HELD))
    return Valuation(
        numeraire=snapshot.numeraire,
        marks=marks,
        holdings=holdings,
        managed_value=Money(managed),
        total_value=Money(total(h.value or ZERO for h in holdings)),
        weights=tuple(
            NamedWeight(name, Weight(ratio(values[name], managed) if managed else ZERO), Money(values[name]))
            for name in names
        )
        if _weights_known(snapshot, policy, vetoes)
        else (),
        vetoes=tuple(vetoes),
        notes=(*notes, *left_out, *_view_notes(snapshot, policy), *_holding_notes(policy, holdings)),
    )


def names_of(policy: Policy, holdings: Sequence[Holding], reachable: frozenset[Asset]) -> tuple[str, ...]:
    """The names that have a weight: the targets', and the unmanaged assets where the policy sells them.

    `reachable` are the assets that a sale can bring although they are neither held nor a target.
    """
    names = {target.name for target in policy.targets}
    if policy.unmanaged is Unmanaged.SELL:
        held = {h.asset for h in holdings if h.value is not None}
        names |= {str(asset) for asset in (held | reachable) - policy.names().keys()}
    return tuple(sorted(names))


def _reachable(snapshot: Snapshot, policy: Policy, marks: Sequence[Mark]) -> frozenset[Asset]:
    """The priced currencies that something which may be sold is quoted in."""
    held = {balance.asset for venue in snapshot.venues for balance in venue.balances}
    priced = {mark.asset for mark in marks}
    sellable = held | set(policy.managed_assets)
    return frozenset(i.quote for v in snapshot.venues if v.trades for i in v.instruments if i.base in sellable) & priced


def _weights_known(snapshot: Snapshot, policy: Policy, vetoes: Sequence[Reason]) -> bool:
    """A weight is a fraction of everything: with a price or a whole venue unknown, there is none."""
    unseen = [v for v in snapshot.missing_venues if v.observed_at is None and not (v.balances or v.instruments)]
    return not (unseen and not policy.allow_partial) and all(v.code is not ReasonCode.PRICE_MISSING for v in vetoes)


def _values(policy: Policy, holdings: Sequence[Holding], names: Sequence[str]) -> dict[str, Decimal]:
    """What is held of each name."""
    values, managed = dict.fromkeys(names, ZERO), policy.names()
    for holding in holdings:
        name = managed.get(holding.asset, str(holding.asset) if policy.unmanaged is Unmanaged.SELL else None)
        if name in values:
            values[name] += holding.value or ZERO
    return values


# --- prices ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Quote:
    """The mid of one market of one venue, and its age."""

    venue: VenueName
    base: Asset
    quote: Asset
    mid: Price
    age_seconds: Decimal


RELIED_ON: Final = frozenset({VenueHealth.HEALTHY, VenueHealth.REFERENCE})
SECOND_CHOICE: Final = frozenset({VenueHealth.DEGRADED, VenueHealth.HALTED})


def _usable_quotes(
    snapshot: Snapshot, policy: Policy, healths: frozenset[VenueHealth]
) -> tuple[tuple[_Quote, ...], tuple[Reason, ...]]:
    quotes, notes = [], []
    for venue in snapshot.venues:
        if venue.health not in healths:
            continue
        for book in venue.books:
            age = snapshot.as_of - book.as_of
            problem = _book_problem(venue, book, age, policy.limits.max_price_age)
            if problem:
                notes.append(problem)
            else:
                quotes.append(_Quote(venue.name, book.base, book.quote, book.mid, _seconds(age)))
    return tuple(quotes), tuple(notes)


def _book_problem(venue: VenueSnapshot, book: OrderBook, age: timedelta, limit: timedelta) -> Reason | None:
    symbol = f"{book.base}/{book.quote}"
    if not book.is_two_sided:
        return reason(ReasonCode.BOOK_ONE_SIDED, venue=venue.name, symbol=symbol)
    if book.is_crossed:
        return reason(ReasonCode.BOOK_CROSSED, venue=venue.name, symbol=symbol)
    if age > limit:
        ages = {"age_seconds": _seconds(age), "limit_seconds": _seconds(limit)}
        return reason(ReasonCode.PRICE_STALE, venue=venue.name, symbol=symbol, **ages)
    return None


def _marks(
    snapshot: Snapshot, quotes: Sequence[_Quote], max_deviation: Decimal
) -> tuple[tuple[Mark, ...], tuple[Reason, ...]]:
    """Every asset's price in the numeraire: given, or the median over venues through the quote currencies.

    A first pass outwards from the numeraire gives each currency a price by the shortest way. The second takes, with
    those, the median over all of an asset's own markets.
    """
    known = {snapshot.numeraire: Price(ONE)} | dict(snapshot.given_marks)
    if snapshot.given_marks:
        return tuple(Mark(asset, known[asset]) for asset in sorted(known)), ()
    reachable = _first_pass(known, quotes)
    marks, notes = [Mark(snapshot.numeraire, Price(ONE))], []
    for asset in sorted(set(reachable) - {snapshot.numeraire}):
        sources = _sources(asset, quotes, reachable)
        price, judged = _median_without_outliers(sources, max_deviation)
        notes += [_deviation(s, price or _median_over_venues(sources), max_deviation) for s in judged if s.left_out]
        if price is not None:
            marks.append(Mark(asset, price, judged))
    return tuple(sorted(marks, key=lambda m: m.asset)), tuple(notes)


def _with_second_choice(marks: tuple[Mark, ...], quotes: Sequence[_Quote], snapshot: Snapshot) -> tuple[Mark, ...]:
    """The marks, and those of what only venues quote that cannot be relied on.

    Nothing is traded there; but what lies there must not leave everything else without a weight.
    """
    known = {mark.asset: mark.price for mark in marks}
    if snapshot.given_marks or not quotes:
        return marks
    reached = _first_pass(known, quotes)
    more = [Mark(asset, reached[asset], _sources(asset, quotes, reached)) for asset in reached.keys() - known.keys()]
    return tuple(sorted((*marks, *more), key=lambda mark: mark.asset))


def _first_pass(known: dict[Asset, Price], quotes: Sequence[_Quote]) -> dict[Asset, Price]:
    reached = dict(known)
    while True:
        found: dict[Asset, list[Price]] = defaultdict(list)
        for q in quotes:
            if q.quote in reached and q.base not in reached:
                found[q.base].append(Price(q.mid * reached[q.quote]))
            elif q.base in reached and q.quote not in reached and (price := ratio(reached[q.base], q.mid)):
                found[q.quote].append(Price(price))
        if not found:
            return reached
        reached |= {asset: _median(prices) for asset, prices in sorted(found.items())}


def _sources(asset: Asset, quotes: Sequence[_Quote], known: dict[Asset, Price]) -> tuple[MarkSource, ...]:
    own = [
        MarkSource(q.venue, f"{q.base}/{q.quote}", Price(q.mid * known[q.quote]), q.age_seconds)
        for q in quotes
        if q.base == asset and q.quote in known
    ]
    inverse = [
        MarkSource(q.venue, f"{q.base}/{q.quote}", Price(price), q.age_seconds)
        for q in quotes
        if q.quote == asset and q.base in known and (price := ratio(known[q.base], q.mid))
    ]
    return tuple(own or inverse)


def _median_without_outliers(
    sources: tuple[MarkSource, ...], max_deviation: Decimal
) -> tuple[Price | None, tuple[MarkSource, ...]]:
    median = _median_over_venues(sources)
    judged = tuple(
        MarkSource(s.venue, s.symbol, s.price, s.age_seconds, left_out="deviates")
        if abs(s.price - median) > median * max_deviation
        else s
        for s in sources
    )
    kept = [s for s in judged if not s.left_out]
    return (_median_over_venues(kept) if kept else None), judged


def _deviation(source: MarkSource, median: Price, limit: Decimal) -> Reason:
    figures = {"price": source.price, "median": median, "limit": limit}
    return reason(ReasonCode.PRICE_DEVIATES, venue=source.venue, symbol=source.symbol, **figures)


def _median_over_venues(sources: Sequence[MarkSource]) -> Price:
    """One voice for each venue, however many markets of the asset it has."""
    by_venue: dict[VenueName, list[Price]] = defaultdict(list)
    for source in sources:
        by_venue[source.venue].append(source.price)
    return _median([_median(prices) for prices in by_venue.values()])


def _median(prices: Sequence[Price]) -> Price:
    ordered = sorted(prices)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else Price((ordered[middle - 1] + ordered[middle]) / 2)


def _seconds(duration: timedelta) -> Decimal:
    return Decimal(duration // timedelta(milliseconds=1)) / 1000


# --- holdings --------------------------------------------------------------------------------------------------------


def _holdings(snapshot: Snapshot, policy: Policy, prices: dict[Asset, Price]) -> tuple[Holding, ...]:
    found, managed = [], policy.names().keys()
    for venue in snapshot.venues:
        for balance in venue.balances:
            if not balance.total:
                continue
            price = prices.get(balance.asset)
            worth = Money(balance.total * price) if price is not None else None
            kept = policy.unmanaged is Unmanaged.KEEP and balance.asset not in managed
            kind = HoldingKind.UNMANAGED if kept else _kind(venue, balance.asset, balance.total)
            found.append(Holding(venue.name, balance.asset, balance.total, balance.free, kind, worth, balance.kept))
    return tuple(found)


def _kind(venue: VenueSnapshot, asset: Asset, quantity: Quantity) -> HoldingKind:
    """Whether so much is enough for an order."""
    minimums = [i.min_amount for i in venue.instruments if i.base == asset]
    notionals = [
        i.min_notional / book.mid
        for i in venue.instruments
        if i.base == asset and (book := venue.book(i.base, i.quote)) and book.is_two_sided
    ]
    least = max(min(minimums, default=Quantity(ZERO)), min(notionals, default=ZERO))
    return HoldingKind.DUST if quantity < least else HoldingKind.MANAGED


# --- what stands in the way ------------------------------------------------------------------------------------------


def _view_vetoes(snapshot: Snapshot, policy: Policy) -> list[Reason]:
    if policy.allow_partial:
        return []
    return [_unreachable(snapshot, venue) for venue in snapshot.missing_venues]


def _view_notes(snapshot: Snapshot, policy: Policy) -> list[Reason]:
    notes = []
    if policy.allow_partial:
        notes += [reason(ReasonCode.PARTIAL_VIEW_ALLOWED, venue=v.name) for v in snapshot.missing_venues]
    for venue in snapshot.venues:
        if venue.health in (VenueHealth.DEGRADED, VenueHealth.HALTED):
            words = {"venue": venue.name, "health": venue.health.value, "problem": venue.problem}
            notes.append(reason(ReasonCode.VENUE_NOT_TRADED, **words))
        elif venue.in_question:
            notes.append(reason(ReasonCode.VENUE_IN_QUESTION, venue=venue.name))
    return notes


def _unreachable(snapshot: Snapshot, venue: VenueSnapshot) -> Reason:
    age = _seconds(snapshot.as_of - venue.observed_at) if venue.observed_at else "unknown"
    return reason(ReasonCode.VENUE_UNREACHABLE, venue=venue.name, age_seconds=age, problem=venue.problem)


def _price_vetoes(policy: Policy, marks: Sequence[Mark], holdings: Sequence[Holding]) -> list[Reason]:
    """A price is needed for every managed asset that is held, and for one asset of every name with a target."""
    priced = {mark.asset for mark in marks}
    held = {h.asset for h in holdings} & policy.names().keys()
    wanted = {
        policy.assets_of(t.name)[0] for t in policy.targets if t.weight and not priced & set(policy.assets_of(t.name))
    }
    return [reason(ReasonCode.PRICE_MISSING, asset=asset) for asset in sorted((held | wanted) - priced)]


def _holding_notes(policy: Policy, holdings: Sequence[Holding]) -> list[Reason]:
    managed = policy.names()
    notes = [
        reason(ReasonCode.UNPRICED_ASSET, venue=h.venue, asset=h.asset, quantity=h.quantity)
        for h in holdings
        if h.value is None and h.asset not in managed
    ]
    notes += [
        reason(ReasonCode.LOCKED_IN_ORDERS, venue=h.venue, asset=h.asset, quantity=locked)
        for h in holdings
        if (locked := h.quantity - h.free - h.kept) > 0
    ]
    return notes + [kept_elsewhere(h.venue, h.asset, h.kept) for h in holdings if h.kept]


def kept_elsewhere(venue: VenueName, asset: Asset, quantity: Quantity) -> Reason:
    """What is held and cannot be spent before a person moves it."""
    return reason(ReasonCode.KEPT_ELSEWHERE, venue=venue, asset=asset, quantity=quantity)
