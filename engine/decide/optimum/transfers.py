"""The one transfer by hand between venues that would let a plan come nearest, where things lie in the wrong place.

The program's prices tell what a unit of each asset would be worth at another venue. The most promising transfers are
then tried: the program is solved with each, and the best one is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Final

from engine.decide.optimum.problem import Problem
from engine.decide.optimum.program import Program, Transfer
from engine.model.money import Money, Quantity, truncate
from engine.model.plan import SuggestedTransfer
from engine.model.policy import Limits

LEAST_OUTSIDE: Final = 0.5
"""Where no more than this is outside, in basis points of the whole, nobody is to move anything."""
LEAST_GAIN: Final = 0.1
"""Of each unit moved, what must come into place for it."""
TRIED: Final = 6
DECIMALS: Final = 8


@dataclass(frozen=True, slots=True)
class Moved:
    """A transfer, what it would bring into place, and how much it moves, in basis points of the whole."""

    transfer: Transfer
    gain: float
    amount: float


def best_transfer(problem: Problem, program: Program) -> Moved | None:
    """Of the solved program's most promising transfers, the one that brings most into place."""
    if program.outside < LEAST_OUTSIDE:
        return None
    promising = list(_promising(problem, program))
    tried = [Moved(transfer, *program.try_transfer(transfer)) for transfer in promising]
    return max(tried, default=None, key=lambda moved: (moved.gain, moved.transfer))


def suggested(problem: Problem, moved: Moved | None, limits: Limits) -> tuple[SuggestedTransfer, ...]:
    """The transfer as it is told; none that helps too little, or is less than a trade."""
    if moved is None or moved.gain <= LEAST_GAIN * moved.amount:
        return ()
    asset, here = moved.transfer.asset, moved.transfer.from_venue
    mark = problem.marks[asset]
    wanted = truncate(Decimal.from_float(moved.amount) / Decimal.from_float(problem.unit) / mark, DECIMALS)
    quantity = Quantity(min(wanted, problem.free[here, asset]))
    value = Money(quantity * mark)
    if not quantity or value < limits.min_trade:
        return ()
    return (SuggestedTransfer(asset, here, moved.transfer.to_venue, quantity, value),)


def _promising(problem: Problem, program: Program) -> Iterator[Transfer]:
    """By what the program's prices promise for all that lies there; equals by name."""
    worth, outside = program.worth(), program.outside
    found = [
        (-(there - here) * min(problem.free_value(place), outside), Transfer(asset, venue, other))
        for place, here in worth.items()
        for (other, same), there in worth.items()
        if same == (asset := place[1]) and other != (venue := place[0]) and there > here and problem.free.get(place)
    ]
    return (transfer for _, transfer in islice(sorted(found), TRIED))
