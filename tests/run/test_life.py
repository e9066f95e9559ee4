"""A plan's whole life on a working engine: proposed, judged by people, carried out, and reported."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.ids import Digest, PlanId
from engine.model.money import Money
from engine.model.plan import PlanStatus as S
from engine.model.policy import Approval
from engine.model.reasons import ReasonCode as R
from engine.run.approvals import AnswerKind
from tests import builders as b
from tests.run.conftest import OpenDesk
from tests.run.desk import ANN, BEN, TARGETS, Desk
from tests.run.fake_venue import Will

MINUTE = timedelta(minutes=1)


async def test_a_plan_is_proposed_approved_filled_and_completed(desk: Desk) -> None:
    """Sales first; every request is preceded by its intent, every answer is on disk, and the end says where we are."""
    told: list[str] = []
    plan = await desk.proposed()
    desk.engine.listen(lambda events: told.extend(event.kind for event in events))
    assert (await desk.approve(plan)).kind is AnswerKind.DONE
    done = await desk.until(plan, S.COMPLETED)
    assert await desk.story(plan) == [
        "PlanProposed",
        "ApprovalGiven",
        "PlanApproved",
        "ExecutionStarted",
        *("OrderSubmitting", "OrderAccepted", "FillBooked", "OrderClosed", "LegSettled") * 2,
        "PlanCompleted",
    ]
    assert told == (await desk.story(plan))[1:]
    assert [(order.side, order.symbol) for order in desk.alpha.sent] == [("sell", "BTC/USDT"), ("buy", "ETH/USDT")]
    assert isinstance(done.ended, ev.PlanCompleted)
    assert {name: round(weight, 3) for name, weight in done.ended.weights_now} == {
        name: Decimal(weight) for name, weight in TARGETS.items()
    }


async def test_an_approval_may_name_the_short_digest_that_a_button_carries(desk: Desk) -> None:
    """Its beginning is enough; another one, or none, is a stale card."""
    plan = await desk.proposed()
    name = plan.proposed.plan_id
    for wrong in ("ffffffff", ""):
        assert (await desk.engine.approve(name, Digest(wrong), ANN)).kind is AnswerKind.STALE
    assert (await desk.engine.approve(name, Digest(plan.proposed.digest[:8]), ANN)).kind is AnswerKind.DONE


async def test_a_plan_that_nobody_knows_cannot_be_approved(desk: Desk) -> None:
    """The answer says so."""
    await desk.start()
    assert (await desk.engine.approve(PlanId("nope.1"), Digest("ab"), ANN)).kind is AnswerKind.UNKNOWN_PLAN


async def test_a_second_press_does_nothing_and_says_so(desk: Desk) -> None:
    """By the same person or another; nothing is sent twice."""
    plan = await desk.executing()
    for who in (ANN, BEN):
        assert (await desk.approve(plan, who)).kind is AnswerKind.TOO_LATE
    await desk.until(plan, S.COMPLETED)
    assert (await desk.approve(plan)).kind is AnswerKind.TOO_LATE
    assert len(desk.alpha.sent) == 2


async def test_a_word_on_what_has_moved_on_meanwhile_is_judged_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people at the same instant: what the second one read is over when it would be written."""
    plan, read = await desk.proposed(), desk.journal.plan

    async def overtaken(plan_id: PlanId) -> PlanState | None:
        state = await read(plan_id)
        monkeypatch.setattr(desk.journal, "plan", read)
        await desk.engine.decline(plan_id, BEN)
        return state

    monkeypatch.setattr(desk.journal, "plan", overtaken)
    assert (await desk.approve(plan)).kind is AnswerKind.TOO_LATE
    assert await desk.story(plan) == ["PlanProposed", "PlanDeclined"]


async def test_where_two_must_agree_one_does_not_count_twice(open_desk: OpenDesk) -> None:
    """The first approval is kept, the second person's starts it."""
    desk = open_desk(policy=b.policy(TARGETS, approvers=2))
    plan = await desk.proposed()
    assert (await desk.approve(plan, ANN)).kind is AnswerKind.NEEDS_MORE
    assert (await desk.approve(plan, ANN)).kind is AnswerKind.ALREADY_COUNTED
    await desk.clock.advance(MINUTE)
    assert desk.alpha.sent == []
    assert (await desk.approve(plan, BEN)).kind is AnswerKind.DONE
    done = await desk.until(plan, S.COMPLETED)
    approved = [entry.fact for entry in done.trail if isinstance(entry.fact, ev.PlanApproved)]
    assert [fact.by for fact in approved] == [("Ann", "Ben")]


