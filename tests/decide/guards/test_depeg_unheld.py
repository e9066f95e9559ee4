"""A stablecoin that has lost its peg, of which there is nothing to sell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from engine.decide.pipeline import decide
from engine.model.conditions import Condition, GuardStanding, Step, conditions_after
from engine.model.decision import Outcome, Standing
from engine.model.guards import Depeg, Guards, Rule
from engine.model.ids import Asset
from engine.model.policy import Policy
from tests import builders as b

DAI = Asset("DAI")
DEPEG = Guards(depeg=Depeg(coins=(DAI,), lasting=timedelta(0)))
MARKETS = (
    b.Market("BTC/USDT", "100"),
    b.Market("USDT/USD", "1", spread="0.0002", tick="0.0001"),
    b.Market("DAI/USDT", "0.8", spread="0.0002", tick="0.0001"),
)


def fallen(policy: Policy, **held: str) -> tuple[Condition, Outcome]:
    """What stands of DAI at 0.80, and what is decided a minute later."""
    shown = b.venue("alpha", {"BTC": "6", "USDT": "400"} | held, *MARKETS)
    inputs = b.inputs(b.snapshot(shown), policy)
    conditions = conditions_after((), decide(inputs).outcome.guards.changes)
    (condition,) = (each for each in conditions if each.rule is Rule.DEPEG)
    standing = Standing(guards=GuardStanding(conditions=conditions))
    return condition, decide(replace(inputs, standing=standing)).outcome


def test_a_coin_of_the_cash_that_is_not_held_is_not_bought_and_asks_for_no_plan() -> None:
    """Else every look would call for a plan in vain, as long as it is off its peg."""
    bucket = {"cash": ("USDT", "DAI")}
    condition, outcome = fallen(b.policy({"BTC": "0.6", "cash": "0.4"}, buckets=bucket, guards=DEPEG))
    assert condition.scales and not outcome.verdict.fired


def test_a_coin_that_is_never_traded_is_told_of_alone() -> None:
    """It is named in the rule, held, and no target."""
    condition, outcome = fallen(b.policy({"BTC": "0.6", "USDT": "0.4"}, guards=DEPEG), DAI="500")
    assert (condition.step, outcome.verdict.fired) == (Step.NONE, False)
