"""Whatever fails, and whenever: no order twice, no fill lost, nothing sent without its intent on disk."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.execute.plan_state import PlanState
from engine.execute.reconcile import QUARANTINED_AFTER
from engine.model import events as ev
from engine.model.errors import JournalUnavailable
from engine.model.order import OrderStatus
from engine.model.plan import PlanStatus as S
from engine.model.reasons import ReasonCode as R
from engine.model.venue import CLOCK_SKEW_ALLOWED, Capabilities, ClientIdScope
from engine.run.approvals import AnswerKind
from tests.run.desk import ANN, SECOND, Desk
from tests.run.fake_venue import LAG, WINDOW, Will

PROOF = WINDOW + CLOCK_SKEW_ALLOWED + LAG


async def settled_as_approved(desk: Desk, plan: PlanState) -> None:
    """Everything that was approved was traded, once, and every trade is booked."""
    done = await desk.until(plan, S.COMPLETED)
    legs = plan.proposed.plan.legs
    assert [done.filled(leg.id) for leg in legs] == [leg.quantity for leg in legs]
    assert desk.traded() == sum(leg.quantity for leg in legs)
    assert not done.has_anomaly


async def test_a_proposal_outlives_the_program(desk: Desk) -> None:
    """It is approved in the next life."""
    plan = await desk.proposed()
    await desk.start()
    await desk.approve(plan)
    await settled_as_approved(desk, plan)


async def test_an_order_whose_answer_is_lost_is_found(desk: Desk) -> None:
    """It is unknown until the venue shows it; no second one is sent."""
    desk.alpha.will = [Will.TAKE_AND_FAIL]
    plan = await desk.executing()
    await settled_as_approved(desk, plan)
    assert [order.symbol for order in desk.alpha.sent] == ["BTC/USDT", "ETH/USDT"]
    assert "OrderUnconfirmed" in await desk.story(plan)


@pytest.mark.parametrize("will", [Will.LOSE, Will.LOSE_AND_HANG])
async def test_a_lost_order_is_sent_again_only_when_its_absence_is_proved(desk: Desk, will: Will) -> None:
    """Past the venue's window, with the same id; until then nothing else happens on that plan."""
    desk.alpha.will = [will]
    plan = await desk.executing()
    if will is Will.LOSE_AND_HANG:
        await desk.clock.advance(SECOND)
        await desk.start()
    await desk.clock.advance(PROOF - 2 * SECOND)
    assert len(desk.alpha.sent) == 1
    assert (await desk.plan(plan)).orders[0].status is OrderStatus.UNKNOWN
    await settled_as_approved(desk, plan)
    lost, again, other = desk.alpha.sent
    assert (lost.client_order_id, lost.quantity) == (again.client_order_id, again.quantity)
    assert other.symbol == "ETH/USDT"
    assert again.intended_at >= lost.intended_at + PROOF


async def test_an_order_that_was_surely_not_sent_goes_again_soon(desk: Desk) -> None:
    """With the same id, without waiting for the window."""
    desk.alpha.will = [Will.NOT_SENT]
    plan = await desk.executing()
    await settled_as_approved(desk, plan)
    first = [order for order in desk.alpha.sent if order.symbol == "BTC/USDT"]
    assert len({order.client_order_id for order in first}) == 1
    assert first[1].intended_at - first[0].intended_at < PROOF


async def test_a_restart_doubts_an_order_whose_answer_is_not_on_disk(desk: Desk) -> None:
    """It was filled while the program was gone: it is found, and the plan goes on."""
    desk.alpha.will = [Will.TAKE_AND_HANG]
    plan = await desk.executing()
    await desk.clock.advance(SECOND)
    await desk.start()
    assert (await desk.plan(plan)).orders[0].status is OrderStatus.UNKNOWN
    await settled_as_approved(desk, plan)


async def test_while_a_venue_cannot_be_asked_nothing_else_is_sent(desk: Desk) -> None:
    """An hour of silence proves nothing; the answer does."""
    desk.alpha.will, desk.alpha.silent = [Will.TAKE_AND_FAIL], True
    plan = await desk.executing()
    await desk.clock.advance(timedelta(minutes=5))
    assert len(desk.alpha.sent) == 1
    desk.alpha.silent = False
    await settled_as_approved(desk, plan)


async def test_an_order_in_doubt_outlives_the_plans_time(desk: Desk) -> None:
    """Its trade is booked before the plan is closed, and nothing is sent any more."""
    desk.alpha.will, desk.alpha.silent = [Will.TAKE_AND_FAIL], True
    plan = await desk.executing()
    await desk.clock.advance(timedelta(hours=1))
    desk.alpha.silent = False
    done = await desk.until(plan, S.COMPLETED)
    sell, buy = plan.proposed.plan.legs
    assert (done.filled(sell.id), done.filled(buy.id)) == (sell.quantity, Decimal(0))
    assert [why.code for why in done.leg(buy.id).reasons] == [R.TIME_OVER]


