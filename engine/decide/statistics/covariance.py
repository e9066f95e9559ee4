"""Correlations and volatilities of now: exponentially weighted, on the returns that two assets have in common, shrunk.

The correlation of a pair is measured on the steps at which both have a return, so that it lies within [-1, 1] whatever
gaps there are. Few returns make a noisy matrix, and gaps one that no assets can have: `shrinkage` mends both.
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
from engine.decide.statistics.shrinkage import shrunk
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
        total = present.T @ (weights * present)
        own = quotient((weights * moves**2).T @ present, total)
        deviations = np.sqrt(own)
        correlations = np.clip(
            quotient(quotient(moves.T @ (weights * moves), total), deviations * deviations.T), -1.0, 1.0
        )
        np.fill_diagonal(correlations, 1.0)
        errors = _squared_errors(moves, present, weights, deviations, correlations)
        return cls(np.diag(own), correlations, quotient(errors, total**2))


def _squared_errors(
    moves: Floats, present: Floats, weights: Floats, deviations: Floats, correlations: Floats
) -> Floats:
    """The squared sampling error of each weighted correlation r, times the squared total weight; of any distribution.

    By the delta method it is the sum of weight^2 * (x y - r (x^2 + y^2) / 2)^2 over standardised returns x and y
    (Steiger and Hakstian, "The asymptotic distribution of elements of a correlation matrix", 1982), multiplied out.
    """
    squared, squares = weights**2, moves**2
    x, y = deviations, deviations.T
    both = quotient(squares.T @ (squared * squares), x**2 * y**2)
    mixed = quotient((squares * moves).T @ (squared * moves), x**3 * y)
    alone = quotient((squares * squares).T @ (squared * present), x**4)
    errors = both - correlations * (mixed + mixed.T) + correlations**2 / 4 * (alone + 2 * both + alone.T)
    return np.maximum(errors, 0.0)
