"""The lots of one asset in one place, and in which order a method takes them: one signature, one dict.

An ordered pool is a heap: a lot is pushed once and popped once, and what is left of one stays at the top.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final, Protocol, TypeAlias

from engine.account.lots.pieces import Part, Piece, shared_out, units_of
from engine.model.errors import InvalidValue
from engine.model.lots import LotMethod, LotPick
from engine.model.money import ZERO, plain, ratio, total

Key: TypeAlias = Callable[[Piece], Any]


class Pool(Protocol):
    """What every method is to lots: they are put in, and taken out."""

    def add(self, piece: Piece) -> None:
        """Put a lot in."""
        ...

    def take(self, quantity: Decimal, picks: Sequence[LotPick] = ()) -> list[Part]:
        """Take so much out, or all that there is. What is picked comes first."""
        ...

    def pieces(self) -> list[Piece]:
        """All that is left, oldest first, each with its basis."""
        ...


class OrderedPool:
    """Lots in the order of a key."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._heap: list[tuple[Any, int, int, Piece]] = []
        self._added = 0
        self._named: dict[str | None, list[Piece]] | None = None

    def add(self, piece: Piece) -> None:
        """Put a lot in."""
        self._added += 1
        heapq.heappush(self._heap, (self._key(piece), piece.rank, self._added, piece))
        if self._named is not None:
            self._named.setdefault(piece.lot, []).append(piece)

    def take(self, quantity: Decimal, picks: Sequence[LotPick] = ()) -> list[Part]:
        """Take what is picked, then the rest in order."""
        parts = list(self._picked(quantity, picks)) if picks else []
        wanted = quantity - units_of(parts)
        heap = self._heap
        while wanted and heap:
            piece = heap[0][3]
            if piece.left > wanted:
                parts.append(piece.take(wanted))
                break
            heapq.heappop(heap)
            if piece.left:
                wanted -= piece.left
                parts.append(piece.take_all())
        return parts

    def pieces(self) -> list[Piece]:
        """All that is left, oldest first."""
        return sorted((entry[3] for entry in self._heap if entry[3].left), key=lambda piece: piece.rank)

    def _picked(self, quantity: Decimal, picks: Sequence[LotPick]) -> Iterator[Part]:
        # Only a history that names lots pays for finding them by name.
        if self._named is None:
            self._named = {}
            for entry in self._heap:
                self._named.setdefault(entry[3].lot, []).append(entry[3])
        yield from _picked(self._named, quantity, picks)


class SpecificPool:
    """Lots that are taken by name alone. Where none is named, it must be clear which ones are meant."""

    def __init__(self) -> None:
        self._named: dict[str | None, list[Piece]] = {}

    def add(self, piece: Piece) -> None:
        """Put a lot in."""
        self._named.setdefault(piece.lot, []).append(piece)

    def take(self, quantity: Decimal, picks: Sequence[LotPick] = ()) -> list[Part]:
        """Take the named lots. Raises InvalidValue where they do not suffice, or none is named and several fit."""
        if not picks:
            return self._all_there_is(quantity)
        parts = list(_picked(self._named, quantity, picks))
        found = units_of(parts)
        if found < quantity and found < total(piece.left for piece in self.pieces()) + found:
            named = ", ".join(pick.lot for pick in picks)
            problem = f"the lots {named} hold {plain(found)} of it here; name lots that hold {plain(quantity)}"
            raise InvalidValue("lots", problem)
        return parts

    def pieces(self) -> list[Piece]:
        """All that is left, oldest first."""
        every = (piece for pieces in self._named.values() for piece in pieces)
        return sorted((piece for piece in every if piece.left), key=lambda piece: piece.rank)

    def _all_there_is(self, quantity: Decimal) -> list[Part]:
        pieces = self.pieces()
        if len(pieces) > 1 and quantity < total(piece.left for piece in pieces):
            raise InvalidValue("lots", "is missing, and several lots fit; name those that are sold")
        return [piece.take(quantity) for piece in pieces]


class AveragePool:
    """Lots at their average cost, used up oldest first."""

    def __init__(self) -> None:
        self._lots = OrderedPool(lambda piece: piece.rank)
        self._quantity = ZERO
        self._basis = ZERO

    def add(self, piece: Piece) -> None:
        """Put a lot in: its basis becomes part of the pool's."""
        self._quantity += piece.left
        self._basis += piece.basis_left
        self._lots.add(piece)

    def raise_basis(self, amount: Decimal) -> bool:
        """Add to the pool's basis. Returns False, and adds nothing, where no units are left to carry it."""
        if not self._quantity:
            return False
        self._basis += amount
        return True

    def take(self, quantity: Decimal, picks: Sequence[LotPick] = ()) -> list[Part]:  # noqa: ARG002 - one signature
        """Take so much out at the average cost; names of lots mean nothing to a pool."""
        parts = self._lots.take(quantity)
        taken = units_of(parts)
        cost = self._basis if taken == self._quantity else ratio(self._basis * taken, self._quantity)
        self._quantity -= taken
        self._basis -= cost
        return [part._replace(cost=own) for part, own in zip(parts, shared_out(cost, parts), strict=True)]

    def pieces(self) -> list[Piece]:
        """All that is left, each with its share of the pool's basis."""
        pieces = self._lots.pieces()
        whole = [Part(p.lot, p.acquired_at, p.left, ZERO, p.is_known, p) for p in pieces]
        bases = shared_out(self._basis, whole)
        return [piece.moved(part._replace(cost=own)) for piece, part, own in zip(pieces, whole, bases, strict=True)]


def _picked(named: dict[str | None, list[Piece]], quantity: Decimal, picks: Iterable[LotPick]) -> Iterator[Part]:
    for pick in picks:
        most = quantity if pick.quantity is None else min(quantity, pick.quantity)
        for piece in named.get(pick.lot, ()):
            if most and piece.left:
                part = piece.take(most)
                most -= part.quantity
                quantity -= part.quantity
                yield part


KEYS: Final[dict[LotMethod, Key]] = {
    LotMethod.FIFO: lambda piece: piece.rank,
    LotMethod.LIFO: lambda piece: -piece.rank,
    LotMethod.HIFO: lambda piece: -piece.unit_cost,
    LotMethod.LOFO: lambda piece: piece.unit_cost,
}
"""What comes first has the least key; of equals, the older lot."""

POOLS: Final[dict[LotMethod, Callable[[], Pool]]] = {
    **{method: partial(OrderedPool, key) for method, key in KEYS.items()},
    LotMethod.SPECIFIC: SpecificPool,
    LotMethod.AVERAGE: AveragePool,
}
