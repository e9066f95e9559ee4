"""What a day trades, from venues: the median of a week, asked for once a day, and unknown where nobody tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.clock import ManualClock
from engine.feeds.venue_volumes import VenueVolumes
from engine.model.ids import VenueName
from engine.model.market import DayVolume
from engine.model.money import Quantity, use_exact_context
from tests.builders import Market
from tests.run.fake_venue import FakeVenue

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ALPHA = VenueName("alpha")
BTC, ETH = Market("BTC/USDT").instrument(ALPHA), Market("ETH/USDT").instrument(ALPHA)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


class Desk:
    def __init__(self) -> None:
        self.clock = ManualClock(NOON)
        self.venue = FakeVenue("alpha", self.clock, {}, Market("BTC/USDT"), Market("ETH/USDT"))
        self.volumes = VenueVolumes({ALPHA: self.venue})

    def trades(self, symbol: str, *volumes: int) -> None:
        """So much on each of the last days."""
        midnight = NOON.replace(hour=0)
        days: list[DayVolume] = [
            (midnight - (len(volumes) - number) * DAY, Quantity(Decimal(volume)))
            for number, volume in enumerate(volumes, start=1)
        ]
        self.venue.volumes[symbol] = tuple(days)

    async def told(self) -> dict[str, Decimal]:
        found = await self.volumes.day_volumes((BTC, ETH), self.clock.now())
        return {symbol: Decimal(volume) for (_, symbol), volume in found.items()}


async def test_it_is_the_median_of_a_week() -> None:
    """One wild day is no usual one; of two days nothing is known."""
    desk = Desk()
    desk.trades("BTC/USDT", 9999, 10, 12, 14, 900, 11, 13, 12)
    desk.trades("ETH/USDT", 5, 6)
    assert await desk.told() == {"BTC/USDT": 12}


async def test_it_is_asked_for_once_a_day() -> None:
    desk = Desk()
    desk.trades("BTC/USDT", 10, 10, 10)
    desk.trades("ETH/USDT", 20, 20, 20)
    await desk.told()
    await desk.clock.advance(timedelta(hours=23))
    assert await desk.told() == {"BTC/USDT": 10, "ETH/USDT": 20}
    assert desk.venue.asked_for_volumes == ["BTC/USDT", "ETH/USDT"]
    await desk.clock.advance(timedelta(hours=1))
    await desk.told()
    assert len(desk.venue.asked_for_volumes) == 4


async def test_a_venue_that_fails_is_asked_again_after_a_while() -> None:
    """And its failure reaches nobody."""
    desk = Desk()
    desk.trades("BTC/USDT", 10, 10, 10)
    desk.venue.down = True
    assert await desk.told() == {}
    desk.venue.down = False
    assert await desk.told() == {}
    await desk.clock.advance(timedelta(minutes=10))
    assert await desk.told() == {"BTC/USDT": 10}


async def test_a_venue_that_is_not_known_tells_nothing() -> None:
    other = Market("BTC/USDT").instrument(VenueName("beta"))
    assert await Desk().volumes.day_volumes((other,), NOON) == {}
