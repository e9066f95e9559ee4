"""Orders and own trades in the Kraken dialect: placing, cancelling, finding, listing."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from bot.sandbox.exchange.config import InstrumentConfig
from bot.sandbox.exchange.kraken_names import number_of, pair_id, reference
from bot.sandbox.exchange.kraken_wire import (
    REJECTIONS,
    Json,
    KrakenError,
    order_info,
    order_text,
    price_decimals,
    trade_info,
)
from bot.sandbox.exchange.orders import Order, OrderRejected, OrderRequest, Side, TimeInForce, symbol_of
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import Params, decimals_of, is_multiple, plain_number

_CLIENT_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[a-z0-9]{1,18}")
_PAGE = 50
_FLAGS = {"post", "fciq", "fcib", "viqc", "nompp"}
_LONGEST_DEADLINE = 60


class KrakenOrders:
    """The order endpoints of one venue."""

    def __init__(self, venue: Venue, find_pair: Callable[[str], InstrumentConfig]) -> None:
        """`find_pair` knows every name of a pair and raises KrakenError for others."""
        self._venue = venue
        self._find_pair = find_pair

    def endpoints(self) -> dict[str, tuple[Callable[[Params], object], str]]:
        """Handler and needed right of every order endpoint."""
        return {
            "AddOrder": (self._add, "modify-trades"),
            "CancelOrder": (self._cancel, "close-trades"),
            "CancelAll": (self._cancel_all, "close-trades"),
            "OpenOrders": (self._open, "query-open-trades"),
            "ClosedOrders": (self._closed, "query-closed-trades"),
            "QueryOrders": (self._query, "query-open-trades"),
            "TradesHistory": (self._trades, "query-closed-trades"),
        }

    def _add(self, params: Params) -> Json:
        self._check_deadline(params)
        request = self._request(params)
        self._check_service(request)
        if params.get("validate") in ("true", "True", "1"):
            order = Order(0, request, "", request.quantity or Decimal(0), 0, 0)
            return {"descr": {"order": order_text(order)}}
        try:
            order = self._venue.place(request)
        except OrderRejected as rejection:
            raise KrakenError(REJECTIONS[rejection.reason]) from rejection
        return {"descr": {"order": order_text(order)}, "txid": [reference("O", order.id)]}

    def _check_deadline(self, params: Params) -> None:
        if "deadline" not in params:
            return
        try:
            deadline = datetime.fromisoformat(params["deadline"])
        except ValueError as error:
            raise KrakenError("EGeneral:Invalid arguments:deadline") from error
        ahead = deadline.replace(tzinfo=deadline.tzinfo or UTC).timestamp() - self._venue.wall()
        if ahead > _LONGEST_DEADLINE:
            raise KrakenError("EGeneral:Invalid arguments:deadline")
        if ahead < 0:
            raise KrakenError("EService:Deadline elapsed")

    def _check_service(self, request: OrderRequest) -> None:
        status = self._venue.status
        if status == "maintenance":
            raise KrakenError("EService:Unavailable")
        if status == "cancel_only" or (status == "post_only" and not request.post_only):
            raise KrakenError(f"EService:Market in {status} mode")

    def _request(self, params: Params) -> OrderRequest:
        instrument = self._find_pair(params.get("pair", ""))
        flags = {flag for flag in params.get("oflags", "").split(",") if flag}
        _check_words(params, flags)
        kind = params["ordertype"]
        price = _price(instrument, params.get("price", "")) if kind == "limit" else None
        volume = plain_number(params.get("volume", ""))
        if volume is None or volume == 0 or decimals_of(volume) > 8:
            raise KrakenError("EGeneral:Invalid arguments:volume")
        by_cost = "viqc" in flags and kind == "market"
        self._check_minimum(instrument, volume, price, by_cost=by_cost)
        client_id, user_ref = _own_references(params)
        return OrderRequest(
            instrument=instrument,
            side=Side(params["type"]),
            quantity=None if by_cost else volume,
            price=price,
            quote_quantity=volume if by_cost else None,
            time_in_force=TimeInForce(params.get("timeinforce", "GTC")),
            post_only="post" in flags,
            fee_in_base="fcib" in flags,
            client_id=client_id,
            user_ref=user_ref,
        )

    def _check_minimum(
        self, instrument: InstrumentConfig, volume: Decimal, price: Decimal | None, *, by_cost: bool
    ) -> None:
        mid = self._venue.mid(symbol_of(instrument), self._venue.market.now()) or Decimal(0)
        if not by_cost and volume < instrument.min_quantity:
            raise KrakenError("EGeneral:Invalid arguments:volume minimum not met")
        if not by_cost and not is_multiple(volume, instrument.step):
            raise KrakenError("EGeneral:Invalid arguments:volume")
        if (volume if by_cost else volume * (price or mid)) < instrument.min_notional:
            raise KrakenError("EOrder:Cost minimum not met")

    def _cancel(self, params: Params) -> Json:
        if self._venue.status == "maintenance":
            raise KrakenError("EService:Unavailable")
        orders = self._venue.engine.orders
        if "cl_ord_id" in params:
            chosen = [order for order in orders.open() if order.client_id == params["cl_ord_id"]]
        else:
            wanted = params.get("txid", "")
            chosen = [
                order
                for order in orders.open()
                if order.id == number_of("O", wanted) or str(order.request.user_ref) == wanted
            ]
        if not chosen:
            raise KrakenError("EOrder:Unknown order")
        return {"count": sum(self._venue.engine.cancel(order) for order in chosen)}

    def _cancel_all(self, _: Params) -> Json:
        engine = self._venue.engine
        return {"count": sum(engine.cancel(order) for order in engine.orders.open())}

    def _open(self, params: Params) -> Json:
        chosen = _narrowed(params, self._venue.engine.orders.open())
        return {"open": _by_reference(params, chosen)}

    def _closed(self, params: Params) -> Json:
        closed = [order for order in self._venue.engine.orders.all() if not order.is_open]
        since, until = _interval(params)
        chosen = [order for order in _narrowed(params, closed) if since < order.updated <= until]
        chosen.sort(key=lambda order: (order.updated, order.id), reverse=True)
        offset = _offset(params)
        page = _by_reference(params, chosen[offset : offset + _PAGE])
        return {"closed": page, "count": len(chosen)}

    def _query(self, params: Params) -> Json:
        found = []
        for text in params.get("txid", "").split(","):
            number = number_of("O", text)
            if number is None:
                raise KrakenError("EOrder:Invalid order")
            order = self._venue.engine.orders.get(number)
            if order is None:
                raise KrakenError("EOrder:Unknown order")
            found.append(order)
        return _by_reference(params, _narrowed(params, found))

    def _trades(self, params: Params) -> Json:
        since, until = _interval(params)
        chosen = [(order, fill) for order, fill in self._venue.engine.orders.fills() if since < fill.time <= until]
        offset = _offset(params)
        page = list(reversed(chosen))[offset : offset + _PAGE]
        trades = {reference("T", fill.id): trade_info(order, fill) for order, fill in page}
        return {"trades": trades, "count": len(chosen)}


def _check_words(params: Params, flags: set[str]) -> None:
    kind = params.get("ordertype")
    accepted = {
        "type": params.get("type") in list(Side),
        "ordertype": kind in ("limit", "market"),
        "timeinforce": params.get("timeinforce", "GTC") in list(TimeInForce),
        "oflags": flags <= _FLAGS and not (kind == "market" and "post" in flags),
    }
    for name, fine in accepted.items():
        if not fine:
            raise KrakenError(f"EGeneral:Invalid arguments:{name}")


def _price(instrument: InstrumentConfig, text: str) -> Decimal:
    price, places = plain_number(text), price_decimals(instrument)
    if price is None or price == 0:
        raise KrakenError("EGeneral:Invalid arguments:price")
    if decimals_of(price) > places:
        raise KrakenError(
            f"EOrder:Invalid price:{pair_id(instrument)} price can only be specified up to {places} decimals."
        )
    if not is_multiple(price, instrument.tick):
        raise KrakenError("EOrder:Tick size check failed")
    return price


def _own_references(params: Params) -> tuple[str | None, int | None]:
    client_id, user_ref = params.get("cl_ord_id"), params.get("userref")
    if client_id is not None and (user_ref is not None or not _CLIENT_ID.fullmatch(client_id)):
        raise KrakenError("EGeneral:Invalid arguments:cl_ord_id")
    if user_ref is not None and not user_ref.lstrip("-").isdigit():
        raise KrakenError("EGeneral:Invalid arguments:userref")
    return client_id, None if user_ref is None else int(user_ref)


def _narrowed(params: Params, orders: list[Order]) -> list[Order]:
    client_id, user_ref = params.get("cl_ord_id"), params.get("userref")
    return [
        order
        for order in orders
        if client_id in (None, order.request.client_id)
        and (user_ref is None or str(order.request.user_ref) == user_ref)
    ]


def _by_reference(params: Params, orders: list[Order]) -> Json:
    with_trades = params.get("trades") in ("true", "True", "1")
    return {reference("O", order.id): order_info(order, with_trades=with_trades) for order in orders}


def _interval(params: Params) -> tuple[float, float]:
    bounds = []
    for name, default in (("start", 0.0), ("end", float("inf"))):
        value = plain_number(params[name]) if name in params else None
        if name in params and value is None:
            raise KrakenError(f"EGeneral:Invalid arguments:{name}")
        bounds.append(default if value is None else float(value))
    return bounds[0], bounds[1]


def _offset(params: Params) -> int:
    text = params.get("ofs", "0")
    if not text.isdigit():
        raise KrakenError("EGeneral:Invalid arguments:ofs")
    return int(text)
