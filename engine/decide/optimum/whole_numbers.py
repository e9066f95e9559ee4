"""A second look where least orders and coarse steps left more behind than they had to: a search over whole numbers.

Closing and raising lanes one after the other is fast and mostly as good as it gets. Where the whole is small beside the
least orders it may not be; then the lanes that could matter are searched together, within a fixed number of nodes, so
that equal inputs end alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from engine.decide.optimum.circles import waiting_circle
from engine.decide.optimum.problem import WHOLE, Problem
from engine.decide.optimum.program import NOTHING, Program
from engine.decide.optimum.rounding import COARSE, LaneBounds

NODES: Final = 60
MOST_LANES: Final = 50
LEAST_GAIN: Final = 0.02
"""What the search must gain, in the program's objective."""


def searched(
    problem: Problem, needs: Sequence[float], bounds: LaneBounds, known: Mapping[int, float], objective: float
) -> list[float] | None:
    """Better amounts than those known, whose objective is given; None where the search finds none."""
    program = Program(problem, needs)
    program.solve()
    chosen = _promising(program, len(problem.lanes), known)
    program.forbid_crossing()
    for number in range(len(problem.lanes)):
        most = min(bounds.most(number), WHOLE)
        if number not in chosen or bounds.least(number) > most:
            program.between(number, 0.0, 0.0)
            continue
        program.all_or_least(number, bounds.least(number), most)
        if bounds.step(number) > COARSE:
            program.in_steps(number, bounds.step(number), most)
    if not program.search(NODES) or program.objective > objective - LEAST_GAIN:
        return None
    return None if waiting_circle(program, problem, bounds) else program.amounts


def _promising(program: Program, lanes: int, known: Mapping[int, float]) -> frozenset[int]:
    """The lanes that trade, and those that would cost least beside them."""
    amounts = program.amounts
    order = sorted(range(lanes), key=lambda n: (n not in known and amounts[n] <= NOTHING, program.dearness(n), n))
    return frozenset(order[:MOST_LANES])
