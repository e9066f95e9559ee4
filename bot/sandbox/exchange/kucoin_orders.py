"""Orders and own trades in the KuCoin dialect: placing, cancelling, finding, listing.

A new order is answered before it is matched: one that may not take is accepted, and cancelled afterwards.
"""

import re
from collections.abc import Callable
from decimal import Decimal

from bot.sandbox.exchange.config import InstrumentConfig, Permission
from bot.sandbox.exchange.kucoin_wire import (
    REJECTIONS,
    Json,
    KucoinError,
    fill_row,
    number,
    order_id,
    order_row,
)
from bot.sandbox.exchange.orders import (
    Order,
    OrderRejected,
    OrderRequest,
    OrderStatus,
    Side,
    TimeInForce,
    symbol_of,
)
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import Params, is_multiple, millis, plain_number

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_LONGEST_PAGE = 100
_LONGEST_RANGE_MS = 7 * 86_400_000
_FILLED_KEPT = 7 * 86_400
_CANCELLED_KEPT = 2 * 86_400


class KucoinOrders:
    """The order endpoints of one venue."""

    def __init__(self, venue: Venue, instruments: dict[str, InstrumentConfig]) -> None:
        """`instruments` by KuCoin's name of the market."""
        self._venue = venue
        self._instruments = instruments

    def endpoints(self) -> dict[tuple[str, str], tuple[Callable[[Params], object], Permission]]:
        """Handler and needed right of every order endpoint, by method and path; * stands for an id."""
        return {
            ("POST", "/api/v1/hf/orders"): (self._create, "trade"),
            ("GET", "/api/v1/hf/orders/*"): (lambda params: order_row(self._found(params, _has_id)), "read"),
            ("GET", "/api/v1/hf/orders/client-order/*"): (
                lambda params: order_row(self._found(params, _has_client_id)),
                "read",
            ),
            ("DELETE", "/api/v1/hf/orders/*"): (self._cancel, "trade"),
            ("DELETE", "/api/v1/hf/orders/client-order/*"): (self._cancel_by_client_id, "trade"),
            ("DELETE", "/api/v1/hf/orders"): (self._cancel_all, "trade"),
            ("GET", "/api/v1/hf/orders/active"): (self._active, "read"),
            ("GET", "/api/v1/hf/orders/done"): (self._done, "read"),
            ("GET", "/api/v1/hf/fills"): (self._fills, "read"),
        }

    def _create(self, params: Params) -> Json:
        request = self._request(params)
        try:
            order = self._venue.place(request)
        except OrderRejected as rejection:
            raise KucoinError(*REJECTIONS[rejection.reason]) from rejection
        return {"orderId": order_id(order.id), "clientOid": order.client_id}

    def _request(self, params: Params) -> OrderRequest:
        instrument, kind, side = self._instrument(params), params.get("type"), params.get("side")
        if kind not in ("limit", "market") or side not in list(Side):
            raise KucoinError("400100", "type or side is invalid")
        time_in_force = params.get("timeInForce", "GTC")
        if time_in_force not in list(TimeInForce):
            raise KucoinError("400100", "timeInForce is invalid")
        self._check_time(params)
        by_cost = kind == "market" and "funds" in params
        request = OrderRequest(
            instrument=instrument,
            side=Side(side),
            quantity=None if by_cost else _number(params, "size"),
            price=None if kind == "market" else _number(params, "price"),
            quote_quantity=_number(params, "funds") if by_cost else None,
            time_in_force=TimeInForce(time_in_force),
            post_only=params.get("postOnly") == "true" and time_in_force == "GTC",
            cancel_taking=True,
            client_id=_client_id(params),
        )
        self._check_service(request)
        self._check_filters(request)
        return request

    def _check_time(self, params: Params) -> None:
        if "allowMaxTimeWindow" not in params:
            return
        latest = number(params, "clientTimestamp", 0) + number(params, "allowMaxTimeWindow", 0)
        if latest < millis(self._venue.wall()):
            raise KucoinError("400100", "The order came later than allowMaxTimeWindow permits")

    def _check_service(self, request: OrderRequest) -> None:
        status = self._venue.status
        if status in ("maintenance", "cancel_only"):
            raise KucoinError("200001", "Order creation for this pair suspended")
        if status == "post_only" and not request.post_only:
            raise KucoinError("400200", "Forbidden to place an order")

    def _check_filters(self, request: OrderRequest) -> None:
        instrument, price, quantity = request.instrument, request.price, request.quantity
        if price is not None and (price == 0 or not is_multiple(price, instrument.tick)):
            raise KucoinError("400100", "Price increment invalid.")
        if quantity is not None and quantity < instrument.min_quantity:
            raise KucoinError("400100", "Order size below the minimum requirement.")
        if quantity is not None and quantity > instrument.max_quantity:
            raise KucoinError("400100", "Order size above the maximum requirement.")
        if quantity is not None and not is_multiple(quantity, instrument.step):
            raise KucoinError("600100", "Order size increment invalid.")
        reference = price or self._venue.mid(symbol_of(instrument), self._venue.market.now()) or Decimal(0)
        funds = request.quote_quantity if quantity is None else quantity * reference
        if funds is None or funds < instrument.min_notional:
            raise KucoinError("600101", f"The order funds should more then {instrument.min_notional} USDT.")

    def _cancel(self, params: Params) -> Json:
        return {"orderId": order_id(self._cancelled(params, _has_id).id)}

    def _cancel_by_client_id(self, params: Params) -> Json:
        return {"clientOid": self._cancelled(params, _has_client_id).client_id}

    def _cancelled(self, params: Params, is_meant: Callable[[Order, str], bool]) -> Order:
        self._instrument(params)
        chosen = [order for order in self._venue.engine.orders.open() if is_meant(order, params["id"])]
        if self._venue.status == "maintenance":
            raise KucoinError("200002", "Order cancel for this pair suspended")
        if not chosen or not self._venue.engine.cancel(chosen[0]):
            raise KucoinError("400100", "order_not_exist_or_not_allow_to_cancel")
        return chosen[0]

    def _cancel_all(self, params: Params) -> str:
        for order in self._venue.engine.orders.open(symbol_of(self._instrument(params))):
            self._venue.engine.cancel(order)
        return "success"

    def _found(self, params: Params, is_meant: Callable[[Order, str], bool]) -> Order:
        symbol = symbol_of(self._instrument(params))
        known = [order for order in self._venue.engine.orders.all(symbol) if order.is_open or self._is_kept(order)]
        chosen = [order for order in known if is_meant(order, params["id"])]
        if not chosen:
            raise KucoinError("400100", "order_not_exist")
        return chosen[-1]

    def _active(self, params: Params) -> list[Json]:
        return [order_row(order) for order in self._venue.engine.orders.open(symbol_of(self._instrument(params)))]

    def _done(self, params: Params) -> Json:
        symbol = symbol_of(self._instrument(params))
        start, end = number(params, "startAt", 0), number(params, "endAt", millis(self._venue.wall()))
        rows = [
            (order.id, order_row(order))
            for order in self._venue.engine.orders.all(symbol)
            if not order.is_open and self._is_kept(order) and start <= millis(order.created) <= end
        ]
        return _page(params, rows[::-1])

    def _fills(self, params: Params) -> Json:
        symbol, fees = symbol_of(self._instrument(params)), self._venue.engine.fees
        start, end = number(params, "startAt", 0), number(params, "endAt", millis(self._venue.wall()))
        if "startAt" in params and end - start > _LONGEST_RANGE_MS:
            raise KucoinError("400100", "The time range cannot exceed 7 days")
        rows = [
            (fill.id, fill_row(order, fill, fees))
            for order, fill in self._venue.engine.orders.fills()
            if symbol_of(order.instrument) == symbol
            and start <= millis(fill.time) <= end
            and params.get("orderId") in (None, order_id(order.id))
        ]
        return _page(params, rows[::-1])

    def _is_kept(self, order: Order) -> bool:
        is_filled = order.status is OrderStatus.FILLED
        return self._venue.wall() - order.updated < (_FILLED_KEPT if is_filled else _CANCELLED_KEPT)

    def _instrument(self, params: Params) -> InstrumentConfig:
        instrument = self._instruments.get(params.get("symbol", ""))
        if instrument is None:
            raise KucoinError("900001", "symbol not exists")
        return instrument


def _has_id(order: Order, wanted: str) -> bool:
    return order_id(order.id) == wanted


def _has_client_id(order: Order, wanted: str) -> bool:
    return order.client_id == wanted


def _page(params: Params, rows: list[tuple[int, Json]]) -> Json:
    """Newest first; `lastId` asks for what is older than the last one told."""
    limit, last = number(params, "limit", 20), number(params, "lastId", 0)
    if not 1 <= limit <= _LONGEST_PAGE:
        raise KucoinError("400100", f"limit should be between 1 and {_LONGEST_PAGE}")
    told = [(key, row) for key, row in rows if not last or key < last][:limit]
    return {"lastId": told[-1][0] if told else 0, "items": [row for _, row in told]}


def _number(params: Params, name: str) -> Decimal:
    value = plain_number(params.get(name, ""))
    if value is None:
        raise KucoinError("400100", f"{name} is invalid")
    return value


def _client_id(params: Params) -> str | None:
    client_id = params.get("clientOid")
    if client_id is not None and not _CLIENT_ID.fullmatch(client_id):
        raise KucoinError("400100", "clientOid is invalid")
    return client_id
