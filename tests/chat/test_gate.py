"""The gate, over real polling: members pass, strangers get nothing but their own id, and it never fails open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from telegram import Update
from telegram.ext import CallbackQueryHandler, ContextTypes, MessageHandler, filters

from bot.chat.auth import GATE_GROUP, Gate
from bot.chat.members import Members
from bot.sandbox.telegram.people import ADA, MALLORY, TREASURY
from engine.clock import ManualClock
from engine.model.errors import JournalUnavailable
from engine.model.events import Draft, Event
from engine.model.ids import UserId
from engine.ports import Expectation
from engine.store.memory import MemoryJournal
from tests.chat import builders as a
from tests.chat.fakes import MAIN
from tests.sandbox.telegram_fixtures import BotApplication, Sandbox, polling_bot, sandbox

__all__ = ["sandbox"]


class FullJournal(MemoryJournal):
    """Takes the code, and then nothing more."""

    is_full = False

    async def append(self, drafts: Sequence[Draft], expected: Expectation | None = None) -> tuple[Event, ...]:
        if self.is_full:
            raise JournalUnavailable("the disk is full")
        return await super().append(drafts, expected)


class House:
    """A bot behind the gate that repeats whatever reaches it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.reached: list[str] = []
        self.journal = FullJournal(MAIN, ManualClock(a.T0))
        self.members = Members(self.journal, ManualClock(a.T0), MAIN, [UserId(ADA)])
        self.welcomed: list[str] = []

    def furnish(self, bot: BotApplication) -> None:
        async def welcome(person: object) -> None:
            self.welcomed.append(str(person))

        async def reach(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
            query, message = update.callback_query, update.message
            self.reached.append((query.data if query else message.text if message else None) or "")
            self.sandbox.world.state.feed.publish("reached")
            if query:
                await query.answer("reached")

        async def failed(_: object, context: ContextTypes.DEFAULT_TYPE) -> None:
            self.reached.append(f"error handler: {context.error}")

        bot.add_handler(Gate(self.members, welcome).handler(), group=GATE_GROUP)
        bot.add_handler(CallbackQueryHandler(reach))
        bot.add_handler(MessageHandler(filters.ALL, reach))
        bot.add_error_handler(failed)


@asynccontextmanager
async def a_house(sandbox: Sandbox) -> AsyncIterator[House]:
    house = House(sandbox)
    await house.members.load()
    async with polling_bot(sandbox, house.furnish):
        yield house


async def whoami(sandbox: Sandbox, text: str = "/whoami") -> str:
    """Mallory's own id, for which she waits: what she sent before has been seen by then."""
    await sandbox.world.user_sends(text, MALLORY)
    shown = await sandbox.world.wait_for(lambda: [m for m in sandbox.world.screen(MALLORY) if m.from_bot])
    return shown[-1].text


async def test_members_pass_with_words_and_presses(sandbox: Sandbox) -> None:
    """Everything they do reaches the handlers."""
    async with a_house(sandbox) as house:
        await sandbox.world.user_sends("/plan", ADA)
        markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
        await sandbox.call("sendMessage", chat_id=ADA, text="card", reply_markup=markup)
        await sandbox.world.user_presses("Go", ADA)
        await sandbox.world.wait_for(lambda: sandbox.world.toasts() == ["reached"])
        assert house.reached == ["/plan", "go"]


@pytest.mark.parametrize("text", ["/whoami", "/whoami@equipoise_sandbox_bot", " /whoami "])
async def test_a_stranger_learns_their_own_id_and_nothing_else(sandbox: Sandbox, text: str) -> None:
    """Words, commands and presses end at the gate without a sound."""
    async with a_house(sandbox) as house:
        for word in ("hello", "/start", "/approve 7f3a91c2", "/whoami please"):
            await sandbox.world.user_sends(word, MALLORY)
        markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
        await sandbox.call("sendMessage", chat_id=MALLORY, text="card", reply_markup=markup)
        await sandbox.world.user_presses("Go", MALLORY)
        await sandbox.world.user_sends(text, MALLORY)
        await sandbox.world.wait_for(lambda: "Your id is" in sandbox.world.screen(MALLORY)[-1].text)
        said = [message.text for message in sandbox.world.screen(MALLORY) if message.from_bot]
        assert said == ["card", f"Your id is {MALLORY}."]
        assert sandbox.world.toasts() == []
        assert house.reached == []


async def test_a_member_is_nobody_in_a_group(sandbox: Sandbox) -> None:
    """What is said about a portfolio is not for everybody there."""
    async with a_house(sandbox) as house:
        await sandbox.world.user_sends("/plan", ADA, TREASURY)
        await whoami(sandbox)
        assert house.reached == []
        assert not any(message.from_bot for message in sandbox.world.screen(TREASURY))


async def test_a_stranger_is_not_answered_in_a_group(sandbox: Sandbox) -> None:
    """Not even with their own id: a group may hold more people than the two."""
    async with a_house(sandbox) as house:
        sandbox.world.state.people.groups[TREASURY].members.add(MALLORY)
        await sandbox.world.user_sends("/whoami", MALLORY, TREASURY)
        await whoami(sandbox)
        assert house.reached == []
        assert not any(message.from_bot for message in sandbox.world.screen(TREASURY))


async def test_the_pairing_code_opens_the_gate(sandbox: Sandbox) -> None:
    """The code itself reaches no handler; what its owner sends afterwards does."""
    async with a_house(sandbox) as house:
        code = await house.members.issue_code()
        await sandbox.world.user_sends(code, MALLORY)
        await sandbox.world.user_sends("/plan", MALLORY)
        await sandbox.world.wait_for(lambda: house.reached)
        assert house.welcomed == [f"Person(id={MALLORY}, name='Mallory')"]
        assert house.reached == ["/plan"]


async def test_the_gate_holds_when_it_fails_itself(sandbox: Sandbox) -> None:
    """A journal that cannot be written lets nobody in, and tells the stranger nothing."""
    async with a_house(sandbox) as house:
        code = await house.members.issue_code()
        house.journal.is_full = True
        await sandbox.world.user_sends(code, MALLORY)
        assert await whoami(sandbox) == f"Your id is {MALLORY}."
        assert (house.reached, house.welcomed) == ([], [])
        assert house.members.ids == (ADA,)
