"""One run of a scenario: life after life of the bot in one world, until nothing more is to be waited for."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from structlog.testing import capture_logs

import bot.outbox
from engine.model.errors import JournalUnavailable
from engine.model.events import Mode
from engine.model.ids import PortfolioId
from engine.model.money import use_exact_context
from engine.model.plan import PlanStatus
from engine.run.facade import EngineSettings
from engine.store.journal import SqlJournal, open_journal
from engine.venues.guarded import GuardedVenue
from tests import builders as b
from tests.simulation.database import fresh_copy, scratch_folder
from tests.simulation.loop import Deadlock, Killed, LoopClock, VirtualLoop
from tests.simulation.process import Around, Process
from tests.simulation.scenario import Doom, Moment, Scenario, quiet
from tests.simulation.world import World

MAIN: Final = PortfolioId("main")
CHECK_EVERY: Final = timedelta(seconds=30)
VENUES_ASKED_EVERY: Final = timedelta(seconds=10)
"""Where one is halted: a life is too short for five minutes."""
LOOK_EVERY: Final = timedelta(seconds=5)
LOOKS_AT_REST: Final = 2
"""In a row: something may be written while one look is taken."""
IDLE: Final = timedelta(seconds=30)
"""The outbox's safety net, coarser than in the bot: looking every two seconds is half of the work of a quiet run."""
PATIENCE: Final = 900.0
"""Seconds of calm after which whatever is approved must be over, or wait for a person."""
MOST_LIVES: Final = 60
RESTARTED_AFTER: Final = 5.0

GRAVE: Final[list[Any]] = []
"""What killed lives had in memory. It must not be collected: that would run what a killed process does not run."""


@dataclass
class Run:
    """A run that is over, with all that can be known of it."""

    world: World
    steps: int = 0
    kills: int = 0
    deaths: int = 0
    """Lives that ended by themselves because the database failed at their start."""
    defects: list[str] = field(default_factory=list)
    came_to_rest: bool = False

    @property
    def trace(self) -> str:
        """What two runs of one scenario must agree on."""
        with self.world.disk.read() as disk:
            rows = disk.execute("SELECT seq, stream, kind, payload, ts_event, ts_recorded FROM event ORDER BY seq")
            return hashlib.sha256(repr((self.steps, rows.fetchall())).encode()).hexdigest()


class Laboratory:
    """A folder with an empty journal that is copied for every run."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or scratch_folder()
        self._template = self._folder / "template.sqlite"
        asyncio.run(_make(self._template))
        # The first connection of an engine asks the database about itself: later runs must not differ from the first.
        self.run(quiet(0))

    def run(self, scenario: Scenario) -> Run:
        """Run a scenario to its rest."""
        use_exact_context()
        path = self._folder / "journal.sqlite"
        fresh_copy(self._template, path)
        run = Run(World(scenario, path))
        with ExitStack() as around:
            around.enter_context(capture_logs())
            around.enter_context(patch.object(bot.outbox, "IDLE", IDLE))
            around.enter_context(run.world.disk.plugged_in())
            dooms = list(scenario.dooms)
            while run.world.life < MOST_LIVES and not run.came_to_rest:
                _live_once(run, dooms.pop(0) if dooms else None)
        return run


def _live_once(run: Run, doom: Doom | None) -> None:
    world = run.world
    kill_at = doom.count if doom and doom.moment is Moment.STEP else None
    loop = VirtualLoop(f"{world.scenario.seed} life {world.life}", world.time.now, world.time, kill_at)
    world.begin_life(loop, doom)
    down_for = doom.down_for if doom else RESTARTED_AFTER
    try:
        loop.run_until_complete(_live(run, loop))
        run.came_to_rest = True
    except Killed:
        run.kills += 1
    except JournalUnavailable:
        # The bot says so and ends; whoever looks after it starts it again.
        run.deaths += 1
    except Deadlock:
        run.defects.append("nothing would ever have happened again")
        run.came_to_rest = True
    _bury(run, loop)
    if not run.came_to_rest:
        world.time.pass_until(world.time.now + down_for)


def _bury(run: Run, loop: VirtualLoop) -> None:
    """The process is gone, and with it what only it knew."""
    pending = asyncio.all_tasks(loop)
    GRAVE.append((loop, pending))
    run.world.telegram.waiting = None
    run.world.disk.kill()
    run.steps += loop.steps
    run.defects += [repr(error.get("exception") or error["message"]) for error in loop.errors]


async def _live(run: Run, loop: VirtualLoop) -> None:
    world = run.world
    clock = LoopClock(lambda: loop.time() + world.clock_ahead)
    journal = await open_journal(f"sqlite+aiosqlite:///{world.path}", MAIN, clock, busy_timeout=timedelta(0))
    asked_every = VENUES_ASKED_EVERY if world.scenario.halt else None
    settings = EngineSettings(MAIN, Mode.SANDBOX, world.policy, b.USDT, venues_asked_every=asked_every)
    venues = {name: GuardedVenue(venue, clock) for name, venue in world.venues.items()}
    process = Process(Around(settings, venues, world.telegram, clock, CHECK_EVERY, world.told), journal)
    try:
        await process.start()
        looks = 0
        while looks < LOOKS_AT_REST:
            await clock.sleep(LOOK_EVERY)
            looks = looks + 1 if await _at_rest(world, journal) else 0
    finally:
        run.defects += [repr(error) for error in process.defects]
    await process.stop()


async def _at_rest(world: World, journal: SqlJournal) -> bool:
    """Nothing is under way and everything is told, or it is out of patience."""
    if not world.weather.calm or world.people.thinking or world.time.now < world.telegram.out_until:
        return False
    if world.time.now > max(world.scenario.busy_for, world.telegram.out_until) + PATIENCE:
        return True
    try:
        plan = await journal.open_plan()
        quiet = not await journal.outbox(1) and not world.telegram.words
    except JournalUnavailable:
        return False
    if plan is None or plan.status is PlanStatus.PROPOSED:
        return quiet
    stuck = any(order.quarantined and not order.is_closed for order in plan.orders)
    return quiet and (stuck or plan.status is PlanStatus.PAUSED)


async def _make(path: Path) -> None:
    journal = await open_journal(f"sqlite+aiosqlite:///{path}", MAIN, LoopClock(lambda: 0.0))
    await journal.close()
