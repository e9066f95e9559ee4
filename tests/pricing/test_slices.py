"""Into how many orders a large trade is cut, and how large each is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.ids import VenueName
from engine.model.money import Money, Price, Quantity, exact
from engine.pricing.slices import slice_sizes
from tests.builders import Market

BTC = Market("BTC/USDT", "50000", step="0.001", min_amount="0.002", min_notional="10").instrument(VenueName("alpha"))


def sizes(quantity: str, most: str, price: str = "50000") -> list[Decimal]:
    amount, limit = Quantity(Decimal(quantity)), Price(Decimal(price))
    return list(slice_sizes(BTC, amount, Money(amount * limit), Money(Decimal(most)), limit))


def test_fifty_thousand_are_ten_times_five() -> None:
    """As many as it takes, and all alike."""
    assert sizes("1", "5000") == [Decimal("0.1")] * 10


@pytest.mark.parametrize(("quantity", "count"), [("0.1", 1), ("0.101", 2), ("0.2", 2), ("0.201", 3)])
def test_none_is_larger_than_allowed(quantity: str, count: int) -> None:
    """What is not above the limit stays whole; a step more is two."""
    assert len(sizes(quantity, "5000")) == count


def test_no_slice_is_under_the_markets_minimum() -> None:
    """There are fewer and larger ones then, at least one."""
    assert all(size >= Decimal("0.002") for size in sizes("0.01", "60"))
    assert sizes("0.003", "60") == [Decimal("0.003")]


@given(st.integers(2, 10**6), st.integers(10, 10**6))
@exact
def test_slices_add_up_and_lie_on_the_step(steps: int, most: int) -> None:
    """To the last digit; none is worth more than allowed by more than a step, unless the minimum asks for it."""
    quantity = Decimal(steps) * BTC.amount_step
    cut = sizes(str(quantity), str(most))
    assert sum(cut) == quantity
    assert all(size > 0 and size % BTC.amount_step == 0 for size in cut)
    largest = max(Decimal(most) / 50_000, BTC.min_amount + BTC.amount_step, quantity / 200) * 2 + BTC.amount_step
    assert max(cut) <= largest and len(cut) <= 200
