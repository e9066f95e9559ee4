"""Where a stop's proceeds go while a stablecoin is below its peg, and the rule only tells of that."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.decide.guards.look import Look
from engine.decide.guards.refuge import refuge
from engine.decide.valuation import value
from engine.model.conditions import Condition, GuardStanding, Stage
from engine.model.decision import Standing
from engine.model.guards import Rule
from engine.model.reasons import ReasonCode, reason
from tests import builders as b


def chosen(worth: str, stage: Stage = Stage.RAISED, **targets: str) -> str | None:
    """The refuge of a portfolio whose USDC was told of, of the cash targets that it has."""
    why = reason(ReasonCode.DEPEGGED, asset=b.USDC, worth=Decimal(worth))
    told = Condition(Rule.DEPEG, b.USDC, stage, b.T0 - timedelta(hours=1), why)
    markets = (b.Market("BTC/USDT", "100"), b.Market("BTC/USDC", "100"))
    seen = b.snapshot(b.venue("alpha", {"BTC": "6", "USDT": "200", "USDC": "200"}, *markets))
    inputs = b.inputs(seen, b.policy(targets), Standing(guards=GuardStanding(conditions=(told,))))
    return refuge(Look(inputs, value(seen, inputs.policy), ()), ())


@pytest.mark.parametrize(
    ("worth", "stage", "name"),
    [
        ("0.9", Stage.RAISED, "USDT"),
        ("1.02", Stage.RAISED, "USDC"),
        ("0.9", Stage.OVER, "USDC"),
    ],
    ids=["below its peg", "dear", "back"],
)
def test_nothing_is_fled_into_what_is_below_its_peg(worth: str, stage: Stage, name: str) -> None:
    """Although it is the larger target, and nobody wants it sold."""
    assert chosen(worth, stage, BTC="0.5", USDC="0.3", USDT="0.2") == name


def test_where_there_is_no_other_it_is_better_than_what_falls() -> None:
    assert chosen("0.9", BTC="0.5", USDC="0.5") == "USDC"
