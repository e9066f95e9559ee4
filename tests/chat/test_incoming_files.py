"""Files that people send, over real polling: fetched, handed on, and said so where they cannot be had."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from telegram import Document, File, Update
from telegram.error import TelegramError

from bot.chat.application import TelegramAccess, TelegramChat
from bot.chat.commands import Commands
from bot.chat.incoming_files import IncomingFiles
from bot.chat.members import Members
from bot.chat.message import Message, OutgoingFile
from bot.chat.presses import Presses
from bot.chat.render.files import MOST_FETCHED
from bot.chat.services import Ask, ReceivedFile, Replies
from bot.sandbox.telegram.faults import DOWNLOAD, FaultRule
from bot.sandbox.telegram.people import ADA, MALLORY, TREASURY
from engine.api import EngineError
from engine.model.ids import UserId
from tests.chat.fakes import MAIN, PERSON, chat_parts
from tests.sandbox.telegram_fixtures import TOKEN, Sandbox, build_bot, sandbox

__all__ = ["sandbox"]

CSV = b"date,asset\n2026-01-02,BTC\n"
ASK = Ask(PERSON)


class ReadingCommands(Commands):
    """Sends every file back, and remembers what it was told."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.heard: list[tuple[Ask, ReceivedFile]] = []

    async def received(self, ask: Ask, file: ReceivedFile) -> Replies:
        self.heard.append((ask, file))
        if file.content == b"broken":
            raise EngineError("the books cannot be read")
        return Message("read"), Message("and back", file=OutgoingFile("copy.csv", file.content, "text/csv"))


@asynccontextmanager
async def a_chat(sandbox: Sandbox, made: Callable[..., Commands]) -> AsyncIterator[Any]:
    """The chat as the program runs it, with Ada as its one member; its commands."""
    async with chat_parts() as parts:
        commands = made(parts.services)
        members = Members(parts.journal, parts.clock, MAIN, [UserId(ADA)])
        await members.load()
        access = TelegramAccess(TOKEN, f"{sandbox.base}/telegram", None, drop_pending=False)
        chat = TelegramChat(access, members, commands, Presses(parts.services, commands), parts.clock)
        await chat.start()
        try:
            yield commands
        finally:
            await chat.stop()


async def answer(sandbox: Sandbox, *words: str) -> str:
    """The bot's newest words once they hold all of these."""
    world = sandbox.world
    await world.wait_for(
        lambda: [m for m in world.screen() if m.from_bot and all(word in m.text for word in words)], 10
    )
    return world.screen()[-1].text


async def document(sandbox: Sandbox, content: bytes = CSV) -> tuple[Document, dict[str, Any]]:
    """A file that Ada has sent: as the library reads it, once it is given a bot, and as it went over the wire."""
    posted = await sandbox.world.user_sends_file("t.csv", content)
    update = Update.de_json(sandbox.world.state.updates.pending[-1], None)
    assert update.message is not None and update.message.document is not None
    return update.message.document, posted["document"]


async def test_a_file_is_read_and_answered_like_a_command(sandbox: Sandbox) -> None:
    """Name, bytes and the words of the caption go to the commands; a file may come back."""
    async with a_chat(sandbox, ReadingCommands) as commands:
        await sandbox.world.user_sends_file("../lots <1>.csv", CSV, caption="/import my\ntrades")
        await answer(sandbox, "and back")
    ((ask, file),) = commands.heard
    assert (ask.person.id, ask.words) == (ADA, ("/import", "my", "trades"))
    assert file == ReceivedFile("../lots <1>.csv", CSV)
    shown = sandbox.world.screen()[-1]
    assert (shown.document, shown.content) == ("copy.csv", CSV)


async def test_strangers_and_groups_get_nothing(sandbox: Sandbox) -> None:
    """Their files are not even fetched, whatever the caption says."""
    async with a_chat(sandbox, ReadingCommands) as commands:
        await sandbox.world.user_sends_file("t.csv", CSV, MALLORY, "/whoami")
        body = {"name": "t.csv", "content": "a", "caption": "@equipoise_sandbox_bot"}
        assert (await sandbox.post("/document", user=ADA, chat=TREASURY, **body))[0] == 200
        await sandbox.world.user_sends_file("t.csv", CSV)
        await answer(sandbox, "and back")
    assert [ask.person.id for ask, _ in commands.heard] == [ADA]
    assert [call.method for call in sandbox.world.state.calls].count("getFile") == 1
    assert not any(m.from_bot for chat in (MALLORY, TREASURY) for m in sandbox.world.screen(chat))


