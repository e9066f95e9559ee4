"""An honest exchange: books that move, limit orders that are immediate or rest, balances, fees, and its rules for ids.

It does what it is asked, once for each request that reaches it; what becomes of requests on their way is not its
concern. Its own records are the truth that the journal is compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from engine.model.ids import Asset, ClientOrderId, VenueName
from engine.model.market import FeeCurrency, Instrument, Level, OrderBook, Side
from engine.model.money import ZERO, Price, Quantity, exact, floor_to_step, total
from engine.model.order import FeePaid, Fill, OrderReport, OrderRequest, ReportedStatus
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, ClientIdScope
from tests.simulation.loop import instant, seconds

HALF_SPREAD: Final = Decimal("0.0003")
LEVEL_STEP: Final = Decimal("0.0004")
LEVELS: Final = 4


class Rejection(Exception):
    """The exchange said no."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class VenueOrder:
    """An order that the exchange has accepted."""

    number: int
    request: OrderRequest
    accepted_at: float
    status: ReportedStatus = ReportedStatus.OPEN
    fills: list[Fill] = field(default_factory=list)
    closed_at: float | None = None

    @property
    def filled(self) -> Quantity:
        """What was traded of it."""
        return Quantity(total(fill.quantity for fill in self.fills))

    @property
    def left(self) -> Quantity:
        """What may still be traded of it."""
        return Quantity(self.request.quantity - self.filled if self.status is ReportedStatus.OPEN else ZERO)

    def report(self) -> OrderReport:
        """What the exchange says of it."""
        return OrderReport(self.request.client_order_id, f"V{self.number}", self.status, self.filled, tuple(self.fills))


@dataclass
class Market:
    """One market with its book. What is taken stays taken until the book moves."""

    instrument: Instrument
    depth: Decimal
    bids: list[tuple[Price, Decimal]] = field(default_factory=list)
    asks: list[tuple[Price, Decimal]] = field(default_factory=list)

    def move_to(self, mid: Decimal) -> None:
        """Quote around another price, with full depth."""
        for side, levels in ((-1, self.bids), (1, self.asks)):
            steps = (mid * (1 + side * (HALF_SPREAD + n * LEVEL_STEP)) for n in range(LEVELS))
            levels[:] = [(Price(floor_to_step(price, self.instrument.price_tick)), self.depth) for price in steps]

    def opposite(self, side: Side) -> list[tuple[Price, Decimal]]:
        """What an order on this side trades with."""
        return self.asks if side is Side.BUY else self.bids

    def book(self, now: float) -> OrderBook:
        """The book as it is shown."""
        bids, asks = (
            tuple(Level(price, Quantity(quantity)) for price, quantity in side if quantity > 0)
            for side in (self.bids, self.asks)
        )
        return OrderBook(self.instrument.base, self.instrument.quote, bids, asks, instant(now))


