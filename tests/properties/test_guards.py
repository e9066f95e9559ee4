"""What holds for guards on every portfolio: equal inputs, caps that only shrink, and alerts that are no siren."""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Final

from hypothesis import event, given, settings
from hypothesis import strategies as st

from engine.decide.guards.conditions import condition_changes
from engine.decide.pipeline import decide
from engine.model.canonical import canonical_json
from engine.model.conditions import (
    TOLD,
    ChangeKind,
    Condition,
    Finding,
    GuardStanding,
    Level,
    Stage,
    Step,
    StopMark,
    conditions_after,
)
from engine.model.decision import Decision, DecisionInputs
from engine.model.guards import Caps, DailyLoss, Guards, Rule, Stance, StopLoss
from engine.model.ids import Asset
from engine.model.market import Side
from engine.model.money import Money, Price, exact
from engine.model.plan import PlanTrigger
from engine.model.policy import Target
from engine.model.reasons import ReasonCode, reason
from tests.builders import T0
from tests.properties.portfolios import PRICES, SEEDS, Maker, portfolios

IN_SUITE: Final = os.environ.get("HYPOTHESIS_PROFILE") != "thorough"
MOST: Final = 40 if IN_SUITE else SEEDS
"""Each of these is decided on more than once."""
SOME: Final = settings(max_examples=25 if IN_SUITE else 500)
LONG_AGO = T0 - timedelta(hours=6)
MINUTE = timedelta(minutes=1)


class Guarded(Maker):
    """A portfolio whose guards stand in every way: conditions, marks, prices of before, and what was traded."""

    def inputs(self) -> DecisionInputs:
        made = super().inputs()
        assets = made.policy.managed_assets
        seen = {asset: Price(self.price[asset]) for asset in assets}
        coins = [asset for asset in assets if asset in self.coins]
        fired = tuple(self.condition(asset) for asset in coins if self.one_in(2))
        marks = tuple(StopMark(asset, Price(seen[asset] * 2), is_armed=not self.one_in(3)) for asset in sorted(coins))
        noted = ((T0 - timedelta(hours=3), tuple((asset, Price(p * 2)) for asset, p in sorted(seen.items()))),)
        traded = ((LONG_AGO, Money(Decimal(self.random.randint(0, 9_000)))),) if self.one_in(2) else ()
        standing = GuardStanding(conditions_sorted(fired), marks, prices=noted, traded=traded)
        guards = Guards(
            stop_loss=StopLoss(confirm=self.random.choice((timedelta(0), MINUTE))),
            daily_loss=DailyLoss(stance=self.random.choice(list(Stance))),
            caps=Caps(daily_turnover=Decimal(self.random.choice(("0", "0.1", "0.5")))),
        )
        policy = replace(made.policy, guards=guards)
        return replace(made, policy=policy, standing=replace(made.standing, guards=standing))

    def condition(self, asset: Asset) -> Condition:
        """A stop that has fired, and what became of it."""
        step = self.random.choice((Step.WANTED, Step.DONE, Step.WAIVED))
        why = reason(ReasonCode.TOLD_BY_FILE)
        return Condition(
            Rule.STOP_LOSS,
            asset,
            Stage.RAISED,
            LONG_AGO,
            why,
            raised_at=LONG_AGO,
            assets=(asset,),
            keeps=Decimal("0.5"),
            step=step,
        )


