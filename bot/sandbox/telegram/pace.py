"""Telegram's flood limit per chat: a short burst is fine, a sustained rate above the limit is not."""

import math
from collections.abc import Callable

from bot.sandbox.telegram.wire import ApiError

BURST_MESSAGES = 3


class Pace:
    """A bucket per chat that refills at the given rate. A rate of None switches the limit off."""

    def __init__(self, wall: Callable[[], float], per_second: float | None) -> None:
        self.per_second = per_second
        self._wall = wall
        self._buckets: dict[int, tuple[float, float]] = {}

    def spend(self, chat_id: int) -> None:
        """Count one message. Raises ApiError 429 with the seconds to wait."""
        if self.per_second is None:
            return
        now = self._wall()
        left, seen = self._buckets.get(chat_id, (float(BURST_MESSAGES), now))
        left = min(float(BURST_MESSAGES), left + (now - seen) * self.per_second)
        if left < 1:
            self._buckets[chat_id] = (left, now)
            wait = max(1, math.ceil((1 - left) / self.per_second))
            raise ApiError(429, f"Too Many Requests: retry after {wait}", wait)
        self._buckets[chat_id] = (left - 1, now)
