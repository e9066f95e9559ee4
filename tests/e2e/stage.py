"""The real bot against the sandbox, all of it over loopback HTTP: exchanges, Telegram, chat and journal file.

Nobody waits for time to pass: every request to an exchange and every happening in the chat lets the conditions of the
tests be looked at again.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from bot.app import App, make_app
from bot.config.load import load_settings
from bot.config.settings import Settings
from bot.sandbox.app import Sandbox, SandboxOptions, build_sandbox, describe, serving
from bot.sandbox.faults import FaultRule
from bot.sandbox.telegram.people import ADA
from bot.sandbox.telegram.world import TelegramWorld
from engine.clock import SystemClock
from tests.e2e.accounts import Accounts
from tests.e2e.phone import LIMIT, Phone

Tables = Mapping[str, Mapping[str, object] | None]
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

HASTE: Final = 10
TO_COME_UP: Final = 60.0
"""Seconds that a process may take from its start to its first request: a busy machine is slow to load a program."""
TICK: Final = timedelta(seconds=0.25)
"""The file's shortest is a second; nothing depends on it but how long the tests take."""
MARKET_TIME: Final = datetime(2026, 3, 2, 13, tzinfo=UTC)
"""The market stands still there, so that prices are the same in every run. What is told on the wire is real time."""
BINANCE_LOOK: Final = ("GET", "/binance/api/v3/account")
"""The request that every evaluation makes once."""


class HastyClock(SystemClock):
    """The real time with a tenth of the patience: what is tried again is tried sooner, and nothing else changes."""

    async def sleep(self, duration: timedelta) -> None:
        """Return when a tenth of so much time has passed."""
        await super().sleep(duration / HASTE)


@dataclass
class Stage:
    """A sandbox that is served, and the bots that were started against it."""

    sandbox: Sandbox
    base: str
    folder: Path
    http: aiohttp.ClientSession
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often the sandbox was asked, by HTTP method and path."""
    apps: list[App] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.telegram: TelegramWorld = self.sandbox.telegram
        self.accounts = Accounts(self.sandbox.exchanges)
        self.ada = Phone(self.telegram, ADA)

    def meet(self, user: int) -> Phone:
        """The phone of somebody who has written to the bot before, so that it may write back."""
        self.telegram.state.people.person(user).started = True
        return Phone(self.telegram, user)

    def write_config(self, tables: Tables | None = None) -> tuple[Path, dict[str, str]]:
        """The configuration file with some keys changed, and the variables that it names."""
        path = self.folder / "config.toml"
        path.write_text(config_text(self._tables(), tables or {}), encoding="utf-8")
        environ = {"BOT_TOKEN": self.telegram.state.token}
        for name, venue in self.sandbox.exchanges.venues.items():
            key = venue.config.keys[0]
            environ |= {f"{name.upper()}_KEY": key.key, f"{name.upper()}_SECRET": key.secret}
        return path, environ

    def options(self) -> argparse.Namespace:
        """What the command line hands to a command that needs the configuration file alone."""
        return argparse.Namespace(config=self.write_config()[0])

    def settings(self, tables: Tables | None = None) -> Settings:
        """What the configuration file says."""
        path, environ = self.write_config(tables)
        return load_settings(path.read_text(encoding="utf-8"), environ=environ, home=self.folder)

    async def start_bot(self, tables: Tables | None = None) -> App:
        """Start a bot on the stage's journal, as `equipoise run` does."""
        settings = self.settings(tables)
        app = await make_app(replace(settings, schedule=replace(settings.schedule, check_every=TICK)), HastyClock())
        self.apps.append(app)
        await app.start()
        return app

    async def comes_up(self) -> None:
        """Wait for the first request of a bot whose process was just started: until then it is loading."""
        asked = self.requests.total()
        await self.telegram.wait_for(lambda: self.requests.total() > asked, TO_COME_UP)

    async def stop_bot(self) -> None:
        """Stop the bot that was started last."""
        await self.apps.pop().stop()

    async def control(self, path: str, **body: object) -> None:
        """Bend the sandbox over its own controls."""
        async with self.http.post(f"{self.base}/_sandbox/{path}", json=body) as response:
            assert response.status == 200, await response.text()

    async def shock(self, **factors: str) -> None:
        """Multiply prices, such as ETH="1.16"."""
        for asset, factor in factors.items():
            await self.control("price", asset=asset, factor=factor)

    async def holds_ether_on_kraken(self) -> None:
        """Four of binance's five ether lie on kraken instead, so that a sale of more than one is on both."""
        for venue, delta in (("binance", "-4"), ("kraken", "4")):
            await self.control("balance", venue=venue, asset="ETH", delta=delta, silent=True)

    async def looks(self, times: int = 2) -> None:
        """Wait until the bot has looked at the venues so many times more: by then it has decided again."""
        until = self.requests[BINANCE_LOOK] + times
        await self.telegram.wait_for(lambda: self.requests[BINANCE_LOOK] >= until, LIMIT)

    def _tables(self) -> dict[str, dict[str, object]]:
        described: Any = describe(self.sandbox, self.base)
        venues = {
            f"venues.{name}": {
                "exchange": venue["dialect"],
                "base_url": venue["base"],
                "key_env": f"{name.upper()}_KEY",
                "secret_env": f"{name.upper()}_SECRET",
            }
            for name, venue in described["venues"].items()
        }
        return {
            "": {"mode": "sandbox"},
            "portfolio": {"name": "e2e", "numeraire": "USDT"},
            "targets": {"BTC": 0.45, "ETH": 0.25, "SOL": 0.10, "cash": 0.20},
            "buckets": {"cash": ["USDT", "USD"]},
            "trigger": {"kind": "threshold", "threshold": 0.03, "cooldown": "0s"},
            "tax": {"profile": "generic", "opening_basis": "price"},
            "approval": {"plan_ttl": "10m", "requote_bps": 60},
            "execution": {"slice_max": 1_000_000, "patience": "60s"},
            "risk": {"exchange_health": {"recover_after": "0s"}},
            "schedule": {"check_every": "1s"},
            "telegram": {"token_env": "BOT_TOKEN", "allowed_users": [ADA], "base_url": f"{self.base}/telegram"},
            "database": {"url": f"sqlite:///{self.folder}/journal.sqlite"},
            **venues,
        }


