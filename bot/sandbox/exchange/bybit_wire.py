"""The words of the Bybit v5 API: its errors, and how it writes orders, executions and markets."""

from decimal import Decimal

from bot.sandbox.exchange.config import InstrumentConfig
from bot.sandbox.exchange.history import Candle, Ticker
from bot.sandbox.exchange.matching import POST_ONLY
from bot.sandbox.exchange.orders import Fill, Order, OrderStatus, RejectReason, TimeInForce
from bot.sandbox.exchange.venue import CoinFlags
from bot.sandbox.exchange.wire import Params, fixed, millis

Json = dict[str, object]
_CLOSE_REASONS = {
    "User requested": "EC_PerCancelRequest",
    "Insufficient liquidity": "EC_NoImmediateQtyToFill",
    POST_ONLY: "EC_PostOnlyWillTakeLiquidity",
}


class BybitError(Exception):
    """An error with Bybit's code and message."""

    def __init__(self, code: int, message: str) -> None:
        """Every answer has HTTP status 200."""
        super().__init__(message)
        self.code = code
        self.message = message


REJECTIONS = {
    RejectReason.INSUFFICIENT_FUNDS: (170131, "Insufficient balance."),
    RejectReason.DUPLICATE_CLIENT_ID: (170141, "Duplicate clientOrderId."),
    RejectReason.NOT_LISTED: (170121, "Invalid symbol."),
}


def market_id(instrument: InstrumentConfig) -> str:
    """BTCUSDT and the like."""
    return instrument.base + instrument.quote


def order_status(order: Order) -> str:
    """Bybit tells a partial fill apart, before and after a cancellation."""
    if order.is_open:
        return "PartiallyFilled" if order.executed else "New"
    if order.status is OrderStatus.FILLED:
        return "Filled"
    if order.close_reason == POST_ONLY:
        return "Rejected"
    return "PartiallyFilledCanceled" if order.executed else "Cancelled"


def order_row(order: Order) -> Json:
    """One entry of order/realtime and order/history."""
    request = order.request
    by_maker = request.post_only and request.time_in_force is TimeInForce.GTC
    reason = order.close_reason or ""
    return {
        "orderId": str(order.id),
        "orderLinkId": order.client_id,
        "blockTradeId": "",
        "symbol": market_id(order.instrument),
        "price": fixed(order.price or Decimal(0)),
        "qty": fixed(order.quantity),
        "side": order.side.value.capitalize(),
        "isLeverage": "0",
        "positionIdx": 0,
        "orderStatus": order_status(order),
        "cancelType": "CancelByUser" if reason == "User requested" else "UNKNOWN",
        "rejectReason": _CLOSE_REASONS.get(reason, reason or "EC_NoError"),
        "avgPrice": fixed(order.cost / order.executed) if order.executed else "",
        "leavesQty": fixed(order.remaining if order.is_open else Decimal(0)),
        "leavesValue": fixed(order.remaining * (order.price or Decimal(0)) if order.is_open else Decimal(0)),
        "cumExecQty": fixed(order.executed),
        "cumExecValue": fixed(order.cost),
        "cumExecFee": fixed(sum((fill.fee for fill in order.fills), Decimal(0))),
        "timeInForce": "PostOnly" if by_maker else request.time_in_force.value,
        "orderType": "Market" if order.price is None else "Limit",
        "stopOrderType": "",
        "createdTime": str(millis(order.created)),
        "updatedTime": str(millis(order.updated)),
    }


def execution(order: Order, fill: Fill) -> Json:
    """One entry of execution/list."""
    return {
        "symbol": market_id(order.instrument),
        "orderId": str(order.id),
        "orderLinkId": order.client_id,
        "side": order.side.value.capitalize(),
        "orderPrice": fixed(order.price or Decimal(0)),
        "orderQty": fixed(order.quantity),
        "leavesQty": "0",
        "orderType": "Market" if order.price is None else "Limit",
        "execFee": fixed(fill.fee),
        "execId": f"22900000000{fill.id}",
        "execPrice": fixed(fill.price),
        "execQty": fixed(fill.quantity),
        "execType": "Trade",
        "execValue": fixed(fill.cost),
        "execTime": str(millis(fill.time)),
        "feeCurrency": fill.fee_asset,
        "isMaker": fill.maker,
    }


