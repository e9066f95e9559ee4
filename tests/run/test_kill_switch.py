"""The kill switch: at once, over a restart, and lifted by a person alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.model import events as ev
from engine.model.errors import JournalUnavailable
from engine.model.order import ReportedStatus
from engine.model.plan import PlanStatus as S
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.run.desk import ANN, BEN, SECOND, Desk
from tests.run.fake_venue import Will


async def test_a_proposal_is_withdrawn_and_none_is_made_until_it_is_lifted(desk: Desk) -> None:
    """Also for a person who asks; and a restart changes nothing."""
    plan = await desk.proposed()
    await desk.engine.kill(ANN)
    assert (await desk.plan(plan)).status is S.SUPERSEDED
    for _ in range(2):
        assert b.codes((await desk.engine.rebalance()).outcome.verdict.reasons)[0] is R.KILLED
        await desk.start()
        await desk.engine.advance()
        assert await desk.journal.open_plan() is None
    await desk.engine.revive(BEN)
    await desk.engine.advance()
    assert (await desk.open_plan()).status is S.PROPOSED


async def test_it_is_written_down_once(desk: Desk) -> None:
    """Pulling it twice, or lifting it twice, is once."""
    await desk.proposed()
    for _ in range(2):
        await desk.engine.kill(ANN)
    for _ in range(2):
        await desk.engine.revive(ANN)
    facts = await desk.journal.facts(ev.TradingKilled, ev.TradingRevived)
    assert [event.kind for event in facts] == ["TradingKilled", "TradingRevived"]


async def test_what_rests_is_cancelled_and_nothing_more_is_sent(desk: Desk) -> None:
    """The plan ends with a report; what was traded stays traded."""
    desk.alpha.will = [Will.REST]
    plan = await desk.executing()
    await desk.clock.advance(SECOND)
    await desk.engine.kill(ANN)
    ended = await desk.until(plan, S.ABORTED)
    assert [report.status for report in desk.alpha.orders.values()] == [ReportedStatus.CANCELED]
    assert len(desk.alpha.sent) == 1
    assert isinstance(ended.ended, ev.PlanAborted) and b.codes(ended.ended.reasons) == [R.KILLED]


@pytest.mark.parametrize("restart", [False, True])
async def test_an_order_that_was_intended_is_not_sent_any_more(desk: Desk, restart: bool) -> None:
    """The switch is looked at between the intent and the wire, by a process that was started killed too."""
    plan = await desk.proposed()
    pulled = False

    async def pull(*_: object) -> None:
        nonlocal pulled
        pulled = True

    desk.may_send = lambda: not pulled
    await desk.start()
    await pull()
    await desk.approve(plan)
    await desk.clock.advance(5 * SECOND)
    if restart:
        await desk.start()
        await desk.clock.advance(5 * SECOND)
    assert desk.alpha.sent == []
    story = await desk.story(plan)
    assert "OrderNotSent" in story
    await desk.engine.kill(ANN)
    await desk.until(plan, S.ABORTED)


async def test_a_kill_that_was_cut_off_is_carried_out_by_the_next_life(desk: Desk) -> None:
    """The switch is on record, and the program ends before it has stopped the plan: nothing more is sent after that."""
    desk.alpha.will = [Will.REST]
    plan = await desk.executing()
    await desk.clock.advance(SECOND)
    desk.journal.fails_at = frozenset({desk.journal.appends + 2})
    with pytest.raises(JournalUnavailable):
        await desk.engine.kill(ANN)
    assert (await desk.plan(plan)).status is S.EXECUTING
    await desk.start()
    await desk.until(plan, S.ABORTED)
    assert [report.status for report in desk.alpha.orders.values()] == [ReportedStatus.CANCELED]
    assert len(desk.alpha.sent) == 1


async def test_a_plan_that_sleeps_until_its_next_slice_is_woken(desk: Desk) -> None:
    """It does not sleep on for half a minute before it ends."""
    desk.alpha.will = [Will.REST]
    plan = await desk.executing()
    await desk.clock.advance(timedelta(seconds=1))
    await desk.engine.kill(ANN)
    await desk.clock.advance(timedelta(seconds=2))
    assert (await desk.plan(plan)).status is S.ABORTED
