"""The proof of execution: whatever goes wrong on the way, every promise holds. `make simulate` runs many seeds more."""

from __future__ import annotations

import pytest

from tests.simulation.campaign import every_kill, in_this_process, of_seeds, replay_command
from tests.simulation.evidence import Evidence
from tests.simulation.promises import violations
from tests.simulation.running import Laboratory
from tests.simulation.scenario import Doom, Moment, of_seed, quiet

SEEDS, PER_TEST = 40, 10


@pytest.mark.parametrize("first", range(0, SEEDS, PER_TEST))
def test_every_promise_holds_in_bad_weather(first: int) -> None:
    """Lost, late and doubtful answers, failing disks, kills, markets that run away, and people."""
    tally = in_this_process(of_seeds(first, PER_TEST))
    assert [(replay_command(v.scenario), v.violations) for v in tally.failed] == []
    assert tally.runs == PER_TEST


@pytest.mark.parametrize(("seed", "moment", "stride"), [(2, Moment.STEP, 50), (4, Moment.COMMIT, 6)])
def test_every_promise_holds_wherever_the_process_is_killed(seed: int, moment: Moment, stride: int) -> None:
    """Between any two steps, and between any write of the journal and its answer; `make simulate-crashes` has all."""
    tally = in_this_process(every_kill(seed, moment, stride))
    assert [(replay_command(v.scenario), v.violations) for v in tally.failed] == []
    assert tally.figures["kills"] == tally.runs > 10


def test_a_quiet_run_comes_to_its_end() -> None:
    """A plan is made, approved and carried out, and its report is told: the promises are about something."""
    tally = in_this_process([quiet(1)])
    assert tally.failed == []
    assert tally.figures["trades"] >= tally.figures["orders accepted"] > 1
    assert tally.figures["messages"] > 0


def test_equal_seeds_give_equal_runs() -> None:
    """Step by step and fact by fact: what a seed has shown can be seen again."""
    laboratory = Laboratory()
    first, again, other = (laboratory.run(of_seed(seed)).trace for seed in (7, 7, 8))
    assert first == again != other


def test_a_replay_is_named_for_every_run() -> None:
    """A seed by `make`, a kill of a quiet run by its moment."""
    assert replay_command(of_seed(12)) == "make simulate SEEDS=1 OFFSET=12"
    killed = quiet(3, Doom(Moment.COMMIT, 17))
    assert replay_command(killed) == "python -m tests.simulation --kill commit:17 --offset 3"


def test_a_promise_that_is_broken_is_reported() -> None:
    """An order whose intent is not on disk is named by its id."""
    laboratory = Laboratory()
    run = laboratory.run(quiet(1))
    order = next(Evidence(run).venue_orders).request
    run.world.unintended.append(order)
    assert violations(Evidence(run)) == [
        f"intent_before_effect: order {order.client_order_id} left before its intent was on disk"
    ]
