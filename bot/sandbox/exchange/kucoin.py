"""The KuCoin spot dialect: who may call what, and the public part of the API."""

import base64
import hashlib
import hmac
from collections.abc import Callable

from bot.sandbox.exchange.config import InstrumentConfig, KeyConfig, Permission
from bot.sandbox.exchange.history import days_since, ticker
from bot.sandbox.exchange.kucoin_account import KucoinAccount
from bot.sandbox.exchange.kucoin_orders import KucoinOrders
from bot.sandbox.exchange.kucoin_wire import (
    Json,
    KucoinError,
    candle_row,
    currency_row,
    market_id,
    symbol_row,
    ticker_row,
)
from bot.sandbox.exchange.orders import Side, symbol_of
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import NOBODY, Endpoint, Params, Reply, VenueRequest, fixed, millis, without_key

_SUCCESS = "200000"
_CANDLES = 1500
_LONGEST_SKEW = 5000
_LOWEST_TIER = "0.001"
_STATUS_WORDS = {"online": "open", "post_only": "open", "maintenance": "close", "cancel_only": "cancelonly"}
_SIGNED_HEADERS = ("KC-API-KEY", "KC-API-SIGN", "KC-API-TIMESTAMP", "KC-API-PASSPHRASE")


class KucoinDialect:
    """Answers KuCoin spot REST calls for one venue; every answer has HTTP status 200."""

    def __init__(self, venue: Venue) -> None:
        """Serve this venue."""
        self._venue = venue
        self._ids = {market_id(instrument): instrument for instrument in venue.config.markets}
        self._endpoints = self._public_endpoints()
        for (method, path), (handle, needs) in KucoinOrders(venue, self._ids).endpoints().items():
            self._endpoints[method, path] = Endpoint(without_key(handle), needs)
        for path, account_handle in KucoinAccount(venue, self._ids).endpoints().items():
            self._endpoints["GET", path] = Endpoint(account_handle, "read")
        self._endpoints["GET", "/api/v3/market/orderbook/level2"] = Endpoint(without_key(self._book(None)), "read")

    def answer(self, request: VenueRequest) -> Reply:
        """Authenticate, carry out, and answer in JSON; errors too."""
        try:
            endpoint, named = self._find(request)
            key = self._authenticate(request, endpoint.needs) if endpoint.needs else NOBODY
            return Reply({"code": _SUCCESS, "data": endpoint.handle(_texts(request) | named, key)})
        except KucoinError as error:
            return self.error(error.code, error.message)

    def error(self, code: str, message: str) -> Reply:
        """An error with this code and message."""
        return Reply({"code": code, "msg": message})

    def maintenance(self) -> Reply:
        """Every call is refused while the engine is away."""
        return self.error("500000", "Internal Server Error")

    def _find(self, request: VenueRequest) -> tuple[Endpoint, Params]:
        """The endpoint, and the id that is the last part of some paths."""
        exact = self._endpoints.get((request.method, request.path))
        if exact is not None:
            return exact, {}
        folder, _, last = request.path.rpartition("/")
        endpoint = self._endpoints.get((request.method, f"{folder}/*"))
        if endpoint is None:
            raise KucoinError("404000", "URL Not Found")
        return endpoint, {"id": last}

    def _authenticate(self, request: VenueRequest, needs: Permission) -> KeyConfig:
        name, sign, timestamp, passphrase = (request.headers.get(header, "") for header in _SIGNED_HEADERS)
        if not (name and sign and timestamp.isdigit() and passphrase):
            raise KucoinError("400001", "Please check the header of your request for KC-API-KEY, KC-API-SIGN, ...")
        if abs(millis(self._venue.wall()) - int(timestamp)) > _LONGEST_SKEW:
            raise KucoinError("400002", "Invalid KC-API-TIMESTAMP")
        key = self._venue.keys.get(name)
        if key is None or not key.enabled:
            raise KucoinError("400003", "KC-API-KEY not exists")
        if not hmac.compare_digest(_digest(key, key.passphrase), passphrase):
            raise KucoinError("400004", "Invalid KC-API-PASSPHRASE")
        query = f"?{request.query}" if request.query else ""
        signed = timestamp + request.method + request.path + query + request.body
        if not hmac.compare_digest(_digest(key, signed), sign):
            raise KucoinError("400005", "Invalid KC-API-SIGN")
        if needs not in key.permissions:
            raise KucoinError("400007", "Access denied, require more permission")
        return key

    def _public_endpoints(self) -> dict[tuple[str, str], Endpoint]:
        handlers: dict[str, Callable[[Params], object]] = {
            "/api/v1/timestamp": lambda _: millis(self._venue.wall()),
            "/api/v1/status": lambda _: {"status": _STATUS_WORDS[self._venue.status], "msg": ""},
            "/api/v2/symbols": self._symbols,
            "/api/v3/currencies": self._currencies,
            "/api/v1/market/allTickers": self._tickers,
            "/api/v1/market/candles": self._candles,
            "/api/v1/market/orderbook/level2_20": self._book(20),
            "/api/v1/market/orderbook/level2_100": self._book(100),
        }
        return {("GET", path): Endpoint(without_key(handle)) for path, handle in handlers.items()}

    def _symbols(self, _: Params) -> list[Json]:
        trading = self._venue.status in ("online", "post_only")
        return [symbol_row(item, trading=trading) for item in self._listed()]

    def _currencies(self, _: Params) -> list[Json]:
        return [currency_row(coin, flags) for coin, flags in self._venue.coins.items()]

    def _tickers(self, _: Params) -> Json:
        found = ((item, ticker(self._venue, symbol_of(item))) for item in self._listed())
        rows = [ticker_row(item, entry, _LOWEST_TIER) for item, entry in found if entry is not None]
        return {"time": millis(self._venue.wall()), "ticker": rows}

    def _candles(self, params: Params) -> list[list[str]]:
        instrument = self._instrument(params)
        if params.get("type") != "1day":
            raise KucoinError("400100", "Unsupported type")
        start, end = (int(params.get(name, "0")) for name in ("startAt", "endAt"))
        rows = days_since(self._venue, symbol_of(instrument), start, _CANDLES)
        return [candle_row(row) for row in reversed(rows) if not end or row.opened < end]

    def _book(self, depth: int | None) -> Callable[[Params], Json]:
        def handle(params: Params) -> Json:
            symbol, now = symbol_of(self._instrument(params)), millis(self._venue.wall())
            bids, asks = (self._venue.depth(symbol, side)[:depth] for side in (Side.BUY, Side.SELL))
            return {
                "time": now,
                "sequence": str(now),
                "bids": [[fixed(price), fixed(quantity)] for price, quantity in bids],
                "asks": [[fixed(price), fixed(quantity)] for price, quantity in asks],
            }

        return handle

    def _instrument(self, params: Params) -> InstrumentConfig:
        instrument = self._ids.get(params.get("symbol", ""))
        if instrument is None or not self._venue.is_listed(symbol_of(instrument)):
            raise KucoinError("900001", "symbol not exists")
        return instrument

    def _listed(self) -> list[InstrumentConfig]:
        return [item for item in self._ids.values() if self._venue.is_listed(symbol_of(item))]


def _digest(key: KeyConfig, text: str) -> str:
    return base64.b64encode(hmac.new(key.secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _texts(request: VenueRequest) -> Params:
    try:
        return request.texts()
    except ValueError as error:
        raise KucoinError("400100", "the body is no JSON object") from error
