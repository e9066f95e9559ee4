"""The risk of a portfolio with given weights, as the exact decimals that people are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from engine.decide.statistics.covariance import covariance
from engine.decide.statistics.diversification import diversification_ratio, portfolio_bets, portfolio_volatility
from engine.decide.statistics.panel import returns_panel
from engine.model.decision import PriceSeries
from engine.model.ids import Asset
from engine.model.plan_risk import PortfolioRisk

STEP: Final = Decimal("0.0001")


def portfolio_risk(
    history: Sequence[PriceSeries], assets: Sequence[Asset], now: datetime, weights: Mapping[Asset, Decimal]
) -> PortfolioRisk | None:
    """Measured on the daily prices of `assets`; weights are fractions of 1, and what they leave is cash.

    None where too little is known of an asset with a weight.
    """
    known = {series.asset for series in history}
    panel = returns_panel(history, tuple(asset for asset in assets if asset in known), now)
    found = covariance(panel) if panel is not None else None
    shares = {asset: float(weight) for asset, weight in weights.items()}
    volatility = portfolio_volatility(found, shares) if found is not None else None
    if found is None or volatility is None:
        return None
    return PortfolioRisk(
        _exact(volatility), _known(diversification_ratio(found, shares)), _known(portfolio_bets(found, shares))
    )


def _known(figure: float | None) -> Decimal | None:
    return None if figure is None else _exact(figure)


def _exact(figure: float) -> Decimal:
    return Decimal.from_float(figure).quantize(STEP)
