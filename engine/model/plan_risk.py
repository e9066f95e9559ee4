"""What a plan does to the risk of the portfolio: the same figures before and after, as exact decimals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PortfolioRisk:
    """Of a portfolio with given weights. Cash has no risk; of a portfolio that is all cash, only that is known."""

    volatility: Decimal
    """A year's, as a fraction of 1."""
    diversification: Decimal | None = None
    """The mean volatility of the assets over that of the whole (Choueifaty and Coignard, 2008): 1 is none."""
    bets: Decimal | None = None
    """As many independent bets of equal risk it is spread: the same, squared (Choueifaty and others, 2013)."""


@dataclass(frozen=True, slots=True)
class PlanRisk:
    """Both are measured on the same past prices."""

    before: PortfolioRisk
    after: PortfolioRisk
