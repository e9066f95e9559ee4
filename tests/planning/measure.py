"""How good plans are, and how long they take: one instance beside its exact optimum."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction

from engine.decide.pipeline import decide
from tests.planning.checker import check
from tests.planning.instances import Maker
from tests.planning.reference import optimum

COST_OVER_OUTSIDE = 3.0


@dataclass(frozen=True)
class Result:
    """A plan beside the optimum. Distances are in basis points of the whole."""

    seed: int
    legs: int
    faults: tuple[str, ...]
    seconds: float
    outside: float
    cost: float
    is_proven: bool
    outside_beyond_optimum: float
    cost_beyond_optimum: float
    outside_untouched: float
    """What is outside where nothing is traded."""


def measured(seed: int, seconds: float = 60) -> Result:
    """Plan, carry out, and compare."""
    inputs = Maker(seed).inputs()
    destination = {target.name: Fraction(target.weight) for target in inputs.policy.targets}
    begun = time.perf_counter()
    decision = decide(inputs)
    plan, taken = decision.outcome.plan, time.perf_counter() - begun
    found, untouched = check(inputs, plan, destination), check(inputs, None, destination)
    best = optimum(inputs, {name: float(weight) for name, weight in destination.items()}, seconds)
    return Result(
        seed=seed,
        legs=len(plan.legs) if plan else 0,
        faults=tuple(found.faults),
        seconds=taken,
        outside=found.outside_bps,
        cost=found.cost_bps,
        is_proven=best.is_proven,
        outside_beyond_optimum=found.outside_bps - best.outside_bps,
        cost_beyond_optimum=found.cost_bps - best.cost_bps,
        outside_untouched=untouched.outside_bps,
    )
