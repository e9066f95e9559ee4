"""A whole history matched, entry by entry in the order of time. Pure: the same entries give the same settlement.

At one instant acquisitions come first, then the order in which the entries are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from operator import attrgetter

from engine.account.lots.min_tax import Counter, MinTaxPool, Sale, chosen, quantity_of
from engine.account.lots.pieces import Part, Piece
from engine.account.lots.pools import POOLS, Pool
from engine.account.lots.rules import LotRules
from engine.account.lots.uk import settle_uk
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
from engine.model.money import ZERO, Quantity, exact, plain, ratio, total

Place = tuple[Account, Asset]


@exact
def settle(entries: Iterable[Entry], rules: LotRules) -> Settlement:
    """Match a history. Raises InvalidValue, naming the entry, where it cannot be matched by these rules."""
    ordered = in_order(entries)
    methods = {rules.method, *(method for _, method in rules.by_year)}
    if LotMethod.UK not in methods:
        return _Replay(rules).run(ordered)
    if methods != {LotMethod.UK}:
        raise InvalidValue("method", "uk_s104 looks at days to come, and cannot be mixed with another; use it alone")
    return settle_uk(ordered, rules)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By time; at one instant what opens lots first, by name, and then the order in which they are given."""
    ordered = sorted(entries, key=attrgetter("at"))
    begin = 0
    for end in range(1, len(ordered) + 1):
        if end == len(ordered) or ordered[end].at != ordered[begin].at:
            if end - begin > 1:
                ordered[begin:end] = sorted(ordered[begin:end], key=_first_of_an_instant)
            begin = end
    return ordered


def _first_of_an_instant(entry: Entry) -> tuple[int, str]:
    return (0, entry.id) if entry.kind in OPENS else (1, "")


