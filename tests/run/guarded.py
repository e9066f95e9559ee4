"""A desk whose bitcoin has a stop, and how it comes to fire."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.conditions import Stage, Step
from engine.model.guards import Guards, Rule
from engine.model.plan import PlanStatus as S
from engine.model.plan import PlanTrigger
from engine.model.policy import Policy
from engine.model.reasons import ReasonCode
from engine.model.tax_policy import OpeningBasis, TaxPolicy
from tests import builders as b
from tests.guards.bought_back import bought_back
from tests.run.conftest import OpenDesk
from tests.run.desk import Desk

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MOSTLY_BITCOIN: Final = {"BTC": "0.6", "USDT": "0.4"}
THREE: Final = {"BTC": "0.4", "ETH": "0.3", "USDT": "0.3"}
HELD: Final = {"alpha": {"BTC": "6", "USDT": "400"}}


def policy(guards: Guards | None = None, **more: Any) -> Policy:
    """What was there at first is taken to have cost what it was worth: a stop has something to measure from."""
    trigger = {"cooldown": timedelta(0)} | more.pop("trigger", {})
    tax = TaxPolicy(opening_basis=OpeningBasis.PRICE)
    return b.policy(more.pop("targets", MOSTLY_BITCOIN), guards=guards or Guards(), trigger=trigger, tax=tax, **more)


def stopped(open_desk: OpenDesk, guards: Guards | None = None, **more: Any) -> Desk:
    """A desk on its targets, at 100 a bitcoin."""
    return open_desk(policy=policy(guards, **more), **HELD)


async def look(desk: Desk, after: timedelta = MINUTE) -> None:
    """Look in a while."""
    await desk.clock.advance(after)
    await desk.engine.advance()


async def falls(desk: Desk, to: str = "74") -> None:
    """It was looked at above its stop, which armed it; then the price falls, and stays there for a minute."""
    await desk.start()
    await look(desk)
    await look(desk)
    desk.move("BTC/USDT", to)
    await look(desk)
    assert await desk.journal.open_plan() is None, "one wrong print sells nothing, and buys nothing"
    await look(desk)


async def asked(desk: Desk) -> PlanState:
    """The plan that the stop asks for."""
    await falls(desk)
    plan = await desk.open_plan()
    assert plan.proposed.plan.trigger is PlanTrigger.RISK
    return plan


async def sold(desk: Desk) -> PlanState:
    """The plan of the stop, carried out."""
    plan = await asked(desk)
    await desk.approve(plan)
    return await desk.until(plan, S.COMPLETED)


async def step(desk: Desk) -> Step | None:
    """What became of what the stop of bitcoin asks for; None where it does not stand."""
    standing = (await desk.journal.standing()).guards.conditions
    found = [c for c in standing if c.key == (Rule.STOP_LOSS, "BTC") and c.stage is Stage.RAISED]
    return found[0].step if found else None


async def open_trigger(desk: Desk) -> PlanTrigger | None:
    """What the open plan answers; None where none is open."""
    plan = await desk.journal.open_plan()
    return None if plan is None else plan.proposed.plan.trigger


async def why_withdrawn(desk: Desk, plan: PlanState) -> list[ReasonCode]:
    """Why a plan was superseded."""
    now = await desk.plan(plan)
    assert now.status is S.SUPERSEDED
    (fact,) = [entry.fact for entry in now.trail if isinstance(entry.fact, ev.PlanSuperseded)]
    return b.codes(fact.reasons)


def bitcoin(desk: Desk) -> Decimal:
    """How much of it alpha holds."""
    return desk.alpha.held[b.BTC]


async def nothing_was_bought_back(desk: Desk) -> None:
    """By the facts that were written."""
    kinds = (ev.ConditionsChanged, ev.GuardRearmed, ev.PlanProposed, ev.PlanDeclined, ev.OrderSubmitting)
    assert list(bought_back(await desk.journal.facts(*kinds))) == []
