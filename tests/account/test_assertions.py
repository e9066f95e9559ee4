"""From which difference on the books are questioned, and what explains one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.account.assertions import Crossing, Discrepancy, Told, discrepancy, explained
from engine.model.ids import Asset, UserId, VenueName
from engine.model.ledger import BalanceChange, BookLine, Books, Declaration
from engine.model.money import Quantity, use_exact_context
from tests.builders import BTC, T0, USDT, venue

ALPHA, BETA, DUST = VenueName("alpha"), VenueName("beta"), Asset("DUST")
BOOKS = Books((BookLine(ALPHA, BTC, Quantity(Decimal(1))), BookLine(ALPHA, USDT, Quantity(Decimal(50)))), (ALPHA,))
PRICES = {BTC: Decimal(100), USDT: Decimal(1)}


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def difference(least: str, **held: str) -> Discrepancy | None:
    return discrepancy(BOOKS, venue("alpha", {"BTC": "1", "USDT": "50", **held}), PRICES, Decimal(least))


@pytest.mark.parametrize(("btc", "asks"), [("1.1", True), ("0.9", True), ("1.0999", False), ("0.9001", False)])
def test_a_difference_that_is_worth_the_least_trade_is_asked_about(btc: str, asks: bool) -> None:
    """A tenth of a bitcoin at 100, more or less, is worth 10; what is worth less is not."""
    assert (difference("10", BTC=btc) is not None) is asks


def test_what_has_no_price_is_no_reason_to_ask() -> None:
    """Not even where the least trade is nothing; but it is told of beside what is one."""
    assert difference("0", DUST="7") is None
    asked = difference("0", DUST="7", USDT="49")
    assert asked is not None
    assert asked.changes == (BalanceChange(DUST, Quantity(Decimal(7))), BalanceChange(USDT, Quantity(Decimal(-1))))


def changed(name: VenueName, quantity: str) -> Discrepancy:
    return Discrepancy(name, (BalanceChange(BTC, Quantity(Decimal(quantity))),))


def declared(of: VenueName | None, to: VenueName | None) -> Declaration:
    return Declaration("d1", BTC, Quantity(Decimal(1)), of, to, T0, UserId(1), "Ann")


@pytest.mark.parametrize(("quantity", "fits"), [("-1", True), ("-1.02", True), ("-0.99", False), ("-1.03", False)])
def test_what_left_may_be_more_than_was_declared_by_the_fee(quantity: str, fits: bool) -> None:
    """The fee is beside what the other side gets; less than was declared cannot have left."""
    known = explained([changed(ALPHA, quantity)], [], [declared(ALPHA, None)])
    assert [type(each) for each in known] == ([Told] if fits else [])


@pytest.mark.parametrize(("quantity", "fits"), [("1", True), ("0.98", True), ("1.01", False), ("0.97", False)])
def test_what_came_may_be_less_than_was_declared_by_the_fee(quantity: str, fits: bool) -> None:
    """More than was sent is something else."""
    known = explained([changed(ALPHA, quantity)], [], [declared(None, ALPHA)])
    assert [type(each) for each in known] == ([Told] if fits else [])


def test_a_declaration_of_another_venue_explains_nothing() -> None:
    """Neither does one that names no venue at all."""
    assert explained([changed(ALPHA, "1")], [], [declared(None, BETA), declared(None, None)]) == ()


def test_a_rise_explains_one_fall_only() -> None:
    """Two venues lost as much; what one of them lost is still to be explained."""
    found = [changed(ALPHA, "-1"), changed(BETA, "-1"), changed(VenueName("gamma"), "1")]
    (known,) = explained(found, [], [])
    assert isinstance(known, Crossing)
    assert (known.from_venue, known.to_venue) == (ALPHA, "gamma")
