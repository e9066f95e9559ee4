"""What is shown to the machine for each leg: where it may trade, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from engine.clock import ManualClock
from engine.model.ids import VenueName
from engine.model.market import Side
from engine.model.money import Quantity
from engine.ports import Venue
from engine.run.sights import sights_of
from tests.builders import T0, Market
from tests.execute.plan_facts import BUY_ETH, SELL_BTC, leg
from tests.run.fake_venue import FakeVenue

MARKETS = (Market("BTC/USDT", "100"), Market("ETH/USDT", "10"))
HALVES = (Quantity(Decimal("0.5")), Quantity(Decimal("0.5")))


async def test_only_a_leg_in_slices_is_shown_other_venues() -> None:
    """A leg that is not cut stays where the plan puts it, also beside one that is routed anew with every slice."""
    clock = ManualClock(T0)
    names = (VenueName("alpha"), VenueName("beta"))
    venues: dict[VenueName, Venue] = {name: FakeVenue(name, clock, {"USDT": "1"}, *MARKETS) for name in names}
    cut = replace(leg(SELL_BTC, "alpha", "BTC/USDT", Side.SELL, "1", "99"), slices=HALVES)
    whole = leg(BUY_ETH, "beta", "ETH/USDT", Side.BUY, "9", "10.1")
    shown = await sights_of((cut, whole), venues, lambda venue: venue.balances(), names)
    assert [sight.venue for sight in shown[cut.id]] == ["alpha", "beta"]
    assert [sight.venue for sight in shown[whole.id]] == ["beta"]
