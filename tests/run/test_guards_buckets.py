"""A stop on a coin of a bucket: it sells its share once, and the others of the bucket take no more than theirs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.model.guards import Guards, StopLoss
from engine.model.plan import PlanStatus as S
from engine.model.policy import TriggerKind
from tests import builders as b
from tests.run.conftest import OpenDesk
from tests.run.desk import Desk
from tests.run.guarded import MINUTE, asked, look, policy

BOTH = {"alts": ("BTC", "ETH")}
CALENDAR = {"kind": TriggerKind.CALENDAR, "every": "monthly"}


async def sold(open_desk: OpenDesk, fraction: str, **more: dict[str, tuple[str, ...]]) -> Desk:
    """A third of the portfolio is bitcoin and a third ether, in one bucket; bitcoin's stop has sold."""
    guards = Guards(stop_loss=StopLoss(sell_fraction=Decimal(fraction)))
    wanted = policy(guards, targets={"alts": "0.6", "USDT": "0.4"}, trigger=CALENDAR, buckets=more.get("buckets", BOTH))
    desk = open_desk(policy=wanted, alpha={"BTC": "3", "ETH": "30", "USDT": "400"})
    plan = await asked(desk)
    await desk.approve(plan)
    await desk.until(plan, S.COMPLETED)
    return desk


@pytest.mark.parametrize(("fraction", "left"), [("0.5", "1.5"), ("1", "0")])
async def test_the_others_of_a_bucket_are_not_bought_with_what_a_stop_sold(
    open_desk: OpenDesk, fraction: str, left: str
) -> None:
    """Nor is the rest of the coin sold bit by bit, whoever asks for a plan, and however often."""
    desk = await sold(open_desk, fraction)
    for _ in range(3):
        await desk.engine.rebalance()
        plan = await desk.journal.open_plan()
        if plan is not None:
            await desk.approve(plan)
            await desk.until(plan, S.COMPLETED)
        await look(desk, MINUTE)
    assert abs(desk.alpha.held[b.BTC] - Decimal(left)) < Decimal("0.02")
    assert abs(desk.alpha.held[b.ETH] - 30) < 3, "a third of the portfolio, as before"


async def test_two_stops_in_one_bucket_leave_it_smaller(open_desk: OpenDesk) -> None:
    """What is left of the bucket has a lower target too: nothing calls in vain for what may not be bought."""
    desk = await sold(open_desk, "0.5")
    desk.move("ETH/USDT", "7.4")
    await look(desk)
    await look(desk)
    plan = await desk.open_plan()
    await desk.approve(plan)
    await desk.until(plan, S.COMPLETED)
    decision = await desk.engine.rebalance()
    assert all(abs(drift.absolute) < Decimal("0.06") for drift in decision.outcome.drifts)
