"""An event loop in virtual time: nothing waits, tasks take turns by seed, and the process can be killed at any step.

Time jumps to whatever is due next, in the program or in the world outside it. A kill ends the loop between two steps:
no task is cancelled and no `finally` runs, as when a process is killed.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

from tests.builders import T0

T = TypeVar("T")
OUT_OF_TURN: Final = 0.25
"""How often the next step is drawn from all that are ready, instead of being the one that has waited longest."""


class Killed(Exception):
    """The process is gone, with all that it had in memory."""


class Deadlock(Exception):
    """Nothing will ever happen again, in the program or outside it."""


class Outside(Protocol):
    """The world around the process, which has a time table of its own."""

    @property
    def next_at(self) -> float | None:
        """When something happens next."""
        ...

    def pass_until(self, now: float) -> None:
        """Let everything happen that is due by then."""
        ...


class VirtualLoop(asyncio.AbstractEventLoop):
    """Runs one life of the program. `kill_at` is the number of the step before which it is killed."""

    def __init__(self, seed: str, now: float, outside: Outside, kill_at: int | None = None) -> None:
        self._random = random.Random(seed)
        self._now = now
        self._outside = outside
        self._kill_at = kill_at
        self._killed = False
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._numbers = itertools.count()
        self._main: asyncio.Task[Any] | None = None
        self._last: asyncio.Handle | None = None
        """Kept so that a kill leaves even the step that it prevented in memory."""
        self.steps = 0
        self.errors: list[dict[str, Any]] = []
        """What no task has caught."""

    def run_until_complete(self, future: Coroutine[Any, Any, T]) -> T:  # type: ignore[override]
        """Run to the end of a coroutine. Raises Killed or Deadlock."""
        asyncio._set_running_loop(self)
        try:
            self._main = self.create_task(future)
            while not self._main.done():
                self._step()
            result: T = self._main.result()
            return result
        finally:
            asyncio._set_running_loop(None)

    def kill(self) -> None:
        """End the process when the present step is over."""
        self._killed = True

    def _step(self) -> None:
        if not self._ready or (self._timers and self._timers[0][0] <= self._now):
            self._pass_time()
        if not self._ready:
            return
        place = 0
        if len(self._ready) > 1 and self._random.random() < OUT_OF_TURN:
            place = self._random.randrange(len(self._ready))
        handle = self._last = self._ready[place]
        del self._ready[place]
        if handle.cancelled():
            return
        self.steps += 1
        if self.steps == self._kill_at:
            raise Killed
        handle._run()
        if self._killed:
            raise Killed

    def _pass_time(self) -> None:
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        if not self._ready:
            due = [at for at in (self._timers[0][0] if self._timers else None, self._outside.next_at) if at is not None]
            if not due:
                raise Deadlock
            self._now = max(self._now, min(due))
            self._outside.pass_until(self._now)
        while self._timers and self._timers[0][0] <= self._now:
            self._ready.append(heapq.heappop(self._timers)[2])

    def time(self) -> float:
        """Seconds since the beginning of the simulation."""
        return self._now

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """Make a step ready."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        """Make a step ready after so many seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        """Make a step ready at an instant."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._numbers), timer))
        return timer

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: str | None = None, context: contextvars.Context | None = None) -> Any:
        """A task of this loop."""
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Remember what nobody caught: the run is a failure then."""
        self.errors.append(context)

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """Always: it is not used otherwise."""
        return True

    def is_closed(self) -> bool:
        """A killed process cannot be asked."""
        return False

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Cancelled timers are passed over when their time comes."""


class LoopClock:
    """The clock port on virtual time."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time

    def now(self) -> datetime:
        """The virtual instant."""
        return instant(self._time())

    async def sleep(self, duration: timedelta) -> None:
        """Return when so much virtual time has passed."""
        await asyncio.sleep(max(duration.total_seconds(), 0.0))


def instant(seconds: float) -> datetime:
    """The date of a virtual time."""
    return T0 + timedelta(microseconds=round(seconds * 1_000_000))


def seconds(at: datetime) -> float:
    """The virtual time of a date."""
    return (at - T0).total_seconds()
