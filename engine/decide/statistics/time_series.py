"""A figure as it has been, at most one value a day, so that today's can be told by its own past."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from engine.decide.statistics.arrays import Floats, Whole, fixed
from engine.decide.statistics.panel import YEAR, ReturnsPanel

LEAST_VALUES: Final = 90
"""A quarter of days: of fewer, nothing is said about what is usual."""


@dataclass(frozen=True, slots=True, eq=False)
class TimeSeries:
    """Values at instants, oldest first, at least one, none unknown."""

    instants: tuple[datetime, ...]
    values: Floats

    @property
    def last(self) -> float:
        """The newest value."""
        return float(self.values[-1])

    def quantile(self, level: float, window: timedelta = YEAR, least: int = LEAST_VALUES) -> float | None:
        """The quantile, interpolated, of the values within the window that ends with the newest.

        None of fewer than `least` values.
        """
        recent = self._recent(window)
        return float(np.quantile(recent, level)) if len(recent) >= least else None

    def rank(self, window: timedelta = YEAR, least: int = LEAST_VALUES) -> float | None:
        """The share of the values within that window that are below the newest; None of fewer than `least` values."""
        recent = self._recent(window)
        return float(np.mean(recent < recent[-1])) if len(recent) >= least else None

    def _recent(self, window: timedelta) -> Floats:
        return self.values[bisect_right(self.instants, self.instants[-1] - window) :]


def thinned(panel: ReturnsPanel, values: Floats) -> TimeSeries | None:
    """Of values for each row of returns, the last of each day, from the first known one on; None where none is known.

    What is known once must stay known.
    """
    rows = panel.day_ends()
    return at_rows(panel, rows, values[rows])


def at_rows(panel: ReturnsPanel, rows: Whole, values: Floats) -> TimeSeries | None:
    """Values for some rows of returns, from the first known one on; None where none is known."""
    known = np.isfinite(values)
    if not known.any():
        return None
    first = int(np.argmax(known))
    instants = tuple(panel.instant(int(row) + 1) for row in rows[first:])
    return TimeSeries(instants, fixed(values[first:].copy()))
