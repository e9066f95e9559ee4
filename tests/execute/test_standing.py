"""What facts leave behind for the next decision: pauses, refusals, dates, alerts, and new money."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest

from engine.execute.standing import apply
from engine.model import events as ev
from engine.model.costs import LegCost
from engine.model.decision import AlertChange, AlertLevel, BackOff, CashFlow, DriftAlert, Standing, TriggerVerdict
from engine.model.events import Event, Fact, StreamId
from engine.model.ids import Asset, LegId, PlanId, UserId, VenueName
from engine.model.money import Money, Quantity
from engine.model.notices import Loudness, NoticeKind, QuietChoice
from engine.model.plan import PlanTrigger
from engine.model.policy import QuietHours
from tests.builders import T0, USDT
from tests.execute.plan_facts import PLAN, proposal

ANN = UserId(1)
LATER = T0 + timedelta(hours=1)


def after(*facts: Fact, at: datetime = LATER) -> Standing:
    standing = Standing()
    for number, fact in enumerate(facts, start=1):
        standing = apply(standing, Event(number, StreamId("any"), number, fact, at, at))
    return standing


def proposed(trigger: PlanTrigger = PlanTrigger.MANUAL) -> ev.PlanProposed:
    fact = proposal()
    object.__setattr__(fact.plan, "trigger", trigger)
    return fact


def deposit(number: str) -> ev.CashFlowSeen:
    return ev.CashFlowSeen(CashFlow(f"alpha:{number}", VenueName("alpha"), USDT, Quantity(Decimal(100)), T0))


def waiting(standing: Standing) -> list[str]:
    return [flow.deposit_id for flow in standing.cash_flows]


def test_a_plan_is_open_from_its_proposal_to_its_end() -> None:
    """However it ends; the cool-down counts from there."""
    assert after(proposed()).open_plan == PLAN
    for end in (ev.PlanCompleted(()), ev.PlanAborted(()), ev.PlanDeclined(ANN, "Ann", ()), ev.PlanExpired(())):
        standing = after(proposed(), end)
        assert (standing.open_plan, standing.open_trigger, standing.last_rebalance) == (None, None, LATER)


def test_what_its_trades_came_to_is_remembered_over_plans() -> None:
    """By venue and asset; a plan that was stopped taught something too."""
    cost = LegCost(
        LegId("L1"),
        VenueName("alpha"),
        Asset("BTC"),
        Money(Decimal(1000)),
        Money(Decimal(1)),
        Money(Decimal(1)),
        Money(Decimal("0.5")),
        timedelta(0),
    )
    standing = after(proposed(), ev.PlanCompleted((), (cost,)), proposed(), ev.PlanAborted((), (), (cost,)))
    (known,) = standing.experience
    assert (known.venue, known.asset, known.legs, known.excess_bps) == ("alpha", "BTC", 2, 5)


def test_a_superseded_plan_starts_no_cooldown() -> None:
    """Its successor is the open one."""
    standing = after(proposed(), ev.PlanSuperseded(PlanId("aaaaaaaa.2"), ()))
    assert (standing.open_plan, standing.last_rebalance) == (None, None)


def test_a_refusal_and_an_expiry_are_remembered_with_how_far_the_drift_was() -> None:
    """A snooze with its instant; a plan that is carried out clears it, and so does a person who resumes."""
    use = (("BTC", Decimal(2)),)
    refusal = after(ev.PlanDeclined(ANN, "Ann", use)).refusal
    assert refusal is not None
    assert (refusal.at, refusal.band_use, refusal.snoozed_until) == (LATER, use, None)
    snooze = after(ev.PlanDeclined(ANN, "Ann", use, LATER)).refusal
    assert snooze is not None
    assert snooze.snoozed_until == LATER
    assert after(ev.PlanExpired(use)).refusal is not None
    assert after(ev.PlanExpired(use), proposed(), ev.PlanCompleted(())).refusal is None
    assert after(ev.PlanExpired(use), ev.PlanningResumed(ANN)).refusal is None


def test_a_pause_lasts_until_it_is_lifted() -> None:
    """Its end, where it has one, is judged when a decision is made."""
    pause = after(ev.PlanningPaused(ANN, None)).pause
    assert pause is not None
    assert (pause.by, pause.since, pause.until) == (ANN, LATER, None)
    assert after(ev.PlanningPaused(ANN, None), ev.PlanningResumed(ANN)).pause is None


def test_an_answered_date_is_remembered() -> None:
    """Traded or offered."""
    assert after(ev.CalendarAnswered(T0, False)).last_date_fired == T0
    assert after(ev.CalendarAnswered(T0, True)).last_date_fired == T0


def test_alerts_stand_until_they_are_resolved() -> None:
    """In the order of their names."""
    verdict = TriggerVerdict(False, None, ())
    raised = (AlertChange("ETH", AlertLevel.NEAR), AlertChange("BTC", AlertLevel.REACHED))
    standing = after(ev.DriftAlertsChanged(raised, (), verdict))
    assert standing.alerts == (DriftAlert("BTC", AlertLevel.REACHED), DriftAlert("ETH", AlertLevel.NEAR))
    resolved = ev.DriftAlertsChanged((AlertChange("BTC", None),), (), verdict)
    btc, eth = after(ev.DriftAlertsChanged(raised, (), verdict), resolved).alerts
    assert (btc, eth) == (DriftAlert("BTC", None, back_off=BackOff(LATER)), DriftAlert("ETH", AlertLevel.NEAR))


def test_an_alert_that_is_over_is_forgotten_when_its_back_off_has_been_over_for_a_day() -> None:
    """Until then it is remembered how often it came back."""
    raised, over = (
        ev.DriftAlertsChanged((AlertChange("BTC", level),), (), TriggerVerdict(False, None, ()))
        for level in (AlertLevel.NEAR, None)
    )
    other = replace(raised, changes=(AlertChange("ETH", AlertLevel.NEAR),))
    standing = after(raised, over)
    for hours, known in ((24, ["BTC", "ETH"]), (25, ["ETH"])):
        event = Event(9, StreamId("any"), 9, other, LATER + timedelta(hours=hours), LATER)
        assert [alert.name for alert in apply(standing, event).alerts] == known


def test_a_deposit_is_counted_once() -> None:
    """Told again, it is known; and it stays known when it has been used."""
    standing = after(deposit("1"), deposit("1"))
    assert waiting(standing) == ["alpha:1"]
    used = after(deposit("1"), proposed(), ev.PlanCompleted(()), deposit("1"))
    assert waiting(used) == []


@pytest.mark.parametrize("trigger", list(PlanTrigger))
@pytest.mark.parametrize("end", [ev.PlanCompleted(()), ev.PlanAborted(())])
def test_a_plan_that_is_carried_out_uses_up_the_money_it_knew_of(trigger: PlanTrigger, end: ev.PlanFact) -> None:
    """Whatever called for it; what came in meanwhile still waits for a plan of its own."""
    assert waiting(after(deposit("1"), proposed(trigger), deposit("2"), end)) == ["alpha:2"]


@pytest.mark.parametrize(
    ("trigger", "left"), [(PlanTrigger.CASH_FLOW, ["alpha:2"]), (PlanTrigger.THRESHOLD, ["alpha:1", "alpha:2"])]
)
def test_a_refused_use_of_new_money_is_not_asked_for_again(trigger: PlanTrigger, left: list[str]) -> None:
    """Refusing a plan about something else says nothing of the money."""
    for end in (ev.PlanDeclined(ANN, "Ann", ()), ev.PlanExpired(())):
        assert waiting(after(deposit("1"), proposed(trigger), deposit("2"), end)) == left


def test_a_requoted_plan_still_has_its_money() -> None:
    """Its successor is to use the same."""
    assert waiting(after(deposit("1"), proposed(PlanTrigger.CASH_FLOW), ev.PlanSuperseded(None, ()))) == ["alpha:1"]


def test_the_last_word_on_how_loud_a_kind_is_counts() -> None:
    """In the order of kinds, whatever the order of the words."""

    def chose(kind: NoticeKind, loudness: Loudness) -> ev.LoudnessChosen:
        return ev.LoudnessChosen(kind, loudness, ANN, "Ann")

    venue, drift = NoticeKind.VENUE, NoticeKind.DRIFT
    standing = after(chose(venue, Loudness.OFF), chose(drift, Loudness.OFF), chose(drift, Loudness.LOUD))
    assert standing.loudness == ((drift, Loudness.LOUD), (venue, Loudness.OFF))


def test_chosen_quiet_hours_stand_until_the_files_are_wanted_again() -> None:
    """That there are none is a choice too."""
    night = QuietHours(time(22), time(7))
    hours, off = ev.QuietChosen(night, False, ANN, "Ann"), ev.QuietChosen(None, False, ANN, "Ann")
    assert after(hours).quiet == QuietChoice(night)
    assert after(hours, off).quiet == QuietChoice(None)
    assert after(hours, ev.QuietChosen(None, True, ANN, "Ann")).quiet is None
