"""What calls for a plan and what forbids one: dates, drift, people, new money, and what earlier plans left behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.model.decision import CashFlow, Outcome, Pause, Refusal, RequestKind, Standing
from engine.model.ids import Digest, UserId, VenueName
from engine.model.money import Quantity, use_exact_context
from engine.model.plan import PlanTrigger
from engine.model.policy import DriftMode, TriggerKind
from engine.model.portfolio import Snapshot, VenueHealth
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.builders import USDT, Market, venue

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAY_1 = datetime(2026, 5, 1, tzinfo=UTC)
MONTHLY = {"kind": TriggerKind.CALENDAR, "every": "monthly"}
HYBRID = {"kind": TriggerKind.HYBRID, "every": "monthly"}


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def drifted(now: datetime, btc: str = "6") -> Snapshot:
    """Ten units in all, of which so many are bitcoin."""
    rest = str(10 - Decimal(btc))
    return b.snapshot(venue("alpha", {"BTC": btc, "USDT": rest}, Market("BTC/USDT"), as_of=now), as_of=now)


def outcome(now: datetime, standing: Standing | None = None, btc: str = "6", **more: Any) -> Outcome:
    request = more.pop("request", RequestKind.SCHEDULED)
    wanted = b.policy({"BTC": "0.5", "USDT": "0.5"}, **more)
    return b.decided(drifted(now, btc), wanted, standing, request=request).outcome


# --- dates -----------------------------------------------------------------------------------------------------------


def test_a_date_trades_whatever_the_drift() -> None:
    """A tenth of a point is traded back to the target."""
    found = outcome(MAY_1, btc="5.01", trigger=MONTHLY)
    assert (found.verdict.fired, found.verdict.kind, found.verdict.date) == (True, PlanTrigger.CALENDAR, MAY_1)
    assert b.codes(found.verdict.reasons) == [R.CALENDAR_DUE]
    assert found.plan is not None


def test_a_date_is_answered_once() -> None:
    """What was answered is not due again, a moment later or a fortnight later."""
    answered = Standing(last_date_fired=MAY_1)
    for later in (timedelta(0), HOUR, 14 * DAY):
        found = outcome(MAY_1 + later, answered, trigger=MONTHLY)
        assert (found.verdict.fired, b.codes(found.verdict.reasons)) == (False, [R.CALENDAR_NOT_DUE])


def test_a_date_with_nothing_to_trade_is_answered_too() -> None:
    """The verdict names the date, so that it does not come again with every look."""
    found = outcome(MAY_1, btc="5", trigger=MONTHLY)
    assert (found.verdict.fired, found.verdict.date, found.plan) == (True, MAY_1, None)
    assert R.NOTHING_TO_TRADE in b.codes(found.verdict.reasons)


@pytest.mark.parametrize(("late", "fires"), [(DAY, True), (DAY + timedelta(seconds=1), False)])
def test_a_missed_date_fires_within_its_grace_and_is_offered_beyond(late: timedelta, fires: bool) -> None:
    """Offered means: told of, with its date, and no plan made."""
    found = outcome(MAY_1 + late, trigger=MONTHLY)
    assert (found.verdict.fired, found.verdict.missed, found.verdict.date) == (fires, not fires, MAY_1)
    assert (found.plan is not None) is fires
    if not fires:
        assert b.codes(found.verdict.reasons) == [R.CALENDAR_MISSED]


def test_a_date_before_the_schedule_began_is_not_missed() -> None:
    """A bot that is set up on the second of May owes nothing for the first."""
    found = outcome(MAY_1 + HOUR, Standing(active_since=MAY_1 + timedelta(minutes=1)), trigger=MONTHLY)
    assert b.codes(found.verdict.reasons) == [R.CALENDAR_NOT_DUE]
    assert outcome(MAY_1 + HOUR, Standing(active_since=MAY_1), trigger=MONTHLY).verdict.fired


def test_a_date_on_a_partial_view_waits() -> None:
    """It fires, the veto stops the plan, and nothing says that it was answered with one."""
    gone = venue("beta", {"BTC": "1"}, health=VenueHealth.UNREACHABLE)
    seen = drifted(MAY_1)
    found = b.decided(
        replace(seen, venues=(*seen.venues, gone)), b.policy({"BTC": "0.5", "USDT": "0.5"}, trigger=MONTHLY)
    )
    assert (found.outcome.verdict.fired, found.outcome.plan) == (True, None)
    assert b.codes(found.outcome.vetoes) == [R.VENUE_UNREACHABLE]


def test_a_hybrid_trades_on_its_date_and_beyond_its_wider_band() -> None:
    """On the date the smallest drift will do; between dates only one beyond the band."""
    assert outcome(MAY_1, btc="5.01", trigger=HYBRID).verdict.kind is PlanTrigger.CALENDAR
    answered = Standing(last_date_fired=MAY_1)
    assert not outcome(MAY_1 + DAY, answered, btc="6", trigger=HYBRID).verdict.fired
    assert outcome(MAY_1 + DAY, answered, btc="6.1", trigger=HYBRID).verdict.kind is PlanTrigger.THRESHOLD


def test_a_date_goes_before_drift() -> None:
    """Where both call, the date is what the plan answers to."""
    assert outcome(MAY_1, btc="9", trigger=HYBRID).verdict.kind is PlanTrigger.CALENDAR


def test_what_calls_in_vain_does_not_hide_a_missed_date() -> None:
    """New money that finds nothing to buy must not keep the date from being offered, or from being answered."""
    flow = Standing(cash_flows=(CashFlow("alpha:1", VenueName("alpha"), USDT, Quantity(Decimal(1)), MAY_1),))
    missed = outcome(MAY_1 + 2 * DAY, flow, btc="5", trigger=MONTHLY).verdict
    assert (missed.missed, missed.date) == (True, MAY_1)
    on_time = outcome(MAY_1, flow, btc="5", trigger=MONTHLY).verdict
    assert (on_time.fired, on_time.date) == (True, MAY_1)


# --- what forbids a plan ---------------------------------------------------------------------------------------------

NOW = MAY_1 + 10 * DAY


def hindrance(standing: Standing, **more: Any) -> R | None:
    """The first reason why a drift that fires leads to no plan."""
    found = outcome(NOW, standing, **more)
    if found.verdict.fired:
        assert found.plan is not None
        return None
    assert found.plan is None
    return found.verdict.reasons[0].code


def test_a_plan_follows_where_nothing_forbids_it() -> None:
    """The baseline of what follows."""
    assert hindrance(Standing()) is None


def test_nothing_new_is_planned_until_the_cooldown_is_over() -> None:
    """An hour after the last plan's end unless the policy says otherwise."""
    ended = Standing(last_rebalance=NOW - HOUR)
    assert hindrance(replace(ended, last_rebalance=NOW - HOUR + timedelta(seconds=1))) is R.COOLDOWN
    assert hindrance(ended) is None
    assert hindrance(ended, trigger={"cooldown": 2 * HOUR}) is R.COOLDOWN


