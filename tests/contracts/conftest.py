"""The journals that the contract holds for, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.store.journal import open_journal
from engine.store.memory import MemoryJournal
from tests.store import journal_samples as a
from tests.store.journal_samples import AnyJournal


@pytest.fixture
def clock() -> a.FixedClock:
    return a.FixedClock(a.T0 + timedelta(seconds=5))


@pytest.fixture(params=["memory", "sqlite"])
async def journal(request: pytest.FixtureRequest, tmp_path: Path, clock: a.FixedClock) -> AsyncIterator[AnyJournal]:
    if request.param == "memory":
        made: AnyJournal = MemoryJournal(a.MAIN, clock)
    else:
        made = await open_journal(f"sqlite+aiosqlite:///{tmp_path}/j.sqlite", a.MAIN, clock)
    yield made
    await made.close()
