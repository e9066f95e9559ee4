"""How much the assets of a portfolio are one bet: today, and as it has been.

The effective number of bets is the exponential of the entropy of the eigenvalues' shares of the correlation matrix: as
many as there are assets where nothing correlates, 1 where everything moves as one. It is the effective rank of Roy and
Vetterli, "The effective rank: a measure of effective dimensionality" (2007); Meucci, "Managing diversification" (2009),
takes the same entropy of a portfolio's principal components. Weights play no part in it here. It and the average
correlation are of correlations as measured, not shrunk, today as before, so that both can be told by their own past.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.decide.statistics.arrays import Floats, quotient
from engine.decide.statistics.covariance import Covariance, covariance
from engine.decide.statistics.ewma import DAILY_DECAY, LEAST_RETURNS, MOST_REMEMBERED, decay_per_step
from engine.decide.statistics.panel import ReturnsPanel
from engine.decide.statistics.time_series import TimeSeries, at_rows
from engine.model.ids import Asset


@dataclass(frozen=True, slots=True)
class Pair:
    """Two assets, the first by name first, and how they correlate."""

    first: Asset
    second: Asset
    correlation: float


@dataclass(frozen=True, slots=True, eq=False)
class DiversificationHistory:
    """One value a day, since enough is known of all assets that today's figure is made of."""

    average_correlation: TimeSeries
    effective_bets: TimeSeries


def average_correlation(found: Covariance) -> float | None:
    """The mean over all pairs; None of fewer than two assets."""
    return float(_averages(found.observed)) if len(found.assets) > 1 else None


def pairs_by_correlation(found: Covariance) -> tuple[Pair, ...]:
    """Every pair, the most correlated first, equals by name."""
    pairs = [
        Pair(min(one, other), max(one, other), float(found.observed[i, j]))
        for i, one in enumerate(found.assets)
        for j, other in enumerate(found.assets[:i])
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.correlation, pair.first, pair.second)))


def effective_bets(found: Covariance) -> float:
    """Between 1 and the number of assets."""
    return float(_effective_ranks(found.observed))


def portfolio_volatility(found: Covariance, weights: Mapping[Asset, float] | None = None) -> float | None:
    """Annual, as a fraction of 1; equal weights where none are given.

    What the weights do not name is free of risk, as cash is. None where nothing is known of an asset with a weight.
    """
    shares = _shares(found, weights)
    return None if shares is None else math.sqrt(max(float(shares @ found.matrix @ shares), 0.0))


def diversification_ratio(found: Covariance, weights: Mapping[Asset, float] | None = None) -> float | None:
    """The weighted mean of the volatilities over the volatility of the whole (Choueifaty and Coignard, 2008).

    None where that is zero or not known.
    """
    shares, whole = _shares(found, weights), portfolio_volatility(found, weights)
    return float(shares @ found.volatilities) / whole if shares is not None and whole else None


def portfolio_bets(found: Covariance, weights: Mapping[Asset, float] | None = None) -> float | None:
    """As how many independent bets of equal risk a portfolio is spread: the squared diversification ratio.

    Choueifaty, Froidure and Reynier, "Properties of the most diversified portfolio" (2013). One asset is one bet, and n
    of equal risk are n where nothing correlates, 1 where everything moves as one. The entropy of principal components
    would make more bets of one of two correlated assets than of both. None where the ratio is.
    """
    ratio = diversification_ratio(found, weights)
    return None if ratio is None else ratio**2


@lru_cache(maxsize=MOST_REMEMBERED)
def diversification_history(panel: ReturnsPanel, daily_decay: float = DAILY_DECAY) -> DiversificationHistory | None:
    """Both figures as they have been, of the assets that today's covariance is of; None of fewer than two of them."""
    found = covariance(panel, daily_decay)
    if found is None or len(found.assets) < 2:
        return None
    rows = panel.day_ends()
    correlations = _correlations_at(panel, found.assets, daily_decay)
    known = np.isfinite(correlations).all(axis=(1, 2))
    averages, ranks = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    averages[known], ranks[known] = _averages(correlations[known]), _effective_ranks(correlations[known])
    average, bets = at_rows(panel, rows, averages), at_rows(panel, rows, ranks)
    return DiversificationHistory(average, bets) if average and bets else None


def _correlations_at(panel: ReturnsPanel, assets: tuple[Asset, ...], daily_decay: float) -> Floats:
    """The correlations after each end of a day: the sums of a day's products are added to the decayed ones before it.

    A matrix for each; NaN until every pair has enough returns in common.
    """
    returns = panel.returns[:, [panel.assets.index(asset) for asset in assets]]
    known = np.isfinite(returns)
    moves, present = np.where(known, returns, 0.0), known.astype(np.float64)
    decay, rows = decay_per_step(panel.step, daily_decay), panel.day_ends()
    matrices = np.full((len(rows), len(assets), len(assets)), np.nan)
    products, own, common = np.zeros((3, len(assets), len(assets)))
    begun = 0
    for number, row in enumerate(rows):
        day = slice(begun, row + 1)
        weights = (decay ** np.arange(row - begun, -1, -1, dtype=np.float64))[:, np.newaxis]
        faded = decay ** (row + 1 - begun)
        products = faded * products + moves[day].T @ (weights * moves[day])
        own = faded * own + (weights * moves[day] ** 2).T @ present[day]
        common = common + present[day].T @ present[day]
        begun = row + 1
        if common.min() >= LEAST_RETURNS:
            matrices[number] = _correlations(products, own)
    return matrices


def _correlations(products: Floats, own: Floats) -> Floats:
    found = np.clip(quotient(products, np.sqrt(own) * np.sqrt(own.T)), -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def _averages(correlations: Floats) -> Floats:
    """Of one matrix or of many: the mean of what is off the diagonal."""
    size = correlations.shape[-1]
    off_diagonal: Floats = (correlations.sum(axis=(-2, -1)) - size) / (size * (size - 1))
    return np.clip(off_diagonal, -1.0, 1.0)


def _effective_ranks(correlations: Floats) -> Floats:
    """Of one matrix or of many. An eigenvalue below zero, which gaps can make, counts as none."""
    eigenvalues = np.maximum(np.linalg.eigvalsh(correlations), 0.0)
    shares = eigenvalues / eigenvalues.sum(axis=-1, keepdims=True)
    entropies = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=-1)
    ranks: Floats = np.clip(np.exp(entropies), 1.0, float(correlations.shape[-1]))
    return ranks


def _shares(found: Covariance, weights: Mapping[Asset, float] | None) -> Floats | None:
    """Weights in the order of the covariance; None where one is of an asset that is not known."""
    if weights is None:
        return np.full(len(found.assets), 1 / len(found.assets))
    if any(weight != 0 and asset not in (*found.assets, *found.still) for asset, weight in weights.items()):
        return None
    return np.array([weights.get(asset, 0.0) for asset in found.assets])
