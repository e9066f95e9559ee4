"""The guards at work: what a stop sells, what people may say to it, and that nothing buys it back meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.model import events as ev
from engine.model.conditions import ChangeKind, Step
from engine.model.guards import Rule
from engine.model.plan import PlanStatus as S
from engine.model.plan import PlanTrigger
from engine.model.policy import Approval, TriggerKind
from engine.model.reasons import ReasonCode as R
from engine.run.guard_desk import Said
from tests import builders as b
from tests.run.conftest import OpenDesk
from tests.run.desk import ANN, SECOND, Desk
from tests.run.fake_venue import Will
from tests.run.guarded import (
    DAY,
    HELD,
    HOUR,
    MINUTE,
    THREE,
    asked,
    bitcoin,
    falls,
    look,
    nothing_was_bought_back,
    open_trigger,
    policy,
    sold,
    step,
    stopped,
    why_withdrawn,
)

# --- what it sells, and that it stays sold ---------------------------------------------------------------------------


async def test_a_stop_is_armed_fires_asks_and_sells_half(open_desk: OpenDesk) -> None:
    """Its plan sells and does nothing else, and is carried out within minutes."""
    desk = stopped(open_desk)
    plan = await asked(desk)
    assert [trade[:3] for trade in b.trades(plan.proposed.plan)] == [("alpha", "BTC/USDT", "sell")]
    await desk.approve(plan)
    await desk.until(plan, S.COMPLETED)
    assert abs(bitcoin(desk) - 3) < Decimal("0.02")
    assert await step(desk) is Step.DONE


@pytest.mark.parametrize("to", ["74", "50", "20", "86"])
async def test_nothing_buys_it_back_before_it_is_armed_again(open_desk: OpenDesk, to: str) -> None:
    """Not a threshold, not a date, not new money, not a person who asks; wherever the price goes below its arming."""
    hybrid = {"kind": TriggerKind.HYBRID, "every": "daily", "hybrid_threshold": Decimal("0.03")}
    desk = stopped(open_desk, trigger=hybrid, approval=Approval.NEVER)
    await sold_by_a_person(desk)
    left = bitcoin(desk)
    desk.move("BTC/USDT", to)
    for _ in range(3):
        await look(desk, 8 * HOUR)
        await desk.engine.rebalance()
        await desk.engine.advance()
        await desk.clock.advance(5 * MINUTE)
        desk.alpha.deposit(f"d{desk.clock.now()}", "USDT", "500")
    await look(desk, DAY)
    await desk.clock.advance(5 * MINUTE)
    assert bitcoin(desk) <= left
    await nothing_was_bought_back(desk)


async def sold_by_a_person(desk: Desk) -> None:
    """Where the policy approves by itself, so is the stop's plan."""
    await falls(desk)
    await desk.clock.advance(5 * MINUTE)
    assert await step(desk) is Step.DONE


async def test_armed_again_it_is_bought_again(open_desk: OpenDesk) -> None:
    """By a person; the target is whole, and the stop measures from now."""
    desk = stopped(open_desk)
    await sold(desk)
    assert await desk.engine.guards.rearm(Rule.STOP_LOSS, "BTC", ANN) is Said.DONE
    await look(desk)
    plan = await desk.open_plan()
    assert plan.proposed.plan.trigger is PlanTrigger.THRESHOLD
    (leg,) = plan.proposed.plan.legs
    assert (leg.side.value, leg.base) == ("buy", "BTC")
    (mark,) = (await desk.journal.standing()).guards.stops
    assert (mark.is_armed, mark.base) == (True, Decimal(74))


@pytest.mark.parametrize(("price", "after"), [("88", MINUTE), ("74", timedelta(days=30))], ids=["by price", "by time"])
async def test_it_is_armed_again_by_itself(open_desk: OpenDesk, price: str, after: timedelta) -> None:
    """When half of the fall is made good, or a month is over."""
    desk = stopped(open_desk)
    await sold(desk)
    desk.move("BTC/USDT", price)
    await look(desk, after)
    assert await step(desk) is None
    await look(desk)
    assert (await desk.open_plan()).proposed.plan.trigger is PlanTrigger.THRESHOLD


# --- what people say -------------------------------------------------------------------------------------------------


async def test_refused_the_target_is_whole_and_the_stop_silent(open_desk: OpenDesk) -> None:
    """Also where the price falls on; until it is armed again."""
    desk = stopped(open_desk)
    plan = await asked(desk)
    await desk.engine.decline(plan.proposed.plan_id, ANN)
    assert await step(desk) is Step.WAIVED
    desk.move("BTC/USDT", "60")
    await look(desk)
    assert (await desk.open_plan()).proposed.plan.trigger is PlanTrigger.THRESHOLD
    told = [c.kind for e in await desk.journal.facts(ev.ConditionsChanged) for c in changes_of(e.fact)]
    assert told.count(ChangeKind.RAISED) == 1


