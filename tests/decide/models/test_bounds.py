"""Whatever a model wants: what comes of it keeps every bound and every step, and sums to exactly 1."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.decide.models.bounds import fitted
from engine.model.money import EXACT, exact
from engine.model.target_models import Bound, TargetModel
from tests.decide.models.prices import weights

D = Decimal
NAMES = ("A", "B", "C", "cash")
thousandths = st.integers(0, 1000).map(lambda n: D(n) / 1000)


def model(step: str = "1", **bounds: tuple[str, str]) -> TargetModel:
    """Bounds by name, and the longest step."""
    found = tuple(Bound(name, D(least), D(most)) for name, (least, most) in bounds.items())  # type: ignore[arg-type]
    return TargetModel(max_step=D(step), bounds=found)  # type: ignore[arg-type]


@exact
def fit(
    wanted: Mapping[str, Decimal], present: Mapping[str, Decimal], by: TargetModel, cash: str | None = "cash"
) -> dict[str, Decimal] | None:
    found = fitted(wanted, present, by, cash)
    return None if found is None else {name: Decimal(weight) for name, weight in found}


def test_what_coins_give_up_is_the_cashs() -> None:
    """And what they lack it pays."""
    now = weights(A="0.5", B="0.3", cash="0.2")
    less = fit(weights(A="0.4", B="0.2", cash="0.2"), now, model())
    assert less == weights(A="0.4", B="0.2", cash="0.4")
    more = fit(weights(A="0.6", B="0.3", cash="0.2"), now, model())
    assert more == weights(A="0.6", B="0.3", cash="0.1")


def test_a_bound_holds_whatever_is_wanted() -> None:
    """A coin stays within its own; the rest goes where it may."""
    now = weights(A="0.5", B="0.3", cash="0.2")
    found = fit(weights(A="0.1", B="0.9", cash="0.2"), now, model(A=("0.4", "0.6"), B=("0.1", "0.35")))
    assert found == weights(A="0.4", B="0.35", cash="0.25")


def test_what_the_cash_may_not_take_stays_with_the_coins() -> None:
    """Each keeps of it in proportion to the room that it has."""
    now = weights(A="0.5", B="0.3", cash="0.2")
    found = fit(weights(A="0.2", B="0.2", cash="0.2"), now, model(cash=("0", "0.3"), A=("0", "0.5"), B=("0", "0.3")))
    assert found == weights(A="0.425", B="0.275", cash="0.3")


def test_no_weight_moves_by_more_than_a_step() -> None:
    """The cash is a weight like any other: the coins wait for it."""
    now = weights(A="0.5", B="0.3", cash="0.2")
    found = fit(weights(A="0", B="0", cash="0.2"), now, model("0.1"))
    assert found == weights(A="0.45", B="0.25", cash="0.3")


def test_without_cash_the_largest_target_takes_the_rest() -> None:
    """The sum stays 1."""
    now = weights(A="0.6", B="0.4")
    assert fit(weights(A="0.6", B="0.2504"), now, model(), cash=None) == weights(A="0.75", B="0.25")


@pytest.mark.parametrize("nonsense", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_changes_nothing(nonsense: str) -> None:
    """It is refused as a whole."""
    now = weights(A="0.5", cash="0.5")
    assert fit({"A": D(nonsense), "cash": D("0.5")}, now, model()) is None


def test_absurdly_large_wishes_are_clipped() -> None:
    """A weight of a quintillion is the most that a weight may be."""
    now = weights(A="0.5", cash="0.5")
    assert fit({"A": D("1e40"), "cash": D("0.5")}, now, model()) == weights(A="1", cash="0")


def test_other_names_than_the_targets_are_refused() -> None:
    """A model cannot add one."""
    assert fit(weights(A="0.5", B="0.5"), weights(A="0.5", cash="0.5"), model()) is None


@st.composite
def wishes(draw: st.DrawFn) -> tuple[dict[str, Decimal], dict[str, Decimal], TargetModel]:
    """Present weights within bounds that allow them, and anything at all that is wanted."""
    parts = [draw(st.integers(0, 1000)) for _ in NAMES]
    assume(sum(parts) > 0)
    present = {
        name: EXACT.divide(D(part), D(sum(parts))).quantize(D("1e-9")) for name, part in zip(NAMES, parts, strict=True)
    }
    present["cash"] += 1 - sum(present.values(), D(0))
    assume(present["cash"] >= 0)
    bounds = {n: (str(w * draw(thousandths)), str(w + (1 - w) * draw(thousandths))) for n, w in present.items()}
    wanted = {n: draw(st.decimals(-2, 3, places=6)) for n in NAMES}
    return wanted, present, model(str(draw(st.integers(1, 1000)) / D(1000)), **bounds)


@given(wishes())
def test_bounds_steps_and_the_sum_always_hold(made: tuple[dict[str, Decimal], dict[str, Decimal], TargetModel]) -> None:
    """For any portfolio, any bounds around it, and any wish."""
    wanted, present, by = made
    found = fit(wanted, present, by)
    assert found is not None
    assert sum(found.values(), D(0)) == 1
    for name, weight in found.items():
        bound = by.bound(name)
        assert bound.least <= weight <= bound.most
        assert abs(weight - present[name]) <= by.max_step


@given(wishes())
def test_what_was_reached_is_kept(made: tuple[dict[str, Decimal], dict[str, Decimal], TargetModel]) -> None:
    """Asked for the very weights that it gave, it gives them again, but for their rounding."""
    wanted, present, by = made
    first = fit(wanted, present, by)
    assert first is not None
    again = fit(first, first, by)
    assert again is not None
    assert all(abs(again[name] - first[name]) <= D("0.002") for name in first)
