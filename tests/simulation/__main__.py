"""`python -m tests.simulation`: run many seeds, or kill one at every step, and print what was found."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from itertools import count
from typing import Final

from tests.simulation import campaign
from tests.simulation.campaign import Tally, Verdict
from tests.simulation.scenario import Doom, Moment, quiet

TOLD_EACH: Final = 1_000
"""So many runs lie between two lines that tell how far it is."""


def main() -> int:
    """Run what is asked for. The status is 1 where a promise was broken."""
    wanted = _arguments()
    elapsed = campaign.stopwatch()
    if wanted.kill:
        moment, nth = wanted.kill.split(":")
        scenarios = iter((quiet(wanted.offset, Doom(Moment(moment), int(nth))),))
    elif wanted.crashes:
        seeds = range(wanted.offset, wanted.offset + wanted.seeds)
        moments = (Moment.STEP, Moment.COMMIT)
        scenarios = (s for seed in seeds for m in moments for s in campaign.every_kill(seed, m, wanted.stride))
    else:
        scenarios = campaign.of_seeds(wanted.offset, wanted.seeds)
    tally = campaign.in_parallel(scenarios, wanted.jobs, _teller(elapsed))
    _print(_figures(tally, elapsed()))
    return 1 if tally.failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--offset", type=int, default=0, help="the first of them")
    parser.add_argument("--crashes", action="store_true", help="kill each seed once at every step, and at every write")
    parser.add_argument("--stride", type=int, default=1, help="with --crashes: only at every n-th step")
    parser.add_argument("--kill", help="kill the quiet run of the seed at one moment, such as step:120")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    return parser.parse_args()


def _teller(elapsed: Callable[[], float]) -> Callable[[Verdict], None]:
    """What is called for each run that is done: it shows what failed, and now and then how far it is."""
    done = count(1)

    def tell(verdict: Verdict) -> None:
        _show_failure(verdict)
        runs = next(done)
        if runs % TOLD_EACH == 0:
            _print(f"{runs:,} runs done after {elapsed():.0f} s")

    return tell


def _show_failure(verdict: Verdict) -> None:
    if not verdict.violations:
        return
    _print(f"seed {verdict.scenario.seed} broke {len(verdict.violations)} promises:")
    for violation in verdict.violations[: campaign.SHOWN]:
        _print(f"  {violation}")
    _print(f"  again: {campaign.replay_command(verdict.scenario)}")


def _figures(tally: Tally, elapsed: float) -> str:
    rows = {"runs": tally.runs, **tally.figures, "violations": sum(len(v.violations) for v in tally.failed)}
    lines = [f"{name:<30}{count:>12,}" for name, count in rows.items()]
    return "\n".join([*lines, f"{'wall time':<30}{elapsed:>11.1f}s"])


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
