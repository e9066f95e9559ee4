"""What guards see, in one plain clause each with its figures."""

from __future__ import annotations

from typing import Final

from bot.chat.render import figures
from bot.chat.render.operands import Clause, Operands
from engine.model.guards import StopKind
from engine.model.reasons import ReasonCode


def _measured_from(o: Operands) -> str:
    if o.reason.get("kind") == StopKind.TRAILING:
        return f"its peak of {o.figure('reference', figures.price)}"
    return f"its average cost of {o.figure('reference', figures.price)}"


def _stop_hit(o: Operands) -> str:
    return (
        f"{o.text('asset')} at {o.figure('price', figures.price)} has fallen to its stop of "
        f"{o.figure('stop', figures.price)}, {o.figure('drop', figures.percent)} below {_measured_from(o)}"
    )


def _stop_armed(o: Operands) -> str:
    return (
        f"{o.text('asset')} at {o.figure('price', figures.price)} is above its stop of "
        f"{o.figure('stop', figures.price)}, {o.figure('drop', figures.percent)} below {_measured_from(o)}"
    )


def _stop_below(o: Operands) -> str:
    return (
        f"{o.text('asset')} at {o.figure('price', figures.price)} was below its stop of "
        f"{o.figure('stop', figures.price)} already when I began to watch; it is armed once the price is above"
    )


def _peg(o: Operands, how: str) -> str:
    return (
        f"{o.text('asset')} is worth {o.figure('worth', figures.price)} {o.text('by')}, "
        f"{o.figure('off_bps', figures.bps)} {how} (limit {o.figure('limit_bps', figures.bps)})"
    )


def _weight(o: Operands, how: str) -> str:
    return (
        f"{o.text('name')} is {o.figure('weight', figures.percent)} of the portfolio against "
        f"{o.figure('target', figures.percent)}, {how} {o.figure('points', figures.threshold_points)} above"
    )


def _day(o: Operands) -> str:
    return (
        f"what you hold is worth {o.figure('loss', figures.percent)} less than at the best of the last 24 hours: "
        f"{o.money('worth')} after {o.money('best')} (limit {o.figure('limit', figures.percent)})"
    )


def _average(o: Operands, how: str) -> str:
    return (
        f"your {o.text('coins')} coins correlate at {o.figure('average', figures.correlation)} on average (limit "
        f"{o.figure('limit', figures.correlation)}), {how} on {o.figure('level', figures.whole_percent)} of days "
        f"({o.figure('usual_limit', figures.correlation)}); {_most(o)}"
    )


def _most(o: Operands) -> str:
    return f"{o.text('first')} and {o.text('second')} most of all, at {o.figure('pair', figures.correlation)}"


def _pair(o: Operands, how: str) -> str:
    return (
        f"{o.text('first')} and {o.text('second')} {how}: they correlate at "
        f"{o.figure('correlation', figures.correlation)} (limit {o.figure('limit', figures.correlation)})"
    )


def _bets(o: Operands) -> str:
    return (
        f"your {o.text('coins')} coins are {o.figure('bets', figures.correlation)} independent bets (limit "
        f"{o.figure('limit', figures.correlation)}); {_most(o)}"
    )


def _exit(o: Operands) -> str:
    return (
        f"selling all {o.units('units')} would take {o.figure('days', figures.amount)} days (limit "
        f"{o.figure('limit', figures.amount)}) at {o.figure('share', figures.whole_percent)} of the "
        f"{o.units('volume')} that a day trades"
    )


def _market(o: Operands, how: str) -> str:
    """A depth that was not seen is not told."""
    depth = f", depth {o.units('depth', '')} against {o.units('usual_depth', '')}" if o.number("depth") else ""
    return (
        f"{o.text('symbol')} on {o.text('venue')} is {how}: spread {o.figure('spread', figures.bps)} against "
        f"{o.figure('usual_spread', figures.bps)}{depth}"
    )


