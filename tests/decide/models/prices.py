"""Past prices, views and portfolios that models of targets are tried on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from engine.model.decision import DecisionInputs, PriceSeries, Standing
from engine.model.ids import Asset
from engine.model.policy import Policy
from engine.model.target_models import TargetModel
from tests import builders as b
from tests.builders import T0, Market
from tests.decide.statistics.prices import series

DAY = timedelta(days=1)
TARGETS = {"BTC": "0.5", "ETH": "0.3", "USDT": "0.2"}
SEEN = b.snapshot(
    b.venue(
        "alpha",
        {"BTC": "5", "ETH": "30", "USDT": "200"},
        Market("BTC/USDT", "100"),
        Market("ETH/USDT", "10"),
    )
)
"""Exactly at the targets: 1,000 in all."""


def shaken(days: int, scale: float, seed: int = 1, drift: float = 0.0) -> list[float]:
    """Daily log returns of a size."""
    moves: list[float] = (np.random.default_rng(seed).standard_normal(days) * scale + drift).tolist()
    return moves


def past(end: datetime = T0, **moves: Sequence[float]) -> tuple[PriceSeries, ...]:
    """A series of daily closes for each asset, the last of them at `end`."""
    return tuple(series(Asset(name), each, end) for name, each in sorted(moves.items()))


def calm_then_wild(wild: int = 30, calm: int = 150) -> tuple[PriceSeries, ...]:
    """Both coins move by 1 % a day, and in the last days by 6 %."""
    return past(
        BTC=[*shaken(calm, 0.01, 1), *shaken(wild, 0.06, 2)], ETH=[*shaken(calm, 0.01, 3), *shaken(wild, 0.06, 4)]
    )


def wild_then_calm(calm: int = 60, wild: int = 120) -> tuple[PriceSeries, ...]:
    """The other way round."""
    return past(
        BTC=[*shaken(wild, 0.06, 1), *shaken(calm, 0.01, 2)], ETH=[*shaken(wild, 0.06, 3), *shaken(calm, 0.01, 4)]
    )


def policy(model: TargetModel, targets: Mapping[str, str] = TARGETS, **more: Any) -> Policy:
    return replace(b.policy(dict(targets), **more), model=model)


def inputs(
    model: TargetModel, history: tuple[PriceSeries, ...], standing: Standing | None = None, **more: Any
) -> DecisionInputs:
    """What is decided on: a portfolio at its targets, with a past. `more`: targets, now, trigger."""
    now, targets = more.pop("now", T0), more.pop("targets", TARGETS)
    signal = more.pop("signal", None)
    made = b.inputs(SEEN, policy(model, targets, **more), standing, now=now)
    return replace(made, history=history, signal=signal)


def weights(**given: str) -> dict[str, Decimal]:
    """Weights by name."""
    return {name: Decimal(weight) for name, weight in given.items()}
