"""Prices that are made with few words, and returns that are drawn by seed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from engine.decide.statistics.panel import DAY, ReturnsPanel, returns_panel
from engine.model.decision import PriceSeries
from engine.model.ids import Asset
from engine.model.money import Price
from tests.builders import T0

Returns = NDArray[np.float64]


def names(count: int) -> tuple[Asset, ...]:
    """A00, A01 ... in the order of their names."""
    return tuple(Asset(f"A{number:02d}") for number in range(count))


def series(asset: Asset, moves: Sequence[float], end: datetime = T0, step: timedelta = DAY) -> PriceSeries:
    """A price of 100 that moves by these log returns, the last of them up to `end`. NaN begins or interrupts it."""
    closes, level = [], np.log(100.0)
    for number, move in enumerate((0.0, *moves)):
        if np.isfinite(move):
            level += move
            price = Decimal.from_float(float(np.exp(level))).quantize(Decimal("1e-15"))
            closes.append((end - (len(moves) - number) * step, Price(price)))
    return PriceSeries(asset, tuple(closes))


def history(returns: Returns, end: datetime = T0, step: timedelta = DAY) -> tuple[PriceSeries, ...]:
    """A series for each column."""
    return tuple(
        series(asset, returns[:, number].tolist(), end, step) for number, asset in enumerate(names(returns.shape[1]))
    )


def panel(returns: Returns, step: timedelta = DAY) -> ReturnsPanel:
    """What is known of them when the last one is over."""
    found = returns_panel(history(returns, step=step), names(returns.shape[1]), T0, step)
    assert found is not None
    return found


def one_factor(seed: int, count: int, assets: int, common: float = 0.7) -> Returns:
    """Daily log returns with fat tails, of which this share of the variance is common to all."""
    draw = np.random.default_rng(seed)
    market, own = draw.standard_t(5, (count, 1)), draw.standard_t(5, (count, assets))
    scales = 0.02 + 0.02 * draw.random(assets)
    moves: Returns = scales * (np.sqrt(common) * market + np.sqrt(1 - common) * own)
    return moves
