"""The Bybit v5 spot dialect: who may call what, and the public part of the API."""

import hashlib
import hmac
from collections.abc import Callable

from bot.sandbox.exchange.bybit_account import BybitAccount
from bot.sandbox.exchange.bybit_orders import BybitOrders
from bot.sandbox.exchange.bybit_wire import (
    BybitError,
    Json,
    instrument_info,
    kline,
    market_id,
    number,
    ticker_row,
)
from bot.sandbox.exchange.config import InstrumentConfig, KeyConfig, Permission
from bot.sandbox.exchange.history import days_since, ticker
from bot.sandbox.exchange.orders import Side, symbol_of
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import NOBODY, Endpoint, Params, Reply, VenueRequest, fixed, millis, without_key

_AHEAD_ALLOWED = 1000


class BybitDialect:
    """Answers Bybit v5 REST calls for one venue; every answer has HTTP status 200."""

    def __init__(self, venue: Venue) -> None:
        """Serve this venue."""
        self._venue = venue
        self._ids = {market_id(instrument): instrument for instrument in venue.config.markets}
        self._endpoints = self._public_endpoints()
        for (method, path), (handle, needs) in BybitOrders(venue, self._ids).endpoints().items():
            self._endpoints[method, path] = Endpoint(without_key(handle), needs)
        for path, account_handle in BybitAccount(venue, self._ids).endpoints().items():
            self._endpoints["GET", path] = Endpoint(account_handle, "read")

    def answer(self, request: VenueRequest) -> Reply:
        """Authenticate, carry out, and answer in JSON; errors too."""
        try:
            endpoint = self._endpoints.get((request.method, request.path))
            if endpoint is None:
                raise BybitError(10017, "Path not found or request method is invalid.")
            key = self._authenticate(request, endpoint.needs) if endpoint.needs else NOBODY
            return self._reply(0, "OK", endpoint.handle(_texts(request), key))
        except BybitError as error:
            return self._reply(error.code, error.message, {})

    def error(self, code: str, message: str) -> Reply:
        """An error with this code; it must be a number."""
        return self._reply(int(code), message, {})

    def maintenance(self) -> Reply:
        """Every call is refused while the engine is away."""
        return self._reply(10016, "System error. Please try again later.", {})

    def _reply(self, code: int, message: str, result: object) -> Reply:
        now = millis(self._venue.wall())
        return Reply({"retCode": code, "retMsg": message, "result": result, "retExtInfo": {}, "time": now})

    def _authenticate(self, request: VenueRequest, needs: Permission) -> KeyConfig:
        headers = request.headers
        key = self._venue.keys.get(headers.get("X-BAPI-API-KEY", ""))
        if key is None or not key.enabled:
            raise BybitError(10003, "API key is invalid.")
        timestamp, window = headers.get("X-BAPI-TIMESTAMP", ""), headers.get("X-BAPI-RECV-WINDOW", "5000")
        payload = timestamp + key.key + window + (request.query if request.method == "GET" else request.body)
        expected = hmac.new(key.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, headers.get("X-BAPI-SIGN", "")):
            raise BybitError(10004, "Error sign, please check your signature generation algorithm.")
        self._check_time(timestamp, window)
        if needs not in key.permissions:
            raise BybitError(10005, "Permission denied, please check your API key permissions.")
        return key

    def _check_time(self, timestamp: str, window: str) -> None:
        now = millis(self._venue.wall())
        if not timestamp.isdigit() or not window.isdigit():
            raise BybitError(10001, "params error: timestamp or recv_window invalid")
        if not now - int(window) <= int(timestamp) < now + _AHEAD_ALLOWED:
            raise BybitError(10002, "invalid request, please check your server timestamp or recv_window param")

    def _public_endpoints(self) -> dict[tuple[str, str], Endpoint]:
        handlers: dict[str, Callable[[Params], Json]] = {
            "/v5/market/time": self._time,
            "/v5/market/instruments-info": self._instruments,
            "/v5/market/tickers": self._tickers,
            "/v5/market/orderbook": self._book,
            "/v5/market/kline": self._klines,
            "/v5/system/status": self._system_status,
        }
        return {("GET", path): Endpoint(without_key(handle)) for path, handle in handlers.items()}

    def _time(self, _: Params) -> Json:
        now = self._venue.wall()
        return {"timeSecond": str(int(now)), "timeNano": str(millis(now) * 1_000_000)}

    def _instruments(self, params: Params) -> Json:
        trading = self._venue.status in ("online", "post_only")
        return _listed([instrument_info(item, trading=trading) for item in self._asked(params)])

    def _tickers(self, params: Params) -> Json:
        found = ((item, ticker(self._venue, symbol_of(item))) for item in self._asked(params))
        return _listed([ticker_row(item, entry) for item, entry in found if entry is not None])

    def _book(self, params: Params) -> Json:
        (instrument,) = self._asked(params | {"symbol": params.get("symbol", "")})
        limit, now = number(params, "limit", 1), millis(self._venue.wall())
        if not 1 <= limit <= 200:
            raise BybitError(10001, "params error: limit invalid")

        def rows(side: Side) -> list[list[str]]:
            levels = self._venue.depth(symbol_of(instrument), side)[:limit]
            return [[fixed(price), fixed(quantity)] for price, quantity in levels]

        return {"s": market_id(instrument), "b": rows(Side.BUY), "a": rows(Side.SELL), "ts": now, "u": now, "seq": now}

    def _klines(self, params: Params) -> Json:
        (instrument,) = self._asked(params | {"symbol": params.get("symbol", "")})
        if params.get("interval") != "D":
            raise BybitError(10001, "params error: Period Is Invalid!")
        since, limit = number(params, "start", 0) / 1000, min(number(params, "limit", 200), 1000)
        rows = days_since(self._venue, symbol_of(instrument), since, limit)
        listed = [kline(row) for row in reversed(rows)]
        return {"category": "spot", "symbol": market_id(instrument), "list": listed}

    def _system_status(self, _: Params) -> Json:
        if self._venue.status != "maintenance":
            return {"list": []}
        now = millis(self._venue.wall())
        event: Json = {
            "id": "sandbox-maintenance",
            "title": "Maintenance",
            "state": "ongoing",
            "begin": str(now),
            "end": "0",
            "href": "",
            "serviceTypes": [1, 2, 3, 4, 5],
            "product": [1, 2],
            "uidSuffix": [],
            "maintainType": 1,
            "env": 1,
        }
        return {"list": [event]}

    def _asked(self, params: Params) -> list[InstrumentConfig]:
        if params.get("category") != "spot":
            raise BybitError(10001, "params error: Category is invalid")
        if "symbol" not in params:
            return [item for item in self._ids.values() if self._venue.is_listed(symbol_of(item))]
        instrument = self._ids.get(params["symbol"])
        if instrument is None or not self._venue.is_listed(symbol_of(instrument)):
            raise BybitError(10001, "Not supported symbols")
        return [instrument]


def _texts(request: VenueRequest) -> Params:
    try:
        return request.texts()
    except ValueError as error:
        raise BybitError(10001, "params error: the body is no JSON object") from error


def _listed(rows: list[Json]) -> Json:
    return {"category": "spot", "list": rows}
