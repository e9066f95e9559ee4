"""A plan that waits through the night: one card, refreshed in place, and asked again in the morning."""

from __future__ import annotations

from datetime import time, timedelta

from engine.model import events as ev
from engine.model.plan import PlanStatus as S
from engine.model.policy import QuietHours
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.run.conftest import OpenDesk
from tests.run.desk import ANN, TARGETS, Desk

HOUR, TTL = timedelta(hours=1), timedelta(minutes=30)


def at_night(open_desk: OpenDesk) -> Desk:
    """It is midnight, and quiet until seven."""
    return open_desk(policy=b.policy(TARGETS, quiet=QuietHours(time(22), time(7))))


async def test_what_nobody_answers_at_night_is_refreshed_in_its_place(open_desk: OpenDesk) -> None:
    """With the figures of now, as often as its time runs out; none of them can be approved any more but the last."""
    desk = at_night(open_desk)
    first = await desk.proposed()
    for _ in range(2):
        await desk.clock.advance(TTL)
        desk.move("BTC/USDT", "101")
        await desk.engine.advance()
    last = await desk.open_plan()
    assert (last.proposed.root, last.proposed.revision, last.proposed.in_place) == (first.proposed.root, 3, True)
    assert (await desk.plan(first)).status is S.SUPERSEDED
    assert await desk.journal.facts(ev.PlanExpired) == ()
    assert (await desk.journal.standing()).refusal is None


async def test_in_the_morning_it_is_asked_again_aloud(open_desk: OpenDesk) -> None:
    """Once, in a message of its own; by day it expires like any other."""
    desk = at_night(open_desk)
    night = await desk.proposed()
    await desk.clock.advance(7 * HOUR)
    await desk.engine.advance()
    morning = await desk.open_plan()
    assert (morning.proposed.revision, morning.proposed.in_place) == (2, False)
    (fact,) = [e.fact for e in (await desk.plan(night)).trail]
    assert isinstance(fact, ev.PlanSuperseded)
    assert b.codes(fact.reasons) == [R.QUIET_HOURS_OVER]
    await desk.clock.advance(TTL)
    await desk.engine.advance()
    assert (await desk.plan(morning)).status is S.EXPIRED


async def test_what_is_no_longer_called_for_is_withdrawn(open_desk: OpenDesk) -> None:
    """The drift went back by itself while everybody slept."""
    desk = at_night(open_desk)
    plan = await desk.proposed()
    await desk.clock.advance(TTL)
    desk.move("BTC/USDT", "66.67")
    desk.move("ETH/USDT", "30")
    await desk.engine.advance()
    assert (await desk.plan(plan)).status is S.SUPERSEDED
    assert await desk.journal.open_plan() is None


async def test_hours_that_people_chose_hold_in_place_of_the_policys(open_desk: OpenDesk) -> None:
    """Over a restart too: what nobody answers in them is refreshed, and by day it expires."""
    desk = open_desk(policy=b.policy(TARGETS))
    plan = await desk.proposed()
    await desk.engine.manners.set_quiet(QuietHours(time(22), time(7)), ANN)
    await desk.start()
    await desk.clock.advance(TTL)
    await desk.engine.advance()
    assert (await desk.plan(plan)).status is S.SUPERSEDED
    fresh = await desk.open_plan()
    assert fresh.proposed.in_place
    await desk.engine.manners.set_quiet(None, ANN)
    await desk.clock.advance(TTL)
    await desk.engine.advance()
    assert (await desk.plan(fresh)).status is S.EXPIRED


async def test_the_policys_hours_hold_again_when_they_are_wanted(open_desk: OpenDesk) -> None:
    """And a choice that changes nothing is not written."""
    desk = at_night(open_desk)
    await desk.start()
    for _ in range(2):
        await desk.engine.manners.set_quiet(None, ANN)
    for _ in range(2):
        await desk.engine.manners.set_quiet_by_policy(ANN)
    assert [e.fact for e in await desk.journal.facts(ev.QuietChosen)] == [
        ev.QuietChosen(None, False, ANN.id, ANN.name),
        ev.QuietChosen(None, True, ANN.id, ANN.name),
    ]
    plan = await desk.proposed()
    await desk.clock.advance(TTL)
    await desk.engine.advance()
    assert (await desk.plan(plan)).status is S.SUPERSEDED
