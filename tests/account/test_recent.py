"""What a sale or a purchase of now may clash with: the last of each kind within 30 days."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from engine.account.recent import recent_trades
from engine.model.lots import Entry, EntryKind, Match, Term
from engine.model.plan_tax import RecentTrade
from tests.builders import BTC, T0

DAY = timedelta(days=1)


def sold(days_ago: int, proceeds: str, cost: str) -> Match:
    at = T0 - days_ago * DAY
    return Match(
        f"s{days_ago}", at, "l", at - 9 * DAY, BTC, "a", Decimal(1), Decimal(proceeds), Decimal(cost), Term.SHORT
    )


def bought(days_ago: int) -> Entry:
    return Entry(f"b{days_ago}", T0 - days_ago * DAY, EntryKind.ACQUIRE, BTC, "a", Decimal(1), Decimal(1))


def told(trades: tuple[RecentTrade, ...]) -> list[tuple[bool, datetime, Decimal]]:
    return [(trade.is_sale, trade.at, Decimal(trade.loss)) for trade in trades]


def test_the_last_of_each_kind_is_told() -> None:
    """A sale at a loss is told beside a later one at a gain."""
    found = recent_trades([bought(20), bought(3)], [sold(9, "10", "15"), sold(5, "10", "4")], T0)
    assert told(found) == [(False, T0 - 3 * DAY, 0), (True, T0 - 9 * DAY, 5), (True, T0 - 5 * DAY, 0)]


def test_what_is_longer_ago_than_the_window_is_not() -> None:
    """Nor is what is still to come."""
    assert recent_trades([bought(31), bought(-1)], [sold(31, "10", "15")], T0) == ()


def test_the_parts_of_one_sale_count_together() -> None:
    """A gain on one lot and a loss on another is what both come to."""
    parts = [sold(2, "10", "15"), sold(2, "10", "2")]
    assert told(recent_trades([], parts, T0)) == [(True, T0 - 2 * DAY, 0)]
