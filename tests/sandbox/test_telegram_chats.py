"""The bot in its chats: commands, profile, typing, answers to presses, and the pace it must keep."""

from datetime import timedelta

import pytest
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, RetryAfter

from bot.sandbox.telegram.people import ADA, BEN, MALLORY, TREASURY
from bot.sandbox.telegram.state import TelegramSettings
from tests.sandbox.telegram_fixtures import Sandbox, build_bot, running_sandbox, sandbox

__all__ = ["sandbox"]


def keyboard(*buttons: InlineKeyboardButton) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[button] for button in buttons])


async def test_commands_are_kept_per_scope_and_the_narrowest_wins(sandbox: Sandbox) -> None:
    """Ada sees the commands of her chat, Ben the default ones."""
    async with build_bot(sandbox) as bot:
        await bot.bot.set_my_commands([("help", "What I can do")])
        await bot.bot.set_my_commands([("plan", "The newest plan")], scope=BotCommandScopeChat(ADA))
        assert await bot.bot.get_my_commands() == (BotCommand("help", "What I can do"),)
        shown = {user: (await sandbox.get(f"/screen?user={user}"))["commands"] for user in (ADA, BEN)}
        assert [entries[0]["command"] for entries in shown.values()] == ["plan", "help"]
        await bot.bot.delete_my_commands(scope=BotCommandScopeChat(ADA))
        assert await bot.bot.get_my_commands(scope=BotCommandScopeChat(ADA)) == ()
        with pytest.raises(BadRequest, match=r"(?i)bot_command_invalid"):
            await bot.bot.set_my_commands([("Bad-Name", "x")])


async def test_the_bot_introduces_itself_and_knows_its_chats(sandbox: Sandbox) -> None:
    """getMe, descriptions, getChat, getChatMember, menu button."""
    async with build_bot(sandbox) as bot:
        assert (bot.bot.id, bot.bot.username) == (770011, "equipoise_sandbox_bot")
        await bot.bot.set_my_description("I keep balance.")
        await bot.bot.set_my_short_description("Balance")
        await bot.bot.set_my_name("Libra")
        assert (await bot.bot.get_my_description()).description == "I keep balance."
        assert (await bot.bot.get_my_short_description()).short_description == "Balance"
        assert (await bot.bot.get_me()).first_name == "Libra"
        assert (await bot.bot.get_chat(ADA)).username == "ada"
        assert (await bot.bot.get_chat_member(TREASURY, MALLORY)).status == "left"
        assert (await bot.bot.get_chat_member(TREASURY, BEN)).status == "member"
        await bot.bot.set_chat_menu_button()
        assert (await bot.bot.get_webhook_info()).url == ""


async def test_typing_drafts_and_reactions_are_seen(sandbox: Sandbox) -> None:
    """What has no message of its own still reaches the screen."""
    theirs = await sandbox.world.user_sends("/why")
    async with build_bot(sandbox) as bot:
        await bot.bot.send_chat_action(ADA, ChatAction.TYPING)
        await bot.bot.send_message_draft(ADA, 1, "Because <b>BTC</b>", parse_mode="HTML")
        await bot.bot.set_message_reaction(ADA, theirs["message_id"], "👌")
        with pytest.raises(BadRequest, match=r"(?i)wrong parameter action"):
            await bot.bot.send_chat_action(ADA, "dancing")
        with pytest.raises(BadRequest, match=r"(?i)only to private chats"):
            await bot.bot.send_message_draft(TREASURY, 1, "x")
    events = {event.kind: event.details for event in sandbox.world.state.feed.since(0)}
    assert events["action"] == {"action": "typing"}
    assert events["draft"]["text"] == "Because BTC"
    assert sandbox.world.screen()[0].reactions == ("👌",)


async def test_presses_can_be_answered_once_and_in_time(sandbox: Sandbox) -> None:
    """A second answer, an unknown query and a late answer are all "too old"; the text has its limit."""
    world = sandbox.world
    await world.user_sends("/start")
    too_old = r"(?i)query is too old and response timeout expired or query id is invalid"
    async with build_bot(sandbox) as bot:
        await bot.bot.send_message(ADA, "card", reply_markup=keyboard(InlineKeyboardButton("Go", callback_data="go")))
        first = await world.user_presses("Go")
        with pytest.raises(BadRequest, match=r"(?i)message_too_long"):
            await bot.bot.answer_callback_query(first, "x" * 201)
        await bot.bot.answer_callback_query(first, "Sure?", show_alert=True)
        with pytest.raises(BadRequest, match=too_old):
            await bot.bot.answer_callback_query(first)
        with pytest.raises(BadRequest, match=too_old):
            await bot.bot.answer_callback_query("4711")
        late = await world.user_presses("Go")
        sandbox.wall.seconds += 61
        with pytest.raises(BadRequest, match=too_old):
            await bot.bot.answer_callback_query(late)
    (answer,) = await sandbox.get("/answers")
    assert (answer["query_id"], answer["text"], answer["alert"]) == (first, "Sure?", True)


async def test_a_sustained_rate_above_the_limit_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limit on, a burst passes, then 429 with retry_after, per chat, until time has passed."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    async with running_sandbox(TelegramSettings(messages_per_second=1.0)) as sandbox:
        for user in (ADA, BEN):
            await sandbox.world.user_sends("/start", user=user)
        async with build_bot(sandbox) as bot:
            for number in range(3):
                await bot.bot.send_message(ADA, str(number))
            with pytest.raises(RetryAfter) as refused:
                await bot.bot.send_message(ADA, "too fast")
            assert refused.value.retry_after == timedelta(seconds=1)
            await bot.bot.send_message(BEN, "another chat")
            sandbox.wall.seconds += 1
            await bot.bot.send_message(ADA, "now")
    assert sandbox.world.screen()[-1].text == "now"
