"""Whether a solution's trades can be carried out one after the other, and which of them wait for one another."""

from __future__ import annotations

from typing import Final

from engine.decide.lanes import rank_of
from engine.decide.optimum.problem import Problem
from engine.decide.optimum.program import Program
from engine.decide.optimum.rounding import COARSE, LaneBounds
from engine.decide.ordering import circle_among, in_order

PAID: Final = 0.999
"""What can be paid to this share waits for nothing but rounding."""


def waiting_circle(program: Program, problem: Problem, bounds: LaneBounds) -> tuple[int, ...]:
    """Of the last solution's lanes, those that wait for one another; none where there is an order of execution."""
    left = program.passages()
    rank = {
        number: rank_of(problem.lanes[number], passage.spent, cannot_shrink=bounds.step(number) > COARSE)
        for number, passage in left.items()
    }
    for number, share in in_order(dict(left), problem.free_values, rank):
        if share < PAID:
            return circle_among(left)
        del left[number]
    return ()
