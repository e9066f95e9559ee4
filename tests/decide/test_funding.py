"""Trades in their turn: each within what its venue can pay then, to the step, or left out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.decide.funding import Funded, funded
from engine.decide.lanes import Lane, Place
from engine.decide.markets import Market
from engine.decide.optimum.rounding import Trade
from engine.model.ids import VenueName
from engine.model.market import Side
from engine.model.money import ONE, Money, Price, Quantity, use_exact_context
from engine.model.policy import Limits
from engine.pricing.book_walk import Marks
from tests import builders as b
from tests.builders import BTC, T0, USDT

ALPHA = VenueName("alpha")
LIMITS = Limits(min_trade=Money(Decimal(0)))


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def lane(side: Side, bids: b.Levels = (("100", "9"),), **market: str) -> Lane:
    made = b.Market("BTC/USDT", bids=bids, asks=(("100", "9"),), step="0.1", **market)  # type: ignore[arg-type]
    return Lane(Market(made.instrument(ALPHA), made.book(T0), Marks(Price(Decimal(100)), Price(ONE))), side)


def bought(wanted: str, cash: str, **market: str) -> tuple[tuple[Funded, ...], Decimal]:
    """What becomes of a purchase, and the cash that is left after it."""
    free: dict[Place, Quantity] = {(ALPHA, USDT): Quantity(Decimal(cash))}
    done, left = funded([Trade(lane(Side.BUY, **market), Quantity(Decimal(wanted)))], free, LIMITS)
    return done, left[ALPHA, USDT]


@pytest.mark.parametrize(
    ("cash", "quantity", "left"), [("100", "1", "0"), ("99.99", "0.9", "9.99"), ("90", "0.9", "0"), ("10", "0.1", "0")]
)
def test_a_purchase_is_cut_to_what_can_be_paid(cash: str, quantity: str, left: str) -> None:
    """To the step below, and no step too far: what it costs exactly can be paid."""
    (trade,), rest = bought("1", cash)
    assert (trade.quantity, rest) == (Decimal(quantity), Decimal(left))


def test_the_fee_is_paid_too() -> None:
    """At 1 % a hundred pay for 0.9 alone."""
    (trade,), rest = bought("1", "100", fee="0.01")
    assert (trade.quantity, rest) == (Decimal("0.9"), Decimal("9.1"))


def test_a_rebate_is_not_counted_on() -> None:
    """A venue sets the whole price aside and gives the rebate afterwards: the bound leaves no more than there is."""
    (trade,), _ = bought("1", "100", fee="-0.01")
    assert (trade.quantity, trade.limit_price) == (Decimal(1), Decimal(100))


@pytest.mark.parametrize(("minimum", "is_left_out"), [("90", False), ("90.01", True)])
def test_what_is_no_order_any_more_after_the_cut_is_left_out(minimum: str, is_left_out: bool) -> None:
    """Nothing is spent on it then."""
    done, rest = bought("1", "99", min_notional=minimum)
    assert (not done, rest) == (is_left_out, Decimal(99) if is_left_out else Decimal(9))


@pytest.mark.parametrize(("minimum", "is_left_out"), [("99.5", False), ("99.51", True)])
def test_a_sale_is_large_enough_at_the_worst_price_that_it_may_get(minimum: str, is_left_out: bool) -> None:
    """One bitcoin at 100, or at 99.5 with the slippage that is allowed."""
    free: dict[Place, Quantity] = {(ALPHA, BTC): Quantity(ONE)}
    done, _ = funded([Trade(lane(Side.SELL, min_notional=minimum), Quantity(ONE))], free, LIMITS)
    assert [trade.limit_price for trade in done] == ([] if is_left_out else [Decimal("99.5")])


@pytest.mark.parametrize(("minimum", "is_left_out"), [("90", False), ("90.01", True)])
def test_a_sale_that_reaches_deep_is_weighed_as_deep(minimum: str, is_left_out: bool) -> None:
    """Half of it goes at 100 and half at 90: at that bound the venue weighs all of it."""
    free: dict[Place, Quantity] = {(ALPHA, BTC): Quantity(ONE)}
    deep = lane(Side.SELL, bids=(("100", "0.5"), ("90", "9")), min_notional=minimum)
    done, _ = funded([Trade(deep, Quantity(ONE))], free, LIMITS)
    assert [trade.limit_price for trade in done] == ([] if is_left_out else [Decimal(90)])


def test_where_nothing_can_be_paid_nothing_is_bought() -> None:
    """Less than the smallest step costs."""
    assert bought("1", "9.99") == ((), Decimal("9.99"))


def test_a_sale_brings_what_a_purchase_pays_with() -> None:
    """It comes first, whatever the order in which they are told."""
    free: dict[Place, Quantity] = {(ALPHA, BTC): Quantity(Decimal(2))}
    other = b.Market("ETH/USDT", bids=(("10", "99"),), asks=(("10", "99"),), step="1")
    market = Market(other.instrument(ALPHA), other.book(T0), Marks(Price(Decimal(10)), Price(ONE)))
    trades = [Trade(Lane(market, Side.BUY), Quantity(Decimal(15))), Trade(lane(Side.SELL), Quantity(Decimal("1.5")))]
    done, left = funded(trades, free, LIMITS)
    assert [(trade.lane.side, trade.quantity) for trade in done] == [(Side.SELL, Decimal("1.5")), (Side.BUY, 15)]
    assert left[ALPHA, USDT] == 0