def test_one_plan_is_open_at_a_time() -> None:
    """Not even a person who asks gets a second one."""
    opened = Standing(open_plan=Digest("abc"))
    assert hindrance(opened) is R.PLAN_OPEN
    assert hindrance(opened, request=RequestKind.MANUAL) is R.PLAN_OPEN


def test_a_pause_holds_until_its_instant_or_until_it_is_lifted() -> None:
    """Also against a person who asks: lifting it is another word."""
    pause = Standing(pause=Pause(UserId(1), NOW - DAY))
    assert hindrance(pause) is R.PAUSED
    assert hindrance(pause, request=RequestKind.MANUAL) is R.PAUSED
    assert hindrance(Standing(pause=Pause(UserId(1), NOW - DAY, NOW + HOUR))) is R.PAUSED
    assert hindrance(Standing(pause=Pause(UserId(1), NOW - DAY, NOW))) is None


def test_a_snooze_holds_until_its_instant_whatever_the_drift() -> None:
    """Then the drift may speak again, even if a day has not passed."""
    small = (("BTC", Decimal(1)),)
    assert hindrance(Standing(refusal=Refusal(NOW - HOUR, small, NOW + HOUR))) is R.SNOOZED
    assert hindrance(Standing(refusal=Refusal(NOW - HOUR, small, NOW))) is None


@pytest.mark.parametrize(
    ("cooldown", "snoozed", "expected"), [(2, 1, R.COOLDOWN), (1, 2, R.SNOOZED)], ids=["cooldown", "snooze"]
)
def test_of_two_rests_the_longer_one_is_told(cooldown: int, snoozed: int, expected: R) -> None:
    """Whoever reads until when nothing is planned must not find another reason then."""
    both = Standing(last_rebalance=NOW, refusal=Refusal(NOW, (("BTC", Decimal(2)),), NOW + snoozed * HOUR))
    assert hindrance(both, trigger={"cooldown": cooldown * HOUR}) is expected


@pytest.mark.parametrize(
    ("band_use_then", "ago", "expected"),
    [
        ("2", timedelta(hours=2), R.REFUSED_RECENTLY),
        ("1.81", timedelta(hours=2), R.REFUSED_RECENTLY),
        ("1.8", timedelta(hours=2), None),
        ("2", DAY - timedelta(seconds=1), R.REFUSED_RECENTLY),
        ("2", DAY, None),
    ],
)
def test_after_a_refusal_nothing_is_proposed_until_drift_grows_by_a_fifth_or_a_day_passes(
    band_use_then: str, ago: timedelta, expected: R | None
) -> None:
    """The drift is now twice its threshold."""
    before = (("BTC", Decimal(band_use_then)), ("USDT", Decimal(5)))
    assert hindrance(Standing(refusal=Refusal(NOW - ago, before))) is expected


def test_a_drift_that_has_grown_beyond_any_band_has_grown() -> None:
    """In relative mode, an asset that should not be held and was not held when the plan was refused."""
    refused = Standing(refusal=Refusal(NOW - HOUR, (("BTC", Decimal(0)), ("USDT", Decimal(0)))))
    wanted = b.policy({"BTC": "0", "USDT": "1"}, trigger={"drift_mode": DriftMode.RELATIVE})
    assert b.decided(drifted(NOW, "1"), wanted, refused).outcome.plan is not None


def test_a_person_who_asks_is_not_held_up_by_cooldown_refusal_or_snooze() -> None:
    """And gets a plan whatever the drift, to the targets."""
    standing = Standing(last_rebalance=NOW, refusal=Refusal(NOW, (("BTC", Decimal(9)),), NOW + DAY))
    found = outcome(NOW, standing, btc="5.01", request=RequestKind.MANUAL)
    assert (found.verdict.kind, b.codes(found.verdict.reasons)) == (PlanTrigger.MANUAL, [R.REQUESTED])
    assert found.plan is not None


def test_a_person_who_asks_where_nothing_is_to_be_done_hears_why() -> None:
    """The trades that a limit kept out are the reason."""
    found = outcome(NOW, btc="5.01", request=RequestKind.MANUAL, limits={"min_trade": Decimal(1)})
    assert found.plan is None
    assert {R.REQUESTED, R.NOTHING_TO_TRADE, R.BELOW_MIN_TRADE} <= set(b.codes(found.verdict.reasons))
