"""Weights and exposures that follow from past prices alone. Weights are fractions of 1 and none is below zero."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import numpy as np

from engine.decide.statistics.arrays import Floats
from engine.decide.statistics.covariance import Covariance
from engine.decide.statistics.panel import ReturnsPanel
from engine.model.ids import Asset

TOLERANCE: Final = 1e-10
"""By how much an asset's share of the whole risk may miss the one that it shall have."""
MOST_ROUNDS: Final = 200
_FARTHEST: Final = 1e6
"""A portfolio this many times steadier than its assets has no risk to share."""
_NEAR: Final = 0.25
"""From a Newton decrement below this on, whole steps converge quadratically."""
_ENOUGH: Final = 0.25
"""Of the fall that the slope promises (Armijo's rule)."""


def risk_parity(found: Covariance, budgets: Mapping[Asset, float] | None = None) -> dict[Asset, float] | None:
    """Weights at which every asset brings the same share of the portfolio's variance, or the shares that are given.

    Maillard, Roncalli and Teiletche, "The properties of equally weighted risk contributions portfolios" (2010). Raises
    ValueError where a budget is missing or not above zero; None where no such weights are found.
    """
    wanted = np.array([1.0 if budgets is None else budgets.get(asset, 0.0) for asset in found.assets])
    if not (np.isfinite(wanted) & (wanted > 0)).all():
        raise ValueError("budgets: expected a share above zero for every asset")
    scaled = _equal_risk(found.correlations, wanted / wanted.min())
    if scaled is None:
        return None
    weights = scaled / found.volatilities
    return _by_asset(found.assets, weights / weights.sum())


def _equal_risk(correlations: Floats, budgets: Floats) -> Floats | None:
    """The x > 0 that makes x * (C x) the budgets: the least of x' C x / 2 - sum of budget * log(x), by Newton steps.

    Spinu, "An algorithm for computing risk parity weights" (2013). The function is convex, and self-concordant with
    budgets of at least 1: a step whose decrement is small is taken whole, and any other is halved until the function
    falls by enough of what it promised. None where the assets can hedge each other's risk away: there is no least.
    """
    x = np.sqrt(budgets)
    for _ in range(MOST_ROUNDS):
        marginal = correlations @ x
        if np.abs(x * marginal - budgets).max() <= TOLERANCE * budgets.sum():
            return x
        if x.max() > _FARTHEST * math.sqrt(budgets.sum()):
            return None
        gradient = marginal - budgets / x
        step: Floats = np.linalg.solve(correlations + np.diag(budgets / x**2), -gradient).astype(np.float64)
        slope = float(gradient @ step)
        x = x + (1.0 if slope > -(_NEAR**2) else _length(correlations, budgets, x, step)) * step
    return None


def _length(correlations: Floats, budgets: Floats, x: Floats, step: Floats) -> float:
    """Of a Newton step: the first of 1, 1/2, 1/4 ... that keeps x above zero and brings the function down enough.

    The fall is reckoned from the change alone: of the function's two values too few digits would be left.
    """
    curved, marginal = float(step @ correlations @ step), float(correlations @ x @ step)
    slope = marginal - float((budgets / x) @ step)
    length = 1.0
    while True:
        relative = length * step / x
        if relative.min() > -1:
            change = length * marginal + length**2 * curved / 2 - float(budgets @ np.log1p(relative))
            if change <= _ENOUGH * length * slope:
                return length
        length /= 2


def target_exposure(realised: float | None, target: float) -> float | None:
    """The share that is held in risk so that volatility is the target: never more than 1, nothing is borrowed.

    Moreira and Muir, "Volatility-Managed Portfolios" (2017), without their leverage. Raises ValueError where the target
    is not above zero; None where the realised volatility is not known.
    """
    if target <= 0:
        raise ValueError(f"target: expected a volatility above zero, got {target}")
    if realised is None:
        return None
    return 1.0 if realised <= target else target / realised


def momentum(panel: ReturnsPanel, lookback: timedelta, *, skip_last: bool = False) -> dict[Asset, float]:
    """The total return of each asset over the last steps, as a fraction: 0.1 is a rise by a tenth.

    With `skip_last` the newest step is left out and the steps before it are looked at, since what has just jumped tends
    to fall back (Jegadeesh and Titman, 1993). An asset without a price at either end is left out. Raises ValueError
    where the lookback is shorter than a step.
    """
    steps = lookback // panel.step
    if steps < 1:
        raise ValueError(f"lookback: expected at least one step of {panel.step}, got {lookback}")
    end = len(panel.log_prices) - 1 - int(skip_last)
    if end < steps:
        return {}
    growth = np.expm1(panel.log_prices[end] - panel.log_prices[end - steps])
    return {asset: float(value) for asset, value in zip(panel.assets, growth, strict=True) if math.isfinite(value)}


def _by_asset(assets: tuple[Asset, ...], weights: Floats) -> dict[Asset, float]:
    return {asset: float(weight) for asset, weight in zip(assets, weights, strict=True)}
