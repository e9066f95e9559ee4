"""What becomes of what a guard asks for, by how its plan ends."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model import events as ev
from engine.model.conditions import ChangeKind, Condition, ConditionChange, Stage, Step
from engine.model.costs import LegCost
from engine.model.guards import Rule
from engine.model.ids import Asset, LegId, VenueName
from engine.model.money import ZERO, Money
from engine.model.plan import PlanTrigger
from engine.model.reasons import ReasonCode, reason
from tests.builders import BTC, ETH, T0, USDC, USDT
from tests.execute.test_standing import LATER, after, proposed

AGAIN = LATER + timedelta(hours=4)


def waits(rule: Rule, asset: Asset) -> ConditionChange:
    """A condition that waits for a plan."""
    why = reason(ReasonCode.STOP_HIT, asset=asset)
    waiting = Condition(rule, asset, Stage.RAISED, T0, why, assets=(asset,), keeps=ZERO, step=Step.WANTED)
    return ConditionChange(ChangeKind.RAISED, waiting, why)


def traded(asset: Asset) -> LegCost:
    """A leg with this base has traded."""
    nothing = Money(ZERO)
    much = Money(Decimal(1000))
    return LegCost(LegId("L1"), VenueName("alpha"), asset, much, nothing, nothing, nothing, timedelta(0))


@pytest.mark.parametrize("end", [ev.PlanAborted((), ()), ev.PlanCompleted(())], ids=["stopped", "nothing could go"])
def test_a_plan_that_sold_nothing_is_no_answer(end: ev.PlanFact) -> None:
    """It was stopped, or every leg of it was given up: it is asked for again, and the targets stay low."""
    opened = proposed(PlanTrigger.RISK)
    standing = after(ev.ConditionsChanged((waits(Rule.STOP_LOSS, BTC),)), opened, end)
    (condition,) = standing.guards.conditions
    assert (condition.step, condition.rest_until) == (Step.WANTED, AGAIN)


def test_each_stop_is_answered_by_a_sale_of_its_own() -> None:
    """One plan for two of them, and only one could be sold."""
    both = ev.ConditionsChanged((waits(Rule.STOP_LOSS, BTC), waits(Rule.STOP_LOSS, ETH)))
    standing = after(both, proposed(PlanTrigger.RISK), ev.PlanCompleted((), (traded(ETH),)))
    assert {c.subject: c.step for c in standing.guards.conditions} == {"BTC": Step.WANTED, "ETH": Step.DONE}


def test_a_stablecoin_is_left_by_a_purchase_with_it_too() -> None:
    standing = after(
        ev.ConditionsChanged((waits(Rule.DEPEG, USDC),)),
        proposed(PlanTrigger.RISK),
        ev.PlanCompleted((), (traded(USDT),)),
    )
    assert [condition.step for condition in standing.guards.conditions] == [Step.DONE]
