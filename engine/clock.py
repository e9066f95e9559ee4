"""Where the time comes from: the system's clock, and one that tests and backtests turn by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

SETTLING_TURNS = 20
"""Turns of the event loop that a woken task gets before time goes on, so that one sleeper runs after the other."""


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(tz=UTC)  # noqa: TID251 - the one place that reads the clock; all else is handed instants

    async def sleep(self, duration: timedelta) -> None:
        """Return when so much time has passed."""
        await asyncio.sleep(max(duration.total_seconds(), 0.0))


class ManualClock:
    """Virtual time: it stands still until it is moved, and wakes sleepers in the order of their instants.

    With `auto_advance`, whoever sleeps moves the time himself and never waits: for code that runs alone.
    """

    def __init__(self, start: datetime, *, auto_advance: bool = False) -> None:
        if start.tzinfo is None:
            raise ValueError("start needs a time zone, such as 2026-01-01T00:00:00+00:00")
        self._now = start.astimezone(UTC)
        self._auto_advance = auto_advance
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def now(self) -> datetime:
        """The virtual instant, in UTC."""
        return self._now

    async def sleep(self, duration: timedelta) -> None:
        """Return when the time has been moved so far; at once where it moves by itself."""
        wake_at = self._now + max(duration, timedelta(0))
        if self._auto_advance:
            self._now = max(self._now, wake_at)
        if wake_at <= self._now:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (wake_at, next(self._numbers), woken))
        await woken

    async def advance(self, duration: timedelta) -> None:
        """Move the time on, waking all who sleep until then, one after the other, each at his own instant."""
        await self.advance_to(self._now + duration)

    async def advance_to(self, instant: datetime) -> None:
        """Move the time to an instant. Raises ValueError where that is in the past."""
        if instant < self._now:
            raise ValueError(f"time does not go back: {instant.isoformat()} is before {self._now.isoformat()}")
        await _let_others_run()
        while self._sleepers and self._sleepers[0][0] <= instant:
            wake_at, _, woken = heapq.heappop(self._sleepers)
            if woken.done():
                continue
            self._now = max(self._now, wake_at)
            woken.set_result(None)
            await _let_others_run()
        self._now = instant


async def _let_others_run() -> None:
    for _ in range(SETTLING_TURNS):
        await asyncio.sleep(0)
