"""An honest exchange for executions at random: books that move, orders that fill in part, answers that get lost."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from engine.execute.routing import Sight
from engine.model.ids import Asset, ClientOrderId, LegId, VenueName
from engine.model.market import Instrument, Level, OrderBook, Side
from engine.model.money import ZERO, Price, Quantity, floor_to_step
from engine.model.order import FeePaid, Fill, OrderReport, OrderRequest, ReportedStatus
from engine.model.plan import Leg
from engine.model.portfolio import Snapshot
from engine.pricing.book_walk import settle, walk


class Exchange:
    """All venues of a snapshot. It refuses what a venue would refuse, and fails the test where it is overspent."""

    def __init__(self, snapshot: Snapshot, seed: int) -> None:
        self.random = random.Random(seed)
        self.free: dict[tuple[VenueName, Asset], Decimal] = {
            (v.name, balance.asset): balance.free for v in snapshot.venues for balance in v.balances
        }
        self.markets = {(v.name, i.base, i.quote): i for v in snapshot.venues for i in v.instruments}
        self.books = {(v.name, book.base, book.quote): book for v in snapshot.venues for book in v.books}
        self.orders: dict[ClientOrderId, OrderReport] = {}

    def sights(self, leg: Leg, now: datetime) -> tuple[Sight, ...]:
        """What the leg's own venue shows, and then all others that have its market."""
        names = {name for name, base, quote in self.markets if (base, quote) == (leg.base, leg.quote)}
        others = sorted(names - {leg.venue})
        return tuple(self._sight(name, leg, now) for name in (leg.venue, *others))

    def _sight(self, venue: VenueName, leg: Leg, now: datetime) -> Sight:
        """Mostly something, and the market has moved since."""
        key = venue, leg.base, leg.quote
        if self.random.random() < 0.05 or key not in self.books:
            return Sight(venue, problem="502")
        factor = Decimal(self.random.randint(9_970, 10_030)) / 10_000
        self.books[key] = self._moved(self.books[key], factor, self.markets[key].price_tick, now)
        free_base, free_quote = (self.free.get((venue, asset), ZERO) for asset in (leg.base, leg.quote))
        return Sight(venue, self.markets[key], self.books[key], free_base, free_quote)

    def submit(self, order: OrderRequest) -> None:
        """Take an order: within its limit, as far as the book goes, or only in part. One that is post-only rests."""
        instrument = self.markets[order.venue, order.base, order.quote]
        self._check(order, instrument)
        assert order.client_order_id not in self.orders, "an order was taken twice"
        levels = self.books[order.venue, order.base, order.quote].side_taken(order.side)
        within = [lv for lv in levels if order.side.sign * (lv.price - order.limit_price) <= 0]
        share = Decimal(self.random.choice((0, 40, 100, 100))) / 100
        taken = walk(within, Quantity(floor_to_step(order.quantity * share, instrument.amount_step)))
        fills = (self._fill(order, instrument, taken.quantity, taken.average),) if taken else ()
        done = Quantity(sum((fill.quantity for fill in fills), ZERO))
        status = ReportedStatus.FILLED if done >= order.quantity else ReportedStatus.EXPIRED
        if order.post_only:
            status = ReportedStatus.OPEN
        self.orders[order.client_order_id] = OrderReport(order.client_order_id, "V", status, done, fills)

    def cancel(self, order: ClientOrderId) -> None:
        """Take a resting order out of the book."""
        known = self.orders[order]
        if known.status is ReportedStatus.OPEN:
            self.orders[order] = replace(known, status=ReportedStatus.CANCELED)

    def report(self, order: ClientOrderId) -> OrderReport | None:
        """What is known of an order."""
        return self.orders.get(order)

    def _check(self, order: OrderRequest, instrument: Instrument) -> None:
        assert order.quantity > 0
        assert order.quantity % instrument.amount_step == 0
        assert order.quantity >= instrument.min_amount
        assert order.quantity * order.limit_price >= instrument.min_notional
        reserve = settle(instrument, order.side, order.quantity, order.limit_price)
        paid_in, needed = (order.quote, -reserve.quote) if order.side is Side.BUY else (order.base, -reserve.base)
        assert self.free.get((order.venue, paid_in), ZERO) >= needed, "more was ordered than the venue holds"

    def _fill(self, order: OrderRequest, instrument: Instrument, quantity: Quantity, price: Price) -> Fill:
        change = settle(instrument, order.side, quantity, price)
        for asset, amount in ((order.base, change.base), (order.quote, change.quote)):
            self.free[order.venue, asset] = self.free.get((order.venue, asset), ZERO) + amount
            assert self.free[order.venue, asset] >= 0
        fee = FeePaid(order.quote, Quantity(quantity * price * instrument.taker_fee))
        name = f"t-{order.client_order_id}"
        parts = (order.venue, order.base, order.quote, order.side, quantity, price, (fee,), order.intended_at)
        return Fill(name, order.client_order_id, *parts)

    def _moved(self, book: OrderBook, factor: Decimal, tick: Price, now: datetime) -> OrderBook:
        def move(levels: tuple[Level, ...]) -> tuple[Level, ...]:
            return tuple(Level(Price(max(floor_to_step(lv.price * factor, tick), tick)), lv.quantity) for lv in levels)

        return OrderBook(book.base, book.quote, move(book.bids), move(book.asks), now)


def sights(exchange: Exchange, legs: tuple[Leg, ...], now: datetime) -> dict[LegId, tuple[Sight, ...]]:
    """What is shown for all legs."""
    return {leg.id: exchange.sights(leg, now) for leg in legs}
