"""When the engine is asked to advance: a ticker in memory, and nothing more. What is due is read from the journal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler


class Ticker:
    """Calls `tick` at once and then every so often. A tick that takes longer than the interval swallows the next."""

    def __init__(self, tick: Callable[[], Awaitable[None]], every: timedelta, first: datetime) -> None:
        self._tick = tick
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._scheduler.add_job(
            self._run,
            "interval",
            seconds=every.total_seconds(),
            next_run_time=first,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more; a tick under way is cancelled."""
        self._scheduler.shutdown(wait=False)

    async def _run(self) -> None:
        # The scheduler would report its own cancelling of a tick as a failure of it, with a traceback.
        with contextlib.suppress(asyncio.CancelledError):
            await self._tick()
