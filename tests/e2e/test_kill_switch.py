"""The kill switch over both exchanges: from the chat, and from the command line beside a bot that runs."""

from __future__ import annotations

from bot.cli import kill
from bot.sandbox.faults import FaultRule
from tests.e2e.stage import Stage


async def test_kill_ends_a_plan_under_way_and_only_a_second_word_lifts_it(stage: Stage) -> None:
    """What was traded is reported; no plan comes until somebody says so twice."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    stage.sandbox.exchanges.faults.add(FaultRule("slow", "before", "binance", "POST", "/api/v3/order", seconds=1))
    await stage.ada.presses("Approve", card.id)
    await stage.ada.becomes(card.id, "executing")
    await stage.ada.asks("/kill", "🛑 Everything is stopped, by Ada")
    await stage.ada.becomes(card.id, "⏹ stopped", "the kill switch was pulled")
    sent = len(stage.accounts.orders())
    await stage.ada.asks("/rebalance", "the kill switch was pulled")
    asked = await stage.ada.asks("/resume", "Shall trading begin again?")
    await stage.looks(3)
    assert len(stage.accounts.orders()) == sent
    await stage.ada.presses("Trade again", asked.id)
    await stage.ada.shows("Trading begins again, says Ada")
    await stage.ada.shows("waits for approval", after=asked.id)


async def test_the_command_line_stops_a_bot_that_runs_and_one_that_is_started_later(stage: Stage) -> None:
    """It needs neither the database, which the bot holds, nor a secret."""
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    assert kill.command(stage.options()) == 0
    await stage.ada.shows("🛑 Everything is stopped, by equipoise kill")
    await stage.ada.becomes(card.id, "withdrawn")
    await stage.stop_bot()
    await stage.start_bot()
    await stage.looks(2)
    assert stage.accounts.orders() == []
    await stage.ada.asks("/health", "KILLED")
