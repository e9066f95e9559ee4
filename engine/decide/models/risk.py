"""Risk parity: what moves less gets more, until every coin brings the same share of the portfolio's risk."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from engine.decide.models.view import ModelView, Said, figure
from engine.decide.statistics.covariance import covariance
from engine.decide.statistics.weights import risk_parity as parity_weights
from engine.model.money import ONE, total
from engine.model.reasons import ReasonCode, reason

LEAST_DAYS: Final = 90
"""Of returns: a matrix of correlations of fewer days is noise."""


def risk_parity(view: ModelView) -> Said:
    """What the coins weigh together stays; among them it goes `share` of the way to equal contributions to risk.

    Maillard, Roncalli and Teiletche (2010), on the shrunk EWMA covariance.
    """
    lacking = view.lacking(LEAST_DAYS)
    if lacking or view.panel is None:
        return Said(None, lacking)
    found = covariance(view.panel, float(view.model.decay))
    even = parity_weights(found) if found is not None and set(found.assets) == set(view.assets) else None
    if found is None or even is None:
        return Said(None, (reason(ReasonCode.MODEL_NO_NUMBER, kind=view.model.kind.value),))
    whole, share = total(view.static[name] for name in view.coins), view.model.risk_parity.share
    weights = dict(view.static)
    for name, assets in view.coins.items():
        parity = whole * Decimal.from_float(sum(even[asset] for asset in assets))
        weights[name] = (ONE - share) * view.static[name] + share * parity
    moves = dict(zip(found.assets, found.volatilities.tolist(), strict=True))
    reasons = tuple(
        reason(ReasonCode.RISK_EVENED, name=name, volatility=figure(sum(moves[a] for a in assets) / len(assets)))
        for name, assets in sorted(view.coins.items())
    )
    return Said(weights, reasons)
