"""Puts the sandbox together: exchanges, Telegram and the chat page in one web application on one port."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from bot.sandbox.clock import SandboxClock
from bot.sandbox.exchange.config import VenueConfig, WorldConfig, world_from_dict
from bot.sandbox.exchange.defaults import default_world
from bot.sandbox.exchange.replay import replay_world
from bot.sandbox.exchange.world import ExchangeWorld
from bot.sandbox.telegram.state import TelegramSettings
from bot.sandbox.telegram.world import TelegramWorld

SANDBOX_TOKEN = "770011:sandbox-token-for-the-chat-page-only"
"""Opens nothing but the sandbox on this computer; it is public on purpose."""

REAL_TIME = 1.0
MAX_UPLOAD_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """What a sandbox is started with.

    `prices` is a wide CSV of closes to replay, `world` a JSON document for other venues than the default two.
    `speed` is market seconds per second. While a card waits for approval the market runs in real time, so that
    the plan does not go stale under the reader's eyes, unless `hold_for_approval` is False.
    """

    seed: int = 7
    speed: float = REAL_TIME
    prices: Path | None = None
    world: Path | None = None
    start: datetime | None = None
    hold_for_approval: bool = True
    token: str = SANDBOX_TOKEN


class ApprovalPace:
    """Drops the market to real time while a card waits, and puts the speed back afterwards."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._before: float | None = None

    def waiting(self, waits: bool) -> None:
        """The hook for `TelegramWorld.on_waiting_card`."""
        if waits and self._clock.speed > REAL_TIME:
            self._before = self._clock.speed
            self._clock.set_speed(REAL_TIME)
        elif not waits and self._before is not None:
            before, self._before = self._before, None
            # Somebody set another speed meanwhile: that is what they want.
            if self._clock.speed == REAL_TIME:
                self._clock.set_speed(before)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The parts of a sandbox, and the application that serves them."""

    app: web.Application
    exchanges: ExchangeWorld
    telegram: TelegramWorld
    clock: SandboxClock


def build_sandbox(options: SandboxOptions, settings: TelegramSettings | None = None) -> Sandbox:
    """Compose a sandbox. Raises ValueError naming what is wrong with the prices, the world or the speed."""
    config = read_world(options)
    begin = first_instant(options.prices) if options.prices else datetime.fromtimestamp(time.time(), UTC)
    clock = SandboxClock(options.start or begin, options.speed)
    app = web.Application(client_max_size=MAX_UPLOAD_BYTES)
    exchanges = ExchangeWorld(config, clock)
    telegram = TelegramWorld(options.token, settings)
    if options.hold_for_approval:
        telegram.on_waiting_card(ApprovalPace(clock).waiting)
    telegram.register(app)
    exchanges.register(app)
    return Sandbox(app, exchanges, telegram, clock)


def read_world(options: SandboxOptions) -> WorldConfig:
    """The venues and the market. Raises ValueError for a document that is no world."""
    if options.world is not None:
        return world_from_dict(json.loads(options.world.read_text(encoding="utf-8")))
    return replay_world(options.prices, options.seed) if options.prices else default_world(options.seed)


def first_instant(prices: Path) -> datetime:
    """When the replayed prices begin. Raises ValueError when the first row has no time."""
    with prices.open(encoding="utf-8") as lines:
        next(lines, "")
        stamp = next(lines, "").partition(",")[0].strip()
    try:
        if stamp.replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(stamp), UTC)
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        raise ValueError(f"{prices}: the first row begins with {stamp!r}, not with a time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def describe(sandbox: Sandbox, base: str) -> dict[str, object]:
    """Where everything is: what a bot needs to be configured with. The keys open nothing but this sandbox."""
    venues = {name: _describe_venue(venue.config, base) for name, venue in sandbox.exchanges.venues.items()}
    telegram = {
        "base_url": f"{base}/telegram/bot",
        "base_file_url": f"{base}/telegram/file/bot",
        "token": sandbox.telegram.state.token,
    }
    return {"base": base, "page": base + "/", "telegram": telegram, "venues": venues}


def _describe_venue(venue: VenueConfig, base: str) -> dict[str, object]:
    keys = [{"key": key.key, "secret": key.secret, "permissions": list(key.permissions)} for key in venue.keys]
    return {"dialect": venue.dialect, "base": base + venue.prefix, "keys": keys}


@asynccontextmanager
async def serving(app: web.Application, port: int, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve the application while the block runs; yields its address. Port 0: any free one."""
    runner = web.AppRunner(app, shutdown_timeout=2, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
