"""What guards do by themselves: signed and within its cap; and what makes every plan wait for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model import events as ev
from engine.model.conditions import Condition, Stage, Step
from engine.model.guards import Caps, DailyLoss, Guards, Rule, Stance, StopLoss
from engine.model.money import Money
from engine.model.plan import PlanStatus as S
from engine.model.plan import PlanTrigger
from engine.model.policy import Approval
from engine.model.reasons import ReasonCode as R
from engine.run.guard_desk import Said
from tests import builders as b
from tests.run.conftest import OpenDesk
from tests.run.desk import ANN, Desk
from tests.run.guarded import DAY, HELD, HOUR, MINUTE, falls, look, policy, step, stopped

ACTS = StopLoss(stance=Stance.ACT)


async def signed(desk: Desk, *, by_the_policy_of_before: bool = False) -> None:
    """A person lets the stop act, and the price falls."""
    await desk.start()
    await look(desk)
    assert await desk.engine.guards.sign(Rule.STOP_LOSS, ANN) is Said.DONE
    if by_the_policy_of_before:
        more = replace(desk.policy, limits=replace(desk.policy.limits, plan_ttl=timedelta(minutes=20)))
        await desk.start(more)
    await falls(desk)


async def test_unsigned_it_asks(open_desk: OpenDesk) -> None:
    """That the policy would let it act is not enough."""
    desk = stopped(open_desk, Guards(stop_loss=ACTS, act_up_to=Money(Decimal(1000))))
    await falls(desk)
    assert (await desk.open_plan()).status is S.PROPOSED


async def test_signed_it_is_carried_out_and_says_by_which_word(open_desk: OpenDesk) -> None:
    """By the policy's version, although every other plan waits for a person; then nothing more of it."""
    desk = stopped(open_desk, Guards(stop_loss=ACTS, act_up_to=Money(Decimal(1000))))
    await signed(desk)
    plan = await desk.open_plan()
    assert plan.status is S.APPROVED
    ended = await desk.until(plan, S.COMPLETED)
    (approved,) = [entry.fact for entry in ended.trail if isinstance(entry.fact, ev.PlanApproved)]
    assert approved.by == ("policy v1",)
    assert await step(desk) is Step.DONE
    await look(desk)
    assert await desk.journal.open_plan() is None


async def test_a_larger_plan_than_was_signed_for_asks(open_desk: OpenDesk) -> None:
    """Three bitcoin at 74 are more than 200."""
    desk = stopped(open_desk, Guards(stop_loss=ACTS, act_up_to=Money(Decimal(200))))
    await signed(desk)
    assert (await desk.open_plan()).status is S.PROPOSED


async def test_another_policy_is_to_be_signed_anew(open_desk: OpenDesk) -> None:
    """Whatever was changed in it."""
    desk = stopped(open_desk, Guards(stop_loss=ACTS, act_up_to=Money(Decimal(1000))))
    await signed(desk, by_the_policy_of_before=True)
    assert (await desk.open_plan()).status is S.PROPOSED
    assert (await desk.journal.standing()).guards.signatures == ()


async def test_what_was_signed_can_be_taken_back(open_desk: OpenDesk) -> None:
    """And is not signed twice."""
    desk = stopped(open_desk, Guards(stop_loss=ACTS, act_up_to=Money(Decimal(1000))))
    await desk.start()
    words = desk.engine.guards
    assert await words.unsign(Rule.STOP_LOSS, ANN) is Said.NOTHING_TO_DO
    assert [await words.sign(Rule.STOP_LOSS, ANN) for _ in range(2)] == [Said.DONE, Said.NOTHING_TO_DO]
    assert await words.sign(Rule.DEPEG, ANN) is Said.NOT_TO_ACT
    assert await words.unsign(Rule.STOP_LOSS, ANN) is Said.DONE
    await falls(desk)
    assert (await desk.open_plan()).status is S.PROPOSED


async def test_without_a_cap_nothing_can_be_signed(open_desk: OpenDesk) -> None:
    """A word without a size would be a word for everything."""
    desk = stopped(open_desk, Guards(stop_loss=ACTS))
    await desk.start()
    assert await desk.engine.guards.sign(Rule.STOP_LOSS, ANN) is Said.NO_CAP


# --- what makes plans wait, and what shrinks them --------------------------------------------------------------------


async def test_a_day_that_lost_much_makes_every_plan_wait_for_a_person(open_desk: OpenDesk) -> None:
    """Also where no plan needs approval. It is measured from the prices that were noted."""
    loses = DailyLoss(stance=Stance.PROPOSE, loss=Decimal("0.05"))
    guards = Guards(stop_loss=StopLoss(stance=Stance.OFF), daily_loss=loses)
    desk = stopped(open_desk, guards, approval=Approval.NEVER, trigger={"threshold": Decimal("0.2")})
    await desk.start()
    await look(desk)
    desk.move("BTC/USDT", "90")
    for _ in range(4):
        await look(desk)
    (lost,) = [c for c in await conditions(desk) if c.rule is Rule.DAILY_LOSS]
    assert (lost.stage, lost.reason.code, lost.reason.get("loss")) == (Stage.RAISED, R.LOST_IN_A_DAY, "0.06")
    await desk.engine.rebalance()
    assert (await desk.open_plan()).status is S.PROPOSED


