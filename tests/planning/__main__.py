"""`python -m tests.planning`: how near plans come to the exact optimum over many instances, as a table."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Sequence
from functools import partial

from tests.planning.measure import Result, measured

SHARES = (0.5, 0.9, 0.95, 0.99, 1.0)
WORST_SHOWN = 4


def main() -> int:
    """Measure and print. The status is 1 where a plan could not be carried out."""
    parser = argparse.ArgumentParser(prog="python -m tests.planning")
    parser.add_argument("--instances", type=int, default=200, help="how many")
    parser.add_argument("--offset", type=int, default=0, help="the first of them")
    parser.add_argument("--seconds", type=float, default=20, help="the longest that one optimum is searched for")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    wanted = parser.parse_args()
    seeds = range(wanted.offset, wanted.offset + wanted.instances)
    with multiprocessing.get_context("fork").Pool(wanted.jobs, maxtasksperchild=20) as pool:
        results = pool.map(partial(measured, seconds=wanted.seconds), seeds, chunksize=1)
    _print(results)
    return 1 if any(result.faults for result in results) else 0


def _print(results: Sequence[Result]) -> None:
    proven = [r for r in results if r.is_proven]
    rows = {
        "outside beyond the best known": [r.outside_beyond_optimum for r in results],
        "outside beyond the optimum": [r.outside_beyond_optimum for r in proven],
        "cost beyond the optimum": [r.cost_beyond_optimum for r in proven],
        "outside": [r.outside for r in results],
        "outside if nothing is traded": [r.outside_untouched for r in results],
        "cost": [r.cost for r in results],
        "legs": [r.legs for r in results],
        "milliseconds": [r.seconds * 1000 for r in results],
    }
    _say(f"{len(results)} instances, {len(proven)} optima proven, {sum(bool(r.faults) for r in results)} faulty plans")
    _say(f"{'in basis points of the whole':<32}" + "".join(f"{share:>11.0%}" for share in SHARES))
    for name, values in rows.items():
        ordered = sorted(values)
        shown = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in SHARES if ordered)
        _say(f"{name:<32}" + "".join(f"{value:>11.4f}" for value in shown))
    for what, worst in (
        ("outside", sorted(results, key=lambda r: -r.outside_beyond_optimum)),
        ("cost", sorted(proven, key=lambda r: -r.cost_beyond_optimum)),
    ):
        for result in worst[:WORST_SHOWN]:
            _say(f"worst by {what}: {result}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
