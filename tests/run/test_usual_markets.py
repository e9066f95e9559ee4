"""What is usual on markets in a working engine: from looks an hour apart, kept with the decision, and begun anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from engine.decide.replay import replay
from engine.model.guards import Guards, Liquidity, Stance
from engine.model.market_usual import MarketUsual
from engine.model.money import Quantity
from engine.model.policy import Policy
from tests import builders as b
from tests.builders import Market
from tests.run.conftest import OpenDesk
from tests.run.desk import TARGETS, Desk

AT_TARGET = {"BTC": "4", "ETH": "30", "USDT": "300"}
WIDE = Market("BTC/USDT", "100", spread="0.2", fee="0.001")


def policy(stance: Stance = Stance.ALERT) -> Policy:
    return replace(b.policy(TARGETS), guards=Guards(liquidity=Liquidity(stance)))


async def bitcoin(desk: Desk, name: str = "alpha") -> MarketUsual:
    """What is usual on its market, by a look of now."""
    decision = await desk.engine.look()
    (venue,) = [v for v in decision.inputs.snapshot.venues if v.name == name]
    (usual,) = [market for market in venue.usual if market.base == b.BTC]
    assert replay(decision).agrees
    return usual


async def hours(desk: Desk, count: int) -> None:
    """Looks, six of them an hour."""
    for _ in range(6 * count):
        await desk.engine.look()
        await desk.clock.advance(timedelta(minutes=10))


async def test_a_day_of_looks_tells_what_is_usual(open_desk: OpenDesk) -> None:
    """Each hour counts once, whatever is looked at in it; what is wide now is not usual yet."""
    desk = open_desk(policy=policy(), alpha=dict(AT_TARGET))
    await desk.start()
    await hours(desk, 23)
    short = await bitcoin(desk)
    assert (short.hours, short.spread_bps) == (23, None)
    await hours(desk, 1)
    desk.alpha.markets["BTC/USDT"] = WIDE
    usual = await bitcoin(desk)
    assert (usual.hours, usual.spread_bps) == (24, 2)
    assert usual.depth is None, "whole books were never read"


async def test_the_record_is_bounded_and_a_restart_begins_it_anew(open_desk: OpenDesk) -> None:
    desk = open_desk(policy=policy(), alpha=dict(AT_TARGET))
    await desk.start()
    for _ in range(200):
        await desk.engine.look()
        await desk.clock.advance(timedelta(hours=1))
    assert (await bitcoin(desk)).hours == 7 * 24
    await desk.start()
    assert (await bitcoin(desk)).hours == 0


async def test_what_a_day_trades_comes_with_it(open_desk: OpenDesk) -> None:
    desk = open_desk(policy=policy(), alpha=dict(AT_TARGET))
    days = tuple((b.T0 - number * timedelta(days=1), Quantity(Decimal(50))) for number in (2, 1, 0))
    desk.alpha.volumes = {"BTC/USDT": days}
    await desk.start()
    assert (await bitcoin(desk)).day_volume == 50


async def test_with_the_guard_off_nothing_is_asked_and_nothing_kept(open_desk: OpenDesk) -> None:
    """It costs requests, and room in the journal."""
    desk = open_desk(policy=policy(Stance.OFF), alpha=dict(AT_TARGET))
    await desk.start()
    decision = await desk.engine.look()
    assert [venue.usual for venue in decision.inputs.snapshot.venues] == [()]
    assert desk.alpha.asked_for_volumes == []
