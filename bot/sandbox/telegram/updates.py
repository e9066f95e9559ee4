"""The queue of updates and the long poll: offset acknowledgement, allowed kinds, one poller at a time."""

import asyncio
from collections.abc import Callable

from bot.sandbox.telegram.feed import Feed
from bot.sandbox.telegram.wire import ApiError, Wire

MAX_TIMEOUT_SECONDS = 50.0
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_ON_REQUEST_ONLY = ("chat_member", "message_reaction", "message_reaction_count")


class UpdateQueue:
    """Updates wait here until a later offset acknowledges them."""

    def __init__(self, feed: Feed, unreachable: Callable[[], bool]) -> None:
        self.pending: list[Wire] = []
        self.completed_polls = 0
        self._feed = feed
        self._unreachable = unreachable
        self._next_id = 1
        self.polls_begun = 0
        self._allowed: list[str] | None = None

    def push(self, kind: str, payload: Wire) -> None:
        """Queue an update, unless the bot has not asked for its kind."""
        wanted = kind in self._allowed if self._allowed else kind not in _ON_REQUEST_ONLY
        if wanted:
            self.pending.append({"update_id": self._next_id, kind: payload})
            self._next_id += 1
            self._feed.publish("update")

    def allow(self, kinds: list[str]) -> None:
        """Kinds of updates from now on; an empty list means the usual ones."""
        self._allowed = kinds or None

    def forget_all(self) -> None:
        """Drop what waits (deleteWebhook with drop_pending_updates)."""
        self.pending.clear()

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Wire]:
        """The next updates, as soon as there are any or the timeout (seconds) is over.

        Raises ApiError 409 when another poll starts meanwhile, ConnectionError when an outage begins.
        """
        self.polls_begun += 1
        mine = self.polls_begun
        self._feed.publish("poll")
        self._acknowledge(offset)
        deadline = asyncio.get_running_loop().time() + min(timeout, MAX_TIMEOUT_SECONDS)
        while not self.pending and not self._feed.closed:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            try:
                await asyncio.wait_for(self._feed.changed(), left)
            except TimeoutError:
                break
            if self._unreachable():
                raise ConnectionError("the sandbox plays an outage")
            if self.polls_begun != mine:
                raise ApiError(409, CONFLICT)
        self.completed_polls += 1
        return self.pending[:limit]

    def _acknowledge(self, offset: int) -> None:
        if offset > 0:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]
        elif offset < 0:
            self.pending = self.pending[offset:]
