"""Markets between two assets that are both to be held: a trade there moves two weights at once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.model.decision import CashFlow, Standing
from engine.model.ids import VenueName
from engine.model.market import Side
from engine.model.money import Quantity, use_exact_context
from engine.model.plan import Plan
from tests import builders as b
from tests.builders import USDT, Market, venue

BTC_USDT, ETH_USDT = Market("BTC/USDT", "100"), Market("ETH/USDT", "10", spread="0.02")
ETH_BTC = Market("ETH/BTC", "0.1", spread="0.000002", tick="0.000001")
NEAR = Decimal("0.002")
LOOSE = {"tolerance": Decimal("0.001")}


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def lands_on_its_targets(plan: Plan) -> bool:
    return all(abs(line.residual) <= NEAR for line in plan.weights)


def test_two_hops_that_cost_less_than_one_are_taken() -> None:
    """Bitcoin is at its target, and stays there: ether is bought with it, and as much bitcoin with cash."""
    seen = b.snapshot(venue("alpha", {"BTC": "4", "ETH": "20", "USDT": "400"}, BTC_USDT, ETH_USDT, ETH_BTC))
    plan = b.rebalanced(seen, b.policy({"BTC": "0.4", "ETH": "0.4", "USDT": "0.2"}, limits=LOOSE))
    assert {leg.symbol for leg in plan.legs} == {"BTC/USDT", "ETH/BTC"}
    assert lands_on_its_targets(plan)


def test_one_hop_is_taken_where_two_cost_more() -> None:
    """A fee on the cross market, and cash buys the ether."""
    dear = replace(ETH_BTC, fee="0.002")
    seen = b.snapshot(venue("alpha", {"BTC": "4", "ETH": "20", "USDT": "400"}, BTC_USDT, ETH_USDT, dear))
    plan = b.rebalanced(seen, b.policy({"BTC": "0.4", "ETH": "0.4", "USDT": "0.2"}, limits=LOOSE))
    assert {leg.symbol for leg in plan.legs} == {"ETH/USDT"}
    assert lands_on_its_targets(plan)


def test_where_it_is_the_only_market_the_other_weight_is_mended() -> None:
    """Ether is bought with bitcoin, and as much bitcoin with cash."""
    seen = b.snapshot(venue("alpha", {"BTC": "4", "ETH": "20", "USDT": "400"}, BTC_USDT, ETH_BTC))
    plan = b.rebalanced(seen, b.policy({"BTC": "0.4", "ETH": "0.4", "USDT": "0.2"}, limits=LOOSE))
    assert {(leg.side, leg.symbol) for leg in plan.legs} == {(Side.BUY, "ETH/BTC"), (Side.BUY, "BTC/USDT")}
    assert lands_on_its_targets(plan)


def test_a_sale_on_the_only_market_is_carried_on_into_cash() -> None:
    """Ether is sold for bitcoin, and as much bitcoin for cash."""
    seen = b.snapshot(venue("alpha", {"BTC": "4", "ETH": "40", "USDT": "200"}, BTC_USDT, ETH_BTC))
    plan = b.rebalanced(seen, b.policy({"BTC": "0.4", "ETH": "0.2", "USDT": "0.4"}, limits=LOOSE))
    assert {(leg.side, leg.symbol) for leg in plan.legs} == {(Side.SELL, "ETH/BTC"), (Side.SELL, "BTC/USDT")}
    assert lands_on_its_targets(plan)


def test_two_gaps_that_fit_are_closed_by_one_trade() -> None:
    """Too much bitcoin, too little ether, no cash involved where there is only the cross market."""
    seen = b.snapshot(venue("alpha", {"BTC": "6", "ETH": "20", "USDT": "200"}, BTC_USDT, ETH_BTC))
    plan = b.rebalanced(seen, b.policy({"BTC": "0.4", "ETH": "0.4", "USDT": "0.2"}, limits=LOOSE))
    assert [(leg.side, leg.symbol) for leg in plan.legs] == [(Side.BUY, "ETH/BTC")]
    assert lands_on_its_targets(plan)


def test_sales_come_first_also_where_a_purchase_needs_none() -> None:
    """Ether is bought with bitcoin; solana is sold for cash before that."""
    held = {"BTC": "6", "ETH": "10", "SOL": "200", "USDT": "100"}
    seen = b.snapshot(venue("alpha", held, BTC_USDT, ETH_BTC, Market("SOL/USDT", "1", spread="0.0002")))
    plan = b.rebalanced(seen, b.policy({"BTC": "0.5", "ETH": "0.2", "SOL": "0.1", "USDT": "0.2"}, limits=LOOSE))
    sold, *_, bought = [(leg.side, leg.symbol) for leg in plan.legs]
    assert (sold, bought) == ((Side.SELL, "SOL/USDT"), (Side.BUY, "ETH/BTC"))


def test_new_money_does_not_sell_one_holding_for_another() -> None:
    """Ether could only be bought with bitcoin: what came in as cash waits."""
    flow = CashFlow("alpha:1", VenueName("alpha"), USDT, Quantity(Decimal(100)), b.T0)
    seen = b.snapshot(venue("alpha", {"BTC": "6", "ETH": "10", "USDT": "300"}, BTC_USDT, ETH_BTC))
    wanted = b.policy(
        {"BTC": "0.6", "ETH": "0.2", "USDT": "0.2"}, thresholds=dict.fromkeys(("BTC", "ETH", "USDT"), "1")
    )
    assert b.decided(seen, wanted, Standing(cash_flows=(flow,))).outcome.plan is None


def test_a_venue_with_other_cash_trades_only_what_that_cash_has_too_much_of() -> None:
    """Most markets quote USDT; the dollars on the other venue are a target of their own, and are met too."""
    first = venue("first", {"BTC": "1", "USDT": "400"}, BTC_USDT, Market("SOL/USDT", "1"))
    second = venue("second", {"USD": "500"}, Market("BTC/USD", "100"), Market("USDT/USD"))
    plan = b.rebalanced(
        b.snapshot(first, second), b.policy({"BTC": "0.5", "USDT": "0.3", "USD": "0.2", "SOL": "0"}, limits=LOOSE)
    )
    assert lands_on_its_targets(plan)
    bought = {leg.symbol: leg.notional for leg in plan.legs}
    assert bought["BTC/USD"] == pytest.approx(Decimal(300), abs=Decimal("1.5"))
    assert bought["BTC/USDT"] == pytest.approx(Decimal(100), abs=Decimal("1.5"))
