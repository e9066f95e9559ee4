"""What a plan does to the risk of the portfolio: before and after, on the same past prices, where it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from engine.decide.pipeline import decide
from engine.decide.statistics.covariance import Covariance
from engine.decide.statistics.diversification import portfolio_bets
from engine.model.decision import PriceSeries, RequestKind
from engine.model.guards import Correlation, Guards, Stance, StopLoss
from engine.model.ids import Asset
from engine.model.money import use_exact_context
from engine.model.plan import Plan
from tests import builders as b
from tests.builders import Market
from tests.decide.statistics.prices import history, names, one_factor

QUIET = Guards(correlation=Correlation(Stance.OFF), stop_loss=StopLoss(Stance.OFF))
PAST = history(one_factor(3, 180, 2, common=0.4))


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def planned(held: dict[str, str], targets: dict[str, str], past: Sequence[PriceSeries] = PAST) -> Plan:
    """The plan that brings a portfolio to its targets, all prices at 100."""
    markets = (Market(f"{name}/USDT", "100") for name in held if name != "USDT")
    seen = b.snapshot(b.venue("alpha", held, *markets))
    wanted = b.policy(targets, guards=QUIET)
    plan = decide(replace(b.inputs(seen, wanted, request=RequestKind.MANUAL), history=tuple(past))).outcome.plan
    assert plan is not None
    return plan


def test_half_in_cash_is_half_the_volatility() -> None:
    """Cash has no risk, and changes nothing of how the rest is spread."""
    plan = planned({"A00": "10", "USDT": "0"}, {"A00": "0.5", "USDT": "0.5"})
    assert plan.risk is not None
    before, after = plan.risk.before, plan.risk.after
    assert before.volatility > Decimal("0.3")
    assert abs(after.volatility * 2 - before.volatility) <= Decimal("0.0001")
    assert before.diversification == after.diversification == before.bets == after.bets == 1


def test_a_second_coin_spreads_the_risk() -> None:
    plan = planned({"A00": "10", "A01": "0", "USDT": "1"}, {"A00": "0.5", "A01": "0.499", "USDT": "0.001"})
    assert plan.risk is not None
    assert plan.risk.before.diversification == plan.risk.before.bets == 1
    assert plan.risk.after.diversification is not None and plan.risk.after.bets is not None
    assert plan.risk.after.diversification > Decimal("1.2")
    assert abs(plan.risk.after.bets - plan.risk.after.diversification**2) < Decimal("0.001")
    assert plan.risk.after.volatility < plan.risk.before.volatility


def test_all_in_cash_is_no_risk() -> None:
    """And there is nothing that could be spread."""
    plan = planned({"A00": "10", "USDT": "0"}, {"A00": "0", "USDT": "1"})
    assert plan.risk is not None
    assert (plan.risk.after.volatility, plan.risk.after.diversification, plan.risk.after.bets) == (0, None, None)


def test_without_the_past_of_all_that_is_held_nothing_is_told() -> None:
    """A coin of which nothing is known could be any risk."""
    held, targets = {"A00": "10", "A01": "5", "USDT": "0"}, {"A00": "0.4", "A01": "0.4", "USDT": "0.2"}
    assert planned(held, targets).risk is not None
    assert planned(held, targets, PAST[:1]).risk is None
    assert planned(held, targets, ()).risk is None


def test_bets_are_as_many_as_carry_the_variance() -> None:
    """Two assets at equal risk: two bets where they have nothing in common, one where they are the same."""
    one, other = names(2)
    halves = {one: 1 / 3, other: 2 / 3}
    for correlation, bets in ((0.0, 2.0), (0.5, 4 / 3), (1.0, 1.0)):
        matrix = np.array([[1.0, correlation], [correlation, 1.0]])
        found = Covariance((one, other), (), np.array([0.5, 0.25]), matrix, matrix, 0.0)
        assert portfolio_bets(found, halves) == pytest.approx(bets)
        assert portfolio_bets(found, {one: 1.0}) == pytest.approx(1)
        assert portfolio_bets(found, {}) is None
        assert portfolio_bets(found, {Asset("XMR"): 0.5}) is None
