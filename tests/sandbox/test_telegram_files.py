"""Files to and from an unmodified python-telegram-bot: as they are sent, read, limited, and lost on the way."""

import base64
import io
from typing import Any

import pytest
from telegram import Update
from telegram.error import BadRequest, InvalidToken, NetworkError, TimedOut
from telegram.ext import ContextTypes, MessageHandler, filters

from bot.sandbox.app import MAX_UPLOAD_BYTES
from bot.sandbox.telegram.faults import DOWNLOAD, FaultRule
from bot.sandbox.telegram.files import MAX_DOCUMENT_BYTES, MAX_DOWNLOAD_BYTES
from bot.sandbox.telegram.people import ADA, MALLORY, TREASURY
from tests.sandbox.telegram_fixtures import BotApplication, Sandbox, build_bot, polling_bot, sandbox

__all__ = ["sandbox"]

CSV = b"date,asset,quantity\n2026-01-02,BTC,0.5\n"


async def uploaded(sandbox: Sandbox, content: bytes = CSV, name: str = "trades.csv") -> str:
    """The id of a file that Ada has sent."""
    message = await sandbox.world.user_sends_file(name, content)
    return str(message["document"]["file_id"])


async def test_a_document_arrives_with_its_name_caption_and_buttons(sandbox: Sandbox) -> None:
    """Sent as the library sends it; the person sees its bytes, and the page can fetch them."""
    await sandbox.world.user_sends("/start")
    markup = {"inline_keyboard": [[{"text": "More", "callback_data": "v1:more"}]]}
    name = "Gewinne 2026 & 税.csv"
    async with build_bot(sandbox) as bot:
        sent = await bot.bot.send_document(
            ADA, CSV, "<b>2026</b>", filename=name, parse_mode="HTML", disable_notification=True, reply_markup=markup
        )  # fmt: skip
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.mime_type) == (name, "text/csv")
    assert sent.document.file_size == len(CSV)
    shown = sandbox.world.screen()[-1]
    assert (shown.document, shown.content, shown.html, shown.silent) == (name, CSV, "<b>2026</b>", True)
    assert shown.labels == (("More",),)
    async with sandbox.http.get(f"{sandbox.control}/file/{sent.document.file_id}") as answer:
        assert await answer.read() == CSV
        assert "attachment" in answer.headers["Content-Disposition"]


