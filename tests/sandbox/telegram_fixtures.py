"""A sandbox Telegram on loopback, and an unmodified python-telegram-bot application that talks to it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from telegram.error import InvalidToken
from telegram.ext import Application, ApplicationBuilder

from bot.sandbox.app import MAX_UPLOAD_BYTES
from bot.sandbox.telegram.state import TelegramSettings
from bot.sandbox.telegram.world import TelegramWorld

TOKEN = "770011:sandbox-token-sandbox-token-abcdef"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5a347f060000000049454e44ae426082"
)


class SteppedWall:
    """A wall clock that stands still until a test moves it, in seconds."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Sandbox:
    """A running sandbox Telegram: its world, its address and its clock."""

    world: TelegramWorld
    base: str
    wall: SteppedWall
    http: aiohttp.ClientSession

    @property
    def control(self) -> str:
        return self.base + "/_sandbox/telegram"

    async def call(self, method: str, token: str = TOKEN, **parameters: Any) -> tuple[int, dict[str, Any]]:
        """A raw Bot API call; HTTP status and body."""
        url = f"{self.base}/telegram/bot{token}/{method}"
        async with self.http.post(url, json=parameters) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> Any:
        async with self.http.get(self.control + path) as response:
            return await response.json()

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        async with self.http.post(self.control + path, json=body) as response:
            return response.status, await response.json()


@asynccontextmanager
async def running_sandbox(settings: TelegramSettings | None = None) -> AsyncIterator[Sandbox]:
    wall = SteppedWall()
    world = TelegramWorld(TOKEN, settings or TelegramSettings(), wall)
    app = web.Application(client_max_size=MAX_UPLOAD_BYTES)
    world.register(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with aiohttp.ClientSession() as http:
            yield Sandbox(world, base, wall, http)
    finally:
        await runner.cleanup()


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    # Without this the library warns whenever it raises RetryAfter.
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    async with running_sandbox() as running:
        yield running


BotApplication = Application[Any, Any, Any, Any, Any, Any]


def build_bot(sandbox: Sandbox, token: str = TOKEN) -> BotApplication:
    """An application as a bot would build it; only the addresses differ."""
    return (
        ApplicationBuilder()
        .token(token)
        .base_url(sandbox.base + "/telegram/bot")
        .base_file_url(sandbox.base + "/telegram/file/bot")
        .job_queue(None)
        .build()
    )


@asynccontextmanager
async def polling_bot(
    sandbox: Sandbox, *set_up: Callable[[BotApplication], None], timeout: int = 20
) -> AsyncIterator[BotApplication]:
    """A bot that polls while the block runs."""
    bot = build_bot(sandbox)
    for prepare in set_up:
        prepare(bot)
    await bot.initialize()
    await bot.start()
    assert bot.updater is not None
    await bot.updater.start_polling(timeout=timeout, poll_interval=0.0)
    try:
        yield bot
    finally:
        with suppress(InvalidToken):
            await bot.updater.stop()
        await bot.stop()
        await bot.shutdown()
