"""The real process, killed again and again while it trades in the sandbox: no order twice, and no fill lost.

`make kill-often` does the same a hundred times. A failing seed is named, and can be given again as KILL_SEED.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from bot.sandbox.exchange.orders import OrderStatus
from bot.sandbox.faults import FaultRule
from engine.execute.plan_state import PlanState
from engine.model.money import ZERO, total
from engine.model.plan import PlanStatus
from tests.crash.lives import Lives
from tests.e2e.records import journal_of
from tests.e2e.stage import Stage, raised_stage

KILLS: Final = int(os.environ.get("KILLS", "6"))
SEED: Final = int(os.environ.get("KILL_SEED", "1"))
ORDER_PATHS: Final = (("binance", "/api/v3/order"), ("kraken", "/0/private/AddOrder"))
ANSWERS_TAKE: Final = 0.25
"""Seconds between what an exchange did and its answer: long enough to be killed in."""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with raised_stage(tmp_path) as raised:
        for venue, path in ORDER_PATHS:
            slow = FaultRule("slow", "after", venue, "POST", path, seconds=ANSWERS_TAKE)
            raised.sandbox.exchanges.faults.add(slow)
        yield raised


async def test_a_process_that_is_killed_again_and_again_trades_what_was_approved_and_no_more(stage: Stage) -> None:
    """Every plan is finished by one of its lives; exchanges and journal agree on every order and every fill."""
    before = stage.accounts.balances()
    lives = Lives(stage, random.Random(SEED))
    try:
        while lives.kills < KILLS:
            await lives.through_one_plan(most_kills=KILLS - lives.kills)
    finally:
        await lives.end()
    async with journal_of(stage) as journal:
        plans = [await journal.plan(summary.plan_id) for summary in await journal.plans(KILLS * 2)]
    states = [plan for plan in plans if plan is not None]
    note = f"KILL_SEED={SEED}, {lives.kills} kills"
    assert_orders_are_those_of(states, stage, note)
    assert_fills_are_booked_once(states, stage, note)
    assert_balances_follow(states, stage, before, note)


def assert_orders_are_those_of(plans: list[PlanState], stage: Stage, note: str) -> None:
    """One order per client id, each of a plan, none open, and per leg no more than was approved."""
    orders = stage.accounts.orders()
    intended = {str(order.request.client_order_id): order.request for plan in plans for order in plan.orders}
    twice = [coid for coid, count in Counter(order.client_id for order in orders).items() if count > 1]
    assert twice == [], note
    assert {order.client_id for order in orders} <= set(intended), note
    assert {order.status for order in orders} <= {OrderStatus.FILLED, OrderStatus.EXPIRED}, note
    assert {plan.status for plan in plans} <= {PlanStatus.COMPLETED, PlanStatus.SUPERSEDED, PlanStatus.EXPIRED}, note
    assert sum(plan.status is PlanStatus.COMPLETED for plan in plans) > 0, note
    for plan in plans:
        for leg in plan.proposed.plan.legs:
            own = {str(order.request.client_order_id) for order in plan.orders_of(leg.id)}
            traded = total(order.executed for order in orders if order.client_id in own)
            assert traded <= leg.quantity, f"{note}: {plan.proposed.plan_id} {leg.id}"


def assert_fills_are_booked_once(plans: list[PlanState], stage: Stage, note: str) -> None:
    """What was traded in all is what was booked, by order."""
    booked: Counter[str] = Counter()
    for plan in plans:
        for fill in plan.fills:
            booked[str(fill.client_order_id)] += 1
        assert not plan.has_anomaly, note
    taken = Counter({order.client_id: len(order.fills) for order in stage.accounts.orders() if order.fills})
    assert booked == taken, note


def assert_balances_follow(
    plans: list[PlanState], stage: Stage, before: dict[tuple[str, str], object], note: str
) -> None:
    """Every balance has changed by the fills that are booked, fees included, and by nothing else."""
    expected = dict(before)
    for fill in (fill for plan in plans for fill in plan.fills):
        changes = [(fill.base, fill.side.sign * fill.quantity), (fill.quote, -fill.side.sign * fill.quote_amount)]
        for asset, change in (*changes, *((fee.asset, -fee.quantity) for fee in fill.fees)):
            expected[fill.venue, asset] = expected.get((fill.venue, asset), ZERO) + change
    now = stage.accounts.balances()
    assert {key: now[key] - amount for key, amount in expected.items() if now[key] != amount} == {}, note
