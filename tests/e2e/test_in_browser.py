"""The main job on the chat page, in a real browser at the size of a phone, with the real bot behind it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.e2e.stage import Stage
from tests.e2e.test_guards import with_control

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PATIENCE_MS = 15_000


@pytest.fixture
async def page(stage: Stage) -> AsyncIterator[Page]:
    """The chat page of a newcomer; the test fails where the page's own code does."""
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail("chromium is missing: install Debian's package chromium")
        pytest.skip("chromium is missing: install Debian's package chromium to test the bot in a browser")
    errors: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
        shown = await context.new_page()
        shown.set_default_timeout(PATIENCE_MS)
        shown.on("pageerror", lambda error: errors.append(str(error)))
        await shown.goto(stage.base + "/")
        yield shown
        await browser.close()
    assert errors == []


async def test_a_newcomer_approves_a_plan_and_reads_the_report(stage: Stage, page: Page) -> None:
    """Greeting, portfolio, card, a press on Approve, report: all of it in the page."""
    expect.set_options(timeout=PATIENCE_MS)
    await stage.start_bot()
    await page.locator("#text").fill("/start")
    await page.keyboard.press("Enter")
    bubbles = page.locator(".row:not(.mine) .bubble")
    await expect(bubbles.filter(has_text="Hello Ada")).to_be_visible()
    await expect(bubbles.filter(has_text="In all 1")).to_contain_text("binance")

    await stage.shock(ETH="1.16", BTC="0.90")
    await expect(bubbles.filter(has_text="waits for approval")).to_contain_text("BUY")
    approve = page.get_by_role("button", name=re.compile("Approve"))
    await expect(approve).to_be_in_viewport()
    await _picture(page, "card")
    await approve.click()

    await expect(page.locator("#toast")).to_contain_text("Approved.")
    report = bubbles.filter(has_text="completed after")
    await expect(report).to_contain_text("Weights now")
    await expect(report).to_be_in_viewport()
    await expect(approve).to_have_count(0)
    await _picture(page, "report")
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    assert stage.accounts.orders()


async def test_a_file_is_sent_from_the_page_and_answered(stage: Stage, page: Page) -> None:
    """Chosen, shown with its size, sent with a caption; the bot has read it and says what it makes of it."""
    expect.set_options(timeout=PATIENCE_MS)
    await stage.start_bot()
    file = {"name": "trades.csv", "mimeType": "text/csv", "buffer": b"date,asset\n"}
    async with page.expect_file_chooser() as opened:
        await page.get_by_role("button", name="Attach a file").click()
    await (await opened.value).set_files(file)
    await page.locator("#text").fill("my trades")
    await page.keyboard.press("Enter")
    await expect(page.locator(".row.mine .document")).to_contain_text("trades.csv")
    await expect(page.locator(".row:not(.mine) .bubble").last).to_contain_text("trades.csv")
    assert [call.method for call in stage.telegram.state.calls].count("getFile") == 1
    await _picture(page, "file")


VIEWS = {
    "drift": ("/drift", "Beyond the band"),
    "why": ("/why", "Back to card"),
    "health": ("/health", "last poll of Telegram"),
    "trade": ("/trade", "No order has been sent yet"),
    "tax": ("/tax", "Tax year"),
    "lots": ("/lots BTC", "Lots of BTC"),
    "rejected": ("/reject {plan}", "Rejected."),
    "portfolio": ("/portfolio", "nothing is proposed until"),
    "stopped": ("/kill", "Everything is stopped"),
}
"""Every view in its turn: what is typed, and what its answer holds."""


async def test_every_view_fits_a_phone(stage: Stage, page: Page) -> None:
    """Nothing has to be scrolled sideways, and the newest answer is in view."""
    expect.set_options(timeout=PATIENCE_MS)
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot()
    card = await stage.ada.shows("waits for approval")
    plan = card.text.split("Plan ")[1].split(" ")[0]
    bubbles = page.locator(".row:not(.mine) .bubble")
    for name, (typed, holds) in VIEWS.items():
        await page.locator("#text").fill(typed.format(plan=plan))
        await page.keyboard.press("Enter")
        await expect(page.locator(".row").last).to_contain_text(holds)
        await expect(bubbles.last).to_be_in_viewport()
        await _picture(page, name)
        assert await page.evaluate("document.documentElement.scrollWidth") == 390


GUARDED = {
    "correlation": ("/correlation", "How your coins move together"),
    "venues": ("/venues", "lies there"),
    "crash": ("/sandbox crash BTC 30", "Stop-loss: BTC"),
    "risk": ("/risk", "waits for you, or is about to be made"),
    "halted": ("/sandbox halt kraken", "At risk there"),
}
"""What happens, and what the bot then says of it."""


async def test_guards_are_seen_at_work_on_a_phone(stage: Stage, page: Page) -> None:
    """How coins move together as a picture, a stop that fires, every guard with where it stands, a halted exchange."""
    expect.set_options(timeout=PATIENCE_MS)
    await stage.start_bot(with_control(stage))
    await stage.looks(3)
    bubbles = page.locator(".row:not(.mine) .bubble")
    for name, (typed, holds) in GUARDED.items():
        await page.locator("#text").fill(typed)
        await page.keyboard.press("Enter")
        said = bubbles.filter(has_text=holds).last
        await expect(said).to_be_visible()
        await said.scroll_into_view_if_needed()
        await _picture(page, name)
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await expect(bubbles.locator("img").first).to_be_visible()


async def _picture(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        await expect(page.locator("#toast")).to_be_hidden()
        await page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")