def second_binance_order_waits() -> FaultRule:
    """It is carried out only when the faults are cleared."""
    return FaultRule("slow", venue="binance", method="POST", path="/api/v3/order", seconds=30, skip=1)


def config_text(tables: dict[str, dict[str, object]], changes: Tables) -> str:
    """The TOML of a configuration file. A change to None leaves a key, or a whole table, out."""
    parts = []
    for name in {**tables, **changes}:
        changed = changes.get(name, {})
        if changed is None:
            continue
        table = {**tables.get(name, {}), **changed}
        lines = [f"{key} = {_toml(value)}" for key, value in table.items() if value is not None]
        parts.append("\n".join([f"[{name}]", *lines] if name else lines))
    return "\n".join(parts) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)


@asynccontextmanager
async def raised_stage(folder: Path) -> AsyncIterator[Stage]:
    """A served sandbox whose market stands still, on the portfolio's targets, until it is shocked."""
    sandbox = build_sandbox(SandboxOptions(speed=0, start=MARKET_TIME, hold_for_approval=False))
    requests: Counter[tuple[str, str]] = Counter()

    @web.middleware
    async def counted(request: web.Request, handler: Answer) -> web.StreamResponse:
        answer = await handler(request)
        requests[request.method, request.path] += 1
        sandbox.telegram.state.feed.publish("request")
        return answer

    sandbox.app.middlewares.append(counted)
    async with serving(sandbox.app, port=0) as base, aiohttp.ClientSession() as http:
        stage = Stage(sandbox, base, folder, http, requests)
        stage.meet(ADA)
        try:
            yield stage
        finally:
            # What hangs is let go first: a bot that is stopped waits for nothing then.
            sandbox.exchanges.faults.clear()
            sandbox.telegram.faults.clear()
            while stage.apps:
                await stage.stop_bot()