def changes_of(fact: Any) -> tuple[Any, ...]:
    return tuple(c for c in fact.changes if c.condition.rule is Rule.STOP_LOSS)


async def test_not_answered_it_is_asked_again_after_four_hours(open_desk: OpenDesk) -> None:
    """The target stays low meanwhile: nothing is bought, not even for a person who asks."""
    desk = stopped(open_desk)
    plan = await asked(desk)
    await look(desk, 31 * MINUTE)
    assert (await desk.plan(plan)).status is S.EXPIRED
    await look(desk, 3 * HOUR)
    sold_by_hand = (await desk.engine.rebalance()).outcome.plan
    assert sold_by_hand is not None and {leg.side.value for leg in sold_by_hand.legs} == {"sell"}
    await desk.engine.decline((await desk.open_plan()).proposed.plan_id, ANN)
    assert await step(desk) is Step.WANTED, "a person's own plan was refused, not the stop's"
    await look(desk, HOUR + MINUTE)
    assert (await desk.open_plan()).proposed.plan.trigger is PlanTrigger.RISK


async def test_snoozed_it_is_asked_again_then(open_desk: OpenDesk) -> None:
    """At the instant that was named; a restart in between changes nothing."""
    desk = stopped(open_desk)
    plan = await asked(desk)
    await desk.engine.decline(plan.proposed.plan_id, ANN, desk.clock.now() + 2 * HOUR)
    await desk.start()
    await look(desk, HOUR)
    assert await open_trigger(desk) is not PlanTrigger.RISK
    await look(desk, 2 * HOUR)
    assert await open_trigger(desk) is PlanTrigger.RISK


async def test_a_restart_forgets_nothing(open_desk: OpenDesk) -> None:
    """Of what was noticed, of the open plan, and of what was sold."""
    desk = stopped(open_desk)
    await desk.start()
    await look(desk)
    await look(desk)
    desk.move("BTC/USDT", "74")
    await look(desk)
    await desk.start()
    await look(desk)
    plan = await desk.open_plan()
    await desk.start()
    await desk.approve(plan)
    await desk.until(plan, S.COMPLETED)
    await desk.start()
    await desk.engine.rebalance()
    await desk.clock.advance(MINUTE)
    await nothing_was_bought_back(desk)
    assert await step(desk) is Step.DONE


async def test_armed_again_while_its_plan_waits_the_plan_is_withdrawn(open_desk: OpenDesk) -> None:
    """It would sell what is bought back at once. The same where the price has made good its fall."""
    desk = stopped(open_desk)
    plan = await asked(desk)
    await desk.engine.guards.rearm(Rule.STOP_LOSS, "BTC", ANN)
    await look(desk)
    assert await why_withdrawn(desk, plan) == [R.GUARD_IS_OVER]
    assert await open_trigger(desk) is not PlanTrigger.RISK


