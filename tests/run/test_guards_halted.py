"""A venue that is halted: nothing is sent there any more, the others go on, and a person alone lets it in again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.guards import Caps, ExchangeHealth, Guards, Stance
from engine.model.health import HealthLimits
from engine.model.ids import VenueName
from engine.model.order import ReportedStatus
from engine.model.plan import PlanStatus as S
from engine.model.policy import Policy, TriggerKind
from engine.model.portfolio import VenueHealth
from engine.model.reasons import ReasonCode as R
from engine.run.guard_desk import Said
from tests import builders as b
from tests.run.conftest import OpenDesk
from tests.run.desk import ANN, SECOND, Desk
from tests.run.fake_venue import Will
from tests.run.guarded import HOUR, MINUTE, THREE, look, policy, why_withdrawn

LITTLE_BITCOIN = {"BTC": "0.2", "ETH": "0.4", "USDT": "0.4"}
ALPHA, BETA = VenueName("alpha"), VenueName("beta")
BOTH = {name: {"BTC": "3", "ETH": "5", "USDT": "10"} for name in ("alpha", "beta")}
"""More bitcoin is to be sold than lies on either."""
ASKED_WITHIN = timedelta(minutes=6)
"""By then every venue was asked about its coins."""


def strict(stance: Stance = Stance.ACT, **more: Any) -> Policy:
    """A venue that pays nothing out is halted at once."""
    limits = HealthLimits(withdrawals_closed_for=timedelta(0), recover_after=timedelta(0))
    guards = Guards(exchange_health=ExchangeHealth(stance, limits), caps=Caps(daily_stance=Stance.OFF))
    return policy(guards, targets=LITTLE_BITCOIN, **more)


def two(open_desk: OpenDesk, **more: Any) -> Desk:
    return open_desk(policy=strict(**more), **BOTH)


async def halts(desk: Desk, name: str = "alpha") -> None:
    """The venue, whose holdings are known, closes its withdrawals, is asked, and judged."""
    await look(desk)
    desk.venues[name].shut = {"BTC"}
    await look(desk, ASKED_WITHIN)
    assert await health(desk, VenueName(name)) is VenueHealth.HALTED


async def health(desk: Desk, name: VenueName = ALPHA) -> VenueHealth:
    """As the journal remembers it."""
    return next(v.health for v in (await desk.journal.standing()).guards.venues if v.venue == name)


def venues_of(plan: PlanState) -> set[str]:
    return {str(leg.venue) for leg in plan.proposed.plan.legs}


async def test_an_open_proposal_is_made_anew_without_it(open_desk: OpenDesk) -> None:
    """The old card says why, and the halt is told of with what lies there."""
    desk = two(open_desk)
    plan = await desk.proposed()
    assert venues_of(plan) == {"alpha", "beta"}
    await halts(desk)
    assert await why_withdrawn(desk, plan) == [R.VENUE_HALTED]
    fresh = await desk.open_plan()
    assert (venues_of(fresh), fresh.proposed.revision) == ({"beta"}, 2)
    told = [event.fact for event in await desk.journal.facts(ev.VenueHealthChanged)]
    (halted,) = [fact for fact in told if isinstance(fact, ev.VenueHealthChanged)]
    assert (halted.venue, halted.health) == (ALPHA, VenueHealth.HALTED)
    assert (b.BTC, Decimal(3)) in halted.holdings and halted.worth == 360


async def test_what_was_approved_is_asked_about_again(open_desk: OpenDesk) -> None:
    """Between the approval and the first order the halt came to be on record."""
    desk = two(open_desk)
    plan = await desk.proposed()
    desk.alpha.shut = {"BTC"}
    await desk.clock.advance(ASKED_WITHIN)
    look_at = desk.alpha.balances

    async def judged_meanwhile() -> Any:
        desk.alpha.balances = look_at  # type: ignore[method-assign]
        await desk.engine.advance()
        return await look_at()

    desk.alpha.balances = judged_meanwhile  # type: ignore[method-assign]
    await desk.approve(plan)
    await desk.until(plan, S.SUPERSEDED)
    assert R.VENUE_HALTED in await why_withdrawn(desk, plan)
    assert venues_of(await desk.open_plan()) == {"beta"}
    assert desk.alpha.sent == []


async def test_under_way_what_rests_there_is_cancelled_and_the_others_go_on(open_desk: OpenDesk) -> None:
    """Its legs are over with the reason; those elsewhere are traded, and the plan ends complete."""
    desk = two(open_desk, limits={"patience": HOUR})
    desk.alpha.will = [Will.REST]
    plan = await desk.executing()
    await desk.clock.advance(SECOND)
    assert len(desk.alpha.sent) == 1
    await halts(desk)
    await desk.until(plan, S.COMPLETED)
    assert [r.status for r in desk.alpha.orders.values()] == [ReportedStatus.CANCELED]
    assert len(desk.alpha.sent) == 1 and desk.venues["beta"].orders
    settled = [event.fact for event in await desk.journal.facts(ev.LegSettled)]
    over = {fact.leg: b.codes(fact.reasons) for fact in settled if isinstance(fact, ev.LegSettled)}
    there = {leg.id for leg in plan.proposed.plan.legs if leg.venue == ALPHA}
    assert {leg for leg, why in over.items() if R.VENUE_HALTED in why} == there


async def test_one_that_is_gone_is_asked_ever_less_often_to_cancel_what_rests(open_desk: OpenDesk) -> None:
    """The journal is not filled with every second; when it answers again, the order is cancelled within a minute."""
    desk = two(open_desk, limits={"patience": HOUR})
    desk.alpha.will = [Will.REST]
    plan = await desk.executing()
    await desk.clock.advance(SECOND)
    await halts(desk)
    desk.alpha.down = True
    asked_before = (await desk.story(plan)).count("CancelRequested")
    await desk.clock.advance(10 * MINUTE)
    assert (await desk.story(plan)).count("CancelRequested") - asked_before <= 20
    desk.alpha.down = False
    await desk.until(plan, S.COMPLETED)


async def test_of_one_that_never_answers_again_a_person_gives_the_order_up(open_desk: OpenDesk) -> None:
    """People are asked about it; on their word the plan goes on elsewhere, though the venue is still gone."""
    desk = two(open_desk, limits={"patience": HOUR})
    desk.alpha.will = [Will.REST]
    plan = await desk.executing()
    await desk.clock.advance(SECOND)
    await halts(desk)
    desk.alpha.down = True
    await desk.clock.advance(5 * MINUTE)
    (order,) = (await desk.plan(plan)).orders
    assert order.quarantined and not order.is_closed
    await desk.engine.give_up_order(plan.proposed.plan_id, order.request.client_order_id, ANN)
    await desk.until(plan, S.COMPLETED)
    assert desk.venues["beta"].orders and len(desk.alpha.sent) == 1


async def test_it_outlives_a_restart_and_ends_with_a_persons_word_alone(open_desk: OpenDesk) -> None:
    """However well it is by then."""
    desk = two(open_desk)
    await desk.start()
    await halts(desk)
    desk.alpha.shut = set()
    for _ in range(3):
        await desk.start()
        await look(desk, ASKED_WITHIN)
        assert await health(desk) is VenueHealth.HALTED
    assert await desk.engine.guards.resume_venue(BETA, ANN) is Said.NOT_HALTED
    assert await desk.engine.guards.resume_venue(VenueName("gamma"), ANN) is Said.UNKNOWN
    assert await desk.engine.guards.resume_venue(ALPHA, ANN) is Said.DONE
    assert await desk.engine.guards.resume_venue(ALPHA, ANN) is Said.NOT_HALTED
    await desk.engine.rebalance()
    await look(desk)
    assert await health(desk) is VenueHealth.HEALTHY
    if (plan := await desk.journal.open_plan()) is not None:
        await desk.engine.decline(plan.proposed.plan_id, ANN)
    await desk.engine.rebalance()
    assert venues_of(await desk.open_plan()) == {"alpha", "beta"}


async def test_resumed_while_a_look_is_under_way_it_stays_resumed(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look had read that it is halted: it is made anew, and does not write the halt down again."""
    desk = two(open_desk)
    await desk.start()
    await halts(desk)
    desk.alpha.shut = set()
    await desk.clock.advance(ASKED_WITHIN)
    save = desk.journal.save_decision

    async def at_the_last_moment(decision: Any) -> Any:
        monkeypatch.setattr(desk.journal, "save_decision", save)
        await desk.engine.guards.resume_venue(ALPHA, ANN)
        return await save(decision)

    monkeypatch.setattr(desk.journal, "save_decision", at_the_last_moment)
    await look(desk, 7 * HOUR)
    assert len(await desk.journal.facts(ev.VenueResumed)) == 1
    assert await health(desk) is VenueHealth.HEALTHY


