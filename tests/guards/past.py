"""A portfolio that lived through past prices under guard: what people would have heard of, and what it did.

Hour by hour the real guards look at what is held, valued at the hour's close, and what they find is folded as the
journal would. Once a month the portfolio goes to the targets in force, as a calendar would let it. What a stop asks
for is done at the next hour's close: so does somebody who follows his own rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from engine.decide.drift import drifts
from engine.decide.guards.look import Look
from engine.decide.guards.risk_targets import policy_in_force
from engine.decide.guards.watch import guard
from engine.decide.valuation import value
from engine.model.conditions import (
    TOLD,
    ChangeKind,
    ConditionChange,
    GuardStanding,
    Step,
    conditions_after,
)
from engine.model.decision import DecisionInputs, Standing
from engine.model.guards import Guards, Rule
from engine.model.ids import Asset, VenueName
from engine.model.lots import Lot
from engine.model.money import ZERO, Price, Quantity
from engine.model.policy import Policy
from engine.model.portfolio import Balance, Snapshot, VenueHealth, VenueSnapshot
from tests import builders as b

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
MONTH = timedelta(days=365.25 / 12)
CASH = b.USDT
BEGIN = Decimal(100_000)
Hour = tuple[datetime, Mapping[Asset, Price]]


@dataclass(frozen=True, slots=True)
class Told:
    """What people would have heard, and when. `figure` is the price, or the loss."""

    at: datetime
    kind: ChangeKind
    rule: Rule
    subject: str
    figure: str


@dataclass
class Life:
    """A portfolio of equal shares of some coins and a fifth in cash."""

    coins: tuple[Asset, ...]
    guards: Guards = field(default_factory=Guards)
    units: dict[Asset, Decimal] = field(default_factory=dict)
    costs: dict[Asset, Decimal] = field(default_factory=dict)
    standing: GuardStanding = field(default_factory=lambda: GuardStanding(traded=()))
    told: list[Told] = field(default_factory=list)
    month: tuple[int, int] = (0, 0)

    @property
    def policy(self) -> Policy:
        """Four fifths in the coins, monthly to target."""
        share = Decimal("0.8") / len(self.coins)
        targets = {str(coin): f"{share:f}" for coin in self.coins} | {"USDT": f"{1 - share * len(self.coins):f}"}
        return b.policy(targets, guards=self.guards)

    def live(self, hours: Sequence[Hour]) -> list[Told]:
        """Through all hours; what was told."""
        self.units = {CASH: BEGIN}
        for now, prices in hours:
            look = self._look(now, prices)
            found, after = guard(look)
            self.told += [_told(now, change) for change in found.changes if change.kind in TOLD]
            self.standing = replace(
                self.standing,
                conditions=conditions_after(self.standing.conditions, found.changes),
                stops=self.standing.stops if found.stops is None else found.stops,
                prices=self._noted(now, prices),
            )
            in_force = policy_in_force(look, after)
            for condition in self.standing.conditions:
                if condition.step is Step.WANTED and condition.rule is Rule.STOP_LOSS:
                    self._sell(Asset(condition.subject), 1 - condition.keeps, prices)
            done = (replace(c, step=Step.DONE if c.step is Step.WANTED else c.step) for c in self.standing.conditions)
            self.standing = replace(self.standing, conditions=tuple(done))
            if (now.year, now.month) != self.month:
                self.month = (now.year, now.month)
                self._rebalance(in_force, prices)
        return self.told

    def worth(self, prices: Mapping[Asset, Price]) -> Decimal:
        """In the numeraire."""
        return sum((units * prices[asset] for asset, units in self.units.items()), ZERO)

    def _look(self, now: datetime, prices: Mapping[Asset, Price]) -> Look:
        held = tuple(Balance(asset, Quantity(units)) for asset, units in self.units.items() if units)
        place = VenueSnapshot(VenueName("alpha"), VenueHealth.HEALTHY, now, held)
        marks = tuple((asset, price) for asset, price in prices.items() if asset != CASH)
        seen = Snapshot(now, CASH, (place,), marks)
        lots = tuple(
            Lot(str(coin), coin, "alpha", now - DAY, Quantity(self.units[coin]), self.costs[coin])
            for coin in self.coins
            if self.units.get(coin)
        )
        inputs = DecisionInputs(seen, self.policy, Standing(guards=self.standing), now, lots=lots)
        valuation = value(seen, self.policy)
        plain = Look(inputs, valuation, ())
        in_force = policy_in_force(plain, self.standing.conditions)
        return Look(inputs, valuation, drifts(value(seen, in_force), in_force))

    def _noted(
        self, now: datetime, prices: Mapping[Asset, Price]
    ) -> tuple[tuple[datetime, tuple[tuple[Asset, Price], ...]], ...]:
        recent = tuple((at, noted) for at, noted in self.standing.prices if now - at < DAY)
        return (*recent, (now, tuple(prices.items())))

    def _sell(self, coin: Asset, share: Decimal, prices: Mapping[Asset, Price]) -> None:
        sold = self.units.get(coin, ZERO) * share
        self.costs[coin] = self.costs.get(coin, ZERO) * (1 - share)
        self.units[coin] = self.units.get(coin, ZERO) - sold
        self.units[CASH] += sold * prices[coin]

    def _rebalance(self, in_force: Policy, prices: Mapping[Asset, Price]) -> None:
        whole = self.worth(prices)
        for coin in self.coins:
            target = in_force.target(str(coin))
            wanted = (target.weight if target else ZERO) * whole / prices[coin]
            before = self.units.get(coin, ZERO)
            if wanted < before:
                self._sell(coin, 1 - wanted / before, prices)
            else:
                self.costs[coin] = self.costs.get(coin, ZERO) + (wanted - before) * prices[coin]
                self.units[CASH] -= (wanted - before) * prices[coin]
                self.units[coin] = wanted


def _told(now: datetime, change: ConditionChange) -> Told:
    why = change.reason
    figure = why.get("price") or why.get("loss") or why.get("worth") or why.get("weight")
    return Told(now, change.kind, change.condition.rule, change.condition.subject, figure[:8])


def in_a_month(told: Sequence[Told], hours: Sequence[Hour]) -> Iterator[tuple[Rule, float, int]]:
    """By rule: how often it spoke up in a month (not that it was over), and in how many months it did."""
    months = (hours[-1][0] - hours[0][0]) / MONTH
    aloud = [each for each in told if each.kind is not ChangeKind.RESOLVED]
    counts = Counter(each.rule for each in aloud)
    for rule in sorted(counts):
        loud = {(each.at.year, each.at.month) for each in aloud if each.rule is rule}
        yield rule, counts[rule] / months, len(loud)
