"""What "on disk before it is sent" costs: a sliced plan carried out on a journal in memory, and on one on disk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Final

import pytest

from engine.api import Engine, EngineSettings, Journal
from engine.clock import SystemClock
from engine.model.events import Draft, Event, Mode, OrderSubmitting
from engine.model.ids import PortfolioId, VenueName
from engine.model.money import Money, use_exact_context
from engine.model.order import OrderReport, OrderRequest
from engine.store.journal import open_journal
from engine.store.memory import MemoryJournal
from tests import builders as b
from tests.benchmarks.figures import note, spread
from tests.run.desk import ANN, MARKETS, TARGETS
from tests.run.fake_venue import FakeVenue

pytestmark = pytest.mark.benchmark

MAIN: Final = PortfolioId("main")
SLICES: Final = 100
MOST_OVERHEAD: Final = 0.008


class TimedVenue(FakeVenue):
    """Notes when each request reaches the wire, and when its slice was decided on."""

    def __init__(self, clock: SystemClock) -> None:
        super().__init__("alpha", clock, {"BTC": "100", "USDT": "300"}, *MARKETS)
        self.decided_at = 0.0
        self.taken: list[float] = []
        self.done = asyncio.Event()

    async def submit(self, order: OrderRequest) -> OrderReport:
        self.taken.append(time.perf_counter() - self.decided_at)
        if len(self.taken) >= SLICES:
            self.done.set()
        return await super().submit(order)


async def test_the_journal_costs_less_than_a_blink(tmp_path: Path) -> None:
    """From an approved slice to its request on the wire: with an intent on disk, and with none."""
    use_exact_context()
    clock = SystemClock()
    in_memory = await _carried_out(MemoryJournal(MAIN, clock), clock)
    async with _on_disk(tmp_path, clock) as journal:
        on_disk = await _carried_out(journal, clock)
    overhead = median(on_disk) - median(in_memory)
    ratio = median(on_disk) / median(in_memory)
    note("slice → wire, no journal on disk", spread(in_memory))
    note("slice → wire, intent on disk first", spread(on_disk))
    note("  the journal's part", f"{1000 * overhead:.1f} ms, ratio {ratio:.0f}", "8 ms", overhead < MOST_OVERHEAD)


@asynccontextmanager
async def _on_disk(folder: Path, clock: SystemClock) -> AsyncIterator[Journal]:
    journal = await open_journal(f"sqlite+aiosqlite:///{folder}/journal.sqlite", MAIN, clock)
    try:
        yield journal
    finally:
        await journal.close()


async def _carried_out(journal: Journal, clock: SystemClock) -> list[float]:
    """Seconds for each slice of a plan that sells bitcoin in a hundred of them, one right after the other."""
    policy = b.policy(TARGETS)
    limits = replace(policy.limits, slice_max=Money(Decimal(60)), horizon=timedelta(microseconds=1))
    venue = TimedVenue(clock)
    engine = Engine(
        EngineSettings(MAIN, Mode.SANDBOX, replace(policy, limits=limits)), {VenueName("alpha"): venue}, journal, clock
    )
    _watch(journal, venue)
    await engine.start()
    await engine.advance()
    plan = await journal.open_plan()
    assert plan is not None
    await engine.approve(plan.proposed.plan_id, plan.proposed.digest, ANN)
    await venue.done.wait()
    await engine.stop()
    return venue.taken[:SLICES]


def _watch(journal: Journal, venue: TimedVenue) -> None:
    """Let the venue know when a slice was decided on: its intent is what is appended then."""
    append = journal.append

    async def watched(drafts: list[Draft], *rest: object) -> tuple[Event, ...]:
        if any(isinstance(draft.fact, OrderSubmitting) for draft in drafts):
            venue.decided_at = time.perf_counter()
        return await append(drafts, *rest)  # type: ignore[arg-type]

    journal.append = watched  # type: ignore[method-assign, assignment]
