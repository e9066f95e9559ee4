"""Volatility that forgets: beside the recursion by hand, and beside the library `arch`."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest
from arch import arch_model
from arch.univariate import EWMAVariance, ZeroMean

from engine.decide.statistics.ewma import (
    DAILY_DECAY,
    LEAST_RETURNS,
    basket_volatility_history,
    decay_per_step,
    ewma_variances,
    ewma_volatilities,
    volatilities,
    volatility_history,
)
from engine.decide.statistics.panel import DAY, HOUR, returns_panel
from tests.builders import T0
from tests.decide.statistics.prices import Returns, history, names, one_factor, panel

ONE, TWO = names(2)


def test_it_is_the_weighted_mean_of_squares_at_365_days_a_year() -> None:
    """Moves of 2 % a day, up and down: 38 % a year, however many days are looked at."""
    found = volatilities(panel(np.array([[0.02], [-0.02]] * 100)))
    assert found == {ONE: pytest.approx(0.02 * math.sqrt(365))}


def test_each_step_is_the_recursion_that_everyone_knows() -> None:
    """s² = λ s² + (1 - λ) r², from where the weights of the beginning are forgotten."""
    drawn = one_factor(seed=3, count=2500, assets=3)
    found = ewma_variances(drawn, 0.97)
    by_hand = found[1500]
    for row in range(1501, 2500):
        by_hand = 0.97 * by_hand + 0.03 * drawn[row] ** 2
    np.testing.assert_allclose(found[-1], by_hand, rtol=1e-11)


def test_it_is_that_of_arch() -> None:
    """EWMAVariance(0.97): its value for a day is the one that was known the day before. Its start is forgotten."""
    drawn = one_factor(seed=4, count=2500, assets=1)
    fitted = ZeroMean(100 * drawn[:, 0], volatility=EWMAVariance(0.97), rescale=False).fit(disp="off")
    own = np.sqrt(ewma_variances(drawn, 0.97)[:, 0])
    np.testing.assert_allclose(own[1499:-1], fitted.conditional_volatility[1500:] / 100, rtol=1e-9)


def test_what_it_says_of_the_next_day_is_close_to_a_fitted_garch() -> None:
    """By QLIKE on a simulated GARCH(1,1), whose own fit can hardly be beaten; a rolling month is worse than both."""
    drawn = simulated_garch(seed=5, count=3000)
    fitted = arch_model(100 * drawn[:2000], mean="Zero", vol="GARCH", rescale=False).fit(disp="off")
    garch = arch_model(100 * drawn, mean="Zero", vol="GARCH", rescale=False).fix(fitted.params)
    squares = drawn[2001:] ** 2
    own = ewma_variances(drawn[:, np.newaxis], 0.97)[2000:-1, 0]
    month = np.convolve(drawn**2, np.ones(30) / 30, mode="valid")[2000 - 29 : -1]
    of_garch = (garch.conditional_volatility[2001:] / 100) ** 2
    losses = {"EWMA": qlike(own, squares), "GARCH": qlike(of_garch, squares), "30 days": qlike(month, squares)}
    assert losses["GARCH"] - 0.02 < losses["EWMA"] < losses["GARCH"] + 0.1, losses
    assert losses["EWMA"] < losses["30 days"], losses


def test_too_few_returns_tell_nothing() -> None:
    """One less than the least, and no return at all."""
    drawn = one_factor(seed=6, count=LEAST_RETURNS, assets=2)
    drawn[0, 1] = np.nan
    assert set(volatilities(panel(drawn))) == {ONE}
    assert set(volatility_history(panel(drawn))) == {ONE}
    alone = returns_panel(history(drawn[:0]), (ONE,), T0)
    assert alone is not None
    assert volatilities(alone) == {}
    assert volatility_history(alone) == {}


def test_a_gap_ages_what_is_known_and_adds_nothing() -> None:
    """Ten days without a price change no volatility, and afterwards the new days weigh more for it."""
    calm, wild = [0.01, -0.01] * 40, [0.05, -0.05] * 3
    without = volatilities(panel(np.array([*calm, *wild])[:, np.newaxis]))[ONE]
    gap = panel(np.array([*calm, *[np.nan] * 10])[:, np.newaxis])
    assert volatilities(gap)[ONE] == pytest.approx(0.01 * math.sqrt(365))
    after = volatilities(panel(np.array([*calm, *[np.nan] * 10, 0.0, *wild])[:, np.newaxis]))[ONE]
    assert after > without


def test_the_history_is_what_was_said_on_each_day() -> None:
    """No later day changes an earlier one, to the last bit."""
    drawn = one_factor(seed=7, count=200, assets=2)
    whole = ewma_volatilities(panel(drawn))
    known = history(drawn)
    for days in (1, 50, 150):
        earlier = returns_panel(known, names(2), T0 - days * DAY)
        assert earlier is not None
        np.testing.assert_array_equal(ewma_volatilities(earlier), whole[:-days])


def test_the_history_has_one_value_a_day_and_ends_now() -> None:
    """Of hourly returns the last of each day."""
    drawn = one_factor(seed=8, count=24 * 40 + 6, assets=1)
    found = volatility_history(panel(drawn, step=HOUR))[ONE]
    every = ewma_volatilities(panel(drawn, step=HOUR))[:, 0]
    assert found.last == every[-1] == volatilities(panel(drawn, step=HOUR))[ONE]
    assert found.instants[-1] == T0
    assert {later - earlier for earlier, later in zip(found.instants, found.instants[1:], strict=False)} == {DAY}


def test_a_shorter_step_forgets_as_much_in_a_day() -> None:
    """Twenty-four hours fade as one day does."""
    assert decay_per_step(HOUR) ** 24 == pytest.approx(DAILY_DECAY)
    assert decay_per_step(timedelta(days=7)) == pytest.approx(DAILY_DECAY**7)
    with pytest.raises(ValueError, match="daily_decay"):
        decay_per_step(DAY, 1.0)


def test_a_basket_of_equals_that_move_alike_moves_as_they_do() -> None:
    """And one of two that move against each other hardly moves."""
    up = np.tile([0.02, -0.02], 50)
    alike, against = panel(np.column_stack([up, up])), panel(np.column_stack([up, -up]))
    halves = {ONE: 0.5, TWO: 0.5}
    same, hedged = basket_volatility_history(alike, halves), basket_volatility_history(against, halves)
    assert same is not None
    assert hedged is not None
    assert same.last == pytest.approx(volatilities(alike)[ONE])
    assert hedged.last < 0.02 * same.last


def test_a_basket_goes_on_with_those_that_are_known() -> None:
    """One of two that move alike has no price any more: as much risk as before, now all in the other."""
    alike = np.tile([[0.02, 0.02], [-0.02, -0.02]], (50, 1))
    alike[60:, 1] = np.nan
    same = basket_volatility_history(panel(alike), {ONE: 0.3, TWO: 0.7})
    assert same is not None
    np.testing.assert_allclose(same.values, 0.02 * math.sqrt(365))


def test_a_basket_of_what_has_no_price_has_no_volatility() -> None:
    """And one that has a price at all times has a value from the first day that can have one."""
    drawn = one_factor(seed=9, count=100, assets=2)
    drawn[60:, 1] = np.nan
    alone = panel(np.where(np.arange(100)[:, np.newaxis] >= 60, drawn[:, :1], np.nan))
    found = basket_volatility_history(panel(drawn), {ONE: 0.3, TWO: 0.7})
    assert found is not None
    assert len(found.values) == 100 - LEAST_RETURNS + 1
    assert basket_volatility_history(alone, {TWO: 1.0}) is None


def simulated_garch(seed: int, count: int) -> Returns:
    """Daily log returns whose variance follows a GARCH(1,1) around 4 % a day."""
    draw, variance, found = np.random.default_rng(seed), 0.0016, []
    for shock in draw.standard_normal(count):
        found.append(shock * math.sqrt(variance))
        variance = 0.0016 * 0.02 + 0.08 * found[-1] ** 2 + 0.90 * variance
    return np.array(found)


def qlike(forecasts: Returns, squares: Returns) -> float:
    """The loss that noisy squares do not bias (Patton, 2011), but for a constant: lower is better."""
    return float(np.mean(np.log(forecasts) + squares / forecasts))
