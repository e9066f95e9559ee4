"""The words of the Kraken API: its errors, and how it writes orders, trades and markets."""

from decimal import Decimal

from bot.sandbox.exchange.config import FeeConfig, InstrumentConfig, Permission
from bot.sandbox.exchange.history import Candle, Ticker
from bot.sandbox.exchange.kraken_names import asset_alt, asset_id, pair_alt, pair_id, pair_ws, reference
from bot.sandbox.exchange.orders import Fill, Order, OrderStatus, RejectReason
from bot.sandbox.exchange.venue import CoinFlags
from bot.sandbox.exchange.wire import decimals_of, fixed

Json = dict[str, object]


class KrakenError(Exception):
    """An error with Kraken's text, such as EOrder:Insufficient funds."""

    def __init__(self, text: str) -> None:
        """The text goes into the list of errors."""
        super().__init__(text)
        self.text = text


REJECTIONS = {
    RejectReason.INSUFFICIENT_FUNDS: "EOrder:Insufficient funds",
    RejectReason.DUPLICATE_CLIENT_ID: "EGeneral:Invalid arguments:cl_ord_id not unique",
    RejectReason.WOULD_TAKE: "EOrder:Post only order",
    RejectReason.NOT_LISTED: "EQuery:Unknown asset pair",
}
RIGHTS: dict[Permission, tuple[str, ...]] = {
    "read": ("query-funds", "query-open-trades", "query-closed-trades", "query-ledger"),
    "trade": ("modify-trades", "close-trades"),
    "withdraw": ("withdraw-funds",),
    "transfer": (),
}
_STATUS = {
    OrderStatus.OPEN: "open",
    OrderStatus.FILLED: "closed",
    OrderStatus.CANCELED: "canceled",
    OrderStatus.EXPIRED: "canceled",
}


def price_decimals(instrument: InstrumentConfig) -> int:
    """Decimals that a price may have."""
    return decimals_of(instrument.tick)


def order_text(order: Order) -> str:
    """The sentence that describes an order, such as: buy 0.10000000 XBTUSD @ limit 60000.0."""
    volume = order.request.quote_quantity or order.quantity
    head = f"{order.side} {fixed(volume)} {pair_alt(order.instrument)} @ "
    if order.price is None:
        return head + "market"
    return head + "limit " + fixed(order.price, price_decimals(order.instrument))


def order_info(order: Order, *, with_trades: bool = False) -> Json:
    """An entry of OpenOrders, ClosedOrders and QueryOrders."""
    average = order.cost / order.executed if order.executed else Decimal(0)
    info: Json = {
        "refid": None,
        "userref": order.request.user_ref,
        "cl_ord_id": order.request.client_id,
        "status": _STATUS[order.status],
        "opentm": round(order.created, 6),
        "starttm": 0,
        "expiretm": 0,
        "descr": _description(order),
        "vol": fixed(order.quantity),
        "vol_exec": fixed(order.executed),
        "cost": fixed(order.cost),
        "fee": fixed(sum((fill.fee for fill in order.fills), Decimal(0))),
        "price": fixed(average),
        "stopprice": "0.00000",
        "limitprice": "0.00000",
        "misc": "partial" if order.is_open and order.executed else "",
        "oflags": _flags(order),
    }
    if not order.is_open:
        info |= {"reason": order.close_reason, "closetm": round(order.updated, 6)}
    if with_trades:
        info["trades"] = [reference("T", fill.id) for fill in order.fills]
    return info


def _description(order: Order) -> Json:
    price = Decimal(0) if order.price is None else order.price
    return {
        "pair": pair_alt(order.instrument),
        "aclass": "forex",
        "type": order.side.value,
        "ordertype": "market" if order.price is None else "limit",
        "price": fixed(price, price_decimals(order.instrument)) if price else "0",
        "price2": "0",
        "leverage": "none",
        "order": order_text(order),
        "close": "",
    }


