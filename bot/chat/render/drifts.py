"""Drifts in words: in points and relative to the target, how much of its band is used, and what its limit is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from bot.chat.render import figures
from bot.chat.render.names import name
from engine.model.decision import Decision, Drift
from engine.model.money import ZERO, exact
from engine.model.reasons import ReasonCode

ROUNDING: Final = Decimal("1e-12")


def both_ways(drift: Drift) -> str:
    """A drift in points and relative to its target, as HTML."""
    relative = figures.of_target(drift.relative)
    return (
        f"{name(drift.name)} {figures.percent(drift.weight)} against {figures.percent(drift.target)}: "
        f"{figures.points(drift.absolute)}, {relative}"
    )


def limit(drift: Drift) -> str:
    """Its threshold in the unit that it is compared in."""
    if _in_points(drift):
        return figures.threshold_points(drift.threshold)
    return f"{figures.percent(drift.threshold)} of target"


def limit_cell(drift: Drift) -> str:
    """The same for a table."""
    digits = figures.percent_digits(drift.threshold)
    return f"{digits} pts" if _in_points(drift) else f"{digits} %"


@exact
def _in_points(drift: Drift) -> bool:
    """What it is compared in follows from how much of the threshold is used."""
    return drift.band_use is not None and abs(abs(drift.absolute) - drift.band_use * drift.threshold) <= ROUNDING


def band_use(drift: Drift) -> str:
    """How much of its band is used up."""
    return "over any limit" if drift.band_use is None else figures.whole_percent(drift.band_use)


WEIGHTS_UNKNOWN: Final = "Not known while a price or a venue is missing: weights without it would be wrong."
DRIFT_REASONS: Final = frozenset({ReasonCode.DRIFT_OVER_THRESHOLD, ReasonCode.DRIFT_WITHIN_THRESHOLD})


def weights_are_known(decision: Decision) -> bool:
    """Every venue was seen and every managed asset has its price; else all weights are fractions of too little."""
    return bool(decision.outcome.valuation.weights)


def widest_first(drifts: Sequence[Drift]) -> list[Drift]:
    """The drifts in the order in which they matter, ties by name."""
    return sorted(drifts, key=lambda d: (d.band_use is not None, -(d.band_use or ZERO), d.name))
