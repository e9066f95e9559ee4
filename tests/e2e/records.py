"""The journal's file, read and written while no bot runs on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.clock import SystemClock
from engine.model.events import Event, Fact
from engine.store.journal import SqlJournal, open_journal
from tests.e2e.stage import Stage


@asynccontextmanager
async def journal_of(stage: Stage) -> AsyncIterator[SqlJournal]:
    """Open the journal of the stage's bots."""
    settings = stage.settings()
    url = settings.database_url
    journal = await open_journal(url, settings.portfolio, SystemClock())
    try:
        yield journal
    finally:
        await journal.close()


async def facts_of(stage: Stage, *kinds: type[Fact]) -> tuple[Event, ...]:
    """Stop the bot, and read what it wrote down."""
    await stage.stop_bot()
    async with journal_of(stage) as journal:
        return await journal.facts(*kinds)