async def test_a_word_that_comes_while_it_looks_is_kept(open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look began before the stop was armed again: what it found then must not undo that."""
    desk = stopped(open_desk)
    await sold(desk)
    save = desk.journal.save_decision

    async def spoken_to(decision: Any) -> Any:
        monkeypatch.setattr(desk.journal, "save_decision", save)
        await desk.engine.guards.rearm(Rule.STOP_LOSS, "BTC", ANN)
        return await save(decision)

    monkeypatch.setattr(desk.journal, "save_decision", spoken_to)
    desk.move("BTC/USDT", "87.6")
    await look(desk, 7 * HOUR)
    assert await step(desk) is None
    assert len(await desk.journal.facts(ev.GuardRearmed)) == 1


async def test_a_word_at_the_moment_of_a_look_need_not_be_said_again(open_desk: OpenDesk) -> None:
    """Every look writes something down; that is no reason to send a person away."""
    desk = stopped(open_desk)
    await sold(desk)
    append = desk.journal.append

    async def just_before(drafts: Any, expected: Any = None) -> Any:
        desk.journal.append = append  # type: ignore[method-assign]
        await desk.engine.manners.set_quiet(None, ANN)
        return await append(drafts, expected)

    desk.journal.append = just_before  # type: ignore[method-assign]
    assert await desk.engine.guards.rearm(Rule.STOP_LOSS, "BTC", ANN) is Said.DONE


# --- beside other plans ----------------------------------------------------------------------------------------------


async def test_a_proposal_makes_way(open_desk: OpenDesk) -> None:
    """It is withdrawn, with the stop as the reason."""
    desk = open_desk(policy=policy(targets=THREE))
    ordinary = await desk.proposed()
    await look(desk)
    desk.move("BTC/USDT", "74")
    await look(desk)
    await look(desk)
    assert await why_withdrawn(desk, ordinary) == [R.STOP_HIT]
    assert await open_trigger(desk) is PlanTrigger.RISK


async def test_a_plan_under_way_is_wound_down_first(open_desk: OpenDesk) -> None:
    """What rests is cancelled; when it has ended, the next look asks for the stop's plan."""
    desk = open_desk(policy=policy(targets=THREE, limits={"patience": HOUR}))
    desk.alpha.will = [Will.REST]
    ordinary = await desk.executing()
    await look(desk)
    desk.move("BTC/USDT", "74")
    await look(desk)
    await look(desk)
    ended = await desk.until(ordinary, S.ABORTED)
    assert isinstance(ended.ended, ev.PlanAborted) and b.codes(ended.ended.reasons) == [R.STOP_HIT]
    assert len(desk.alpha.sent) == 1
    await look(desk)
    assert await open_trigger(desk) is PlanTrigger.RISK


async def test_asked_about_again_into_a_stop_it_sells_once(open_desk: OpenDesk) -> None:
    """The market that outran an approved plan has also confirmed the stop: its plan follows, and is on record so."""
    desk = open_desk(policy=policy(targets=THREE))
    ordinary = await desk.proposed()
    await look(desk)
    desk.move("BTC/USDT", "74")
    await look(desk)
    await desk.clock.advance(MINUTE)
    await desk.approve(ordinary)
    await desk.clock.advance(SECOND)
    plan = await desk.open_plan()
    assert plan.proposed.plan.trigger is PlanTrigger.RISK
    await desk.approve(plan)
    await desk.until(plan, S.COMPLETED)
    await look(desk)
    assert await open_trigger(desk) is not PlanTrigger.RISK and await step(desk) is Step.DONE


@pytest.mark.parametrize("killed", [False, True], ids=["paused", "killed"])
async def test_paused_or_killed_people_are_told_and_nothing_is_planned(open_desk: OpenDesk, killed: bool) -> None:
    """Nor does an open proposal buy what the stop stands for. When that is lifted, the plan is asked for."""
    desk = stopped(open_desk)
    await desk.start()
    await look(desk)
    await (desk.engine.kill(ANN) if killed else desk.engine.pause(ANN))
    await falls(desk)
    assert await step(desk) is Step.WANTED and await desk.journal.open_plan() is None
    await (desk.engine.revive(ANN) if killed else desk.engine.resume(ANN))
    await look(desk)
    assert await open_trigger(desk) is PlanTrigger.RISK


async def test_while_paused_an_open_plan_that_buys_it_is_withdrawn(open_desk: OpenDesk) -> None:
    """No plan of the stop's takes its place, and it would have bought into the fall."""
    desk = open_desk(policy=policy(targets={"BTC": "0.8", "USDT": "0.2"}), **HELD)
    buying = await desk.proposed()
    await look(desk)
    await desk.engine.pause(ANN)
    desk.move("BTC/USDT", "74")
    await look(desk)
    await look(desk)
    assert await step(desk) is Step.WANTED
    assert await why_withdrawn(desk, buying) == [R.NOT_BOUGHT]
    assert await desk.journal.open_plan() is None


async def test_two_looks_at_once_are_one(open_desk: OpenDesk) -> None:
    """A person asks while the timer looks: one plan, one alert."""
    desk = stopped(open_desk)
    await desk.start()
    await look(desk)
    await look(desk)
    desk.move("BTC/USDT", "74")
    await look(desk)
    await desk.clock.advance(MINUTE)
    both: list[Awaitable[Any]] = [desk.engine.advance(), desk.engine.rebalance(), desk.engine.advance()]
    await asyncio.gather(*both)
    assert len(await desk.journal.facts(ev.PlanProposed)) == 1
    raised = [c for e in await desk.journal.facts(ev.ConditionsChanged) for c in changes_of(e.fact)]
    assert [c.kind for c in raised] == [ChangeKind.NOTICED, ChangeKind.RAISED]


async def test_a_stop_that_fires_while_anothers_plan_waits_is_in_the_next(open_desk: OpenDesk) -> None:
    """One plan for both takes the place of the first: nobody waits for half an hour until that has expired."""
    desk = open_desk(policy=policy(targets=THREE), alpha={"BTC": "4", "ETH": "30", "USDT": "300"})
    first = await asked(desk)
    desk.move("ETH/USDT", "7.3")
    for _ in range(3):
        await look(desk)
    assert await why_withdrawn(desk, first) == [R.STOP_HIT]
    second = await desk.open_plan()
    assert second.proposed.plan.trigger is PlanTrigger.RISK
    await desk.approve(second)
    await desk.until(second, S.COMPLETED)
    assert abs(bitcoin(desk) - 2) < Decimal("0.02") and abs(desk.alpha.held[b.ETH] - 15) < Decimal("0.2")
