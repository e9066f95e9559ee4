"""Every reason the engine can give, in one plain clause with its figures: made from its code and operands only."""

from __future__ import annotations

from typing import Final

from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.guard_reasons import GUARD_CLAUSES, GUARDS_BEGIN_WITH_A_NAME
from bot.chat.render.health_reasons import HEALTH_BEGINS_WITH_A_NAME, HEALTH_CLAUSES
from bot.chat.render.model_reasons import MODEL_CLAUSES, MODELS_BEGIN_WITH_A_NAME
from bot.chat.render.operands import Clause, Operands
from engine.model.policy import DriftMode
from engine.model.reasons import Reason, ReasonCode


def clause(reason: Reason, frame: Frame) -> str:
    """A reason as a clause without capital and full stop, as HTML."""
    return CLAUSES[reason.code](Operands(reason, frame))


def sentence(reason: Reason, frame: Frame) -> str:
    """A reason as a sentence, as HTML. A name at its beginning stays as it is."""
    text = clause(reason, frame)
    return f"{text if reason.code in BEGIN_WITH_A_NAME else text[:1].upper() + text[1:]}."


def clauses(reasons: tuple[Reason, ...], frame: Frame) -> str:
    """Several reasons in one sentence, as HTML."""
    return "; ".join(clause(reason, frame) for reason in reasons)


def both_drifts(o: Operands) -> str:
    """A drift in points and relative to its target: the two ways of stating it, which people mix up."""
    relative = figures.of_target(o.number("relative"))
    return (
        f"{o.text('name')} {o.figure('weight', figures.percent)} against {o.figure('target', figures.percent)}: "
        f"{o.figure('absolute', figures.points)}, {relative}"
    )


def _limit(o: Operands) -> str:
    if o.reason.get("mode") == DriftMode.RELATIVE:
        return f"{o.figure('threshold', figures.percent)} of target"
    return o.figure("threshold", figures.threshold_points)


def _unreachable(o: Operands) -> str:
    age = o.number("age_seconds")
    known = "its balances are not known" if age is None else f"its balances are {figures.seconds_as_span(age)} old"
    return f"the venue {o.text('venue')} is out of reach{o.problem('problem')}; {known}"


def _gap(o: Operands, which: str) -> str:
    return (
        f"{o.text('name')} {o.figure('weight', figures.percent)} is {which} its aim of "
        f"{o.figure('destination', figures.percent)}: {o.money('gap')} too {'much' if which == 'above' else 'little'}"
    )


def _below_venue_minimum(o: Operands) -> str:
    return (
        f"under the venue's minimum: {o.figure('notional', figures.amount)} where "
        f"{o.figure('minimum', figures.amount)} is asked, or {o.figure('quantity', figures.quantity)} units where "
        f"{o.figure('min_amount', figures.quantity)} are"
    )


def _book_too_thin(o: Operands) -> str:
    within = o.number("depth_bps")
    near = f" within {figures.bps(within)} of its best price" if within else ""
    return (
        f"the book holds too little: {o.figure('depth', figures.quantity)} units{near}, "
        f"where {o.figure('needed', figures.quantity)} are needed"
    )


def _moved(o: Operands) -> str:
    return (
        f"the price of leg {o.text('leg')} moved {o.figure('moved_bps', figures.bps)} against us, "
        f"more than the {o.figure('tolerance_bps', figures.bps)} that the approval allows"
    )


def _deviates(o: Operands) -> str:
    return (
        f"the price of {o.text('symbol')} on {o.text('venue')} was left out: {o.figure('price', figures.price)} is "
        f"more than {o.figure('limit', figures.percent)} away from the median {o.figure('median', figures.price)}"
    )


def _stale(o: Operands) -> str:
    return (
        f"the price of {o.text('symbol')} on {o.text('venue')} was left out: it is "
        f"{o.figure('age_seconds', figures.seconds_as_span)} old, and "
        f"{o.figure('limit_seconds', figures.seconds_as_span)} are allowed"
    )


def _outside_bound(o: Operands) -> str:
    best = o.number("best")
    at = "the book is empty" if best is None else f"the best price is {figures.price(best)}"
    return f"{at}, beyond the approved bound of {o.figure('bound', figures.price)}: it is waited for, not chased"


