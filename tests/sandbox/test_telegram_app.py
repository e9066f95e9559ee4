"""The whole sandbox: one application with exchanges, Telegram and the page, and its command line."""

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.__main__ import main
from bot.sandbox.app import ApprovalPace, SandboxOptions, build_sandbox, describe, serving
from bot.sandbox.clock import SandboxClock
from bot.sandbox.telegram.people import ADA

APPROVE = {"inline_keyboard": [[{"text": "✅ Approve all", "callback_data": "v1:ok"}]]}


async def test_one_port_serves_exchanges_telegram_and_the_page() -> None:
    """Everything a bot must be configured with is in the description, and works."""
    sandbox = build_sandbox(SandboxOptions(seed=7))
    async with serving(sandbox.app, 0) as base, aiohttp.ClientSession() as http:
        where = json.loads(json.dumps(describe(sandbox, base)))
        assert where["base"] == base
        async with http.get(where["venues"]["binance"]["base"] + "/api/v3/time") as response:
            assert "serverTime" in await response.json()
        async with http.get(f"{where['telegram']['base_url']}{where['telegram']['token']}/getMe") as response:
            assert (await response.json())["result"]["first_name"] == "Equipoise"
        async with http.get(where["page"]) as response:
            assert "text/html" in response.headers["Content-Type"]
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        async with http.get(base + "/_sandbox/state") as response:
            assert "BTC" in (await response.json())["prices"]


async def test_the_market_runs_in_real_time_while_a_card_waits() -> None:
    """A replay at 600x slows down for the approval and takes up its speed again after the answer."""
    sandbox = build_sandbox(SandboxOptions(speed=600))
    async with serving(sandbox.app, 0) as base, aiohttp.ClientSession() as http:
        await sandbox.telegram.user_sends("/start")
        url = f"{base}/telegram/bot{sandbox.telegram.state.token}"
        card = {"chat_id": ADA, "text": "Plan", "reply_markup": APPROVE}
        async with http.post(url + "/sendMessage", json=card) as response:
            message_id = (await response.json())["result"]["message_id"]
        assert sandbox.clock.speed == 1
        done = {"chat_id": ADA, "message_id": message_id, "text": "Approved"}
        async with http.post(url + "/editMessageText", json=done) as response:
            assert response.status == 200
        assert sandbox.clock.speed == 600


def test_a_speed_set_by_hand_while_a_card_waits_is_kept() -> None:
    """The pace only puts back what it took."""
    clock = SandboxClock(datetime(2026, 1, 1, tzinfo=UTC), 600)
    pace = ApprovalPace(clock)
    pace.waiting(True)
    clock.set_speed(60)
    pace.waiting(False)
    assert clock.speed == 60


@pytest.mark.parametrize("stamp", ["2024-03-01T00:00:00+00:00", "2024-03-01", "1709251200"])
def test_a_replay_begins_at_its_first_row(tmp_path: Path, stamp: str) -> None:
    """Prices come from the file, and the market time from its first row."""
    prices = tmp_path / "closes.csv"
    prices.write_text(f"timestamp,BTC\n{stamp},61000\n2024-03-02,62000\n")
    sandbox = build_sandbox(SandboxOptions(prices=prices, speed=0))
    assert sandbox.clock.now() == datetime(2024, 3, 1, tzinfo=UTC)
    assert sandbox.exchanges.market.price("BTC", sandbox.clock.now().timestamp()) == 61000


async def test_the_command_line_prints_where_it_listens_and_stops_on_a_signal() -> None:
    """One JSON line first, with --state-json one more at the end, and status 0."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox", "--port", "0", "--seed", "3", "--state-json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    first = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    async with aiohttp.ClientSession() as http:
        body = {"user": ADA, "text": "hello"}
        async with http.post(first["base"] + "/_sandbox/telegram/send", json=body) as response:
            assert response.status == 200
    process.send_signal(signal.SIGTERM)
    rest, errors = await asyncio.wait_for(process.communicate(), 20)
    assert json.loads(rest)["chats"][str(ADA)] == ["#1 Ada: hello"]
    assert (errors, process.returncode) == (b"", 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--prices", "missing.csv"], "missing.csv"),
        (["--speed", "-1"], "speed must be a number from 0 on"),
    ],
)
def test_bad_input_is_named_and_exits_with_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No stack trace for a mistake of the user."""
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