async def test_what_nobody_foresaw_pauses_the_plan_until_a_person_resumes_it(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The order is doubted first, whatever happened to it; then the plan goes on. The log has the error, with where."""
    desk.alpha.will = [Will.BREAK]
    plan = await desk.executing()
    paused = await desk.until(plan, S.PAUSED)
    (line,) = [record for record in caplog.records if "not foreseen" in record.message]
    assert line.exc_info is not None and line.exc_info[0] is ZeroDivisionError
    (why,) = [entry.fact.reasons for entry in paused.trail if isinstance(entry.fact, ev.ExecutionPaused)]
    assert [(r.code, r.get("error")) for r in why] == [(R.DEFECT, "ZeroDivisionError")]
    await desk.clock.advance(timedelta(minutes=1))
    await desk.engine.advance()
    assert len(desk.alpha.sent) == 1
    await desk.engine.resume(ANN)
    await settled_as_approved(desk, plan)


async def test_a_paused_plan_stays_paused_over_a_restart(desk: Desk) -> None:
    """And can be stopped."""
    desk.alpha.will = [Will.BREAK]
    plan = await desk.executing()
    await desk.until(plan, S.PAUSED)
    await desk.start()
    await desk.clock.advance(timedelta(minutes=1))
    assert (await desk.plan(plan)).status is S.PAUSED
    await desk.engine.stop_plan(plan.proposed.plan_id, ANN)
    await desk.until(plan, S.ABORTED)
    assert len(desk.alpha.sent) == 1


async def test_a_venue_that_trades_more_than_was_ordered_pauses_the_plan(desk: Desk) -> None:
    """Every trade is booked; a person decides, and the plan is paused for it once."""
    desk.alpha.will = [Will.TOO_MUCH]
    plan = await desk.executing()
    paused = await desk.until(plan, S.PAUSED)
    assert paused.has_anomaly
    assert paused.filled(plan.proposed.plan.legs[0].id) == plan.proposed.plan.legs[0].quantity * Decimal("1.5")
    await desk.engine.resume(ANN)
    await desk.until(plan, S.COMPLETED)
    assert (await desk.story(plan)).count("ExecutionPaused") == 1


async def appends_of_a_whole_life() -> int:
    """How many times an undisturbed plan writes after its approval."""
    desk = Desk()
    plan = await desk.proposed()
    before = desk.journal.appends
    await desk.approve(plan)
    await desk.until(plan, S.COMPLETED)
    await desk.stop()
    return desk.journal.appends - before - 1


FIRST_TO_LAST = range(1, 9)
"""Every append of a plan of two legs, from its start to its completion."""


async def test_the_appends_below_are_all_of_them() -> None:
    """If a plan's life writes more often, the two tests that follow must break it there too."""
    assert await appends_of_a_whole_life() == len(FIRST_TO_LAST)


@pytest.mark.parametrize("append", FIRST_TO_LAST)
@pytest.mark.parametrize("written", [False, True], ids=["lost", "written"])
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for-a-while"])
async def test_a_journal_that_fails_at_any_append_harms_nothing(
    desk: Desk, append: int, written: bool, for_good: bool
) -> None:
    """With the fact written or not, once or for a minute: when it is back, the plan is carried out as approved."""
    plan = await desk.proposed()
    first = desk.journal.appends + 1 + append
    desk.journal.keeps = written
    desk.journal.fails_at = frozenset(range(first, first + (10 if for_good else 1)))
    await desk.approve(plan)
    await settled_as_approved(desk, plan)
    ids = [order.client_order_id for order in desk.alpha.sent]
    assert len(ids) == len(set(ids)) == 2


@pytest.mark.parametrize("append", FIRST_TO_LAST)
@pytest.mark.parametrize("written", [False, True], ids=["before", "after"])
async def test_a_program_that_dies_at_any_append_goes_on_where_it_was(desk: Desk, append: int, written: bool) -> None:
    """Before or after the fact is on disk; the next life carries the plan out as approved."""
    plan = await desk.proposed()
    desk.journal.error, desk.journal.keeps = asyncio.CancelledError, written
    desk.journal.fails_at = frozenset({desk.journal.appends + 1 + append})
    await desk.approve(plan)
    for _ in range(10):
        await desk.clock.advance(SECOND)
    assert desk.journal.appends == max(desk.journal.fails_at), "it died at another place than it was meant to"
    await desk.start()
    await settled_as_approved(desk, plan)
    assert len({order.client_order_id for order in desk.alpha.sent}) == 2


async def test_an_approval_that_is_not_on_disk_is_no_approval(desk: Desk) -> None:
    """The person hears of it, and can press again."""
    plan = await desk.proposed()
    desk.journal.fails_at = frozenset({desk.journal.appends + 1})
    with pytest.raises(JournalUnavailable):
        await desk.approve(plan)
    assert (await desk.plan(plan)).status is S.PROPOSED
    await desk.approve(plan)
    await settled_as_approved(desk, plan)


async def test_a_cancel_that_fails_is_asked_again(desk: Desk) -> None:
    """The venue was away: what rests is cancelled when it is back, and only then is the plan over."""
    desk.alpha.will = [Will.REST]
    plan = await desk.executing()
    await desk.clock.advance(SECOND)
    desk.alpha.down = True
    await desk.engine.stop_plan(plan.proposed.plan_id, ANN)
    await desk.clock.advance(timedelta(seconds=30))
    assert (await desk.plan(plan)).status is S.WINDING_DOWN
    desk.alpha.down = False
    done = await desk.until(plan, S.ABORTED)
    assert done.orders[0].status is OrderStatus.CANCELED
    assert "CancelFailed" in await desk.story(plan)


@pytest.mark.parametrize("dies", [False, True], ids=["the answer of the disk is lost", "the program dies"])
async def test_a_cancel_that_never_left_is_asked_again(desk: Desk, dies: bool) -> None:
    """It was on disk that it would be asked for, and no more: the order must not rest for ever."""
    desk.alpha.will = [Will.REST]
    plan = await desk.executing()
    await desk.clock.advance(SECOND)
    desk.journal.keeps = True
    desk.journal.error = asyncio.CancelledError if dies else JournalUnavailable
    # The stop itself is written first, then that the cancel is asked for.
    desk.journal.fails_at = frozenset({desk.journal.appends + 2})
    await desk.engine.stop_plan(plan.proposed.plan_id, ANN)
    await desk.clock.advance(2 * SECOND)
    assert (await desk.plan(plan)).orders[0].status is OrderStatus.PENDING_CANCEL
    if dies:
        await desk.start()
    done = await desk.until(plan, S.ABORTED, within=timedelta(minutes=1))
    assert done.orders[0].status is OrderStatus.CANCELED


async def test_an_order_that_rests_is_cancelled_when_the_time_is_over(desk: Desk) -> None:
    """The plan is closed with a reason and leaves nothing in a book."""
    desk.alpha.will = [Will.REST]
    plan = await desk.executing()
    done = await desk.until(plan, S.COMPLETED)
    assert done.orders[0].status is OrderStatus.CANCELED
    assert [why.code for why in done.leg(plan.proposed.plan.legs[0].id).reasons] == [R.TIME_OVER]


async def test_an_order_that_its_venue_has_forgotten_is_asked_about_and_nothing_more_is_sent(desk: Desk) -> None:
    """It was shown once and is not known any more: only a person can tell, and the plan goes on by his word."""
    desk.alpha.will = [Will.REST]
    plan = await desk.executing()
    await desk.clock.advance(2 * SECOND)
    ((coid, _),) = desk.alpha.orders.items()
    desk.alpha.orders.clear()
    await desk.clock.advance(QUARANTINED_AFTER + 5 * SECOND)
    state = await desk.plan(plan)
    assert state.order(coid).quarantined and len(desk.alpha.sent) == 1
    assert len(await desk.journal.facts(ev.OrderQuarantined)) == 1
    give_up = desk.engine.give_up_order
    assert (await give_up(plan.proposed.plan_id, coid[:8], ANN)).kind is AnswerKind.DONE
    assert (await give_up(plan.proposed.plan_id, coid[:8], ANN)).kind is AnswerKind.TOO_LATE
    ended = await desk.until(plan, S.COMPLETED)
    assert ended.order(coid).status is OrderStatus.CANCELED


async def test_a_venue_that_promises_nothing_proves_nothing_by_its_silence(desk: Desk) -> None:
    """Ids that can come twice, and requests that never expire: an answer that was lost is a person's business."""
    desk.alpha.promises = Capabilities(ClientIdScope.NONE, acceptance_window=None, visibility_lag=LAG)
    desk.alpha.will = [Will.LOSE]
    plan = await desk.executing()
    await desk.clock.advance(timedelta(hours=1))
    assert len(desk.alpha.sent) == 1
    ((lost,),) = [(await desk.plan(plan)).orders]
    assert lost.status is OrderStatus.UNKNOWN and lost.quarantined
