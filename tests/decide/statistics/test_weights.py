"""Weights by risk: by the property that defines them, and beside skfolio's optimiser."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skfolio.optimization import RiskBudgeting

from engine.decide.statistics.covariance import Covariance, covariance
from engine.decide.statistics.panel import DAY
from engine.decide.statistics.weights import momentum, risk_parity, target_exposure
from engine.model.ids import Asset
from tests.decide.statistics.prices import Returns, names, one_factor, panel

A, B, C = names(3)
TIGHT = {"tol_gap_abs": 1e-11, "tol_gap_rel": 1e-11, "tol_feas": 1e-11}
"""For the solver under skfolio, which comes within 5e-5 of a weight else, and the nearer the tighter this is."""


def of_matrix(matrix: Returns) -> Covariance:
    """As if it had been measured."""
    volatilities = np.sqrt(np.diag(matrix))
    correlations = matrix / np.outer(volatilities, volatilities)
    np.fill_diagonal(correlations, 1.0)
    return Covariance(names(len(matrix)), (), volatilities, correlations, correlations, 0.0)


def parity(found: Covariance, budgets: dict[Asset, float] | None = None) -> Returns:
    weights = risk_parity(found, budgets)
    assert weights is not None
    return np.array([weights[asset] for asset in found.assets])


def risk_shares(found: Covariance, weights: Returns) -> Returns:
    """What each asset brings to the variance, as a share of it."""
    contributions: Returns = weights * (found.matrix @ weights)
    return contributions / contributions.sum()


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 100_000), st.integers(1, 12), st.booleans())
def test_every_asset_brings_the_share_of_risk_that_it_shall(seed: int, size: int, equal: bool) -> None:
    """To ten digits: equal shares, or those that are given. No weight is below zero, and their sum is 1."""
    draw = np.random.default_rng(seed)
    loadings = draw.standard_normal((size, size + 2))
    budgets = np.ones(size) if equal else 0.01 + draw.random(size)
    found = of_matrix(loadings @ loadings.T * np.outer(*[10.0 ** draw.uniform(-3, 0, size)] * 2))
    weights = parity(found, None if equal else dict(zip(names(size), budgets.tolist(), strict=True)))
    np.testing.assert_allclose(risk_shares(found, weights), budgets / budgets.sum(), atol=2e-10)
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(1)


def test_it_is_what_skfolio_finds() -> None:
    """Equal shares of the variance, of three, six and twelve assets."""
    for seed, size in ((1, 3), (2, 6), (3, 12)):
        drawn = one_factor(seed, 300, size, common=0.5)
        fitted = RiskBudgeting(solver_params=TIGHT).fit(drawn)
        matrix = fitted.prior_estimator_.return_distribution_.covariance
        np.testing.assert_allclose(parity(of_matrix(matrix)), fitted.weights_, atol=1e-5)


def test_risk_budgets_are_those_of_skfolio() -> None:
    """Half of the risk in the first of three."""
    drawn = one_factor(4, 300, 3)
    fitted = RiskBudgeting(risk_budget=[0.5, 0.3, 0.2], solver_params=TIGHT).fit(drawn)
    matrix = fitted.prior_estimator_.return_distribution_.covariance
    own = parity(of_matrix(matrix), {A: 0.5, B: 0.3, C: 0.2})
    np.testing.assert_allclose(own, fitted.weights_, atol=1e-5)


def test_where_all_pairs_correlate_alike_it_is_inverse_volatility() -> None:
    """Maillard, Roncalli and Teiletche's first special case."""
    volatilities = np.array([0.2, 0.5, 0.8])
    alike = np.full((3, 3), 0.6) + 0.4 * np.eye(3)
    found = of_matrix(alike * np.outer(volatilities, volatilities))
    inverse = (1 / volatilities) / (1 / volatilities).sum()
    assert risk_parity(found) == pytest.approx(dict(zip(names(3), inverse.tolist(), strict=True)))


def test_equal_inputs_give_equal_weights_to_the_last_bit() -> None:
    """And the order of the assets means nothing beyond rounding."""
    drawn = one_factor(5, 200, 6)
    one, other = covariance(panel(drawn)), covariance(panel(drawn[:, ::-1]))
    assert one is not None
    assert other is not None
    assert parity(one).tobytes() == parity(one).tobytes()
    np.testing.assert_allclose(parity(one), parity(other)[::-1], rtol=1e-8)


def test_assets_that_move_as_one_share_the_risk_by_their_volatility() -> None:
    """A singular matrix is no hindrance."""
    np.testing.assert_allclose(parity(of_matrix(np.outer([0.2, 0.4], [0.2, 0.4]))), [2 / 3, 1 / 3])


def test_there_are_no_weights_where_risk_can_be_hedged_away() -> None:
    """Two that move exactly against each other: no risk is left to be shared."""
    assert risk_parity(of_matrix(np.array([[0.04, -0.04], [-0.04, 0.04]]))) is None


def test_only_the_ratio_of_budgets_matters() -> None:
    """Shares of one, of a billionth or a billion: where one of three bears nearly all, the others are still bought."""
    alike = of_matrix(np.full((3, 3), 0.9) + 0.1 * np.eye(3))
    budgets = np.array([0.97, 0.015, 0.015])
    for scale in (1e-9, 1.0, 1e9):
        weights = parity(alike, dict(zip(names(3), (scale * budgets).tolist(), strict=True)))
        np.testing.assert_allclose(risk_shares(alike, weights), budgets, atol=2e-10)
        assert (weights > 0).all()


def test_a_budget_is_needed_for_every_asset() -> None:
    """Above zero: an asset without risk has no weight."""
    for budgets in ({A: 0.5}, {A: 0.5, B: 0.0}, {A: 1.0, B: float("nan")}):
        with pytest.raises(ValueError, match="budgets"):
            risk_parity(of_matrix(np.eye(2)), budgets)


def test_exposure_falls_as_volatility_rises_above_the_target() -> None:
    """Below it nothing is borrowed; of an unknown one nothing follows."""
    assert target_exposure(0.8, 0.4) == 0.5
    assert target_exposure(0.2, 0.4) == 1
    assert target_exposure(0.0, 0.4) == 1
    assert target_exposure(None, 0.4) is None
    with pytest.raises(ValueError, match="target"):
        target_exposure(0.5, 0.0)


def test_momentum_is_the_return_over_the_lookback() -> None:
    """A doubling five days ago, and a tenth lost on the last: with it and without it."""
    moves = np.log([[1.0], [2.0], [1.0], [1.0], [1.0], [1.0], [0.9]])
    assert momentum(panel(moves), 6 * DAY) == pytest.approx({A: 0.8})
    assert momentum(panel(moves), 6 * DAY, skip_last=True) == pytest.approx({A: 1.0})
    assert momentum(panel(moves), 3 * DAY) == pytest.approx({A: -0.1})


def test_momentum_needs_a_price_at_both_ends() -> None:
    """An asset that began later has none, nor has any over more than is known."""
    drawn = one_factor(6, 30, 2)
    drawn[:10, 1] = np.nan
    assert set(momentum(panel(drawn), 25 * DAY)) == {A}
    assert set(momentum(panel(drawn), 15 * DAY)) == {A, B}
    assert momentum(panel(drawn), 31 * DAY) == {}
    with pytest.raises(ValueError, match="lookback"):
        momentum(panel(drawn), DAY / 2)