def instrument_info(instrument: InstrumentConfig, *, trading: bool) -> Json:
    """One market of instruments-info with its filters."""
    return {
        "symbol": market_id(instrument),
        "baseCoin": instrument.base,
        "quoteCoin": instrument.quote,
        "innovation": "0",
        "status": "Trading" if trading else "Closed",
        "marginTrading": "utaOnly",
        "lotSizeFilter": {
            "basePrecision": fixed(instrument.step),
            "quotePrecision": "0.00000001",
            "minOrderQty": fixed(instrument.min_quantity),
            "maxOrderQty": fixed(instrument.max_quantity),
            "minOrderAmt": fixed(instrument.min_notional),
            "maxOrderAmt": "4000000",
        },
        "priceFilter": {"tickSize": fixed(instrument.tick)},
    }


def ticker_row(instrument: InstrumentConfig, entry: Ticker) -> Json:
    """One entry of tickers."""
    day = entry.day
    return {
        "symbol": market_id(instrument),
        "bid1Price": fixed(entry.bid),
        "bid1Size": fixed(entry.bid_quantity),
        "ask1Price": fixed(entry.ask),
        "ask1Size": fixed(entry.ask_quantity),
        "lastPrice": fixed(day.close),
        "prevPrice24h": fixed(day.open),
        "price24hPcnt": fixed((day.close - day.open) / day.open, 4),
        "highPrice24h": fixed(day.high),
        "lowPrice24h": fixed(day.low),
        "turnover24h": fixed(day.volume * day.close),
        "volume24h": fixed(day.volume),
    }


def coin_info(coin: str, flags: CoinFlags) -> Json:
    """One entry of asset/coin/query-info, with a single chain."""
    chain = {
        "chainType": coin,
        "chain": coin,
        "confirmation": "1",
        "withdrawFee": "0.0005",
        "depositMin": "0",
        "withdrawMin": "0.001",
        "chainDeposit": str(int(flags.deposit)),
        "chainWithdraw": str(int(flags.withdraw)),
        "minAccuracy": "8",
        "withdrawPercentageFee": "0",
    }
    return {"name": coin, "coin": coin, "remainAmount": "100000", "chains": [chain]}


def page(params: Params, key: str, rows: list[Json], *, default: int, most: int) -> Json:
    """A part of a list under its key, with the cursor that asks for the next one."""
    limit, start = (number(params, name, preset) for name, preset in (("limit", default), ("cursor", 0)))
    if not 1 <= limit <= most:
        raise BybitError(10001, f"limit must be between 1 and {most}")
    end = start + limit
    return {key: rows[start:end], "nextPageCursor": str(end) if end < len(rows) else ""}


def number(params: Params, name: str, default: int) -> int:
    """A parameter of digits, or the default where it is not sent; raises BybitError for anything else."""
    text = params.get(name, str(default))
    if not text.isdigit():
        raise BybitError(10001, f"params error: {name} invalid")
    return int(text)


def window(params: Params, now: float, longest_days: int) -> tuple[int, int]:
    """Start and end in milliseconds: so many days from the start on, or until now; raises BybitError for more."""
    longest = longest_days * 86_400_000
    if "startTime" in params:
        start = number(params, "startTime", 0)
        end = number(params, "endTime", start + longest)
    else:
        end = number(params, "endTime", millis(now))
        start = end - longest
    if end - start > longest:
        raise BybitError(10001, f"The time range between startTime and endTime cannot exceed {longest_days} days")
    return start, end


def kline(candle: Candle) -> list[str]:
    """A row of kline."""
    figures = (candle.open, candle.high, candle.low, candle.close, candle.volume, candle.volume * candle.close)
    return [str(candle.opened * 1000), *(fixed(figure) for figure in figures)]
