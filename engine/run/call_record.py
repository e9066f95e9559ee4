"""What became of the last calls to a venue, and how long they took. Of bounded size."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from engine.model.errors import Fault
from engine.model.venue_signals import CallOutcomes

OUTCOMES: Final = 10
DURATIONS: Final = 40
FEWEST_DURATIONS: Final = 20
"""Below that, the slowest twentieth is the slowest one alone, which may have been the first, that loads everything."""
USUAL_OF: Final = 200


class CallRecord:
    """The calls to one venue, the newest last."""

    def __init__(self) -> None:
        self._faults: deque[Fault | None] = deque(maxlen=OUTCOMES)
        self._durations: deque[timedelta] = deque(maxlen=USUAL_OF)

    def succeeded(self, took: timedelta) -> None:
        """A call was answered. A clock that was set back meanwhile has measured nothing."""
        self._faults.append(None)
        if took >= timedelta(0):
            self._durations.append(took)

    def failed(self, fault: Fault) -> None:
        """A call came to nothing."""
        self._faults.append(fault)

    @property
    def outcomes(self) -> CallOutcomes | None:
        """Of the last ten at the most; None before the first."""
        if not self._faults:
            return None
        counts = Counter(fault for fault in self._faults if fault is not None)
        return CallOutcomes(len(self._faults), tuple(counts.items()))

    @property
    def p95(self) -> timedelta | None:
        """What nineteen of twenty recent answers took at the most; None of too few."""
        recent = sorted(list(self._durations)[-DURATIONS:])
        return _at(recent, 95) if len(recent) >= FEWEST_DURATIONS else None

    @property
    def usual(self) -> timedelta | None:
        """The median, of more answers than that; None of none."""
        return _at(sorted(self._durations), 50) if self._durations else None


def _at(ordered: Iterable[timedelta], percent: int) -> timedelta:
    """The nearest rank: the least one that so many in a hundred do not exceed."""
    ranked = list(ordered)
    return ranked[-(-len(ranked) * percent // 100) - 1]
