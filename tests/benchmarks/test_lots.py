"""Lots: from parsed JSON to matches, how that grows, what it needs of memory, and the same by rp2."""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from bot.cli.lots import collector_at_rest
from bot.events_file import entries_of
from bot.json_text import parsed
from engine.api import LotRules, settle
from engine.model.lots import LotMethod, Settlement
from engine.model.money import use_exact_context
from tests.benchmarks.figures import note

pytestmark = pytest.mark.benchmark

LARGE: Final = 100_000
FOR_RP2: Final = 10_000
SIZES: Final = (1_000, 10_000, 100_000)
TRIES: Final = 3
PATIENCE: Final = 1.0
"""Seconds of one core: what takes less is tried on for so long, as a busy machine disturbs short runs most."""
GOAL_SECONDS: Final = 2.0
GOAL_MEGABYTES: Final = 200
GOAL_RATIO: Final = 50
MEGABYTE: Final = 2**20
RP2: Final = Path(__file__).with_name("rp2_lots.py")
METHODS: Final = (LotMethod.FIFO, LotMethod.HIFO)


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def history(purchases: int) -> str:
    """An events file with half as many sales, each of about two purchases, from the first day to the last."""
    dice, now, held = random.Random(purchases), datetime(2019, 1, 1, tzinfo=UTC), 0
    events: list[dict[str, str]] = []

    def add(kind: str, units: int) -> None:
        price = f"{dice.randrange(10_000, 10_000_000) / 100:.2f}"
        name = f"{kind}-{len(events)}"
        events.append({"id": name, "t": now.isoformat(), "kind": kind, "qty": f"{units / 10_000:.4f}", "price": price})

    for number in range(purchases):
        now += timedelta(minutes=dice.randrange(1, 40))
        units = dice.randrange(1, 1_000_000)
        held += units
        add("acquire", units)
        if number % 2:
            now += timedelta(seconds=30)
            units = dice.randrange(1, min(held, 2_000_000))
            held -= units
            add("dispose", units)
    return json.dumps({"schema": "equipoise-events/1", "currency": "USD", "events": events})


def matched(raw: object, method: LotMethod) -> Settlement:
    return settle(entries_of(raw), LotRules(method))


def best(work: Callable[[], Any]) -> float:
    """The least of a few runs, in seconds of one core; as in the command, with the collector of garbage at rest."""
    taken: list[float] = []
    while len(taken) < TRIES or sum(taken) < PATIENCE:
        gc.collect()
        with collector_at_rest():
            begun = time.process_time()
            work()
            taken.append(time.process_time() - begun)
    return min(taken)


@pytest.mark.parametrize("method", METHODS)
def test_a_hundred_thousand_purchases(method: LotMethod) -> None:
    """And half as many sales: from parsed JSON, and from the text of the file."""
    text = history(LARGE)
    content = parsed(text)[0]
    for begin, work in {
        "parsed JSON": lambda: matched(content, method),
        "text": lambda: matched(parsed(text)[0], method),
    }.items():
        taken = best(work)
        what = f"lots: {LARGE:,} purchases, {LARGE // 2:,} sales, {method}: {begin} to matches"
        note(what, f"{taken:.2f} s", "2 s", taken < GOAL_SECONDS)


@pytest.mark.parametrize("method", METHODS)
def test_memory(method: LotMethod) -> None:
    """Entries, lots and matches together, above the parsed input."""
    raw, _ = parsed(history(LARGE))
    tracemalloc.start()
    try:
        settlement = matched(raw, method)
        peak = tracemalloc.get_traced_memory()[1] / MEGABYTE
    finally:
        tracemalloc.stop()
    what = f"lots: {LARGE:,} purchases, {method}: {len(settlement.matches):,} matches, memory above the parsed input"
    note(what, f"{peak:.0f} MB", "200 MB", peak < GOAL_MEGABYTES)


@pytest.mark.parametrize("method", METHODS)
def test_growth(method: LotMethod) -> None:
    """Ten times as much takes little more than ten times as long."""
    taken = []
    for size in SIZES:
        raw, _ = parsed(history(size))
        taken.append(best(lambda raw=raw: matched(raw, method)))
    figures = ", ".join(f"{size:,}: {seconds:.3f} s" for size, seconds in zip(SIZES, taken, strict=True))
    note(f"lots: growth with purchases, {method}", figures)


@pytest.mark.parametrize("method", METHODS)
def test_against_rp2(method: LotMethod, tmp_path: Path) -> None:
    """The same history in the same run, with the same gains."""
    interpreter = os.environ.get("RIVALS")
    if interpreter is None:
        pytest.skip("RIVALS names the interpreter that rp2 is installed for; `make benchmarks` does it all")
    text = history(FOR_RP2)
    raw, _ = parsed(text)
    ours = best(lambda: matched(raw, method))
    command = [str(Path(interpreter).absolute()), str(RP2), method.value]
    ran = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=tmp_path)
    theirs = json.loads(ran.stdout)
    gain = sum((match.gain or Decimal(0) for match in matched(raw, method).matches), Decimal(0))
    assert abs(gain - Decimal(theirs["gain"])) < Decimal("0.01")
    ratio = theirs["seconds"] / ours
    what = f"lots: {FOR_RP2:,} purchases, {FOR_RP2 // 2:,} sales, {method}, rp2 1.7.2 against ours"
    figures = f"{theirs['seconds']:.1f} s / {ours:.3f} s = {ratio:.0f}"
    note(what, figures, "above 50", ratio > GOAL_RATIO)
