"""The simulation finds bugs: each of these, planted alone, breaks a promise within a few seeds."""

from __future__ import annotations

from typing import Final

import pytest

from tests.simulation.campaign import judged
from tests.simulation.mutants import MUTANTS
from tests.simulation.running import Laboratory
from tests.simulation.scenario import of_seed

SEEDS: Final = 40
FIRST_TRIED: Final = {
    "believes_the_first_not_found": 9,
    "books_a_fill_twice": 6,
    "forgets_the_unknown": 7,
    "lets_strangers_in": 9,
    "sends_again_under_a_new_id": 7,
}
"""Where a bug was found before is where it is looked for first: that saves time, and nothing else."""


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_planted_bug_is_found(name: str) -> None:
    """The first run that it spoils ends the search."""
    laboratory, first = Laboratory(), FIRST_TRIED.get(name, 0)
    with MUTANTS[name]():
        seeds = (*range(first, SEEDS), *range(first))
        assert any(judged(laboratory, of_seed(seed)).violations for seed in seeds)
