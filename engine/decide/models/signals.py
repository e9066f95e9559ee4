"""A number from outside, mapped to a tilt of all coins: the growth of a stablecoin's supply, say, or what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.decide.models.view import FIGURE, ModelView, Said
from engine.model.money import ONE, ZERO, ratio
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.target_models import SignalMeasure, Signals

A_DAY: Final = timedelta(days=1)
LEAST_TOLERANCE: Final = timedelta(hours=30)
"""Readings are kept a day apart; the one that growth is measured from may miss its instant by so much, or by a fifth
of the period."""


def signals(view: ModelView) -> Said:
    """Every coin's static weight times `1 + tilt * t`, where t goes from -1 at `low` to 1 at `high` of the measure."""
    if not view.coins:
        return Said(None, (reason(ReasonCode.MODEL_NO_COINS),))
    if view.cash is None:
        return Said(None, (reason(ReasonCode.MODEL_NO_CASH),))
    measure, why = _measured(view)
    if measure is None:
        return Said(None, (why,))
    settings = view.model.signals
    position = min(max(_position(measure, settings), -ONE), ONE).quantize(FIGURE)
    factor = ONE + settings.tilt * position
    weights = {name: weight * factor if name in view.coins else weight for name, weight in view.static.items()}
    tilted = Reason(why.code, tuple(sorted((*why.operands, *reason(why.code, tilt=factor - ONE).operands))))
    return Said(weights, (tilted,))


def _position(measure: Decimal, settings: Signals) -> Decimal:
    return ratio(measure - settings.low, settings.high - settings.low) * 2 - ONE


def _measured(view: ModelView) -> tuple[Decimal | None, Reason]:
    """What of the signal counts, with its figures; or why there is none."""
    settings = view.model.signals
    if settings.value is not None:
        return settings.value, reason(ReasonCode.SIGNAL_LEVEL, value=settings.value)
    if view.problem or not view.readings or view.now - view.readings[-1][0] > A_DAY:
        return None, reason(ReasonCode.SIGNAL_UNREAD, problem=view.problem or "nothing was read yet")
    latest = view.readings[-1][1]
    if settings.measure is SignalMeasure.LEVEL:
        return latest, reason(ReasonCode.SIGNAL_LEVEL, value=latest)
    return _growth(view.readings, settings.period)


def _growth(readings: Sequence[tuple[datetime, Decimal]], period: timedelta) -> tuple[Decimal | None, Reason]:
    """By which fraction the last reading is more than the one nearest to a period before it."""
    at, latest = readings[-1]
    days = period // A_DAY
    tolerance = max(period / 5, LEAST_TOLERANCE)
    near = [(abs(at - when - period), value) for when, value in readings[:-1] if abs(at - when - period) <= tolerance]
    before = min(near, key=lambda each: each[0])[1] if near else None
    if before is None or before <= ZERO:
        known = (at - readings[0][0]) // A_DAY
        return None, reason(ReasonCode.SIGNAL_SHORT, days=known, least=days)
    growth = ratio(latest - before, before).quantize(FIGURE)
    return growth, reason(ReasonCode.SIGNAL_GROWTH, growth=growth, days=days)