class _Replay:
    """What lies where, while the entries go by."""

    def __init__(self, rules: LotRules) -> None:
        self._rules = rules
        self._pools: dict[Place, Pool] = {}
        self._kinds: dict[Place, LotMethod] = {}
        self._homes: dict[str | None, Account] = {}
        self._matches: list[Match] = []
        self._missing: list[Missing] = []
        self._income: list[Income] = []
        self._results: dict[int, list[Decimal]] = {}

    def run(self, ordered: Sequence[Entry]) -> Settlement:
        place, end = 0, len(ordered)
        while place < end:
            entry = ordered[place]
            place += 1
            if entry.kind in OPENS:
                self._open(entry, place)
                continue
            if entry.kind in SELLS and entry.value is not None and self._method_at(entry) is LotMethod.MIN_TAX:
                together = [entry]
                while place < end and _is_sold_with(entry, ordered[place]):
                    together.append(ordered[place])
                    place += 1
                self._sell_together(together)
            elif entry.kind is EntryKind.TRANSFER:
                self._transfer(entry)
            else:
                self._book(entry, self._taken(entry, entry.quantity), entry.value)
        return Settlement(tuple(self._matches), self._remaining(), tuple(self._missing), tuple(self._income))

    def _open(self, entry: Entry, rank: int) -> None:
        basis = ZERO if entry.value is None else entry.value
        if self._rules.order_key is OrderKey.PRICE and entry.price is not None:
            unit_cost = entry.price
        else:
            unit_cost = basis / entry.quantity
        piece = Piece(entry.id, entry.at, rank, entry.quantity, basis, unit_cost)
        piece.is_known = entry.value is not None
        if entry.kind is EntryKind.INCOME:
            self._income.append(Income(entry.id, entry.at, entry.asset, entry.account, entry.quantity, basis))
        self._pool(entry).add(piece)
        if self._rules.scope is Scope.UNIVERSAL:
            self._homes[entry.id] = entry.account

    def _transfer(self, entry: Entry) -> None:
        """The fee is disposed of first; then the rest moves, with its dates and its basis."""
        if entry.fee_quantity:
            fee = entry._replace(quantity=entry.fee_quantity, value=entry.fee_value, kind=EntryKind.FEE)
            if fee.value is not None and self._method_at(entry) is LotMethod.MIN_TAX:
                self._sell_together([fee])
            else:
                self._book(fee, self._taken(fee, fee.quantity), fee.value)
        if self._rules.scope is Scope.UNIVERSAL or entry.to_account == entry.account:
            return
        goal = self._pool(entry._replace(account=entry.to_account))
        for part in self._taken(entry, entry.quantity):
            if part.source is not None:
                goal.add(part.source.moved(part))
            else:
                unknown = Piece(None, entry.at, 0, part.quantity, ZERO, ZERO)
                unknown.is_known = False
                goal.add(unknown)

    def _taken(self, entry: Entry, quantity: Decimal) -> list[Part]:
        """Parts that hold the whole quantity, the last of them of no known lot where there is too little."""
        try:
            parts = self._pool(entry).take(quantity, entry.picks)
        except InvalidValue as error:
            raise InvalidValue(f"{entry.id}.{error.field}", error.problem) from None
        short_of = (
            quantity - total(part.quantity for part in parts) if len(parts) != 1 else quantity - parts[0].quantity
        )
        if short_of:
            parts.append(self._unknown(entry, short_of, quantity))
        return parts

    def _unknown(self, entry: Entry, quantity: Decimal, of: Decimal) -> Part:
        if self._rules.shortfall is Shortfall.ERROR:
            where = f" in {entry.account}" if self._rules.scope is Scope.ACCOUNT else ""
            held = f"uses up {plain(of)} {entry.asset}{where}, and {plain(of - quantity)} are known"
            raise InvalidValue(entry.id, f"{held}; add what came before, or let the shortfall be zero_basis")
        self._missing.append(Missing(entry.id, entry.at, entry.asset, entry.account, quantity))
        return Part(None, entry.at, quantity, ZERO, False, None)

    def _book(self, entry: Entry, parts: Sequence[Part], proceeds: Decimal | None) -> None:
        """One match for every part; what the sale brought is shared out so that it adds up."""
        if proceeds is None or len(parts) == 1:
            for part in parts:
                self._match(entry, part, proceeds)
            return
        gone = given = ZERO
        whole = total(part.quantity for part in parts)
        for part in parts:
            gone += part.quantity
            upto = proceeds if gone == whole else ratio(proceeds * gone, whole)
            self._match(entry, part, upto - given)
            given = upto

    def _match(self, entry: Entry, part: Part, proceeds: Decimal | None) -> None:
        known = part.lot is not None
        term = self._rules.term(part.acquired_at, entry.at)
        self._matches.append(
            Match(
                entry.id,
                entry.at,
                part.lot,
                part.acquired_at if known else None,
                entry.asset,
                entry.account,
                part.quantity,
                proceeds,
                part.cost,
                term,
                None,
                part.is_known,
            )
        )
        if proceeds is not None and self._rules.profile is not None:
            result = self._results.setdefault(self._rules.year_of(entry.at), [ZERO, ZERO])
            result[term is Term.LONG] += proceeds - part.cost

    def _sell_together(self, entries: Sequence[Entry]) -> None:
        """The sales of one instant, with the lots by which the year's tax comes out least."""
        profile, year = self._rules.profile, self._rules.year_of(entries[0].at)
        if profile is None:
            raise InvalidValue("profile", "is missing; min_tax needs to know how gains are taxed: name a profile")
        places: dict[Place, list[Sale]] = {}
        for number, entry in enumerate(entries):
            assert entry.value is not None, "a sale without proceeds is not chosen for"
            places.setdefault(self._place(entry), []).append(Sale(number, entry.quantity, entry.value))
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
        pool, quantity = self._pool(first), quantity_of(sales)
        assert isinstance(pool, MinTaxPool), "the method is min_tax"
        short, long = pool.offer(quantity, first.at)
        short_of = quantity - total(piece.left for piece in (*short, *long))
        if short_of > 0:
            self._unknown(entries[sales[-1].number], short_of, quantity)
        return Counter(tuple(sales), tuple(short), tuple(long), max(short_of, ZERO), first.at)

    def _method_at(self, entry: Entry) -> LotMethod:
        if not self._rules.by_year:
            return self._rules.method
        return self._rules.method_in(self._rules.year_of(entry.at))

    def _place(self, entry: Entry) -> Place:
        return ("" if self._rules.scope is Scope.UNIVERSAL else entry.account), entry.asset

    def _pool(self, entry: Entry) -> Pool:
        """The pool of an entry's place, under the method of its year."""
        place = self._place(entry)
        pool = self._pools.get(place)
        if pool is not None and not self._rules.by_year:
            return pool
        method = self._method_at(entry)
        if pool is None or self._kinds[place] is not method:
            fresh = self._new_pool(method)
            for piece in pool.pieces() if pool is not None else ():
                fresh.add(piece)
            self._pools[place], self._kinds[place], pool = fresh, method, fresh
        return pool

    def _new_pool(self, method: LotMethod) -> Pool:
        return MinTaxPool(self._rules.term) if method is LotMethod.MIN_TAX else POOLS[method]()

    def _remaining(self) -> tuple[Lot, ...]:
        held = sorted(self._pools.items(), key=lambda item: item[0])
        return tuple(
            Lot(
                id=piece.lot or "",
                asset=asset,
                account=account or self._homes[piece.lot],
                acquired_at=piece.acquired_at,
                quantity=Quantity(piece.left),
                basis=piece.basis_left,
                is_known=piece.is_known,
            )
            for (account, asset), pool in held
            for piece in pool.pieces()
        )


def _is_sold_with(first: Entry, other: Entry) -> bool:
    return other.at == first.at and other.kind in SELLS and other.value is not None
