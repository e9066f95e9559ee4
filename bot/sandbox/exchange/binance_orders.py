"""Orders and own trades in the Binance spot dialect: placing, cancelling, finding, listing."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from bot.sandbox.exchange.binance_wire import (
    REJECTIONS,
    BinanceError,
    Json,
    integer,
    mandatory,
    market_id,
    order_canceled,
    order_created,
    order_query,
    too_precise,
    trade,
)
from bot.sandbox.exchange.config import InstrumentConfig, Permission
from bot.sandbox.exchange.orders import Order, OrderRejected, OrderRequest, Side, TimeInForce, symbol_of
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import Params, is_multiple, millis, plain_number

Entry = TypeVar("Entry")
_CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
_DAY_MS = 86_400_000


class BinanceOrders:
    """The order endpoints of one venue."""

    def __init__(self, venue: Venue, instruments: dict[str, InstrumentConfig]) -> None:
        """`instruments` by Binance's name of the market."""
        self._venue = venue
        self._instruments = instruments

    def endpoints(self) -> dict[tuple[str, str], tuple[Callable[[Params], object], Permission]]:
        """Handler and needed right of every order endpoint, by method and path."""
        return {
            ("POST", "/api/v3/order"): (self._create, "trade"),
            ("POST", "/api/v3/order/test"): (self._test, "trade"),
            ("GET", "/api/v3/order"): (lambda params: order_query(self._find(params)), "read"),
            ("DELETE", "/api/v3/order"): (self._cancel, "trade"),
            ("GET", "/api/v3/openOrders"): (self._open, "read"),
            ("DELETE", "/api/v3/openOrders"): (self._cancel_all, "trade"),
            ("GET", "/api/v3/allOrders"): (self._all, "read"),
            ("GET", "/api/v3/myTrades"): (self._trades, "read"),
        }

    def _create(self, params: Params) -> Json:
        request = self._request(params)
        try:
            order = self._venue.place(request)
        except OrderRejected as rejection:
            raise BinanceError(*REJECTIONS[rejection.reason]) from rejection
        default = "ACK" if order.price is not None and request.post_only else "FULL"
        return order_created(order, params.get("newOrderRespType", default))

    def _test(self, params: Params) -> Json:
        self._request(params)
        return {}

    def _request(self, params: Params) -> OrderRequest:
        instrument, kind = self._instrument(params), mandatory(params, "type")
        if mandatory(params, "side") not in ("BUY", "SELL"):
            raise BinanceError(-1117, "Invalid side.")
        if kind not in ("LIMIT", "LIMIT_MAKER", "MARKET"):
            raise BinanceError(-1116, "Invalid orderType.")
        time_in_force = mandatory(params, "timeInForce") if kind == "LIMIT" else "GTC"
        if time_in_force not in list(TimeInForce):
            raise BinanceError(-1115, "Invalid timeInForce.")
        by_cost = kind == "MARKET" and "quoteOrderQty" in params
        if kind == "MARKET" and "price" in params:
            raise BinanceError(-1106, "Parameter 'price' sent when not required.")
        request = OrderRequest(
            instrument=instrument,
            side=Side(params["side"].lower()),
            quantity=None if by_cost else _number(params, "quantity"),
            price=None if kind == "MARKET" else _number(params, "price"),
            quote_quantity=_number(params, "quoteOrderQty") if by_cost else None,
            time_in_force=TimeInForce(time_in_force),
            post_only=kind == "LIMIT_MAKER",
            client_id=_client_id(params),
        )
        self._check_service(request)
        self._check_filters(request)
        return request

    def _check_service(self, request: OrderRequest) -> None:
        status = self._venue.status
        if status in ("maintenance", "cancel_only") or (status == "post_only" and not request.post_only):
            raise BinanceError(-1013, "Market is closed.")

    def _check_filters(self, request: OrderRequest) -> None:
        instrument, price, quantity = request.instrument, request.price, request.quantity
        if price is not None and (price == 0 or not is_multiple(price, instrument.tick)):
            raise BinanceError(-1013, "Filter failure: PRICE_FILTER")
        if quantity is not None and not (
            instrument.min_quantity <= quantity <= instrument.max_quantity and is_multiple(quantity, instrument.step)
        ):
            raise BinanceError(-1013, "Filter failure: LOT_SIZE")
        reference = price or self._venue.mid(symbol_of(instrument), self._venue.market.now()) or Decimal(0)
        notional = request.quote_quantity if quantity is None else quantity * reference
        if notional is None or notional < instrument.min_notional:
            raise BinanceError(-1013, "Filter failure: NOTIONAL")

    def _cancel(self, params: Params) -> Json:
        if self._venue.status == "maintenance":
            raise BinanceError(-1013, "Market is closed.")
        try:
            order = self._find(params)
        except BinanceError as error:
            if error.code != -2013:
                raise
            raise _unknown_order() from error
        if not self._venue.engine.cancel(order):
            raise _unknown_order()
        return order_canceled(order, params.get("newClientOrderId", f"cancel{order.id}"))

    def _cancel_all(self, params: Params) -> list[Json]:
        orders = self._venue.engine.orders.open(symbol_of(self._instrument(params)))
        if not orders:
            raise _unknown_order()
        return [order_canceled(order, f"cancel{order.id}") for order in orders if self._venue.engine.cancel(order)]

    def _open(self, params: Params) -> list[Json]:
        symbol = symbol_of(self._instrument(params)) if "symbol" in params else None
        return [order_query(order) for order in self._venue.engine.orders.open(symbol)]

    def _all(self, params: Params) -> list[Json]:
        orders = self._venue.engine.orders.all(symbol_of(self._instrument(params)))
        since, until = _interval(params)
        chosen = [order for order in orders if since <= millis(order.created) <= until]
        if "orderId" in params:
            chosen = [order for order in chosen if order.id >= integer(params, "orderId")]
        oldest_first = "orderId" in params or "startTime" in params
        return [order_query(order) for order in _page(params, chosen, oldest_first=oldest_first)]

    def _trades(self, params: Params) -> list[Json]:
        instrument = self._instrument(params)
        since, until = _interval(params)
        chosen = [
            trade(order, fill)
            for order, fill in self._venue.engine.orders.fills()
            if order.instrument == instrument
            and since <= millis(fill.time) <= until
            and ("orderId" not in params or order.id == integer(params, "orderId"))
            and ("fromId" not in params or fill.id >= integer(params, "fromId"))
        ]
        return _page(params, chosen, oldest_first="fromId" in params or "startTime" in params)

    def _find(self, params: Params) -> Order:
        instrument, orders = self._instrument(params), self._venue.engine.orders
        if "orderId" in params:
            order = orders.get(integer(params, "orderId"))
        elif "origClientOrderId" in params:
            order = orders.by_client_id(params["origClientOrderId"])
        else:
            raise BinanceError(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")
        if order is None or market_id(order.instrument) != market_id(instrument):
            raise BinanceError(-2013, "Order does not exist.")
        return order

    def _instrument(self, params: Params) -> InstrumentConfig:
        instrument = self._instruments.get(mandatory(params, "symbol"))
        if instrument is None:
            raise BinanceError(-1121, "Invalid symbol.")
        return instrument


def _number(params: Params, name: str) -> Decimal:
    value = plain_number(mandatory(params, name))
    if value is None:
        raise BinanceError(
            -1100,
            f"Illegal characters found in parameter '{name}'; legal range is '^([0-9]{{1,20}})(\\.[0-9]{{1,20}})?$'.",
        )
    if too_precise(value):
        raise BinanceError(-1111, f"Parameter '{name}' has too much precision.")
    return value


def _client_id(params: Params) -> str | None:
    client_id = params.get("newClientOrderId")
    if client_id is not None and not _CLIENT_ID.fullmatch(client_id):
        raise BinanceError(
            -1100,
            "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
        )
    return client_id


def _interval(params: Params) -> tuple[int, float]:
    since = integer(params, "startTime") if "startTime" in params else 0
    until = integer(params, "endTime") if "endTime" in params else float("inf")
    if "startTime" in params and "endTime" in params and until - since > _DAY_MS:
        raise BinanceError(-1127, "More than 24 hours between startTime and endTime.")
    return since, until


def _page(params: Params, entries: list[Entry], *, oldest_first: bool) -> list[Entry]:
    limit = min(integer(params, "limit"), 1000) if "limit" in params else 500
    return entries[:limit] if oldest_first else entries[-limit:]


def _unknown_order() -> BinanceError:
    return BinanceError(-2011, "Unknown order sent.")
