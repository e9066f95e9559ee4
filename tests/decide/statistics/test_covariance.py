"""Correlations of now: as written down, beside scikit-learn's shrinkage, and fit to be optimised with whatever gaps."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.covariance import LedoitWolf
from sklearn.covariance import ledoit_wolf_shrinkage as of_scikit_learn

from engine.decide.statistics.covariance import Covariance, covariance
from engine.decide.statistics.ewma import LEAST_RETURNS, volatilities
from engine.decide.statistics.panel import HOUR
from engine.decide.statistics.shrinkage import shrinkage_intensity, shrunk
from tests.decide.statistics.prices import Returns, names, one_factor, panel

FEW = settings(max_examples=60, deadline=None, derandomize=True, database=None)
SEEDS, SIZES = st.integers(0, 100_000), st.integers(2, 8)


def of(returns: Returns) -> Covariance:
    found = covariance(panel(returns))
    assert found is not None
    return found


def with_gaps(seed: int, count: int, assets: int, share: float) -> Returns:
    """Returns of which a share is unknown, each asset's at steps of its own."""
    drawn = one_factor(seed, count, assets)
    drawn[np.random.default_rng(seed + 1).random(drawn.shape) < share] = np.nan
    return drawn


def by_the_book(returns: Returns, decay: float) -> Returns:
    """The correlation of each pair, summed in loops over the steps at which both have a return."""
    size = returns.shape[1]
    found = np.eye(size)
    for i in range(size):
        for j in range(size):
            both, ones, others = 0.0, 0.0, 0.0
            for age, row in enumerate(reversed(returns)):
                if np.isfinite(row[i]) and np.isfinite(row[j]):
                    both += decay**age * row[i] * row[j]
                    ones += decay**age * row[i] ** 2
                    others += decay**age * row[j] ** 2
            found[i, j] = both / math.sqrt(ones * others)
    return found


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_a_correlation_is_measured_on_what_a_pair_has_in_common(share: float) -> None:
    """With and without gaps; weights fall by 0.97 a day."""
    drawn = with_gaps(seed=1, count=300, assets=4, share=share)
    found = panel(drawn)
    np.testing.assert_allclose(of(drawn).observed, by_the_book(found.returns, 0.97), rtol=1e-9)


def test_volatilities_are_those_that_are_told_alone_and_are_not_shrunk() -> None:
    """The covariance of an asset with itself is its variance."""
    drawn = one_factor(seed=2, count=200, assets=5)
    found = of(drawn)
    assert dict(zip(found.assets, found.volatilities, strict=True)) == pytest.approx(volatilities(panel(drawn)))
    np.testing.assert_allclose(np.diag(found.matrix), found.volatilities**2)


def test_the_average_correlation_is_not_shrunk() -> None:
    """What is drawn together keeps its middle, and comes nearer to it."""
    found = of(one_factor(seed=3, count=60, assets=6))
    off = ~np.eye(6, dtype=bool)
    assert 0 < found.shrinkage <= 1
    assert found.correlations[off].mean() == pytest.approx(found.observed[off].mean())
    assert np.ptp(found.correlations[off]) == pytest.approx((1 - found.shrinkage) * np.ptp(found.observed[off]))


def test_pairs_that_differ_by_chance_are_made_equal_and_those_that_differ_are_kept() -> None:
    """One factor drives all, or two halves know nothing of each other."""
    factor = one_factor(seed=4, count=400, assets=8)
    halves = np.column_stack([one_factor(5, 400, 4, common=0.9), one_factor(6, 400, 4, common=0.9)])
    assert of(factor).shrinkage > 0.5
    assert of(halves).shrinkage < 0.1


def ledoit_wolf_shrinkage(returns: Returns) -> float:
    """The textbook case: complete returns, weighted alike, their mean taken off, towards a multiple of the identity.

    Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", Journal of Multivariate
    Analysis 88 (2004), section 3.
    """
    count, size = returns.shape
    moves = returns - returns.mean(axis=0)
    sample = moves.T @ moves / count
    target = np.eye(size) * (np.trace(sample) / size)
    squares = moves**2
    sampling_errors = (squares.T @ squares / count - sample**2) / count
    return shrinkage_intensity(sample, target, sampling_errors)


def test_shrinkage_towards_the_identity_is_that_of_scikit_learn() -> None:
    """The textbook case, on complete returns: the figure, and the matrix that it makes."""
    for seed, count, size in ((1, 120, 10), (2, 30, 20), (3, 500, 3), (4, 40, 1)):
        drawn = one_factor(seed, count, size)
        own = ledoit_wolf_shrinkage(drawn)
        assert own == pytest.approx(of_scikit_learn(drawn), abs=1e-12)
        sample = np.cov(drawn, rowvar=False, bias=True).reshape(size, size)
        target = np.eye(size) * np.trace(sample) / size
        np.testing.assert_allclose((1 - own) * sample + own * target, LedoitWolf().fit(drawn).covariance_, atol=1e-15)


