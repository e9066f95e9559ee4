"""Orders and own executions in the Bybit dialect: placing, cancelling, finding, listing.

A new order is answered before it is matched: one that may not take is accepted, and rejected afterwards.
"""

import re
from collections.abc import Callable
from decimal import Decimal

from bot.sandbox.exchange.bybit_wire import (
    REJECTIONS,
    BybitError,
    Json,
    execution,
    market_id,
    number,
    order_row,
    page,
    window,
)
from bot.sandbox.exchange.config import InstrumentConfig, Permission
from bot.sandbox.exchange.orders import Order, OrderRejected, OrderRequest, Side, TimeInForce, symbol_of
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import Params, decimals_of, is_multiple, millis, plain_number

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")
_TIMES_IN_FORCE = {"GTC", "IOC", "FOK", "PostOnly"}
_REMEMBERED = 500
_LONGEST_DAYS = 7
_UNTRADED_KEPT = 86_400


class BybitOrders:
    """The order endpoints of one venue."""

    def __init__(self, venue: Venue, instruments: dict[str, InstrumentConfig]) -> None:
        """`instruments` by Bybit's name of the market."""
        self._venue = venue
        self._instruments = instruments

    def endpoints(self) -> dict[tuple[str, str], tuple[Callable[[Params], Json], Permission]]:
        """Handler and needed right of every order endpoint, by method and path."""
        return {
            ("POST", "/v5/order/create"): (self._create, "trade"),
            ("POST", "/v5/order/cancel"): (self._cancel, "trade"),
            ("POST", "/v5/order/cancel-all"): (self._cancel_all, "trade"),
            ("GET", "/v5/order/realtime"): (self._realtime, "read"),
            ("GET", "/v5/order/history"): (self._history, "read"),
            ("GET", "/v5/execution/list"): (self._executions, "read"),
        }

    def _create(self, params: Params) -> Json:
        request = self._request(params)
        try:
            order = self._venue.place(request)
        except OrderRejected as rejection:
            raise BybitError(*REJECTIONS[rejection.reason]) from rejection
        return {"orderId": str(order.id), "orderLinkId": order.client_id}

    def _request(self, params: Params) -> OrderRequest:
        instrument, kind = self._instrument(params), params.get("orderType")
        if params.get("side") not in ("Buy", "Sell"):
            raise BybitError(170117, "Invalid side.")
        if kind not in ("Limit", "Market"):
            raise BybitError(170116, "Invalid orderType.")
        time_in_force = params.get("timeInForce", "GTC")
        if time_in_force not in _TIMES_IN_FORCE:
            raise BybitError(170115, "Invalid timeInForce.")
        side = Side(params["side"].lower())
        by_cost = kind == "Market" and side is Side.BUY and params.get("marketUnit") != "baseCoin"
        quantity = _number(params, "qty")
        request = OrderRequest(
            instrument=instrument,
            side=side,
            quantity=None if by_cost else quantity,
            price=None if kind == "Market" else _number(params, "price"),
            quote_quantity=quantity if by_cost else None,
            time_in_force=TimeInForce.GTC if time_in_force == "PostOnly" else TimeInForce(time_in_force),
            post_only=time_in_force == "PostOnly",
            cancel_taking=True,
            client_id=_client_id(params),
        )
        self._check_service(request)
        self._check_filters(request)
        return request

    def _check_service(self, request: OrderRequest) -> None:
        status = self._venue.status
        if status in ("maintenance", "cancel_only"):
            raise BybitError(170151, "The trading pair is not open yet.")
        if status == "post_only" and not request.post_only:
            raise BybitError(170217, "Only LIMIT-MAKER order is supported for the current pair.")

    def _check_filters(self, request: OrderRequest) -> None:
        instrument, price, quantity = request.instrument, request.price, request.quantity
        if price is not None and (price == 0 or not is_multiple(price, instrument.tick)):
            raise BybitError(170134, "Order price has too many decimals.")
        if quantity is not None and decimals_of(quantity) > decimals_of(instrument.step):
            raise BybitError(170137, "Order quantity has too many decimals.")
        if quantity is not None and quantity < instrument.min_quantity:
            raise BybitError(170136, "Order quantity exceeded lower limit.")
        if quantity is not None and quantity > instrument.max_quantity:
            raise BybitError(170135, "Order quantity exceeded upper limit.")
        reference = price or self._venue.mid(symbol_of(instrument), self._venue.market.now()) or Decimal(0)
        amount = request.quote_quantity if quantity is None else quantity * reference
        if amount is None or amount < instrument.min_notional:
            raise BybitError(170140, "Order value exceeded lower limit.")

    def _cancel(self, params: Params) -> Json:
        self._instrument(params)
        chosen = self._chosen(params, self._venue.engine.orders.open())
        if self._venue.status == "maintenance" or not {"orderId", "orderLinkId"} & set(params):
            raise BybitError(170191, "Can not cancel order, please try again later.")
        if not chosen or not self._venue.engine.cancel(chosen[0]):
            raise BybitError(170213, "Order does not exist.")
        return {"orderId": str(chosen[0].id), "orderLinkId": chosen[0].client_id}

    def _cancel_all(self, params: Params) -> Json:
        chosen = self._chosen(params, self._venue.engine.orders.open())
        gone = [order for order in chosen if self._venue.engine.cancel(order)]
        return {"list": [{"orderId": str(o.id), "orderLinkId": o.client_id} for o in gone], "success": "1"}

    def _realtime(self, params: Params) -> Json:
        orders = self._venue.engine.orders
        if number(params, "openOnly", 0) == 0:
            kept = orders.open()
        else:
            kept = [order for order in orders.all() if not order.is_open][-_REMEMBERED:]
        return self._listed(params, kept)

    def _history(self, params: Params) -> Json:
        start, end = window(params, self._venue.wall(), _LONGEST_DAYS)
        since = self._venue.wall() - _UNTRADED_KEPT
        closed = [order for order in self._venue.engine.orders.all() if not order.is_open]
        kept = [order for order in closed if order.executed or order.updated >= since]
        return self._listed(params, [order for order in kept if start <= millis(order.created) <= end])

    def _listed(self, params: Params, orders: list[Order]) -> Json:
        rows = [order_row(order) for order in reversed(self._chosen(params, orders))]
        return {"category": "spot"} | page(params, "list", rows, default=20, most=50)

    def _executions(self, params: Params) -> Json:
        start, end = window(params, self._venue.wall(), _LONGEST_DAYS)
        chosen = {order.id for order in self._chosen(params, self._venue.engine.orders.all())}
        rows = [
            execution(order, fill)
            for order, fill in self._venue.engine.orders.fills()
            if order.id in chosen and start <= millis(fill.time) <= end
        ]
        return {"category": "spot"} | page(params, "list", rows[::-1], default=50, most=100)

    def _chosen(self, params: Params, orders: list[Order]) -> list[Order]:
        """Narrowed by the first of these that is sent: the venue's id, our id, the market."""
        if params.get("category") != "spot":
            raise BybitError(10001, "params error: Category is invalid")
        if "orderId" in params:
            return [order for order in orders if str(order.id) == params["orderId"]]
        if "orderLinkId" in params:
            return [order for order in orders if order.client_id == params["orderLinkId"]]
        return [order for order in orders if params.get("symbol") in (None, market_id(order.instrument))]

    def _instrument(self, params: Params) -> InstrumentConfig:
        instrument = self._instruments.get(params.get("symbol", ""))
        if params.get("category") != "spot" or instrument is None:
            raise BybitError(170121, "Invalid symbol.")
        return instrument


def _number(params: Params, name: str) -> Decimal:
    value = plain_number(params.get(name, ""))
    if value is None:
        raise BybitError(170130, f"Data sent for parameter '{name}' is not valid.")
    return value


def _client_id(params: Params) -> str | None:
    client_id = params.get("orderLinkId")
    if client_id is not None and not _CLIENT_ID.fullmatch(client_id):
        raise BybitError(10001, "params error: OrderLinkId is invalid")
    return client_id
