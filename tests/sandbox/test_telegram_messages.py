"""Sending, editing and removing messages with python-telegram-bot, within and beyond Telegram's limits."""

from typing import Any

import pytest
from telegram import (
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden

from bot.sandbox.telegram.people import ADA, BEN, MALLORY
from tests.sandbox.telegram_fixtures import PNG, Sandbox, build_bot, sandbox

__all__ = ["sandbox"]


def keyboard(*buttons: InlineKeyboardButton) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[button] for button in buttons])


async def test_a_message_comes_back_with_text_and_entities(sandbox: Sandbox) -> None:
    """The answer carries plain text and entities, not the markup."""
    await sandbox.world.user_sends("/start")
    async with build_bot(sandbox) as bot:
        sent = await bot.bot.send_message(
            ADA, "<b>Plan</b> &amp; more", parse_mode="HTML", disable_notification=True, protect_content=True
        )
    assert sent.text == "Plan & more"
    assert sent.text_html == "<b>Plan</b> &amp; more"
    assert sent.has_protected_content
    assert sandbox.world.screen()[-1].silent


@pytest.mark.parametrize(
    ("text", "fits"),
    [("x" * 4096, True), ("x" * 4097, False), ("🚀" * 2048, True), ("🚀" * 2048 + "x", False)],
    ids=["4096", "4097", "2048 emoji", "2048 emoji and one"],
)
async def test_texts_are_limited_in_utf16_units(sandbox: Sandbox, text: str, fits: bool) -> None:
    """4096 code units after parsing; an emoji counts twice."""
    await sandbox.world.user_sends("/start")
    status, body = await sandbox.call("sendMessage", chat_id=ADA, text=f"<b>{text}</b>", parse_mode="HTML")
    assert (status, body.get("description")) == ((200, None) if fits else (400, "Bad Request: message is too long"))


