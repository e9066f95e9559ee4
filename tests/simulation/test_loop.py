"""The loop in virtual time: nothing waits, equal seeds take equal turns, and a kill runs nothing more."""

from __future__ import annotations

import asyncio

import pytest

from tests.simulation.loop import Deadlock, Killed, VirtualLoop
from tests.simulation.running import GRAVE
from tests.simulation.timetable import Timetable


def a_loop(seed: str = "1", kill_at: int | None = None) -> tuple[VirtualLoop, Timetable]:
    world = Timetable()
    return VirtualLoop(seed, 0.0, world, kill_at), world


def test_a_day_passes_at_once() -> None:
    """Time jumps to what is due next, in the program or outside it."""
    loop, world = a_loop()
    seen: list[float] = []
    world.at(3_600.0, lambda: seen.append(world.now))
    loop.run_until_complete(asyncio.sleep(86_400))
    assert (loop.time(), seen) == (86_400.0, [3_600.0])


def turns(seed: str) -> list[int]:
    """The order in which ten tasks come to their turns."""
    loop, _ = a_loop(seed)
    order: list[int] = []

    async def take_turns(number: int) -> None:
        for _ in range(5):
            order.append(number)
            await asyncio.sleep(0)

    async def all_of_them() -> None:
        await asyncio.gather(*(take_turns(number) for number in range(10)))

    loop.run_until_complete(all_of_them())
    return order


def test_the_seed_decides_who_comes_first() -> None:
    """The same one the same order, another one another."""
    assert turns("1") == turns("1")
    assert turns("1") != turns("2")


def test_a_kill_runs_nothing_more() -> None:
    """Neither what was ready, nor what a task would have done at its end."""
    loop, _ = a_loop(kill_at=3)
    done: list[str] = []

    async def live() -> None:
        try:
            await asyncio.sleep(1)
            done.append("went on")
        finally:
            done.append("cleaned up")

    with pytest.raises(Killed):
        loop.run_until_complete(live())
    GRAVE.append((loop, asyncio.all_tasks(loop)))
    assert done == []


def test_a_program_that_waits_for_nothing_is_found() -> None:
    """It would hang for ever."""
    loop, _ = a_loop()
    with pytest.raises(Deadlock):
        loop.run_until_complete(asyncio.Event().wait())
    GRAVE.append((loop, asyncio.all_tasks(loop)))
