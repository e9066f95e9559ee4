"""The chat page in a real browser, at the size of a phone: reading, writing, pressing, switching people."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from bot.sandbox.telegram.people import ADA, BEN
from tests.sandbox.telegram_fixtures import PNG, Sandbox, build_bot, running_sandbox

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: ViewportSize = {"width": 390, "height": 844}
TABLE = "SELL BTC    0.0982 @ 60,123   5,904\nfee\ntax\ngas"
CARD_BUTTONS = {
    "inline_keyboard": [
        [{"text": "Approve", "callback_data": "ok", "style": "success"}],
        [{"text": "Copy id", "copy_text": {"text": "7f3a"}}],
    ]
}


@dataclass
class Phone:
    """A page that shows Ada's chat, and the sandbox behind it."""

    page: Page
    sandbox: Sandbox

    async def bot_says(self, text: str, **parameters: Any) -> int:
        status, body = await self.sandbox.call(
            "sendMessage", **{"chat_id": ADA, "text": text, "parse_mode": "HTML", **parameters}
        )
        assert status == 200, body
        return int(body["result"]["message_id"])

    def bubble(self, text: str) -> Any:
        return self.page.locator(".bubble", has_text=text)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail("chromium is missing: install Debian's package chromium")
        pytest.skip("chromium is missing: install Debian's package chromium to test the chat page")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="module")
async def phone(browser: Browser) -> AsyncIterator[Phone]:
    async with running_sandbox() as sandbox:
        context = await browser.new_context(viewport=PHONE, color_scheme="dark")
        page = await context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await sandbox.world.user_sends("/start")
        await page.goto(sandbox.base + "/")
        await expect(page.locator(".row")).to_have_count(1)
        yield Phone(page, sandbox)
        await context.close()
        assert errors == []


async def test_a_person_writes_and_reads(phone: Phone) -> None:
    """The box has the focus, Enter sends, the answer is formatted, and hostile text stays text."""
    page = phone.page
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.type("<img src=x onerror=alert(1)>")
    await page.keyboard.press("Enter")
    mine = page.locator(".row.mine .bubble").last
    await expect(mine).to_contain_text("<img src=x onerror=alert(1)>")
    assert await page.locator(".list img").count() == 0
    await phone.bot_says('<b>bold &lt;i&gt;</b> and <a href="https://example.org/">link</a> 🚀 <i>after</i>')
    theirs = page.locator(".row:not(.mine) .bubble").last
    await expect(theirs.locator("b")).to_have_text("bold <i>")
    await expect(theirs.locator("a")).to_have_attribute("href", "https://example.org/")
    await expect(theirs.locator("i")).to_have_text("after")
    await expect(page.locator(".day")).to_have_count(1)


async def test_buttons_are_pressed_cards_change_in_place_and_answers_are_shown(phone: Phone) -> None:
    """A press reaches the bot; toast and alert; the edited card keeps its place and says so."""
    page = phone.page
    card = await phone.bot_says("Plan 7f3a", reply_markup=CARD_BUTTONS)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Copy id").click()
    await expect(page.locator("#toast")).to_have_text("Copied to clipboard.")
    assert await page.evaluate("navigator.clipboard.readText()") == "7f3a"
    await page.get_by_role("button", name="Approve").click()
    await phone.sandbox.world.wait_for(lambda: phone.sandbox.world.state.updates.pending[1:])
    query = phone.sandbox.world.state.updates.pending[-1]["callback_query"]["id"]
    await phone.sandbox.call("answerCallbackQuery", callback_query_id=query, text="Approved")
    await expect(page.locator("#toast")).to_have_text("Approved")
    await page.get_by_role("button", name="Approve").click()
    await phone.sandbox.world.wait_for(lambda: phone.sandbox.world.state.updates.pending[2:])
    query = phone.sandbox.world.state.updates.pending[-1]["callback_query"]["id"]
    await phone.sandbox.call("answerCallbackQuery", callback_query_id=query, text="Too late", show_alert=True)
    await expect(page.get_by_role("dialog")).to_contain_text("Too late")
    await page.get_by_role("button", name="OK").click()
    await phone.sandbox.call("editMessageText", chat_id=ADA, message_id=card, text="Plan 7f3a done")
    await expect(phone.bubble("Plan 7f3a done")).to_contain_text("edited")
    await expect(page.locator(".keys")).to_have_count(0)
    await expect(page.locator(".row")).to_have_count(2)


