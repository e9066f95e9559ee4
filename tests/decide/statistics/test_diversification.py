"""How many bets a portfolio is, today and before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide.statistics.covariance import Covariance, covariance
from engine.decide.statistics.diversification import (
    Pair,
    average_correlation,
    diversification_history,
    diversification_ratio,
    effective_bets,
    pairs_by_correlation,
    portfolio_volatility,
)
from engine.decide.statistics.ewma import LEAST_RETURNS
from engine.decide.statistics.panel import DAY, HOUR, ReturnsPanel, returns_panel
from tests.builders import BTC, T0
from tests.decide.statistics.prices import history, names, one_factor, panel

A, B, C = names(3)


def known(correlations: list[list[float]], *volatilities: float) -> Covariance:
    """As if it had been measured."""
    matrix = np.array(correlations)
    return Covariance(names(len(matrix)), (), np.array(volatilities or [0.5] * len(matrix)), matrix, matrix, 0.0)


def of(found: ReturnsPanel) -> Covariance:
    measured = covariance(found)
    assert measured is not None
    return measured


INDEPENDENT = known([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
AS_ONE = known([[1, 1, 1], [1, 1, 1], [1, 1, 1]])
TWO_OF_THREE = known([[1, 0.8, 0], [0.8, 1, 0.1], [0, 0.1, 1]], 0.4, 0.6, 0.8)


def test_assets_that_know_nothing_of_each_other_are_as_many_bets() -> None:
    """Three; and those that move as one are one."""
    assert effective_bets(INDEPENDENT) == pytest.approx(3)
    assert effective_bets(AS_ONE) == pytest.approx(1)
    assert 1 < effective_bets(TWO_OF_THREE) < 3


def test_bets_are_the_exponential_of_the_entropy() -> None:
    """Two assets at 0.6: eigenvalues of 1.6 and 0.4, shares of 0.8 and 0.2."""
    assert effective_bets(known([[1, 0.6], [0.6, 1]])) == pytest.approx(0.8**-0.8 * 0.2**-0.2)


def test_correlations_that_cannot_be_are_as_many_bets_as_can() -> None:
    """Gaps made the third eigenvalue -0.8: it counts as none beside two of 1.9."""
    assert effective_bets(known([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]])) == pytest.approx(2)


def test_the_average_is_over_pairs_and_the_most_correlated_pair_comes_first() -> None:
    """Equals by name."""
    assert average_correlation(TWO_OF_THREE) == pytest.approx(0.3)
    assert pairs_by_correlation(TWO_OF_THREE) == (Pair(A, B, 0.8), Pair(B, C, 0.1), Pair(A, C, 0.0))
    assert [(p.first, p.second) for p in pairs_by_correlation(INDEPENDENT)] == [(A, B), (A, C), (B, C)]


def test_volatility_of_the_whole() -> None:
    """Independent halves of 50 % make 35 %; what is not in the weights is cash."""
    assert portfolio_volatility(INDEPENDENT, {A: 0.5, B: 0.5}) == pytest.approx(0.5 * 0.5**0.5)
    assert portfolio_volatility(INDEPENDENT, {A: 0.5}) == pytest.approx(0.25)
    assert portfolio_volatility(INDEPENDENT, {A: 0.5, BTC: 0.5}) is None
    assert portfolio_volatility(INDEPENDENT, {A: 0.5, BTC: 0.0}) == pytest.approx(0.25)


def test_a_price_that_never_moves_is_as_cash() -> None:
    """Half in it, half of the volatility."""
    drawn = one_factor(seed=2, count=60, assets=2)
    drawn[:, 1] = 0.0
    found = of(panel(drawn))
    assert portfolio_volatility(found, {A: 0.5, B: 0.5}) == pytest.approx(found.volatilities[0] / 2)


def test_the_diversification_ratio_says_how_much_risk_is_spread_away() -> None:
    """The root of three for three equals that know nothing of each other, 1 for those that are one; equal weights."""
    assert diversification_ratio(INDEPENDENT) == pytest.approx(3**0.5)
    assert diversification_ratio(AS_ONE, {A: 0.2, B: 0.3, C: 0.5}) == pytest.approx(1)
    equal = {A: 2.0, B: 2.0, C: 2.0}
    assert diversification_ratio(TWO_OF_THREE) == pytest.approx(diversification_ratio(TWO_OF_THREE, equal))
    assert diversification_ratio(TWO_OF_THREE, {}) is None


def test_one_asset_is_one_bet_without_pairs() -> None:
    """There is no average of no pairs."""
    alone = known([[1.0]])
    assert (effective_bets(alone), average_correlation(alone), pairs_by_correlation(alone)) == (1, None, ())
    assert diversification_history(panel(one_factor(1, 100, 1))) is None


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 100_000), st.integers(2, 8), st.floats(0, 0.5))
def test_bets_are_between_one_and_all_and_the_last_of_the_history_is_today(seed: int, size: int, gaps: float) -> None:
    """Whatever the gaps, and also with the assets in another order."""
    drawn = one_factor(seed, 140, size)
    drawn[np.random.default_rng(seed).random(drawn.shape) < gaps] = np.nan
    found = panel(drawn)
    before, measured = diversification_history(found), covariance(found)
    if before is None or measured is None:
        return
    assert 1 <= effective_bets(measured) <= len(measured.assets)
    assert before.effective_bets.last == pytest.approx(effective_bets(measured), rel=1e-9)
    assert before.average_correlation.last == pytest.approx(average_correlation(measured), rel=1e-9, abs=1e-12)
    assert before.effective_bets.instants[-1] == found.last
    other = diversification_history(panel(drawn[:, ::-1]))
    assert other is not None
    np.testing.assert_allclose(other.effective_bets.values, before.effective_bets.values, rtol=1e-9)


def test_the_history_is_what_was_said_on_each_day() -> None:
    """Looked at ten, thirty and a hundred days earlier."""
    drawn = one_factor(seed=3, count=200, assets=4)
    whole = diversification_history(panel(drawn))
    assert whole is not None
    assert len(whole.effective_bets.values) == 200 - LEAST_RETURNS + 1
    for days in (10, 30, 100):
        earlier = returns_panel(history(drawn), names(4), T0 - days * DAY)
        assert earlier is not None
        assert whole.effective_bets.values[-1 - days] == pytest.approx(effective_bets(of(earlier)), rel=1e-9)
        assert whole.average_correlation.values[-1 - days] == pytest.approx(average_correlation(of(earlier)), rel=1e-9)


def test_of_hours_it_has_one_value_a_day_of_the_same_figures() -> None:
    """A day's hours are added to what was there before, and the last hours of today too."""
    drawn = one_factor(seed=4, count=24 * 10 + 5, assets=3)
    found = diversification_history(panel(drawn, step=HOUR))
    assert found is not None
    assert found.effective_bets.instants[-2:] == (T0 - DAY, T0)
    earlier = returns_panel(history(drawn, step=HOUR), names(3), T0 - DAY, HOUR)
    assert earlier is not None
    assert found.effective_bets.values[-2] == pytest.approx(effective_bets(of(earlier)), rel=1e-9)


def test_a_newcomer_shortens_the_history_instead_of_bending_it() -> None:
    """Three assets are never held against a past of two."""
    drawn = one_factor(seed=5, count=200, assets=3)
    drawn[:120, 2] = np.nan
    found = diversification_history(panel(drawn))
    assert found is not None
    assert len(found.effective_bets.values) == 200 - 121 - LEAST_RETURNS + 1


def test_today_is_told_by_its_own_past() -> None:
    """Assets that begin to move as one: fewer bets, a higher correlation than ever."""
    apart, together = one_factor(6, 150, 4, common=0.2), one_factor(7, 30, 4, common=0.98)
    found = diversification_history(panel(np.concatenate([apart, together])))
    assert found is not None
    assert found.effective_bets.rank() == 0
    usual = found.average_correlation.quantile(0.9)
    assert usual is not None
    assert found.average_correlation.last > usual
