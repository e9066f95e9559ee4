"""Two venues under watch, that are looked at when a test says so."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import ManualClock
from engine.model.ids import VenueName
from engine.model.portfolio import Snapshot
from engine.model.venue_signals import VenueSignals
from engine.run.observe import Observer
from engine.run.venue_watch import VenueWatch
from tests import builders as b
from tests.builders import T0
from tests.run.desk import MARKETS
from tests.run.fake_venue import FakeVenue

ALPHA, BETA = VenueName("alpha"), VenueName("beta")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
MILLISECOND = timedelta(milliseconds=1)


class Watched:
    """Two venues under watch."""

    def __init__(self) -> None:
        self.clock = ManualClock(T0)
        self.venues = {
            name: FakeVenue(name, self.clock, {"BTC": "1", "USDT": "100"}, *MARKETS) for name in ("alpha", "beta")
        }
        named = {VenueName(name): venue for name, venue in self.venues.items()}
        self.observer = Observer(named, self.clock, b.policy({"BTC": "0.4", "ETH": "0.3", "USDT": "0.3"}), b.USDT)

    @property
    def alpha(self) -> FakeVenue:
        return self.venues["alpha"]

    @property
    def watch(self) -> VenueWatch:
        return self.observer.watch

    async def look(self, after: timedelta = MINUTE, *, whole_books: bool = False) -> Snapshot:
        """Look at all of them in a while."""
        await self.clock.advance(after)
        return await self.observer.look(whole_books=whole_books)

    async def asked(self) -> VenueSignals:
        """What a look shows of alpha once it was asked."""
        await self.watch.ask(ALPHA)
        return await self.signals()

    async def signals(self) -> VenueSignals:
        """What a look shows of alpha."""
        return signals_in(await self.look(SECOND))


def signals_in(seen: Snapshot) -> VenueSignals:
    found = next(venue.signals for venue in seen.venues if venue.name == ALPHA)
    assert found is not None
    return found
