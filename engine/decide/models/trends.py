"""Models of where prices come from: more of what has risen for its risk, or more of what is far below its average."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from engine.decide.models.view import ModelView, Said, figure
from engine.decide.statistics.ewma import volatilities
from engine.decide.statistics.panel import DAY, YEAR
from engine.decide.statistics.weights import momentum as growths
from engine.model.ids import Asset
from engine.model.money import ONE, ZERO
from engine.model.reasons import Reason, ReasonCode, reason

LEAST_DAYS_OF_RISK: Final = 60
MOST_DAYS_OF_AVERAGE: Final = 150
"""An average of 200 days is taken over as many as are known, and over so many at the least: exchanges tell of about
180 at once."""


def momentum(view: ModelView) -> Said:
    """A coin's static weight times `1 + tilt * score`; what it lacks or frees is the cash's.

    The score is the return over the lookback by the volatility over it, within [-1, 1]: time-series momentum, as
    Moskowitz, Ooi and Pedersen, "Time Series Momentum" (2012), scale it.
    """
    lookback = view.model.momentum.lookback
    lacking = view.lacking(max(lookback // DAY + 1, LEAST_DAYS_OF_RISK))
    if lacking or view.panel is None:
        return Said(None, lacking)
    growth, moves = growths(view.panel, lookback), volatilities(view.panel, float(view.model.decay))
    tilt, weights, reasons = view.model.momentum.tilt, dict(view.static), list[Reason]()
    for name, assets in sorted(view.coins.items()):
        if any(asset not in growth or not moves.get(asset) for asset in assets):
            return Said(None, (reason(ReasonCode.MODEL_NO_NUMBER, kind=view.model.kind.value),))
        usual = math.sqrt(lookback / YEAR)
        score = figure(_mean([_within_one(growth[a] / (moves[a] * usual)) for a in assets]))
        weights[name] = view.static[name] * (ONE + tilt * score)
        figures = {"growth": figure(_mean([growth[a] for a in assets])), "score": score}
        reasons.append(reason(ReasonCode.TREND, name=name, days=lookback // DAY, **figures))
    return Said(weights, tuple(reasons))


def accumulation(view: ModelView) -> Said:
    """A coin's static weight times `1 + tilt * min(below / depth, 1)`, paid by the cash.

    `below` is how far the last price is under the average of the last 200 days, or of those that are known.
    """
    settings = view.model.accumulation
    least = min(settings.average // DAY, MOST_DAYS_OF_AVERAGE)
    lacking = view.lacking(least)
    if lacking or view.panel is None:
        return Said(None, lacking)
    weights, reasons = dict(view.static), list[Reason]()
    for name, assets in sorted(view.coins.items()):
        below, days = _below(view, assets, settings.average // DAY)
        reach = min(below / settings.depth, ONE)
        weights[name] = view.static[name] * (ONE + settings.tilt * reach)
        reasons.append(reason(ReasonCode.BELOW_AVERAGE, name=name, below=below, days=days))
    return Said(weights, tuple(reasons))


def _below(view: ModelView, assets: Sequence[Asset], days: int) -> tuple[Decimal, int]:
    """How far assets are below their averages, as a mean; nothing of one above. With the fewest days averaged."""
    assert view.panel is not None, "what is known was asked for before"
    found, counts = [], []
    for asset in assets:
        logs = view.panel.log_prices[-days:, view.panel.assets.index(asset)].tolist()
        prices = [math.exp(each) for each in logs if math.isfinite(each)]
        found.append(max(figure(1 - prices[-1] / _mean(prices)), ZERO))
        counts.append(len(prices))
    return sum(found, ZERO) / len(found), min(counts)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _within_one(value: float) -> float:
    return max(-1.0, min(1.0, value))