R: Final = ReasonCode
GUARDS_BEGIN_WITH_A_NAME: Final = frozenset(
    {R.STOP_HIT, R.STOP_ARMED, R.STOP_BELOW_AT_FIRST, R.DEPEGGED, R.AT_PEG, R.CONCENTRATED, R.NOT_CONCENTRATED}
    | {R.NOT_HELD, R.NOT_BOUGHT, R.PAIR_CORRELATION_HIGH, R.PAIR_CORRELATION_USUAL, R.COIN_HISTORY_SHORT}
    | {R.MARKET_STRAINED, R.MARKET_AT_EASE}
)
GUARD_CLAUSES: Final[dict[ReasonCode, Clause]] = {
    R.TOLD_BY_FILE: lambda _: "the state file says so",
    R.STOP_HIT: _stop_hit,
    R.STOP_ARMED: _stop_armed,
    R.STOP_BELOW_AT_FIRST: _stop_below,
    R.NO_BASIS: lambda o: (
        f"what most of your {o.text('asset')} cost is not known, so that a loss cannot be measured: tell me with "
        "/basis, or let the stop trail its peak"
    ),
    R.NOT_HELD: lambda o: f"{o.text('asset')} is not held",
    R.NOT_BOUGHT: lambda o: f"{o.text('asset')} was sold for safety, and none is bought before that is over",
    R.GUARD_IS_OVER: lambda _: "what it was made against does not stand any more",
    R.DEPEGGED: lambda o: _peg(o, "from its peg"),
    R.AT_PEG: lambda o: _peg(o, "from its peg"),
    R.NO_PEG: lambda o: (
        f"no venue tells what the currency of {o.text('asset')} is worth: add one that trades it against USD or EUR, "
        "or name it in [reference]"
    ),
    R.CONCENTRATED: lambda o: _weight(o, "more than"),
    R.NOT_CONCENTRATED: lambda o: _weight(o, "not more than"),
    R.LOST_IN_A_DAY: _day,
    R.NOT_LOST_IN_A_DAY: _day,
    R.NO_PRICES_OF_YESTERDAY: lambda _: "no prices of the last 24 hours are on record yet",
    R.AVERAGE_CORRELATION_HIGH: lambda o: _average(o, "more than"),
    R.AVERAGE_CORRELATION_USUAL: lambda o: _average(o, "against"),
    R.PAIR_CORRELATION_HIGH: lambda o: _pair(o, "move as one"),
    R.PAIR_CORRELATION_USUAL: lambda o: _pair(o, "do not move as one"),
    R.BETS_FEW: _bets,
    R.BETS_ENOUGH: _bets,
    R.COIN_HISTORY_SHORT: lambda o: (
        f"{o.text('asset')} is not compared with the others yet: {o.text('days')} daily returns are known of it, and "
        f"{o.text('needed')} are needed"
    ),
    R.COINS_KNOWN_FEW: lambda o: (
        f"enough is known of the past of {o.text('known')} of your coins, and {o.text('needed')} are needed to compare"
    ),
    R.CORRELATION_HISTORY_SHORT: lambda o: (
        f"what correlation is usual cannot be said yet: it is known for {o.text('days')} days, and {o.text('needed')} "
        f"are needed (now {o.figure('average', figures.correlation)})"
    ),
    R.EXIT_SLOW: _exit,
    R.EXIT_QUICK: _exit,
    R.VOLUME_UNKNOWN: lambda o: (
        f"how long selling all {o.text('asset')} would take is not known: no venue tells what a day trades of it"
    ),
    R.MARKET_STRAINED: lambda o: _market(o, "wider or thinner than usual"),
    R.MARKET_AT_EASE: lambda o: _market(o, "as usual"),
    R.MARKET_RECORD_SHORT: lambda o: (
        f"what is usual on the markets of {o.text('venue')} is not known yet: hours seen {o.text('hours')}, "
        f"of {o.text('needed')} that are needed"
    ),
    R.DAILY_TURNOVER_CAP: lambda o: (
        f"no more than {o.money('cap')} is traded within 24 hours: {o.money('traded')} was, {o.money('room')} is left"
    ),
    R.PLAN_SIZE_CAP: lambda o: f"no plan trades more than {o.money('cap')}",
    R.NO_CAP: lambda _: "no cap is set for what plans may trade",
    R.NO_RECORD_OF_TRADES: lambda _: "there is no record of what was traded today",
}
"""One clause for every code of the guards."""
