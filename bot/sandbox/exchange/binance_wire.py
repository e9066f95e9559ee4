"""The words of the Binance spot API: its errors, and how it writes orders, trades and markets."""

from decimal import Decimal

from bot.sandbox.exchange.config import FeeConfig, InstrumentConfig
from bot.sandbox.exchange.history import Candle, Ticker
from bot.sandbox.exchange.orders import Fill, Order, OrderStatus, RejectReason, Side
from bot.sandbox.exchange.venue import CoinFlags
from bot.sandbox.exchange.wire import decimals_of, fixed, millis

Json = dict[str, object]


class BinanceError(Exception):
    """An error with Binance's code and message."""

    def __init__(self, code: int, message: str, http_status: int = 400) -> None:
        """`http_status` is 401 for what has to do with keys."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.http_status = http_status


REJECTIONS = {
    RejectReason.INSUFFICIENT_FUNDS: (-2010, "Account has insufficient balance for requested action."),
    RejectReason.DUPLICATE_CLIENT_ID: (-2010, "Duplicate order sent."),
    RejectReason.WOULD_TAKE: (-2010, "Order would immediately match and take."),
    RejectReason.NOT_LISTED: (-1013, "Market is closed."),
}
_STATUS = {
    OrderStatus.FILLED: "FILLED",
    OrderStatus.CANCELED: "CANCELED",
    OrderStatus.EXPIRED: "EXPIRED",
}


def market_id(instrument: InstrumentConfig) -> str:
    """BTCUSDT and the like."""
    return instrument.base + instrument.quote


def order_type(order: Order) -> str:
    """LIMIT, LIMIT_MAKER or MARKET."""
    if order.price is None:
        return "MARKET"
    return "LIMIT_MAKER" if order.request.post_only else "LIMIT"


def order_status(order: Order) -> str:
    """Binance names a partial fill; a partly filled IOC is EXPIRED."""
    if order.is_open:
        return "PARTIALLY_FILLED" if order.executed else "NEW"
    return _STATUS[order.status]


def order_fields(order: Order) -> Json:
    """What every answer about an order has in common."""
    return {
        "symbol": market_id(order.instrument),
        "orderId": order.id,
        "orderListId": -1,
        "clientOrderId": order.client_id,
        "price": fixed(order.price or Decimal(0)),
        "origQty": fixed(order.quantity),
        "executedQty": fixed(order.executed),
        "origQuoteOrderQty": fixed(order.request.quote_quantity or Decimal(0)),
        "cummulativeQuoteQty": fixed(order.cost),
        "status": order_status(order),
        "timeInForce": order.request.time_in_force.value,
        "type": order_type(order),
        "side": order.side.value.upper(),
        "workingTime": millis(order.created),
        "selfTradePreventionMode": "EXPIRE_MAKER",
    }


def order_query(order: Order) -> Json:
    """The answer of GET order, openOrders and allOrders."""
    times = {"time": millis(order.created), "updateTime": millis(order.updated)}
    return order_fields(order) | times | {"stopPrice": fixed(Decimal(0)), "isWorking": True}


def order_created(order: Order, response_type: str) -> Json:
    """The answer of POST order: ACK, RESULT or FULL."""
    fields = order_fields(order) | {"transactTime": millis(order.created)}
    if response_type == "ACK":
        acknowledged = ("symbol", "orderId", "orderListId", "clientOrderId", "transactTime")
        return {name: fields[name] for name in acknowledged}
    if response_type == "FULL":
        fields["fills"] = [
            {
                "price": fixed(fill.price),
                "qty": fixed(fill.quantity),
                "commission": fixed(fill.fee),
                "commissionAsset": fill.fee_asset,
                "tradeId": fill.id,
            }
            for fill in order.fills
        ]
    return fields


def order_canceled(order: Order, cancel_id: str) -> Json:
    """The answer of DELETE order: our id moves to origClientOrderId."""
    moved = {"origClientOrderId": order.client_id, "clientOrderId": cancel_id}
    return order_fields(order) | moved | {"transactTime": millis(order.updated)}


def trade(order: Order, fill: Fill) -> Json:
    """One entry of myTrades."""
    return {
        "symbol": market_id(order.instrument),
        "id": fill.id,
        "orderId": order.id,
        "orderListId": -1,
        "price": fixed(fill.price),
        "qty": fixed(fill.quantity),
        "quoteQty": fixed(fill.cost),
        "commission": fixed(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": millis(fill.time),
        "isBuyer": order.side is Side.BUY,
        "isMaker": fill.maker,
        "isBestMatch": True,
    }


def symbol_info(instrument: InstrumentConfig, *, trading: bool) -> Json:
    """One market of exchangeInfo with its filters."""
    return {
        "symbol": market_id(instrument),
        "status": "TRADING" if trading else "BREAK",
        "baseAsset": instrument.base,
        "baseAssetPrecision": 8,
        "quoteAsset": instrument.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
        "icebergAllowed": False,
        "ocoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(instrument),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_MAKER"],
    }


def _filters(instrument: InstrumentConfig) -> list[Json]:
    tick, step = fixed(instrument.tick), fixed(instrument.step)
    lot = {"minQty": fixed(instrument.min_quantity), "maxQty": fixed(instrument.max_quantity)}
    price = {"minPrice": tick, "maxPrice": "10000000.00000000", "tickSize": tick}
    notional: Json = {
        "minNotional": fixed(instrument.min_notional),
        "applyMinToMarket": True,
        "maxNotional": "9000000.00000000",
        "applyMaxToMarket": False,
        "avgPriceMins": 5,
    }
    return [
        {"filterType": "PRICE_FILTER", **price},
        {"filterType": "LOT_SIZE", **lot, "stepSize": step},
        {"filterType": "NOTIONAL", **notional},
    ]


def day_ticker(instrument: InstrumentConfig, entry: Ticker, now: float) -> Json:
    """One entry of ticker/24hr."""
    day = entry.day
    change = day.close - day.open
    average = (day.high + day.low + day.close) / 3
    return {
        "symbol": market_id(instrument),
        "priceChange": fixed(change),
        "priceChangePercent": fixed(change / day.open * 100, 3),
        "weightedAvgPrice": fixed(average),
        "prevClosePrice": fixed(day.open),
        "lastPrice": fixed(day.close),
        "lastQty": fixed(instrument.step),
        "bidPrice": fixed(entry.bid),
        "bidQty": fixed(entry.bid_quantity),
        "askPrice": fixed(entry.ask),
        "askQty": fixed(entry.ask_quantity),
        "openPrice": fixed(day.open),
        "highPrice": fixed(day.high),
        "lowPrice": fixed(day.low),
        "volume": fixed(day.volume),
        "quoteVolume": fixed(day.volume * average),
        "openTime": millis(now) - 86_400_000,
        "closeTime": millis(now),
        "firstId": 0,
        "lastId": day.trades,
        "count": day.trades,
    }


def kline(candle: Candle, interval: int) -> list[object]:
    """One entry of klines."""
    middle = (candle.high + candle.low) / 2
    prices = [fixed(price) for price in (candle.open, candle.high, candle.low, candle.close)]
    quote_volume = candle.volume * middle
    return [
        candle.opened * 1000,
        *prices,
        fixed(candle.volume),
        (candle.opened + interval) * 1000 - 1,
        fixed(quote_volume),
        candle.trades,
        fixed(candle.volume / 2),
        fixed(quote_volume / 2),
        "0",
    ]


def coin_info(coin: str, free: Decimal, locked: Decimal, flags: CoinFlags) -> Json:
    """One entry of capital/config/getall, with a single network."""
    return {
        "coin": coin,
        "name": coin,
        "free": fixed(free),
        "locked": fixed(locked),
        "freeze": "0",
        "withdrawing": "0",
        "ipoable": "0",
        "ipoing": "0",
        "storage": "0",
        "isLegalMoney": False,
        "trading": True,
        "depositAllEnable": flags.deposit,
        "withdrawAllEnable": flags.withdraw,
        "networkList": [_network(coin, flags)],
    }


def _network(coin: str, flags: CoinFlags) -> Json:
    return {
        "network": coin,
        "coin": coin,
        "name": coin,
        "isDefault": True,
        "depositEnable": flags.deposit,
        "withdrawEnable": flags.withdraw,
        "depositDesc": "" if flags.deposit else "Wallet Maintenance, Deposit Suspended",
        "withdrawDesc": "" if flags.withdraw else "Wallet Maintenance, Withdrawal Suspended",
        "withdrawFee": "0.0005",
        "withdrawMin": "0.001",
        "withdrawMax": "9999999",
        "withdrawIntegerMultiple": "0.00000001",
        "minConfirm": 1,
        "unLockConfirm": 2,
    }


def trade_fee(instrument: InstrumentConfig, fees: FeeConfig) -> Json:
    """One entry of asset/tradeFee."""
    return {
        "symbol": market_id(instrument),
        "makerCommission": format(fees.maker, "f"),
        "takerCommission": format(fees.taker, "f"),
    }


def too_precise(value: Decimal) -> bool:
    """Whether a number has more decimals than any asset here."""
    return decimals_of(value) > 8


def mandatory(params: dict[str, str], name: str) -> str:
    """The parameter's text; raises BinanceError when it is missing or empty."""
    if not params.get(name):
        raise BinanceError(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    return params[name]


def integer(params: dict[str, str], name: str) -> int:
    """A parameter that is sent, as a number of digits; raises BinanceError for anything else."""
    if not params[name].isdigit():
        raise BinanceError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
    return int(params[name])
