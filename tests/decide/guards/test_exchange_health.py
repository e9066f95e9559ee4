"""When a venue is degraded and when it is halted: one sign at a time, and several at once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.model.errors import Fault
from engine.model.reasons import ReasonCode
from engine.model.venue_signals import CallOutcomes, CoinState
from tests import builders as b
from tests.builders import T0
from tests.decide.guards.bedside import (
    DEGRADED,
    HALTED,
    HEALTHY,
    HOUR,
    MINUTE,
    Bedside,
    closed,
    codes,
    failing,
    question,
)

R = ReasonCode


def test_venues_with_nothing_wrong_are_healthy() -> None:
    """With no points and nothing to say, however long it lasts."""
    bedside = Bedside()
    for _, verdict in bedside.watch(30 * MINUTE):
        assert (verdict.health, verdict.score, verdict.reasons) == (HEALTHY, 0, ())
    assert [verdict.health for verdict in bedside.verdicts.values()] == [HEALTHY] * 3


# --- one sign at a time -----------------------------------------------------------------------------------------------

DEGRADES: list[tuple[dict[str, Any], ReasonCode]] = [
    ({"calls": failing(3)}, R.HEALTH_CALLS_FAIL),
    ({"calls": failing(3, Fault.RATE_LIMITED)}, R.HEALTH_CALLS_FAIL),
    ({"calls": CallOutcomes(10, ((Fault.KEY, 1), (Fault.OTHER, 2)))}, R.HEALTH_CALLS_FAIL),
    ({"latency_p95": timedelta(seconds=6)}, R.HEALTH_SLOW),
    ({"clock_skew": timedelta(seconds=6)}, R.HEALTH_CLOCK_OFF),
    ({"clock_skew": timedelta(seconds=-6)}, R.HEALTH_CLOCK_OFF),
    ({"online": False, "status": "cancel_only"}, R.HEALTH_NOT_ONLINE),
    ({"coins": closed("BTC")}, R.HEALTH_WITHDRAWALS_CLOSED),
    ({"pending_since": T0 - 2 * HOUR}, R.HEALTH_WITHDRAWAL_PENDING),
    ({"key_problem": "the key may not trade"}, R.HEALTH_KEY_UNUSABLE),
]


@pytest.mark.parametrize(("signals", "why"), DEGRADES)
def test_one_sign_degrades_at_once(signals: dict[str, Any], why: ReasonCode) -> None:
    """It says what it is, and only of the venue that shows it."""
    bedside = Bedside()
    bedside.shows(**signals)
    verdict = bedside.look()
    assert (verdict.health, verdict.score, codes(verdict)) == (DEGRADED, 50, [why])
    assert bedside.verdicts["beta"].health is HEALTHY


WITHIN: list[dict[str, Any]] = [
    {"calls": failing(2)},
    {"latency_p95": timedelta(seconds=5)},
    {"clock_skew": timedelta(seconds=-5)},
    {"pending_since": T0 - 2 * HOUR + MINUTE},
    {"coins": (CoinState(b.BTC, None, None), CoinState(b.USDT, True, True))},
]


@pytest.mark.parametrize("signals", WITHIN)
def test_what_is_within_its_limit_is_no_sign(signals: dict[str, Any]) -> None:
    """A limit is strict, as everywhere."""
    bedside = Bedside()
    bedside.shows(**signals)
    assert bedside.look().health is HEALTHY


HALTS: list[tuple[dict[str, Any], timedelta, ReasonCode]] = [
    ({"calls": failing(6)}, 5 * MINUTE, R.HEALTH_CALLS_FAIL),
    ({"online": False, "status": "maintenance"}, 30 * MINUTE, R.HEALTH_NOT_ONLINE),
    ({"calls": failing(6, Fault.MAINTENANCE)}, 30 * MINUTE, R.HEALTH_NOT_ONLINE),
    ({"coins": closed("USDT")}, 30 * MINUTE, R.HEALTH_WITHDRAWALS_CLOSED),
    ({"pending_since": T0 - 2 * HOUR}, 4 * HOUR, R.HEALTH_WITHDRAWAL_PENDING),
    ({"rights_gained": ("withdraw",)}, timedelta(0), R.HEALTH_KEY_GAINED_RIGHTS),
]


@pytest.mark.parametrize(("signals", "after", "why"), HALTS)
def test_a_sign_halts_when_it_has_lasted(signals: dict[str, Any], after: timedelta, why: ReasonCode) -> None:
    """Not a minute before its patience is over."""
    bedside = Bedside()
    bedside.shows(**signals)
    bedside.look()
    found = timedelta(0) if bedside.verdicts["alpha"].health is HALTED else bedside.until(HALTED)
    assert found == after
    verdict = bedside.verdicts["alpha"]
    assert verdict.score == 100 and codes(verdict)[0] is why and codes(verdict)[-1] is R.HEALTH_AWAITS_PERSON


NEVER_HALTS: list[dict[str, Any]] = [
    {"latency_p95": timedelta(seconds=40)},
    {"clock_skew": timedelta(minutes=9)},
    {"calls": failing(10, Fault.RATE_LIMITED)},
    {"calls": failing(5)},
    {"key_problem": "the key may not trade"},
]


@pytest.mark.parametrize("signals", NEVER_HALTS)
def test_what_says_nothing_of_the_assets_never_halts(signals: dict[str, Any]) -> None:
    """It keeps plans away for as long as it lasts, and takes nobody's word to end."""
    bedside = Bedside()
    bedside.shows(**signals)
    assert {verdict.health for _, verdict in bedside.watch(3 * HOUR, 5 * MINUTE)} == {DEGRADED}


