"""Which messages still offer an approval, so that the market can slow down while somebody reads one."""

from collections.abc import Callable, Iterable


class WaitingCards:
    """The set of messages with an Approve button; listeners hear when it fills and when it is empty again."""

    def __init__(self) -> None:
        self._waiting: set[tuple[int, int]] = set()
        self._listeners: list[Callable[[bool], None]] = []

    def on_change(self, listener: Callable[[bool], None]) -> None:
        """Call the listener with True when the first card waits, with False when none waits any more."""
        self._listeners.append(listener)

    def review(self, key: tuple[int, int], labels: Iterable[str]) -> None:
        """A message (chat id, message id) now has buttons with these labels; none when it is gone."""
        before = bool(self._waiting)
        if any(label.startswith("Approve") or "✅ Approve" in label for label in labels):
            self._waiting.add(key)
        else:
            self._waiting.discard(key)
        if bool(self._waiting) != before:
            for listener in self._listeners:
                listener(not before)
