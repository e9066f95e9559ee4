"""A noisy matrix drawn towards a plain one, as far as its noise is part of its distance from it.

Correlations are drawn towards the one correlation that all pairs have on average: Schäfer and Strimmer, "A Shrinkage
Approach to Large-Scale Covariance Matrix Estimation" (2005), target F; the idea is that of Ledoit and Wolf, "Honey, I
Shrunk the Sample Covariance Matrix" (2004). It keeps the volatilities, of a stablecoin beside a coin for one, and the
average correlation; a multiple of the identity would keep neither.
"""

from __future__ import annotations

import numpy as np

from engine.decide.statistics.arrays import Floats


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
