"""Orders and own fills in the Coinbase dialect: placing, cancelling, listing."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.sandbox.exchange.coinbase_wire import (
    REJECTIONS,
    CoinbaseError,
    CoinbaseOrderError,
    Json,
    fill_info,
    number_of,
    order_created,
    order_id,
    order_info,
)
from bot.sandbox.exchange.config import InstrumentConfig, Permission
from bot.sandbox.exchange.orders import OrderRejected, OrderRequest, Side, TimeInForce
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import VenueRequest, is_multiple, plain_number

Handler = Callable[[VenueRequest], Json]
_KINDS = {"sor_limit_ioc": TimeInForce.IOC, "limit_limit_gtc": TimeInForce.GTC}
_PAGE = 250


class CoinbaseOrders:
    """The order endpoints of one venue."""

    def __init__(self, venue: Venue, products: dict[str, InstrumentConfig]) -> None:
        """`products` by Coinbase's name of the market."""
        self._venue = venue
        self._products = products

    def endpoints(self) -> dict[tuple[str, str], tuple[Handler, Permission]]:
        """Handler and needed right of every order endpoint, by method and path."""
        base = "/api/v3/brokerage/orders"
        return {
            ("POST", base): (self._create, "trade"),
            ("POST", f"{base}/batch_cancel"): (self._cancel, "trade"),
            ("GET", f"{base}/historical/batch"): (self._list, "read"),
            ("GET", f"{base}/historical/fills"): (self._fills, "read"),
        }

    def one(self, path: str) -> Json | None:
        """The answer to the question for one order, by the venue's own id; None where there is none."""
        base, _, name = path.rpartition("/")
        number = number_of(name) if base == "/api/v3/brokerage/orders/historical" else None
        order = None if number is None else self._venue.engine.orders.get(number)
        return None if order is None else {"order": order_info(order)}

    def _create(self, request: VenueRequest) -> Json:
        fields = _fields(request)
        client_id = fields.get("client_order_id")
        if not isinstance(client_id, str) or not client_id:
            raise CoinbaseError("INVALID_ARGUMENT", "client_order_id is required")
        earlier = self._venue.engine.orders.by_client_id(client_id)
        if earlier is not None:
            return order_created(earlier)
        wanted = self._request(fields, client_id)
        self._check(wanted)
        try:
            return order_created(self._venue.place(wanted))
        except OrderRejected as rejection:
            raise CoinbaseOrderError(*REJECTIONS[rejection.reason]) from rejection

    def _request(self, fields: Json, client_id: str) -> OrderRequest:
        kinds = fields.get("order_configuration")
        if not isinstance(kinds, dict) or len(kinds) != 1:
            raise CoinbaseError("INVALID_ARGUMENT", "order_configuration is required")
        ((kind, limits),) = kinds.items()
        if kind not in _KINDS or not isinstance(limits, dict):
            raise CoinbaseOrderError("UNSUPPORTED_ORDER_CONFIGURATION")
        side, product = str(fields.get("side")), self._products.get(str(fields.get("product_id")))
        if product is None:
            raise CoinbaseOrderError("INVALID_PRODUCT_ID")
        if side not in ("BUY", "SELL"):
            raise CoinbaseOrderError("INVALID_SIDE")
        return OrderRequest(
            instrument=product,
            side=Side(side.lower()),
            quantity=_number(limits, "base_size"),
            price=_number(limits, "limit_price"),
            time_in_force=_KINDS[kind],
            post_only=limits.get("post_only") is True,
            client_id=client_id,
        )

    def _check(self, request: OrderRequest) -> None:
        status, product = self._venue.status, request.instrument
        if status in ("maintenance", "cancel_only") or (status == "post_only" and not request.post_only):
            raise CoinbaseOrderError("ORDER_ENTRY_DISABLED", "Orders are not taken now")
        quantity, price = request.quantity or Decimal(0), request.price or Decimal(0)
        if not is_multiple(price, product.tick):
            raise CoinbaseOrderError("INVALID_PRICE_PRECISION", "Too many decimals in order price")
        if not is_multiple(quantity, product.step):
            raise CoinbaseOrderError("INVALID_SIZE_PRECISION", "Too many decimals in order amount")
        if quantity < product.min_quantity:
            raise CoinbaseOrderError("INVALID_BASE_SIZE_TOO_SMALL", "Order size is too small")
        if quantity * price < product.min_notional:
            raise CoinbaseOrderError("INVALID_QUOTE_SIZE_TOO_SMALL", "Order is worth too little")

    def _cancel(self, request: VenueRequest) -> Json:
        if self._venue.status == "maintenance":
            raise CoinbaseError("UNAVAILABLE", "Service unavailable")
        wanted = _fields(request).get("order_ids")
        if not isinstance(wanted, list) or not wanted:
            raise CoinbaseError("INVALID_ARGUMENT", "order_ids is required")
        return {"results": [self._cancel_one(str(entry)) for entry in wanted]}

    def _cancel_one(self, text: str) -> Json:
        number = number_of(text)
        order = None if number is None else self._venue.engine.orders.get(number)
        done = order is not None and self._venue.engine.cancel(order)
        reason = "UNKNOWN_CANCEL_FAILURE_REASON" if done else "UNKNOWN_CANCEL_ORDER"
        return {"success": done, "failure_reason": reason, "order_id": text}

    def _list(self, request: VenueRequest) -> Json:
        statuses, since = request.values("order_status"), _instant(request, "start_date")
        if "OPEN" in statuses and len(statuses) > 1:
            raise CoinbaseError("INVALID_ARGUMENT", "OPEN cannot be asked for with other statuses")
        rows = [order_info(order) for order in reversed(self._venue.engine.orders.all()) if order.created >= since]
        chosen = [row for row in rows if not statuses or row["status"] in statuses]
        return _page(request, "orders", chosen)

    def _fills(self, request: VenueRequest) -> Json:
        wanted, since = request.values("order_ids"), _instant(request, "start_sequence_timestamp")
        pairs = reversed([pair for pair in self._venue.engine.orders.fills() if pair[1].time >= since])
        rows = [fill_info(order, fill) for order, fill in pairs if not wanted or order_id(order) in wanted]
        return _page(request, "fills", rows)


def _page(request: VenueRequest, name: str, rows: list[Json]) -> Json:
    params = request.params()
    limit, start = min(int(params.get("limit", _PAGE)), _PAGE), int(params.get("cursor") or 0)
    more = start + limit < len(rows)
    return {name: rows[start : start + limit], "has_next": more, "cursor": str(start + limit) if more else ""}


def _instant(request: VenueRequest, name: str) -> float:
    text = request.params().get(name)
    if text is None:
        return 0.0
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise CoinbaseError("INVALID_ARGUMENT", f"{name} is no time") from error


def _fields(request: VenueRequest) -> Json:
    try:
        return request.fields()
    except ValueError as error:
        raise CoinbaseError("INVALID_ARGUMENT", "the body is no object") from error


def _number(limits: dict[str, Any], name: str) -> Decimal:
    value = plain_number(str(limits.get(name, "")))
    if value is None or value == 0:
        raise CoinbaseError("INVALID_ARGUMENT", f"{name} is no number")
    return value
