"""How long to wait before trying again what failed: twice as long each time, up to a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

FIRST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(minutes=1)


class Backoff:
    """The waits between attempts at one thing."""

    def __init__(self) -> None:
        self._next = FIRST

    def next(self) -> timedelta:
        """The wait after one more failure."""
        wait, self._next = self._next, min(self._next * 2, LONGEST)
        return wait

    def reset(self) -> None:
        """It worked: the next failure is a first one."""
        self._next = FIRST