class Exchange:
    """One exchange with one account."""

    def __init__(
        self, name: VenueName, rules: Capabilities, balances: dict[Asset, Decimal], now: Callable[[], float]
    ) -> None:
        self.name = name
        self.rules = rules
        self.start = dict(balances)
        self.holds = dict(balances)
        self.markets: dict[str, Market] = {}
        self.orders: list[VenueOrder] = []
        self.arrivals: list[OrderRequest] = []
        """Every request that came, also those that were refused."""
        self.clock_skew = 0.0
        self._now = now

    @property
    def trades(self) -> list[Fill]:
        """All trades of the account."""
        return [fill for order in self.orders for fill in order.fills]

    def balances(self) -> tuple[Balance, ...]:
        """What the account holds, and what of it lies in open orders."""
        locked = self._locked()
        return tuple(
            Balance(asset, Quantity(held - locked.get(asset, ZERO)), Quantity(locked.get(asset, ZERO)))
            for asset, held in sorted(self.holds.items())
            if held
        )

    @exact
    def move(self, symbol: str, mid: Decimal) -> None:
        """The market moves, and trades with what rests in its way."""
        self.markets[symbol].move_to(mid)
        for order in self.orders:
            if order.status is ReportedStatus.OPEN and order.request.symbol == symbol:
                self._match(order)

    @exact
    def accept(self, request: OrderRequest) -> VenueOrder:
        """Take an order that has arrived. Raises Rejection."""
        self.arrivals.append(request)
        self._check(request)
        order = VenueOrder(len(self.orders) + 1, request, self._now())
        if request.post_only and self._within(request):
            raise Rejection("WOULD_TRADE")
        self.orders.append(order)
        if not request.post_only:
            self._match(order)
            self._close(order, ReportedStatus.EXPIRED)
        return order

    def cancel(self, client_order_id: ClientOrderId) -> None:
        """Take an order out of the book. Raises Rejection where it is not open."""
        order = self._open_order(client_order_id)
        if order is None:
            raise Rejection("UNKNOWN_ORDER")
        self._close(order, ReportedStatus.CANCELED)

    def find(self, client_order_id: ClientOrderId) -> VenueOrder | None:
        """The newest order under an id."""
        return next((o for o in reversed(self.orders) if o.request.client_order_id == client_order_id), None)

    def _check(self, request: OrderRequest) -> None:
        window = self.rules.acceptance_window
        signed_at = seconds(request.intended_at)
        if window is not None and self._now() + self.clock_skew > signed_at + window.total_seconds():
            raise Rejection("TOO_OLD")
        scope, coid = self.rules.client_id_scope, request.client_order_id
        known = self.find if scope is ClientIdScope.FOREVER else self._open_order
        if scope is not ClientIdScope.NONE and known(coid):
            raise Rejection("DUPLICATE")
        market = self.markets[request.symbol].instrument
        if request.quantity % market.amount_step or request.limit_price % market.price_tick:
            raise Rejection("STEP")
        if request.quantity < market.min_amount or request.quantity * request.limit_price < market.min_notional:
            raise Rejection("MINIMUM")
        asset, needed = self._reserve(request, request.quantity)
        if self.holds.get(asset, ZERO) - self._locked().get(asset, ZERO) < needed:
            raise Rejection("FUNDS")

    def _open_order(self, coid: ClientOrderId) -> VenueOrder | None:
        open_orders = (o for o in self.orders if o.status is ReportedStatus.OPEN)
        return next((o for o in open_orders if o.request.client_order_id == coid), None)

    def _within(self, request: OrderRequest) -> bool:
        levels = self.markets[request.symbol].opposite(request.side)
        return any(q > 0 and request.side.sign * (p - request.limit_price) <= 0 for p, q in levels)

    def _match(self, order: VenueOrder) -> None:
        request, market = order.request, self.markets[order.request.symbol]
        levels = market.opposite(request.side)
        for place, (price, offered) in enumerate(levels):
            if request.side.sign * (price - request.limit_price) > 0 or order.left <= 0:
                break
            taken = min(order.left, offered)
            if taken <= 0:
                continue
            levels[place] = (price, offered - taken)
            self._trade(order, Quantity(taken), request.limit_price if request.post_only else price)
        if order.left <= 0:
            self._close(order, ReportedStatus.FILLED)

    def _trade(self, order: VenueOrder, quantity: Quantity, price: Price) -> None:
        request, instrument = order.request, self.markets[order.request.symbol].instrument
        in_base = instrument.fee_currency is FeeCurrency.RECEIVED and request.side is Side.BUY
        rate = instrument.maker_fee if request.post_only else instrument.taker_fee
        fee = FeePaid(
            request.base if in_base else request.quote, Quantity(rate * (quantity if in_base else quantity * price))
        )
        number = f"{self.name}-{len(self.trades) + 1}"
        parts = (self.name, request.base, request.quote, request.side, quantity, price, (fee,))
        order.fills.append(Fill(number, request.client_order_id, *parts, instant(self._now())))
        changes = (
            (request.base, request.side.sign * quantity),
            (request.quote, -request.side.sign * quantity * price),
            (fee.asset, -fee.quantity),
        )
        for asset, change in changes:
            self.holds[asset] = self.holds.get(asset, ZERO) + change

    def _close(self, order: VenueOrder, status: ReportedStatus) -> None:
        if order.status is ReportedStatus.OPEN:
            order.status, order.closed_at = status, self._now()

    def _locked(self) -> dict[Asset, Decimal]:
        locked: dict[Asset, Decimal] = {}
        for order in self.orders:
            if order.status is ReportedStatus.OPEN:
                asset, amount = self._reserve(order.request, order.left)
                locked[asset] = locked.get(asset, ZERO) + amount
        return locked

    def _reserve(self, request: OrderRequest, quantity: Quantity) -> tuple[Asset, Decimal]:
        if request.side is Side.SELL:
            return request.base, Decimal(quantity)
        instrument = self.markets[request.symbol].instrument
        fee = instrument.taker_fee if instrument.fee_currency is FeeCurrency.QUOTE else ZERO
        return request.quote, quantity * request.limit_price * (1 + fee)
