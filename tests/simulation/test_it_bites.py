"""The simulation finds bugs: each of these, planted alone, breaks a promise within a few seeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from tests.simulation.campaign import judged
from tests.simulation.mutants import MUTANTS
from tests.simulation.running import Laboratory
from tests.simulation.scenario import Manner, Scenario, of_seed

SEEDS: Final = 100
FIRST_TRIED: Final = {
    "approves_any_digest": 11,
    "approves_what_is_over": 3,
    "believes_the_first_not_found": 9,
    "books_a_fill_twice": 13,
    "closes_before_the_last_fill": 13,
    "forgets_the_unknown": 9,
    "lets_strangers_in": 9,
    "marks_told_what_was_not_taken": 9,
}
"""Where a bug was found before is where it is looked for first: that saves time, and nothing else."""


def scenario(name: str, seed: int) -> Scenario:
    """A run of a seed; approvals that come too late need people who are late."""
    return replace(of_seed(seed), manner=Manner.TARDY) if name == "approves_what_is_over" else of_seed(seed)


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_planted_bug_is_found(name: str) -> None:
    """The first run that it spoils ends the search."""
    laboratory, first = Laboratory(), FIRST_TRIED.get(name, 0)
    with MUTANTS[name]():
        seeds = (*range(first, SEEDS), *range(first))
        assert any(judged(laboratory, scenario(name, seed)).violations for seed in seeds)
