"""The Kraken dialect: who may call what, and the public part of the API."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from bot.sandbox.exchange.config import InstrumentConfig, KeyConfig
from bot.sandbox.exchange.history import candles, ticker
from bot.sandbox.exchange.kraken_account import KrakenAccount, key_info, rights_of
from bot.sandbox.exchange.kraken_names import asset_alt, asset_id, pair_alt, pair_id, pair_ws
from bot.sandbox.exchange.kraken_orders import KrakenOrders
from bot.sandbox.exchange.kraken_wire import (
    Json,
    KrakenError,
    asset_info,
    ohlc_row,
    pair_info,
    price_decimals,
    ticker_info,
)
from bot.sandbox.exchange.orders import Side, symbol_of
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import Params, Reply, VenueRequest, fixed

_INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10_080, 21_600)
_CANDLES = 720


class KrakenDialect:
    """Answers Kraken REST calls for one venue; every answer has HTTP status 200."""

    def __init__(self, venue: Venue) -> None:
        """Serve this venue."""
        self._venue = venue
        self._pairs = {
            name: instrument
            for instrument in venue.config.markets
            for name in (pair_id(instrument), pair_alt(instrument), pair_ws(instrument))
        }
        self._nonces: dict[str, int] = {}
        self._public: dict[str, Callable[[Params], object]] = {
            "Time": self._time,
            "SystemStatus": self._system_status,
            "Assets": self._assets,
            "AssetPairs": self._asset_pairs,
            "Ticker": self._ticker,
            "Depth": self._depth,
            "OHLC": self._ohlc,
        }
        self._private = KrakenOrders(venue, self._pair).endpoints()
        self._private |= KrakenAccount(venue, self._pair).endpoints()

    def answer(self, request: VenueRequest) -> Reply:
        """Authenticate, carry out, and answer in JSON; errors too."""
        try:
            return Reply({"error": [], "result": self._result(request)})
        except KrakenError as error:
            return Reply({"error": [error.text]})

    def error(self, code: str, message: str) -> Reply:
        """An error with this text; Kraken has no message beside it."""
        del message
        return Reply({"error": [code]})

    def maintenance(self) -> Reply:
        """Every call is refused while the engine is away."""
        return Reply({"error": ["EService:Unavailable"]})

    def _result(self, request: VenueRequest) -> object:
        scope, _, name = request.path.removeprefix("/0/").partition("/")
        if scope == "public" and name in self._public:
            return self._public[name](request.params())
        if scope != "private" or request.method != "POST":
            raise KrakenError("EGeneral:Unknown method")
        key = self._authenticate(request)
        if name == "GetApiKeyInfo":
            return key_info(key)
        if name not in self._private:
            raise KrakenError("EGeneral:Unknown method")
        handle, right = self._private[name]
        if right not in rights_of(key):
            raise KrakenError("EGeneral:Permission denied")
        return handle(request.params())

    def _authenticate(self, request: VenueRequest) -> KeyConfig:
        key = self._venue.keys.get(request.headers.get("API-Key", ""))
        if key is None or not key.enabled:
            raise KrakenError("EAPI:Invalid key")
        nonce = request.params().get("nonce", "")
        digest = hashlib.sha256((nonce + request.body).encode()).digest()
        expected = hmac.new(base64.b64decode(key.secret), request.path.encode() + digest, hashlib.sha512)
        given = request.headers.get("API-Sign", "")
        if not hmac.compare_digest(base64.b64encode(expected.digest()), given.encode()):
            raise KrakenError("EAPI:Invalid signature")
        if not nonce.isdigit() or int(nonce) <= self._nonces.get(key.key, 0):
            raise KrakenError("EAPI:Invalid nonce")
        self._nonces[key.key] = int(nonce)
        return key

    def _pair(self, name: str) -> InstrumentConfig:
        instrument = self._pairs.get(name)
        if instrument is None or not self._venue.is_listed(symbol_of(instrument)):
            raise KrakenError("EQuery:Unknown asset pair")
        return instrument

    def _asked(self, params: Params) -> list[InstrumentConfig]:
        if params.get("pair"):
            return [self._pair(name) for name in params["pair"].split(",")]
        return [item for item in self._venue.config.markets if self._venue.is_listed(symbol_of(item))]

    def _time(self, _: Params) -> Json:
        now = self._venue.wall()
        moment = datetime.fromtimestamp(now, UTC)
        return {"unixtime": int(now), "rfc1123": moment.strftime("%a, %d %b %y %H:%M:%S +0000")}

    def _system_status(self, _: Params) -> Json:
        moment = datetime.fromtimestamp(self._venue.wall(), UTC)
        return {"status": self._venue.status, "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _assets(self, params: Params) -> Json:
        known = {asset_id(asset): asset for asset in self._venue.coins}
        names = known | {asset_alt(asset): asset for asset in self._venue.coins}
        wanted = params["asset"].split(",") if params.get("asset") else list(known)
        if not set(wanted) <= set(names):
            raise KrakenError("EQuery:Unknown asset")
        chosen = [names[name] for name in wanted]
        return {asset_id(asset): asset_info(asset, self._venue.coins[asset]) for asset in chosen}

    def _asset_pairs(self, params: Params) -> Json:
        fees, status = self._venue.engine.fees, self._venue.status
        return {pair_id(pair): pair_info(pair, fees, status) for pair in self._asked(params)}

    def _ticker(self, params: Params) -> Json:
        tickers = ((pair, ticker(self._venue, symbol_of(pair))) for pair in self._asked(params))
        return {pair_id(pair): ticker_info(pair, entry) for pair, entry in tickers if entry is not None}

    def _depth(self, params: Params) -> Json:
        pair, count = self._pair(params.get("pair", "")), _integer(params, "count", 100)
        places, now = price_decimals(pair), int(self._venue.wall())

        def rows(side: Side) -> list[list[object]]:
            levels: list[tuple[Decimal, Decimal]] = self._venue.depth(symbol_of(pair), side)[:count]
            return [[fixed(price, places), fixed(quantity), now] for price, quantity in levels]

        return {pair_id(pair): {"asks": rows(Side.SELL), "bids": rows(Side.BUY)}}

    def _ohlc(self, params: Params) -> Json:
        pair, minutes = self._pair(params.get("pair", "")), _integer(params, "interval", 1)
        if minutes not in _INTERVALS:
            raise KrakenError("EGeneral:Invalid arguments:interval")
        interval = minutes * 60
        present = int(self._venue.wall()) // interval * interval
        first = present - (_CANDLES - 1) * interval
        if "since" in params:
            first = max(first, (_integer(params, "since", 0) // interval + 1) * interval)
        rows = candles(self._venue, symbol_of(pair), interval, first, _CANDLES)
        return {pair_id(pair): [ohlc_row(pair, row) for row in rows], "last": present - interval}


def _integer(params: Params, name: str, default: int) -> int:
    text = params.get(name, str(default))
    if not text.isdigit():
        raise KrakenError(f"EGeneral:Invalid arguments:{name}")
    return int(text)
