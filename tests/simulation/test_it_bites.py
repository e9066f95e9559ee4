"""The simulation finds bugs: each of these, planted alone, breaks a promise within a few seeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from tests.simulation.campaign import judged
from tests.simulation.mutants import MUTANTS
from tests.simulation.running import Laboratory
from tests.simulation.scenario import Manner, Scenario, of_seed

SEEDS: Final = 100
FIRST_TRIED: Final = {
    "approves_any_digest": 11,
    "approves_what_is_over": 3,
    "believes_silence_by_a_wrong_clock": 13,
    "believes_the_first_not_found": 13,
    "books_a_fill_twice": 10,
    "buys_back_what_a_stop_has_sold": 8,
    "closes_before_the_last_fill": 21,
    "forgets_the_unknown": 9,
    "goes_on_where_it_is_halted": 105,
    "lets_strangers_in": 9,
    "marks_told_what_was_not_taken": 1,
    "sends_again_under_a_new_id": 10,
}
"""Where a bug was found before is where it is looked for first: that saves time, and nothing else."""


SPECIAL: Final[dict[str, dict[str, Any]]] = {
    "approves_what_is_over": {"manner": Manner.TARDY},
    "buys_back_what_a_stop_has_sold": {"fall": True, "busy_for": 400.0, "outage": 0.0, "approvers": 1},
    "goes_on_where_it_is_halted": {"halt": True},
    "believes_silence_by_a_wrong_clock": {
        "fall": False,
        "halt": False,
        "clock_step": 30.0,
        "venues": ("alpha", "delta"),
        "maker_wait": 0.0,
        "slice_max": 25_000,
        "outage": 0.0,
        "busy_for": 180.0,
    },
}
"""What some bugs need to do harm: people who are late, a wrong clock while much is traded where requests expire,
a halt, or time enough after a fall.
"""


def scenario(name: str, seed: int) -> Scenario:
    """A run of a seed, with what the bug needs."""
    return replace(of_seed(seed), **SPECIAL.get(name, {}))


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_planted_bug_is_found(name: str) -> None:
    """The first run that it spoils ends the search."""
    laboratory, first = Laboratory(), FIRST_TRIED.get(name, 0)
    with MUTANTS[name]():
        seeds = (first, *range(SEEDS))
        assert any(judged(laboratory, scenario(name, seed)).violations for seed in seeds)
