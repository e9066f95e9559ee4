"""The OKX dialect: who may call what, and the public part of the API."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from bot.sandbox.exchange.config import InstrumentConfig, KeyConfig
from bot.sandbox.exchange.history import days_since, ticker
from bot.sandbox.exchange.okx_account import OkxAccount
from bot.sandbox.exchange.okx_orders import OkxOrders
from bot.sandbox.exchange.okx_wire import (
    Json,
    OkxError,
    OkxOrderError,
    answer,
    candle_row,
    instrument_info,
    market_id,
    order_refused,
    stamp,
    ticker_info,
)
from bot.sandbox.exchange.orders import Side, symbol_of
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import Endpoint, Params, Reply, VenueRequest, fixed, millis, without_key

_TIMESTAMP_VALID = 30
_OF_ORDERS = ("51", "50036", "50037")
"""How the codes begin that stand in the entry of an order."""


class OkxDialect:
    """Answers OKX v5 REST calls for one venue; errors of orders have HTTP status 200."""

    def __init__(self, venue: Venue) -> None:
        """Serve this venue."""
        self._venue = venue
        self._ids = {market_id(instrument): instrument for instrument in venue.config.markets}
        self._public: dict[str, Callable[[Params], object]] = {
            "/api/v5/public/time": lambda _: [{"ts": stamp(venue.wall())}],
            "/api/v5/public/instruments": self._instruments,
            "/api/v5/market/tickers": self._tickers,
            "/api/v5/market/ticker": self._tickers,
            "/api/v5/market/books": self._books,
            "/api/v5/market/candles": self._candles,
            "/api/v5/system/status": self._status,
        }
        self._private: dict[tuple[str, str], Endpoint] = {
            place: Endpoint(without_key(handle), needs)
            for place, (handle, needs) in OkxOrders(venue, self._ids).endpoints().items()
        }
        for path, handle in OkxAccount(venue).endpoints().items():
            self._private["GET", path] = Endpoint(handle, "read")

    def answer(self, request: VenueRequest) -> Reply:
        """Authenticate, carry out, and answer in JSON; errors too."""
        try:
            return Reply(answer(self._data(request)))
        except OkxOrderError as error:
            return Reply(order_refused(error.code, error.message))
        except OkxError as error:
            return Reply({"code": error.code, "data": [], "msg": error.message}, error.http_status)

    def error(self, code: str, message: str) -> Reply:
        """An error with this code: of the request's order where the code is one of those, else of the request."""
        if code.startswith(_OF_ORDERS):
            return Reply(order_refused(code, message))
        return Reply({"code": code, "data": [], "msg": message})

    def maintenance(self) -> Reply:
        """Every call is refused while the engine is away."""
        return Reply({"code": "50001", "data": [], "msg": "Service temporarily unavailable. Try again later."}, 503)

    def _data(self, request: VenueRequest) -> object:
        if request.method == "GET" and request.path in self._public:
            return self._public[request.path](request.params())
        endpoint = self._private.get((request.method, request.path))
        if endpoint is None:
            raise OkxError("404", "Not Found", 404)
        key = self._authenticate(request)
        if endpoint.needs not in key.permissions:
            raise OkxError("50120", "This API key doesn't have permission to use this function.", 401)
        if request.method == "POST":
            self._check_deadline(request)
        return endpoint.handle(_texts(request), key)

    def _authenticate(self, request: VenueRequest) -> KeyConfig:
        key = self._venue.keys.get(request.headers.get("OK-ACCESS-KEY", ""))
        if key is None or not key.enabled:
            raise OkxError("50111", "Invalid OK-ACCESS-KEY", 401)
        if request.headers.get("OK-ACCESS-PASSPHRASE", "") != key.passphrase:
            raise OkxError("50105", 'Request header "OK-ACCESS-PASSPHRASE" incorrect.', 400)
        timestamp = request.headers.get("OK-ACCESS-TIMESTAMP", "")
        query = f"?{request.query}" if request.query else ""
        signed = f"{timestamp}{request.method}{request.path}{query}{request.body}"
        expected = base64.b64encode(hmac.new(key.secret.encode(), signed.encode(), hashlib.sha256).digest())
        if not hmac.compare_digest(expected, request.headers.get("OK-ACCESS-SIGN", "").encode()):
            raise OkxError("50113", "Invalid Sign", 401)
        self._check_time(timestamp)
        return key

    def _check_time(self, timestamp: str) -> None:
        try:
            instant = datetime.fromisoformat(timestamp)
        except ValueError as error:
            raise OkxError("50112", "Invalid OK-ACCESS-TIMESTAMP", 401) from error
        if abs(self._venue.wall() - instant.timestamp()) > _TIMESTAMP_VALID:
            raise OkxError("50102", "Timestamp request expired", 401)

    def _check_deadline(self, request: VenueRequest) -> None:
        deadline = request.headers.get("expTime")
        if deadline is not None and int(deadline) < millis(self._venue.wall()):
            raise OkxOrderError("50036", "The expTime can't be earlier than the current system time.")

    def _status(self, _: Params) -> list[Json]:
        now = self._venue.wall()
        scheduled: Json = {
            "title": "Announced for tomorrow",
            "state": "scheduled",
            "begin": stamp(now + 86_400),
            "end": stamp(now + 90_000),
            "serviceType": "1",
            "env": "1",
        }
        if self._venue.status == "online":
            return [scheduled]
        ongoing = {"title": f"Sandbox {self._venue.status}", "state": "ongoing", "begin": stamp(now - 60)}
        # The one that is announced comes last, as it can at the real venue.
        return [scheduled | ongoing, scheduled]

    def _instruments(self, params: Params) -> list[Json]:
        if params.get("instType") != "SPOT":
            raise OkxError("51000", "Parameter instType error", 400)
        trading = self._venue.status in ("online", "post_only")
        return [instrument_info(instrument, trading=trading) for instrument in self._asked(params)]

    def _tickers(self, params: Params) -> list[Json]:
        now = self._venue.wall()
        found = ((item, ticker(self._venue, symbol_of(item))) for item in self._asked(params))
        return [ticker_info(item, entry, now) for item, entry in found if entry is not None]

    def _candles(self, params: Params) -> list[list[str]]:
        (instrument,) = self._asked({"instId": params.get("instId", "")})
        if params.get("bar") != "1Dutc":
            raise OkxError("51000", "Parameter bar error", 400)
        rows = days_since(self._venue, symbol_of(instrument), 0, int(params.get("limit", "100")))
        return [candle_row(row, today=row is rows[-1]) for row in reversed(rows)]

    def _books(self, params: Params) -> list[Json]:
        (instrument,) = self._asked({"instId": params.get("instId", "")})
        symbol, size = symbol_of(instrument), int(params.get("sz", "1"))
        asks, bids = (
            [[fixed(price), fixed(quantity), "0", "1"] for price, quantity in self._venue.depth(symbol, side)[:size]]
            for side in (Side.SELL, Side.BUY)
        )
        return [{"asks": asks, "bids": bids, "ts": stamp(self._venue.wall())}]

    def _asked(self, params: Params) -> list[InstrumentConfig]:
        listed = {name: item for name, item in self._ids.items() if self._venue.is_listed(symbol_of(item))}
        if "instId" not in params:
            return list(listed.values())
        if params["instId"] not in listed:
            raise OkxError("51001", "Instrument ID doesn't exist.")
        return [listed[params["instId"]]]


def _texts(request: VenueRequest) -> Params:
    try:
        return request.texts()
    except ValueError as error:
        raise OkxError("50002", "JSON syntax error", 400) from error