async def test_tables_pictures_and_files_fit_the_phone(phone: Phone) -> None:
    """Nothing makes the page wider than the screen; the table does not wrap; files can be taken."""
    page = phone.page
    await phone.bot_says(f"<pre>{TABLE}</pre>" + "x" * 300)
    async with build_bot(phone.sandbox) as bot:
        await bot.bot.send_photo(ADA, PNG, caption="chart")
        await bot.bot.send_document(ADA, b"a,b\n", filename="trades.csv")
    table = page.locator("pre")
    lines = await table.evaluate("n => Math.round((n.clientHeight - 14) / parseFloat(getComputedStyle(n).lineHeight))")
    assert lines == 4
    assert await table.evaluate("n => n.scrollWidth <= n.clientWidth")
    await expect(page.locator(".document")).to_contain_text("trades.csv")
    assert await page.locator(".picture img").evaluate("n => n.decode().then(() => n.naturalWidth)") == 1
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert await page.locator("#list").evaluate("n => n.scrollWidth <= n.clientWidth")
    async with page.expect_download() as download:
        await page.locator(".document").click()
    assert (await download.value).suggested_filename == "trades.csv"


async def test_a_file_is_attached_and_sent_with_its_caption(phone: Phone) -> None:
    """It waits above the text box, can be taken away again, and arrives byte by byte."""
    page, content = phone.page, bytes(range(256)) * 300
    chosen = {"name": "lots & <b>.csv", "mimeType": "text/csv", "buffer": content}
    await page.locator("#file-chooser").set_input_files(chosen)
    await page.get_by_role("button", name="Do not send the file").click()
    await expect(page.locator("#attached")).to_be_hidden()
    async with page.expect_file_chooser() as opened:
        await page.get_by_role("button", name="Attach a file").click()
    await (await opened.value).set_files(chosen)
    await expect(page.locator("#attached")).to_contain_text("lots & <b>.csv75.0 KB")
    await page.keyboard.type("/import please")
    await page.keyboard.press("Enter")
    mine = page.locator(".row.mine .bubble").last
    await expect(mine.locator(".document")).to_contain_text("lots & <b>.csv75.0 KB")
    await expect(mine).to_contain_text("/import please")
    await expect(page.locator("#attached")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    sent = phone.sandbox.world.screen()[-1]
    assert (sent.document, sent.text, sent.content) == ("lots & <b>.csv", "/import please", content)


async def test_the_menu_lists_the_commands_and_sends_them(phone: Phone) -> None:
    """Menu and a typed slash offer what the bot registered."""
    page = phone.page
    commands = [{"command": "plan", "description": "The newest plan"}, {"command": "help", "description": "Help"}]
    await phone.sandbox.call("setMyCommands", commands=commands)
    await page.locator("#menu").click()
    await expect(page.get_by_role("option")).to_have_count(2)
    await page.locator("#menu").click()
    await page.locator("#text").fill("/pl")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.get_by_role("option").click()
    await expect(page.locator(".row.mine .bubble").last).to_contain_text("/plan")
    await page.locator(".link", has_text="/start").click()
    await expect(page.locator(".row.mine")).to_have_count(3)


async def test_people_have_separate_chats_and_unread_ones_are_marked(phone: Phone) -> None:
    """Ben starts with START, Ada's chat is not his, and what comes meanwhile is counted."""
    page = phone.page
    await page.locator("#people").click()
    await page.get_by_role("menuitemradio", name="Ben").click()
    await expect(page.locator("#text")).to_be_focused()
    await page.get_by_role("button", name="START").click()
    await expect(page.locator(".row.mine .bubble")).to_contain_text("/start")
    await phone.bot_says("for Ada only")
    await expect(page.locator("#people.dot")).to_be_visible()
    assert [m.text for m in phone.sandbox.world.screen(BEN)] == ["/start"]
    await expect(phone.bubble("for Ada only")).to_have_count(0)
    await page.locator("#people").click()
    await page.get_by_role("menuitemradio", name="Ada").click()
    await expect(phone.bubble("for Ada only")).to_be_visible()


async def test_a_forced_reply_is_answered_as_a_reply(phone: Phone) -> None:
    """The reply bar shows the question; the message sent quotes it."""
    page = phone.page
    await phone.bot_says("Threshold?", reply_markup={"force_reply": True, "input_field_placeholder": "e.g. 5"})
    await expect(page.locator("#replying")).to_contain_text("Threshold?")
    await expect(page.locator("#text")).to_have_attribute("placeholder", "e.g. 5")
    await page.locator("#text").fill("7")
    await page.keyboard.press("Enter")
    await expect(page.locator(".row.mine .quoted")).to_contain_text("Threshold?")
    await expect(page.locator("#replying")).to_be_hidden()


async def test_reading_above_is_not_disturbed_and_the_pin_leads_there(phone: Phone) -> None:
    """Scrolled up, new messages are counted on a badge; the pinned bar jumps to its message."""
    page = phone.page
    first = await phone.bot_says("the pinned one")
    for number in range(8):
        await phone.bot_says(f"message {number}\n\n\n\n\n.")
    await phone.sandbox.call("pinChatMessage", chat_id=ADA, message_id=first)
    await expect(phone.bubble("message 7")).to_be_in_viewport()
    await page.locator("#pinned").click()
    await expect(phone.bubble("the pinned one")).to_be_in_viewport()
    await phone.bot_says("news")
    await expect(page.locator("#unread")).to_have_text("1")
    await expect(phone.bubble("news")).not_to_be_in_viewport()
    await page.locator("#newest").click()
    await expect(phone.bubble("news")).to_be_in_viewport()
    await expect(page.locator("#newest")).to_be_hidden()


async def test_telegram_can_be_cut_off_from_the_page(phone: Phone) -> None:
    """The switch begins an outage for the bot; people still see what they write."""
    page = phone.page
    await page.locator("#more-button").click()
    await page.get_by_role("menuitemcheckbox", name="Cut Telegram off").click()
    await expect(page.locator("#outage")).to_be_visible()
    assert phone.sandbox.world.faults.outage
    await page.locator("#more-button").click()
    await page.get_by_role("menuitemcheckbox", name="Cut Telegram off").click()
    await expect(page.locator("#outage")).to_be_hidden()
    assert not phone.sandbox.world.faults.outage


async def test_typing_and_drafts_are_shown_until_the_message_comes(phone: Phone) -> None:
    """The header says typing; a draft grows; the message replaces both."""
    page = phone.page
    await phone.sandbox.call("sendChatAction", chat_id=ADA, action="typing")
    await expect(page.locator("#status")).to_have_text("typing")
    await phone.sandbox.call("sendMessageDraft", chat_id=ADA, draft_id=1, text="Because")
    await expect(page.locator(".draft")).to_contain_text("Because")
    await phone.bot_says("Because BTC drifted")
    await expect(page.locator(".draft")).to_have_count(0)
    await expect(page.locator("#status")).to_have_text("bot")


async def test_light_and_dark_follow_the_device_and_a_desktop_shows_a_column(phone: Phone) -> None:
    """Colours by preference; on a wide screen the phone is centred; without a market there is no strip."""
    page = phone.page
    colour = "getComputedStyle(document.querySelector('.top')).backgroundColor"
    dark = await page.evaluate(colour)
    await page.emulate_media(color_scheme="light")
    assert (dark, await page.evaluate(colour)) == ("rgb(23, 33, 43)", "rgb(255, 255, 255)")
    await page.set_viewport_size({"width": 1280, "height": 900})
    box = await page.locator(".phone").bounding_box()
    assert box is not None
    assert (box["width"], box["x"]) == (430, 425)
    await expect(page.locator("#strip")).to_be_hidden()


async def test_the_strip_shows_market_time_pace_and_prices(phone: Phone) -> None:
    """When the sandbox has a market, its state runs under the header."""
    page = phone.page
    state = {"market_time": "2026-03-01T12:30:00+00:00", "speed": 600, "frozen": False, "prices": {"BTC": "60123.4"}}
    await page.route("**/_sandbox/state", lambda route: route.fulfill(json=state))
    await page.reload()
    await expect(page.locator("#strip")).to_have_text("1 Mar 2026 12:30×600BTC 60,123")
