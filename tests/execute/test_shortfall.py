"""What legs came to by their fills: fees and prices against the marks that the plan was made with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.execute.shortfall import leg_costs, order_cost
from engine.model.events import FillBooked, OrderSubmitting
from engine.model.ids import Asset, VenueName
from engine.model.money import use_exact_context
from tests.chat import builders as a

USDT = Asset("USDT")


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def test_each_leg_is_told_beside_its_estimate() -> None:
    """Sold 0.05 BTC at its mark of 60,000 and 3 of fee; bought 0.7 of 0.996 ETH at 2.5 above its mark of 3,000."""
    sold, bought = leg_costs(a.carried_out(a.a_plan()), USDT)
    assert (sold.leg, sold.venue, sold.asset, sold.traded) == ("L1", "kraken", "BTC", 3000)
    assert (sold.fee, sold.real) == (3, sold.fee + sold.slippage)
    assert sold.estimated == Decimal("3.9")
    assert bought.traded == Decimal("0.7") * 3000
    assert float(bought.slippage) == pytest.approx(0.7 * 2.5, rel=1e-3)
    assert float(bought.estimated) == pytest.approx(3.8844 * 0.7 / 0.996, rel=1e-9)


def test_a_fee_in_a_coin_without_a_mark_is_named_and_not_counted() -> None:
    """The purchase paid in BNB."""
    _, bought = leg_costs(a.carried_out(a.a_plan()), USDT)
    assert (bought.fee, bought.unpriced) == (0, ("BNB",))


def test_what_traded_nothing_has_no_cost() -> None:
    """Half of the first leg is filled, the second waits."""
    state = a.executing(a.a_plan())
    assert [cost.leg for cost in leg_costs(state, USDT)] == ["L1"]


def test_a_slice_that_found_a_better_venue_is_told_by_itself() -> None:
    """The leg was planned for kraken: what binance filled is no measure of either estimate."""
    plan = a.a_plan()
    sell = plan.legs[0]
    elsewhere = replace(a.order_request(sell), venue=VenueName("binance"))
    fill = a.filled(sell, "0.05", "60000", ("USDT", "3"))
    facts = ((12, a.started()), (13, OrderSubmitting(elsewhere)), (14, moved(fill, "binance")))
    state = a.life(a.proposal(plan), (11, a.approval(plan)), (11, a.approved(plan)), *facts)
    (cost,) = leg_costs(state, USDT)
    assert (cost.venue, cost.is_rerouted) == ("binance", True)
    assert not leg_costs(a.carried_out(plan), USDT)[0].is_rerouted


def moved(fact: FillBooked, venue: str) -> FillBooked:
    return replace(fact, fill=replace(fact.fill, venue=VenueName(venue)))


def test_the_delay_counts_from_the_start_of_the_plan() -> None:
    """Fills carry the venue's own time, which may be behind ours."""
    state = a.executing(a.a_plan())
    (cost,) = leg_costs(state, USDT)
    assert state.started_at is not None
    assert state.fills[0].traded_at < state.started_at, "this venue's clock is behind"
    assert cost.delay == timedelta(0)


def test_one_order_is_told_by_itself() -> None:
    """As its leg is, where it is the only one."""
    state = a.carried_out(a.a_plan())
    assert order_cost(state, state.orders[0], USDT) == leg_costs(state, USDT)[0]
    assert order_cost(a.executing(a.a_plan()), a.executing(a.a_plan()).orders[0], USDT) is not None
