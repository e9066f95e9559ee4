"""The clocks: the system's, and the one that tests turn by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from engine.clock import ManualClock, SystemClock
from engine.ports import Clock

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def test_the_system_clock_tells_utc_and_sleeps() -> None:
    """A sleep of no time returns, and time does not go back."""
    clock: Clock = SystemClock()
    before = clock.now()
    await clock.sleep(-SECOND)
    assert clock.now() >= before
    assert before.utcoffset() == timedelta(0)


async def test_manual_time_stands_still_until_it_is_moved() -> None:
    """Sleepers wake one after the other, each at his own instant, whatever the order they went to sleep in."""
    clock, seen = ManualClock(START), list[tuple[str, datetime]]()

    async def sleeper(name: str, seconds: int) -> None:
        await clock.sleep(seconds * SECOND)
        seen.append((name, clock.now()))

    tasks = [asyncio.create_task(sleeper(name, seconds)) for name, seconds in (("late", 5), ("early", 2), ("far", 99))]
    await clock.advance(10 * SECOND)
    assert seen == [("early", START + 2 * SECOND), ("late", START + 5 * SECOND)]
    assert clock.now() == START + 10 * SECOND
    await clock.advance_to(START + 99 * SECOND)
    await asyncio.gather(*tasks)
    assert seen[-1] == ("far", START + 99 * SECOND)


async def test_whoever_sleeps_again_is_woken_again_on_the_way() -> None:
    """A loop with a pause turns as often as fits into the time that passes."""
    clock, turns = ManualClock(START), list[datetime]()

    async def loop() -> None:
        while True:
            await clock.sleep(3 * SECOND)
            turns.append(clock.now())

    task = asyncio.create_task(loop())
    await clock.advance(10 * SECOND)
    task.cancel()
    assert turns == [START + n * SECOND for n in (3, 6, 9)]


async def test_a_cancelled_sleeper_does_not_stop_the_clock() -> None:
    """He is gone, and the others are woken."""
    clock = ManualClock(START)
    gone, waiting = asyncio.create_task(clock.sleep(SECOND)), asyncio.create_task(clock.sleep(2 * SECOND))
    await asyncio.sleep(0)
    gone.cancel()
    await clock.advance(5 * SECOND)
    assert gone.cancelled() and waiting.done()


async def test_time_that_moves_by_itself_never_waits() -> None:
    """For code that runs alone: each sleep moves the time."""
    clock = ManualClock(START, auto_advance=True)
    await clock.sleep(90 * SECOND)
    await clock.sleep(SECOND)
    assert clock.now() == START + 91 * SECOND


async def test_time_does_not_go_back() -> None:
    """Neither by hand nor from an instant without a time zone."""
    clock = ManualClock(START)
    with pytest.raises(ValueError, match="does not go back"):
        await clock.advance(-SECOND)
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake that is refused
