"""Which lots make the tax of one instant's sales least, in the year so far: exactly, and no further than that year."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from engine.account.lots.border import Choice, PoolSale, Units, least_taxed
from engine.account.lots.pieces import Part, Piece
from engine.account.lots.pools import OrderedPool
from engine.account.lots.tax_due import Kinks, kinks, tax_due
from engine.model.lots import LotPick, Term
from engine.model.money import ZERO, total
from engine.model.tax import YearRules

TermOf = Callable[[datetime, datetime], Term]
Heap = list[tuple[Decimal, int, int, Piece]]


class MinTaxPool:
    """Lots of one place by term, dearest first. What moves or is given away goes oldest first."""

    def __init__(self, term_of: TermOf) -> None:
        self._term_of = term_of
        self._by_age = OrderedPool(lambda piece: piece.rank)
        self._short: Heap = []
        self._long: Heap = []
        self._young: list[tuple[datetime, int, Piece]] = []
        self._added = 0

    def add(self, piece: Piece) -> None:
        """Put a lot in."""
        self._added += 1
        piece.is_long = False
        self._by_age.add(piece)
        heapq.heappush(self._short, (-piece.basis / piece.quantity, piece.rank, self._added, piece))
        heapq.heappush(self._young, (piece.acquired_at, self._added, piece))

    def take(self, quantity: Decimal, picks: Sequence[LotPick] = ()) -> list[Part]:
        """Take what is picked, then the oldest."""
        return self._by_age.take(quantity, picks)

    def pieces(self) -> list[Piece]:
        """All that is left, oldest first."""
        return self._by_age.pieces()

    def offer(self, quantity: Decimal, at: datetime) -> tuple[list[Piece], list[Piece]]:
        """The dearest short and long lots that a sale of so much can want, of either term enough for all of it."""
        while self._young and self._term_of(self._young[0][2].acquired_at, at) is Term.LONG:
            _, added, piece = heapq.heappop(self._young)
            piece.is_long = True
            heapq.heappush(self._long, (-piece.basis / piece.quantity, piece.rank, added, piece))
        short = _first(self._short, quantity, lambda piece: not piece.is_long)
        return short, _first(self._long, quantity, lambda piece: piece.is_long)


def _first(heap: Heap, quantity: Decimal, fits: Callable[[Piece], bool]) -> list[Piece]:
    """The first lots of a heap that hold so much; they stay in it, and what is used up or too old goes."""
    seen: Heap = []
    while heap and quantity > 0:
        entry = heapq.heappop(heap)
        if entry[3].left and fits(entry[3]):
            seen.append(entry)
            quantity -= entry[3].left
    for entry in seen:
        heapq.heappush(heap, entry)
    return [entry[3] for entry in seen]


class Sale(NamedTuple):
    """A disposal as the choice of lots sees it."""

    number: int
    """Which it is of those of its instant."""
    quantity: Decimal
    proceeds: Decimal


@dataclass(frozen=True, slots=True)
class Counter:
    """The sales of one pool at one instant, and the lots that it offers for them."""

    sales: tuple[Sale, ...]
    short: tuple[Piece, ...]
    long: tuple[Piece, ...]
    unknown: Decimal
    """Units that no lot is known for: they cost nothing, and count as short."""
    sold_at: datetime

    def pool_sale(self) -> PoolSale:
        """The same as bare figures."""
        unknown = [Units(self.unknown, ZERO)] if self.unknown else []
        return PoolSale(
            [Units(sale.quantity, sale.proceeds / sale.quantity) for sale in self._cheap_first()],
            [*_units(self.short), *unknown],
            _units(self.long),
        )

    def carried_out(self, choice: Choice) -> Iterator[tuple[int, Part]]:
        """The lots used up as chosen: each part with the number of its sale."""
        short, long = self._parts(self.short), self._parts(self.long)
        begin = ZERO
        for sale in self._cheap_first():
            end = begin + sale.quantity
            low, high = max(begin, choice.start), min(end, choice.start + choice.short_units)
            booked = max(high - low, ZERO)
            yield from ((sale.number, part) for part in short(booked))
            yield from ((sale.number, part) for part in long(sale.quantity - booked))
            begin = end

    def _cheap_first(self) -> list[Sale]:
        return sorted(self.sales, key=lambda sale: (sale.proceeds / sale.quantity, sale.number))

    def _parts(self, pieces: Sequence[Piece]) -> Callable[[Decimal], Iterator[Part]]:
        left = list(pieces)

        def take(quantity: Decimal) -> Iterator[Part]:
            while quantity and left:
                if not left[0].left:
                    del left[0]
                    continue
                part = left[0].take(quantity)
                quantity -= part.quantity
                yield part
            if quantity:
                yield Part(None, self.sold_at, quantity, ZERO, False, None)

        return take


def _units(pieces: Sequence[Piece]) -> list[Units]:
    return [Units(piece.left, piece.unit_left) for piece in pieces]


def chosen(counters: Sequence[Counter], rules: YearRules, so_far: tuple[Decimal, Decimal]) -> tuple[Choice, ...]:
    """What every pool is to take, so that the tax of the year so far and of these sales together is least."""
    short, long = so_far[0] + rules.short_to_date, so_far[1] + rules.long_to_date
    chains = [counter.pool_sale().chain(number) for number, counter in enumerate(counters)]
    bends = kinks(rules)
    shifted = Kinks(
        tuple(level - short for level in bends.short),
        tuple(level - long for level in bends.long),
        tuple(level - short - long for level in bends.both),
    )
    return least_taxed(
        chains, shifted, lambda more_short, more_long: tax_due(rules, short + more_short, long + more_long)
    ).choices


def quantity_of(sales: Sequence[Sale]) -> Decimal:
    """What several sales need together."""
    return total(sale.quantity for sale in sales)
