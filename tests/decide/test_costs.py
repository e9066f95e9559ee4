"""What a plan says it costs: the parts, the sum, and what the naive way would have cost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.decide.effects import balances_after
from engine.model.money import use_exact_context
from tests import builders as b
from tests.builders import USD, Market, venue

HALVES = {"BTC": "0.5", "USDT": "0.5"}


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def test_the_parts_of_the_cost_add_up_over_the_legs() -> None:
    """Fee, spread and impact of every leg, and of all of them."""
    book = Market("BTC/USDT", fee="0.001", bids=(("99.9", "2"), ("99.8", "9")), asks=(("100.1", "9"),))
    seen = b.snapshot(venue("alpha", {"BTC": "10", "USDT": "100"}, book))
    plan = b.rebalanced(seen, b.policy(HALVES))
    (leg,) = plan.legs
    assert leg.cost.fee == leg.quantity * leg.expected_price * Decimal("0.001")
    assert leg.cost.spread == leg.quantity * Decimal("0.1")
    assert leg.cost.impact == leg.quantity * (Decimal("99.9") - leg.expected_price)
    assert plan.cost == leg.cost
    assert plan.cost.total == leg.cost.fee + leg.cost.spread + leg.cost.impact


def test_what_is_worth_less_afterwards_is_the_cost() -> None:
    """Value at marks before minus after, also where the quote is not the numeraire."""
    seen = b.snapshot(
        venue(
            "alpha",
            {"BTC": "10", "USDT": "100"},
            Market("BTC/USDT", "100", spread="0.3", fee="0.001"),
            Market("USDT/USD", "0.97"),
        ),
        numeraire=USD,
    )
    outcome = b.decided(seen, b.policy(HALVES)).outcome
    assert outcome.plan is not None
    marks = {mark.asset: mark.price for mark in outcome.valuation.marks}
    after = sum(held * marks[asset] for (_, asset), held in balances_after(seen, outcome.plan.legs).items())
    assert outcome.valuation.managed_value - after == outcome.plan.cost.total


def test_the_naive_way_is_one_market_order_on_the_deepest_book() -> None:
    """Balances pooled, no thought given to where cash lies: one at 100.5 and a fee of 1 %, against a mark of 100."""
    deep = Market("BTC/USDT", bids=(("99.5", "50"),), asks=(("100.5", "50"),), fee="0.01")
    shallow = Market("BTC/USDT", bids=(("99.9", "1"),), asks=(("100.1", "1"),))
    seen = b.snapshot(venue("deep", {"USDT": "1"}, deep), venue("near", {"USDT": "199"}, shallow), BTC="100", USDT="1")
    plan = b.rebalanced(seen, b.policy(HALVES))
    assert plan.naive_cost == 1 * (Decimal("0.5") + Decimal("1.005"))
    assert plan.cost.total < plan.naive_cost


def test_without_a_book_the_naive_way_has_no_cost() -> None:
    """Unknown is absent, not zero."""
    seen = b.snapshot(
        venue("alpha", {"BTC": "5", "USDT": "1"}, Market("BTC/USDT", "100")), BTC="100", ETH="1", USDT="1"
    )
    assert b.rebalanced(seen, b.policy({"BTC": "0.4", "ETH": "0.1", "USDT": "0.5"})).naive_cost is None