async def test_captions_are_limited_to_1024(sandbox: Sandbox) -> None:
    """A caption of 1024 passes, one more does not."""
    await sandbox.world.user_sends("/start")
    async with build_bot(sandbox) as bot:
        await bot.bot.send_photo(ADA, PNG, caption="<b>" + "x" * 1024 + "</b>", parse_mode="HTML")
        with pytest.raises(BadRequest, match=r"(?i)message caption is too long"):
            await bot.bot.send_document(ADA, b"a", caption="x" * 1025)


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({}, "chat_id is empty"),
        ({"chat_id": 4711, "text": "x"}, "chat not found"),
        ({"chat_id": "@nobody", "text": "x"}, "chat not found"),
        ({"chat_id": ADA}, "message text is empty"),
        ({"chat_id": ADA, "text": " \n "}, "text must be non-empty"),
        ({"chat_id": ADA, "text": "<b>x", "parse_mode": "HTML"},
         'can\'t parse entities: Can\'t find end tag corresponding to start tag "b"'),
        ({"chat_id": ADA, "text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"chat_id": ADA, "text": "x", "reply_markup": "{"}, "can't parse reply_markup JSON object"),
    ],
)  # fmt: skip
async def test_bad_messages_are_refused_in_telegrams_words(
    sandbox: Sandbox, parameters: dict[str, Any], description: str
) -> None:
    """Every refusal is a 400 with the real description, and nothing is posted."""
    await sandbox.world.user_sends("/start")
    status, body = await sandbox.call("sendMessage", **parameters)
    assert (status, body["description"]) == (400, f"Bad Request: {description}")
    assert len(sandbox.world.screen()) == 1


async def test_strangers_and_people_who_blocked_the_bot_cannot_be_written_to(sandbox: Sandbox) -> None:
    """403 before the first message, 403 after a block, and fine again after the next message."""
    world = sandbox.world
    async with build_bot(sandbox) as bot:
        with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
            await bot.bot.send_message(MALLORY, "hello")
        await world.user_sends("/start", user=BEN)
        await sandbox.post("/block", user=BEN, blocked=True)
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.bot.send_message(BEN, "hello")
        await world.user_sends("/start", user=BEN)
        await bot.bot.send_message(BEN, "hello again")


BAD_BUTTONS: list[tuple[dict[str, Any], str]] = [
    ({"text": "a", "callback_data": "ä" * 33}, "BUTTON_DATA_INVALID"),
    ({"text": "a", "callback_data": ""}, "BUTTON_DATA_INVALID"),
    ({"text": "a"}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    ({"text": " ", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
    ({"callback_data": "x"}, 'can\'t parse inline keyboard button: can\'t find field "text"'),
    ({"text": "a", "url": "ftp://x"}, "inline keyboard button URL 'ftp://x' is invalid: Wrong HTTP URL"),
    ({"text": "a", "copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
    ({"text": "a", "callback_data": "x", "style": "pink"},
     "can't parse inline keyboard button: invalid button style specified"),
]  # fmt: skip


@pytest.mark.parametrize(("button", "description"), BAD_BUTTONS, ids=[reason for _, reason in BAD_BUTTONS])
async def test_bad_buttons_are_refused(sandbox: Sandbox, button: dict[str, Any], description: str) -> None:
    """64 bytes (not characters) of data, one action, known styles."""
    await sandbox.world.user_sends("/start")
    markup = {"inline_keyboard": [[button]]}
    status, body = await sandbox.call("sendMessage", chat_id=ADA, text="x", reply_markup=markup)
    assert (status, body["description"]) == (400, f"Bad Request: {description}")


async def test_good_buttons_come_back_as_they_were(sandbox: Sandbox) -> None:
    """Styles, copy buttons and links; a hundred buttons pass, one more does not."""
    await sandbox.world.user_sends("/start")
    markup = keyboard(
        InlineKeyboardButton("Approve", callback_data="x" * 64, style="success"),
        InlineKeyboardButton("Copy", copy_text=CopyTextButton("0xabc")),
        InlineKeyboardButton("Docs", url="https://example.org/"),
    )
    async with build_bot(sandbox) as bot:
        sent = await bot.bot.send_message(ADA, "x", reply_markup=markup)
        assert sent.reply_markup == markup
        many = [InlineKeyboardButton(str(n), callback_data=str(n)) for n in range(101)]
        await bot.bot.send_message(ADA, "hundred", reply_markup=keyboard(*many[:100]))
        with pytest.raises(BadRequest, match=r"(?i)reply markup is too long"):
            await bot.bot.send_message(ADA, "more", reply_markup=keyboard(*many))


async def test_edits_follow_telegrams_rules(sandbox: Sandbox) -> None:
    """Equal content, missing messages, other people's messages and the wrong kind are refused."""
    theirs = await sandbox.world.user_sends("/start")
    async with build_bot(sandbox) as bot:
        sent = await bot.bot.send_message(ADA, "<b>one</b>", parse_mode="HTML")
        edited = await bot.bot.edit_message_text("two", ADA, sent.message_id)
        assert not isinstance(edited, bool) and edited.text == "two" and edited.edit_date is not None
        with pytest.raises(BadRequest, match=r"(?i)message is not modified: specified new message content"):
            await bot.bot.edit_message_text("two", ADA, sent.message_id)
        with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
            await bot.bot.edit_message_text("x", ADA, 999)
        with pytest.raises(BadRequest, match=r"(?i)message can't be edited"):
            await bot.bot.edit_message_text("x", ADA, theirs["message_id"])
        with pytest.raises(BadRequest, match=r"(?i)there is no caption in the message to edit"):
            await bot.bot.edit_message_caption(ADA, sent.message_id, caption="x")
    assert [(m.text, m.edited) for m in sandbox.world.screen()] == [("/start", False), ("two", True)]


async def test_changing_only_the_buttons_leaves_no_edited_mark(sandbox: Sandbox) -> None:
    """As on a phone: new buttons are no edit that a person sees."""
    await sandbox.world.user_sends("/start")
    async with build_bot(sandbox) as bot:
        sent = await bot.bot.send_message(
            ADA, "card", reply_markup=keyboard(InlineKeyboardButton("a", callback_data="a"))
        )
        await sent.edit_reply_markup(keyboard(InlineKeyboardButton("b", callback_data="b")))
        assert sandbox.world.screen()[-1].labels == (("b",),)
        await sent.edit_reply_markup(None)
    assert sandbox.world.screen()[-1].labels == ()
    assert not sandbox.world.screen()[-1].edited


async def test_photos_albums_and_documents_arrive_and_can_be_fetched(sandbox: Sandbox) -> None:
    """Uploads keep their bytes; captions are parsed; media and captions can be edited."""
    await sandbox.world.user_sends("/start")
    async with build_bot(sandbox) as bot:
        photo = await bot.bot.send_photo(ADA, PNG, caption="<i>drift</i>", parse_mode="HTML")
        assert photo.photo[-1].width == 1 and photo.caption_html == "<i>drift</i>"
        report = await bot.bot.send_document(ADA, b"a,b\n1,2\n", filename="trades.csv", caption="Trades")
        assert report.document is not None and report.document.file_name == "trades.csv"
        assert bytes(await (await report.document.get_file()).download_as_bytearray()) == b"a,b\n1,2\n"
        again = await bot.bot.send_document(ADA, report.document.file_id)
        assert again.document is not None and again.document.file_size == 8
        album = await bot.bot.send_media_group(ADA, [InputMediaPhoto(PNG, caption="1"), InputMediaPhoto(PNG)])
        assert album[0].media_group_id == album[1].media_group_id is not None
        await photo.edit_caption("later")
        await photo.edit_media(InputMediaDocument(b"x", filename="x.txt", caption="now a file"))
    shown = sandbox.world.screen()
    assert [(m.text, bool(m.photo), m.document) for m in shown[1:]] == [
        ("now a file", False, "x.txt"),
        ("Trades", False, "trades.csv"),
        ("", False, "trades.csv"),
        ("1", True, None),
        ("", True, None),
    ]


async def test_what_is_no_picture_is_refused_as_a_photo(sandbox: Sandbox) -> None:
    """sendPhoto looks into the file."""
    await sandbox.world.user_sends("/start")
    async with build_bot(sandbox) as bot:
        with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
            await bot.bot.send_photo(ADA, b"no picture")
        with pytest.raises(BadRequest, match=r"(?i)wrong file identifier"):
            await bot.bot.send_photo(ADA, "no-such-id")


async def test_replies_quote_and_forced_replies_ask(sandbox: Sandbox) -> None:
    """A reply carries the message it answers; ForceReply asks the text box until somebody writes."""
    question = await sandbox.world.user_sends("/settings")
    async with build_bot(sandbox) as bot:
        reply = ReplyParameters(question["message_id"])
        asked = await bot.bot.send_message(
            ADA, "Threshold?", reply_parameters=reply, reply_markup=ForceReply(input_field_placeholder="e.g. 5")
        )
        assert asked.reply_to_message is not None and asked.reply_to_message.text == "/settings"
        shown = (await sandbox.get(f"/screen?user={ADA}"))["input"]
        assert (shown["force_reply_to"], shown["placeholder"]) == (asked.message_id, "e.g. 5")
        await sandbox.world.user_sends("5", reply_to=asked.message_id)
        assert (await sandbox.get(f"/screen?user={ADA}"))["input"]["force_reply_to"] is None
        await bot.bot.send_message(ADA, "Pick", reply_markup=ReplyKeyboardMarkup([["5", "10"]]))
        assert (await sandbox.get(f"/screen?user={ADA}"))["input"]["keyboard"] == [["5", "10"]]
        gone = ReplyParameters(999, allow_sending_without_reply=True)
        assert (await bot.bot.send_message(ADA, "x", reply_parameters=gone)).reply_to_message is None


async def test_messages_are_deleted_and_pinned(sandbox: Sandbox) -> None:
    """Deleting takes the pin along; deleting twice is refused, in bulk it is skipped."""
    await sandbox.world.user_sends("/start")
    async with build_bot(sandbox) as bot:
        one, two = [await bot.bot.send_message(ADA, text) for text in ("one", "two")]
        await one.pin()
        await two.pin()
        assert (await sandbox.get(f"/screen?user={ADA}"))["pinned"] == two.message_id
        await bot.bot.unpin_chat_message(ADA)
        assert (await sandbox.get(f"/screen?user={ADA}"))["pinned"] == one.message_id
        await one.delete()
        assert (await sandbox.get(f"/screen?user={ADA}"))["pinned"] is None
        with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
            await one.delete()
        with pytest.raises(BadRequest, match=r"(?i)message to pin not found"):
            await bot.bot.pin_chat_message(ADA, 999)
        await bot.bot.delete_messages(ADA, [two.message_id, 999])
    assert [m.text for m in sandbox.world.screen()] == ["/start"]
