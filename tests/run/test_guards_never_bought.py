"""Whatever prices do, and whatever is asked and answered: what a fired stop has sold is not bought back."""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from engine.model import events as ev
from engine.model.guards import Guards, Rule, StopKind, StopLoss
from engine.model.plan import PlanStatus as S
from engine.model.policy import Approval, TriggerKind
from tests.builders import Market
from tests.guards.bought_back import FiredStops, bought_back
from tests.run.desk import ANN, Desk
from tests.run.guarded import HOUR, MINUTE, policy

TARGETS = {"BTC": "0.4", "ETH": "0.3", "USDT": "0.3"}
HELD = {"alpha": {"BTC": "3", "ETH": "20", "USDT": "300"}, "beta": {"BTC": "1", "ETH": "10", "USDT": "100"}}
STEPS = 25
STORIES = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 12
KINDS = (ev.ConditionsChanged, ev.GuardRearmed, ev.PlanProposed, ev.PlanDeclined, ev.OrderSubmitting)


@dataclass
class Story:
    """Some days of a portfolio, from one seed."""

    seed: int

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        kinds = (TriggerKind.THRESHOLD, TriggerKind.HYBRID)
        trigger = {"kind": self.dice.choice(kinds), "every": "daily", "threshold": Decimal("0.03")}
        stop = StopLoss(kind=self.dice.choice(list(StopKind)), confirm=self.dice.choice((MINUTE, timedelta(0))))
        approval = self.dice.choice(list(Approval))
        wanted = policy(Guards(stop_loss=stop), targets=TARGETS, trigger=trigger, approval=approval)
        self.desk = Desk(policy=wanted, **HELD)
        for venue in self.desk.venues.values():
            # Bitcoin can also be bought by selling ether.
            venue.markets["ETH/BTC"] = Market("ETH/BTC", "0.1", spread="0.0001", tick="0.00001", fee="0.001")
        self.prices = {"BTC": Decimal(100), "ETH": Decimal(10)}

    async def run(self) -> None:
        await self.desk.start()
        try:
            for _ in range(2):
                await self.look()
            for _ in range(STEPS):
                await self.something()
                await self.look()
        finally:
            await self.desk.stop()

    async def look(self) -> None:
        await self.desk.clock.advance(self.dice.choice((MINUTE, MINUTE, 3 * MINUTE, HOUR, 5 * HOUR)))
        await self.desk.engine.advance()
        await self.desk.clock.advance(timedelta(seconds=self.dice.choice((1, 5, 40))))

    async def something(self) -> None:
        """Prices move, and somebody may say something."""
        if self.dice.random() < 0.7:
            self.move(self.dice.choice(("BTC", "ETH")))
        word = self.dice.choice((*("answer",) * 4, "rebalance", "deposit", "restart", "rearm", "pause", "nothing"))
        match word:
            case "answer":
                await self.answer()
            case "rebalance":
                await self.desk.engine.rebalance()
            case "deposit":
                self.desk.alpha.deposit(f"d{self.desk.clock.now()}", "USDT", str(self.dice.choice((50, 400))))
            case "restart":
                await self.desk.start()
            case "rearm":
                await self.desk.engine.guards.rearm(Rule.STOP_LOSS, self.dice.choice(("BTC", "ETH")), ANN)
            case "pause":
                await (self.desk.engine.pause(ANN) if self.dice.random() < 0.5 else self.desk.engine.resume(ANN))

    async def answer(self) -> None:
        plan = await self.desk.journal.open_plan()
        if plan is None or plan.status is not S.PROPOSED:
            return
        mood = self.dice.random()
        if mood < 0.7:
            await self.desk.approve(plan)
        elif mood < 0.85:
            await self.desk.engine.decline(plan.proposed.plan_id, ANN)
        else:
            until = self.desk.clock.now() + 2 * HOUR
            await self.desk.engine.decline(plan.proposed.plan_id, ANN, until)

    def move(self, base: str) -> None:
        """By up to a third at once, and never to nothing."""
        factor = Decimal(self.dice.choice((70, 75, 85, 95, 98, 102, 108, 125, 140))) / 100
        self.prices[base] = max(self.prices[base] * factor, Decimal("0.5")).quantize(Decimal("0.01"))
        for name in self.desk.venues:
            self.desk.move(f"{base}/USDT", str(self.prices[base]), name)
        cross = (self.prices["ETH"] / self.prices["BTC"]).quantize(Decimal("0.00001"))
        for venue in self.desk.venues.values():
            venue.markets["ETH/BTC"] = Market("ETH/BTC", str(cross), spread="0.00002", tick="0.00001", fee="0.001")


@settings(max_examples=STORIES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_nothing_buys_back_what_a_stop_has_sold(seed: int) -> None:
    """From the firing of a stop until it is armed again, or refused, no order brings its asset."""
    story = Story(seed)
    asyncio.run(story.run())
    facts = asyncio.run(story.desk.journal.facts(*KINDS))
    assert list(bought_back(facts)) == []
    stops = FiredStops()
    fired = 0
    for fact in facts:
        before = len(stops.assets)
        stops.see(fact)
        fired += len(stops.assets) > before
    event(f"stops that fired: {min(fired, 3)}")