async def test_an_approval_after_the_time_is_over_lets_the_plan_go(desk: Desk) -> None:
    """Half an hour; nothing is sent, and nothing is proposed again for a day."""
    plan = await desk.proposed()
    await desk.clock.advance(30 * MINUTE)
    assert (await desk.approve(plan)).kind is AnswerKind.EXPIRED
    assert (await desk.plan(plan)).status is S.EXPIRED
    await desk.clock.advance(timedelta(hours=2))
    await desk.engine.advance()
    assert await desk.journal.open_plan() is None
    await desk.clock.advance(timedelta(hours=22))
    await desk.engine.advance()
    assert (await desk.open_plan()).proposed.plan_id != plan.proposed.plan_id
    assert desk.alpha.sent == []


async def test_a_proposal_that_nobody_answers_is_let_go_at_a_look(desk: Desk) -> None:
    """A moment before its time it is still open."""
    plan = await desk.proposed()
    await desk.clock.advance(30 * MINUTE - timedelta(seconds=1))
    await desk.engine.advance()
    assert (await desk.plan(plan)).status is S.PROPOSED
    await desk.clock.advance(timedelta(seconds=1))
    await desk.engine.advance()
    assert (await desk.plan(plan)).status is S.EXPIRED


async def test_a_refused_plan_is_over(desk: Desk) -> None:
    """An approval afterwards is too late."""
    plan = await desk.proposed()
    assert (await desk.engine.decline(plan.proposed.plan_id, BEN)).kind is AnswerKind.DONE
    assert (await desk.approve(plan)).kind is AnswerKind.TOO_LATE
    assert (await desk.plan(plan)).status is S.DECLINED


async def test_a_snoozed_plan_comes_again_after_its_instant(desk: Desk) -> None:
    """Not before, and then at once."""
    plan = await desk.proposed()
    wake = desk.clock.now() + timedelta(hours=3)
    await desk.engine.decline(plan.proposed.plan_id, ANN, snoozed_until=wake)
    await desk.clock.advance(timedelta(hours=2))
    await desk.engine.advance()
    assert await desk.journal.open_plan() is None
    await desk.clock.advance_to(wake)
    await desk.engine.advance()
    assert (await desk.open_plan()).status is S.PROPOSED


async def test_a_plan_can_be_stopped_while_it_is_carried_out(desk: Desk) -> None:
    """What rests is cancelled, nothing more is sent, and the report says who did it."""
    desk.alpha.will = [Will.REST]
    plan = await desk.executing()
    await desk.clock.advance(timedelta(seconds=3))
    assert (await desk.engine.stop_plan(plan.proposed.plan_id, BEN)).kind is AnswerKind.DONE
    done = await desk.until(plan, S.ABORTED)
    assert [order.status for order in done.orders] == ["canceled"]
    assert isinstance(done.ended, ev.PlanAborted)
    assert [(why.code, why.get("by")) for why in done.ended.reasons] == [(R.STOPPED_BY_PERSON, "Ben")]
    assert len(desk.alpha.sent) == 1
    assert (await desk.engine.stop_plan(plan.proposed.plan_id, BEN)).kind is AnswerKind.TOO_LATE


async def test_a_proposal_is_declined_and_not_stopped(desk: Desk) -> None:
    """There is nothing to stop yet."""
    plan = await desk.proposed()
    assert (await desk.engine.stop_plan(plan.proposed.plan_id, ANN)).kind is AnswerKind.TOO_LATE


