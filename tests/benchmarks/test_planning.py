"""The planner by itself: a plan over many books, a check that comes to nothing, and the checks of many portfolios."""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median
from typing import Final

import pytest

from engine.api import decide
from engine.model.decision import DecisionInputs, RequestKind
from engine.model.money import use_exact_context
from engine.model.policy import Target
from tests.benchmarks.figures import note, spread
from tests.planning.instances import Maker

pytestmark = pytest.mark.benchmark

PLANS: Final = 40
PORTFOLIOS: Final = 1000
LARGE: Final = (5, 15, 50)
PLAN_GOAL_SECONDS: Final = 0.1
CALM_GOAL_SECONDS: Final = 0.005
MANY_GOAL_SECONDS: Final = 5.0


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def test_plan() -> None:
    """Valuation to digest, with one quote currency, and with two and three: as many times the markets."""
    decide(Maker(0, LARGE).inputs())
    taken: dict[int, list[float]] = {1: [], 2: [], 3: []}
    for seed in range(PLANS):
        maker = Maker(seed, LARGE)
        inputs = maker.inputs()
        begun = time.perf_counter()
        decision = decide(inputs)
        assert decision.digest
        taken[len(maker.quotes)].append(time.perf_counter() - begun)
    for quotes, seconds in taken.items():
        what = f"plan: 5 venues × 15 assets, 50 levels a side, {quotes} quote currencies, to digest"
        note(what, spread(seconds), "p50 100 ms", median(seconds) < PLAN_GOAL_SECONDS)


def test_nothing_to_do() -> None:
    """A look at the best prices that calls for nothing."""
    calm = at_rest(Maker(3, LARGE).inputs())
    assert not decide(calm).outcome.verdict.fired
    taken = []
    for _ in range(PLANS):
        begun = time.perf_counter()
        decide(calm)
        taken.append(time.perf_counter() - begun)
    note("decide: nothing to be done, 5 × 15", spread(taken), "p50 5 ms", median(taken) < CALM_GOAL_SECONDS)


def test_many_portfolios() -> None:
    """One process, one core, each its own portfolio of the usual size."""
    portfolios = [at_rest(Maker(seed, (2, 6, 1)).inputs()) for seed in range(PORTFOLIOS)]
    begun = time.perf_counter()
    for inputs in portfolios:
        decide(inputs)
    taken = time.perf_counter() - begun
    note(f"decide: {PORTFOLIOS:,} portfolios' checks, 2 × 6", f"{taken:.2f} s", "5 s", taken < MANY_GOAL_SECONDS)


def at_rest(inputs: DecisionInputs) -> DecisionInputs:
    """The same portfolio at its targets, looked at by its best prices, on schedule."""
    valuation = decide(inputs).outcome.valuation
    targets = tuple(Target(w.name, w.weight) for w in valuation.weights)
    policy = replace(inputs.policy, targets=targets)
    venues = tuple(replace(v, books=tuple(book.top for book in v.books)) for v in inputs.snapshot.venues)
    seen = replace(inputs.snapshot, venues=venues)
    return replace(inputs, snapshot=seen, policy=policy, request=RequestKind.SCHEDULED)