def _rejected(o: Operands) -> str:
    return f"the venue refused the order{o.problem('message')}"


R: Final = ReasonCode
BEGIN_WITH_A_NAME: Final = frozenset(
    {R.DRIFT_OVER_THRESHOLD, R.DRIFT_WITHIN_THRESHOLD, R.OVERWEIGHT, R.UNDERWEIGHT, R.UNMANAGED_SOLD}
    | {R.UNPRICED_ASSET, R.LOCKED_IN_ORDERS, R.KEPT_ELSEWHERE}
    | GUARDS_BEGIN_WITH_A_NAME
    | HEALTH_BEGINS_WITH_A_NAME
    | MODELS_BEGIN_WITH_A_NAME
    | {R.HELD_HERE, R.CASH_HERE, R.ON_THE_WAY, R.CASH_ELSEWHERE, R.FUNDS_SHORT}
)

CLAUSES: Final[dict[ReasonCode, Clause]] = {
    R.DRIFT_OVER_THRESHOLD: lambda o: f"{both_drifts(o)}, beyond its limit of {_limit(o)}",
    R.DRIFT_WITHIN_THRESHOLD: lambda o: f"{both_drifts(o)}, within its limit of {_limit(o)}; no drift is wider",
    R.BAND_SCALED: lambda o: (
        f"bands are {o.figure('factor', figures.amount)} times as wide as written: the assets move apart by "
        f"{o.figure('volatility', figures.percent)} a day, where {o.figure('usual', figures.percent)} are usual"
    ),
    R.BAND_UNSCALED: lambda _: "bands are as written: there is too little price history to scale them by",
    R.CALENDAR_DUE: lambda o: f"the date {o.moment('date')} has come ({o.text('every')}, {o.text('timezone')})",
    R.CALENDAR_NOT_DUE: lambda o: f"no date has come since the last ({o.text('every')}, {o.text('timezone')})",
    R.CALENDAR_CHECKED: lambda o: f"the date {o.moment('date')} has come, and every drift was within its band",
    R.CALENDAR_MISSED: lambda o: (
        f"the date {o.moment('date')} was missed by more than {o.figure('grace_seconds', figures.seconds_as_span)}"
    ),
    R.HARVEST: lambda o: (
        f"a loss of {o.money('loss')} on {o.units('quantity')} at {o.text('venue')} saves {o.money('saves')} of tax "
        f"and costs {o.money('cost')} to realise and buy back; {o.figure('left', figures.gain)} of gain is left then"
    ),
    R.QUIET_HOURS: lambda _: "nobody is woken in the quiet hours: the figures were refreshed",
    R.QUIET_HOURS_OVER: lambda _: "the quiet hours are over: it is asked again with fresh figures",
    R.REQUESTED: lambda _: "one of you asked for a plan",
    R.CASH_FLOW: lambda o: f"new money came in: {o.money('amount')} to buy what is underweight, without a sale",
    R.COOLDOWN: lambda o: f"the last plan ended only recently: nothing new is planned {o.until()}",
    R.PLAN_OPEN: lambda o: f"plan {o.text('plan')} waits for approval or is under way (/plan)",
    R.PAUSED: lambda o: f"planning is paused {o.until()}",
    R.KILLED: lambda o: f"the kill switch was pulled at {o.moment('since')}: nothing is sent until you /resume",
    R.SNOOZED: lambda o: f"somebody asked to be left alone {o.until()}",
    R.REFUSED_RECENTLY: lambda o: (
        f"the last plan was refused or expired: nothing is proposed {o.until()}, unless drift grows by a fifth"
    ),
    R.NOTHING_TO_TRADE: lambda _: "no trade was left after the limits",
    R.UNSOLVED: lambda o: (
        f"no plan could be worked out{o.problem('problem')}: a price, a balance or a book must be wrong; /portfolio "
        "shows them"
    ),
    R.VENUE_UNREACHABLE: _unreachable,
    R.VENUE_NOT_TRADED: lambda o: (
        f"the venue {o.text('venue')} is {o.text('health')} and left out{o.problem('problem')}"
    ),
    R.VENUE_IN_QUESTION: lambda o: (
        f"a change on {o.text('venue')} waits for your word: until then no plan uses it (/questions)"
    ),
    R.PARTIAL_VIEW_ALLOWED: lambda o: (
        f"the venue {o.text('venue')} is out of reach; only what the healthy venues hold is traded"
    ),
    R.PRICE_MISSING: lambda o: f"there is no price for {o.text('asset')}",
    R.PRICE_STALE: _stale,
    R.PRICE_DEVIATES: _deviates,
    R.BOOK_CROSSED: lambda o: f"the book of {o.text('symbol')} on {o.text('venue')} is crossed and was left out",
    R.BOOK_ONE_SIDED: lambda o: (
        f"the book of {o.text('symbol')} on {o.text('venue')} has bids or asks only and was left out"
    ),
    R.UNPRICED_ASSET: lambda o: f"{o.units('quantity')} on {o.text('venue')} has no price and is not counted",
    R.NOTHING_HELD: lambda _: "the managed portfolio is worth nothing",
    R.LOCKED_IN_ORDERS: lambda o: f"{o.units('quantity')} on {o.text('venue')} lies in open orders and is not traded",
    R.KEPT_ELSEWHERE: lambda o: (
        f"{o.units('quantity')} on {o.text('venue')} is out of reach (a reserve, staked, lent, in another account, "
        "on its way, or only watched): it counts, and is not traded before you move it by hand"
    ),
    R.OVERWEIGHT: lambda o: _gap(o, "above"),
    R.UNDERWEIGHT: lambda o: _gap(o, "below"),
    R.UNMANAGED_SOLD: lambda o: f"{o.text('asset')} is not in the targets, and the policy says to sell it",
    R.HELD_HERE: lambda o: f"{o.text('venue')} holds {o.units('free')} that can be sold",
    R.CASH_HERE: lambda o: f"{o.text('venue')} has {o.units('available')} to pay with, its own sales included",
    R.ON_THE_WAY: lambda o: f"{o.text('venue')} has {o.text('spent')} and needs {o.text('brought')}",
    R.BELOW_MIN_TRADE: lambda o: f"under the minimum trade: {o.money('notional')} of {o.money('minimum')}",
    R.BELOW_VENUE_MINIMUM: _below_venue_minimum,
    R.COST_OVER_LIMIT: lambda o: (
        f"it would cost {o.figure('cost_bps', figures.bps)}, more than the {o.figure('limit_bps', figures.bps)} allowed"
    ),
    R.BOOK_TOO_THIN: _book_too_thin,
    R.NO_MARKET: lambda o: (
        f"no venue that could trade it has a market for {o.text('asset')} against another target: what it is paid in, "
        "such as USDT, must be a target too"
    ),
    R.CASH_ELSEWHERE: lambda o: f"{o.text('name')} lacks {o.money('missing')} of cash where it is traded",
    R.PRICE_OUTSIDE_BOUND: _outside_bound,
    R.FUNDS_SHORT: lambda o: f"{o.units('available')} can be spent, {o.units('needed')} are needed",
    R.REJECTED_BY_VENUE: _rejected,
    R.TIME_OVER: lambda o: f"its time was over at {o.moment('deadline')}",
    R.STOPPED_BY_PERSON: lambda o: f"stopped by {o.text('by')}",
    R.VENUE_SILENT: lambda o: f"the venue {o.text('venue')} is out of reach{o.problem('problem')}",
    R.ORDERS_HELD_UP: lambda o: f"orders at {o.text('venue')} are held up{o.problem('problem')}",
    R.MARKET_MOVED: _moved,
    R.HOLDINGS_CHANGED: lambda o: f"leg {o.text('leg')} no longer fits what is held",
    R.DEFECT: lambda o: f"the program met a case that it does not know ({o.text('error')}); a person must decide",
    R.LATE_FILL: lambda o: f"a trade of {o.figure('quantity', figures.quantity)} units came after its order was closed",
    R.TOO_LITTLE_LEFT: lambda o: (
        f"what is left ({o.figure('quantity', figures.quantity)} units) is worth less than the venue's minimum of "
        f"{o.figure('minimum', figures.amount)}"
    ),
    **GUARD_CLAUSES,
    **HEALTH_CLAUSES,
    **MODEL_CLAUSES,
}
"""One clause for every code."""
