"""Drift alerts in a working engine: a drift that trembles is on record each time, and told with a back-off."""

from __future__ import annotations

from datetime import timedelta

from engine.model import events as ev
from engine.model.decision import AlertLevel
from tests.run.conftest import OpenDesk
from tests.run.desk import ANN, Desk

CALM = {"BTC": "4", "ETH": "30", "USDT": "300"}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def tremble(desk: Desk, *prices: str) -> list[bool]:
    """Look at each price of ether, a minute apart; of bitcoin's alerts since, whether people are told."""
    before = len(await desk.journal.facts(ev.DriftAlertsChanged))
    for price in prices:
        desk.move("ETH/USDT", price)
        await desk.engine.advance()
        await desk.clock.advance(MINUTE)
    facts = [event.fact for event in (await desk.journal.facts(ev.DriftAlertsChanged))[before:]]
    changes = [change for fact in facts if isinstance(fact, ev.DriftAlertsChanged) for change in fact.changes]
    return [change.told for change in changes if change.name == "BTC"]


async def test_a_drift_that_trembles_is_told_with_a_back_off_over_a_restart(open_desk: OpenDesk) -> None:
    """Raised and over are told; in the hour after that the limit once; and what still stands, when the hour is over."""
    desk = open_desk(alpha=dict(CALM))
    await desk.start()
    await desk.engine.pause(ANN)
    assert await tremble(desk, "20", "10") == [True, True]
    await desk.start()
    assert await tremble(desk, "20", "10") == [True, True]
    await desk.start()
    assert await tremble(desk, "20", "10", "20") == [False, False, False]
    levels = {alert.name: alert.level for alert in (await desk.journal.standing()).alerts}
    assert levels["BTC"] is AlertLevel.REACHED
    await desk.clock.advance(HOUR)
    assert await tremble(desk, "20", "20") == [True]