def test_it_is_shrunk_by_the_error_over_the_distance() -> None:
    """The error of a correlation is summed in loops here: how much one day more or less would move it, squared."""
    drawn = np.column_stack([one_factor(12, 100, 2, common=0.9), one_factor(13, 100, 2, common=0.1)])
    found, size = of(drawn), 4
    weights = 0.97 ** np.arange(99.0, -1, -1)
    weights /= weights.sum()
    standard = drawn / np.sqrt(weights @ drawn**2)
    mean = found.observed[~np.eye(size, dtype=bool)].mean()
    error = distance = 0.0
    for i in range(size):
        for j in set(range(size)) - {i}:
            r, x, y = found.observed[i, j], standard[:, i], standard[:, j]
            error += ((weights * (x * y - r * (x**2 + y**2) / 2)) ** 2).sum()
            distance += (r - mean) ** 2
    assert found.shrinkage == pytest.approx(min(1, error / distance))
    assert 0 < found.shrinkage < 1


@FEW
@given(SEEDS, SIZES, st.floats(0, 0.6))
def test_it_is_positive_semidefinite_whatever_the_gaps(seed: int, assets: int, share: float) -> None:
    """To rounding; correlations of gapped returns by themselves need not be."""
    found = covariance(panel(with_gaps(seed, 120, assets, share)))
    if found is not None:
        assert np.linalg.eigvalsh(found.correlations)[0] > -1e-12
        assert (np.abs(found.correlations) <= 1).all()
        assert np.isfinite(found.matrix).all()


def test_three_that_cannot_be_are_drawn_together_until_they_can() -> None:
    """Each pair was measured on steps of its own: one is alike with two that are against each other, or all are against
    each other, more or less.
    """
    for first, second, third in ((0.9, 0.9, -0.9), (-0.9, -0.7, 0.3), (-0.9, -0.9, -0.9)):
        impossible = np.array([[1, first, second], [first, 1, third], [second, third, 1]])
        assert np.linalg.eigvalsh(impossible)[0] < 0
        possible, shrinkage = shrunk(impossible, np.zeros((3, 3)))
        assert 0 < shrinkage <= 1
        assert np.linalg.eigvalsh(possible)[0] > -1e-12


@FEW
@given(SEEDS, SIZES, st.randoms(use_true_random=False))
def test_the_order_of_the_assets_means_nothing(seed: int, assets: int, draw: Random) -> None:
    """Columns that change places take their figures along."""
    drawn = with_gaps(seed, 120, assets, 0.1)
    order = list(range(assets))
    draw.shuffle(order)
    one, other = of(drawn), of(drawn[:, order])
    np.testing.assert_allclose(one.matrix[np.ix_(order, order)], other.matrix, rtol=1e-9, atol=1e-15)


def test_what_too_little_is_known_of_is_left_out() -> None:
    """The newest asset alone; and of two that were never priced at the same time, the one with fewer returns."""
    drawn = one_factor(seed=7, count=120, assets=3)
    drawn[: 121 - LEAST_RETURNS, 0] = np.nan
    assert of(drawn).assets == names(3)[1:]
    drawn = one_factor(seed=7, count=120, assets=3)
    drawn[:70, 0], drawn[70:, 1] = np.nan, np.nan
    assert of(drawn).assets == names(3)[1:]


def test_a_price_that_never_moves_has_no_correlation() -> None:
    """It is told apart, and carries no risk."""
    drawn = one_factor(seed=8, count=60, assets=3)
    drawn[:, 1] = 0.0
    found = of(drawn)
    assert (found.assets, found.still) == ((names(3)[0], names(3)[2]), (names(3)[1],))


def test_a_stablecoin_stays_one() -> None:
    """A hundredth of a percent a day beside three percent: it must not inherit the others' volatility."""
    drawn = one_factor(seed=9, count=60, assets=3)
    drawn[:, 0] /= 300
    found = of(drawn)
    assert found.volatilities[0] < found.volatilities[1] / 100


def test_one_asset_correlates_with_itself_and_none_with_nothing() -> None:
    """A matrix of one, and None."""
    alone = of(one_factor(seed=10, count=60, assets=1))
    assert (alone.correlations.tolist(), alone.shrinkage) == ([[1.0]], 0.0)
    assert covariance(panel(one_factor(seed=10, count=LEAST_RETURNS - 1, assets=2))) is None
    assert covariance(panel(np.zeros((60, 2)))) is None


def test_hours_are_annualised_as_days_are() -> None:
    """The same walk, seen every hour: a volatility of the same size, not of a 24th."""
    drawn = np.random.default_rng(11).standard_normal((24 * 60, 1)) * 0.02 / math.sqrt(24)
    found = covariance(panel(drawn, step=HOUR))
    assert found is not None
    assert found.volatilities[0] == pytest.approx(0.02 * math.sqrt(365), rel=0.1)
