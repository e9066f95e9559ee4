"""Correlations and volatilities of now: exponentially weighted, on the returns that two assets have in common, shrunk.

The correlation of a pair is measured on the steps at which both have a return, so that it lies within [-1, 1] whatever
gaps there are. Few returns make a noisy matrix, and gaps one that no assets can have. So it is drawn towards the one
in which all pairs correlate alike (Ledoit and Wolf, "Honey, I Shrunk the Sample Covariance Matrix", Journal of
Portfolio Management, 2004). That keeps each volatility, which a stablecoin beside a coin must keep, and the average
correlation. How far follows the "well-conditioned estimator" of the same authors (Journal of Multivariate Analysis 88,
2004): the sampling error over the distance to the target, at most all the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.decide.statistics.arrays import Flags, Floats, fixed, quotient
from engine.decide.statistics.ewma import (
    DAILY_DECAY,
    LEAST_RETURNS,
    MOST_REMEMBERED,
    decay_per_step,
    steps_per_year,
)
from engine.decide.statistics.panel import ReturnsPanel
from engine.model.ids import Asset


@dataclass(frozen=True, slots=True, eq=False)
class Covariance:
    """Of the assets that enough is known of, in the panel's order. Volatilities are annual, fractions of 1.

    Left out are assets with too few returns, alone or in common with the others, and those in `still`.
    """

    assets: tuple[Asset, ...]
    still: tuple[Asset, ...]
    """Enough is known of these, and their price did not move: no risk, and no correlation."""
    volatilities: Floats
    observed: Floats
    """Correlations as measured; with gaps not always positive semidefinite."""
    correlations: Floats
    """The same, shrunk: positive semidefinite."""
    shrinkage: float
    """How far they were shrunk: 0 not at all, 1 to one correlation for all pairs."""

    @property
    def matrix(self) -> Floats:
        """Annual covariances, from the shrunk correlations."""
        return self.correlations * np.outer(self.volatilities, self.volatilities)


@lru_cache(maxsize=MOST_REMEMBERED)
def covariance(panel: ReturnsPanel, daily_decay: float = DAILY_DECAY) -> Covariance | None:
    """Of now. None where enough is known of no asset that moves."""
    moves = np.nan_to_num(panel.returns)
    known = np.isfinite(panel.returns)
    common = known.T.astype(np.float64) @ known
    moving = (moves != 0).any(axis=0)
    enough = np.diag(common) >= LEAST_RETURNS
    kept = comparable(common, enough & moving, panel.assets)
    if not kept:
        return None
    moments = _Moments.of(moves[:, kept], known[:, kept], decay_per_step(panel.step, daily_decay))
    correlations, shrinkage = shrunk(moments.correlations, moments.sampling_errors)
    return Covariance(
        assets=tuple(panel.assets[number] for number in kept),
        still=tuple(asset for number, asset in enumerate(panel.assets) if enough[number] and not moving[number]),
        volatilities=fixed(np.sqrt(moments.variances * steps_per_year(panel.step))),
        observed=fixed(moments.correlations),
        correlations=fixed(correlations),
        shrinkage=shrinkage,
    )


def comparable(common: Floats, candidates: Flags, assets: tuple[Asset, ...]) -> list[int]:
    """The columns of which every two have enough returns in common: while any have not, the shortest is left out."""
    kept = [number for number in range(len(assets)) if candidates[number]]
    while kept and common[np.ix_(kept, kept)].min() < LEAST_RETURNS:
        short = [number for number in kept if common[number, kept].min() < LEAST_RETURNS]
        kept.remove(min(short, key=lambda number: (common[number, number], assets[number])))
    return kept


@dataclass(frozen=True, slots=True)
class _Moments:
    """Weighted second moments of returns, pair by pair on what both have."""

    variances: Floats
    """Per step, of each on all that it has."""
    correlations: Floats
    sampling_errors: Floats
    """The squared error of each correlation that is expected of so many returns."""

    @classmethod
    def of(cls, moves: Floats, known: Flags, decay: float) -> _Moments:
        """Unknown returns are 0 in `moves`. The newest row has the weight 1."""
        weights = (decay ** np.arange(len(moves) - 1, -1, -1, dtype=np.float64))[:, np.newaxis]
        present = known.astype(np.float64)
        products, own = moves.T @ (weights * moves), (weights * moves**2).T @ present
        scales = np.sqrt(own) * np.sqrt(own.T)
        correlations = np.clip(quotient(products, scales), -1.0, 1.0)
        np.fill_diagonal(correlations, 1.0)
        errors = quotient(
            _squared_errors(moves, present, weights, quotient(products, _weight(present, weights))), scales
        )
        return cls(np.diag(own) / np.diag(_weight(present, weights)), correlations, quotient(errors, scales))


def _weight(present: Floats, weights: Floats) -> Floats:
    """The whole weight of what each pair has in common."""
    return present.T @ (weights * present)


def _squared_errors(moves: Floats, present: Floats, weights: Floats, sample: Floats) -> Floats:
    """For each pair, the sum of (weight * (product of its moves - its sample moment))^2, multiplied out."""
    squares, twice = moves**2, weights**2
    mixed = moves.T @ (twice * moves)
    return np.maximum(
        squares.T @ (twice * squares) - 2 * sample * mixed + sample**2 * (present.T @ (twice * present)), 0.0
    )


def shrunk(correlations: Floats, sampling_errors: Floats) -> tuple[Floats, float]:
    """Drawn towards the average correlation, and how far: at least until no eigenvalue is below zero."""
    size = len(correlations)
    if size == 1:
        return correlations.copy(), 0.0
    mean = max((correlations.sum() - size) / (size * (size - 1)), -1 / (size - 1))
    target = np.full_like(correlations, mean)
    np.fill_diagonal(target, 1.0)
    intensity = max(
        shrinkage_intensity(correlations, target, sampling_errors),
        _least_for_no_negative_eigenvalue(correlations, min(1 - mean, 1 + (size - 1) * mean)),
    )
    return (1 - intensity) * correlations + intensity * target, intensity


def shrinkage_intensity(sample: Floats, target: Floats, sampling_errors: Floats) -> float:
    """The sampling error over the squared distance from sample to target, at most 1; 0 where they are the same."""
    distance = float(((sample - target) ** 2).sum())
    return min(1.0, float(sampling_errors.sum()) / distance) if distance > 0 else 0.0


def _least_for_no_negative_eigenvalue(sample: Floats, of_target: float) -> float:
    """By Weyl's inequality the smallest eigenvalue of a mixture is at least the mixture of the smallest ones."""
    smallest = float(np.linalg.eigvalsh(sample)[0])
    return -smallest / (of_target - smallest) if smallest < 0 else 0.0


def ledoit_wolf_shrinkage(returns: Floats) -> float:
    """The textbook case: complete returns, weighted alike, their mean taken off, towards a multiple of the identity.

    Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices" (2004), section 3.
    """
    count, size = returns.shape
    moves = returns - returns.mean(axis=0)
    sample = moves.T @ moves / count
    target = np.eye(size) * (np.trace(sample) / size)
    evenly = np.full((count, 1), 1 / count)
    return shrinkage_intensity(sample, target, _squared_errors(moves, np.ones_like(moves), evenly, sample))
