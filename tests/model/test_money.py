"""Exact quantities: reading them, rounding them to a step, and the one text that they have."""

from __future__ import annotations

from decimal import Decimal, FloatOperation

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.errors import InvalidValue
from engine.model.money import bps_of, ceil_to_step, decimal_of, exact, floor_to_step, plain, ratio, total, truncate

NUMBERS = st.decimals("-1e12", "1e12", places=12, allow_nan=False, allow_infinity=False)
STEPS = st.sampled_from([Decimal(text) for text in ("1", "0.01", "0.00000001", "3", "0.025", "1000")])


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.50", "1.50"), (7, "7"), (Decimal("1e-18"), "1e-18"), ("-0", "-0"), ("9e29", "9e29"), ("1e-78", "1e-78")],
)
def test_a_decimal_is_read_as_it_is_written(value: object, expected: str) -> None:
    """From text, from whole numbers, from decimals."""
    assert decimal_of(value, "x") == Decimal(expected)


@pytest.mark.parametrize(
    "value",
    [0.1, True, None, "abc", "", "NaN", "Infinity", "1e999999999", "1e999999", "1e30", 10**30, "1e-79", [], "1,5"],
)
def test_what_is_no_exact_number_is_refused_by_name(value: object) -> None:
    """A float least of all; the error says which field it was."""
    with pytest.raises(InvalidValue) as caught:
        decimal_of(value, "min_trade")
    assert caught.value.field == "min_trade"


@settings(max_examples=50, database=None, derandomize=True)
@given(NUMBERS, STEPS)
@exact
def test_rounding_to_a_step_stays_on_its_side(value: Decimal, step: Decimal) -> None:
    """Down is not above, up is not below, both are multiples, and neither is a step away."""
    down, up = floor_to_step(value, step), ceil_to_step(value, step)
    assert down <= value <= up
    assert down % step == up % step == 0
    assert value - down < step
    assert up - value < step


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.500", "1.5"),
        ("100", "100"),
        ("1e3", "1000"),
        ("-0", "0"),
        ("0.00", "0"),
        ("-1.10", "-1.1"),
        ("1E-20", "0.00000000000000000001"),
    ],
)
def test_a_decimal_has_one_text(value: str, text: str) -> None:
    """No exponent, no trailing zeros, no negative zero."""
    assert plain(Decimal(value)) == text


def test_ratios_are_kept_to_eighteen_decimals() -> None:
    """Half to even, as fine as the finest asset is divided."""
    assert ratio(Decimal(1), Decimal(3)) == Decimal("0.333333333333333333")
    assert ratio(Decimal(2), Decimal(3)) == Decimal("0.666666666666666667")


def test_sums_and_basis_points_are_exact() -> None:
    """A 256-bit amount and the smallest one keep all their digits."""
    wei = Decimal(2**256 - 1)
    assert exact(total)([wei, Decimal(1)]) == Decimal(2**256)
    assert bps_of(Decimal("60000"), Decimal("2.5")) == 15
    assert total([]) == 0


def test_a_float_that_slips_in_is_trapped() -> None:
    """Mixed or compared with a decimal it raises instead of being a little wrong."""
    with pytest.raises(FloatOperation):
        exact(lambda: Decimal("0.1") < 0.1)()


def test_truncation_cuts_towards_zero() -> None:
    """On both sides."""
    assert (truncate(Decimal("1.29"), 1), truncate(Decimal("-1.29"), 1)) == (Decimal("1.2"), Decimal("-1.2"))
