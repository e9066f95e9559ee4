"""From which difference on the books are questioned, and what explains one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.account.assertions import Discrepancy, discrepancy
from engine.model.ids import Asset, VenueName
from engine.model.ledger import BalanceChange, BookLine, Books
from engine.model.money import Quantity, use_exact_context
from tests.builders import BTC, USDT, venue

ALPHA, DUST = VenueName("alpha"), Asset("DUST")
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
