"""Targets that follow the market in a working engine: proposed, adopted, kept, dropped, and kept on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.replay import replay
from engine.model import events as ev
from engine.model.decision import Decision
from engine.model.guards import Correlation, Guards, Stance
from engine.model.ids import Asset
from engine.model.market import Close
from engine.model.plan import PlanStatus, PlanTrigger
from engine.model.policy import TO_TARGET, Policy, TriggerKind
from engine.model.reasons import ReasonCode as R
from engine.model.target_changes import SignalReading, TargetChange
from engine.model.target_models import ModelGrid, ModelKind, ModelStance, TargetModel, VolatilityRegime
from engine.run.model_desk import TargetsAnswerKind
from tests import builders as b
from tests.decide.models.prices import shaken
from tests.decide.statistics.prices import series
from tests.run.conftest import OpenDesk
from tests.run.desk import ANN, BEN, TARGETS, Desk

DAY = timedelta(days=1)
D = Decimal
MODEL = TargetModel(stance=ModelStance.PROPOSE, every=ModelGrid.DAILY, regime=VolatilityRegime(shift=D("0.3")))
STATIC = {"BTC": D("0.4"), "ETH": D("0.3"), "USDT": D("0.3")}
SHIFTED = {"BTC": D("0.28"), "ETH": D("0.21"), "USDT": D("0.51")}
AT_TARGET = {"BTC": "4", "ETH": "30", "USDT": "300"}


def policy(model: TargetModel = MODEL, **more: Any) -> Policy:
    """Both coins have the same prices here: the guard that watches for that is off."""
    return replace(b.policy(TARGETS, guards=Guards(correlation=Correlation(Stance.OFF)), **more), model=model)


def closes(name: str, moves: Sequence[float], end: datetime) -> tuple[Close, ...]:
    return series(Asset(name), moves, end).closes


def wild(end: datetime = b.T0 + 10 * DAY, calm_after: int = 0) -> dict[str, tuple[Close, ...]]:
    """A calm time, then a wild one, and calm days after it up to `end`."""
    btc = [*shaken(140, 0.01, 1), *shaken(30, 0.06, 2), *shaken(calm_after, 0.002, 3)]
    eth = [*shaken(140, 0.01, 4), *shaken(30, 0.06, 5), *shaken(calm_after, 0.002, 6)]
    return {"BTC/USDT": closes("BTC", btc, end), "ETH/USDT": closes("ETH", eth, end)}


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    """Exactly at its targets, in a wild time."""
    desk = open_desk(policy=policy(), alpha=dict(AT_TARGET))
    desk.alpha.days = wild()
    return desk


async def looked(desk: Desk, *, days: int = 1) -> Decision:
    """Look a little after the next date of the grid."""
    if not desk.lives:
        await desk.start()
    await desk.clock.advance(days * DAY + timedelta(minutes=11))
    await desk.engine.advance()
    return await desk.engine.look()


async def asked(desk: Desk) -> TargetChange:
    """The proposal that waits for a word."""
    found = (await desk.journal.standing()).models.asked
    assert found is not None, "nothing is asked for"
    return found


async def told(desk: Desk) -> list[str]:
    """What became of targets, fact by fact."""
    return [event.kind for event in await desk.journal.facts(*ev.ModelFact.__args__)]


async def targets(desk: Desk) -> dict[str, Decimal]:
    decision = await desk.engine.look()
    return {drift.name: Decimal(drift.target) for drift in decision.outcome.drifts}


async def test_a_change_is_proposed_on_its_date_and_adopted_by_a_person(desk: Desk) -> None:
    """From then on it holds, and what is traded for it is asked for like any other plan."""
    await looked(desk)
    change = await asked(desk)
    assert {n: Decimal(w) for n, w in change.after} == SHIFTED
    assert await targets(desk) == STATIC
    answer = await desk.engine.models.adopt(change.id, ANN)
    assert answer.kind is TargetsAnswerKind.ADOPTED
    assert await targets(desk) == SHIFTED
    await desk.engine.advance()
    plan = await desk.open_plan()
    assert (plan.status, plan.proposed.plan.trigger) == (PlanStatus.PROPOSED, PlanTrigger.THRESHOLD)


async def test_a_proposal_is_kept_in_full_and_replayed(desk: Desk) -> None:
    """With the prices that it was made on."""
    await looked(desk)
    stored = await desk.journal.latest_decision()
    assert stored is not None and stored.outcome.model is not None and stored.outcome.model.change == await asked(desk)
    desk.alpha.days = {}
    assert replay(stored).agrees


async def test_keep_as_they_are_holds_for_two_weeks(desk: Desk) -> None:
    """Nothing like it is asked for, and then it may be."""
    desk.alpha.days = wild(b.T0 + DAY)
    await looked(desk)
    change = await asked(desk)
    assert (await desk.engine.models.keep(change.id, ANN)).kind is TargetsAnswerKind.KEPT
    for _ in range(13):
        desk.alpha.days = wild(datetime.combine(desk.clock.now().date(), b.T0.timetz()) + DAY)
        await looked(desk)
        assert (await desk.journal.standing()).models.asked is None
    for _ in range(2):
        desk.alpha.days = wild(datetime.combine(desk.clock.now().date(), b.T0.timetz()) + DAY)
        await looked(desk)
    assert (await asked(desk)).after == change.after
    assert await targets(desk) == STATIC


async def test_a_second_word_finds_that_the_first_holds(desk: Desk) -> None:
    """Whoever presses later, whatever they press."""
    await looked(desk)
    change = await asked(desk)
    await desk.engine.models.adopt(change.id, ANN)
    for late in (desk.engine.models.keep(change.id, BEN), desk.engine.models.adopt(change.id, BEN)):
        answer = await late
        assert answer.kind is TargetsAnswerKind.STALE
        assert answer.standing.adopted is not None and answer.standing.adopted.by == "Ann"
    assert (await told(desk)).count("TargetsAdopted") == 1


async def test_an_unknown_proposal_is_stale(desk: Desk) -> None:
    """A button of another life."""
    await looked(desk)
    assert (await desk.engine.models.adopt("0123abcd", ANN)).kind is TargetsAnswerKind.STALE
    assert await targets(desk) == STATIC


async def test_what_waits_is_not_asked_again(desk: Desk) -> None:
    """One card stays; the dates on which the same is wanted go by."""
    await looked(desk)
    first = await asked(desk)
    await looked(desk)
    assert await asked(desk) == first
    assert await told(desk) == ["TargetsProposed", "TargetsChecked"]


async def test_what_is_not_called_for_any_more_lapses(desk: Desk) -> None:
    """Calm again before anybody answered."""
    desk.alpha.days = wild(b.T0 + DAY)
    await looked(desk)
    change = await asked(desk)
    await desk.clock.advance(59 * DAY)
    desk.alpha.days = wild(b.T0 + 61 * DAY, calm_after=60)
    await looked(desk)
    assert await told(desk) == ["TargetsProposed", "TargetsLapsed", "TargetsChecked"]
    assert (await desk.engine.models.adopt(change.id, ANN)).kind is TargetsAnswerKind.STALE


async def test_auto_adopts_without_asking_and_plans_from_the_next_look_on(desk: Desk) -> None:
    """No plan is made towards targets that hold no more; the policy's version is the approver."""
    desk.policy = policy(replace(MODEL, stance=ModelStance.AUTO))
    desk.alpha.held[b.BTC], desk.alpha.held[b.USDT] = D(3), D(400)
    await looked(desk)
    assert await told(desk) == ["TargetsAdopted"]
    (event,) = await desk.journal.facts(ev.TargetsAdopted)
    assert isinstance(event.fact, ev.TargetsAdopted) and event.fact.name == "policy v1"
    assert await desk.journal.open_plan() is None
    await desk.engine.advance()
    assert {line.name: line.target for line in (await desk.open_plan()).proposed.plan.weights} == SHIFTED


