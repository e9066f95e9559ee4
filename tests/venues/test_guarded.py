"""The guards before a venue: a key that may only trade, and clocks that agree."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.clock import ManualClock
from engine.model.errors import NotSent, Refused
from engine.model.venue import KeyRights, VenueProbe
from engine.venues.guarded import ClocksDiffer, GuardedVenue
from tests.builders import T0, Market
from tests.execute.plan_facts import request
from tests.run.fake_venue import FakeVenue

ORDER = request()
AHEAD, BEHIND = timedelta(seconds=-31), timedelta(seconds=31)
"""Theirs minus ours."""


class Exchange(FakeVenue):
    """Whose clock and key a test sets."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(ORDER.venue, clock, {ORDER.base: "10"}, Market(f"{ORDER.base}/{ORDER.quote}", "60000"))
        self.skew = timedelta(0)
        self.latency = timedelta(milliseconds=80)
        self.rights = KeyRights(can_read=True, can_trade=True, can_withdraw=False, ip_restricted=True)
        self.probes = 0

    async def key_rights(self) -> KeyRights:
        return self.rights

    async def probe(self) -> VenueProbe:
        self.probes += 1
        self._answer()
        return VenueProbe(True, "ok", self.skew, self.latency)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(T0, auto_advance=True)


@pytest.fixture
def exchange(clock: ManualClock) -> Exchange:
    return Exchange(clock)


@pytest.fixture
def venue(exchange: Exchange, clock: ManualClock) -> GuardedVenue:
    return GuardedVenue(exchange, clock)


async def test_a_key_that_may_withdraw_sends_nothing(venue: GuardedVenue, exchange: Exchange) -> None:
    """Whatever else it may do."""
    exchange.rights = KeyRights(can_read=True, can_trade=True, can_withdraw=True, ip_restricted=True)
    with pytest.raises(Refused, match="may withdraw"):
        await venue.submit(ORDER)
    assert exchange.sent == []


@pytest.mark.parametrize(("skew", "way"), [(AHEAD, "31 s ahead of"), (BEHIND, "31 s behind")])
async def test_no_order_goes_out_while_clocks_differ(
    venue: GuardedVenue, exchange: Exchange, skew: timedelta, way: str
) -> None:
    """It says by how much and what to do; once the clock is right, the order goes."""
    exchange.skew = skew
    with pytest.raises(ClocksDiffer, match=f"{way} the exchange's; set it by NTP"):
        await venue.submit(ORDER)
    assert exchange.sent == []
    exchange.skew = timedelta(seconds=2)
    await venue.submit(ORDER)
    assert exchange.sent == [ORDER]


async def test_a_key_is_looked_at_again_after_an_hour(
    venue: GuardedVenue, exchange: Exchange, clock: ManualClock
) -> None:
    """Somebody may have given it another right since; until then no order waits for a look."""
    await venue.submit(ORDER)
    exchange.rights = KeyRights(can_read=True, can_trade=True, can_withdraw=True, ip_restricted=True)
    await clock.sleep(timedelta(minutes=59, seconds=59))
    await venue.submit(request(attempt=2))
    await clock.sleep(timedelta(seconds=1))
    with pytest.raises(Refused, match="may withdraw"):
        await venue.submit(request(attempt=3))


async def test_clocks_that_agreed_are_compared_again_after_a_while(
    venue: GuardedVenue, exchange: Exchange, clock: ManualClock
) -> None:
    """Not before every order: that would cost a request each."""
    await venue.submit(ORDER)
    await venue.submit(request(attempt=2))
    assert exchange.probes == 1
    await clock.sleep(timedelta(minutes=11))
    await venue.submit(request(attempt=3))
    assert exchange.probes == 2


async def test_clocks_that_cannot_be_compared_do_not_hold_an_order_up(venue: GuardedVenue, exchange: Exchange) -> None:
    """The venue itself refuses what is signed for another time."""
    exchange.latency = timedelta(seconds=20)
    await venue.submit(ORDER)
    assert exchange.sent == [ORDER]


@pytest.mark.parametrize("skew", [AHEAD, BEHIND])
async def test_silence_proves_nothing_while_clocks_differ(
    venue: GuardedVenue, exchange: Exchange, skew: timedelta
) -> None:
    """By a clock that runs ahead, an order that the venue may still take has expired."""
    assert await venue.report(ORDER) is None
    exchange.skew = skew
    with pytest.raises(ClocksDiffer):
        await venue.report(ORDER)


async def test_silence_proves_nothing_while_clocks_cannot_be_compared(venue: GuardedVenue, exchange: Exchange) -> None:
    """Half of a slow answer's time is doubt, and the doubt counts."""
    exchange.latency = timedelta(seconds=11)
    with pytest.raises(NotSent, match="too long to tell the time"):
        await venue.report(ORDER)


async def test_what_the_venue_knows_of_an_order_is_told_whatever_the_clocks_say(
    venue: GuardedVenue, exchange: Exchange
) -> None:
    """A fill is a fill."""
    await venue.submit(ORDER)
    exchange.skew = AHEAD
    report = await venue.report(ORDER)
    assert report is not None
    assert report.filled == ORDER.quantity


async def test_what_coins_can_be_moved_is_passed_on(venue: GuardedVenue, exchange: Exchange) -> None:
    """There is nothing to guard in a question."""
    exchange.shut = {str(ORDER.base)}
    assert [coin.withdraw for coin in await venue.coin_states(frozenset({ORDER.base, ORDER.quote}))] == [False, True]
