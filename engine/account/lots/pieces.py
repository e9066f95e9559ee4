"""Parts of lots as they lie in a pool, and how their basis is shared out: cumulatively, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from engine.model.money import ZERO, ratio


class Part(NamedTuple):
    """Units that were taken out of a pool, with the part of the basis that goes with them."""

    lot: str | None
    acquired_at: datetime
    quantity: Decimal
    cost: Decimal
    is_known: bool
    source: Piece | None
    """What it was taken from; None for units that no lot is known for."""


class Piece:
    """A lot, or what a transfer has brought of one, while it is used up.

    `rank` orders lots by age. `dearness` is by what they are compared: the unit cost of the purchase, also where a
    transfer has brought a part of it; None stands for basis by quantity. The basis is shared out by the quantity that
    is gone in total, so that the last part gets exactly what is left.
    """

    __slots__ = ("acquired_at", "basis", "dearness", "is_known", "is_long", "left", "lot", "quantity", "rank", "spent")

    def __init__(
        self,
        lot: str | None,
        acquired_at: datetime,
        rank: int,
        quantity: Decimal,
        basis: Decimal,
        dearness: Decimal | None = None,
    ) -> None:
        self.lot = lot
        self.acquired_at = acquired_at
        self.rank = rank
        self.quantity = self.left = quantity
        self.basis = basis
        self.spent = ZERO
        self.dearness = dearness
        self.is_known = True
        self.is_long = False

    @property
    def unit_cost(self) -> Decimal:
        """By what a lot counts as dear."""
        return self.basis / self.quantity if self.dearness is None else self.dearness

    @property
    def unit_left(self) -> Decimal:
        """What a unit of what is left costs."""
        return self.basis_left / self.left

    @property
    def basis_left(self) -> Decimal:
        """The basis of what is left."""
        return self.basis - self.spent

    def take(self, most: Decimal) -> Part:
        """Use up so much of it, or all that is left."""
        if most >= self.left:
            return self.take_all()
        self.left -= most
        gone = ratio(self.basis * (self.quantity - self.left), self.quantity)
        cost, self.spent = gone - self.spent, gone
        return Part(self.lot, self.acquired_at, most, cost, self.is_known, self)

    def take_all(self) -> Part:
        """Use up what is left."""
        part = Part(self.lot, self.acquired_at, self.left, self.basis - self.spent, self.is_known, self)
        self.left, self.spent = ZERO, self.basis
        return part

    def moved(self, part: Part) -> Piece:
        """The same lot, as a transfer brings a part of it elsewhere: with its date, and its rank among lots."""
        piece = Piece(self.lot, self.acquired_at, self.rank, part.quantity, part.cost, self.unit_cost)
        piece.is_known = self.is_known
        return piece


def units_of(parts: Iterable[Part]) -> Decimal:
    """What several parts hold together."""
    return sum([part.quantity for part in parts], ZERO)


def shared_out(amount: Decimal, parts: Sequence[Part]) -> list[Decimal]:
    """An amount shared out by quantity; the shares add up to it exactly."""
    if len(parts) <= 1:
        return [amount] * len(parts)
    whole, gone, given = units_of(parts), ZERO, ZERO
    shares = []
    for part in parts[:-1]:
        gone += part.quantity
        upto = ratio(amount * gone, whole)
        shares.append(upto - given)
        given = upto
    return [*shares, amount - given]
