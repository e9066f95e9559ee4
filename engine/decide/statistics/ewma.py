"""Exponentially weighted volatility: today's, and what it has been.

The variance is the weighted mean of squared log returns, whose weights fall by the decay with every step of age, as in
J.P. Morgan's RiskMetrics Technical Document (4th edition, 1996, section 5.2): the mean return is taken as zero. The
weights are normalised over the returns that are known, so that neither a first value nor a gap has to be made up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Final

import numpy as np

from engine.decide.statistics.arrays import Floats, fixed, quotient
from engine.decide.statistics.panel import DAY, YEAR, ReturnsPanel
from engine.decide.statistics.time_series import TimeSeries, thinned
from engine.model.ids import Asset

DAILY_DECAY: Final = 0.97
"""The weight of a day beside the one after it: a half-life of 23 days. As good as a fitted GARCH for days ahead."""
LEAST_RETURNS: Final = 30
"""Of fewer returns no volatility and no correlation is told; of so many, three fifths of the full weight are there."""
MOST_REMEMBERED: Final = 4
_SMALLEST_POWER: Final = 1e-4


def decay_per_step(step: timedelta, daily_decay: float = DAILY_DECAY) -> float:
    """The decay of one step, where so much is left of a weight after a day. Raises ValueError if not within (0, 1)."""
    if not 0 < daily_decay < 1:
        raise ValueError(f"daily_decay: expected a fraction between 0 and 1, got {daily_decay}")
    return float(daily_decay ** (step / DAY))


def steps_per_year(step: timedelta) -> float:
    """Markets are open on 365 days of it."""
    return YEAR / step


def decayed_sums(values: Floats, decay: float) -> Floats:
    """y[t] = decay * y[t - 1] + values[t] down each column, without a loop over rows.

    Within a block, y[t] = decay^t * (y before it + sum of values[s] / decay^s); blocks are short enough for the powers.
    """
    sums = np.empty_like(values)
    length = max(1, int(math.log(_SMALLEST_POWER) / math.log(decay)))
    powers = (decay ** np.arange(1, length + 1))[:, np.newaxis]
    before = np.zeros(values.shape[1])
    for start in range(0, len(values), length):
        block = values[start : start + length]
        falling = powers[: len(block)]
        sums[start : start + length] = falling * (before + np.cumsum(block / falling, axis=0))
        before = sums[start + len(block) - 1]
    return sums


def ewma_variances(returns: Floats, decay: float) -> Floats:
    """The variance per step after each row, of each column; NaN before `LEAST_RETURNS` of its returns are known."""
    known = np.isfinite(returns)
    squares = np.where(known, returns, 0.0) ** 2
    variances = quotient(decayed_sums(squares, decay), decayed_sums(known.astype(np.float64), decay))
    variances[np.cumsum(known, axis=0) < LEAST_RETURNS] = np.nan
    return variances


@lru_cache(maxsize=MOST_REMEMBERED)
def ewma_volatilities(panel: ReturnsPanel, daily_decay: float = DAILY_DECAY) -> Floats:
    """The annual volatility of every asset after each row of returns; NaN where it is not known yet."""
    decay = decay_per_step(panel.step, daily_decay)
    return fixed(np.sqrt(ewma_variances(panel.returns, decay) * steps_per_year(panel.step)))


def volatilities(panel: ReturnsPanel, daily_decay: float = DAILY_DECAY) -> dict[Asset, float]:
    """Today's annual volatility of each asset that enough is known of."""
    if not len(panel.returns):
        return {}
    latest = ewma_volatilities(panel, daily_decay)[-1]
    return {asset: float(value) for asset, value in zip(panel.assets, latest, strict=True) if math.isfinite(value)}


@lru_cache(maxsize=MOST_REMEMBERED)
def volatility_history(panel: ReturnsPanel, daily_decay: float = DAILY_DECAY) -> Mapping[Asset, TimeSeries]:
    """The annual volatility of each asset that enough is known of, as it has been: one value a day."""
    every = ewma_volatilities(panel, daily_decay)
    found = {asset: thinned(panel, every[:, number]) for number, asset in enumerate(panel.assets)}
    return {asset: series for asset, series in found.items() if series is not None}


def basket_volatility_history(
    panel: ReturnsPanel, weights: Mapping[Asset, float], daily_decay: float = DAILY_DECAY
) -> TimeSeries | None:
    """The annual volatility of a basket that always has these weights, as it has been: one value a day.

    A step's return is that of the assets whose return is known, by their weights among each other.
    """
    shares = np.array([weights.get(asset, 0.0) for asset in panel.assets])
    known = np.isfinite(panel.returns)
    present = known.astype(np.float64) @ shares
    growth = quotient(np.where(known, np.exp(panel.returns), 0.0) @ shares, present)
    log_returns = np.log(growth, out=np.full_like(growth, np.nan), where=growth > 0)
    variances = ewma_variances(log_returns[:, np.newaxis], decay_per_step(panel.step, daily_decay))
    return thinned(panel, np.sqrt(variances[:, 0] * steps_per_year(panel.step)))
