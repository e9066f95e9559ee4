"""The books as a fold: what adopting a venue's balances changes in them, and what it leaves."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.account.books import apply
from engine.model import events as ev
from engine.model.ids import Asset, VenueName
from engine.model.ledger import BookLine, Books
from engine.model.money import Quantity, use_exact_context
from tests.builders import BTC, T0, USDT

ALPHA, BETA = VenueName("alpha"), VenueName("beta")


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def line(venue: VenueName, asset: Asset, quantity: str) -> BookLine:
    return BookLine(venue, asset, Quantity(Decimal(quantity)))


def adopted(books: Books, venue: VenueName, *lines: BookLine, minutes: int) -> Books:
    return apply(books, ev.BalancesAdopted(venue, lines), T0 + timedelta(minutes=minutes))


def test_what_a_venue_shows_takes_the_place_of_what_was_booked_there() -> None:
    """Nothing is added up, and other venues keep their lines."""
    books = adopted(Books(), ALPHA, line(ALPHA, BTC, "1"), line(ALPHA, USDT, "50"), minutes=0)
    books = adopted(books, BETA, line(BETA, BTC, "3"), minutes=1)
    books = adopted(books, ALPHA, line(ALPHA, BTC, "2"), minutes=2)
    assert books.lines == (line(ALPHA, BTC, "2"), line(BETA, BTC, "3"))
    assert books.adopted == (ALPHA, BETA)


def test_the_books_begin_with_the_first_venue() -> None:
    """A venue that comes later does not make them younger."""
    books = adopted(Books(), ALPHA, line(ALPHA, BTC, "1"), minutes=0)
    assert adopted(books, BETA, line(BETA, BTC, "3"), minutes=1).since == T0
