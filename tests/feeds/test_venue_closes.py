"""Past prices from venues: whose are taken, in which currency, how often they are asked for, when they are too old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from engine.clock import ManualClock
from engine.feeds.venue_closes import ASKED_AGAIN_AFTER, VenueCloses
from engine.model.decision import PriceSeries
from engine.model.ids import Asset, VenueName
from engine.model.market import Close
from engine.model.money import Price, use_exact_context
from engine.model.portfolio import Snapshot, VenueHealth, VenueSnapshot
from tests.builders import BTC, ETH, USDT, Market
from tests.run.fake_venue import FakeVenue

NOON = datetime.fromisoformat("2026-03-10T12:00:00+00:00")
MIDNIGHT = datetime.fromisoformat("2026-03-10T00:00:00+00:00")
DAY = timedelta(days=1)
EUR = Asset("EUR")


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def days(*prices: str, end: datetime = MIDNIGHT) -> tuple[Close, ...]:
    """Closes of days in a row, the last of them the day that ended at `end`."""
    return tuple((end - (len(prices) - n) * DAY, Price(Decimal(price))) for n, price in enumerate(prices, start=1))


class Desk:
    """Venues by name, and what is known of the past by them."""

    def __init__(self, *venues: tuple[str, Sequence[str]], numeraire: Asset = USDT) -> None:
        self.clock = ManualClock(NOON)
        self.numeraire = numeraire
        self.venues = {name: FakeVenue(name, self.clock, {}, *map(Market, symbols)) for name, symbols in venues}
        self.closes = VenueCloses({VenueName(name): venue for name, venue in self.venues.items()})

    async def told(self, *assets: Asset) -> dict[str, list[str]]:
        """The closes of each asset that something is known of, as texts."""
        return {series.asset: [str(price) for _, price in series.closes] for series in await self.series(*assets)}

    async def series(self, *assets: Asset) -> tuple[PriceSeries, ...]:
        instruments = {n: tuple(m.instrument(v.name) for m in v.markets.values()) for n, v in self.venues.items()}
        venues = tuple(
            VenueSnapshot(VenueName(name), VenueHealth.HEALTHY, self.clock.now(), instruments=instruments[name])
            for name in self.venues
        )
        snapshot = Snapshot(self.clock.now(), self.numeraire, venues)
        return await self.closes.daily_closes(frozenset(assets), snapshot)

    def asked(self) -> list[str]:
        """What was asked for since the last time, by venue and symbol."""
        asked = [f"{name} {symbol}" for name, venue in self.venues.items() for symbol in venue.asked_for_days]
        for venue in self.venues.values():
            venue.asked_for_days.clear()
        return asked


async def test_the_first_venue_by_name_tells_each_asset() -> None:
    """Of two that both could; an asset that nobody trades is left out, and so is the numeraire."""
    desk = Desk(("beta", ["BTC/USDT", "ETH/USDT"]), ("alpha", ["BTC/USDT"]))
    desk.venues["alpha"].days = {"BTC/USDT": days("60", "61")}
    desk.venues["beta"].days = {"BTC/USDT": days("70", "71"), "ETH/USDT": days("3", "4")}
    assert await desk.told(BTC, ETH, USDT, Asset("XMR")) == {"BTC": ["60", "61"], "ETH": ["3", "4"]}


async def test_a_venue_that_does_not_answer_leaves_it_to_the_next() -> None:
    """And its failure reaches nobody."""
    desk = Desk(("alpha", ["BTC/USDT"]), ("beta", ["BTC/USDT"]))
    desk.venues["alpha"].down = True
    desk.venues["beta"].days = {"BTC/USDT": days("70", "71")}
    assert await desk.told(BTC) == {"BTC": ["70", "71"]}
    desk.venues["beta"].down = True
    desk.closes = VenueCloses({VenueName(name): venue for name, venue in desk.venues.items()})
    assert await desk.told(BTC) == {}


async def test_it_is_asked_for_once_a_day() -> None:
    """Not again before the next midnight; then the day that ended is there."""
    desk = Desk(("alpha", ["BTC/USDT"]))
    desk.venues["alpha"].days = {"BTC/USDT": days("60", "61", "62", end=MIDNIGHT + DAY)}
    assert await desk.told(BTC) == {"BTC": ["60", "61"]}
    assert await desk.told(BTC) == {"BTC": ["60", "61"]}
    await desk.clock.advance(timedelta(hours=11, minutes=59))
    assert await desk.told(BTC) == {"BTC": ["60", "61"]}
    assert desk.asked() == ["alpha BTC/USDT"]
    await desk.clock.advance(timedelta(minutes=2))
    assert await desk.told(BTC) == {"BTC": ["60", "61", "62"]}
    assert desk.asked() == ["alpha BTC/USDT"]


async def test_what_did_not_come_is_asked_for_again_after_a_while_and_the_old_serves_until_then() -> None:
    """A venue that fails after midnight is not asked at every check."""
    desk = Desk(("alpha", ["BTC/USDT"]))
    desk.venues["alpha"].days = {"BTC/USDT": days("60", "61", "62", end=MIDNIGHT + DAY)}
    await desk.told(BTC)
    await desk.clock.advance(timedelta(hours=13))
    desk.venues["alpha"].down = True
    assert [await desk.told(BTC), await desk.told(BTC)] == [{"BTC": ["60", "61"]}] * 2
    desk.venues["alpha"].down = False
    desk.asked()
    await desk.clock.advance(ASKED_AGAIN_AFTER)
    assert await desk.told(BTC) == {"BTC": ["60", "61", "62"]}


async def test_closes_that_are_not_recent_are_not_told() -> None:
    """Three days is recent; a market that stopped a week ago says nothing of today."""
    desk = Desk(("alpha", ["BTC/USDT", "ETH/USDT"]))
    desk.venues["alpha"].days = {
        "BTC/USDT": days("60", "61", end=MIDNIGHT - 2 * DAY),
        "ETH/USDT": days("3", "4", end=MIDNIGHT - 3 * DAY),
    }
    assert await desk.told(BTC, ETH) == {"BTC": ["60", "61"]}


@pytest.mark.parametrize(
    ("market", "rates"), [("USDT/EUR", days("0.9", "0.8")), ("EUR/USDT", days("1.25", "2", end=MIDNIGHT))]
)
async def test_a_quote_that_is_not_the_numeraire_is_converted(market: str, rates: tuple[Close, ...]) -> None:
    """Day by day, either way round; a day that only one of them knows is left out."""
    desk = Desk(("alpha", ["BTC/USDT", "ETH/USDT"]), ("prices", [market]), numeraire=EUR)
    desk.venues["alpha"].days = {"BTC/USDT": days("40", "50", "60"), "ETH/USDT": days("5", "5", "5")}
    desk.venues["prices"].days = {market: rates}
    told = await desk.told(BTC, ETH)
    expected = {"USDT/EUR": ["45", "48"], "EUR/USDT": ["40", "30"]}[market]
    assert [Decimal(price) for price in told["BTC"]] == [Decimal(price) for price in expected]
    assert desk.asked().count(f"prices {market}") == 1, "the rate that two assets need is asked for once"


async def test_a_market_of_the_numeraire_comes_first() -> None:
    """Also where another is first by name."""
    desk = Desk(("alpha", ["BTC/USDT"]), ("beta", ["BTC/EUR", "USDT/EUR"]), numeraire=EUR)
    desk.venues["alpha"].days = {"BTC/USDT": days("60", "61")}
    desk.venues["beta"].days = {"BTC/EUR": days("50", "51"), "USDT/EUR": days("0.9", "0.9")}
    assert await desk.told(BTC) == {"BTC": ["50", "51"]}
    assert desk.asked() == ["beta BTC/EUR"]


async def test_between_two_closes_a_series_is_the_same_object() -> None:
    """So that what is worked out from it is remembered: also where its quote is converted."""
    desk = Desk(("alpha", ["BTC/USDT", "USDT/EUR"]), numeraire=EUR)
    desk.venues["alpha"].days = {
        "BTC/USDT": days("60", "61", "62", end=MIDNIGHT + DAY),
        "USDT/EUR": days("0.9", "0.9", "0.8", end=MIDNIGHT + DAY),
    }
    (first,) = await desk.series(BTC)
    await desk.clock.advance(timedelta(hours=1))
    (second,) = await desk.series(BTC)
    assert second is first
    await desk.clock.advance(timedelta(hours=12))
    (third,) = await desk.series(BTC)
    assert len(third.closes) == len(first.closes) + 1
