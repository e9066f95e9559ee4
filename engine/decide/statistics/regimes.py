"""Whether a volatility is high by its own past: a quantile rule with hysteresis.

A day is in the high regime from when the volatility is above the 75 % quantile of the 365 days that end with it, until
it is below their 60 % quantile. Only what was known on a day decides on it, so that the past never changes. Two
quantiles instead of one halve the switches; a hidden Markov model separates no better for how often it flips.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from engine.decide.statistics.panel import YEAR
from engine.decide.statistics.time_series import LEAST_VALUES, TimeSeries

MOST_REMEMBERED: Final = 64


class Regime(StrEnum):
    """Of a volatility."""

    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class RegimeRule:
    """Quantiles of the trailing window, fractions of 1: above `enter` it becomes high, below `leave` normal again."""

    enter: float = 0.75
    leave: float = 0.60
    window: timedelta = YEAR
    least_values: int = LEAST_VALUES
    """Before the window holds so many values, the regime is not known."""

    def __post_init__(self) -> None:
        if not 0 <= self.leave <= self.enter <= 1 or self.least_values < 1:
            raise ValueError("expected 0 <= leave <= enter <= 1, and at least one value")


@dataclass(frozen=True, slots=True)
class RegimeDay:
    """One value, the thresholds that it was held against, and the regime after it."""

    at: datetime
    value: float
    enter_above: float
    leave_below: float
    regime: Regime


@dataclass(frozen=True, slots=True)
class RegimePath:
    """Every day since the regime is known, oldest first; at least one."""

    days: tuple[RegimeDay, ...]

    @property
    def today(self) -> RegimeDay:
        """The newest."""
        return self.days[-1]

    @property
    def since(self) -> datetime:
        """The first day from which on the regime has been what it is today."""
        first = self.today
        for day in reversed(self.days):
            if day.regime is not self.today.regime:
                break
            first = day
        return first.at


@lru_cache(maxsize=MOST_REMEMBERED)
def regimes(volatility: TimeSeries, rule: RegimeRule = RegimeRule()) -> RegimePath | None:
    """The regime of each day; None where too little is known for any. It begins as normal."""
    days, regime = [], Regime.NORMAL
    for at, value, window in _windows(volatility, rule.window):
        if len(window) >= rule.least_values:
            enter, leave = _quantile(window, rule.enter), _quantile(window, rule.leave)
            regime = _next(regime, value, enter, leave)
            days.append(RegimeDay(at, value, enter, leave, regime))
    return RegimePath(tuple(days)) if days else None


def _next(before: Regime, value: float, enter_above: float, leave_below: float) -> Regime:
    """Between the thresholds it stays what it was."""
    if value > enter_above:
        return Regime.HIGH
    return Regime.NORMAL if value < leave_below else before


def _windows(volatility: TimeSeries, window: timedelta) -> Iterator[tuple[datetime, float, list[float]]]:
    """Each value with those of the window that ends with it, in the order of size: the same list, kept up to date."""
    recent: deque[tuple[datetime, float]] = deque()
    ordered: list[float] = []
    for at, value in zip(volatility.instants, volatility.values.tolist(), strict=True):
        recent.append((at, value))
        insort(ordered, value)
        while recent[0][0] <= at - window:
            del ordered[bisect_left(ordered, recent.popleft()[1])]
        yield at, value, ordered


def _quantile(ordered: list[float], level: float) -> float:
    """Linear between the two nearest values: definition 7 of Hyndman and Fan, "Sample quantiles" (1996)."""
    place = level * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
