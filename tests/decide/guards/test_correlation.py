"""Coins that move as one: what is seen of average, pairs and bets, from when, until when, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from engine.decide.guards.conditions import condition_changes
from engine.decide.pipeline import decide
from engine.decide.statistics.together import together
from engine.model.conditions import ChangeKind, Condition, Finding, GuardStanding, Level, Stage, Step, conditions_after
from engine.model.decision import Outcome, PriceSeries, Standing
from engine.model.guards import Correlation, Guards, Rule, Stance, StopLoss
from engine.model.ids import Asset
from engine.model.money import ONE, Weight, use_exact_context
from engine.model.plan import PlanTrigger
from engine.model.reasons import ReasonCode as R
from engine.model.reasons import reason
from engine.model.target_models import Bound, TargetModel
from tests import builders as b
from tests.builders import Market
from tests.decide.statistics.prices import Returns, history, names, one_factor

DAYS = 180
DAY = timedelta(days=1)
THREE = {"A00": "0.3", "A01": "0.3", "A02": "0.3", "USDT": "0.1"}
TWO = {"A00": "0.45", "A01": "0.45", "USDT": "0.1"}
WATCHED = Correlation(lasting=timedelta(0))
"""It is raised at once, so that one look shows what is raised."""


def apart(assets: int = 3, days: int = DAYS) -> Returns:
    """Coins that have a third of their moves in common."""
    return one_factor(7, days, assets, common=0.33)


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def as_one(assets: int = 3, days: int = DAYS, common: float = 0.995) -> Returns:
    return one_factor(8, days, assets, common)


def crash(days: int = 12) -> Returns:
    """Coins that went their own ways until they began to fall, all of them and farther than they ever moved."""
    return np.vstack((apart(days=DAYS - days), 3 * as_one(days=days)))


def siblings() -> Returns:
    """Two coins that are almost the same, and a third that is not."""
    moves = apart()
    moves[:, 1] = moves[:, 0] + 0.1 * moves[:, 1]
    return moves


def noticed_before(subject: str, **more: Any) -> Condition:
    told = {"stage": Stage.RAISED, "since": b.T0 - 9 * DAY, "reason": reason(R.TOLD_BY_FILE)} | more
    return Condition(Rule.CORRELATION, subject, **told)


def looked(
    closes: Sequence[PriceSeries],
    targets: Mapping[str, str] = THREE,
    rule: Correlation = WATCHED,
    standing: Sequence[Condition] = (),
    **more: Any,
) -> Outcome:
    """What a portfolio at its targets comes to, at the end of the last day. No other guard has a word in it."""
    held = {name: str(Decimal(weight) * (1000 if name == "USDT" else 10)) for name, weight in targets.items()}
    markets = (Market(f"{name}/USDT", "100") for name in targets if name != "USDT")
    seen = b.snapshot(b.venue("alpha", held, *markets))
    guards = Guards(correlation=rule, stop_loss=StopLoss(Stance.OFF))
    limits = {"min_trade": Decimal(10), "tolerance": Decimal("0.001")}
    policy = b.policy(dict(targets), limits=limits, guards=guards, **more)
    known = Standing(guards=GuardStanding(conditions=tuple(standing)))
    return decide(replace(b.inputs(seen, policy, known), history=tuple(closes))).outcome


def finding(outcome: Outcome, subject: str) -> Finding:
    (found,) = [f for f in outcome.guards.findings if (f.rule, f.subject) == (Rule.CORRELATION, subject)]
    return found


def subjects(outcome: Outcome) -> dict[str, Level]:
    return {f.subject: f.level for f in outcome.guards.findings if f.rule is Rule.CORRELATION}


def raised(outcome: Outcome) -> list[str]:
    return [c.condition.subject for c in outcome.guards.changes if c.kind is ChangeKind.RAISED]


def test_coins_that_go_their_own_ways_are_clear() -> None:
    """Their average, their bets, and the most correlated pair are listed with their figures; no other pair is."""
    outcome = looked(history(apart()))
    found = subjects(outcome)
    assert set(found.values()) == {Level.CLEAR}
    assert [*found][:2] == ["average", "bets"] and len(found) == 3
    assert finding(outcome, "average").reason.get("coins") == "3"
    assert Decimal(finding(outcome, "bets").reason.get("bets")) > Decimal("2.3")


def test_coins_that_begin_to_move_as_one_are_told_of() -> None:
    """The average is above its limit and above what it used to be, and bets are few. No pair speaks up beside them."""
    outcome = looked(history(crash()))
    assert raised(outcome) == ["average", "bets"]
    why = finding(outcome, "average").reason
    assert Decimal(why.get("average")) > Decimal(why.get("usual_limit"))
    assert Decimal(why.get("average")) > Decimal(why.get("limit"))


def test_coins_that_have_always_moved_as_one_do_not_have_an_unusual_average() -> None:
    """The bets say it then, and each pair."""
    outcome = looked(history(as_one()))
    assert finding(outcome, "average").level is not Level.HIT
    assert raised(outcome) == ["bets", "A00/A02", "A00/A01", "A01/A02"]


def test_a_proposal_is_less_of_the_most_correlated_pair() -> None:
    """A fifth of both targets goes to the cash, once, although average and bets are found together."""
    outcome = looked(history(crash()))
    pair = finding(outcome, "average")
    assert raised(outcome) == ["average", "bets"]
    assert pair.assets == (Asset(pair.reason.get("first")), Asset(pair.reason.get("second")))
    plan = outcome.plan
    assert plan is not None and plan.trigger is PlanTrigger.RISK
    sold = {leg.base for leg in plan.legs}
    assert sold == set(pair.assets)
    after = {line.name: round(line.after, 2) for line in plan.weights}
    assert {after[asset] for asset in pair.assets} == {Decimal("0.24")}
    assert after["USDT"] == Decimal("0.22")


def test_no_target_becomes_less_than_its_bound() -> None:
    """A fifth less would be 0.24. A stop that sells the same asset knows no bound."""
    bounds = tuple(Bound(name, least=Weight(Decimal("0.27"))) for name in names(3))
    outcome = looked(history(crash()), model=TargetModel(bounds=bounds))
    assert outcome.plan is not None
    lowered = [line.target for line in outcome.plan.weights if line.name in finding(outcome, "average").assets]
    assert lowered == [Decimal("0.27")] * 2


def test_it_must_last() -> None:
    """Two days by default: noticed, and nothing is said or done before they are over."""
    outcome = looked(history(crash()), rule=Correlation())
    (change,) = [c for c in outcome.guards.changes if c.condition.subject == "average"]
    assert change.kind is ChangeKind.NOTICED and outcome.plan is None
    seen = finding(outcome, "average")
    noticed = conditions_after((), (change,))
    at = b.T0 + 2 * DAY
    assert condition_changes((seen,), noticed, at - timedelta(minutes=1)) == ()
    (told,) = condition_changes((seen,), noticed, at)
    assert (told.kind, told.condition.step) == (ChangeKind.RAISED, Step.WANTED)


def test_a_pair_has_a_limit_of_its_own() -> None:
    """Two of three coins are almost the same; on average the three are not."""
    outcome = looked(history(siblings()))
    assert raised(outcome) == ["A00/A01"]
    assert finding(outcome, "A00/A01").reason.code is R.PAIR_CORRELATION_HIGH


def test_of_two_coins_the_pair_says_it_all() -> None:
    outcome = looked(history(as_one(2)), TWO)
    assert subjects(outcome) == {"A00/A01": Level.HIT}


@pytest.mark.parametrize(
    ("limit", "level"), [("0.70", Level.HIT), ("0.81", Level.HIT), ("0.84", Level.HOLD), ("0.85", Level.CLEAR)]
)
def test_a_condition_is_over_a_quarter_farther_from_one_bet(limit: str, level: Level) -> None:
    """At 0.8111 a limit of 0.84 holds, which is clear from 0.8 on; one of 0.85 is clear from 0.8125 on."""
    outcome = looked(history(as_one(2, common=0.84)), TWO, replace(WATCHED, pair=Decimal(limit)))
    seen = finding(outcome, "A00/A01")
    assert seen.reason.get("correlation") == "0.8111"
    assert seen.level is level


def test_what_holds_stays_and_what_is_clear_ends_after_its_calm() -> None:
    standing = (noticed_before("A00/A01"),)
    hold = looked(history(as_one(2, common=0.84)), TWO, replace(WATCHED, pair=Decimal("0.84")), standing)
    assert hold.guards.changes == ()
    clear = looked(history(as_one(2, common=0.84)), TWO, replace(WATCHED, pair=Decimal("0.9")), standing)
    (over,) = clear.guards.changes
    assert (over.kind, over.condition.subject) == (ChangeKind.RESOLVED, "A00/A01")


def test_a_pair_that_stood_before_the_average_goes_on() -> None:
    """Others are not raised beside the average, before that is over."""
    standing = (noticed_before("A00/A01"), noticed_before("average"))
    outcome = looked(history(crash()), rule=replace(WATCHED, bets=ONE, pair=Decimal("0.8")), standing=standing)
    assert subjects(outcome)["A00/A01"] is Level.HIT
    assert {level for subject, level in subjects(outcome).items() if subject in ("A00/A02", "A01/A02")} == {Level.HOLD}
    assert raised(outcome) == []


def test_it_is_worse_when_half_of_what_is_left_is_gone() -> None:
    """From the limit of 0.8 the second grade begins at 0.9, the third at 0.95, the fourth at 0.975."""
    found = looked(history(as_one(2, common=0.965)), TWO, replace(WATCHED, pair=Decimal("0.8")))
    seen = finding(found, "A00/A01")
    assert Decimal("0.95") < Decimal(seen.reason.get("correlation")) < Decimal("0.975")
    assert seen.grade == 3


def test_without_any_history_nothing_is_known() -> None:
    """Which is not the same as nothing to fear: it is listed, and what stands stays."""
    standing = (noticed_before("A00/A01"),)
    outcome = looked((), standing=standing)
    assert subjects(outcome) == dict.fromkeys(("A00/A01", "average", "bets"), Level.UNARMED)
    assert {finding(outcome, subject).reason.code for subject in subjects(outcome)} == {R.COINS_KNOWN_FEW}
    assert outcome.guards.changes == ()


def test_a_young_coin_is_left_out_and_named() -> None:
    """With how much is known of it and how much is needed. What stands of its pairs stays; the others are compared."""
    young = apart()
    young[:-12, 2] = np.nan
    standing = (noticed_before("A00/A02"),)
    outcome = looked(history(young), standing=standing)
    short = finding(outcome, "A02")
    assert short.level is Level.UNARMED
    assert (short.reason.code, short.reason.get("days"), short.reason.get("needed")) == (
        R.COIN_HISTORY_SHORT,
        "11",
        "30",
    )
    found = subjects(outcome)
    assert found["A00/A02"] is found["average"] is found["bets"] is Level.UNARMED
    assert found["A00/A01"] is Level.CLEAR
    assert outcome.guards.changes == ()


def test_a_coin_of_which_no_venue_tells_is_named_too() -> None:
    outcome = looked(history(apart())[:2])
    assert finding(outcome, "A02").reason.get("days") == "0"


def test_what_is_usual_takes_a_quarter() -> None:
    """Thirty returns make an average; what is usual is known of ninety averages. Pairs and bets are told at once."""
    outcome = looked(history(as_one(days=100)))
    seen = finding(outcome, "average")
    assert (seen.level, seen.reason.code) == (Level.UNARMED, R.CORRELATION_HISTORY_SHORT)
    assert (seen.reason.get("days"), seen.reason.get("needed")) == ("71", "90")
    assert "bets" in raised(outcome) and "A00/A01" in raised(outcome)


def test_days_without_a_price_are_no_days_on_which_nothing_moved() -> None:
    """A venue that was silent for a fortnight leaves a gap; the pair is measured on what is left, and is the same."""
    gap = siblings()
    gap[100:114, 0] = np.nan
    outcome = looked(history(gap))
    assert raised(outcome) == ["A00/A01"]


def test_without_cash_it_is_told_and_nothing_is_proposed() -> None:
    outcome = looked(history(as_one(2)), {"A00": "0.5", "A01": "0.5"})
    (change,) = outcome.guards.changes
    assert (change.kind, change.condition.step) == (ChangeKind.RAISED, Step.NONE)
    assert outcome.plan is None


def test_a_rule_that_is_off_sees_nothing_and_ends_what_stood() -> None:
    outcome = looked(history(as_one()), rule=Correlation(Stance.OFF), standing=(noticed_before("average"),))
    assert subjects(outcome) == {}
    assert [c.kind for c in outcome.guards.changes] == [ChangeKind.RESOLVED]


def test_stablecoins_are_not_compared() -> None:
    """Of one coin beside cash there is nothing to compare."""
    assert subjects(looked(history(apart(1)), {"A00": "0.5", "USDC": "0.3", "USDT": "0.2"})) == {}


def test_equal_prices_make_equal_decisions_whatever_was_measured_before() -> None:
    first = looked(history(crash()))
    looked(history(apart()))
    assert looked(history(crash())) == first


def test_the_same_series_are_measured_once() -> None:
    """Between two closes a check a minute measures nothing anew."""
    prices, levels = history(apart()), (ONE, ONE / 2)
    once = together(prices, names(3), b.T0, levels)
    assert together(prices, names(3), b.T0 + timedelta(hours=3), levels).pairs is once.pairs