async def test_a_file_that_is_too_large_is_not_fetched(sandbox: Sandbox) -> None:
    """20 MB are handed on, a byte more is answered with what to do."""
    async with a_chat(sandbox, ReadingCommands) as commands:
        await sandbox.world.user_sends_file("all.csv", bytes(MOST_FETCHED + 1))
        said = await answer(sandbox, "all.csv was not read", "20 MB")
        assert "What happens next: nothing was changed; send it in parts" in said
        assert "getFile" not in [call.method for call in sandbox.world.state.calls]
        await sandbox.world.user_sends_file("most.csv", bytes(MOST_FETCHED))
        await sandbox.world.wait_for(lambda: commands.heard, 10)
    assert len(commands.heard[0][1].content) == MOST_FETCHED


@pytest.mark.parametrize("method", ["getFile", DOWNLOAD])
@pytest.mark.parametrize(
    "fault",
    [
        FaultRule(code=502),
        FaultRule(code=400, description="Bad Request: wrong file_id or the file is temporarily unavailable"),
        FaultRule(retry_after=30),
        FaultRule(action="drop"),
    ],
    ids=lambda rule: rule.description if rule.action == "error" else rule.action,
)
async def test_a_file_that_telegram_does_not_hand_out_can_be_sent_again(
    sandbox: Sandbox, fault: FaultRule, method: str
) -> None:
    """The sentence says so, and the second time it is read."""
    fault.method, fault.count = method, 1
    sandbox.world.faults.add(fault)
    async with a_chat(sandbox, ReadingCommands) as commands:
        await sandbox.world.user_sends_file("t.csv", CSV)
        await answer(sandbox, "t.csv was not read: I could not fetch it", "send it again in a minute")
        assert commands.heard == []
        await sandbox.world.user_sends_file("t.csv", CSV)
        await answer(sandbox, "and back")


async def test_a_command_that_fails_over_a_file_is_answered(sandbox: Sandbox) -> None:
    """As every handler that fails; the next file is read."""
    async with a_chat(sandbox, ReadingCommands):
        await sandbox.world.user_sends_file("t.csv", b"broken")
        await answer(sandbox, "the books cannot be read", "What happens next")
        await sandbox.world.user_sends_file("t.csv", CSV)
        await answer(sandbox, "and back")


async def test_a_download_that_takes_too_long_is_given_up(sandbox: Sandbox) -> None:
    """Whether the library waits or not."""
    sent, _ = await document(sandbox)
    sandbox.world.faults.add(FaultRule(DOWNLOAD, "stall", seconds=30))
    async with build_bot(sandbox) as application:
        sent.set_bot(application.bot)
        (said,) = await IncomingFiles(_unread, timedelta(seconds=0.2)).answer(ASK, sent)
    assert "I could not fetch it" in said.html


async def test_a_size_that_is_not_told_is_learnt_from_telegram(sandbox: Sandbox) -> None:
    """The field is optional: its refusal is the same sentence."""
    _, wire = await document(sandbox, bytes(MOST_FETCHED + 1))
    del wire["file_size"]
    async with build_bot(sandbox) as application:
        unknown = Document.de_json(wire, application.bot)
        (said,) = await IncomingFiles(_unread).answer(ASK, unknown)
    assert "was not read: Telegram hands out 20 MB" in said.html


class Grown(File):
    """A file that is larger than Telegram said."""

    async def download_as_bytearray(self, *_: Any, **__: Any) -> bytearray:
        return bytearray(MOST_FETCHED + 1)


class Untrue(Document):
    """A document behind which there is something else."""

    async def get_file(self, **_: Any) -> File:
        if self.file_name == "grown":
            return Grown("id", "unique", 10, "https://telegram.example/file")
        if self.file_name == "large":
            return File("id", "unique", MOST_FETCHED + 1, "https://telegram.example/file")
        return File("id", "unique", 10, __file__)


@pytest.mark.parametrize(
    ("name", "words"), [("grown", "20 MB"), ("large", "20 MB"), ("a file of this machine", "could not fetch it")]
)
async def test_what_telegram_says_of_a_file_is_not_believed(name: str, words: str) -> None:
    """The size is looked at before and after the download; a path without an address would be one of this machine."""
    (said,) = await IncomingFiles(_unread).answer(ASK, Untrue("id", "unique", name, file_size=10))
    assert words in said.html


async def _unread(_: Ask, file: ReceivedFile) -> Replies:
    raise TelegramError(f"{file.name} must not be read")
