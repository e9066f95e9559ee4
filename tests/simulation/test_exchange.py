"""The simulated exchange is honest: it fills within limits, lets makers rest, and keeps its rules for ids and times."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.model.ids import ClientOrderId, LegId, VenueName
from engine.model.market import Instrument, Side
from engine.model.money import Price, Quantity
from engine.model.order import OrderRequest, ReportedStatus
from tests import builders as b
from tests.simulation.exchange import Exchange, Market, Rejection
from tests.simulation.loop import instant
from tests.simulation.scenario import RULES
from tests.simulation.timetable import Timetable


class Desk:
    """One exchange around a price of 60000, with its time."""

    def __init__(self, rules: str) -> None:
        self.time = Timetable()
        held = {b.BTC: Decimal(2), b.USDT: Decimal(200_000)}
        self.exchange = Exchange(VenueName(rules), RULES[rules], held, lambda: self.time.now)
        fees, steps = (Decimal("0.001"), Decimal("0.0004")), (Price(Decimal("0.01")), Quantity(Decimal("0.00001")))
        least = (Quantity(Decimal("0.0001")), Decimal(5))
        instrument = Instrument(VenueName(rules), b.BTC, b.USDT, *fees, *steps, *least)
        self.exchange.markets["BTC/USDT"] = Market(instrument, Decimal("0.5"))
        self.exchange.move("BTC/USDT", Decimal(60_000))

    def order(self, name: str, quantity: str, limit: str, *, post_only: bool = False) -> OrderRequest:
        """A buy, intended now."""
        ids = (ClientOrderId(name), LegId("L1"), 1, 1, self.exchange.name, b.BTC, b.USDT, Side.BUY)
        figures = (Quantity(Decimal(quantity)), Price(Decimal(limit)), instant(self.time.now))
        return OrderRequest(*ids, *figures, post_only)


def test_an_immediate_order_takes_what_is_within_its_limit() -> None:
    """Two levels of it, each at its own price; the rest lapses, and what is taken is gone until the book moves."""
    desk = Desk("alpha")
    taken = desk.exchange.accept(desk.order("a", "2", "60050"))
    assert [(f.quantity, f.price) for f in taken.fills] == [
        (Decimal("0.5"), Decimal("60018.00")),
        (Decimal("0.5"), Decimal("60042.00")),
    ]
    assert taken.status is ReportedStatus.EXPIRED
    assert desk.exchange.accept(desk.order("b", "1", "60050")).fills == []


def test_a_maker_rests_until_the_market_comes() -> None:
    """Its funds are locked meanwhile; it is filled at its own price, at the maker's fee."""
    desk = Desk("alpha")
    resting = desk.exchange.accept(desk.order("a", "0.4", "59500", post_only=True))
    locked = {balance.asset: balance.locked for balance in desk.exchange.balances()}
    assert (resting.status, locked[b.USDT]) == (ReportedStatus.OPEN, Decimal("23823.8"))
    desk.exchange.move("BTC/USDT", Decimal(59_000))
    assert resting.status is ReportedStatus.FILLED
    assert [(f.price, f.fees[0].quantity) for f in resting.fills] == [(Decimal(59_500), Decimal("9.52"))]


def test_a_maker_that_would_take_is_refused() -> None:
    """That is what post-only means."""
    desk = Desk("alpha")
    with pytest.raises(Rejection, match="WOULD_TRADE"):
        desk.exchange.accept(desk.order("a", "0.4", "60100", post_only=True))
    assert desk.exchange.orders == []


def test_a_resting_order_can_be_cancelled_once() -> None:
    """Then there is nothing to cancel any more."""
    desk = Desk("alpha")
    resting = desk.exchange.accept(desk.order("a", "0.4", "59500", post_only=True))
    desk.exchange.cancel(ClientOrderId("a"))
    assert resting.status is ReportedStatus.CANCELED
    with pytest.raises(Rejection, match="UNKNOWN_ORDER"):
        desk.exchange.cancel(ClientOrderId("a"))


def test_ids_are_kept_apart_as_the_rules_say() -> None:
    """Among open orders, for ever, or not at all."""
    accepted = {}
    for rules in ("alpha", "beta", "gamma"):
        desk = Desk(rules)
        taken = desk.order("a", "0.1", "60100")
        resting = desk.order("b", "0.1", "59500", post_only=True)
        accepted[rules] = 0
        for request in (taken, taken, resting, resting):
            try:
                desk.exchange.accept(request)
            except Rejection as rejection:
                assert rejection.code == "DUPLICATE"
            else:
                accepted[rules] += 1
    assert accepted == {"alpha": 3, "beta": 2, "gamma": 4}


def test_a_request_expires_where_requests_do() -> None:
    """By the time that it was signed for, on the exchange's own clock."""
    for rules, expires in (("alpha", True), ("beta", False)):
        desk = Desk(rules)
        request = desk.order("a", "0.1", "60100")
        desk.time.pass_until(5.5)
        if expires:
            with pytest.raises(Rejection, match="TOO_OLD"):
                desk.exchange.accept(request)
        else:
            assert desk.exchange.accept(request).fills


def test_more_than_is_held_cannot_be_spent() -> None:
    """Nor what lies in an open order."""
    desk = Desk("alpha")
    desk.exchange.accept(desk.order("a", "3", "59500", post_only=True))
    with pytest.raises(Rejection, match="FUNDS"):
        desk.exchange.accept(replace(desk.order("b", "0.5", "60100"), quantity=Quantity(Decimal("0.5"))))
