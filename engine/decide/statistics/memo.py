"""What was made last from some objects, so that the next look at the very same objects does not make it anew.

A price series of two years takes longer to read into floats than all figures together take, and between two closes it
is the same object at every look. Objects are told apart by identity: comparing contents would cost as much as reading
them. What is remembered follows from its sources alone, so that no result depends on what was remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Slot(Generic[Made]):
    """The one last result of a kind. It keeps its sources, so that no other object can be taken for one of them."""

    def __init__(self) -> None:
        self._held: tuple[tuple[object, ...], int, Made] | None = None

    @property
    def last(self) -> Made | None:
        """What was made last, from whatever it was."""
        return self._held[2] if self._held else None

    def of(self, sources: tuple[object, ...], version: int, make: Callable[[], Made]) -> Made:
        """What was made of these very objects under this version; else it is made now."""
        held = self._held
        if held is None or held[1] != version or not _same(held[0], sources):
            held = self._held = (sources, version, make())
        return held[2]


def _same(before: tuple[object, ...], now: tuple[object, ...]) -> bool:
    return len(before) == len(now) and all(a is b for a, b in zip(before, now, strict=True))
