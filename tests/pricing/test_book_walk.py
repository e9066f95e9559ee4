"""What a quantity costs on a book: the walk, the bound, the fee, the spread and the impact."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.model.ids import VenueName
from engine.model.market import FeeCurrency, Instrument, Side
from engine.model.money import Bps, Price, Quantity, use_exact_context
from engine.pricing.book_walk import Marks, affordable, bound_price, cost_of, depth_to, settle, walk
from tests.builders import Levels, Market, levels

ASKS: Levels = (("100", "1"), ("101", "2"), ("103", "1"))


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def market(**more: object) -> Instrument:
    return Market("BTC/USDT", **more).instrument(VenueName("alpha"))  # type: ignore[arg-type]


def q(number: str) -> Quantity:
    return Quantity(Decimal(number))


def p(number: str) -> Price:
    return Price(Decimal(number))


@pytest.mark.parametrize(
    ("quantity", "had", "average", "worst"),
    [
        ("0.5", "0.5", "100", "100"),
        ("1", "1", "100", "100"),
        ("2", "2", "100.5", "101"),
        ("4", "4", "101.25", "103"),
        ("9", "4", "101.25", "103"),
    ],
)
def test_a_walk_takes_from_the_best_level_on(quantity: str, had: str, average: str, worst: str) -> None:
    """More than the book has is not invented."""
    taken = walk(levels(ASKS), q(quantity))
    assert taken is not None
    assert (taken.quantity, taken.best, taken.average, taken.worst) == (q(had), p("100"), p(average), p(worst))


def test_nothing_is_taken_of_nothing() -> None:
    """An empty side, or a quantity of zero."""
    assert walk((), q("1")) is None
    assert walk(levels(ASKS), q("0")) is None


def test_depth_counts_what_is_no_worse_than_the_bound() -> None:
    """For a purchase at most, for a sale at least."""
    assert depth_to(levels(ASKS), Side.BUY, p("101")) == 3
    assert depth_to(levels(ASKS), Side.BUY, p("99.99")) == 0
    assert depth_to(levels((("100", "1"), ("99", "2"))), Side.SELL, p("99")) == 3


@pytest.mark.parametrize(
    ("side", "tick", "bound"),
    [
        (Side.BUY, "0.01", "100.62"),
        (Side.BUY, "0.5", "100.5"),
        (Side.SELL, "0.01", "99.63"),
        (Side.SELL, "0.5", "100.0"),
    ],
)
def test_a_bound_is_rounded_away_from_harm(side: Side, tick: str, bound: str) -> None:
    """50 bps from 100.123 are 100.623615 and 99.622385: down for a purchase, up for a sale."""
    assert bound_price(p("100.123"), side, Bps(Decimal(50)), Decimal(tick)) == Decimal(bound)


@pytest.mark.parametrize(
    ("side", "currency", "base", "quote"),
    [
        (Side.BUY, FeeCurrency.QUOTE, "2", "-202"),
        (Side.BUY, FeeCurrency.RECEIVED, "1.98", "-200"),
        (Side.SELL, FeeCurrency.QUOTE, "-2", "198"),
        (Side.SELL, FeeCurrency.RECEIVED, "-2", "198"),
    ],
)
def test_a_settlement_pays_its_fee_in_the_venues_currency(
    side: Side, currency: FeeCurrency, base: str, quote: str
) -> None:
    """One percent of two bitcoin at 100."""
    change = settle(market(fee="0.01", fee_currency=currency), side, q("2"), p("100"))
    assert (change.base, change.quote) == (Decimal(base), Decimal(quote))


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("currency", list(FeeCurrency))
@pytest.mark.parametrize("quote_mark", ["1", "0.987654321"])
def test_the_cost_is_value_at_marks_before_minus_after(side: Side, currency: FeeCurrency, quote_mark: str) -> None:
    """To the last digit, whatever the fee is taken in and whatever the quote is worth."""
    instrument, marks = market(fee="0.0013", fee_currency=currency), Marks(p("100.7"), p(quote_mark))
    taken = walk(levels(ASKS), q("2.7"))
    assert taken is not None
    change = settle(instrument, side, taken.quantity, taken.average)
    cost = cost_of(instrument, side, taken, marks)
    assert cost.total == -(change.base * marks.base + change.quote * marks.quote)
    assert cost.total == cost.fee + cost.spread + cost.impact


def test_spread_is_the_best_price_against_the_mark_and_impact_the_average_against_the_best() -> None:
    """A price better than the mark is a negative spread."""
    taken = walk(levels(ASKS), q("2"))
    assert taken is not None
    buy = cost_of(market(), Side.BUY, taken, Marks(p("100.2"), p("1")))
    assert (buy.spread, buy.impact) == (Decimal("-0.4"), Decimal("1.0"))


def test_what_can_be_afforded_leaves_room_for_bound_and_fee() -> None:
    """The venue sets aside the order at its limit, fee included; a rebate is not counted on."""
    assert affordable(market(fee="0.01", step="0.001"), p("100"), Decimal(1000)) == Decimal("9.900")
    assert affordable(market(fee="-0.01", step="0.001"), p("100"), Decimal(1000)) == 10
    assert affordable(market(step="0.001"), p("100"), Decimal("0.09")) == 0
