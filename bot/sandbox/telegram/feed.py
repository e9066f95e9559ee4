"""What happened in the sandbox chat, in order: it wakes whoever waits and feeds the chat page."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.wire import Wire

KEPT_EVENTS = 2000


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One happening: its number, its kind, the chat it belongs to (None: everybody) and its details."""

    seq: int
    kind: str
    chat: int | None
    details: Wire = field(default_factory=dict)


class Feed:
    """A short memory of events with a pulse that every new event sets off."""

    def __init__(self) -> None:
        self.seq = 0
        self.closed = False
        self._events: deque[FeedEvent] = deque(maxlen=KEPT_EVENTS)
        self._pulse = asyncio.Event()

    def publish(self, kind: str, chat: int | None = None, **details: object) -> None:
        """Remember an event and wake everybody who waits."""
        self.seq += 1
        self._events.append(FeedEvent(self.seq, kind, chat, dict(details)))
        self._beat()

    def since(self, seq: int) -> list[FeedEvent]:
        """Events after this number that are still remembered."""
        return [event for event in self._events if event.seq > seq]

    def changed(self) -> Coroutine[Any, Any, bool]:
        """Waits for the next event after this very call, even if it is awaited later."""
        return self._pulse.wait()

    def close(self) -> None:
        """The server stops: waiting polls and streams end."""
        self.closed = True
        self._beat()

    def _beat(self) -> None:
        pulse, self._pulse = self._pulse, asyncio.Event()
        pulse.set()