def _flags(order: Order) -> str:
    paid_in_base = any(fill.fee_asset == order.instrument.base for fill in order.fills)
    flags = ["fcib" if order.request.fee_in_base or paid_in_base else "fciq"]
    if order.request.post_only:
        flags.append("post")
    if order.request.quote_quantity is not None:
        flags.append("viqc")
    return ",".join(flags)


def trade_info(order: Order, fill: Fill) -> Json:
    """An entry of TradesHistory."""
    return {
        "ordertxid": reference("O", order.id),
        "postxid": "TKH2SE-M7IF5-CFI7LT",
        "pair": pair_id(order.instrument),
        "aclass": "forex",
        "time": round(fill.time, 6),
        "type": order.side.value,
        "ordertype": "market" if order.price is None else "limit",
        "price": fixed(fill.price),
        "cost": fixed(fill.cost),
        "fee": fixed(fill.fee),
        "vol": fixed(fill.quantity),
        "margin": "0.00000",
        "leverage": "0",
        "misc": "",
        "trade_id": fill.id,
        "maker": fill.maker,
    }


def pair_info(instrument: InstrumentConfig, fees: FeeConfig, status: str) -> Json:
    """An entry of AssetPairs."""
    return {
        "altname": pair_alt(instrument),
        "wsname": pair_ws(instrument),
        "aclass_base": "currency",
        "base": asset_id(instrument.base),
        "aclass_quote": "currency",
        "quote": asset_id(instrument.quote),
        "lot": "unit",
        "cost_decimals": 5,
        "pair_decimals": price_decimals(instrument),
        "lot_decimals": decimals_of(instrument.step),
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, float(fees.taker * 100)]],
        "fees_maker": [[0, float(fees.maker * 100)]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": format(instrument.min_quantity, "f"),
        "costmin": format(instrument.min_notional, "f"),
        "tick_size": format(instrument.tick, "f"),
        "status": status,
    }


def asset_info(asset: str, flags: CoinFlags) -> Json:
    """An entry of Assets; Kraken says by one word what can be done."""
    status = {
        (True, True): "enabled",
        (True, False): "deposit_only",
        (False, True): "withdrawal_only",
        (False, False): "funding_temporarily_disabled",
    }[flags.deposit, flags.withdraw]
    fiat = asset_id(asset).startswith("Z") and asset != "ZEC" and asset_alt(asset) == asset
    return {
        "aclass": "currency",
        "altname": asset_alt(asset),
        "decimals": 4 if fiat and asset_id(asset) != asset else 10,
        "display_decimals": 2 if fiat and asset_id(asset) != asset else 5,
        "status": status,
    }


def ticker_info(instrument: InstrumentConfig, entry: Ticker) -> Json:
    """An entry of Ticker: today's figure and that of the last 24 hours, which are the same here."""
    places, day = price_decimals(instrument), entry.day
    average = fixed((day.high + day.low + day.close) / 3, places)
    return {
        "a": [fixed(entry.ask, places), "1", fixed(entry.ask_quantity, 3)],
        "b": [fixed(entry.bid, places), "1", fixed(entry.bid_quantity, 3)],
        "c": [fixed(day.close, places), fixed(instrument.min_quantity)],
        "v": [fixed(day.volume)] * 2,
        "p": [average] * 2,
        "t": [day.trades] * 2,
        "l": [fixed(day.low, places)] * 2,
        "h": [fixed(day.high, places)] * 2,
        "o": fixed(day.open, places),
    }


def ohlc_row(instrument: InstrumentConfig, candle: Candle) -> list[object]:
    """An entry of OHLC."""
    places = price_decimals(instrument)
    average = (candle.high + candle.low + candle.close) / 3
    prices = (candle.open, candle.high, candle.low, candle.close, average)
    return [
        candle.opened,
        *(fixed(price, places) for price in prices),
        fixed(candle.volume),
        candle.trades,
    ]
