"""The Binance spot dialect: who may call what, and the public part of the API."""

import hashlib
import hmac
import json
from collections.abc import Callable

from bot.sandbox.exchange.binance_account import BinanceAccount
from bot.sandbox.exchange.binance_orders import BinanceOrders
from bot.sandbox.exchange.binance_wire import (
    BinanceError,
    Json,
    day_ticker,
    integer,
    kline,
    mandatory,
    market_id,
    symbol_info,
)
from bot.sandbox.exchange.config import InstrumentConfig, KeyConfig, Permission
from bot.sandbox.exchange.history import candles, ticker
from bot.sandbox.exchange.orders import Side, symbol_of
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import NOBODY, Endpoint, Params, Reply, VenueRequest, fixed, millis, without_key

_MINUTES = {"1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "2h": 120, "4h": 240, "6h": 360}
_MINUTES |= {"8h": 480, "12h": 720, "1d": 1440, "3d": 4320, "1w": 10_080}
_RATE_LIMITS = [
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 100},
]


class BinanceDialect:
    """Answers Binance spot REST calls for one venue."""

    def __init__(self, venue: Venue) -> None:
        """Serve this venue."""
        self._venue = venue
        self._ids = {market_id(instrument): instrument for instrument in venue.config.markets}
        self._endpoints = self._public_endpoints()
        for (method, path), (handle, needs) in BinanceOrders(venue, self._ids).endpoints().items():
            self._endpoints[method, path] = Endpoint(without_key(handle), needs)
        for path, account_handle in BinanceAccount(venue, self._ids).endpoints().items():
            self._endpoints["GET", path] = Endpoint(account_handle, "read")

    def answer(self, request: VenueRequest) -> Reply:
        """Authenticate, carry out, and answer in JSON; errors too."""
        try:
            endpoint = self._endpoints.get((request.method, request.path))
            if endpoint is None:
                return Reply({"timestamp": millis(self._venue.wall()), "status": 404, "error": "Not Found"}, 404)
            key = self._authenticate(request, endpoint.needs) if endpoint.needs else NOBODY
            return Reply(endpoint.handle(request.params(), key))
        except BinanceError as error:
            return Reply({"code": error.code, "msg": error.message}, error.http_status)

    def error(self, code: str, message: str) -> Reply:
        """An error with this code; it must be a number."""
        return Reply({"code": int(code), "msg": message}, 400)

    def maintenance(self) -> Reply:
        """Every call is refused while the matching engine is away."""
        return Reply({"code": -1016, "msg": "This service is no longer available."}, 503)

    def _authenticate(self, request: VenueRequest, needs: Permission) -> KeyConfig:
        key_text = request.headers.get("X-MBX-APIKEY", "")
        if not key_text:
            raise BinanceError(-2014, "API-key format invalid.", 401)
        key = self._venue.keys.get(key_text)
        if key is None or not key.enabled:
            raise _bad_key()
        signed, _, signature = (request.query + request.body).rpartition("&signature=")
        if not signature:
            raise BinanceError(-1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.")
        expected = hmac.new(key.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            raise BinanceError(-1022, "Signature for this request is not valid.")
        self._check_time(request.params())
        if needs not in key.permissions:
            raise _bad_key()
        return key

    def _check_time(self, params: Params) -> None:
        timestamp, window = params.get("timestamp", ""), params.get("recvWindow", "5000")
        if not timestamp.isdigit():
            raise BinanceError(-1102, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.")
        if not window.isdigit() or int(window) > 60_000:
            raise BinanceError(-1131, "recvWindow must be less than 60000")
        now = millis(self._venue.wall())
        if int(timestamp) >= now + 1000:
            raise BinanceError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if now - int(timestamp) > int(window):
            raise BinanceError(-1021, "Timestamp for this request is outside of the recvWindow.")

    def _public_endpoints(self) -> dict[tuple[str, str], Endpoint]:
        handlers: dict[str, Callable[[Params], object]] = {
            "/api/v3/ping": lambda _: {},
            "/api/v3/time": lambda _: {"serverTime": millis(self._venue.wall())},
            "/api/v3/exchangeInfo": self._exchange_info,
            "/api/v3/depth": self._depth,
            "/api/v3/ticker/24hr": lambda params: self._per_symbol(params, self._day_ticker),
            "/api/v3/ticker/bookTicker": lambda params: self._per_symbol(params, self._best),
            "/api/v3/ticker/price": lambda params: self._per_symbol(params, self._last_price),
            "/api/v3/klines": self._klines,
            "/sapi/v1/system/status": self._system_status,
        }
        return {("GET", path): Endpoint(without_key(handle)) for path, handle in handlers.items()}

    def _system_status(self, _: Params) -> Json:
        down = self._venue.status == "maintenance"
        return {"status": int(down), "msg": "system_maintenance" if down else "normal"}

    def _exchange_info(self, params: Params) -> Json:
        trading = self._venue.status in ("online", "post_only")
        return {
            "timezone": "UTC",
            "serverTime": millis(self._venue.wall()),
            "rateLimits": _RATE_LIMITS,
            "exchangeFilters": [],
            "symbols": [symbol_info(instrument, trading=trading) for instrument in self._asked(params)],
        }

    def _depth(self, params: Params) -> Json:
        symbol = symbol_of(self._instrument(params))
        limit = integer(params, "limit") if "limit" in params else 100
        bids, asks = (self._venue.depth(symbol, side)[:limit] for side in (Side.BUY, Side.SELL))
        return {
            "lastUpdateId": millis(self._venue.wall()),
            "bids": [[fixed(price), fixed(quantity)] for price, quantity in bids],
            "asks": [[fixed(price), fixed(quantity)] for price, quantity in asks],
        }

    def _klines(self, params: Params) -> list[list[object]]:
        symbol = symbol_of(self._instrument(params))
        if params.get("interval") not in _MINUTES:
            raise BinanceError(-1120, "Invalid interval.")
        interval, now = _MINUTES[params["interval"]] * 60, int(self._venue.wall())
        count = min(integer(params, "limit"), 1000) if "limit" in params else 500
        until = min(integer(params, "endTime") // 1000, now) if "endTime" in params else now
        first = (until // interval - count + 1) * interval
        if "startTime" in params:
            first = -(-integer(params, "startTime") // (interval * 1000)) * interval
            count = min(count, (until - first) // interval + 1)
        return [kline(candle, interval) for candle in candles(self._venue, symbol, interval, first, count)]

    def _day_ticker(self, instrument: InstrumentConfig) -> Json | None:
        entry = ticker(self._venue, symbol_of(instrument))
        return day_ticker(instrument, entry, self._venue.wall()) if entry else None

    def _best(self, instrument: InstrumentConfig) -> Json | None:
        symbol = symbol_of(instrument)
        bids, asks = (self._venue.depth(symbol, side)[:1] for side in (Side.BUY, Side.SELL))
        if not bids or not asks:
            return None
        best = zip(("bidPrice", "bidQty", "askPrice", "askQty"), (*bids[0], *asks[0]), strict=True)
        return {"symbol": market_id(instrument), **{name: fixed(value) for name, value in best}}

    def _last_price(self, instrument: InstrumentConfig) -> Json | None:
        entry = ticker(self._venue, symbol_of(instrument))
        return {"symbol": market_id(instrument), "price": fixed(entry.day.close)} if entry else None

    def _per_symbol(self, params: Params, describe: Callable[[InstrumentConfig], Json | None]) -> object:
        entries = [entry for item in self._asked(params) if (entry := describe(item)) is not None]
        return entries[0] if "symbol" in params and entries else entries

    def _asked(self, params: Params) -> list[InstrumentConfig]:
        if "symbol" in params:
            return [self._instrument(params)]
        if "symbols" in params:
            try:
                names = json.loads(params["symbols"])
            except ValueError as error:
                raise BinanceError(-1100, "Illegal characters found in parameter 'symbols'.") from error
            return [self._instrument({"symbol": str(name)}) for name in names]
        return [item for item in self._ids.values() if self._venue.is_listed(symbol_of(item))]

    def _instrument(self, params: Params) -> InstrumentConfig:
        instrument = self._ids.get(mandatory(params, "symbol"))
        if instrument is None or not self._venue.is_listed(symbol_of(instrument)):
            raise BinanceError(-1121, "Invalid symbol.")
        return instrument


def _bad_key() -> BinanceError:
    return BinanceError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
