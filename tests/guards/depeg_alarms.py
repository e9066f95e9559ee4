"""What the depeg guard would have said of a stablecoin, minute by minute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from engine.decide.guards.conditions import condition_changes
from engine.decide.guards.depeg import depegs
from engine.decide.guards.look import Look
from engine.decide.valuation import value
from engine.model.conditions import ChangeKind, Condition, GuardStanding, conditions_after
from engine.model.decision import DecisionInputs, Standing
from engine.model.guards import Depeg, Guards
from engine.model.money import Price
from tests import builders as b
from tests.builders import Market

ALWAYS = timedelta(0)


@dataclass(frozen=True, slots=True)
class Minute:
    """What a coin was worth in dollars at the end of a minute."""

    at: datetime
    worth: Price


def depeg_alarms(minutes: Iterable[Minute], rule: Depeg | None = None) -> list[tuple[datetime, ChangeKind, Decimal]]:
    """Every change of the condition with what the coin was worth then, its first sign too."""
    targets = {"BTC": "0.5", "cash": "0.5"}
    policy = b.policy(targets, buckets={"cash": ["USDC", "USDT"]}, guards=Guards(depeg=rule or Depeg()))
    conditions: tuple[Condition, ...] = ()
    found = []
    for minute in minutes:
        markets = (Market("BTC/USDT", "20000"), Market("BTC/USDC", "20000"), Market("USDT/USD", "1", spread="0.0001"))
        place = b.venue("alpha", {"USDC": "100", "USDT": "100"}, *markets, as_of=minute.at)
        seen = b.snapshot(place, as_of=minute.at, USDC=str(minute.worth), USD="1", BTC="20000")
        inputs = DecisionInputs(seen, policy, Standing(guards=GuardStanding(conditions=conditions)), minute.at)
        seen_by_all = [f for f in depegs(Look(inputs, value(seen, policy), ())) if f.subject == "USDC"]
        changes = condition_changes(seen_by_all, conditions, minute.at)
        conditions = conditions_after(conditions, changes)
        found += [(minute.at, c.kind, round(minute.worth, 4)) for c in changes if c.kind is not ChangeKind.KEPT]
    return found
