"""From the program's amounts to orders: multiples of the venues' steps, by exact arithmetic.

Steps that are worth something are met by the search for the amounts itself; what is rounded here are fine ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from engine.decide.lanes import Lane, least_order, most_by_cost, most_by_depth
from engine.decide.optimum.problem import WHOLE, Problem
from engine.decide.optimum.program import NOTHING
from engine.model.money import Quantity, floor_to_step
from engine.model.policy import Limits

FINEST_COARSE: Final = Decimal("0.000002")
"""A step that is worth a larger share of the whole is coarse: it is rounded with the rest solved around it."""
COARSE: Final = float(FINEST_COARSE) * WHOLE
"""The same in the program's units."""


MET: Final = 1e-4
"""Of a step: an amount that is so near to it was meant to be on it."""


@dataclass(frozen=True, slots=True)
class Trade:
    """A quantity on a lane, on its step and within every limit."""

    lane: Lane
    quantity: Quantity
    is_coarse: bool = False
    """A step of it is worth something."""


class LaneBounds:
    """The least and the most that each lane may trade, exact and as amounts of the program; found when asked for."""

    def __init__(self, problem: Problem, limits: Limits) -> None:
        self._problem = problem
        self._limits = limits
        self._exact: dict[int, tuple[Quantity, Quantity]] = {}
        self._amounts: dict[int, tuple[float, float]] = {}

    def exact(self, number: int) -> tuple[Quantity, Quantity]:
        """The least order, and the most that the cost and the depth of the book allow, on the step."""
        if number not in self._exact:
            lane = self._problem.lanes[number]
            most = min(most_by_cost(lane, self._limits), most_by_depth(lane, self._limits))
            self._exact[number] = least_order(lane, self._limits), most
        return self._exact[number]

    def step(self, number: int) -> float:
        """The step of its market."""
        lane = self._problem.lanes[number]
        return self._problem.amount(lane, lane.step)

    def least(self, number: int) -> float:
        """The least order."""
        return self._in_amounts(number)[0]

    def most(self, number: int) -> float:
        """The most that cost and depth allow."""
        return self._in_amounts(number)[1]

    def _in_amounts(self, number: int) -> tuple[float, float]:
        if number not in self._amounts:
            lane = self._problem.lanes[number]
            least, most = self.exact(number)
            self._amounts[number] = self._problem.amount(lane, least), self._problem.amount(lane, most)
        return self._amounts[number]


def rounded(problem: Problem, bounds: LaneBounds, amounts: Sequence[float]) -> tuple[Trade, ...]:
    """The amounts as orders: what brings something that another one spends is rounded up, all else down."""
    used = [number for number, amount in enumerate(amounts) if amount > NOTHING]
    needed = {problem.lanes[number].spends for number in used}
    trades = []
    for number in used:
        lane, (least, most) = problem.lanes[number], bounds.exact(number)
        quantity = min(_towards(problem, lane, amounts[number], up=lane.brings in needed), most)
        if quantity and quantity >= least:
            trades.append(Trade(lane, quantity, bounds.step(number) > COARSE))
    return tuple(trades)


def on_step(problem: Problem, lane: Lane, amount: float) -> Quantity:
    """The multiple of the lane's step that is nearest to an amount; the last one in the book where that ends before."""
    quantity = Decimal.from_float(amount) / Decimal.from_float(problem.unit) / lane.market.marks.base
    near = (quantity / lane.step).to_integral_value(rounding=ROUND_HALF_EVEN) * lane.step
    return Quantity(near if near <= lane.depth else floor_to_step(lane.depth, lane.step))


def _towards(problem: Problem, lane: Lane, amount: float, *, up: bool) -> Quantity:
    """The step above or below; the nearest where that is as good as met."""
    near = on_step(problem, lane, amount)
    missing = (amount - problem.amount(lane, near)) / problem.amount(lane, lane.step)
    if abs(missing) < MET or (missing < 0) is up:
        return near
    return Quantity(near + lane.step if up else near - lane.step)
