"""What a bot meets when Telegram misbehaves, and the control face over which tests order it."""

import asyncio
from typing import Any

import pytest
from telegram import Update
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut
from telegram.ext import CommandHandler, ContextTypes

from bot.sandbox.telegram.faults import FaultRule
from bot.sandbox.telegram.people import ADA, BEN, TREASURY
from tests.sandbox.telegram_fixtures import BotApplication, Sandbox, build_bot, polling_bot, sandbox

__all__ = ["sandbox"]


def with_ping(bot: BotApplication) -> None:
    async def ping(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text("pong")

    bot.add_handler(CommandHandler("ping", ping))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"code": 502, "description": "Bad Gateway"}, NetworkError),
        ({"code": 400, "description": "Bad Request: chat not found"}, BadRequest),
        ({"retry_after": 7}, RetryAfter),
        ({"action": "drop"}, NetworkError),
    ],
)
async def test_a_fault_strikes_as_often_as_it_says(
    sandbox: Sandbox, fault: dict[str, Any], error: type[Exception]
) -> None:
    """Once by default, only the method it names, and nothing is posted."""
    await sandbox.world.user_sends("/start")
    assert (await sandbox.post("/fault", method="sendMessage", **fault))[0] == 200
    async with build_bot(sandbox) as bot:
        await bot.bot.get_me()
        with pytest.raises(error):
            await bot.bot.send_message(ADA, "lost")
        await bot.bot.send_message(ADA, "arrives")
    assert [m.text for m in sandbox.world.screen() if m.from_bot] == ["arrives"]


async def test_a_fault_may_last_until_it_is_cleared(sandbox: Sandbox) -> None:
    """count 0: every time, for every method, until /faults/clear."""
    await sandbox.post("/fault", method="*", code=500, description="Internal Server Error", count=0)
    assert [(await sandbox.call("getMe"))[0] for _ in range(3)] == [500, 500, 500]
    await sandbox.post("/faults/clear")
    assert (await sandbox.call("getMe"))[0] == 200
    assert await sandbox.get("/faults") == {"outage": False, "rules": []}


async def test_an_answer_can_be_lost_after_the_message_was_posted(sandbox: Sandbox) -> None:
    """deliver_then_drop: the bot sees a network error, the person sees the message."""
    await sandbox.world.user_sends("/start")
    sandbox.world.faults.add(FaultRule("sendMessage", "deliver_then_drop"))
    async with build_bot(sandbox) as bot:
        with pytest.raises(NetworkError):
            await bot.bot.send_message(ADA, "posted all the same")
    assert sandbox.world.screen()[-1].text == "posted all the same"


async def test_a_stall_outlasts_the_clients_patience(sandbox: Sandbox) -> None:
    """The bot times out; the stall ends when the server stops."""
    await sandbox.world.user_sends("/start")
    sandbox.world.faults.add(FaultRule("sendMessage", "stall", seconds=30))
    async with build_bot(sandbox) as bot:
        with pytest.raises(TimedOut):
            await bot.bot.send_message(ADA, "late", read_timeout=0.05)
    assert sandbox.world.screen()[-1].text == "/start"


async def test_a_short_stall_only_delays(sandbox: Sandbox) -> None:
    """After the stall the call is processed as usual."""
    await sandbox.world.user_sends("/start")
    sandbox.world.faults.add(FaultRule("sendMessage", "stall", seconds=0.01))
    async with build_bot(sandbox) as bot:
        assert (await bot.bot.send_message(ADA, "slow")).text == "slow"


async def test_an_outage_cuts_the_poll_and_ends_with_everything_delivered(sandbox: Sandbox) -> None:
    """During the outage nothing passes; afterwards the polling bot answers what was written meanwhile."""
    world = sandbox.world
    async with polling_bot(sandbox, with_ping) as bot:
        await world.wait_for(lambda: world.state.updates.polls_begun)
        await sandbox.post("/outage", on=True)
        await world.user_sends("/ping")
        with pytest.raises(NetworkError):
            await bot.bot.send_message(ADA, "cannot pass")
        assert [m.text for m in world.screen()] == ["/ping"]
        await sandbox.post("/outage", on=False)
        await world.wait_for(lambda: world.screen()[-1].text == "pong", timeout=10)


async def test_an_outage_drops_a_waiting_poll_at_once(sandbox: Sandbox) -> None:
    """The connection is cut, not left hanging."""
    async with build_bot(sandbox) as bot:
        waiting = asyncio.create_task(bot.bot.get_updates(timeout=30))
        await sandbox.world.wait_for(lambda: sandbox.world.state.updates.polls_begun)
        sandbox.world.faults.set_outage(True)
        with pytest.raises(NetworkError):
            await asyncio.wait_for(waiting, 5)


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("/fault", {"methd": "x"}, "unknown key 'methd'"),
        ("/fault", {"action": "explode"}, "action: 'explode' is none of error, drop, stall, deliver_then_drop"),
        ("/send", {"user": 4711, "text": "x"}, "no such user in the sandbox: 4711"),
        ("/send", {"user": ADA, "text": " "}, "text: must not be empty"),
        ("/send", {"user": 1003, "text": "x", "chat": TREASURY}, "Mallory is not in chat"),
        ("/press", {"user": ADA, "label": "Approve"}, "no button 'Approve' in chat 1001"),
    ],
)
async def test_control_mistakes_are_named(sandbox: Sandbox, path: str, body: dict[str, Any], error: str) -> None:
    """400 and what was wrong."""
    status, answer = await sandbox.post(path, **body)
    assert status == 400
    assert error in answer["error"]


async def test_control_insists_on_json(sandbox: Sandbox) -> None:
    """A form that a foreign web page could post without asking is refused."""
    async with sandbox.http.post(sandbox.control + "/send", data='{"text": "x"}') as response:
        assert response.status == 400
    assert sandbox.world.screen() == []


async def test_people_act_and_screens_are_read_over_http(sandbox: Sandbox) -> None:
    """The same as in process, for tests in another process."""
    await sandbox.post("/send", user=BEN, text="/start")
    markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    await sandbox.call("sendMessage", chat_id=BEN, text="<b>card</b>", parse_mode="HTML", reply_markup=markup)
    status, pressed = await sandbox.post("/press", user=BEN, data="go")
    assert status == 200
    await sandbox.call("answerCallbackQuery", callback_query_id=pressed["query_id"], text="done")
    screen = await sandbox.get(f"/screen?user={BEN}")
    assert [m["_html"] for m in screen["messages"]] == ["/start", "<b>card</b>"]
    assert [a["text"] for a in await sandbox.get(f"/answers?user={BEN}")] == ["done"]
    assert [c["method"] for c in await sandbox.get("/calls")] == ["sendMessage", "answerCallbackQuery"]
    people = await sandbox.get("/users")
    assert [(p["first_name"], p["started"]) for p in people["users"]] == [
        ("Ada", False),
        ("Ben", True),
        ("Mallory", False),
    ]


async def test_waiting_in_vain_shows_the_screens(sandbox: Sandbox) -> None:
    """A test that fails to see something is told what there was to see."""
    await sandbox.world.user_sends("/start")
    with pytest.raises(TimeoutError, match="#1 Ada: /start"):
        await sandbox.world.wait_for(lambda: False, timeout=0.01)
