"""How wide an adaptive band is now: scaled by how much the assets' returns differ, against how much they mostly do.

Volatility is the exponentially weighted cross-sectional dispersion of log returns, with a half-life of three days. Its
ratio to its own running median, to the power 2/3, is the factor: bands widen when everything moves apart, so that a
wild week does not trade all day, and narrow when little moves. Nothing later than the decision is looked at.

These are statistics, and floats; what comes out is a factor to four decimals.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median, pvariance
from typing import Final

from engine.model.decision import PriceSeries
from engine.model.ids import Asset

HALF_LIFE: Final = timedelta(days=3)
EXPONENT: Final = 2 / 3
LEAST: Final = Decimal("0.25")
MOST: Final = Decimal(4)
STEP: Final = Decimal("0.0001")
LEAST_POINTS: Final = 14
"""Of fewer points nothing is known about what is usual."""
LEAST_ASSETS: Final = 2


@dataclass(frozen=True, slots=True)
class BandScale:
    """By which factor bands are scaled, and the two volatilities per day that it comes from."""

    factor: Decimal
    volatility: Decimal
    usual: Decimal


def band_scale(history: Sequence[PriceSeries], assets: frozenset[Asset], now: datetime) -> BandScale | None:
    """The factor at an instant; None where too little is known for one."""
    volatilities = list(_volatilities(_dispersions(history, assets, now)))
    if len(volatilities) < LEAST_POINTS:
        return None
    current, usual = volatilities[-1], median(volatilities)
    if usual <= 0:
        return None
    factor = min(max(_exact((current / usual) ** EXPONENT), LEAST), MOST)
    return BandScale(factor, _exact(current), _exact(usual))


def _volatilities(dispersions: Iterable[tuple[timedelta, float]]) -> Iterator[float]:
    """The weighted mean of the dispersion a day, at each point; the root of it."""
    mean: float | None = None
    for elapsed, variance in dispersions:
        days = elapsed / timedelta(days=1)
        kept = 0.5 ** (elapsed / HALF_LIFE)
        rate = variance / days
        mean = rate if mean is None else kept * mean + (1 - kept) * rate
        yield math.sqrt(mean)


def _dispersions(
    history: Sequence[PriceSeries], assets: frozenset[Asset], now: datetime
) -> Iterator[tuple[timedelta, float]]:
    """From each point to the next: how long it took, and the variance of the assets' log returns between them."""
    closes = {s.asset: {at: float(price) for at, price in s.closes if at <= now} for s in history if s.asset in assets}
    instants = sorted({at for series in closes.values() for at in series})
    for before, after in pairwise(instants):
        returns = [math.log(own[after] / own[before]) for own in closes.values() if before in own and after in own]
        if len(returns) >= LEAST_ASSETS:
            yield after - before, pvariance(returns)


def _exact(value: float) -> Decimal:
    return Decimal.from_float(value).quantize(STEP)
