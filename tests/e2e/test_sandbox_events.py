"""What is asked of the sandbox in the chat happens there: over Telegram, the bot, and the control address."""

from __future__ import annotations

from typing import Any

from tests.e2e.stage import Stage


async def state(stage: Stage) -> Any:
    async with stage.http.get(f"{stage.base}/_sandbox/state") as response:
        return await response.json()


async def test_a_venue_is_halted_and_a_price_falls_on_demand(stage: Stage) -> None:
    """Typed and pressed; the crash leads to a plan by the ordinary way, and all of it ends with a word."""
    await stage.start_bot({"sandbox": {"control": stage.base}})
    card = await stage.ada.asks("/sandbox", "What can happen in the sandbox")
    assert card.labels[0] == ("🛑 Halt binance", "🛑 Halt kraken")
    await stage.ada.asks("/sandbox halt kraken", "kraken has closed the withdrawals", "Watch")
    coins = (await state(stage))["venues"]["kraken"]["coins"]
    assert not any(flags["withdraw"] for flags in coins.values())
    await stage.ada.presses("Crash BTC", card.id)
    await stage.ada.shows("BTC fell by 30 %")
    await stage.ada.shows("waits for approval")
    await stage.ada.asks("/sandbox halt ftx", "unknown venue ftx: one of binance, kraken", "nothing happened")
    await stage.ada.asks("/sandbox recover", "prices are what they would have been")
    assert (await state(stage))["prices"]["BTC"] == "60000"


async def test_a_control_address_at_which_nobody_answers_is_told(stage: Stage) -> None:
    """The bot goes on without it."""
    await stage.start_bot({"sandbox": {"control": "http://127.0.0.1:1"}})
    await stage.ada.asks("/sandbox", "the sandbox does not answer", "nothing happened")
    await stage.ada.asks("/portfolio", "Weights")


async def test_an_address_that_is_no_sandbox_is_told(stage: Stage) -> None:
    """Whatever it answers."""
    await stage.start_bot({"sandbox": {"control": f"{stage.base}/telegram"}})
    await stage.ada.asks("/sandbox crash BTC 30", "nothing happened")


async def test_without_a_control_address_the_command_is_not_there(stage: Stage) -> None:
    """It is a word like any other that is not understood."""
    await stage.start_bot()
    await stage.ada.asks("/sandbox halt kraken", "I do not understand")
