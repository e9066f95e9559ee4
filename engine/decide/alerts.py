"""Drift alerts: told once at 80 % and once at 100 % of the band, and once more when it is over. Pure.

A drift that trembles so widely that it is over and raised again and again is told of with a back-off: what is raised
within it is folded, so that the state is right, and told when it is over and still so. That the limit was reached is
told within it too, once.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from engine.model.decision import AlertChange, AlertLevel, Drift, DriftAlert

NEAR: Final = Decimal("0.8")
REACHED: Final = Decimal(1)
RESOLVED_UNDER: Final = Decimal("0.75")
"""A little under the first level, so that a drift which trembles at 80 % is told of once."""


def alert_changes(
    drifts: tuple[Drift, ...], standing: tuple[DriftAlert, ...], now: datetime
) -> tuple[AlertChange, ...]:
    """What changes against the alerts that stand, in the order of names, and which of it people are told."""
    known = {alert.name: alert for alert in standing}
    changes = []
    for drift in drifts:
        change = _change(drift, known.get(drift.name, DriftAlert(drift.name, None)), now)
        if change:
            changes.append(change)
    gone = sorted(set(known) - {drift.name for drift in drifts})
    return (*changes, *(_over(known[name]) for name in gone if known[name].level is not None))


def _change(drift: Drift, alert: DriftAlert, now: datetime) -> AlertChange | None:
    level = _level(drift.band_use, alert.level)
    if level is None:
        return _over(alert) if alert.level is not None else None
    tells = alert.may_tell(level, now)
    is_news = level is not alert.level or (alert.untold and tells)
    return AlertChange(drift.name, level, told=tells) if is_news else None


def _over(alert: DriftAlert) -> AlertChange:
    """Who has not heard of it need not hear that it is over."""
    return AlertChange(alert.name, None, told=not alert.untold)


def _level(use: Decimal | None, before: AlertLevel | None) -> AlertLevel | None:
    """The level of a drift that uses up so much of its band, None for one beyond any; a level is left at 75 % alone."""
    if use is None or use >= REACHED:
        return AlertLevel.REACHED
    if before is None:
        return AlertLevel.NEAR if use >= NEAR else None
    return before if use >= RESOLVED_UNDER else None