async def conditions(desk: Desk) -> tuple[Condition, ...]:
    return (await desk.journal.standing()).guards.conditions


async def test_that_a_cap_keeps_a_stop_from_selling_is_told_once(open_desk: OpenDesk) -> None:
    """People were told that a plan follows, and it does not."""
    guards = Guards(caps=Caps(daily_turnover=Decimal("0.005")))
    desk = stopped(open_desk, guards, limits={"min_trade": Decimal(10)})
    await falls(desk)
    for _ in range(3):
        await look(desk)
    assert await desk.journal.open_plan() is None and await step(desk) is Step.WANTED
    told = [event.fact for event in await desk.journal.facts(ev.VetoesChanged)]
    assert [b.codes(fact.vetoes) for fact in told if isinstance(fact, ev.VetoesChanged)] == [[R.DAILY_TURNOVER_CAP]]


async def test_the_best_of_a_day_is_known_where_nothing_is_traded(open_desk: OpenDesk) -> None:
    """For hours a price was higher, and nothing happened by which prices are noted otherwise."""
    loses = DailyLoss(stance=Stance.ALERT, loss=Decimal("0.05"))
    guards = Guards(stop_loss=StopLoss(stance=Stance.OFF), daily_loss=loses)
    desk = stopped(open_desk, guards, trigger={"threshold": Decimal("0.2")})
    await desk.start()
    for price in ("100", "100", "115", "115", "100"):
        desk.move("BTC/USDT", price)
        await look(desk, HOUR)
    await look(desk, 3 * MINUTE)
    (lost,) = (await desk.journal.standing()).guards.conditions
    assert (lost.rule, lost.reason.get("best")) == (Rule.DAILY_LOSS, "1090")


async def test_the_days_turnover_is_what_plans_have_traded_and_frees_after_a_day(open_desk: OpenDesk) -> None:
    """The plan is shrunk to a quarter of the value, none follows for a day, and then one does."""
    caps = Caps(daily_turnover=Decimal("0.25"))
    guards = Guards(stop_loss=StopLoss(stance=Stance.OFF), caps=caps)
    wanted = policy(guards, approval=Approval.NEVER, limits={"min_trade": Decimal(10)})
    desk = open_desk(policy=wanted, alpha={"BTC": "10", "USDT": "0.01"})
    await desk.start()
    await look(desk)
    first = await desk.until(await desk.open_plan(), S.COMPLETED)
    assert R.DAILY_TURNOVER_CAP in b.codes(first.proposed.plan.reasons)
    (traded,) = [money for _, money in (await desk.journal.standing()).guards.traded or ()]
    assert Decimal(240) < traded <= Decimal(250)
    await desk.engine.rebalance()
    assert await desk.journal.open_plan() is None
    await look(desk, DAY - HOUR)
    assert await desk.journal.open_plan() is None
    await look(desk, HOUR)
    again = await desk.until(await desk.open_plan(), S.COMPLETED)
    assert Decimal(140) < again.proposed.plan.turnover < Decimal(160)


@pytest.mark.parametrize("stance", [Stance.ACT, Stance.PROPOSE])
async def test_a_plan_over_its_cap_is_shrunk_or_asked_about(open_desk: OpenDesk, stance: Stance) -> None:
    """With `propose` it is whole and waits for a person, also where no plan needs approval."""
    caps = Caps(plan=Money(Decimal(100)), plan_stance=stance)
    guards = Guards(stop_loss=StopLoss(stance=Stance.OFF), caps=caps)
    desk = open_desk(policy=policy(guards, approval=Approval.NEVER), alpha={"BTC": "8", "USDT": "200"})
    await desk.start()
    await look(desk)
    plan = await desk.open_plan()
    assert plan.proposed.plan.trigger is PlanTrigger.THRESHOLD
    if stance is Stance.ACT:
        assert plan.status is S.APPROVED and plan.proposed.plan.turnover <= 100
    else:
        assert plan.status is S.PROPOSED and plan.proposed.plan.turnover > 150


async def test_a_rest_after_a_day_that_lost_much(open_desk: OpenDesk) -> None:
    """With `act` no ordinary plan is made; a person who asks is not held up."""
    loses = DailyLoss(stance=Stance.ACT, loss=Decimal("0.05"), cool_off=HOUR)
    guards = Guards(stop_loss=StopLoss(stance=Stance.OFF), daily_loss=loses)
    desk = open_desk(policy=policy(guards, trigger={"threshold": Decimal("0.02")}), **HELD)
    await desk.start()
    await look(desk)
    desk.move("BTC/USDT", "91")
    for _ in range(3):
        await look(desk)
    if (plan := await desk.journal.open_plan()) is not None:
        await desk.engine.decline(plan.proposed.plan_id, ANN)
    desk.move("BTC/USDT", "80")
    await look(desk, MINUTE)
    assert await desk.journal.open_plan() is None
    await desk.engine.rebalance()
    assert (await desk.open_plan()).proposed.plan.trigger is PlanTrigger.MANUAL
