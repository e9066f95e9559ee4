"""Which lots the fills of a leg use up: those that its plan named, where they lie."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.account.picks import PicksOfLegs
from engine.model.ids import VenueName
from engine.model.lots import LotMethod, LotPick, Scope, Term
from engine.model.money import ZERO, Money, Quantity
from engine.model.plan_tax import LegLot, LegTax, MethodOutcome
from tests.builders import BTC
from tests.execute.plan_facts import LEGS, executing, fill, submitting

NOTHING = Money(ZERO)
LOTS = tuple(
    LegLot(name, None, Quantity(Decimal(quantity)), NOTHING, NOTHING, Term.SHORT)
    for name, quantity in (("a", "0.4"), ("b", "0.6"))
)
NAMED = replace(LEGS[0], tax=LegTax(BTC, LOTS, MethodOutcome(LotMethod.HIFO, NOTHING, NOTHING, None)))


def picks(scope: Scope = Scope.ACCOUNT) -> PicksOfLegs:
    return PicksOfLegs(executing(submitting(), legs=(NAMED, *LEGS[1:])).events, scope)


def test_fills_use_up_what_was_named_one_after_the_other() -> None:
    """In the order of the plan, and no more of a lot than it names."""
    found = picks()
    assert found.of_fill(fill("1", "0.5"), Decimal("0.5")) == (
        LotPick("a", Decimal("0.4")),
        LotPick("b", Decimal("0.1")),
    )
    assert found.of_fill(fill("2", "0.5"), Decimal("0.5")) == (LotPick("b", Decimal("0.5")),)
    assert found.of_fill(fill("3", "0.1"), Decimal("0.1")) == ()


@pytest.mark.parametrize(
    ("scope", "elsewhere", "at_home"), [(Scope.ACCOUNT, [], ["a", "b"]), (Scope.UNIVERSAL, ["a"], ["b"])]
)
def test_a_slice_that_went_elsewhere_leaves_the_lots_of_the_venue(
    scope: Scope, elsewhere: list[str], at_home: list[str]
) -> None:
    """It cannot use them up; where all accounts are one, it does."""
    found = picks(scope)
    other = replace(fill("1", "0.4"), venue=VenueName("beta"))
    assert [pick.lot for pick in found.of_fill(other, Decimal("0.4"))] == elsewhere
    assert [pick.lot for pick in found.of_fill(fill("2", "0.6"), Decimal("0.6"))] == at_home
