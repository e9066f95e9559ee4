"""Models of how much the coins move: less of them while it is much by its own past, or more than an aim allows."""

from __future__ import annotations

import math
from typing import Final

from engine.decide.models.view import ModelView, Said, figure
from engine.decide.statistics.ewma import LEAST_RETURNS, basket_volatility_history
from engine.decide.statistics.regimes import Regime, RegimePath, RegimeRule, regimes
from engine.decide.statistics.time_series import LEAST_VALUES
from engine.decide.statistics.weights import target_exposure
from engine.model.money import ONE
from engine.model.reasons import Reason, ReasonCode, reason

LEAST_DAYS_OF_REGIME: Final = LEAST_RETURNS + LEAST_VALUES
"""A month until there is a volatility at all, and a quarter of those to tell what is high."""
LEAST_DAYS: Final = 60
"""Of returns, so that a volatility is more than the noise of a few days."""


def volatility_regime(view: ModelView) -> Said:
    """`shift` of every coin into the cash from when the volatility is high until it is usual again.

    The volatility is that of the coins at their static proportions (EWMA); high and usual by quantiles of its own last
    365 days, as far as these are known. Where all that is known lies between both, it stays what it was.
    """
    lacking = _lacking(view, LEAST_DAYS_OF_REGIME)
    if lacking or view.panel is None:
        return Said(None, lacking)
    rule = RegimeRule(float(view.model.regime.enter), float(view.model.regime.leave))
    series = basket_volatility_history(view.panel, view.shares, float(view.model.decay))
    path = regimes(series, rule) if series is not None else None
    if path is None:
        return Said(None, (reason(ReasonCode.MODEL_NO_NUMBER, kind=view.model.kind.value),))
    is_high = _is_high(view, path)
    keeps = ONE - view.model.regime.shift if is_high else ONE
    weights = {name: weight * keeps if name in view.coins else weight for name, weight in view.static.items()}
    return Said(weights, (_regime_reason(view, path, is_high),))


def _is_high(view: ModelView, path: RegimePath) -> bool:
    undecided = all(day.leave_below <= day.value <= day.enter_above for day in path.days)
    if undecided:
        return any(view.present[name] < view.static[name] for name in view.coins)
    return path.today.regime is Regime.HIGH


def _regime_reason(view: ModelView, path: RegimePath, is_high: bool) -> Reason:
    today = path.today
    figures = {
        "volatility": figure(today.value),
        "enter": figure(today.enter_above),
        "leave": figure(today.leave_below),
    }
    if is_high:
        return reason(ReasonCode.VOLATILITY_HIGH, since=path.since, share=view.model.regime.shift, **figures)
    return reason(ReasonCode.VOLATILITY_USUAL, since=path.since, **figures)


def volatility_target(view: ModelView) -> Said:
    """Every coin scaled alike, so that the portfolio's volatility at these weights is the aim; never above static.

    Moreira and Muir, "Volatility-Managed Portfolios" (2017), without leverage.
    """
    lacking = _lacking(view, LEAST_DAYS)
    if lacking or view.panel is None:
        return Said(None, lacking)
    series = basket_volatility_history(view.panel, view.shares, float(view.model.decay))
    if series is None or not math.isfinite(series.last):
        return Said(None, (reason(ReasonCode.MODEL_NO_NUMBER, kind=view.model.kind.value),))
    aim = view.model.volatility_target.volatility
    whole = series.last * math.fsum(view.shares.values())
    kept = figure(target_exposure(whole, float(aim)) or 0.0)
    weights = {name: weight * kept if name in view.coins else weight for name, weight in view.static.items()}
    if kept == ONE:
        return Said(weights, (reason(ReasonCode.VOLATILITY_UNDER_AIM, volatility=figure(whole), aim=aim),))
    return Said(weights, (reason(ReasonCode.VOLATILITY_OVER_AIM, volatility=figure(whole), aim=aim, share=kept),))


def _lacking(view: ModelView, least: int) -> tuple[Reason, ...]:
    lacking = view.lacking(least)
    return lacking or (() if view.cash else (reason(ReasonCode.MODEL_NO_CASH),))
