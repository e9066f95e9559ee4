"""`equipoise run` beside something that fails: it goes on, and says in the log and in the chat what is to be done."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.logs import configure_logs
from tests.cli.processes import CANARY, LIMIT, TOKEN, assert_clean, running
from tests.e2e.stage import Stage

NOWHERE = "http://127.0.0.1:9"
REFUSED = "the API key was refused; check key and secret in [venues.binance], and its IP allow-list"


async def test_wrong_keys(stage: Stage) -> None:
    """Which venue, what is wrong, and the remedy; once each."""
    async with running(stage, environ={"BINANCE_SECRET": f"{CANARY}-wrong"}) as bot:
        await stage.ada.shows("binance", REFUSED)
    assert_clean(bot.log)
    (line,) = [line for line in bot.log.splitlines() if "venue_health" in line]
    assert "warning" in line
    assert REFUSED in line


async def test_an_exchange_that_is_down(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """It is asked again at every look, and nothing is planned without it."""
    configure_logs("info", as_json=False, secrets=[])
    await stage.start_bot({"venues.kraken": {"base_url": NOWHERE}})
    await stage.ada.shows("kraken is out of reach: no connection could be made", "asked again at every look")
    await stage.stop_bot()
    log = capsys.readouterr().err
    assert_clean(log)
    (line,) = [line for line in log.splitlines() if "venue_health" in line]
    assert "no connection could be made" in line
    assert "venue=kraken" in line


async def test_an_asset_that_nobody_trades(stage: Stage) -> None:
    """The bot starts, trades nothing, and says for want of which price."""
    await stage.start_bot({"targets": {"SOL": None, "NOPE": 0.1}})
    await stage.ada.asks("/why", "There is no price for NOPE.")
    await stage.ada.asks("/portfolio", "No new plan is made while", "There is no price for NOPE.")


async def test_a_token_that_telegram_does_not_know(stage: Stage) -> None:
    """The log says where to get another; the engine looks at the market all the same."""
    async with running(stage, environ={"BOT_TOKEN": f"{TOKEN}x"}) as bot:
        assert bot.process.stderr is not None
        told = await asyncio.wait_for(bot.process.stderr.readuntil(b"token_refused"), LIMIT)
        told += await bot.process.stderr.readline()
        await stage.looks(1)
    assert_clean(told.decode() + bot.log)
    assert "Telegram does not know this bot token; copy it again from BotFather" in told.decode()


@asynccontextmanager
async def rival(stage: Stage) -> AsyncIterator[None]:
    """Another program that polls with the bot's token."""

    async def poll() -> None:
        url = f"{stage.base}/telegram/bot{TOKEN}/getUpdates"
        while True:
            async with stage.http.get(url, params={"timeout": "0.05"}) as response:
                await response.read()

    task = asyncio.create_task(poll())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_another_program_with_the_same_token(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """The owner is told once, the log names the remedy once, and the bot goes on."""
    configure_logs("info", as_json=False, secrets=[TOKEN])
    await stage.start_bot()
    await stage.looks(1)
    async with rival(stage):
        await stage.ada.shows("Another program polls with this bot's token", "Stop it, or revoke the token")
        await stage.looks(3)
    await stage.ada.asks("/whoami", "Your id is")
    told = Counter(message.text.splitlines()[0] for message in stage.ada.messages())
    assert told["⚠️ Another program polls with this bot's token."] == 1
    log = capsys.readouterr().err
    assert_clean(log)
    (line,) = [line for line in log.splitlines() if "token_used_twice" in line]
    assert "stop it, or revoke the token" in line
