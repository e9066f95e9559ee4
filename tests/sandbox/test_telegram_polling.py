"""An unmodified python-telegram-bot application lives on the sandbox: commands, buttons, edits, polling."""

import asyncio
import json
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import Conflict, InvalidToken
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, CommandHandler, ContextTypes, MessageHandler, filters

from bot.sandbox.telegram.people import ADA, BEN, TREASURY
from tests.sandbox.telegram_fixtures import (
    TOKEN,
    BotApplication,
    Sandbox,
    build_bot,
    polling_bot,
    running_sandbox,
    sandbox,
)

__all__ = ["sandbox"]
Context = ContextTypes.DEFAULT_TYPE


def approval_keyboard() -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton("✅ Approve", callback_data="v1:ok:7f3a"),
                InlineKeyboardButton("Reject", callback_data="v1:no:7f3a"),
            ]
        ]
    )


def with_plan_card(bot: BotApplication) -> None:
    async def plan(update: Update, _context: Context) -> None:
        assert update.message is not None
        await update.message.reply_html("<b>Plan</b> 7f3a", reply_markup=approval_keyboard())

    async def pressed(update: Update, _context: Context) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer(f"pressed {update.callback_query.data}")
        await update.callback_query.edit_message_text("Plan 7f3a approved")

    bot.add_handler(CommandHandler("plan", plan))
    bot.add_handler(CallbackQueryHandler(pressed))


async def test_a_command_is_answered_and_its_button_edits_the_card(sandbox: Sandbox) -> None:
    """/plan brings a card; Approve answers with a toast and replaces the text, and the buttons go."""
    world = sandbox.world
    async with polling_bot(sandbox, with_plan_card):
        await world.user_sends("/plan")
        card = await world.wait_for(lambda: [m for m in world.screen() if m.from_bot])
        assert card[0].html == "<b>Plan</b> 7f3a"
        assert card[0].labels == (("✅ Approve", "Reject"),)
        await world.user_presses("Approve")
        await world.wait_for(lambda: world.screen()[-1].edited)
    assert world.toasts() == ["pressed v1:ok:7f3a"]
    assert world.screen()[-1].text == "Plan 7f3a approved"
    assert world.screen()[-1].labels == ()


async def test_a_waiting_card_is_announced_once_and_its_end_too(sandbox: Sandbox) -> None:
    """The hook hears True when the first approvable card appears and False when the last one is gone."""
    heard: list[bool] = []
    sandbox.world.on_waiting_card(heard.append)
    await sandbox.world.user_sends("/start")
    async with build_bot(sandbox) as bot:
        first = await bot.bot.send_message(ADA, "one", reply_markup=approval_keyboard())
        second = await bot.bot.send_message(ADA, "two", reply_markup=approval_keyboard())
        await first.edit_reply_markup(None)
        assert heard == [True]
        await second.delete()
    assert heard == [True, False]


async def test_updates_wait_for_a_bot_that_is_down(sandbox: Sandbox) -> None:
    """What people wrote before the bot started is delivered, in order, and only once."""
    world = sandbox.world
    seen: list[str] = []

    def listen(bot: BotApplication) -> None:
        async def note(update: Update, _context: Context) -> None:
            assert update.message is not None and update.message.text is not None
            seen.append(update.message.text)
            await update.message.reply_text("noted " + update.message.text)

        bot.add_handler(MessageHandler(filters.TEXT, note))

    await world.user_sends("one")
    await world.user_sends("two")
    async with polling_bot(sandbox, listen):
        await world.wait_for(lambda: len(seen) == 2)
        await world.user_sends("three")
        await world.wait_for(lambda: len(seen) == 3)
    assert seen == ["one", "two", "three"]
    assert world.state.updates.pending == []


