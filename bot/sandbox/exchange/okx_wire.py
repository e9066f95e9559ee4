"""The words of the OKX API: its errors, and how it writes orders, fills, markets and balances."""

from decimal import Decimal

from bot.sandbox.exchange.account import Transfer
from bot.sandbox.exchange.config import InstrumentConfig, Permission
from bot.sandbox.exchange.history import Candle, Ticker
from bot.sandbox.exchange.orders import Fill, Order, OrderStatus, RejectReason, TimeInForce
from bot.sandbox.exchange.wire import fixed, millis

Json = dict[str, object]


class OkxError(Exception):
    """An error of a whole request, with OKX's code and message."""

    def __init__(self, code: str, message: str, http_status: int = 200) -> None:
        """`http_status` is 401 for most of what has to do with keys."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.http_status = http_status


class OkxOrderError(Exception):
    """An error of one order within a request that was understood."""

    def __init__(self, code: str, message: str) -> None:
        """Code and message go into the entry of the order."""
        super().__init__(message)
        self.code = code
        self.message = message


REJECTIONS = {
    RejectReason.INSUFFICIENT_FUNDS: ("51008", "Order failed. Insufficient balance in account."),
    RejectReason.DUPLICATE_CLIENT_ID: ("51016", "Client order ID already exists."),
    RejectReason.NOT_LISTED: ("51001", "Instrument ID doesn't exist."),
}
RIGHTS: dict[Permission, str] = {
    "read": "read_only",
    "trade": "trade",
    "withdraw": "withdraw",
    "transfer": "transfer",
}
ORDER_TYPES = {
    "limit": (TimeInForce.GTC, False),
    "post_only": (TimeInForce.GTC, True),
    "ioc": (TimeInForce.IOC, False),
    "fok": (TimeInForce.FOK, False),
    "market": (TimeInForce.IOC, False),
}
"""How long an order waits, and whether it may only make."""
_DEPOSIT_STATES = {"done": "2", "pending": "0", "failed": "12"}
_WITHDRAWAL_STATES = {"done": "2", "pending": "0", "failed": "-1"}


def answer(data: object) -> Json:
    """What a request that went well is answered with."""
    return {"code": "0", "data": data, "msg": ""}


def order_refused(code: str, message: str) -> Json:
    """What a request whose only order was refused is answered with."""
    entry = {"clOrdId": "", "ordId": "", "sCode": code, "sMsg": message, "tag": ""}
    return {"code": "1", "data": [entry], "msg": "All operations failed"}


def market_id(instrument: InstrumentConfig) -> str:
    """BTC-USDT and the like."""
    return f"{instrument.base}-{instrument.quote}"


def stamp(seconds: float) -> str:
    """Wall seconds as OKX writes time."""
    return str(millis(seconds))


def order_acknowledged(order: Order) -> Json:
    """The entry of an order that was accepted or is being cancelled: ids, and nothing of what became of it."""
    return {
        "clOrdId": order.request.client_id or "",
        "ordId": str(order.id),
        "sCode": "0",
        "sMsg": "",
        "tag": "",
        "ts": stamp(order.created),
    }


def order_info(order: Order) -> Json:
    """An entry of order, orders-pending and orders-history."""
    average = order.cost / order.executed if order.executed else None
    last = order.fills[-1] if order.fills else None
    return {
        "instType": "SPOT",
        "instId": market_id(order.instrument),
        "tdMode": "cash",
        "ordId": str(order.id),
        "clOrdId": order.request.client_id or "",
        "tag": "",
        "side": order.side.value,
        "ordType": _order_type(order),
        "px": "" if order.price is None else fixed(order.price),
        "sz": fixed(order.quantity),
        "accFillSz": fixed(order.executed),
        "avgPx": "" if average is None else fixed(average),
        "fillPx": fixed(last.price) if last else "",
        "fillSz": fixed(last.quantity) if last else "0",
        "fillTime": stamp(last.time) if last else "",
        "tradeId": str(last.id) if last else "",
        "state": _state(order),
        "fee": fixed(-sum((fill.fee for fill in order.fills), Decimal(0))),
        "feeCcy": last.fee_asset if last else "",
        "lever": "",
        "tgtCcy": "",
        "category": "normal",
        "cTime": stamp(order.created),
        "uTime": stamp(order.updated),
    }


def _order_type(order: Order) -> str:
    wanted = (order.request.time_in_force, order.request.post_only)
    if order.price is None:
        return "market"
    return next(name for name, kind in ORDER_TYPES.items() if kind == wanted)


def _state(order: Order) -> str:
    if order.is_open:
        return "partially_filled" if order.executed else "live"
    return "filled" if order.status is OrderStatus.FILLED else "canceled"


def fill_info(order: Order, fill: Fill) -> Json:
    """An entry of fills and fills-history; a fee that was taken is below zero."""
    return {
        "instType": "SPOT",
        "instId": market_id(order.instrument),
        "tradeId": str(fill.id),
        "ordId": str(order.id),
        "clOrdId": order.request.client_id or "",
        "billId": str(10_000_000 + fill.id),
        "tag": "",
        "fillPx": fixed(fill.price),
        "fillSz": fixed(fill.quantity),
        "side": order.side.value,
        "execType": "M" if fill.maker else "T",
        "feeCcy": fill.fee_asset,
        "fee": fixed(-fill.fee),
        "ts": stamp(fill.time),
        "fillTime": stamp(fill.time),
    }


def instrument_info(instrument: InstrumentConfig, *, trading: bool) -> Json:
    """An entry of public/instruments."""
    return {
        "instType": "SPOT",
        "instId": market_id(instrument),
        "baseCcy": instrument.base,
        "quoteCcy": instrument.quote,
        "tickSz": format(instrument.tick, "f"),
        "lotSz": format(instrument.step, "f"),
        "minSz": format(instrument.min_quantity, "f"),
        "maxLmtSz": format(instrument.max_quantity, "f"),
        "maxMktSz": format(instrument.max_quantity, "f"),
        "lever": "",
        "state": "live" if trading else "suspend",
        "listTime": "1548133413000",
        "category": "1",
        **dict.fromkeys(("alias", "ctMult", "ctType", "ctVal", "ctValCcy", "expTime", "settleCcy", "stk", "uly"), ""),
    }


def ticker_info(instrument: InstrumentConfig, entry: Ticker, now: float) -> Json:
    """An entry of market/tickers."""
    day = entry.day
    return {
        "instType": "SPOT",
        "instId": market_id(instrument),
        "last": fixed(day.close),
        "lastSz": fixed(instrument.min_quantity),
        "askPx": fixed(entry.ask),
        "askSz": fixed(entry.ask_quantity),
        "bidPx": fixed(entry.bid),
        "bidSz": fixed(entry.bid_quantity),
        "open24h": fixed(day.open),
        "high24h": fixed(day.high),
        "low24h": fixed(day.low),
        "volCcy24h": fixed(day.volume * day.close),
        "vol24h": fixed(day.volume),
        "ts": stamp(now),
    }


def deposit_info(entry: Transfer) -> Json:
    """An entry of deposit-history."""
    return {
        "ccy": entry.asset,
        "chain": f"{entry.asset}-Sandbox",
        "amt": fixed(entry.amount),
        "from": "",
        "to": "sandbox-address",
        "txId": entry.txid,
        "ts": stamp(entry.time),
        "state": _DEPOSIT_STATES[entry.status],
        "depId": str(entry.id),
    }


def withdrawal_info(entry: Transfer) -> Json:
    """An entry of withdrawal-history."""
    return {
        "ccy": entry.asset,
        "chain": f"{entry.asset}-Sandbox",
        "amt": fixed(entry.amount),
        "fee": fixed(entry.fee),
        "feeCcy": entry.asset,
        "from": "",
        "to": "sandbox-address",
        "txId": entry.txid,
        "ts": stamp(entry.time),
        "state": _WITHDRAWAL_STATES[entry.status],
        "wdId": str(entry.id),
    }


def candle_row(candle: Candle, *, today: bool) -> list[str]:
    """A row of candles; the last field says whether it is complete."""
    prices = (candle.open, candle.high, candle.low, candle.close)
    worth = candle.volume * candle.close
    volumes = (candle.volume, worth, worth)
    return [stamp(candle.opened), *(fixed(figure) for figure in (*prices, *volumes)), "0" if today else "1"]
