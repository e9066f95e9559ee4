"""The process ends at the worst moments, or an exchange's answer is lost: every order is placed once, none is lost."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.sandbox.faults import FaultRule
from engine.model.events import FillBooked, OrderSubmitting, OrderUnconfirmed
from tests.e2e.cards import legs_of
from tests.e2e.records import facts_of
from tests.e2e.stage import Stage


async def test_a_card_outlives_the_process_that_sent_it(stage: Stage) -> None:
    """Pressed after a restart it executes once, and the same message goes on being edited."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    await stage.stop_bot()
    await stage.start_bot()
    await stage.looks()
    assert [m.id for m in stage.ada.messages("waits for approval")] == [card.id]
    assert (await stage.ada.presses("Approve", card.id)).startswith("Approved.")
    await stage.ada.becomes(card.id, "🏁 completed")
    await stage.ada.shows("completed after")
    assert len(stage.accounts.orders()) == len(legs_of(card))


async def test_a_press_while_the_bot_is_down_counts_when_it_is_back(stage: Stage) -> None:
    """Telegram keeps it; the plan is judged as it is then."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    await stage.stop_bot()
    await stage.telegram.user_presses("Approve", stage.ada.user, card.id)
    await stage.start_bot()
    await stage.ada.becomes(card.id, "🏁 completed", "✅ approved by Ada")
    assert len(stage.accounts.orders()) == len(legs_of(card))


async def test_a_plan_is_finished_by_the_next_process_when_one_is_killed_in_the_middle(stage: Stage) -> None:
    """SIGKILL while an order's answer is under way: the next start looks it up, and places no order twice."""
    await stage.shock(ETH="1.16", BTC="0.90")
    unanswered = FaultRule("hang", "after", "binance", "POST", "/api/v3/order", seconds=60, skip=1, times=1)
    stage.sandbox.exchanges.faults.add(unanswered)
    async with _bot_process(stage):
        card = await stage.ada.shows("waits for approval")
        await stage.ada.presses("Approve")
        await stage.telegram.wait_for(lambda: len(stage.accounts.orders("binance")) == 2, 10)
    stage.sandbox.exchanges.faults.clear()

    await stage.start_bot()
    await stage.ada.shows("completed after")
    await stage.ada.becomes(card.id, "🏁 completed")
    orders = stage.accounts.orders()
    assert len({order.client_id for order in orders}) == len(orders) == len(legs_of(card))
    booked = [event.fact for event in await facts_of(stage, FillBooked)]
    assert len(booked) == len(stage.accounts.fills())


async def test_an_order_whose_answer_was_lost_is_looked_up_and_booked_once(stage: Stage) -> None:
    """The exchange filled it and hung up: it is found by its client id, not sent again, and the plan goes on."""
    await stage.holds_ether_on_kraken()
    await stage.shock(ETH="1.16", BTC="0.90")
    for venue, path in (("binance", "/api/v3/order"), ("kraken", "/0/private/AddOrder")):
        stage.sandbox.exchanges.faults.add(FaultRule("drop", "after", venue, "POST", path, times=1))
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    await stage.ada.presses("Approve")
    await stage.ada.shows("❔ binance did not confirm an order (sell", "never placed twice")
    await stage.ada.shows("❔ kraken did not confirm an order")
    report = await stage.ada.shows("completed after")
    assert "Left over" not in report.text

    orders = stage.accounts.orders()
    assert len({order.client_id for order in orders}) == len(orders) == len(legs_of(card))
    facts = [event.fact for event in await facts_of(stage, OrderSubmitting, OrderUnconfirmed, FillBooked)]
    assert sum(isinstance(fact, OrderSubmitting) for fact in facts) == len(orders)
    assert sum(isinstance(fact, OrderUnconfirmed) for fact in facts) == 2
    booked = sum(fact.fill.quantity for fact in facts if isinstance(fact, FillBooked))
    assert booked == sum(fill.quantity for fill in stage.accounts.fills())


@asynccontextmanager
async def _bot_process(stage: Stage) -> AsyncIterator[None]:
    """`equipoise run` as a process of its own, killed at the end of the block without a chance to clean up."""
    path, environ = stage.write_config()
    command = (sys.executable, "-m", "bot", "run", str(path))
    with (stage.folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, env=os.environ | environ, stderr=log)
        try:
            await stage.comes_up()
            yield
        finally:
            process.kill()
            await process.wait()