def test_deposits_that_are_closed_are_a_hint_and_no_more() -> None:
    """Wallets are maintained all the time; what matters is the way out."""
    bedside = Bedside()
    bedside.shows(coins=(CoinState(b.BTC, False, True), CoinState(b.USDT, True, True)))
    verdict = bedside.after(HOUR)
    assert (verdict.health, verdict.score, codes(verdict)) == (HEALTHY, 20, [R.HEALTH_DEPOSITS_CLOSED])


def test_withdrawals_have_been_closed_since_they_were_seen_to_be() -> None:
    """The shell may have seen it before the first judgement."""
    bedside = Bedside()
    bedside.shows(coins=closed("BTC", since=T0 - 31 * MINUTE))
    assert bedside.look().health is HALTED


# --- what is gone -----------------------------------------------------------------------------------------------------


def test_a_drop_that_nobody_explains_halts() -> None:
    """More than a twentieth of what lay there: 0.2 BTC are 12,000 of 172,000."""
    bedside = Bedside()
    bedside.questions = (question("0.1", T0),)
    assert bedside.look().health is HEALTHY
    bedside.questions = (question("0.2", T0),)
    verdict = bedside.look()
    assert (verdict.health, codes(verdict)[0]) == (HALTED, R.HEALTH_BALANCE_DROPPED)
    assert Decimal(verdict.reasons[0].get("share")) == pytest.approx(Decimal(12_000) / 172_000)
    assert bedside.verdicts["beta"].health is HEALTHY


# --- several at once --------------------------------------------------------------------------------------------------


def test_what_does_not_work_has_one_cause() -> None:
    """Slow, failing and with a stale book: that is one sign, and no reason to halt."""
    bedside = Bedside()
    bedside.shows(calls=failing(4), latency_p95=timedelta(seconds=9), clock_skew=timedelta(seconds=7))
    verdict = bedside.after(HOUR)
    assert (verdict.health, verdict.score) == (DEGRADED, 50)
    assert codes(verdict) == [R.HEALTH_CALLS_FAIL, R.HEALTH_CLOCK_OFF, R.HEALTH_SLOW]


def test_two_signs_that_assets_are_not_safe_halt() -> None:
    """Withdrawals that are closed, and one that has been on its way for hours."""
    bedside = Bedside()
    bedside.shows(pending_since=T0 - 3 * HOUR)
    assert bedside.look().health is DEGRADED
    bedside.shows(coins=closed("BTC"))
    assert bedside.look().health is HALTED


def test_of_a_single_venue_nobody_can_tell_whose_connection_fails() -> None:
    """A night without a connection needs no person afterwards: until then no guard could sell anything."""
    bedside = Bedside("alpha")
    bedside.shows(calls=failing(10))
    bedside.unreachable = {"alpha"}
    verdict = bedside.after(2 * HOUR)
    assert (verdict.health, codes(verdict)) == (DEGRADED, [R.HEALTH_OWN_CONNECTION])
    bedside.unreachable = set()
    bedside.shows(calls=CallOutcomes(10))
    bedside.look()
    assert bedside.until(HEALTHY) == 10 * MINUTE


def test_what_only_a_single_venue_can_answer_for_halts_it() -> None:
    """It answers, and refuses the key."""
    bedside = Bedside("alpha")
    bedside.shows(calls=failing(10, Fault.KEY))
    bedside.look()
    assert bedside.until(HALTED) == 5 * MINUTE


def test_where_every_venue_fails_it_is_our_own_connection() -> None:
    """Nobody is halted, and the reason says where to look."""
    bedside = Bedside()
    for name in bedside.names:
        bedside.shows(name, calls=failing(10))
    bedside.unreachable = set(bedside.names)
    verdict = bedside.after(2 * HOUR)
    assert (verdict.health, codes(verdict)) == (DEGRADED, [R.HEALTH_OWN_CONNECTION])
    bedside.shows("beta", calls=CallOutcomes(10))
    verdict = bedside.look()
    assert (verdict.health, codes(verdict)) == (DEGRADED, [R.HEALTH_CALLS_FAIL])
    assert bedside.until(HALTED) == 5 * MINUTE
