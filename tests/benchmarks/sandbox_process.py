"""The sandbox and the bot as two processes, so that neither is measured with the other's work."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

from bot.sandbox.exchange.config import InstrumentConfig, VenueConfig, WorldConfig, world_to_dict
from bot.sandbox.exchange.defaults import default_world
from bot.sandbox.price_paths import AssetConfig
from tests.e2e.stage import config_text

ROOT: Final = Path(__file__).parents[2]
LIMIT: Final = 60.0
"""Seconds that anything is waited for."""


@dataclass
class SandboxProcess:
    """A running sandbox, and a folder for the bots that are started against it."""

    folder: Path
    described: dict[str, Any]
    environ: dict[str, str] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def started(cls, folder: Path, world: WorldConfig | None = None) -> Iterator[Self]:
        """A sandbox on a free port for as long as the block lasts."""
        arguments = ["-m", "bot.sandbox", "--no-hold"]
        if world is not None:
            (folder / "world.json").write_text(json.dumps(world_to_dict(world)), encoding="utf-8")
            arguments += ["--world", str(folder / "world.json")]
        with subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                yield cls(folder, json.loads(process.stdout.readline()))
            finally:
                process.terminate()

    def config(self, tables: Mapping[str, Mapping[str, object]] | None = None) -> Path:
        """The configuration of a bot on all of its venues."""
        self.environ["BOT_TOKEN"] = self.described["telegram"]["token"]
        own: dict[str, dict[str, object]] = {
            "": {"mode": "sandbox"},
            "targets": {"BTC": 0.45, "ETH": 0.25, "SOL": 0.10, "cash": 0.20},
            "buckets": {"cash": ["USDT", "USD"]},
            "schedule": {"check_every": "1s"},
            "telegram": {
                "token_env": "BOT_TOKEN",
                "allowed_users": [1001],
                "base_url": f"{self.described['base']}/telegram",
            },
            "database": {"url": f"sqlite:///{self.folder}/journal.sqlite"},
        }
        for name, venue in self.described["venues"].items():
            key = venue["keys"][0]
            self.environ |= {f"{name.upper()}_KEY": key["key"], f"{name.upper()}_SECRET": key["secret"]}
            named = {"key_env": f"{name.upper()}_KEY", "secret_env": f"{name.upper()}_SECRET"}
            own[f"venues.{name}"] = {"exchange": venue["dialect"], "base_url": venue["base"], **named}
        path = self.folder / "config.toml"
        path.write_text(config_text(own, tables or {}), encoding="utf-8")
        return path

    @contextmanager
    def bot(self, config: Path) -> Iterator[subprocess.Popen[bytes]]:
        """`equipoise run` for as long as the block lasts."""
        environ = dict(os.environ) | self.environ
        arguments = [sys.executable, "-m", "bot", "run", str(config)]
        with subprocess.Popen(arguments, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL) as process:
            try:
                yield process
            finally:
                process.terminate()

    def evaluations(self) -> int:
        """How many evaluations the journal holds; 0 before there is a journal."""
        file = self.folder / "journal.sqlite"
        try:
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
                return int(database.execute("SELECT count(*) FROM event WHERE kind = 'Evaluated'").fetchone()[0])
        except sqlite3.OperationalError:
            return 0

    def post(self, path: str, body: Mapping[str, object]) -> None:
        """Act on the sandbox's controls."""
        address = f"{self.described['base']}/_sandbox/{path}"
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(address, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200


def wait_until(holds: Callable[[], bool], look_every: float = 0.01) -> None:
    """Return as soon as something holds; it is looked at from outside, where nobody can tell."""
    end = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(look_every)


def wide_world(markets: int) -> WorldConfig:
    """The default exchanges, each with so many markets that most of them are of no interest."""
    world = default_world()
    names = [f"A{number:03d}" for number in range(markets)]
    world.market.assets.update({name: AssetConfig(Decimal(10)) for name in names})
    return WorldConfig(world.market, tuple(_widened(venue, names, markets) for venue in world.venues))


def _widened(venue: VenueConfig, names: list[str], markets: int) -> VenueConfig:
    quote = venue.markets[0].quote
    limits = (Decimal("0.0001"), Decimal("0.01"), Decimal("0.01"), Decimal(5))
    more = [InstrumentConfig(name, quote, *limits) for name in names[: markets - len(venue.markets)]]
    given = {name: getattr(venue, name) for name in ("name", "dialect", "prefix", "balances", "keys", "fees", "book")}
    return VenueConfig(**given, markets=(*venue.markets, *more))
