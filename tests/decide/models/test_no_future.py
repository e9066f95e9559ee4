"""Nothing later than the decision changes what a model says: not its absence, not its order, not an invention."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide.models.outcome import model_outcome
from engine.model.canonical import canonical_json
from engine.model.decision import PriceSeries
from engine.model.market import Close
from engine.model.money import Price, exact
from engine.model.target_models import ModelKind, ModelStance, TargetModel
from tests.builders import T0
from tests.decide.models import prices as p

DAY = timedelta(days=1)
NOW = T0 + timedelta(hours=7)
PAST = p.past(BTC=p.shaken(175, 0.03, 1), ETH=[*p.shaken(150, 0.01, 2), *p.shaken(25, 0.07, 3)])
KINDS = [kind for kind in ModelKind if kind is not ModelKind.SIGNALS]
invented = st.lists(
    st.tuples(st.integers(1, 400), st.decimals("0.0001", "1000000", places=4)), max_size=12, unique_by=lambda c: c[0]
)


@exact
def says(kind: ModelKind, history: tuple[PriceSeries, ...]) -> str:
    """All of what a model comes to, as text."""
    model = TargetModel(kind=kind, stance=ModelStance.PROPOSE)
    return canonical_json(model_outcome(p.inputs(model, history, now=NOW)))


def with_future(future: list[tuple[int, Decimal]]) -> tuple[PriceSeries, ...]:
    """The same past, and closes at so many hours after the decision, in the order given."""
    later: tuple[Close, ...] = tuple((NOW + timedelta(hours=hours), Price(price)) for hours, price in future)
    return tuple(PriceSeries(series.asset, (*series.closes, *later)) for series in PAST)


@pytest.mark.parametrize("kind", KINDS)
@given(future=invented)
@settings(max_examples=25, deadline=None)
def test_an_invented_or_shuffled_future_changes_nothing(kind: ModelKind, future: list[tuple[int, Decimal]]) -> None:
    """Byte for byte: weights, figures and the change with its id."""
    assert says(kind, with_future(future)) == says(kind, PAST)


@pytest.mark.parametrize("kind", KINDS)
def test_a_decision_of_then_is_the_same_whatever_came_after(kind: ModelKind) -> None:
    """With half a year more of prices, an earlier decision still comes out as it did."""
    longer = p.past(T0 + 90 * DAY, BTC=p.shaken(265, 0.03, 1), ETH=p.shaken(265, 0.05, 9))
    then = tuple(PriceSeries(s.asset, tuple(c for c in s.closes if c[0] <= NOW)) for s in longer)
    assert says(kind, longer) == says(kind, then)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_inputs_give_byte_equal_outcomes(kind: ModelKind) -> None:
    """Also of prices that are equal and not the same objects."""
    copied = tuple(
        PriceSeries(s.asset, tuple((at, Price(Decimal(str(price)))) for at, price in s.closes)) for s in PAST
    )
    assert says(kind, PAST) == says(kind, copied) == says(kind, PAST)


@pytest.mark.parametrize("kind", KINDS)
@given(gaps=st.sets(st.integers(0, 174), max_size=20))
@settings(max_examples=20, deadline=None)
def test_days_without_a_price_are_no_error(kind: ModelKind, gaps: set[int]) -> None:
    """What is known is used; where it is too little, the model says so. Weights, where there are any, sum to 1."""
    model = TargetModel(kind=kind, stance=ModelStance.PROPOSE)
    holed = tuple(
        PriceSeries(s.asset, tuple(c for number, c in enumerate(s.closes) if number not in gaps)) for s in PAST
    )
    outcome = exact(model_outcome)(p.inputs(model, holed, now=NOW))
    assert outcome.reasons
    assert not outcome.wants or sum((w for _, w in outcome.wants), Decimal(0)) == 1
