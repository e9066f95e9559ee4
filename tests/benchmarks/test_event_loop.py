"""The event loop: how long a press waits while a plan executes, and how long markets hold everything up."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from bot.config.load import load_settings
from bot.sandbox.faults import FaultRule
from bot.wiring import reading, system_clock
from engine.api import Venue
from engine.model.ids import Asset
from tests.benchmarks.figures import note, percentile_95, spread
from tests.benchmarks.sandbox_process import SandboxProcess
from tests.cli.processes import running
from tests.e2e.cards import payload_of
from tests.e2e.phone import toast_of
from tests.e2e.stage import Stage, raised_stage

pytestmark = pytest.mark.benchmark

PRESSES: Final = 60
ACKNOWLEDGED_WITHIN: Final = 0.3
LOOKED_EVERY: Final = timedelta(milliseconds=2)
ORDERS: Final = {"binance": "/api/v3/order", "kraken": "/0/private/AddOrder"}


@pytest.mark.parametrize(("label", "distance"), [("Why", 0.0), ("Portfolio", 0.0), ("Portfolio", 0.1)])
async def test_press_to_acknowledgement_while_a_plan_executes(tmp_path: Path, label: str, distance: float) -> None:
    """The bot is a process of its own. Orders hang, so that the plan executes for as long as it takes.

    `distance` is how many seconds every other request to an exchange takes beside its work.
    """
    async with raised_stage(tmp_path) as stage, running(stage, {"execution": {"patience": "10m"}}):
        greeting = await stage.ada.asks("/start", "Hello Ada")
        await stage.shock(ETH="1.16", BTC="0.90")
        card = await stage.ada.shows("waits for approval")
        for venue, path in ORDERS.items():
            stage.sandbox.exchanges.faults.add(FaultRule("slow", venue=venue, method="POST", path=path, seconds=9))
        await stage.ada.presses("Approve")
        await stage.ada.becomes(card.id, "executing")
        message = card.id if label == "Why" else greeting.id
        payload = payload_of(stage.telegram, stage.ada.user, message, label)
        stage.sandbox.exchanges.faults.add(FaultRule("slow", seconds=distance))
        taken = [await acknowledged(stage, payload, message) for _ in range(PRESSES)]
        assert "executing" in stage.ada.message(card.id).text, "the plan ended before the presses did"
        stage.sandbox.exchanges.faults.clear()
        await stage.ada.shows("completed after")
    far = f", exchanges {1000 * distance:.0f} ms away" if distance else ""
    what = f"press {label} → acknowledged, while a plan executes{far}"
    note(what, spread(taken), "300 ms", percentile_95(taken) < ACKNOWLEDGED_WITHIN)


async def acknowledged(stage: Stage, payload: str, message: int) -> float:
    """Press a button, as a phone that still shows it would; the seconds until the sandbox had the answer."""
    begun = time.perf_counter()
    await toast_of(stage.telegram, await stage.ada.forges(payload, message))
    return time.perf_counter() - begun


async def test_loading_markets_does_not_hold_up_the_loop(wide_sandbox: SandboxProcess) -> None:
    """800 markets of each exchange are parsed while something else wants its turn every two milliseconds."""
    config = wide_sandbox.config()
    settings = load_settings(config.read_text(encoding="utf-8"), environ=wide_sandbox.environ, home=Path.home())
    for each in settings.venues:
        venue = reading(each, settings.mode, system_clock())
        try:
            taken, late = await lateness(venue)
        finally:
            await venue.close()
        note(f"loop held up while {each.name} loads 800 markets", f"longest {1000 * late:.0f} ms of {taken:.2f} s")


async def lateness(venue: Venue) -> tuple[float, float]:
    """How long the first listing takes, and by how much a wake-up comes late meanwhile at the most; in seconds."""
    longest, pause = 0.0, LOOKED_EVERY.total_seconds()

    async def watch() -> None:
        nonlocal longest
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(pause)
            longest = max(longest, time.perf_counter() - begun - pause)

    watcher = asyncio.create_task(watch())
    begun = time.perf_counter()
    await venue.instruments(frozenset({Asset("BTC"), Asset("USDT")}))
    taken = time.perf_counter() - begun
    watcher.cancel()
    await asyncio.gather(watcher, return_exceptions=True)
    return taken, longest
