"""An exchange that bends what it shows, over HTTP: what is known of it, and how it is judged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from engine.decide.guards.exchange_health import sweep
from engine.model.errors import Fault
from engine.model.health import HealthLimits, VenueVerdict
from engine.model.ids import VenueName
from engine.model.portfolio import VenueHealth
from engine.model.reasons import ReasonCode
from engine.model.venue_signals import Signal, VenueSignals
from engine.run.observe import Observer
from tests import builders as b
from tests.sandbox.exchange_fixtures import KEYS, Exchange
from tests.venues.dialects import BALANCE_PATH
from tests.venues.venue_fixtures import CASH, IMPATIENT, Desk, desk, desk_at, exchange

__all__ = ["desk", "exchange"]

TELLS_COINS = {"binance", "kraken", "okx", "bybit", "kucoin"}


class Watched:
    """One exchange, looked at and asked as the engine does."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.name = VenueName(desk.dialect)
        cash = CASH[desk.dialect]
        policy = b.policy({"BTC": "0.5", str(cash): "0.5"})
        self.observer = Observer({self.name: desk.venue}, desk.clock, policy, cash)

    async def look(self) -> tuple[VenueSignals, VenueVerdict]:
        """Look, ask, and look again: what is known then, and what is made of it."""
        await self.observer.look(whole_books=False)
        await self.observer.watch.ask(self.name)
        seen = await self.observer.look(whole_books=False)
        ((verdict, _),) = sweep(seen, {}, HealthLimits(), (), self.desk.clock.now())
        signals = seen.venues[0].signals
        assert signals is not None
        return signals, verdict

    async def bend(self, **state: Any) -> None:
        """Change the exchange's state of service."""
        await self.desk.exchange.control("venue", venue=self.desk.dialect, **state)


@asynccontextmanager
async def watched_at(exchange: Exchange, dialect: str) -> AsyncIterator[Watched]:
    """An exchange of one dialect."""
    async with desk_at(exchange, dialect, timeout=IMPATIENT) as made:
        yield Watched(made)


def codes(verdict: VenueVerdict) -> list[ReasonCode]:
    return [why.code for why in verdict.reasons if why.code is not ReasonCode.HEALTH_BLIND]


async def test_an_exchange_that_is_well_is_healthy(desk: Desk) -> None:
    """Everything is known but its speed, which takes more calls; and what Coinbase never tells."""
    signals, verdict = await Watched(desk).look()
    untold = {Signal.LATENCY} | (set() if desk.dialect in TELLS_COINS else {Signal.COINS, Signal.STATUS})
    assert set(signals.unavailable) == untold
    assert (verdict.health, codes(verdict)) == (VenueHealth.HEALTHY, [])


async def test_withdrawals_that_are_closed_degrade(desk: Desk) -> None:
    """Where it tells."""
    watched = Watched(desk)
    await watched.bend(coins={"BTC": {"withdraw": False}})
    _, verdict = await watched.look()
    assert codes(verdict) == ([ReasonCode.HEALTH_WITHDRAWALS_CLOSED] if desk.dialect in TELLS_COINS else [])


async def test_a_withdrawal_on_its_way_for_hours_degrades_and_then_halts(desk: Desk) -> None:
    """Of whichever coin."""
    watched = Watched(desk)
    cash, out = CASH[desk.dialect], {"venue": desk.dialect, "status": "pending"}
    await desk.exchange.control("balance", **out, asset=cash, delta="-10", age_seconds=3 * 3600)
    assert (await watched.look())[1].health is VenueHealth.DEGRADED
    await desk.exchange.control("balance", **out, asset=cash, delta="-10", age_seconds=7 * 3600)
    _, verdict = await watched.look()
    assert verdict.health is VenueHealth.HALTED
    assert codes(verdict)[0] is ReasonCode.HEALTH_WITHDRAWAL_PENDING


async def test_a_clock_that_is_ahead_degrades(exchange: Exchange) -> None:
    """Not so far that what is signed is refused."""
    async with watched_at(exchange, "kraken") as watched:
        await watched.bend(clock_ahead_seconds=8)
        signals, verdict = await watched.look()
    assert signals.clock_skew is not None and signals.clock_skew > timedelta(seconds=6)
    assert ReasonCode.HEALTH_CLOCK_OFF in codes(verdict)


async def test_a_status_of_its_own_degrades(exchange: Exchange) -> None:
    """By its own word for it."""
    for dialect in ("kraken", "okx", "kucoin"):
        async with watched_at(exchange, dialect) as watched:
            await watched.bend(status="cancel_only")
            signals, verdict = await watched.look()
            assert signals.online is False and signals.status
            assert ReasonCode.HEALTH_NOT_ONLINE in codes(verdict)


async def test_a_right_to_withdraw_that_appears_halts(desk: Desk) -> None:
    """It is compared with what the key might do at first."""
    watched = Watched(desk)
    await watched.look()
    changed = {"venue": desk.dialect, "key": KEYS[desk.dialect].key, "permissions": ["read", "trade", "withdraw"]}
    await desk.exchange.control("key", **changed)
    signals, verdict = await watched.look()
    assert "withdraw" in signals.rights_gained
    assert verdict.health is VenueHealth.HALTED
    assert codes(verdict)[0] is ReasonCode.HEALTH_KEY_GAINED_RIGHTS


async def test_calls_that_fail_degrade(desk: Desk) -> None:
    """Three looks in a row, by what was wrong with them."""
    watched = Watched(desk)
    await watched.look()
    await desk.fault("status", path=BALANCE_PATH[desk.dialect], status=503)
    for _ in range(2):
        signals, verdict = await watched.look()
    assert signals.calls is not None and signals.calls.failed_by(Fault.OTHER, Fault.MAINTENANCE) == 4
    assert verdict.health is VenueHealth.DEGRADED
    assert codes(verdict) == [ReasonCode.HEALTH_CALLS_FAIL]
