"""The real bot against the sandbox, all of it over loopback HTTP: exchanges, Telegram, chat and journal file.

Everything waits for something to happen: every request to an exchange and every happening in the chat lets the
conditions be looked at again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from bot.app import App, make_app
from bot.config.load import load_settings
from bot.config.settings import Settings
from bot.sandbox.app import Sandbox, SandboxOptions, build_sandbox, describe, serving
from bot.sandbox.exchange.orders import Order
from bot.sandbox.telegram.people import ADA
from bot.sandbox.telegram.screen import ScreenMessage
from bot.sandbox.telegram.world import TelegramWorld
from engine.clock import SystemClock

Tables = Mapping[str, Mapping[str, object]]
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

HASTE: Final = 10
LIMIT: Final = 15.0
"""Seconds that a condition is waited for before the test fails with what is on the screens."""
BALANCED: Final = {"BTC": Decimal(60_000), "ETH": Decimal(3_000), "SOL": Decimal(150)}
"""At these prices, which the sandbox begins with, the portfolio is on its targets."""


class HastyClock(SystemClock):
    """The real time, with a tenth of the patience: retries come sooner, and nothing else changes."""

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
    """How often an exchange was asked, by HTTP method and path."""
    apps: list[App] = field(default_factory=list)

    @property
    def telegram(self) -> TelegramWorld:
        """The chat's other side."""
        return self.sandbox.telegram

    def settings(self, tables: Tables | None = None) -> Settings:
        """The bot's settings, with some tables of the file changed key by key."""
        text = config_text(self._tables(), tables or {})
        environ = {"BOT_TOKEN": self.telegram.state.token}
        for name, venue in self.sandbox.exchanges.venues.items():
            key = venue.config.keys[0]
            environ |= {f"{name.upper()}_KEY": key.key, f"{name.upper()}_SECRET": key.secret}
        return load_settings(text, environ=environ, home=self.folder)

    async def start_bot(self, tables: Tables | None = None) -> App:
        """Start a bot on the stage's journal, as `equipoise run` does."""
        app = await make_app(self.settings(tables), HastyClock())
        self.apps.append(app)
        await app.start()
        return app

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

    async def shows(self, *words: str, user: int = ADA, timeout: float = LIMIT) -> ScreenMessage:
        """Wait until one of the bot's messages holds all these words; the newest such message."""
        found = await self.telegram.wait_for(lambda: self.messages(*words, user=user), timeout)
        return found[-1]

    def messages(self, *words: str, user: int = ADA) -> list[ScreenMessage]:
        """The bot's messages that hold all these words, oldest first."""
        said = [message for message in self.telegram.screen(user) if message.from_bot]
        return [message for message in said if all(word in message.text for word in words)]

    def message(self, number: int, user: int = ADA) -> ScreenMessage:
        """A message by its id, as it looks now."""
        return next(message for message in self.telegram.screen(user) if message.id == number)

    async def becomes(self, number: int, *words: str, user: int = ADA) -> ScreenMessage:
        """Wait until this very message holds all these words."""
        await self.telegram.wait_for(lambda: all(w in self.message(number, user).text for w in words), LIMIT)
        return self.message(number, user)

    async def asks(self, text: str, *words: str, user: int = ADA) -> ScreenMessage:
        """Write to the bot, and wait for an answer below that holds all these words."""
        sent = (await self.telegram.user_sends(text, user))["message_id"]
        return await self.telegram.wait_for(
            lambda: next((m for m in self.messages(*words, user=user) if m.id > sent), None), LIMIT
        )

    async def presses(self, label: str, user: int = ADA, message: int | None = None) -> str:
        """Press a button and wait for the bot's answer to the press: the toast."""
        query = await self.telegram.user_presses(label, user, message)
        return await self.toast(query)

    async def toast(self, query: str) -> str:
        """The answer to a press, as soon as it has come."""
        desk = self.telegram.state.presses
        answers = await self.telegram.wait_for(lambda: [p for p in desk.answers() if p.query_id == query], LIMIT)
        return answers[0].text or ""

    async def looks(self, times: int = 2, venue: str = "binance") -> None:
        """Wait until the bot has looked at the venue's balances so many times more: by then it has decided again."""
        until = self.requests[self.balance_call(venue)] + times
        await self.telegram.wait_for(lambda: self.requests[self.balance_call(venue)] >= until, LIMIT)

    def balance_call(self, venue: str) -> tuple[str, str]:
        """The request that reads a venue's balances."""
        return {
            "binance": ("GET", "/binance/api/v3/account"),
            "kraken": ("POST", "/kraken/0/private/BalanceEx"),
        }[venue]

    def free(self, venue: str, asset: str) -> Decimal:
        """What the venue's account holds and can spend."""
        return self.sandbox.exchanges.venues[venue].account.free(asset)

    def balances(self) -> dict[tuple[str, str], Decimal]:
        """Every balance of every venue."""
        venues = self.sandbox.exchanges.venues
        return {(n, a): b.free + b.locked for n, v in venues.items() for a, b in v.account.balances.items()}

    def orders(self, venue: str | None = None) -> list[Order]:
        """Every order that the venues took, whatever became of it."""
        venues = self.sandbox.exchanges.venues
        return [order for name in ([venue] if venue else venues) for order in venues[name].engine.orders.all()]

    def weights(self) -> dict[str, Decimal]:
        """The weights as the sandbox's own figures give them; USDT and USD are the cash."""
        market = self.sandbox.exchanges.market
        values: Counter[str] = Counter()
        for (_, asset), quantity in self.balances().items():
            price = market.price(asset, market.now())
            assert price is not None, asset
            values["cash" if asset in ("USDT", "USD") else asset] += quantity * price  # type: ignore[assignment]
        whole = sum(values.values())
        return {name: value / whole for name, value in values.items()}  # type: ignore[misc]

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
            "approval": {"plan_ttl": "10m", "requote_bps": 60},
            "execution": {"horizon": "60s"},
            "schedule": {"check_every": "1s"},
            "telegram": {
                "token_env": "BOT_TOKEN",
                "allowed_users": [ADA],
                "base_url": f"{self.base}/telegram",
            },
            "database": {"url": f"sqlite:///{self.folder}/journal.sqlite"},
            **venues,
        }


def config_text(tables: dict[str, dict[str, object]], changes: Tables) -> str:
    """The TOML of a configuration file. A change of None leaves a key out."""
    merged = tables | {name: {**tables.get(name, {}), **changed} for name, changed in changes.items()}
    parts = []
    for name, table in merged.items():
        lines = [f"{key} = {_toml(value)}" for key, value in table.items() if value is not None]
        parts.append("\n".join([f"[{name}]", *lines] if name else lines))
    return "\n".join(parts) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)


@asynccontextmanager
async def raised_stage(folder: Path) -> AsyncIterator[Stage]:
    """A served sandbox whose market stands still until it is shocked. Ada has written to the bot before."""
    sandbox = build_sandbox(SandboxOptions(hold_for_approval=False))
    sandbox.exchanges.market.freeze()
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
        sandbox.telegram.state.people.person(ADA).started = True
        try:
            yield stage
        finally:
            while stage.apps:
                await stage.stop_bot()
