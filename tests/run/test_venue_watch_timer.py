"""When venues are asked how they are, and that nothing waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from engine.clock import ManualClock
from engine.decide.guards.exchange_health import sweep
from engine.model.health import HealthLimits
from engine.model.ids import VenueName
from engine.model.portfolio import VenueHealth, VenueSnapshot
from engine.model.venue import VenueProbe
from engine.model.venue_signals import Signal
from engine.run.venue_watch import ASKED_EVERY, FIRST_ASKED_AFTER, VenueWatch
from engine.store import codec
from tests.builders import T0
from tests.run.desk import Desk
from tests.run.fake_venue import FakeVenue
from tests.run.watched import ALPHA, MINUTE, SECOND, Watched


def count_probes(venue: FakeVenue) -> list[Any]:
    """The instants at which a venue is asked for its state."""
    asked, probe = list[Any](), venue.probe

    async def counted() -> VenueProbe:
        asked.append(venue._clock.now())
        return await probe()

    venue.probe = counted  # type: ignore[method-assign]
    return asked


async def test_venues_are_asked_one_after_the_other_and_not_often() -> None:
    """Every five minutes each, spread over them, and not at the start."""
    watched = Watched()
    asked = [count_probes(venue) for venue in watched.venues.values()]
    watched.watch.start()
    await watched.clock.advance(FIRST_ASKED_AFTER - SECOND)
    assert asked == [[], []]
    await watched.clock.advance(3 * ASKED_EVERY)
    first = T0 + FIRST_ASKED_AFTER
    assert asked[0] == [first, first + ASKED_EVERY, first + 2 * ASKED_EVERY]
    assert asked[1] == [instant + ASKED_EVERY / 2 for instant in asked[0]]
    await watched.watch.stop()
    await watched.clock.advance(3 * ASKED_EVERY)
    assert len(asked[0]) == 3


async def test_a_look_does_not_wait_for_what_is_asked() -> None:
    """A venue whose state cannot be had is looked at as ever."""
    watched = Watched()
    watched.alpha.probe = asyncio.Event().wait  # type: ignore[method-assign,assignment]
    watched.watch.start()
    seen = await watched.look()
    assert next(v for v in seen.venues if v.name == ALPHA).health is VenueHealth.HEALTHY
    await watched.watch.stop()


async def test_the_engine_asks_for_as_long_as_it_lives() -> None:
    """From its start to its stop; what it then knows is kept with the decision, and can be read back."""
    desk = Desk()
    asked = count_probes(desk.alpha)
    await desk.start()
    await desk.engine.advance()
    await desk.clock.advance(MINUTE)
    await desk.engine.advance()
    assert len(asked) == 1
    decision = await desk.engine.look()
    signals = decision.inputs.snapshot.venues[0].signals
    assert signals is not None and signals.online is True and signals.coins
    assert codec.read_decision(codec.SCHEMA_VERSION, codec.write(decision)) == decision
    await desk.stop()
    await desk.clock.advance(3 * ASKED_EVERY)
    assert len(asked) == 1


async def test_only_places_to_trade_have_signals() -> None:
    """What is watched or priced elsewhere is not asked how it is."""
    watched = Watched()
    seen = await watched.look()
    vault = VenueSnapshot(VenueName("vault"), VenueHealth.WATCHED, T0)
    judged = sweep(replace(seen, venues=(*seen.venues, vault)), {}, HealthLimits(), (), watched.clock.now())
    assert [verdict.venue for verdict, _ in judged] == ["alpha", "beta"]


async def test_where_there_is_no_venue_nobody_is_asked() -> None:
    """A portfolio that is only watched has nothing to ask."""
    watch = VenueWatch({}, ManualClock(T0))
    watch.start()
    await asyncio.sleep(0)
    await watch.stop()


async def test_a_defect_is_told_at_once_and_ends_nothing_else() -> None:
    """What an adapter should never raise: looks go on, and what was known grows old."""
    watched, told = Watched(), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context.get("exception")))

    async def broken() -> VenueProbe:
        raise ZeroDivisionError

    watched.alpha.probe = broken  # type: ignore[method-assign]
    watched.watch.start()
    await watched.look(FIRST_ASKED_AFTER)
    assert [type(error) for error in told] == [ZeroDivisionError]
    assert Signal.STATUS in (await watched.signals()).unavailable
    await watched.watch.stop()
