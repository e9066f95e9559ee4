"""Orders and own fills in the OKX dialect: placing, cancelling, finding, listing."""

import re
from collections.abc import Callable
from decimal import Decimal

from bot.sandbox.exchange.config import InstrumentConfig, Permission
from bot.sandbox.exchange.okx_wire import (
    ORDER_TYPES,
    REJECTIONS,
    Json,
    OkxError,
    OkxOrderError,
    fill_info,
    market_id,
    order_acknowledged,
    order_info,
)
from bot.sandbox.exchange.orders import Order, OrderRejected, OrderRequest, Side, symbol_of
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import Params, is_multiple, millis, plain_number

Handler = Callable[[Params], list[Json]]
_CLIENT_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_PAGE = 100


class OkxOrders:
    """The order endpoints of one venue."""

    def __init__(self, venue: Venue, instruments: dict[str, InstrumentConfig]) -> None:
        """`instruments` by OKX's name of the market."""
        self._venue = venue
        self._instruments = instruments

    def endpoints(self) -> dict[tuple[str, str], tuple[Handler, Permission]]:
        """Handler and needed right of every order endpoint, by method and path."""
        return {
            ("POST", "/api/v5/trade/order"): (self._create, "trade"),
            # A list of orders, of which the sandbox takes one: ccxt sends its orders so.
            ("POST", "/api/v5/trade/batch-orders"): (self._create, "trade"),
            ("POST", "/api/v5/trade/cancel-order"): (self._cancel, "trade"),
            ("GET", "/api/v5/trade/order"): (lambda params: [order_info(self._find(params))], "read"),
            ("GET", "/api/v5/trade/orders-pending"): (self._pending, "read"),
            ("GET", "/api/v5/trade/orders-history"): (self._history, "read"),
            ("GET", "/api/v5/trade/fills"): (self._fills, "read"),
            ("GET", "/api/v5/trade/fills-history"): (self._fills, "read"),
        }

    def _create(self, params: Params) -> list[Json]:
        request = self._request(params)
        try:
            order = self._venue.place(request)
        except OrderRejected as rejection:
            raise OkxOrderError(*REJECTIONS[rejection.reason]) from rejection
        return [order_acknowledged(order)]

    def _request(self, params: Params) -> OrderRequest:
        instrument = self._instrument(params)
        kind, side = params.get("ordType", ""), params.get("side", "")
        accepted = {
            "tdMode": params.get("tdMode") == "cash",
            "side": side in list(Side),
            "ordType": kind in ORDER_TYPES,
            "clOrdId": _CLIENT_ID.fullmatch(params.get("clOrdId", "none")) is not None,
        }
        for name, fine in accepted.items():
            if not fine:
                raise OkxOrderError("51000", f"Parameter {name} error")
        time_in_force, post_only = ORDER_TYPES[kind]
        by_cost = kind == "market" and params.get("tgtCcy", "quote_ccy" if side == "buy" else "") == "quote_ccy"
        size = _number(params, "sz")
        request = OrderRequest(
            instrument=instrument,
            side=Side(side),
            quantity=None if by_cost else size,
            price=None if kind == "market" else _number(params, "px"),
            quote_quantity=size if by_cost else None,
            time_in_force=time_in_force,
            post_only=post_only,
            cancel_taking=True,
            client_id=params.get("clOrdId"),
        )
        self._check(request)
        return request

    def _check(self, request: OrderRequest) -> None:
        status, instrument = self._venue.status, request.instrument
        if status in ("maintenance", "cancel_only") or (status == "post_only" and not request.post_only):
            raise OkxOrderError("51022", "Instrument is suspended.")
        if request.price is not None and not is_multiple(request.price, instrument.tick):
            raise OkxOrderError("51000", "Parameter px error")
        if request.quantity is None:
            return
        if request.quantity < instrument.min_quantity:
            raise OkxOrderError("51020", "Your order should meet or exceed the minimum order amount.")
        if not is_multiple(request.quantity, instrument.step):
            raise OkxOrderError("51121", "Order quantity must be a multiple of the lot size.")

    def _cancel(self, params: Params) -> list[Json]:
        if self._venue.status == "maintenance":
            raise OkxError("50001", "Service temporarily unavailable. Please try again later.", 503)
        try:
            order = self._find(params)
        except OkxError as error:
            raise OkxOrderError("51400", "Cancellation failed as the order does not exist.") from error
        if not self._venue.engine.cancel(order):
            raise OkxOrderError(
                "51400", "Cancellation failed as the order has been filled, canceled or does not exist."
            )
        return [order_acknowledged(order)]

    def _pending(self, params: Params) -> list[Json]:
        return self._listed(params, self._venue.engine.orders.open())

    def _history(self, params: Params) -> list[Json]:
        return self._listed(params, [order for order in self._venue.engine.orders.all() if not order.is_open])

    def _listed(self, params: Params, orders: list[Order]) -> list[Json]:
        rows = [order_info(order) for order in reversed(orders)]
        keys = ("instId", "state", "ordType")
        return [row for row in rows if all(params.get(key) in (None, row[key]) for key in keys)][:_PAGE]

    def _fills(self, params: Params) -> list[Json]:
        after, begin = params.get("after"), params.get("begin", "0")
        if not begin.isdigit():
            raise OkxError("51000", "Parameter begin error")
        fills = self._venue.engine.orders.fills()
        rows = [fill_info(order, fill) for order, fill in fills if millis(fill.time) >= int(begin)]
        return [
            row
            for row in reversed(rows)
            if all(params.get(key) in (None, row[key]) for key in ("instId", "ordId"))
            and (after is None or int(str(row["billId"])) < int(after))
        ][:_PAGE]

    def _find(self, params: Params) -> Order:
        instrument, orders = self._instrument(params), self._venue.engine.orders
        if "ordId" in params:
            order = orders.get(int(params["ordId"])) if params["ordId"].isdigit() else None
        else:
            order = orders.by_client_id(params.get("clOrdId", ""))
        if order is None or market_id(order.instrument) != market_id(instrument):
            raise OkxError("51603", "Order does not exist")
        return order

    def _instrument(self, params: Params) -> InstrumentConfig:
        instrument = self._instruments.get(params.get("instId", ""))
        if instrument is None or symbol_of(instrument) not in self._venue.instruments:
            raise OkxError("51001", "Instrument ID doesn't exist.")
        return instrument


def _number(params: Params, name: str) -> Decimal:
    value = plain_number(params.get(name, ""))
    if value is None or value == 0:
        raise OkxOrderError("51000", f"Parameter {name} error")
    return value
