"""How far assets move together, for whoever decides by it: exact decimals of now, and where they stand in their past.

Measured on daily log returns, exponentially weighted. A decision is made by a decimal of four digits, so that what
people are shown is what was compared. The same price series are measured once: a check a minute costs nothing before
the next close.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from engine.decide.statistics.covariance import covariance
from engine.decide.statistics.diversification import diversification_history, pairs_by_correlation
from engine.decide.statistics.ewma import LEAST_RETURNS
from engine.decide.statistics.panel import ReturnsPanel, returns_panel
from engine.decide.statistics.time_series import LEAST_VALUES, TimeSeries
from engine.model.decision import PriceSeries
from engine.model.ids import Asset
from engine.model.together import LeftOut, MeasuredPair, Ranked, Together

STEP: Final = Decimal("0.0001")
"""A correlation or a number of bets is told to so much."""
REMEMBERED: Final = 4
"""So many measurements: one for each set of assets or levels that is asked about in turn."""


def together(
    history: Sequence[PriceSeries], assets: tuple[Asset, ...], now: datetime, levels: tuple[Decimal, Decimal]
) -> Together:
    """The assets as they move together now. `levels` are the quantiles `enter` and `leave`, fractions of 1."""
    known = {series.asset for series in history}
    panel = returns_panel(history, tuple(asset for asset in assets if asset in known), now) if known else None
    measured = _measured(panel, levels) if panel is not None else Together((), ())
    absent = (LeftOut(a, 0, LEAST_RETURNS) for a in assets if panel is None or a not in panel.assets)
    left_out = tuple(sorted((*measured.left_out, *absent), key=lambda each: each.asset))
    return Together(measured.assets, left_out, measured.average, measured.bets, measured.pairs)


@lru_cache(maxsize=REMEMBERED)
def _measured(panel: ReturnsPanel, levels: tuple[Decimal, Decimal]) -> Together:
    of_now, before = covariance(panel), diversification_history(panel)
    left_out = _left_out(panel, of_now.assets if of_now else (), of_now.still if of_now else ())
    if of_now is None or before is None:
        return Together(of_now.assets if of_now else (), left_out)
    return Together(
        assets=of_now.assets,
        left_out=left_out,
        average=_ranked(before.average_correlation, levels),
        bets=_ranked(before.effective_bets, levels),
        pairs=tuple(MeasuredPair(p.first, p.second, exact_of(p.correlation)) for p in pairs_by_correlation(of_now)),
    )


def _left_out(panel: ReturnsPanel, measured: tuple[Asset, ...], still: tuple[Asset, ...]) -> tuple[LeftOut, ...]:
    alone, common = panel.known(), panel.known_beside(measured)
    missing = (asset for asset in panel.assets if asset not in measured and asset not in still)
    return tuple(LeftOut(asset, min(alone[asset], common[asset]), LEAST_RETURNS) for asset in missing)


def _ranked(figure: TimeSeries, levels: tuple[Decimal, Decimal]) -> Ranked:
    enter, leave = (figure.quantile(float(level)) for level in levels)
    rank = figure.rank()
    return Ranked(
        now=exact_of(figure.last),
        days=len(figure.values),
        needed=LEAST_VALUES,
        enter=None if enter is None else exact_of(enter),
        leave=None if leave is None else exact_of(leave),
        rank=None if rank is None else exact_of(rank),
    )


def exact_of(figure: float) -> Decimal:
    """A statistic as the decimal that is compared and shown."""
    return Decimal.from_float(figure).quantize(STEP)