async def test_one_that_is_halted_and_silent_freezes_nobody(open_desk: OpenDesk) -> None:
    """What it held is counted as it was last seen; that it does not answer makes no partial view."""
    desk = two(open_desk)
    await desk.start()
    await look(desk)
    await desk.engine.decline((await desk.open_plan()).proposed.plan_id, ANN)
    await halts(desk)
    desk.alpha.down = True
    await look(desk)
    decision = await desk.engine.rebalance()
    assert decision.outcome.vetoes == ()
    plan = await desk.open_plan()
    assert venues_of(plan) == {"beta"}
    await desk.approve(plan)
    await desk.until(plan, S.COMPLETED)


async def test_a_silent_one_that_is_not_halted_does(open_desk: OpenDesk) -> None:
    """The same outage without the halt: nothing is traded on a partial view."""
    desk = two(open_desk)
    await desk.start()
    await look(desk)
    await desk.engine.decline((await desk.open_plan()).proposed.plan_id, ANN)
    desk.alpha.down = True
    await look(desk)
    assert b.codes((await desk.engine.rebalance()).outcome.vetoes) == [R.VENUE_UNREACHABLE]


async def test_a_date_is_not_used_up_while_a_venue_is_unwell(open_desk: OpenDesk) -> None:
    """The one venue is degraded on the date: it is answered when it is well, within its grace, and once."""
    late = replace(strict().guards.exchange_health, limits=HealthLimits(recover_after=timedelta(0)))
    dated = {"kind": TriggerKind.CALENDAR, "every": "daily"}
    wanted = policy(Guards(exchange_health=late), targets=THREE, trigger=dated)
    desk = open_desk(policy=wanted, start=b.T0 - 10 * MINUTE)
    await desk.start()
    desk.alpha.shut = {"BTC"}
    await look(desk)
    await look(desk, 11 * MINUTE)
    assert await health(desk) is VenueHealth.DEGRADED
    assert await desk.journal.open_plan() is None
    assert await desk.journal.facts(ev.CalendarAnswered) == ()
    desk.alpha.shut = set()
    await look(desk, ASKED_WITHIN)
    await look(desk)
    assert venues_of(await desk.open_plan()) == {"alpha"}
    assert len(await desk.journal.facts(ev.CalendarAnswered)) == 1


async def test_with_alert_people_are_told_and_it_is_traded_on(open_desk: OpenDesk) -> None:
    """That is what was chosen."""
    desk = open_desk(policy=strict(Stance.ALERT), **BOTH)
    plan = await desk.proposed()
    await halts(desk)
    assert (await desk.plan(plan)).status is S.PROPOSED
    await desk.approve(plan)
    await desk.until(plan, S.COMPLETED)
    assert desk.alpha.sent
