"""The figures that targets follow, in one plain clause each."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bot.chat.render import figures
from bot.chat.render.operands import Clause, Operands
from engine.model.money import ZERO, exact
from engine.model.reasons import ReasonCode


@exact
def _signed_percent(value: Decimal) -> str:
    """A growth with its sign."""
    return f"{'+' if value > ZERO else ''}{figures.percent(value)}" if value >= ZERO else f"−{figures.percent(-value)}"


def _volatility(o: Operands, how: str) -> str:
    return (
        f"your coins move by {o.figure('volatility', figures.percent)} a year, {how} (high above "
        f"{o.figure('enter', figures.percent)}, usual below {o.figure('leave', figures.percent)}), "
        f"since {o.moment('since')}"
    )


def _tilt(o: Operands) -> str:
    return f"coins are tilted by {o.figure('tilt', _signed_percent)}"


R: Final = ReasonCode
MODELS_BEGIN_WITH_A_NAME: Final = frozenset({R.RISK_EVENED, R.TREND, R.BELOW_AVERAGE})
MODEL_CLAUSES: Final[dict[ReasonCode, Clause]] = {
    R.TARGETS_CHANGED: lambda o: f"the targets are others since {o.moment('since')}, by the word of {o.text('by')}",
    R.MODEL_HISTORY_SHORT: lambda o: (
        f"too little is known of {o.text('asset')}: {o.text('days')} recent days of prices, where {o.text('least')} "
        "are needed"
    ),
    R.MODEL_NO_COINS: lambda _: "no target is a coin whose price moves",
    R.MODEL_NO_CASH: lambda _: "no target is cash that could take what coins give up",
    R.MODEL_NO_NUMBER: lambda o: f"{o.text('kind')} came to no weights that could be used",
    R.VOLATILITY_HIGH: lambda o: _volatility(o, "which is high"),
    R.VOLATILITY_USUAL: lambda o: _volatility(o, "which is not high"),
    R.VOLATILITY_OVER_AIM: lambda o: (
        f"with the static targets your portfolio would move by {o.figure('volatility', figures.percent)} a year, above "
        f"the aim of {o.figure('aim', figures.percent)}: {o.figure('share', figures.percent)} of every coin is kept"
    ),
    R.VOLATILITY_UNDER_AIM: lambda o: (
        f"with the static targets your portfolio moves by {o.figure('volatility', figures.percent)} a year, within "
        f"the aim of {o.figure('aim', figures.percent)}"
    ),
    R.RISK_EVENED: lambda o: f"{o.text('name')} moves by {o.figure('volatility', figures.percent)} a year",
    R.TREND: lambda o: (
        f"{o.text('name')} returned {o.figure('growth', _signed_percent)} in {o.text('days')} days, "
        f"{o.figure('score', _signed_percent)} of what its moves make usual"
    ),
    R.BELOW_AVERAGE: lambda o: (
        f"{o.text('name')} is {o.figure('below', figures.percent)} below its average of {o.text('days')} days"
    ),
    R.SIGNAL_GROWTH: lambda o: (
        f"the signal has grown by {o.figure('growth', _signed_percent)} in {o.text('days')} days: {_tilt(o)}"
    ),
    R.SIGNAL_LEVEL: lambda o: f"the signal is {o.figure('value', figures.quantity)}: {_tilt(o)}",
    R.SIGNAL_UNREAD: lambda o: f"the signal could not be read{o.problem('problem')}",
    R.SIGNAL_SHORT: lambda o: (
        f"the signal is known for {o.text('days')} days, and its growth is told over {o.text('least')}"
    ),
}
"""One clause for every code of the models."""
