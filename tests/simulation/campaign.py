"""Many runs: of many seeds, or of one seed killed at every step, on all cores, with the figures of them all."""

from __future__ import annotations

import gc
import multiprocessing
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice, pairwise
from typing import Final

from tests.simulation.database import scratch_folder
from tests.simulation.evidence import Evidence
from tests.simulation.promises import violations
from tests.simulation.promises_of_telling import is_excused, sent_anew
from tests.simulation.running import Laboratory
from tests.simulation.scenario import Doom, Moment, Scenario, of_seed, quiet

RUNS_PER_PROCESS: Final = 50
"""What killed lives had in memory is kept until the process that ran them ends."""
NEVER: Final = 10**9
SHOWN: Final = 5
"""So many violations of one run are shown."""


@dataclass(frozen=True)
class Verdict:
    """What became of one scenario."""

    scenario: Scenario
    violations: tuple[str, ...]
    figures: Counter[str]


@dataclass
class Tally:
    """What became of many."""

    runs: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    failed: list[Verdict] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count one more."""
        self.runs += 1
        self.figures += verdict.figures
        if verdict.violations:
            self.failed.append(verdict)


def judged(laboratory: Laboratory, scenario: Scenario) -> Verdict:
    """Run a scenario, and judge it."""
    run = laboratory.run(scenario)
    seen = Evidence(run)
    found = tuple(violations(seen))
    sendings = run.world.telegram.sendings
    again = [pair for sent in sent_anew(seen).values() for pair in pairwise(sent)]
    figures = Counter(
        {
            "virtual seconds": round(run.world.time.now),
            "steps": run.steps,
            "lives": run.world.life,
            "kills": run.kills,
            "database faults": run.world.disk.troubles,
            "network faults": run.world.weather.met.total(),
            "plans": len(seen.plans),
            "orders sent": sum(len(e.arrivals) for e in run.world.exchanges.values()),
            "orders accepted": len(list(seen.venue_orders)),
            "orders in doubt": sum(kind == "OrderUnconfirmed" for kind in (e.kind for e in seen.events)),
            "trades": len(seen.booked),
            "messages": len(sendings),
            "told again after a loss": sum(is_excused(*pair) for pair in again),
            "plans that wait for a person": sum(not s.is_terminal and bool(s.orders) for s in seen.plans.values()),
        }
    )
    return Verdict(scenario, found, figures)


def of_seeds(first: int, count: int) -> Iterator[Scenario]:
    """The scenarios of so many seeds."""
    return (of_seed(seed) for seed in range(first, first + count))


def every_kill(seed: int, moment: Moment, stride: int = 1) -> Iterator[Scenario]:
    """A quiet seed, killed once at every (n-th) step, or once after every (n-th) write of the journal."""
    never = replace(quiet(seed), dooms=(Doom(moment, NEVER),))
    run = Laboratory().run(never)
    most = run.steps if moment is Moment.STEP else run.world.came_so_far
    return (quiet(seed, Doom(moment, count)) for count in range(1, most + 1, stride))


def in_parallel(scenarios: Iterable[Scenario], jobs: int, heard: Callable[[Verdict], None]) -> Tally:
    """Judge all scenarios in processes of their own."""
    tally = Tally()
    context = multiprocessing.get_context("fork")
    with context.Pool(jobs, maxtasksperchild=1) as pool:
        for verdicts in pool.imap_unordered(_judge_some, _batches(scenarios)):
            for verdict in verdicts:
                tally.add(verdict)
                heard(verdict)
    return tally


def in_this_process(scenarios: Iterable[Scenario]) -> Tally:
    """Judge all scenarios here, one after the other."""
    tally, laboratory = Tally(), Laboratory()
    with _no_collection():
        for scenario in scenarios:
            tally.add(judged(laboratory, scenario))
    return tally


def replay_command(scenario: Scenario) -> str:
    """What is typed to see one run again."""
    if scenario == of_seed(scenario.seed):
        return f"make simulate SEEDS=1 OFFSET={scenario.seed}"
    dooms = ",".join(f"{doom.moment}:{doom.count}" for doom in scenario.dooms)
    return f"python -m tests.simulation --kill {dooms} --offset {scenario.seed}"


@contextmanager
def _no_collection() -> Iterator[None]:
    """Looking for garbage among all that killed lives have left behind would cost more than it frees."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _judge_some(scenarios: Sequence[Scenario]) -> list[Verdict]:
    folder = scratch_folder()
    try:
        laboratory = Laboratory(folder)
        with _no_collection():
            return [judged(laboratory, scenario) for scenario in scenarios]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _batches(scenarios: Iterable[Scenario]) -> Iterator[list[Scenario]]:
    remaining = iter(scenarios)
    return iter(partial(_next, remaining), [])


def _next(remaining: Iterator[Scenario]) -> list[Scenario]:
    return list(islice(remaining, RUNS_PER_PROCESS))


def stopwatch() -> Callable[[], float]:
    """Seconds since now."""
    began = time.monotonic()
    return lambda: time.monotonic() - began
