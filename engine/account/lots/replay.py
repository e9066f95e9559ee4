"""A whole history matched, entry by entry in the order of time. Pure: the same entries give the same settlement.

At one instant acquisitions come first, then the order in which the entries are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from engine.account.lots.min_tax import Counter, MinTaxPool, Sale, chosen, quantity_of
from engine.account.lots.pieces import Part, Piece, shared_out, units_of
from engine.account.lots.pools import POOLS, Pool
from engine.account.lots.rules import LotRules
from engine.account.lots.uk import settle_uk
from engine.account.lots.washes import Books, Washes, washes_of
from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.lots import (
    OPENS,
    SELLS,
    Account,
    Entry,
    EntryKind,
    Income,
    Lot,
    LotMethod,
    Match,
    Missing,
    OrderKey,
    Scope,
    Settlement,
    Shortfall,
    Term,
)
from engine.model.money import ZERO, Quantity, exact, plain

Place = tuple[Account, Asset]


@exact
def settle(entries: Iterable[Entry], rules: LotRules) -> Settlement:
    """Match a history. Raises InvalidValue, naming the entry, where it cannot be matched by these rules."""
    ordered = in_order(entries)
    methods = rules.methods
    if rules.profile is not None:
        rules.profile.require(methods)
    if LotMethod.UK not in methods:
        return _Replay(rules).run(ordered)
    if methods != {LotMethod.UK}:
        raise InvalidValue("method", "uk_s104 looks at days to come, and cannot be mixed with another; use it alone")
    return settle_uk(ordered, rules)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By time; at one instant what opens lots first, by name, and then the order in which they are given.

    Names are compared by length first, so that `a10` comes after `a9`: no total depends on where in a file equal-time
    purchases stand.
    """
    ordered = sorted(entries, key=attrgetter("at"))
    begin = 0
    for end in range(1, len(ordered) + 1):
        if end == len(ordered) or ordered[end].at != ordered[begin].at:
            if end - begin > 1:
                ordered[begin:end] = sorted(ordered[begin:end], key=_first_of_an_instant)
            begin = end
    return ordered


def _first_of_an_instant(entry: Entry) -> tuple[bool, int, str]:
    return (False, len(entry.id), entry.id) if entry.kind in OPENS else (True, 0, "")


def _ages(ordered: Sequence[Entry]) -> dict[str, int]:
    """Which place a lot has by age, where that is not the order in which they came."""
    if not any(entry.acquired_at for entry in ordered):
        return {}
    opened = [entry for entry in ordered if entry.kind in OPENS]
    by_age = sorted(opened, key=lambda entry: entry.acquired_at or entry.at)
    return {entry.id: rank for rank, entry in enumerate(by_age)}


