"""Between approval and the first order the market is looked at once more: what was approved is done, or asked again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model import events as ev
from engine.model.ids import PlanId
from engine.model.market import OrderBook
from engine.model.plan import PlanStatus as S
from engine.model.plan import PlanTrigger
from engine.model.policy import Approval, TriggerKind
from engine.model.portfolio import Balance
from engine.model.reasons import ReasonCode as R
from engine.run.approvals import AnswerKind
from tests import builders as b
from tests.builders import Market
from tests.run.conftest import OpenDesk
from tests.run.desk import ANN, SECOND, TARGETS, Desk


async def why_withdrawn(desk: Desk, plan_id: PlanId) -> tuple[PlanId | None, list[R]]:
    """The successor of a superseded plan, and the reasons."""
    state = await desk.by_id(plan_id)
    assert state.status is S.SUPERSEDED
    (fact,) = [entry.fact for entry in state.trail if isinstance(entry.fact, ev.PlanSuperseded)]
    return fact.by_plan, b.codes(fact.reasons)


@pytest.mark.parametrize(
    ("mid", "asks_again"), [("99.72", False), ("99.69", True), ("101", False)], ids=["28 bps", "31 bps", "in favour"]
)
async def test_a_market_that_moved_against_it_is_asked_about_again(desk: Desk, mid: str, asks_again: bool) -> None:
    """Beyond 30 bps a fresh revision takes its place; within them, and for the better, the plan goes."""
    plan = await desk.proposed()
    desk.move("BTC/USDT", mid)
    assert (await desk.approve(plan)).kind is AnswerKind.DONE
    await desk.clock.advance(SECOND)
    if not asks_again:
        assert (await desk.plan(plan)).status in (S.EXECUTING, S.COMPLETED)
        return
    successor, reasons = await why_withdrawn(desk, plan.proposed.plan_id)
    fresh = await desk.open_plan()
    assert (fresh.proposed.plan_id, fresh.status, reasons) == (successor, S.PROPOSED, [R.MARKET_MOVED])
    assert (fresh.proposed.root, fresh.proposed.revision) == (plan.proposed.root, 2)
    assert fresh.proposed.supersedes == plan.proposed.plan_id
    assert fresh.proposed.digest != plan.proposed.digest
    assert desk.alpha.sent == []


async def test_the_fresh_plan_is_approved_on_its_own(desk: Desk) -> None:
    """The old card does nothing any more; the new one is carried out."""
    plan = await desk.proposed()
    desk.move("BTC/USDT", "98")
    await desk.approve(plan)
    await desk.clock.advance(SECOND)
    assert (await desk.approve(plan)).kind is AnswerKind.TOO_LATE
    fresh = await desk.open_plan()
    assert (await desk.engine.approve(fresh.proposed.plan_id, plan.proposed.digest, ANN)).kind is AnswerKind.STALE
    assert (await desk.approve(fresh)).kind is AnswerKind.DONE
    await desk.until(fresh, S.COMPLETED)


async def test_where_nothing_is_needed_any_more_the_plan_is_withdrawn(desk: Desk) -> None:
    """Bitcoin fell until its weight was right: no successor, nothing sent, and the next look is quiet."""
    plan = await desk.proposed()
    desk.move("BTC/USDT", "66")
    desk.move("ETH/USDT", "30")
    await desk.approve(plan)
    await desk.clock.advance(SECOND)
    successor, _ = await why_withdrawn(desk, plan.proposed.plan_id)
    assert (successor, await desk.journal.open_plan(), desk.alpha.sent) == (None, None, [])


async def test_what_cannot_be_traded_as_planned_is_asked_about_again(desk: Desk) -> None:
    """Holdings that are gone, a book that got thin, a venue that shows nothing."""
    plan = await desk.proposed()
    desk.alpha.held[b.BTC] = Decimal(1)
    await desk.approve(plan)
    await desk.clock.advance(SECOND)
    assert (await why_withdrawn(desk, plan.proposed.plan_id))[1] == [R.HOLDINGS_CHANGED]


async def test_a_book_that_got_thin_is_asked_about_again(desk: Desk) -> None:
    """It no longer holds what was approved."""
    plan = await desk.proposed()
    desk.alpha.markets["BTC/USDT"] = Market("BTC/USDT", "100", depth="0.1")
    await desk.approve(plan)
    await desk.clock.advance(SECOND)
    assert R.BOOK_TOO_THIN in (await why_withdrawn(desk, plan.proposed.plan_id))[1]


async def test_a_venue_that_shows_nothing_withdraws_the_plan(desk: Desk) -> None:
    """Nothing is sent on a partial view; when it is back, the plan is proposed anew."""
    plan = await desk.proposed()
    desk.alpha.down = True
    await desk.approve(plan)
    await desk.clock.advance(SECOND)
    successor, reasons = await why_withdrawn(desk, plan.proposed.plan_id)
    assert (successor, set(reasons)) == (None, {R.VENUE_SILENT})
    desk.alpha.down = False
    await desk.engine.advance()
    assert (await desk.open_plan()).status is S.PROPOSED


async def test_a_fresh_plan_that_needs_nobodys_approval_goes_by_itself(open_desk: OpenDesk) -> None:
    """Where the policy approves, it approves the successor too, and the next look carries it out."""
    desk = open_desk(policy=b.policy(TARGETS, approval=Approval.NEVER))
    desk.alpha.markets["BTC/USDT"] = Market("BTC/USDT", bids=(("100", "99"),), asks=(("100.1", "99"),))
    await desk.start()
    await desk.engine.advance()
    desk.move("BTC/USDT", "98")
    first = await desk.open_plan()
    await desk.clock.advance(SECOND)
    fresh = await desk.open_plan()
    assert (fresh.proposed.revision, fresh.status, first.status) == (2, S.APPROVED, S.APPROVED)
    await desk.engine.advance()
    await desk.until(fresh, S.COMPLETED)


async def test_a_date_that_comes_while_a_plan_is_asked_about_again_is_answered_once(open_desk: OpenDesk) -> None:
    """The fresh plan answers the date: after it, the date does not call a second time."""
    hybrid = {"kind": TriggerKind.HYBRID, "every": "daily", "cooldown": timedelta(0)}
    before_midnight = b.T0 - timedelta(minutes=10)
    desk = open_desk(policy=b.policy(TARGETS, trigger=hybrid), start=before_midnight)
    plan = await desk.proposed()
    assert plan.proposed.plan.trigger is PlanTrigger.THRESHOLD
    desk.move("BTC/USDT", "98")
    await desk.clock.advance(timedelta(minutes=11))
    await desk.approve(plan)
    await desk.clock.advance(SECOND)
    fresh = await desk.open_plan()
    assert fresh.proposed.plan.trigger is PlanTrigger.CALENDAR
    await desk.approve(fresh)
    await desk.until(fresh, S.COMPLETED)
    await desk.engine.advance()
    answered = [event.fact for event in await desk.journal.facts(ev.CalendarAnswered)]
    assert answered == [ev.CalendarAnswered(b.T0, missed=False, planned=True)]
    assert await desk.journal.open_plan() is None


@pytest.mark.parametrize(
    ("kind", "trigger", "why"),
    [
        (TriggerKind.CALENDAR, PlanTrigger.CALENDAR, R.CALENDAR_DUE),
        (TriggerKind.ADAPTIVE, PlanTrigger.THRESHOLD, R.DRIFT_OVER_THRESHOLD),
    ],
)
async def test_the_fresh_plan_answers_the_same_date(
    open_desk: OpenDesk, kind: TriggerKind, trigger: PlanTrigger, why: R
) -> None:
    """Nobody asked for it, and the date is not answered twice."""
    desk = open_desk(policy=b.policy(TARGETS, trigger={"kind": kind, "every": "daily", "threshold": Decimal("0.1")}))
    plan = await desk.proposed()
    desk.move("BTC/USDT", "98")
    await desk.approve(plan)
    await desk.clock.advance(SECOND)
    fresh = await desk.open_plan()
    assert fresh.proposed.revision == 2
    for each in (plan, fresh):
        assert each.proposed.plan.trigger is trigger
        assert each.proposed.plan.reasons[0].code is why
    assert len(await desk.journal.facts(ev.CalendarAnswered)) == 1


async def test_a_stop_while_the_market_is_looked_at_again_wins(desk: Desk) -> None:
    """The plan winds down; no fresh one is made of it."""
    plan = await desk.proposed()
    desk.move("BTC/USDT", "98")
    look = desk.alpha.balances

    async def stop_meanwhile() -> tuple[Balance, ...]:
        desk.alpha.balances = look  # type: ignore[method-assign]
        await desk.engine.stop_plan(plan.proposed.plan_id, ANN)
        return await look()

    desk.alpha.balances = stop_meanwhile  # type: ignore[method-assign]
    await desk.approve(plan)
    await desk.until(plan, S.ABORTED)
    assert await desk.journal.open_plan() is None


async def test_what_nobody_foresaw_at_its_start_ends_the_plan_and_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent: it ends with the reason, and does not stay approved in silence."""

    async def broken(_: object) -> tuple[OrderBook, ...]:
        raise ZeroDivisionError

    plan = await desk.proposed()
    monkeypatch.setattr(desk.alpha, "books", broken)
    await desk.approve(plan)
    ended = await desk.until(plan, S.ABORTED)
    assert isinstance(ended.ended, ev.PlanAborted)
    assert [(r.code, r.get("error")) for r in ended.ended.reasons] == [(R.DEFECT, "ZeroDivisionError")]
    assert "PlanAborted" in [row.event.kind for row in await desk.journal.outbox(50)]
    assert desk.alpha.sent == []


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=30)])
async def test_an_approval_that_is_stale_at_its_start_is_let_go(desk: Desk, late: timedelta) -> None:
    """The program died right after the approval, and came back when the plan's time was just over, or long after."""
    plan = await desk.proposed()
    desk.journal.fails_at = frozenset({desk.journal.appends + 1})
    desk.journal.keeps, desk.journal.error = True, SystemError
    with pytest.raises(SystemError):
        await desk.approve(plan)
    assert (await desk.plan(plan)).status is S.APPROVED
    await desk.clock.advance(plan.proposed.expires_at - desk.clock.now() + late)
    await desk.start()
    await desk.clock.advance(SECOND)
    state = await desk.plan(plan)
    assert state.status is S.EXPIRED
    (fact,) = [entry.fact for entry in state.trail if isinstance(entry.fact, ev.PlanExpired)]
    assert b.codes(fact.reasons) == [R.TIME_OVER]
    assert desk.alpha.sent == []


async def test_an_approval_that_is_fresh_at_its_start_is_carried_out(desk: Desk) -> None:
    """The same death, and a return within the plan's time."""
    plan = await desk.proposed()
    desk.journal.fails_at = frozenset({desk.journal.appends + 1})
    desk.journal.keeps, desk.journal.error = True, SystemError
    with pytest.raises(SystemError):
        await desk.approve(plan)
    await desk.clock.advance(timedelta(minutes=29))
    await desk.start()
    await desk.until(plan, S.COMPLETED)