async def test_whoever_asks_for_a_plan_gets_one(desk: Desk) -> None:
    """A look that a person asked for does not change targets under that person's hands; the next one does."""
    desk.policy = policy(replace(MODEL, stance=ModelStance.AUTO))
    desk.alpha.held[b.BTC], desk.alpha.held[b.USDT] = D("4.2"), D(280)
    await desk.start()
    await desk.clock.advance(DAY + timedelta(minutes=11))
    await desk.engine.rebalance()
    assert (await desk.open_plan()).proposed.plan.trigger is PlanTrigger.MANUAL
    assert await told(desk) == []
    await desk.engine.advance()
    assert await told(desk) == ["TargetsAdopted"]


async def test_a_plan_that_waits_for_the_old_targets_is_withdrawn(desk: Desk) -> None:
    """It would trade away from the adopted ones."""
    desk.alpha.held[b.BTC], desk.alpha.held[b.USDT] = D(6), D(100)
    await desk.start()
    await looked(desk)
    old = await desk.open_plan()
    await desk.engine.models.adopt((await asked(desk)).id, ANN)
    ended = await desk.plan(old)
    assert ended.status is PlanStatus.SUPERSEDED
    await desk.engine.advance()
    assert {line.name: line.target for line in (await desk.open_plan()).proposed.plan.weights} == SHIFTED


CALENDAR = {"kind": TriggerKind.CALENDAR, "every": "quarterly"}


async def test_under_a_calendar_the_change_calls_for_its_own_plan_once(open_desk: OpenDesk) -> None:
    """Asked for, refused, and not asked for again before the calendar's date."""
    desk = open_desk(policy=policy(trigger=CALENDAR), alpha=dict(AT_TARGET))
    desk.alpha.days = wild()
    await looked(desk)
    assert await desk.journal.open_plan() is None
    await desk.engine.models.adopt((await asked(desk)).id, ANN)
    await desk.engine.advance()
    plan = await desk.open_plan()
    assert (plan.proposed.plan.trigger, b.codes(plan.proposed.plan.reasons)) == (
        PlanTrigger.TARGET_CHANGE,
        [R.TARGETS_CHANGED],
    )
    await desk.engine.decline(plan.proposed.plan_id, ANN)
    await desk.clock.advance(3 * DAY)
    await desk.engine.advance()
    assert await desk.journal.open_plan() is None