async def test_the_bot_reads_what_a_person_sends(sandbox: Sandbox) -> None:
    """In the update stand name, type, size and caption; the content comes by getFile."""
    read: list[Any] = []

    def with_reader(bot: BotApplication) -> None:
        async def reads(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
            assert update.message is not None and update.message.document is not None
            document = update.message.document
            file = await document.get_file()
            content = bytes(await file.download_as_bytearray())
            read.append((document.file_name, document.mime_type, document.file_size, update.message.caption, content))
            assert file.file_unique_id == document.file_unique_id
            sandbox.world.state.feed.publish("read")

        bot.add_handler(MessageHandler(filters.Document.ALL, reads))

    async with polling_bot(sandbox, with_reader):
        status, posted = await sandbox.post(
            "/document", user=ADA, name="t.csv", mime_type="text/csv", caption="/import my trades",
            content_base64=base64.b64encode(CSV).decode(),
        )  # fmt: skip
        assert (status, posted["caption_entities"][0]["type"]) == (200, "bot_command")
        await sandbox.world.wait_for(lambda: read)
    assert read == [("t.csv", "text/csv", len(CSV), "/import my trades", CSV)]


async def test_a_file_may_have_neither_name_nor_type(sandbox: Sandbox) -> None:
    """Both are optional in the Bot API."""
    status, posted = await sandbox.post("/document", content="a,b", mime_type="")
    assert status == 200
    assert set(posted["document"]) == {"file_id", "file_unique_id", "file_size"}
    assert str(sandbox.world.screen()[-1]) == "#1 Ada: (document) "


async def test_a_bot_fetches_20_mb_and_not_a_byte_more(sandbox: Sandbox) -> None:
    """The person may send it all the same: the message comes, the content does not."""
    fits = await uploaded(sandbox, b"x" * MAX_DOWNLOAD_BYTES)
    larger = await uploaded(sandbox, b"x" * (MAX_DOWNLOAD_BYTES + 1))
    async with build_bot(sandbox) as bot:
        content = await (await bot.bot.get_file(fits)).download_as_bytearray()
        assert len(content) == MAX_DOWNLOAD_BYTES
        with pytest.raises(BadRequest, match="File is too big"):
            await bot.bot.get_file(larger)
    status, body = await sandbox.call("getFile", file_id=larger)
    assert (status, body["description"]) == (400, "Bad Request: file is too big")


async def test_a_bot_sends_no_file_that_is_empty_or_beyond_50_mb(sandbox: Sandbox) -> None:
    """Nothing is posted."""
    await sandbox.world.user_sends("/start")
    async with build_bot(sandbox) as bot:
        with pytest.raises(BadRequest, match="File must be non-empty"):
            await bot.bot.send_document(ADA, b"", filename="empty.csv")
        with pytest.raises(BadRequest, match="Too big file size"):
            await bot.bot.send_document(ADA, b"x" * (MAX_DOCUMENT_BYTES + 1), filename="large.csv")
    assert len(sandbox.world.screen()) == 1


async def test_wrong_ids_paths_and_tokens_lead_to_nothing(sandbox: Sandbox) -> None:
    """An id that was never given out, a path that is no file, and somebody else's token."""
    file_id = await uploaded(sandbox)
    async with build_bot(sandbox) as bot:
        with pytest.raises(BadRequest, match="Wrong file_id or the file is temporarily unavailable"):
            await bot.bot.get_file("no-such-file")
        with pytest.raises(BadRequest, match="Wrong file identifier"):
            await bot.bot.send_document(ADA, "no-such-file")
        file = await bot.bot.get_file(file_id)
        assert file.file_path is not None
        file._unfreeze()
        file.file_path = file.file_path.replace("file_1", "file_99")
        with pytest.raises(InvalidToken):
            await file.download_as_bytearray()
    files = f"{sandbox.base}/telegram/file"
    for token, status in (("770011:another-token-another-token", 401), ("no-token", 404)):
        async with sandbox.http.get(f"{files}/bot{token}/documents/file_1.csv") as answer:
            assert answer.status == status


@pytest.mark.parametrize("action", ["drop", "deliver_then_drop"])
async def test_a_download_can_be_cut(sandbox: Sandbox, action: str) -> None:
    """Once, as a rule does; the next one passes."""
    file_id = await uploaded(sandbox)
    async with build_bot(sandbox) as bot:
        file = await bot.bot.get_file(file_id)
        sandbox.world.faults.add(FaultRule(DOWNLOAD, action))
        with pytest.raises(NetworkError):
            await file.download_as_bytearray()
        assert await file.download_as_bytearray() == CSV


async def test_a_download_can_fail_stall_and_meet_an_outage(sandbox: Sandbox) -> None:
    """The script of faults holds for files as for methods."""
    file_id = await uploaded(sandbox)
    async with build_bot(sandbox) as bot:
        file = await bot.bot.get_file(file_id)
        await sandbox.post("/fault", method=DOWNLOAD, code=502)
        with pytest.raises(NetworkError, match="Bad Gateway"):
            await file.download_as_bytearray()
        sandbox.world.faults.add(FaultRule(DOWNLOAD, "stall", seconds=30))
        with pytest.raises(TimedOut):
            await file.download_as_bytearray(read_timeout=0.05)
        sandbox.world.faults.set_outage(True)
        with pytest.raises(NetworkError):
            await file.download_as_bytearray()


async def test_a_lost_answer_leaves_the_document_in_the_chat(sandbox: Sandbox) -> None:
    """As with a text: the bot sees an error, the person sees the file."""
    await sandbox.world.user_sends("/start")
    sandbox.world.faults.add(FaultRule("sendDocument", "deliver_then_drop"))
    async with build_bot(sandbox) as bot:
        with pytest.raises(NetworkError):
            await bot.bot.send_document(ADA, CSV, filename="trades.csv")
    assert sandbox.world.screen()[-1].content == CSV


async def test_a_file_in_a_group_reaches_the_bot_only_where_it_is_named(sandbox: Sandbox) -> None:
    """Privacy mode looks at the caption."""
    for caption in ("for you all", "@equipoise_sandbox_bot please"):
        status, _ = await sandbox.post("/document", user=ADA, chat=TREASURY, name="t.csv", content="a", caption=caption)
        assert status == 200
    captions = [update["message"]["caption"] for update in sandbox.world.state.updates.pending]
    assert captions == ["@equipoise_sandbox_bot please"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"content": ""}, "Bad Request: file must be non-empty"),
        ({}, "send either content or content_base64"),
        ({"content": "a", "content_base64": "YQ=="}, "send either content or content_base64"),
        ({"content_base64": "ä"}, "ASCII"),
        ({"content": "a", "caption": "x" * 1025}, "caption: at most 1024 characters"),
        ({"content": "a", "user": MALLORY, "chat": TREASURY}, "Mallory is not in chat"),
        ({"content": "a", "mime": "text/csv"}, "unknown key 'mime'"),
    ],
    ids=["empty", "no content", "two contents", "no base64", "long caption", "no member", "unknown key"],
)
async def test_files_that_nobody_could_send_are_refused_by_name(
    sandbox: Sandbox, body: dict[str, Any], error: str
) -> None:
    """400, and nothing is posted."""
    status, answer = await sandbox.post("/document", name="t.csv", **body)
    assert status == 400
    assert error in answer["error"]
    assert sandbox.world.screen() == []


async def test_more_than_the_sandbox_takes_is_refused_by_name(sandbox: Sandbox) -> None:
    """The page shows the sentence."""
    body = io.BytesIO(b'{"content": "' + b"x" * MAX_UPLOAD_BYTES + b'"}')
    headers = {"Content-Type": "application/json"}
    async with sandbox.http.post(sandbox.control + "/document", data=body, headers=headers) as answer:
        assert (answer.status, await answer.json()) == (400, {"error": "this is more than the sandbox takes"})
