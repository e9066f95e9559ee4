"""The Coinbase dialect: who may call what, and the public part of the API."""

import re
from collections.abc import Callable
from decimal import Decimal

from bot.sandbox.exchange.coinbase_account import CoinbaseAccount
from bot.sandbox.exchange.coinbase_orders import CoinbaseOrders
from bot.sandbox.exchange.coinbase_token import BadToken, check_token, key_named_in
from bot.sandbox.exchange.coinbase_wire import (
    STATUS_OF,
    CoinbaseError,
    CoinbaseOrderError,
    CoinbaseUnauthorized,
    Json,
    candle_info,
    iso,
    order_refused,
    product_id,
    product_info,
    refused,
)
from bot.sandbox.exchange.config import InstrumentConfig, KeyConfig, Permission
from bot.sandbox.exchange.history import days_since
from bot.sandbox.exchange.orders import Side, symbol_of
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import Params, Reply, VenueRequest, fixed

Handler = Callable[[VenueRequest], Json]
_BROKERAGE = "/api/v3/brokerage"
_FIAT = ("USD", "EUR", "GBP")
_CANDLES_OF = re.compile(f"{_BROKERAGE}/market/products/(?P<product>[^/]+)/candles")
_MOST_CANDLES = 350
_DAY = 86_400


class CoinbaseDialect:
    """Answers calls of Advanced Trade, and those of the older interface that go with it, for one venue."""

    def __init__(self, venue: Venue) -> None:
        """Serve this venue."""
        self._venue = venue
        self._products = {product_id(instrument): instrument for instrument in venue.config.markets}
        self._account = CoinbaseAccount(venue)
        self._public: dict[str, Handler] = {
            "/v2/currencies": lambda _: self._currencies("id", fiat=True),
            "/v2/currencies/crypto": lambda _: self._currencies("code", fiat=False),
            "/v2/exchange-rates": lambda _: {"data": {"currency": "USD", "rates": dict.fromkeys(venue.coins, "1")}},
            "/v2/time": lambda _: {"data": {"iso": iso(venue.wall()), "epoch": int(venue.wall())}},
            f"{_BROKERAGE}/time": self._time,
            f"{_BROKERAGE}/market/products": self._listed,
            f"{_BROKERAGE}/market/product_book": lambda request: {"pricebook": self._book(request)},
        }
        self._private: dict[tuple[str, str], tuple[Handler, Permission]] = {
            ("GET", f"{_BROKERAGE}/best_bid_ask"): (self._best, "read"),
        }
        self._orders = CoinbaseOrders(venue, self._products)
        self._private |= self._orders.endpoints()

    def answer(self, request: VenueRequest) -> Reply:
        """Authenticate, carry out, and answer in JSON; errors too, but for one of the key, which is plain text."""
        try:
            return Reply(self._result(request))
        except CoinbaseUnauthorized:
            return Reply(None, 401, text="Unauthorized\n")
        except CoinbaseOrderError as error:
            return Reply(order_refused(error.reason, error.message))
        except CoinbaseError as error:
            return self.error(error.code, error.message)

    def error(self, code: str, message: str) -> Reply:
        """An error with this code: of the whole request where it is one of those, else the refusal of an order."""
        if code in STATUS_OF:
            return Reply(refused(code, message), STATUS_OF[code])
        return Reply(order_refused(code, message))

    def maintenance(self) -> Reply:
        """Every call is refused while the engine is away."""
        return self.error("UNAVAILABLE", "Service unavailable")

    def _result(self, request: VenueRequest) -> Json:
        if request.method == "GET" and request.path in self._public:
            return self._public[request.path](request)
        if request.method == "GET" and (named := _CANDLES_OF.fullmatch(request.path)):
            return self._candles(named["product"], request.params())
        key = self._authenticate(request)
        if (request.method, request.path) in self._private:
            handle, needs = self._private[request.method, request.path]
            _check_right(key, needs)
            return handle(request)
        _check_right(key, "read")
        answer = None
        if request.method == "GET":
            answer = self._account.answer(request, key) or self._orders.one(request.path)
        if answer is None:
            raise CoinbaseError("NOT_FOUND", "Not found")
        return answer

    def _authenticate(self, request: VenueRequest) -> KeyConfig:
        authorization = request.headers.get("Authorization", "")
        try:
            key = self._venue.keys.get(key_named_in(authorization))
            if key is None or not key.enabled:
                raise CoinbaseUnauthorized
            check_token(authorization, key.secret, (request.method, request.path), self._venue.wall())
        except BadToken as error:
            raise CoinbaseUnauthorized from error
        return key

    def _currencies(self, name: str, *, fiat: bool) -> Json:
        coins = [coin for coin in self._venue.coins if (coin in _FIAT) is fiat]
        kind: Json = {"min_size": "0.01"} if fiat else {"asset_id": "sandbox", "type": "crypto"}
        return {"data": [{name: coin, "name": coin} | kind for coin in coins]}

    def _time(self, _: VenueRequest) -> Json:
        now = self._venue.wall()
        return {"iso": iso(now), "epochSeconds": str(int(now)), "epochMillis": str(int(now * 1000))}

    def _listed(self, request: VenueRequest) -> Json:
        if request.params().get("product_type", "SPOT") != "SPOT":
            return {"products": [], "num_products": 0}
        products = [
            product_info(product, self._mid(product), self._venue.status)
            for product in self._asked(request.values("product_ids"))
        ]
        return {"products": products, "num_products": len(products)}

    def _mid(self, product: InstrumentConfig) -> Decimal:
        return self._venue.mid(symbol_of(product), self._venue.market.now()) or Decimal(0)

    def _candles(self, name: str, params: Params) -> Json:
        (product,) = self._asked([name])
        start, end = int(params.get("start", 0)), int(params.get("end", 0))
        if params.get("granularity") != "ONE_DAY" or end - start > _MOST_CANDLES * _DAY:
            raise CoinbaseError("INVALID_ARGUMENT", "start and end argument is invalid")
        rows = days_since(self._venue, symbol_of(product), start, _MOST_CANDLES)
        return {"candles": [candle_info(row) for row in reversed(rows) if row.opened <= end]}

    def _book(self, request: VenueRequest) -> Json:
        (product,) = self._asked(request.values("product_id") or [""])
        return self._pricebook(product, int(request.params().get("limit", 1000)))

    def _best(self, request: VenueRequest) -> Json:
        asked = self._asked(request.values("product_ids"))
        return {"pricebooks": [self._pricebook(product, 1) for product in asked]}

    def _pricebook(self, product: InstrumentConfig, depth: int) -> Json:
        bids, asks = (
            [
                {"price": fixed(price), "size": fixed(quantity)}
                for price, quantity in self._venue.depth(symbol_of(product), side)[:depth]
            ]
            for side in (Side.BUY, Side.SELL)
        )
        return {"product_id": product_id(product), "bids": bids, "asks": asks, "time": iso(self._venue.wall())}

    def _asked(self, names: list[str]) -> list[InstrumentConfig]:
        listed = {name: item for name, item in self._products.items() if self._venue.is_listed(symbol_of(item))}
        if not set(names) <= set(listed):
            raise CoinbaseError("NOT_FOUND", "Unknown product")
        return [listed[name] for name in names] if names else list(listed.values())


def _check_right(key: KeyConfig, needs: Permission) -> None:
    if needs not in key.permissions:
        raise CoinbaseError("PERMISSION_DENIED", "Missing required scopes")
