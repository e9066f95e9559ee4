"""Venues that are looked at again and again: what each shows, minute by minute, and how it is judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.decide.guards.exchange_health import resumed, sweep
from engine.model.errors import Fault
from engine.model.health import HealthLimits, VenueStanding, VenueVerdict
from engine.model.ids import Asset, VenueName
from engine.model.ledger import BalanceChange, Question
from engine.model.money import Quantity
from engine.model.portfolio import Snapshot, VenueHealth, VenueSnapshot
from engine.model.reasons import ReasonCode
from engine.model.venue_signals import CallOutcomes, CoinState, VenueSignals
from tests import builders as b
from tests.builders import T0, Market

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WELL = VenueSignals(
    calls=CallOutcomes(10),
    latency_p95=timedelta(milliseconds=400),
    latency_usual=timedelta(milliseconds=150),
    clock_skew=timedelta(0),
    online=True,
    coins=(CoinState(b.BTC, True, True), CoinState(b.USDT, True, True)),
    books_still_since=T0,
)
"""All that can be told, and nothing wrong. Whoever looks sees the books move."""
HEALTHY, DEGRADED, HALTED = VenueHealth.HEALTHY, VenueHealth.DEGRADED, VenueHealth.HALTED


def failing(count: int, fault: Fault = Fault.NETWORK) -> CallOutcomes:
    """Of ten calls, so many failed."""
    return CallOutcomes(10, ((fault, count),))


def closed(*assets: str, since: datetime | None = None, deposit: bool = True) -> tuple[CoinState, ...]:
    """Bitcoin and Tether, of which these cannot be withdrawn."""
    coins = []
    for name in ("BTC", "USDT"):
        shut = name in assets
        coins.append(CoinState(Asset(name), deposit or not shut, not shut, since if shut else None))
    return tuple(coins)


def question(lost: str, since: datetime, venue: str = "alpha") -> Question:
    """So much Bitcoin is gone, and nobody has said why."""
    return Question("q1", VenueName(venue), (BalanceChange(b.BTC, Quantity(-Decimal(lost))),), since)


class Bedside:
    """Venues alpha, beta and gamma, all well and of one price until a test says otherwise."""

    def __init__(self, *names: str, limits: HealthLimits | None = None) -> None:
        self.names = names or ("alpha", "beta", "gamma")
        self.limits = limits or HealthLimits()
        self.now = T0
        self.signals = dict.fromkeys(self.names, WELL)
        self.markets: dict[str, tuple[Market, ...]] = {name: market() for name in self.names}
        self.held = {name: {"BTC": "1", "USDT": "100000"} for name in self.names}
        self.moving = dict.fromkeys(self.names, True)
        self.unreachable: set[str] = set()
        self.questions: tuple[Question, ...] = ()
        self.standings: dict[VenueName, VenueStanding] = {}
        self.verdicts: dict[str, VenueVerdict] = {}

    def shows(self, name: str = "alpha", **signals: Any) -> None:
        """A venue shows this from now on, and what it showed before beside it."""
        self.signals[name] = replace(self.signals[name], **signals)

    def prices(self, *mids: str, name: str = "alpha", spread: str = "10") -> None:
        """What Bitcoin, and Ether, cost on a venue from now on."""
        self.markets[name] = market(*mids, spread=spread)

    def look(self) -> VenueVerdict:
        """Look at all venues now; the verdict on alpha."""
        for verdict, standing in sweep(self._snapshot(), self.standings, self.limits, self.questions, self.now):
            self.verdicts[verdict.venue] = verdict
            self.standings[verdict.venue] = standing
        return self.verdicts["alpha"]

    def watch(self, duration: timedelta, every: timedelta = MINUTE) -> Iterator[tuple[datetime, VenueVerdict]]:
        """Look at alpha at the end of every interval, for so long."""
        end = self.now + duration
        while self.now < end:
            self.now += every
            yield self.now, self.look()

    def after(self, duration: timedelta) -> VenueVerdict:
        """Look every minute for so long; the last verdict on alpha."""
        return [verdict for _, verdict in self.watch(duration)][-1]

    def until(self, health: VenueHealth, within: timedelta = timedelta(hours=12)) -> timedelta:
        """How long it takes alpha to be judged so, with a look every minute."""
        start = self.now
        return next(at - start for at, verdict in self.watch(within) if verdict.health is health)

    def resume(self, name: str = "alpha") -> None:
        """A person resumes a venue."""
        self.standings[VenueName(name)] = resumed(self.standings[VenueName(name)], self.now)

    def _snapshot(self) -> Snapshot:
        return b.snapshot(*(self._venue(name) for name in self.names), as_of=self.now)

    def _venue(self, name: str) -> VenueSnapshot:
        gone = name in self.unreachable
        seen = b.venue(name, self.held[name], *self.markets[name], as_of=self.now)
        if self.moving[name]:
            self.shows(name, books_still_since=self.now)
        health = VenueHealth.UNREACHABLE if gone else HEALTHY
        return replace(seen, health=health, books=() if gone else seen.books, signals=self.signals[name])


def market(btc: str = "60000", eth: str = "3000", spread: str = "10") -> tuple[Market, ...]:
    """Bitcoin and Ether against Tether."""
    small = str(Decimal(spread) / 20)
    return Market("BTC/USDT", btc, spread=spread), Market("ETH/USDT", eth, spread=small)


def codes(verdict: VenueVerdict) -> list[ReasonCode]:
    """What a verdict says."""
    return [why.code for why in verdict.reasons]