def conditions_sorted(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    return tuple(sorted(conditions, key=lambda condition: condition.key))


def guarded() -> st.SearchStrategy[DecisionInputs]:
    return st.integers(0, MOST - 1).map(lambda seed: Guarded(seed, PRICES).inputs())


@cache
def decided(inputs: DecisionInputs) -> Decision:
    return decide(inputs)


@given(guarded())
def test_equal_inputs_give_byte_equal_outcomes(inputs: DecisionInputs) -> None:
    """Findings, changes, marks and the plan."""
    event(f"a guard's plan: {bool(plan := decided(inputs).outcome.plan) and plan.trigger is PlanTrigger.RISK}")
    assert canonical_json(decide(replace(inputs))) == canonical_json(decided(inputs))


@given(guarded())
@exact
def test_no_plan_brings_what_a_fired_stop_has_sold(inputs: DecisionInputs) -> None:
    """Not by a purchase, and not as what another asset is sold for."""
    decision = decided(inputs)
    after = conditions_after(inputs.standing.guards.conditions, decision.outcome.guards.changes)
    fired = {asset for condition in after if condition.scales for asset in condition.assets}
    plan = decision.outcome.plan
    for leg in plan.legs if plan else ():
        assert (leg.base if leg.side is Side.BUY else leg.quote) not in fired


@given(guarded())
@exact
def test_a_guards_plan_buys_nothing_but_what_it_flees_into(inputs: DecisionInputs) -> None:
    """But for the way there: no name that it does not touch ends up with more than it had."""
    plan = decided(inputs).outcome.plan
    if plan is None or plan.trigger is not PlanTrigger.RISK:
        return
    for line in plan.weights:
        if line.destination <= line.before:
            assert line.after <= line.before + Decimal("0.001")


@SOME
@given(portfolios(), st.integers(1, 400))
@exact
def test_a_cap_only_shrinks(inputs: DecisionInputs, permille: int) -> None:
    """With it a plan trades no more than without, and no more than it says."""
    free = capped(inputs, Decimal(0))
    if free.outcome.plan is None or free.outcome.valuation.managed_value <= 0:
        return
    cap = free.outcome.valuation.managed_value * permille / 1000
    plan = capped(inputs, cap).outcome.plan
    turnover = plan.turnover if plan else Decimal(0)
    event(f"shrunk: {turnover < free.outcome.plan.turnover}")
    assert turnover <= free.outcome.plan.turnover
    assert turnover <= cap
    if free.outcome.plan.turnover <= cap:
        assert plan == free.outcome.plan


@cache
def capped(inputs: DecisionInputs, cap: Decimal) -> Decision:
    guards = Guards(caps=Caps(plan=Money(cap)))
    return decide(replace(inputs, policy=replace(inputs.policy, guards=guards)))


@given(guarded())
@exact
def test_with_nothing_that_stands_the_targets_are_whole(inputs: DecisionInputs) -> None:
    """A condition that is over, or was refused, leaves no trace in what is aimed at."""
    over = tuple(
        replace(condition, stage=Stage.OVER, step=Step.NONE, assets=(), keeps=Decimal(1))
        for condition in inputs.standing.guards.conditions
    )
    standing = replace(inputs.standing, guards=replace(inputs.standing.guards, conditions=over, stops=()))
    off = replace(inputs.policy.guards, stop_loss=StopLoss(stance=Stance.OFF))
    outcome = decide(replace(inputs, standing=standing, policy=replace(inputs.policy, guards=off))).outcome
    wanted: dict[str, Target] = {target.name: target for target in inputs.policy.targets}
    for drift in outcome.drifts:
        assert drift.target == (wanted[drift.name].weight if drift.name in wanted else 0)


# --- alerts ----------------------------------------------------------------------------------------------------------

DAY_OF_LOOKS = 24 * 60


@SOME
@given(st.integers(0, 10**6), st.integers(0, 120), st.integers(1, 60))
def test_however_a_finding_trembles_a_day_brings_few_words(seed: int, lasting: int, calm: int) -> None:
    """Raised and over, each time at twice the distance; grades are told of once each time they get worse."""
    dice, standing, told = random.Random(seed), (), Counter[ChangeKind]()
    chance = dice.choice((0.02, 0.5, 0.9))
    level, grade = Level.CLEAR, 1
    for minute in range(DAY_OF_LOOKS):
        if dice.random() < chance:
            level, grade = dice.choice(list(Level)), dice.randint(1, 5)
        found = a_finding(level, grade, lasting, calm)
        changes = condition_changes((found,), standing, T0 + minute * MINUTE)
        told.update(change.kind for change in changes if change.kind in TOLD)
        standing = conditions_after(standing, changes)
    most = most_in_a_day(timedelta(minutes=calm))
    assert told[ChangeKind.RAISED] <= most
    assert told[ChangeKind.RESOLVED] <= most
    assert told[ChangeKind.WORSE] <= most * 4


def a_finding(level: Level, grade: int, lasting: int, calm: int) -> Finding:
    seconds = {"lasting": timedelta(seconds=lasting), "calm": timedelta(minutes=calm)}
    why = reason(ReasonCode.TOLD_BY_FILE)
    return Finding(Rule.DEPEG, "USDC", level, why, Stance.PROPOSE, grade=grade, **seconds)


def most_in_a_day(calm: timedelta) -> int:
    """How often it can be raised where each end needs twice the calm of the one before."""
    spent, count = timedelta(0), 0
    while spent < timedelta(days=1):
        spent += calm * 2**count
        count += 1
    return count + 1
