"""The words of the KuCoin API: its errors, and how it writes orders, trades and markets."""

from decimal import Decimal

from bot.sandbox.exchange.config import FeeConfig, InstrumentConfig
from bot.sandbox.exchange.history import Candle, Ticker
from bot.sandbox.exchange.orders import Fill, Order, OrderStatus, RejectReason
from bot.sandbox.exchange.venue import CoinFlags
from bot.sandbox.exchange.wire import Params, fixed, millis

Json = dict[str, object]
_PLAIN_ORDER: Json = {
    "opType": "DEAL",
    "stp": None,
    "hidden": False,
    "iceberg": False,
    "visibleSize": "0",
    "cancelAfter": 0,
    "channel": "API",
    "remark": None,
    "tags": None,
    "tradeType": "TRADE",
}
"""What every order says that asks for nothing special."""


class KucoinError(Exception):
    """An error with KuCoin's code and message."""

    def __init__(self, code: str, message: str) -> None:
        """The HTTP status stays 200."""
        super().__init__(message)
        self.code = code
        self.message = message


REJECTIONS = {
    RejectReason.INSUFFICIENT_FUNDS: ("200004", "Balance insufficient!"),
    RejectReason.DUPLICATE_CLIENT_ID: ("400100", "validation.createOrder.clientOidDuplicated"),
    RejectReason.NOT_LISTED: ("900001", "symbol not exists"),
}


def market_id(instrument: InstrumentConfig) -> str:
    """BTC-USDT and the like."""
    return f"{instrument.base}-{instrument.quote}"


def order_id(number: int) -> str:
    """The id of an order: 24 hexadecimal digits."""
    return f"{number:024x}"


def order_row(order: Order) -> Json:
    """An order as it is found and listed; there is no status, only flags."""
    request, spent = order.request, order.price or Decimal(0)
    return _PLAIN_ORDER | {
        "id": order_id(order.id),
        "clientOid": order.client_id,
        "symbol": market_id(order.instrument),
        "type": "market" if order.price is None else "limit",
        "side": order.side.value,
        "price": fixed(spent),
        "size": fixed(order.quantity),
        "funds": fixed(request.quote_quantity or spent * order.quantity),
        "dealSize": fixed(order.executed),
        "dealFunds": fixed(order.cost),
        "remainSize": fixed(order.remaining if order.is_open else Decimal(0)),
        "cancelledSize": fixed(Decimal(0) if order.is_open else order.remaining),
        "fee": fixed(sum((fill.fee for fill in order.fills), Decimal(0)), 12),
        "feeCurrency": order.instrument.quote,
        "timeInForce": request.time_in_force.value,
        "postOnly": request.post_only,
        "cancelExist": order.status in (OrderStatus.CANCELED, OrderStatus.EXPIRED),
        "inOrderBook": order.is_open,
        "active": order.is_open,
        "createdAt": millis(order.created),
        "lastUpdatedAt": millis(order.updated),
    }


def fill_row(order: Order, fill: Fill, fees: FeeConfig) -> Json:
    """One entry of hf/fills."""
    return {
        "id": 19_814_990_000_000 + fill.id,
        "symbol": market_id(order.instrument),
        "tradeId": 10_000_000_000 + fill.id,
        "orderId": order_id(order.id),
        "counterOrderId": "0" * 24,
        "side": order.side.value,
        "liquidity": "maker" if fill.maker else "taker",
        "forceTaker": False,
        "price": fixed(fill.price),
        "size": fixed(fill.quantity),
        "funds": fixed(fill.cost, 12),
        "fee": fixed(fill.fee, 12),
        "feeRate": format(fees.maker if fill.maker else fees.taker, "f"),
        "feeCurrency": fill.fee_asset,
        "stop": "",
        "tradeType": "TRADE",
        "type": "market" if order.price is None else "limit",
        "createdAt": millis(fill.time),
    }


def symbol_row(instrument: InstrumentConfig, *, trading: bool) -> Json:
    """One market of symbols."""
    return {
        "symbol": market_id(instrument),
        "name": market_id(instrument),
        "baseCurrency": instrument.base,
        "quoteCurrency": instrument.quote,
        "feeCurrency": instrument.quote,
        "market": "USDS",
        "baseMinSize": fixed(instrument.min_quantity),
        "quoteMinSize": fixed(instrument.min_notional),
        "baseMaxSize": fixed(instrument.max_quantity),
        "quoteMaxSize": "99999999",
        "baseIncrement": fixed(instrument.step),
        "quoteIncrement": "0.000001",
        "priceIncrement": fixed(instrument.tick),
        "priceLimitRate": "0.1",
        "minFunds": fixed(instrument.min_notional),
        "isMarginEnabled": False,
        "enableTrading": trading,
        "feeCategory": 1,
        "makerFeeCoefficient": "1.00",
        "takerFeeCoefficient": "1.00",
    }


def ticker_row(instrument: InstrumentConfig, entry: Ticker, base_fee: str) -> Json:
    """One entry of allTickers, with the fees of the lowest tier."""
    day = entry.day
    return {
        "symbol": market_id(instrument),
        "symbolName": market_id(instrument),
        "buy": fixed(entry.bid),
        "bestBidSize": fixed(entry.bid_quantity),
        "sell": fixed(entry.ask),
        "bestAskSize": fixed(entry.ask_quantity),
        "changeRate": fixed((day.close - day.open) / day.open, 4),
        "changePrice": fixed(day.close - day.open),
        "high": fixed(day.high),
        "low": fixed(day.low),
        "vol": fixed(day.volume),
        "volValue": fixed(day.volume * day.close),
        "last": fixed(day.close),
        "averagePrice": fixed((day.high + day.low) / 2),
        "takerFeeRate": base_fee,
        "makerFeeRate": base_fee,
        "takerCoefficient": "1",
        "makerCoefficient": "1",
    }


def currency_row(coin: str, flags: CoinFlags) -> Json:
    """One entry of currencies, with a single chain."""
    chain = {
        "chainName": coin,
        "chainId": coin.lower(),
        "withdrawalMinSize": "0.001",
        "depositMinSize": None,
        "withdrawFeeRate": "0",
        "withdrawalMinFee": "0.0005",
        "isWithdrawEnabled": flags.withdraw,
        "isDepositEnabled": flags.deposit,
        "confirms": 1,
        "preConfirms": 1,
        "withdrawPrecision": 8,
        "needTag": False,
        "contractAddress": "",
    }
    return {
        "currency": coin,
        "name": coin,
        "fullName": coin,
        "precision": 8,
        "isMarginEnabled": False,
        "chains": [chain],
    }


def number(params: Params, name: str, default: int) -> int:
    """A parameter of digits, or the default where it is not sent; raises KucoinError for anything else."""
    text = params.get(name, str(default))
    if not text.isdigit():
        raise KucoinError("400100", f"{name} is invalid")
    return int(text)


def candle_row(candle: Candle) -> list[str]:
    """A row of candles: here the close follows the opening price."""
    figures = (candle.open, candle.close, candle.high, candle.low, candle.volume, candle.volume * candle.close)
    return [str(candle.opened), *(fixed(figure) for figure in figures)]
