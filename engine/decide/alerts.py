"""Drift alerts: told once at 80 % and once at 100 % of the band, and once more when it is over."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from engine.model.decision import AlertChange, AlertLevel, Drift, DriftAlert

NEAR: Final = Decimal("0.8")
REACHED: Final = Decimal(1)
RESOLVED_UNDER: Final = Decimal("0.75")
"""A little under the first level, so that a drift which trembles at 80 % is told of once."""


def alert_changes(drifts: tuple[Drift, ...], standing: tuple[DriftAlert, ...]) -> tuple[AlertChange, ...]:
    """What changes against the alerts that stand, in the order of names."""
    levels = {alert.name: alert.level for alert in standing}
    changes = []
    for drift in drifts:
        change = _change(drift, levels.get(drift.name))
        if change:
            changes.append(change)
    gone = sorted(set(levels) - {drift.name for drift in drifts})
    return (*changes, *(AlertChange(name, None) for name in gone))


def _change(drift: Drift, standing: AlertLevel | None) -> AlertChange | None:
    use = drift.band_use
    if use is None or use >= REACHED:
        return None if standing is AlertLevel.REACHED else AlertChange(drift.name, AlertLevel.REACHED)
    if use >= NEAR:
        return AlertChange(drift.name, AlertLevel.NEAR) if standing is None else None
    if standing is not None and use < RESOLVED_UNDER:
        return AlertChange(drift.name, None)
    return None
