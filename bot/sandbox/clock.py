"""The time of the sandbox market, which may run faster than the clock on the wall.

A replayed year can pass in an hour at high speed, and the speed can change at any moment without
a jump: the market time reached so far is kept, and only its pace differs from there on.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Maps a steady clock in seconds to market time: `start` plus the elapsed seconds times `speed`."""

    def __init__(self, start: datetime, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start at the aware instant `start`; raises ValueError for a naive one or a negative speed."""
        if start.tzinfo is None:
            raise ValueError("start needs a time zone, such as 2024-01-01T00:00:00+00:00")
        self._monotonic = monotonic
        self._start = start.astimezone(UTC)
        self._anchor_market = self._start
        self._anchor_steady = monotonic()
        self._speed = _checked(speed)

    @property
    def start(self) -> datetime:
        """The market time at which this clock was made."""
        return self._start

    @property
    def speed(self) -> float:
        """Market seconds per real second."""
        return self._speed

    def now(self) -> datetime:
        """The market time at this moment, in UTC."""
        elapsed = self._monotonic() - self._anchor_steady
        return self._anchor_market + timedelta(seconds=elapsed * self._speed)

    def set_speed(self, speed: float) -> None:
        """Change the pace from this moment on, without a jump; raises ValueError when negative."""
        checked = _checked(speed)
        steady = self._monotonic()
        self._anchor_market += timedelta(seconds=(steady - self._anchor_steady) * self._speed)
        self._anchor_steady = steady
        self._speed = checked


def _checked(speed: float) -> float:
    if not 0 <= speed < float("inf"):
        raise ValueError(f"speed must be a number from 0 on, not {speed}")
    return speed
