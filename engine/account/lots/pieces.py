"""Parts of lots as they lie in a pool, and how their basis is shared out: cumulatively, so that nothing is lost."""

from __future__ import annotations

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

    `rank` orders lots by age. `unit_cost` is what they are compared by, and stays what it was at the purchase. The
    basis is shared out by the quantity that is gone in total, so that the last part gets exactly what is left.
    """

    __slots__ = ("acquired_at", "basis", "is_known", "is_long", "left", "lot", "quantity", "rank", "spent", "unit_cost")

    def __init__(
        self, lot: str | None, acquired_at: datetime, rank: int, quantity: Decimal, basis: Decimal, unit_cost: Decimal
    ) -> None:
        self.lot = lot
        self.acquired_at = acquired_at
        self.rank = rank
        self.quantity = self.left = quantity
        self.basis = basis
        self.spent = ZERO
        self.unit_cost = unit_cost
        self.is_known = True
        self.is_long = False

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
            quantity, cost = self.left, self.basis - self.spent
            self.left, self.spent = ZERO, self.basis
        else:
            quantity = most
            self.left -= most
            gone = ratio(self.basis * (self.quantity - self.left), self.quantity)
            cost, self.spent = gone - self.spent, gone
        return Part(self.lot, self.acquired_at, quantity, cost, self.is_known, self)

    def moved(self, part: Part) -> Piece:
        """The same lot, as a transfer brings a part of it elsewhere: with its date, and its rank among lots."""
        piece = Piece(self.lot, self.acquired_at, self.rank, part.quantity, part.cost, self.unit_cost)
        piece.is_known = self.is_known
        return piece
