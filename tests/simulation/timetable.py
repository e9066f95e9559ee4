"""What will happen outside the program, and when. It goes on whether the program lives or not."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable


class Timetable:
    """The world's time, and what is due in it."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    @property
    def next_at(self) -> float | None:
        """When something happens next."""
        return self._due[0][0] if self._due else None

    def at(self, when: float, happens: Callable[[], None]) -> None:
        """Let something happen at an instant that is not in the past."""
        heapq.heappush(self._due, (max(when, self.now), next(self._numbers), happens))

    def after(self, delay: float, happens: Callable[[], None]) -> None:
        """Let something happen after so many seconds."""
        self.at(self.now + delay, happens)

    def pass_until(self, now: float) -> None:
        """Let everything happen that is due by then, in its order."""
        while self._due and self._due[0][0] <= now:
            when, _, happens = heapq.heappop(self._due)
            self.now = max(self.now, when)
            happens()
        self.now = max(self.now, now)
