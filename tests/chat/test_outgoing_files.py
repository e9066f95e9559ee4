"""Files that the bot sends, over real HTTP: caption or text before it, limits, and what becomes of one that is lost."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.chat.delivery import Delivered, Delivery, Post
from bot.chat.message import Button, Message, OutgoingFile
from bot.chat.render.files import MOST_SENT
from bot.chat.telegram_messenger import TelegramMessenger
from bot.sandbox.telegram.faults import FaultRule
from bot.sandbox.telegram.people import ADA
from bot.sandbox.telegram.screen import ScreenMessage
from tests.sandbox.telegram_fixtures import Sandbox, build_bot, sandbox

__all__ = ["sandbox"]

CSV = OutgoingFile("gains <2026>.csv", b"asset,gain\nBTC,120.5\n", "text/csv")
SHEET = OutgoingFile(
    "tax.xlsx", b"PK\x03\x04 and more", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)
MORE = ((Button("More", "v1:more"),),)


@pytest.fixture
async def messenger(sandbox: Sandbox) -> AsyncIterator[TelegramMessenger]:
    await sandbox.world.user_sends("/start")
    async with build_bot(sandbox) as application:
        yield TelegramMessenger(application.bot)


def said(sandbox: Sandbox) -> list[ScreenMessage]:
    return [message for message in sandbox.world.screen() if message.from_bot]


async def test_a_file_comes_with_the_text_as_its_caption(sandbox: Sandbox, messenger: TelegramMessenger) -> None:
    """One message: name, bytes, formatted caption, buttons, no sound."""
    done = await messenger.send(ADA, Message("<b>2026</b> &amp; lots", MORE, silent=True, file=CSV))
    (shown,) = said(sandbox)
    assert done == Delivered(Delivery.DONE, shown.id)
    assert (shown.document, shown.content, shown.html) == (CSV.name, CSV.content, "<b>2026</b> &amp; lots")
    assert (shown.labels, shown.silent) == ((("More",),), True)


async def test_a_file_is_of_the_type_that_it_says(sandbox: Sandbox, messenger: TelegramMessenger) -> None:
    """Whatever this machine knows of its name; a file needs no words."""
    done = await messenger.send(ADA, Message("", file=SHEET))
    assert done.message_id is not None
    stored = sandbox.world.state.messages.find(ADA, done.message_id)
    assert stored is not None
    assert stored.wire["document"]["mime_type"] == SHEET.mime_type
    assert "caption" not in stored.wire


@pytest.mark.parametrize(
    ("text", "messages"), [("x" * 1024, 1), ("🚀" * 512, 1), ("x" * 1025, 2), ("🚀" * 513, 2), ("x" * 5000, 3)]
)
async def test_a_text_that_is_no_caption_any_more_comes_before_its_file(
    sandbox: Sandbox, messenger: TelegramMessenger, text: str, messages: int
) -> None:
    """1024 units fit, an emoji counts twice; nothing is lost, and the buttons are under the file."""
    done = await messenger.send(ADA, Message(f"<b>{text}</b>", MORE, file=CSV))
    shown = said(sandbox)
    assert len(shown) == messages
    assert "".join(message.text for message in shown) == text
    assert [bool(message.labels) for message in shown] == [False] * (messages - 1) + [True]
    assert (shown[-1].content, done.message_id) == (CSV.content, shown[-1].id)


async def test_a_caption_that_telegram_cannot_parse_goes_out_as_plain_text(
    sandbox: Sandbox, messenger: TelegramMessenger
) -> None:
    """A defect in the markup must not cost the user the file."""
    done = await messenger.send(ADA, Message("a <b>price & <i>more</b>", MORE, file=CSV))
    (shown,) = said(sandbox)
    assert (done.outcome, shown.text, shown.content) == (Delivery.DONE, "a price & more", CSV.content)


async def test_a_file_that_telegram_would_not_take_is_replaced_by_a_sentence(
    sandbox: Sandbox, messenger: TelegramMessenger
) -> None:
    """It says so and what happens next, and nothing is uploaded."""
    large = OutgoingFile("gains <all>.csv", bytes(MOST_SENT + 1), "text/csv")
    done = await messenger.send(ADA, Message("All years", MORE, file=large))
    (shown,) = said(sandbox)
    assert (done.outcome, shown.document, shown.labels) == (Delivery.DONE, None, (("More",),))
    assert shown.text.startswith("All years\n\n⚠️ gains <all>.csv was not sent: it has 50.0 MB")
    assert "What happens next: nothing was changed" in shown.text
    assert "sendDocument" not in [call.method for call in sandbox.world.state.calls]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (FaultRule(retry_after=7), Delivered(Delivery.LATER, retry_after=timedelta(seconds=7))),
        (FaultRule(code=502), Delivered(Delivery.LATER)),
        (FaultRule(action="drop"), Delivered(Delivery.LATER)),
        (FaultRule(code=403, description="Forbidden: bot was blocked by the user"), Delivered(Delivery.IMPOSSIBLE)),
        (FaultRule(code=400, description="Bad Request: chat not found"), Delivered(Delivery.IMPOSSIBLE)),
    ],
    ids=lambda value: value.description if isinstance(value, FaultRule) else "",
)
async def test_every_refusal_says_whether_to_try_again(
    sandbox: Sandbox, messenger: TelegramMessenger, fault: FaultRule, outcome: Delivered
) -> None:
    """As for texts; nothing is raised."""
    fault.method = "sendDocument"
    sandbox.world.faults.add(fault)
    assert await messenger.send(ADA, Message("x", file=CSV)) == outcome
    assert said(sandbox) == []


async def test_a_file_does_not_go_without_the_text_before_it(sandbox: Sandbox, messenger: TelegramMessenger) -> None:
    """Where the text did not arrive, all of it is tried again."""
    sandbox.world.faults.add(FaultRule("sendMessage", code=502))
    assert (await messenger.send(ADA, Message("x" * 2000, file=CSV))).outcome is Delivery.LATER
    assert said(sandbox) == []


async def test_nothing_is_edited_into_a_file(messenger: TelegramMessenger) -> None:
    """Neither by hand nor by way of the outbox, which edits in place."""
    with pytest.raises(AssertionError, match="edited into one with a file"):
        await messenger.edit(ADA, 1, Message("x", file=CSV))
    with pytest.raises(AssertionError, match="never posted to everyone"):
        Post(Message("x", file=CSV), "key")


def test_an_empty_file_is_a_mistake_of_ours() -> None:
    """Telegram would refuse it, and whoever asked would wait in vain."""
    with pytest.raises(ValueError, match=r"gains\.csv is empty"):
        OutgoingFile("gains.csv", b"", "text/csv")


def test_no_content_stands_in_a_message_that_is_printed() -> None:
    """Neither in a log nor in a failed test; and messages without a file are what they were to the outbox."""
    assert "BTC" not in repr(CSV)
    assert repr(Message("x")) == "Message(html='x', keyboard=(), silent=False)"


async def test_a_picture_is_shown_in_the_chat(sandbox: Sandbox, messenger: TelegramMessenger) -> None:
    """With its caption and its buttons; it is no document."""
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 720, 720) + b"and more"
    picture = OutgoingFile("correlations.png", png, "image/png", is_picture=True)
    done = await messenger.send(ADA, Message("<b>Coins</b>", MORE, silent=True, file=picture))
    (shown,) = said(sandbox)
    assert done == Delivered(Delivery.DONE, shown.id)
    assert (shown.document, shown.html, shown.labels, shown.silent) == (None, "<b>Coins</b>", (("More",),), True)
    stored = sandbox.world.state.files.find(shown.photo or "")
    assert stored is not None and stored.upload.content == png


async def test_a_picture_with_a_long_text_comes_after_it(sandbox: Sandbox, messenger: TelegramMessenger) -> None:
    """As every file does: nothing is lost."""
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 720, 720)
    await messenger.send(ADA, Message("x" * 1025, file=OutgoingFile("c.png", png, "image/png", is_picture=True)))
    assert [bool(message.photo) for message in said(sandbox)] == [False, True]