async def test_the_plan_of_a_change_is_made_anew_where_the_market_moved(open_desk: OpenDesk) -> None:
    """An approval of old figures leads to a fresh plan for the same change, not to none."""
    desk = open_desk(policy=policy(trigger=CALENDAR), alpha=dict(AT_TARGET))
    desk.alpha.days = wild()
    await looked(desk)
    await desk.engine.models.adopt((await asked(desk)).id, ANN)
    await desk.engine.advance()
    plan = await desk.open_plan()
    desk.move("BTC/USDT", "90")
    await desk.approve(plan)
    await desk.until(plan, PlanStatus.SUPERSEDED)
    fresh = await desk.open_plan()
    assert (fresh.proposed.revision, fresh.proposed.plan.trigger) == (2, PlanTrigger.TARGET_CHANGE)


async def test_another_policy_drops_what_was_adopted(desk: Desk) -> None:
    """Switched off or changed: the static targets hold, and that is told once."""
    await looked(desk)
    await desk.engine.models.adopt((await asked(desk)).id, ANN)
    await desk.start()
    assert await targets(desk) == SHIFTED, "a restart changes nothing"
    await desk.start(policy(TargetModel()))
    assert await targets(desk) == STATIC
    await desk.start(policy(replace(MODEL, min_change=D("0.1"))))
    assert (await told(desk)).count("TargetsDropped") == 1


async def test_a_shadow_keeps_a_record_and_changes_nothing(desk: Desk) -> None:
    """One entry a date, from which both lines follow; the targets stay."""
    desk.policy = policy(replace(MODEL, stance=ModelStance.SHADOW))
    desk.alpha.days = wild(b.T0 + 4 * DAY)
    for _ in range(3):
        await looked(desk)
    assert await told(desk) == ["ShadowNoted"] * 3
    assert await targets(desk) == STATIC
    record = await desk.engine.models.record()
    assert (record.days, record.left_out) == (2, 0)
    assert record.model.value != record.static.value
    assert {n: Decimal(w) for n, w in (await desk.journal.standing()).models.shadow} == SHIFTED


async def test_a_record_goes_on_under_a_policy_that_differs_elsewhere_only(desk: Desk) -> None:
    """With other settings of the model it begins anew."""
    shadow = replace(MODEL, stance=ModelStance.SHADOW)
    desk.policy = policy(shadow)
    desk.alpha.days = wild(b.T0 + 9 * DAY)
    for _ in range(2):
        await looked(desk)
    await desk.start(replace(policy(shadow), rebalance_to=TO_TARGET - D("0.5")))
    await looked(desk)
    assert (await desk.engine.models.record()).days == 2
    await desk.start(policy(replace(shadow, max_step=D("0.1"))))
    assert (await desk.engine.models.record()).days == 0


class Supply:
    """A source that says what it is told."""

    def __init__(self) -> None:
        self.value: Decimal | None = D(100)

    async def read(self, now: datetime) -> SignalReading:
        return SignalReading(now, self.value, "" if self.value is not None else "the node did not answer in time")


async def test_a_signal_is_kept_daily_until_its_growth_can_be_told(open_desk: OpenDesk) -> None:
    """Then the model says something; what it read is part of the decision."""
    signals = replace(MODEL, kind=ModelKind.SIGNALS, min_change=D("0.01"))
    desk = open_desk(policy=policy(signals), alpha=dict(AT_TARGET))
    supply = Supply()
    desk.signal = supply
    for day in range(31):
        supply.value = D(100 + day)
        await looked(desk)
        await desk.engine.advance()
    assert (await told(desk)).count("SignalNoted") == 31
    decision = await desk.engine.look()
    assert decision.inputs.signal is not None and decision.inputs.signal.value == 130
    assert decision.outcome.model is not None
    assert b.codes(decision.outcome.model.reasons) == [R.SIGNAL_GROWTH]
    assert replay(decision).agrees


async def test_a_signal_that_fails_changes_nothing(open_desk: OpenDesk) -> None:
    """And the model says why."""
    desk = open_desk(policy=policy(replace(MODEL, kind=ModelKind.SIGNALS)), alpha=dict(AT_TARGET))
    supply = Supply()
    supply.value, desk.signal = None, supply
    decision = await looked(desk)
    assert decision.outcome.model is not None
    (why,) = decision.outcome.model.reasons
    assert (why.code, why.get("problem")) == (R.SIGNAL_UNREAD, "the node did not answer in time")
    assert await told(desk) == []


async def test_a_model_alone_asks_for_history(open_desk: OpenDesk) -> None:
    """Without one, and without a guard that looks back, it is not asked for: it costs requests, and room on disk."""
    guards = Guards(correlation=Correlation(stance=Stance.OFF))
    for model, asked_for in ((TargetModel(), []), (MODEL, ["BTC/USDT", "ETH/USDT"])):
        desk = open_desk(policy=replace(policy(model), guards=guards), alpha=dict(AT_TARGET))
        await looked(desk)
        assert sorted(set(desk.alpha.asked_for_days)) == asked_for