@pytest.mark.parametrize(
    ("rule", "above", "asks"),
    [
        (Approval.NEVER, "0", False),
        (Approval.ABOVE, "100000", False),
        (Approval.ABOVE, "10", True),
        (Approval.ALWAYS, "0", True),
    ],
)
async def test_the_policy_says_which_plans_people_must_approve(
    open_desk: OpenDesk, rule: Approval, above: str, asks: bool
) -> None:
    """The others begin by themselves, and say that the policy approved them."""
    desk = open_desk(policy=b.policy(TARGETS, approval=rule, approval_above=Money(Decimal(above))))
    plan = await desk.proposed()
    if asks:
        assert plan.status is S.PROPOSED
        return
    done = await desk.until(plan, S.COMPLETED)
    approved = [entry.fact.by for entry in done.trail if isinstance(entry.fact, ev.PlanApproved)]
    assert approved == [(f"policy ({rule.value})",)]


async def test_a_refused_order_ends_its_leg_and_not_the_plan(desk: Desk) -> None:
    """The leg keeps what the venue said; the rest is traded as far as the cash goes."""
    desk.alpha.will = [Will.REFUSE]
    plan = await desk.executing()
    done = await desk.until(plan, S.COMPLETED)
    assert [why.code for why in done.leg(plan.proposed.plan.legs[0].id).reasons] == [R.REJECTED_BY_VENUE]
    assert [order.symbol for order in desk.alpha.sent] == ["BTC/USDT", "ETH/USDT"]


async def test_a_price_outside_the_bound_is_waited_for_until_the_time_is_over(desk: Desk) -> None:
    """The others go on; it is told once for each reason that the leg waits, and at the end why it was not traded."""
    desk.alpha.will = [Will.NOT_SENT]
    plan = await desk.executing()
    await desk.clock.advance(timedelta(milliseconds=1))
    desk.move("BTC/USDT", "90")
    done = await desk.until(plan, S.COMPLETED)
    assert [order.symbol for order in desk.alpha.sent] == ["BTC/USDT", "ETH/USDT"]
    waited = [e.fact.reason.code for e in await desk.journal.facts(ev.LegWaiting) if isinstance(e.fact, ev.LegWaiting)]
    assert waited == [R.ORDERS_HELD_UP, R.PRICE_OUTSIDE_BOUND]
    first = plan.proposed.plan.legs[0].id
    assert [why.code for why in done.leg(first).reasons] == [R.TIME_OVER, R.PRICE_OUTSIDE_BOUND]


async def test_a_price_that_comes_back_is_traded(desk: Desk) -> None:
    """Within the plan's time, at the approved bound."""
    desk.alpha.will = [Will.NOT_SENT]
    plan = await desk.executing()
    await desk.clock.advance(timedelta(milliseconds=1))
    desk.move("BTC/USDT", "90")
    await desk.clock.advance(5 * MINUTE)
    desk.move("BTC/USDT", "100")
    await desk.until(plan, S.COMPLETED, within=10 * timedelta(seconds=1))
    assert [order.symbol for order in desk.alpha.sent] == ["BTC/USDT", "ETH/USDT", "BTC/USDT"]


async def test_an_order_that_is_filled_in_part_is_followed_by_another(desk: Desk) -> None:
    """Until the leg is done; under a new id, for what is left."""
    desk.alpha.will = [Will.HALF]
    plan = await desk.executing()
    done = await desk.until(plan, S.COMPLETED)
    sell = plan.proposed.plan.legs[0]
    assert [order.request.attempt for order in done.orders_of(sell.id)] == [1, 2]
    assert sell.quantity - done.filled(sell.id) < Decimal("0.00001")


async def test_drift_that_the_plan_itself_causes_is_no_alert(desk: Desk) -> None:
    """While it trades the weights move; what is left of a drift is told of afterwards."""
    desk.alpha.will, desk.alpha.silent = [Will.TAKE_AND_FAIL], True
    plan = await desk.proposed()
    told = len(await desk.journal.facts(ev.DriftAlertsChanged))
    await desk.approve(plan)
    await desk.until(plan, S.EXECUTING)
    desk.move("ETH/USDT", "15")
    await desk.engine.advance()
    assert len(await desk.journal.facts(ev.DriftAlertsChanged)) == told
    desk.alpha.silent = False
    await desk.until(plan, S.COMPLETED)
    await desk.engine.advance()
    assert len(await desk.journal.facts(ev.DriftAlertsChanged)) == told + 1
