"""What is said of a venue's health, in one plain clause each with its figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bot.chat.render import figures
from bot.chat.render.operands import Clause, Operands
from engine.model.reasons import ReasonCode


def _faults(o: Operands) -> str:
    known = {
        "network": "no answer",
        "rate_limited": "too many requests",
        "maintenance": "maintenance",
        "key": "the key",
    }
    said = known.get(o.reason.get("fault"), "")
    return f", mostly for {said}" if said else ""


def _span(seconds: Decimal) -> str:
    return figures.seconds_as_span(abs(seconds))


def _from(o: Operands) -> str:
    return f"from {o.moment('until')} on"


R: Final = ReasonCode
HEALTH_BEGINS_WITH_A_NAME: Final = frozenset(
    {
        R.VENUE_JUDGED,
        R.VENUE_HALTED,
        R.HEALTH_SLOW,
        R.HEALTH_NOT_ONLINE,
        R.HEALTH_WITHDRAWALS_CLOSED,
        R.HEALTH_DEPOSITS_CLOSED,
    }
    | {R.HEALTH_AWAITS_PERSON, R.HEALTH_BLIND}
)
HEALTH_CLAUSES: Final[dict[ReasonCode, Clause]] = {
    R.VENUE_JUDGED: lambda o: f"{o.text('venue')} is {o.text('health')}, {o.text('score')} of 100 points against it",
    R.VENUE_HALTED: lambda o: (
        f"{o.text('venue')} was halted: nothing more is sent there, and open orders are cancelled"
    ),
    R.HEALTH_CALLS_FAIL: lambda o: (
        f"of the last {o.text('looked_at')} calls to {o.text('venue')}, {o.text('failed')} failed{_faults(o)}"
    ),
    R.HEALTH_OWN_CONNECTION: lambda o: (
        f"calls to every venue fail, {o.text('failed')} of the last {o.text('looked_at')} to {o.text('venue')}: look "
        "at this machine's own connection first"
    ),
    R.HEALTH_SLOW: lambda o: (
        f"{o.text('venue')} is slow: its slowest answers take {o.figure('p95_seconds', figures.seconds_as_span)}, "
        f"where {o.figure('limit_seconds', figures.seconds_as_span)} are allowed"
    ),
    R.HEALTH_CLOCK_OFF: lambda o: (
        f"the clock of {o.text('venue')} and this machine's are {o.figure('skew_seconds', _span)} apart"
    ),
    R.HEALTH_NOT_ONLINE: lambda o: f"{o.text('venue')} says that it is not in service{o.problem('status')}",
    R.HEALTH_BOOKS_UNUSABLE: lambda o: (
        f"{o.text('unusable')} of {o.text('markets')} books of {o.text('venue')} are crossed, empty, too old or stand "
        "still"
    ),
    R.HEALTH_WITHDRAWALS_CLOSED: lambda o: (
        f"{o.text('venue')} lets nobody withdraw {o.text('assets')} since {o.moment('since')}"
    ),
    R.HEALTH_DEPOSITS_CLOSED: lambda o: f"{o.text('venue')} takes no deposits of {o.text('assets')}",
    R.HEALTH_WITHDRAWAL_PENDING: lambda o: (
        f"a withdrawal from {o.text('venue')} has been on its way for "
        f"{o.figure('age_seconds', figures.seconds_as_span)}"
    ),
    R.HEALTH_KEY_UNUSABLE: lambda o: f"the key of {o.text('venue')} cannot be used{o.problem('problem')}",
    R.HEALTH_KEY_GAINED_RIGHTS: lambda o: (
        f"the key of {o.text('venue')} may do more than it should: {o.text('rights')}; if that was not you, delete it "
        "at the exchange"
    ),
    R.HEALTH_PRICE_OFF: lambda o: (
        f"most prices of {o.text('venue')} are {o.figure('deviation', figures.percent)} or more away from those of "
        f"the other venues since {o.moment('since')}"
    ),
    R.HEALTH_BALANCE_DROPPED: lambda o: (
        f"{o.figure('share', figures.percent)} of what lay on {o.text('venue')} is gone, and nobody has said why "
        "(/questions)"
    ),
    R.HEALTH_RECOVERING: lambda o: (
        f"nothing is wrong with {o.text('venue')} any more; it counts as healthy again {_from(o)}"
    ),
    R.HEALTH_AWAITS_PERSON: lambda o: (
        f"{o.text('venue')} was halted at {o.moment('since')}, and stays so until one of you resumes it"
    ),
    R.HEALTH_BLIND: lambda o: f"{o.text('venue')} does not tell of {o.text('signals')}: nothing is known of that",
}
"""One clause for every code of a venue's health."""
