"""`equipoise demo`: the sandbox in a process of its own, and the very bot that `run` starts, against it over HTTP."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import aiohttp

from bot.app import make_app, run
from bot.cli.outcome import DONE, CommandFailed, say
from bot.cli.run import secrets_of
from bot.config.load import load_settings
from bot.config.settings import Settings
from bot.logs import configure_logs
from bot.sandbox.exchange.replay import listed_at_start
from bot.wiring import system_clock
from engine.model.money import ONE

NEWCOMER: Final = 1001
"""The sandbox's first user; the bot's owner in the demo."""
CALM_BEFORE_MOVE: Final = timedelta(seconds=20)
MOVES: Final = (("ETH", "1.16"), ("BTC", "0.90"))
"""What happens to the seeded market once the newcomer has looked around: a day's worth in a moment."""
SECOND_STABLECOIN: Final = (("USDT", "-2000"), ("USDC", "2000"))
"""What is changed on binance before the bot looks: a peg can break under a part of the cash then, not under all of it.
"""
MOST_REPLAYED: Final = 5
CASH_IN_REPLAY: Final = Decimal("0.2")
STOP_WAIT_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox, as it described itself when it began to listen."""

    base: str
    page: str
    telegram_token: str
    venues: Mapping[str, Any]


def command(options: argparse.Namespace) -> int:
    """Run sandbox and bot until the process is told to end."""
    os.umask(0o077)
    with ExitStack() as stack:
        folder = options.state or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="equipoise-demo-")))
        folder.mkdir(parents=True, exist_ok=True)
        sandbox = stack.enter_context(_running(options))
        settings = _settings(sandbox, folder.resolve(), _targets(options.prices))
        configure_logs("warning", as_json=False, secrets=secrets_of(settings))
        say(f"Equipoise demo: {sandbox.page}  (Ctrl-C ends it)")
        if not options.no_browser:
            webbrowser.open(sandbox.page)
        asyncio.run(_demo(settings, sandbox, moves=MOVES if options.prices is None else ()))
    return DONE


async def _demo(settings: Settings, sandbox: Sandbox, moves: tuple[tuple[str, str], ...]) -> None:
    await _prepare(sandbox)
    app = await make_app(settings, system_clock())
    guide = asyncio.create_task(_guide(sandbox, moves))
    try:
        await run(app)
    finally:
        guide.cancel()


async def _prepare(sandbox: Sandbox) -> None:
    """Have a part of the cash in a second stablecoin, as many people do."""
    async with aiohttp.ClientSession(sandbox.base) as session:
        for asset, delta in SECOND_STABLECOIN:
            change = {"venue": "binance", "asset": asset, "delta": delta, "silent": True}
            async with session.post("/_sandbox/balance", json=change) as response:
                response.raise_for_status()


async def _guide(sandbox: Sandbox, moves: tuple[tuple[str, str], ...]) -> None:
    """Do what the newcomer would do first, press Start; and then let the market move."""
    async with aiohttp.ClientSession(sandbox.base) as session:
        await session.post("/_sandbox/telegram/send", json={"user": NEWCOMER, "text": "/start"})
        await asyncio.sleep(CALM_BEFORE_MOVE.total_seconds())
        for asset, factor in moves:
            await session.post("/_sandbox/price", json={"asset": asset, "factor": factor})


@contextmanager
def _running(options: argparse.Namespace) -> Iterator[Sandbox]:
    arguments = ["--port", str(options.port), "--seed", str(options.seed), "--speed", str(options.speed)]
    if options.prices is not None:
        arguments += ["--prices", str(options.prices)]
    # In a session of its own, so that Ctrl-C ends the bot first, and the sandbox only when the bot has let go.
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.sandbox", *arguments], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield _described(process)
    finally:
        process.terminate()
        process.wait(STOP_WAIT_SECONDS)
        if process.stdout is not None:
            process.stdout.close()


def _described(process: subprocess.Popen[str]) -> Sandbox:
    assert process.stdout is not None, "the sandbox is started with a pipe"
    line = process.stdout.readline()
    if not line:
        raise CommandFailed("the sandbox did not start; what is wrong stands above")
    told = json.loads(line)
    return Sandbox(told["base"], told["page"], told["telegram"]["token"], told["venues"])


def _targets(prices: Path | None) -> dict[str, str]:
    """The default portfolio's weights; of a replay, equal ones for its first assets, and a fifth in cash."""
    if prices is None:
        return {"BTC": "0.45", "ETH": "0.25", "SOL": "0.10", "cash": "0.20"}
    try:
        assets = listed_at_start(prices)[:MOST_REPLAYED]
    except (OSError, ValueError) as error:
        raise CommandFailed(f"{prices} cannot be replayed: {error}") from error
    share = (ONE - CASH_IN_REPLAY) / len(assets)
    return {asset.name: f"{share:.9f}" for asset in assets} | {"cash": f"{CASH_IN_REPLAY}"}


def _settings(sandbox: Sandbox, folder: Path, targets: Mapping[str, str]) -> Settings:
    """The configuration file of the demo, written down beside its journal so that it can be read, and loaded."""
    text = _config_text(sandbox, folder, targets)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    environ = {"DEMO_TELEGRAM_TOKEN": sandbox.telegram_token}
    for name, venue in sandbox.venues.items():
        environ[f"DEMO_{name.upper()}_KEY"] = venue["keys"][0]["key"]
        environ[f"DEMO_{name.upper()}_SECRET"] = venue["keys"][0]["secret"]
    return load_settings(text, environ=environ, home=Path.home())


def _config_text(sandbox: Sandbox, folder: Path, targets: Mapping[str, str]) -> str:
    weights = "\n".join(f"{name} = {weight}" for name, weight in targets.items())
    venues = "\n".join(_venue_text(name, venue) for name, venue in sandbox.venues.items())
    return f"""\
# The demo's configuration: horizons are seconds, so that a thumb can keep up.
mode = "sandbox"
[portfolio]
name = "demo"
numeraire = "USDT"
[targets]
{weights}
[buckets]
cash = ["USDT", "USDC", "USD"]
[trigger]
kind = "threshold"
threshold = 0.03
cooldown = "20s"
[approval]
plan_ttl = "10m"
requote_bps = 60
[execution]
slice_max = 4000
horizon = "20s"
patience = "60s"
[tax]
profile = "generic"
opening_basis = "price"
# In earnest these are minutes and hours. In mode "sandbox" venues are also asked every 10 s whether they pay out, where
# others are asked every 5 minutes: a halt is seen within half a minute.
[risk.stop_loss]
confirm = "10s"
[risk.depeg]
lasting = "10s"
back_for = "30s"
[risk.exchange_health]
withdrawals_closed_for = "10s"
offline_for = "30s"
recover_after = "20s"
[schedule]
check_every = "2s"
[telegram]
token_env = "DEMO_TELEGRAM_TOKEN"
allowed_users = [{NEWCOMER}]
base_url = "{sandbox.base}/telegram"
[database]
url = "sqlite:///{folder}/demo.sqlite"
[sandbox]
control = "{sandbox.base}"
{venues}
"""


def _venue_text(name: str, venue: Mapping[str, Any]) -> str:
    return f"""\
[venues.{name}]
exchange = "{venue["dialect"]}"
base_url = "{venue["base"]}"
key_env = "DEMO_{name.upper()}_KEY"
secret_env = "DEMO_{name.upper()}_SECRET"
"""
