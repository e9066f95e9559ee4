"""A decision's JSON has the documented names, with every number as an exact decimal string."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bot.config.load import load_policy
from bot.decision_json import decision_json
from engine.model.decision import Decision, DecisionInputs, Drift, Outcome, Standing, TriggerVerdict
from engine.model.ids import Asset, LegId, VenueName
from engine.model.market import Mark, Side
from engine.model.money import Money, Price, Quantity, Weight
from engine.model.plan import (
    Alternative,
    CostEstimate,
    DroppedLeg,
    Leg,
    Plan,
    PlanTrigger,
    SuggestedTransfer,
    WeightLine,
)
from engine.model.portfolio import Snapshot, Valuation
from engine.model.reasons import Reason, ReasonCode, reason

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BTC, USDT, ALPHA = Asset("BTC"), Asset("USDT"), VenueName("alpha")
OVER = reason(ReasonCode.DRIFT_OVER_THRESHOLD, name="BTC", weight=Decimal("0.70"))
COST = CostEstimate(Money(Decimal("6.00")), Money(Decimal("-0.5")), Money(Decimal("1E+1")))


def drift(name: str, weight: str, target: str, absolute: str, *, relative: Decimal | None) -> Drift:
    weights = (Weight(Decimal(weight)), Weight(Decimal(target)), Weight(Decimal(absolute)))
    return Drift(name, *weights, relative=relative, threshold=Decimal("0.05"), band_use=None)


LEG = Leg(
    id=LegId("1"),
    venue=ALPHA,
    base=BTC,
    quote=USDT,
    side=Side.SELL,
    quantity=Quantity(Decimal("0.10000")),
    limit_price=Price(Decimal("59700.0")),
    expected_price=Price(Decimal(59990)),
    notional=Money(Decimal(6000)),
    cost=COST,
    reasons=(reason(ReasonCode.OVERWEIGHT, name="BTC"),),
)
PLAN = Plan(
    trigger=PlanTrigger.THRESHOLD,
    reasons=(OVER,),
    legs=(LEG,),
    weights=(
        WeightLine("BTC", *(Weight(Decimal(w)) for w in ("0.7", "0.6", "0.6", "0.6005"))),
        WeightLine("USDT", *(Weight(Decimal(w)) for w in ("0.3", "0.4", "0.4", "0.3994"))),
    ),
    managed_value=Money(Decimal(60000)),
    cost=COST,
    naive_cost=Money(Decimal("20.50")),
    dropped=(DroppedLeg(ALPHA, BTC, USDT, Side.BUY, Money(Decimal(3)), (reason(ReasonCode.NO_MARKET, asset="BTC"),)),),
    suggested_transfers=(
        SuggestedTransfer(USDT, ALPHA, VenueName("beta"), Quantity(Decimal("7.0")), Money(Decimal(7))),
    ),
)
OUTCOME = Outcome(
    valuation=Valuation(
        numeraire=USDT,
        marks=(Mark(BTC, Price(Decimal(60000))),),
        holdings=(),
        managed_value=Money(Decimal(60000)),
        total_value=Money(Decimal("60001.10")),
        weights=(),
    ),
    drifts=(
        drift("BTC", "0.7", "0.6", "0.10", relative=Decimal("0.1666")),
        drift("DOGE", "0.1", "0", "0.1", relative=None),
    ),
    verdict=TriggerVerdict(True, PlanTrigger.THRESHOLD, (OVER,)),
    alerts=(),
    vetoes=(),
    plan=PLAN,
)


def decision(outcome: Outcome = OUTCOME) -> Decision:
    policy = load_policy("[targets]\nBTC = 0.6\nUSDT = 0.4\n")
    return Decision("1", DecisionInputs(Snapshot(NOW, USDT, ()), policy, Standing(), NOW), outcome)


def written(outcome: Outcome = OUTCOME) -> Any:
    return json.loads(json.dumps(decision_json(decision(outcome))), parse_float=_no_number, parse_int=_no_number)


def _no_number(text: str) -> None:
    raise AssertionError(f"{text} is a bare number")


def test_the_verdict_and_the_drift_are_written() -> None:
    """With the documented keys; a relative drift that does not exist is null."""
    output = written()
    assert output["schema"] == "equipoise-decision/1"
    assert output["digest"] == decision().digest
    assert output["as_of"] == "2026-01-01T00:00:00Z"
    assert output["verdict"] == {
        "fired": True,
        "kind": "threshold",
        "reasons": [{"code": "drift_over_threshold", "name": "BTC", "weight": "0.7"}],
    }
    keys = ("weight", "target", "absolute", "relative")
    documented = {name: {key: drift[key] for key in keys} for name, drift in output["drift"].items()}
    assert documented == {
        "BTC": {"weight": "0.7", "target": "0.6", "absolute": "0.1", "relative": "0.1666"},
        "DOGE": {"weight": "0.1", "target": "0", "absolute": "0.1", "relative": None},
    }
    assert output["valuation"] == {
        "numeraire": "USDT",
        "managed_value": "60000",
        "total_value": "60001.1",
        "marks": {"BTC": "60000"},
        "notes": [],
    }


def test_what_a_leg_would_cost_elsewhere_is_written_with_what_is_missing_there() -> None:
    """A cost, or none where the book does not hold the leg."""
    thin = reason(ReasonCode.BOOK_TOO_THIN, depth=Decimal("0.01"), needed=Decimal("0.1"), depth_bps=0)
    others = (
        Alternative(VenueName("beta"), Asset("USD"), Money(Decimal("16.10"))),
        Alternative(VenueName("gamma"), Asset("USDT"), None, thin),
    )
    (leg,) = PLAN.legs
    plan = replace(PLAN, legs=(replace(leg, cost_in_slices=Money(Decimal("9.5")), alternatives=others),))
    (shown,) = written(replace(OUTCOME, plan=plan))["plan"]["legs"]
    assert shown["cost_in_slices"] == "9.5"
    assert shown["alternatives"] == [
        {"venue": "beta", "quote": "USD", "cost": "16.1", "reason": None},
        {
            "venue": "gamma",
            "quote": "USDT",
            "cost": None,
            "reason": {"code": "book_too_thin", "depth": "0.01", "depth_bps": "0", "needed": "0.1"},
        },
    ]


def test_the_plan_is_written_in_the_order_of_execution() -> None:
    """Legs, costs that add up, weights, and what was left out; only what is beyond the tolerance is residual."""
    plan = written()["plan"]
    cost = {"fee": "6", "spread": "-0.5", "impact": "10", "gas": "0", "tax": "0", "learned": "0", "total": "15.5"}
    assert plan == {
        "digest": PLAN.digest,
        "legs": [
            {
                "id": "1",
                "venue": "alpha",
                "base": "BTC",
                "quote": "USDT",
                "side": "sell",
                "quantity": "0.1",
                "limit_price": "59700",
                "expected_price": "59990",
                "notional": "6000",
                "cost": cost,
                "lots": [],
                "tax": None,
                "rebuy": None,
                "reasons": [{"code": "overweight", "name": "BTC"}],
                "cost_in_slices": None,
                "alternatives": [],
            }
        ],
        "cost": cost,
        "naive_cost": "20.5",
        "weights_after": {"BTC": "0.6005", "USDT": "0.3994"},
        "residual": {"USDT": "-0.0006"},
        "dropped": [
            {
                "leg": {"venue": "alpha", "base": "BTC", "quote": "USDT", "side": "buy", "notional": "3"},
                "reasons": [{"code": "no_market", "asset": "BTC"}],
            }
        ],
        "suggested_transfers": [
            {"asset": "USDT", "from_venue": "alpha", "to_venue": "beta", "quantity": "7", "value": "7"}
        ],
    }


def test_a_decision_without_a_plan_is_written_too() -> None:
    """Null where there is nothing, and the vetoes that say why."""
    veto = Reason(ReasonCode.REJECTED_BY_VENUE, (("code", "-2010"), ("message", "no")))
    verdict = TriggerVerdict(False, None, ())
    output = written(replace(OUTCOME, plan=None, verdict=verdict, vetoes=(veto,)))
    assert output["plan"] is None
    assert output["verdict"] == {"fired": False, "kind": None, "reasons": []}
    assert output["vetoes"] == [{"code": "rejected_by_venue", "venue_code": "-2010", "message": "no"}]


def test_a_naive_cost_that_is_not_known_is_null() -> None:
    """A figure that is unknown is absent, never zero."""
    assert written(replace(OUTCOME, plan=replace(PLAN, naive_cost=None)))["plan"]["naive_cost"] is None


def test_totals_are_exact_whatever_context_the_thread_has() -> None:
    """Thirty digits before the point and eighteen after it."""
    cost = replace(COST, fee=Money(Decimal("123456789012345678901234567890.000000000000000001")))
    plan = replace(PLAN, cost=cost)
    assert written(replace(OUTCOME, plan=plan))["plan"]["cost"]["total"] == (
        "123456789012345678901234567899.500000000000000001"
    )
