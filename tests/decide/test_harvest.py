"""Losses that are worth realising: only where the tax saved is more than the round trip costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.pipeline import decide
from engine.model.decision import Outcome, Pause, Standing
from engine.model.ids import UserId
from engine.model.lots import Lot, LotMethod
from engine.model.market import Side
from engine.model.money import ZERO, Money, Quantity
from engine.model.plan import PlanTrigger
from engine.model.reasons import ReasonCode
from engine.model.tax import Bracket, TaxProfile, WashSale, YearRules
from engine.model.tax_policy import Harvesting, TaxPolicy
from tests import builders as b
from tests.builders import BTC, T0, Market

RULES = YearRules((Bracket(ZERO, Decimal("0.4")),), (Bracket(ZERO, Decimal("0.2")),), loss_cap=Decimal(3000))
LAW = TaxProfile("testland", ((2026, RULES),))
ON = TaxPolicy(profile=LAW, harvesting=Harvesting.PROPOSE)
HALF = {"BTC": "0.5", "USDT": "0.5"}


def lot(name: str, quantity: str, basis: str) -> Lot:
    return Lot(name, BTC, "alpha", T0 - timedelta(days=100), Quantity(Decimal(quantity)), Decimal(basis))


def outcome(*lots: Lot, tax: TaxPolicy = ON, fee: str = "0.001", **more: Any) -> Outcome:
    """Ten bitcoin at 100 and as much cash: on target."""
    market = Market("BTC/USDT", "100", fee=fee)
    seen = b.snapshot(b.venue("alpha", {"BTC": more.get("btc", "10"), "USDT": "1000"}, market))
    policy = b.policy(HALF, tax=tax, limits=more.get("limits", {}))
    return decide(replace(b.inputs(seen, policy, more.get("standing")), lots=lots)).outcome


def test_a_loss_that_saves_more_than_it_costs_is_proposed() -> None:
    """Sold and bought back: 500 lost save 200 of tax, the round trip costs about 2."""
    found = outcome(lot("dear", "5", "1000"), lot("cheap", "5", "250"))
    (harvest,) = found.harvests
    assert (harvest.quantity, round(harvest.loss), round(harvest.saves)) == (5, 501, 200)
    assert 1 < harvest.cost < 2
    assert found.plan is not None
    assert found.plan.trigger is PlanTrigger.HARVEST
    assert [(leg.side, leg.quantity) for leg in found.plan.legs] == [(Side.SELL, 5), (Side.BUY, 5)]
    assert [pick.lot for pick in found.plan.legs[0].picks] == ["dear"]
    assert [reason.code for reason in found.plan.reasons] == [ReasonCode.HARVEST]


def test_the_gain_that_is_left_for_later_is_told_beside_it() -> None:
    """Lots at a gain of 250 stay; what was bought back has none."""
    (harvest,) = outcome(lot("dear", "5", "1000"), lot("cheap", "5", "250")).harvests
    assert round(harvest.left) == 251


@pytest.mark.parametrize(
    ("lots", "fee"),
    [((lot("a", "10", "1001"),), "0.001"), ((lot("a", "10", "900"),), "0"), ((lot("a", "10", "1100"),), "0.05")],
    ids=["too small a loss", "a gain", "too dear a round trip"],
)
def test_what_does_not_pay_is_left_alone(lots: tuple[Lot, ...], fee: str) -> None:
    """Tax saved must exceed the cost of both trades."""
    assert outcome(*lots, fee=fee).harvests == ()


def test_only_as_much_as_saves_tax_is_sold() -> None:
    """Beyond the cap a loss is worth nothing this year: the dearest lots fill it."""
    capped = replace(ON, profile=TaxProfile("testland", ((2026, replace(RULES, loss_cap=Decimal(100))),)))
    (harvest,) = outcome(lot("a", "1", "200"), lot("b", "4", "600"), tax=capped).harvests
    assert harvest.quantity == 1


@pytest.mark.parametrize(
    "tax",
    [
        replace(ON, harvesting=Harvesting.OFF),
        replace(ON, profile=None),
        replace(ON, profile=replace(LAW, wash_sale=WashSale.ENFORCE)),
        replace(ON, method=LotMethod.AVERAGE),
        replace(ON, profile=TaxProfile("testland", ((2020, RULES),))),
    ],
    ids=["off", "no law", "a law that looks at purchases", "an average", "a year without rules"],
)
def test_where_a_loss_would_not_count_none_is_looked_for(tax: TaxPolicy) -> None:
    """Or where nobody asked for it."""
    assert outcome(lot("dear", "5", "1000"), tax=tax).harvests == ()


def test_a_suggestion_is_no_plan() -> None:
    """It is told, and that is all."""
    found = outcome(lot("dear", "5", "1000"), tax=replace(ON, harvesting=Harvesting.SUGGEST))
    assert len(found.harvests) == 1
    assert found.plan is None


def test_drift_comes_first() -> None:
    """A plan that drift calls for is not put off for a loss."""
    found = outcome(lot("dear", "5", "1000"), btc="30")
    assert found.plan is not None
    assert found.plan.trigger is PlanTrigger.THRESHOLD


def test_a_pause_holds_for_it_too() -> None:
    """Like for every plan that nobody asked for."""
    paused = Standing(pause=Pause(UserId(1), T0))
    assert outcome(lot("dear", "5", "1000"), standing=paused).plan is None


def test_what_is_bought_back_at_once_is_one_order() -> None:
    """Slices would be out of the market for hours, and sold on other venues, whose lots are others."""
    found = outcome(lot("dear", "10", "5000"), limits={"slice_max": Money(Decimal(300))})
    assert found.plan is not None
    assert [(leg.quantity, leg.slices) for leg in found.plan.legs] == [(3, ())] * 2


def test_a_loss_that_is_bought_back_in_the_same_plan_is_flagged() -> None:
    """Whether the law counts it is for the person who approves: the card has to say so."""
    plan = outcome(lot("dear", "5", "1000")).plan
    assert plan is not None
    sale, purchase = plan.legs
    assert sale.rebuy is None
    assert purchase.rebuy is not None
    assert (purchase.rebuy.at, round(purchase.rebuy.loss)) == (T0, 501)