class _Replay:
    """What lies where, while the entries go by."""

    def __init__(self, rules: LotRules) -> None:
        self._rules = rules
        self._is_universal = rules.scope is Scope.UNIVERSAL
        self._method = rules.method
        self._pools: dict[Place, Pool] = {}
        self._homes: dict[str | None, Account] = {}
        self._matches: list[Match] = []
        self._missing: list[Missing] = []
        self._income: list[Income] = []
        self._results: dict[int, list[Decimal]] = {}
        self._washes: Washes | None = None

    def run(self, ordered: Sequence[Entry]) -> Settlement:
        """Entry by entry, but the sales of one instant together where their lots are chosen together."""
        self._washes = washes_of(ordered, self._rules, Books(self._matches, self._results, self._pools))
        place, end, has_years = 0, len(ordered), self._rules.changes
        ages = _ages(ordered)
        while place < end:
            entry = ordered[place]
            if self._washes is not None:
                self._washes.look_back()
            place += 1
            if has_years:
                self._use(self._rules.method_in(self._rules.year_of(entry.at)))
            if entry.kind in OPENS:
                self._open(entry, ages.get(entry.id, place))
            elif entry.kind is EntryKind.TRANSFER:
                self._transfer(entry)
            elif self._is_chosen_for(entry):
                begin = place - 1
                while place < end and ordered[place].at == entry.at and self._is_chosen_for(ordered[place]):
                    place += 1
                self._sell_together(ordered[begin:place])
            else:
                self._book(entry, self._taken(entry, entry.quantity), entry.value)
        if self._washes is not None:
            self._washes.look_back()
        return Settlement(tuple(self._matches), self._remaining(), tuple(self._missing), tuple(self._income))

    def _use(self, method: LotMethod) -> None:
        """From now on; what is left goes into pools of that method."""
        if method is self._method:
            return
        self._method = method
        for place, pool in self._pools.items():
            self._pools[place] = self._new_pool()
            for piece in pool.pieces():
                self._pools[place].add(piece)

    def _is_chosen_for(self, entry: Entry) -> bool:
        """Whether its lots are still to be chosen: it brings something, and nobody has named any."""
        is_open = self._method is LotMethod.MIN_TAX and entry.value is not None and not entry.picks
        return is_open and entry.kind in SELLS

    def _open(self, entry: Entry, rank: int) -> None:
        basis = ZERO if entry.value is None else entry.value
        price = entry.price if self._rules.order_key is OrderKey.PRICE else None
        piece = Piece(entry.id, entry.acquired_at or entry.at, rank, entry.quantity, basis, price)
        if entry.value is None:
            piece.is_known = False
        if entry.kind is EntryKind.INCOME:
            self._income.append(Income(entry.id, entry.at, entry.asset, entry.account, entry.quantity, basis))
        pool = self._pool(entry.account, entry.asset)
        for each in (piece,) if self._washes is None else self._washes.opened(entry, piece):
            pool.add(each)
        if self._is_universal:
            self._homes[entry.id] = entry.account

    def _transfer(self, entry: Entry) -> None:
        """The fee is disposed of first; then the rest moves, with its dates and its basis."""
        if entry.fee_quantity:
            fee = entry._replace(quantity=entry.fee_quantity, value=entry.fee_value, kind=EntryKind.FEE)
            if self._is_chosen_for(fee):
                self._sell_together([fee])
            else:
                self._book(fee, self._taken(fee, fee.quantity), fee.value)
        if self._is_universal or entry.to_account == entry.account or not entry.quantity:
            return
        goal = self._pool(entry.to_account, entry.asset)
        for part in self._taken(entry, entry.quantity):
            if part.source is not None:
                piece = part.source.moved(part)
                goal.add(piece)
                if self._washes is not None:
                    self._washes.moved(part.source, piece, entry.to_account)
            else:
                unknown = Piece(None, entry.at, 0, part.quantity, ZERO)
                unknown.is_known = False
                goal.add(unknown)

    def _taken(self, entry: Entry, quantity: Decimal) -> list[Part]:
        """Parts that hold the whole quantity, the last of them of no known lot where there is too little."""
        try:
            parts = self._pool(entry.account, entry.asset).take(quantity, entry.picks)
        except InvalidValue as error:
            raise InvalidValue(f"{entry.id}.{error.field}", error.problem) from None
        short_of = quantity - units_of(parts)
        if short_of:
            parts.append(self._unknown(entry, short_of, quantity))
        return parts

    def _unknown(self, entry: Entry, quantity: Decimal, of: Decimal) -> Part:
        if self._rules.shortfall is Shortfall.ERROR:
            where = "" if self._is_universal else f" in {entry.account}"
            held = f"uses up {plain(of)} {entry.asset}{where}, and {plain(of - quantity)} are known"
            raise InvalidValue(entry.id, f"{held}; add what came before, or let the shortfall be zero_basis")
        self._missing.append(Missing(entry.id, entry.at, entry.asset, entry.account, quantity))
        return Part(None, entry.at, quantity, ZERO, False, None)

    def _book(self, entry: Entry, parts: Sequence[Part], proceeds: Decimal | None) -> None:
        """One match for every part; what the sale brought is shared out so that it adds up."""
        at, asset, account = entry.at, entry.asset, entry.account
        term_of, zone = self._rules.holding.term, self._rules.zone
        shares = [None] * len(parts) if proceeds is None else shared_out(proceeds, parts)
        for (lot, acquired_at, quantity, cost, is_known, _), own in zip(parts, shares, strict=True):
            term = term_of(acquired_at, at, zone)
            since = None if lot is None else acquired_at
            self._matches.append(
                Match(entry.id, at, lot, since, asset, account, quantity, own, cost, term, None, is_known)
            )
            if own is not None and self._rules.profile is not None:
                self._count(at, term, own - cost)

    def _count(self, at: datetime, term: Term, gain: Decimal) -> None:
        result = self._results.setdefault(self._rules.year_of(at), [ZERO, ZERO])
        result[term is Term.LONG] += gain

    def _sell_together(self, entries: Sequence[Entry]) -> None:
        """The sales of one instant, with the lots by which the year's tax comes out least."""
        profile, year = self._rules.profile, self._rules.year_of(entries[0].at)
        if profile is None:
            raise InvalidValue("profile", "is missing; min_tax needs to know how gains are taxed: name a profile")
        places: dict[Place, list[Sale]] = {}
        for number, entry in enumerate(entries):
            assert entry.value is not None, "a sale without proceeds is not chosen for"
            place = ("" if self._is_universal else entry.account), entry.asset
            places.setdefault(place, []).append(Sale(number, entry.quantity, entry.value))
        counters = [self._counter(entries, sales) for sales in places.values()]
        so_far = self._results.get(year, [ZERO, ZERO])
        picked = chosen(counters, profile.rules(year), (so_far[0], so_far[1]))
        parts: dict[int, list[Part]] = {number: [] for number in range(len(entries))}
        for counter, choice in zip(counters, picked, strict=True):
            for number, part in counter.carried_out(choice):
                parts[number].append(part)
        for number, entry in enumerate(entries):
            self._book(entry, parts[number], entry.value)

    def _counter(self, entries: Sequence[Entry], sales: Sequence[Sale]) -> Counter:
        first = entries[sales[0].number]
        pool, quantity = self._pool(first.account, first.asset), quantity_of(sales)
        assert isinstance(pool, MinTaxPool), "the method is min_tax"
        short, long = pool.offer(quantity, first.at)
        short_of = quantity - sum((piece.left for piece in (*short, *long)), ZERO)
        if short_of > 0:
            self._unknown(entries[sales[-1].number], short_of, quantity)
        return Counter(tuple(sales), tuple(short), tuple(long), max(short_of, ZERO), first.at)

    def _pool(self, account: Account, asset: Asset) -> Pool:
        place = ("" if self._is_universal else account), asset
        pool = self._pools.get(place)
        if pool is None:
            pool = self._pools[place] = self._new_pool()
        return pool

    def _new_pool(self) -> Pool:
        return MinTaxPool(self._rules.term) if self._method is LotMethod.MIN_TAX else POOLS[self._method]()

    def _remaining(self) -> tuple[Lot, ...]:
        held = sorted(self._pools.items(), key=lambda item: item[0])
        return tuple(
            Lot(
                id=piece.lot or "",
                asset=asset,
                account=self._homes[piece.lot] if self._is_universal else account,
                acquired_at=piece.acquired_at,
                quantity=Quantity(piece.left),
                basis=piece.basis_left,
                is_known=piece.is_known,
                price=piece.dearness if self._rules.order_key is OrderKey.PRICE else None,
            )
            for (account, asset), pool in held
            for piece in pool.pieces()
        )
