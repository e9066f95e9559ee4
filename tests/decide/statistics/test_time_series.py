"""Today's value of a figure, told by its own past."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine.decide.statistics.panel import DAY
from engine.decide.statistics.time_series import LEAST_VALUES, TimeSeries
from tests.builders import T0


def daily(values: Sequence[float]) -> TimeSeries:
    """One value a day, the last one today."""
    return TimeSeries(tuple(T0 - (len(values) - 1 - n) * DAY for n in range(len(values))), np.array(values))


def test_a_quantile_is_of_the_year_that_ends_today() -> None:
    """What was higher before that does not count; a window can be shorter."""
    values = [*[100.0] * 50, *range(365)]
    assert daily(values).last == 364
    assert daily(values).quantile(1.0) == 364
    assert daily(values).quantile(0.5) == 182
    assert daily(values).quantile(0.0, window=100 * DAY) == 265


def test_the_rank_is_the_share_of_values_below() -> None:
    """Equals are not below."""
    assert daily([*[1.0] * 60, *[3.0] * 39, 2.0]).rank() == pytest.approx(0.6)
    assert daily([*[5.0] * 400, *[1.0] * 150, *[2.0] * 50]).rank(window=200 * DAY) == pytest.approx(0.75)
    assert daily([1.0] * 100).rank() == 0


def test_a_short_past_says_nothing_of_what_is_usual() -> None:
    """A quarter of a year is needed, or what is asked for."""
    short, enough = daily([1.0] * (LEAST_VALUES - 1)), daily([1.0] * LEAST_VALUES)
    assert (short.quantile(0.5), short.rank()) == (None, None)
    assert (enough.quantile(0.5), enough.rank()) == (1.0, 0.0)
    assert short.quantile(0.5, least=10) == 1.0
