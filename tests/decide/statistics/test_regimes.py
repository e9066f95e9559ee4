"""When a volatility is high by its own past, and when it no longer is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide.statistics.panel import DAY, YEAR
from engine.decide.statistics.regimes import Regime, RegimePath, RegimeRule, regimes
from engine.decide.statistics.time_series import LEAST_VALUES, TimeSeries
from tests.builders import T0

N, H = Regime.NORMAL, Regime.HIGH
USUAL = [0.30, 0.40, 0.50, 0.60] * 30
"""The 75 % quantile is near 0.5, the 60 % one at 0.5."""


def daily(values: Sequence[float]) -> TimeSeries:
    """One value a day, the last one today."""
    return TimeSeries(tuple(T0 - (len(values) - 1 - n) * DAY for n in range(len(values))), np.array(values))


def path(*values: float, rule: RegimeRule | None = None) -> RegimePath:
    """After four months as usual."""
    found = regimes(daily([*USUAL, *values]), rule or RegimeRule())
    assert found is not None
    return found


def last(found: RegimePath, count: int) -> list[Regime]:
    return [day.regime for day in found.days[-count:]]


def test_it_becomes_high_above_three_quarters_of_its_past_and_stays_until_below_three_fifths() -> None:
    """Between the two it is what it was."""
    assert last(path(0.35, 0.9, 0.9, 0.505, 0.505, 0.35, 0.505), 7) == [N, H, H, H, H, N, N]


def test_at_a_threshold_nothing_changes() -> None:
    """It must be passed: the 60 % quantile is exactly 0.5 here; and of a flat volatility both are the value itself."""
    assert last(path(0.9, 0.5), 2) == [H, H]
    flat = regimes(daily([0.5] * 200))
    assert flat is not None
    assert {day.regime for day in flat.days} == {N}


def test_one_threshold_would_flip_where_two_do_not() -> None:
    """Around the upper one, day after day."""
    around = [0.9, 0.505, 0.9, 0.505, 0.9, 0.505]
    assert set(last(path(*around), 6)) == {H}
    assert set(last(path(*around, rule=RegimeRule(enter=0.75, leave=0.75)), 6)) == {H, N}


def test_today_is_told_with_its_thresholds_and_since_when_it_is_so() -> None:
    """What a card needs to say why."""
    found = path(0.35, 0.9, 0.8, 0.9)
    assert (found.today.at, found.today.value, found.today.regime) == (T0, 0.9, H)
    window = [*USUAL, 0.35, 0.9, 0.8, 0.9]
    assert found.today.enter_above == pytest.approx(np.quantile(window, 0.75))
    assert found.today.leave_below == pytest.approx(np.quantile(window, 0.60))
    assert found.since == T0 - 2 * DAY


def test_nothing_is_known_before_a_quarter_of_a_year() -> None:
    """Ninety values; from the ninetieth on there is a regime."""
    values = [0.3, 0.4] * (LEAST_VALUES // 2)
    assert regimes(daily(values[1:])) is None
    found = regimes(daily(values))
    assert found is not None
    assert [day.at for day in found.days] == [T0]


def test_what_was_more_than_a_year_ago_is_forgotten() -> None:
    """A wild year makes the next rise look small; once it is over, the same rise is high."""
    wild, calm = [1.0, 2.0] * 200, [0.3] * 100
    found = regimes(daily([*wild, *calm, 0.5]))
    later = regimes(daily([*wild, *calm * 4, 0.5]))
    assert found is not None
    assert later is not None
    assert (found.today.regime, later.today.regime) == (N, H)


def test_values_that_are_missing_age_the_window_too() -> None:
    """It is of 365 days, not of 365 values: every third day makes 122 of them."""
    values = list(np.random.default_rng(1).random(400))
    series = TimeSeries(tuple(T0 - 3 * (399 - n) * DAY for n in range(400)), np.array(values))
    found = regimes(series)
    assert found is not None
    assert found.today.enter_above == pytest.approx(np.quantile(values[-122:], 0.75))


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 100_000), st.integers(100, 460))
def test_every_day_is_decided_on_what_was_known_then(seed: int, known: int) -> None:
    """Later values change no earlier day; and a day's thresholds are the quantiles of the year that ends with it."""
    values = np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(500) * 0.05)).tolist()
    whole = regimes(daily(values))
    series = daily(values)
    earlier = regimes(TimeSeries(series.instants[:known], series.values[:known]))
    assert whole is not None
    assert earlier is not None
    assert earlier.days == whole.days[: len(earlier.days)]
    window = values[max(0, known - YEAR // DAY) : known]
    assert earlier.today.enter_above == pytest.approx(np.quantile(window, 0.75), rel=1e-12)
    assert earlier.today.leave_below == pytest.approx(np.quantile(window, 0.60), rel=1e-12)


def test_a_rule_that_cannot_be_is_refused() -> None:
    """It would leave before it entered."""
    with pytest.raises(ValueError, match="leave <= enter"):
        RegimeRule(enter=0.5, leave=0.6)
    with pytest.raises(ValueError, match="at least one value"):
        RegimeRule(window=timedelta(days=30), least_values=0)