async def test_drop_pending_updates_forgets_what_waits(sandbox: Sandbox) -> None:
    """deleteWebhook with drop_pending_updates empties the queue."""
    await sandbox.world.user_sends("old")
    async with build_bot(sandbox) as bot:
        await bot.bot.delete_webhook(drop_pending_updates=True)
        assert await bot.bot.get_updates(timeout=0) == ()


async def test_the_long_poll_answers_as_soon_as_somebody_writes(sandbox: Sandbox) -> None:
    """One request waits; no busy polling."""
    async with build_bot(sandbox) as bot:
        waiting = asyncio.create_task(bot.bot.get_updates(timeout=30))
        await sandbox.world.wait_for(lambda: sandbox.world.state.updates.polls_begun)
        await sandbox.world.user_sends("hello")
        updates = await asyncio.wait_for(waiting, 5)
    assert [update.message.text for update in updates if update.message] == ["hello"]
    assert sandbox.world.state.updates.completed_polls == 1


async def test_a_second_poller_ends_the_first_with_a_conflict(sandbox: Sandbox) -> None:
    """The older poll gets Telegram's 409; the newer one goes on."""
    async with build_bot(sandbox) as one, build_bot(sandbox) as two:
        older = asyncio.create_task(one.bot.get_updates(timeout=30))
        await sandbox.world.wait_for(lambda: sandbox.world.state.updates.polls_begun)
        newer = asyncio.create_task(two.bot.get_updates(timeout=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure that only one bot"):
            await older
        await sandbox.world.user_sends("hello")
        assert len(await newer) == 1


async def test_only_the_kinds_that_were_asked_for_are_queued(sandbox: Sandbox) -> None:
    """allowed_updates holds for updates that come after the call."""
    async with build_bot(sandbox) as bot:
        await bot.bot.get_updates(timeout=0, allowed_updates=["callback_query"])
        await sandbox.world.user_sends("unheard")
        assert await bot.bot.get_updates(timeout=0) == ()
        await bot.bot.get_updates(timeout=0, allowed_updates=[])
        await sandbox.world.user_sends("heard")
        assert len(await bot.bot.get_updates(timeout=0)) == 1


async def test_a_negative_offset_keeps_only_the_last_updates(sandbox: Sandbox) -> None:
    """getUpdates with offset -1 forgets all but the newest."""
    for text in ("one", "two", "three"):
        await sandbox.world.user_sends(text)
    async with build_bot(sandbox) as bot:
        (update,) = await bot.bot.get_updates(offset=-1, timeout=0)
    assert update.message is not None and update.message.text == "three"
    assert len(sandbox.world.state.updates.pending) == 1


@pytest.mark.parametrize(
    ("token", "status", "description"),
    [("770011:another-token-another-token-abcdef", 401, "Unauthorized"), ("nonsense", 404, "Not Found")],
)
async def test_wrong_tokens_are_refused_as_telegram_does(
    sandbox: Sandbox, token: str, status: int, description: str
) -> None:
    """401 for a well-formed stranger, 404 for what is no token at all."""
    assert await sandbox.call("getMe", token=token) == (
        status,
        {"ok": False, "error_code": status, "description": description},
    )
    bot = build_bot(sandbox, token).bot
    with pytest.raises(InvalidToken):
        await bot.initialize()
    await bot.shutdown()


async def test_unknown_methods_are_404(sandbox: Sandbox) -> None:
    """A method that does not exist."""
    assert (await sandbox.call("launchRocket"))[0] == 404


async def test_blocking_and_unblocking_the_bot_reach_it_as_membership_updates(sandbox: Sandbox) -> None:
    """my_chat_member tells that the bot was kicked, and that it is back."""
    changes: list[tuple[str, str]] = []

    def listen(bot: BotApplication) -> None:
        async def changed(update: Update, _context: Context) -> None:
            change = update.my_chat_member
            assert change is not None
            changes.append((change.old_chat_member.status, change.new_chat_member.status))

        bot.add_handler(ChatMemberHandler(changed, ChatMemberHandler.MY_CHAT_MEMBER))

    await sandbox.world.user_sends("/start")
    async with polling_bot(sandbox, listen):
        await sandbox.post("/block", user=ADA, blocked=True)
        await sandbox.post("/block", user=ADA, blocked=False)
        await sandbox.world.wait_for(lambda: sandbox.world.state.updates.pending == [] and len(changes) == 2)
    assert changes == [("member", "kicked"), ("kicked", "member")]


async def test_in_a_group_the_bot_hears_commands_replies_and_mentions_only(sandbox: Sandbox) -> None:
    """Privacy mode: small talk between people does not reach the bot."""
    world = sandbox.world
    await world.user_sends("/start")
    async with build_bot(sandbox) as bot:
        post = await bot.bot.send_message(TREASURY, "Hello all")
        await world.user_sends("just talking", user=BEN, chat=TREASURY)
        await world.user_sends("/plan@other_bot", user=BEN, chat=TREASURY)
        await world.user_sends("/plan", user=BEN, chat=TREASURY)
        await world.user_sends("yes", user=BEN, chat=TREASURY, reply_to=post.message_id)
        await world.user_sends("ask @equipoise_sandbox_bot", user=ADA, chat=TREASURY)
        updates = await bot.bot.get_updates(timeout=0)
    heard = [update.message for update in updates if update.message and update.message.chat_id == TREASURY]
    assert [message.text for message in heard] == ["/plan", "yes", "ask @equipoise_sandbox_bot"]
    assert heard[1].reply_to_message is not None and heard[1].reply_to_message.text == "Hello all"


async def every_kind_of_update(sandbox: Sandbox) -> list[dict[str, Any]]:
    world = sandbox.world
    await world.user_sends("/start and #tag $BTC https://example.org 🚀")
    async with build_bot(sandbox) as bot:
        await bot.bot.send_message(ADA, "<b>Plan</b>", parse_mode="HTML", reply_markup=approval_keyboard())
    await world.user_presses("Approve")
    await world.user_sends("a reply", reply_to=2)
    await world.user_sends("/plan", user=BEN, chat=TREASURY)
    await sandbox.post("/document", user=ADA, name="lots.csv", content="a,b", caption="my lots")
    await sandbox.post("/block", user=BEN, blocked=True)
    await sandbox.post("/block", user=ADA, blocked=True)
    return list(world.state.updates.pending)


async def test_every_update_round_trips_through_the_library(sandbox: Sandbox) -> None:
    """What is emitted is exactly what python-telegram-bot reads and would write again: nothing odd, nothing lost."""
    emitted = await every_kind_of_update(sandbox)
    kinds = [next(key for key in update if key != "update_id") for update in emitted]
    assert set(kinds) == {"message", "callback_query", "my_chat_member"}
    assert "null" not in json.dumps(emitted)
    for update in emitted:
        parsed = Update.de_json(update, None)
        assert normalised(parsed.to_dict()) == normalised(update)


def normalised(value: Any) -> Any:
    """Without what the library adds by itself: unset flags and empty lists."""
    if isinstance(value, dict):
        kept = {key: normalised(part) for key, part in value.items()}
        return {key: part for key, part in kept.items() if part not in (False, [], None)}
    return [normalised(part) for part in value] if isinstance(value, list | tuple) else value


async def test_a_poll_in_flight_ends_when_the_server_stops() -> None:
    """Stopping the sandbox does not wait for the long poll's timeout."""
    loop = asyncio.get_running_loop()
    async with running_sandbox() as sandbox:
        waiting = asyncio.create_task(sandbox.call("getUpdates", TOKEN, timeout=30))
        await sandbox.world.wait_for(lambda: sandbox.world.state.updates.polls_begun)
        begun = loop.time()
        sandbox.world.state.feed.close()
        assert await waiting == (200, {"ok": True, "result": []})
    assert loop.time() - begun < 2
