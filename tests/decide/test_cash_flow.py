"""New money is first used to buy what is underweight: in proportion, within its amount, and without a sale."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.model.decision import CashFlow, Outcome, RequestKind, Standing
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import Quantity, use_exact_context
from engine.model.plan import PlanTrigger
from engine.model.policy import TriggerKind
from engine.model.portfolio import Snapshot
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.builders import SOL, USD, USDT, Market, venue

MARKETS = (Market("BTC/USDT", "100"), Market("ETH/USDT", "10"), Market("SOL/USDT", "1"))


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def new_money(amount: str, asset: Asset = USDT) -> Standing:
    return Standing(cash_flows=(CashFlow("alpha:1", VenueName("alpha"), asset, Quantity(Decimal(amount)), b.T0),))


def holding(btc: str, eth: str, sol: str, usdt: str) -> Snapshot:
    return b.snapshot(venue("alpha", {"BTC": btc, "ETH": eth, "SOL": sol, "USDT": usdt}, *MARKETS))


def answer(seen: Snapshot, standing: Standing, **more: object) -> Outcome:
    wanted = b.policy({"BTC": "0.4", "ETH": "0.3", "SOL": "0.1", "USDT": "0.2"}, **more)
    return b.decided(seen, wanted, standing).outcome


# Worth 1,100: BTC 300 of 440, ETH 200 of 330, SOL 300 of 110, cash 300 of 220.
UNEVEN = holding("3", "20", "300", "300")


def test_it_buys_what_is_underweight_in_proportion_and_sells_nothing() -> None:
    """140 and 130 are lacking; 27 of new money are shared 14 to 13."""
    found = answer(UNEVEN, new_money("27"))
    assert found.verdict.kind is PlanTrigger.CASH_FLOW
    assert found.plan is not None
    assert {(leg.symbol, leg.side) for leg in found.plan.legs} == {("BTC/USDT", Side.BUY), ("ETH/USDT", Side.BUY)}
    assert {leg.symbol: leg.notional for leg in found.plan.legs} == pytest.approx(
        {"BTC/USDT": Decimal(14), "ETH/USDT": Decimal(13)}, abs=Decimal("0.01")
    )
    assert found.plan.turnover <= 27


@pytest.mark.parametrize(("least", "calls"), [("27", True), ("27.01", False)])
def test_new_money_of_the_least_trade_calls_for_a_plan(least: str, calls: bool) -> None:
    """With less there is no order that it could pay for."""
    found = answer(UNEVEN, new_money("27"), limits={"min_trade": Decimal(least)}, trigger={"threshold": Decimal(1)})
    assert (found.verdict.kind is PlanTrigger.CASH_FLOW) is calls


def test_it_buys_no_more_than_is_lacking() -> None:
    """Of more new money than all gaps, the rest stays cash."""
    found = answer(holding("4.4", "23", "112", "320"), new_money("110"))
    assert found.plan is not None
    assert found.plan.turnover == pytest.approx(Decimal(100), abs=Decimal("0.5"))


def test_cash_that_lacked_something_itself_keeps_its_share() -> None:
    """Before 290 came in, 140, 130 and, of cash, 210 were lacking: cash keeps 21 parts of 48."""
    found = answer(UNEVEN, new_money("290"))
    assert found.plan is not None
    assert found.plan.turnover == pytest.approx(Decimal(290) * 27 / 48, abs=Decimal("0.5"))


def test_it_goes_before_dates_and_drift_and_after_a_person() -> None:
    """A person, new money, the calendar, the drift."""
    dated = {"kind": TriggerKind.HYBRID, "every": "daily"}
    assert answer(UNEVEN, new_money("27"), trigger=dated).verdict.kind is PlanTrigger.CASH_FLOW
    wanted = b.policy({"BTC": "0.4", "ETH": "0.3", "SOL": "0.1", "USDT": "0.2"}, trigger=dated)
    asked = b.decided(UNEVEN, wanted, new_money("27"), request=RequestKind.MANUAL).outcome
    assert asked.verdict.kind is PlanTrigger.MANUAL


def test_new_money_that_finds_nothing_to_buy_leaves_the_word_to_the_drift() -> None:
    """Only cash is underweight here: the drift calls for a sale, and gets it."""
    found = answer(holding("8", "45", "150", "30"), new_money("30"))
    assert found.verdict.kind is PlanTrigger.THRESHOLD
    assert found.plan is not None
    assert {leg.side for leg in found.plan.legs} == {Side.SELL}


def test_less_than_a_trade_waits_for_more() -> None:
    """Deposits add up until they reach the minimum trade."""
    calm = holding("4.4", "33", "112", "220")
    assert answer(calm, new_money("9"), limits={"min_trade": Decimal(10)}).verdict.kind is None
    two = Standing(cash_flows=(*new_money("6").cash_flows, *new_money("6").cash_flows))
    assert answer(UNEVEN, two, limits={"min_trade": Decimal("5")}).verdict.kind is PlanTrigger.CASH_FLOW


def test_what_cannot_buy_is_no_new_money() -> None:
    """A deposit of an asset that nothing is quoted in moves weights, and is left to the drift."""
    assert answer(UNEVEN, new_money("100", SOL)).verdict.kind is PlanTrigger.THRESHOLD


def test_new_money_in_another_currency_buys_where_it_lies() -> None:
    """Most markets quote USDT; dollars buy what is quoted in dollars, and nothing is sold for them."""
    kraken = venue("kraken", {"USD": "100"}, Market("BTC/USD", "100"), Market("USDT/USD"))
    binance = venue("binance", {"BTC": "1", "ETH": "30", "USDT": "300"}, *MARKETS[:2])
    wanted = b.policy({"BTC": "0.4", "ETH": "0.3", "USDT": "0.2", "USD": "0.1"})
    found = b.decided(b.snapshot(kraken, binance, numeraire=USD), wanted, new_money("50", USD)).outcome
    assert found.verdict.kind is PlanTrigger.CASH_FLOW
    assert found.plan is not None
    assert {leg.side for leg in found.plan.legs} == {Side.BUY}
    assert sum(leg.notional for leg in found.plan.legs) <= 50


def test_the_reason_states_the_amount_in_the_numeraire() -> None:
    """Valued like everything else."""
    seen = b.snapshot(
        venue("alpha", {"BTC": "1", "USDT": "1000"}, Market("BTC/USDT", "100"), Market("USDT/USD", "0.98")),
        numeraire=USD,
    )
    found = b.decided(seen, b.policy({"BTC": "0.9", "USDT": "0.1"}), new_money("100")).outcome
    assert (found.verdict.reasons[0].code, found.verdict.reasons[0].get("amount")) == (R.CASH_FLOW, "98")
