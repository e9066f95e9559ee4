"""The words of the Coinbase API: its errors, and how it writes orders, fills, products, accounts and transactions."""

from datetime import UTC, datetime
from decimal import Decimal

from bot.sandbox.exchange.account import Balance, Transfer
from bot.sandbox.exchange.config import InstrumentConfig, VenueStatus
from bot.sandbox.exchange.history import Candle
from bot.sandbox.exchange.orders import Fill, Order, OrderStatus, RejectReason, TimeInForce
from bot.sandbox.exchange.wire import fixed

Json = dict[str, object]
VAULT = ".VAULT"
"""A balance whose name ends so lies in a vault, under the plain name."""
STATUS_OF = {
    "INVALID_ARGUMENT": 400,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
}
"""The HTTP status that belongs to an error of a whole request."""
_FIAT = ("USD", "EUR", "GBP")


class CoinbaseError(Exception):
    """An error of a whole request, with Coinbase's code and message."""

    def __init__(self, code: str, message: str) -> None:
        """The code is one of `STATUS_OF`."""
        super().__init__(message)
        self.code = code
        self.message = message


class CoinbaseOrderError(Exception):
    """An order that was understood, and refused."""

    def __init__(self, reason: str, message: str = "") -> None:
        """The reason is the venue's word, such as INSUFFICIENT_FUND."""
        super().__init__(reason)
        self.reason = reason
        self.message = message


class CoinbaseUnauthorized(Exception):
    """A key, a signature or a token's time that is not accepted: all are answered alike, in plain text."""


REJECTIONS = {
    RejectReason.INSUFFICIENT_FUNDS: ("INSUFFICIENT_FUND", "Insufficient balance in source account"),
    RejectReason.WOULD_TAKE: ("INVALID_LIMIT_PRICE_POST_ONLY", "Post only order would take"),
    RejectReason.NOT_LISTED: ("INVALID_PRODUCT_ID", "Unknown product"),
}
_STATUS = {
    OrderStatus.OPEN: "OPEN",
    OrderStatus.FILLED: "FILLED",
    OrderStatus.CANCELED: "CANCELLED",
    OrderStatus.EXPIRED: "CANCELLED",
}

_TIME_IN_FORCE = {
    TimeInForce.GTC: "GOOD_UNTIL_CANCELLED",
    TimeInForce.IOC: "IMMEDIATE_OR_CANCEL",
    TimeInForce.FOK: "FILL_OR_KILL",
}


def product_id(instrument: InstrumentConfig) -> str:
    """BTC-USD and the like."""
    return f"{instrument.base}-{instrument.quote}"


def iso(seconds: float) -> str:
    """Wall seconds as Coinbase writes time, to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def refused(code: str, message: str) -> Json:
    """The body of an error of a whole request."""
    return {"error": code, "error_details": message, "message": message}


def order_refused(reason: str, message: str) -> Json:
    """The body that tells of a refused order; its HTTP status is 200."""
    details = {
        "error": reason,
        "message": message,
        "error_details": "",
        "preview_failure_reason": f"PREVIEW_{reason}",
    }
    return {"success": False, "error_response": details}


def order_created(order: Order) -> Json:
    """The answer to a new order: its id, and nothing of what became of it."""
    made = {
        "order_id": order_id(order),
        "product_id": product_id(order.instrument),
        "side": order.side.value.upper(),
        "client_order_id": order.client_id,
    }
    return {"success": True, "success_response": made, "order_configuration": configuration(order)}


def order_id(order: Order) -> str:
    """The venue's own id of an order."""
    return f"00000000-0000-4000-8000-{order.id:012d}"


def number_of(text: str) -> int | None:
    """The number behind such an id; None if the text is not one."""
    tail = text.rpartition("-")[2]
    return int(tail) if text.startswith("00000000-0000-4000-8000-") and tail.isdigit() else None


def configuration(order: Order) -> Json:
    """An order's kind and limits, as they were sent."""
    limits: Json = {"base_size": fixed(order.quantity), "limit_price": fixed(order.price or Decimal(0))}
    if order.request.time_in_force is TimeInForce.IOC:
        return {"sor_limit_ioc": limits}
    return {"limit_limit_gtc": limits | {"post_only": order.request.post_only}}


def order_info(order: Order) -> Json:
    """An entry of orders/historical/batch."""
    average = order.cost / order.executed if order.executed else Decimal(0)
    fees = sum((fill.fee for fill in order.fills), Decimal(0))
    return {
        "order_id": order_id(order),
        "product_id": product_id(order.instrument),
        "user_id": "sandbox",
        "order_configuration": configuration(order),
        "side": order.side.value.upper(),
        "client_order_id": order.client_id,
        "status": _STATUS[order.status],
        "time_in_force": _TIME_IN_FORCE[order.request.time_in_force],
        "created_time": iso(order.created),
        "completion_percentage": fixed(100 * order.executed / order.quantity, 2),
        "filled_size": fixed(order.executed),
        "average_filled_price": fixed(average),
        "number_of_fills": str(len(order.fills)),
        "filled_value": fixed(order.cost),
        "pending_cancel": False,
        "size_in_quote": False,
        "total_fees": fixed(fees),
        "size_inclusive_of_fees": False,
        "order_type": "LIMIT",
        "product_type": "SPOT",
        "settled": not order.is_open,
    }


def fill_info(order: Order, fill: Fill) -> Json:
    """An entry of orders/historical/fills."""
    return {
        "entry_id": f"entry-{fill.id}",
        "trade_id": f"trade-{fill.id}",
        "order_id": order_id(order),
        "trade_time": iso(fill.time),
        "trade_type": "FILL",
        "price": fixed(fill.price),
        "size": fixed(fill.quantity),
        "commission": fixed(fill.fee),
        "product_id": product_id(order.instrument),
        "sequence_timestamp": iso(fill.time),
        "liquidity_indicator": "MAKER" if fill.maker else "TAKER",
        "size_in_quote": False,
        "user_id": "sandbox",
        "side": order.side.value.upper(),
    }


def product_info(instrument: InstrumentConfig, price: Decimal, status: VenueStatus) -> Json:
    """An entry of market/products."""
    halted = status == "maintenance"
    return {
        "product_id": product_id(instrument),
        "price": fixed(price),
        "base_increment": format(instrument.step, "f"),
        "quote_increment": format(instrument.tick, "f"),
        "price_increment": format(instrument.tick, "f"),
        "base_min_size": format(instrument.min_quantity, "f"),
        "base_max_size": format(instrument.max_quantity, "f"),
        "quote_min_size": format(instrument.min_notional, "f"),
        "quote_max_size": "150000000",
        "base_name": instrument.base,
        "quote_name": instrument.quote,
        "base_currency_id": instrument.base,
        "quote_currency_id": instrument.quote,
        "product_type": "SPOT",
        "status": "" if halted else "online",
        "is_disabled": halted,
        "trading_disabled": halted,
        "cancel_only": status == "cancel_only",
        "post_only": status == "post_only",
        "limit_only": False,
        "auction_mode": False,
        "view_only": False,
        "alias": "",
        "alias_to": [],
    }


def account_info(name: str, balance: Balance) -> Json:
    """An entry of brokerage/accounts."""
    asset = name.removesuffix(VAULT)
    kind = "VAULT" if name.endswith(VAULT) else "FIAT" if asset in _FIAT else "CRYPTO"
    return {
        "uuid": wallet_id(name),
        "name": f"{asset} Wallet",
        "currency": asset,
        "available_balance": {"value": fixed(balance.free), "currency": asset},
        "default": True,
        "active": True,
        "type": f"ACCOUNT_TYPE_{kind}",
        "ready": True,
        "hold": {"value": fixed(balance.locked), "currency": asset},
        "platform": "ACCOUNT_PLATFORM_CONSUMER",
    }


def wallet_id(name: str) -> str:
    """The id of the wallet that a balance lies in."""
    return f"wallet-{name}"


def wallet_info(name: str, balance: Balance, updated: float) -> Json:
    """An entry of v2/accounts."""
    asset = name.removesuffix(VAULT)
    return {
        "id": wallet_id(name),
        "name": f"{asset} Wallet",
        "type": "vault" if name.endswith(VAULT) else "wallet",
        "currency": {"code": asset, "name": asset},
        "balance": {"amount": fixed(balance.free + balance.locked), "currency": asset},
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": iso(updated),
        "resource": "account",
    }


def transaction_info(entry: Transfer) -> Json:
    """An entry of v2/accounts/{id}/transactions; the amount of a withdrawal holds its fee."""
    signed = entry.amount if entry.kind == "deposit" else -(entry.amount + entry.fee)
    return {
        "id": f"transaction-{entry.id}",
        "type": "send",
        "status": {"done": "completed", "pending": "pending", "failed": "failed"}[entry.status],
        "amount": {"amount": fixed(signed), "currency": entry.asset},
        "created_at": iso(entry.time),
        "updated_at": iso(entry.time),
        "resource": "transaction",
        "network": {
            "status": "confirmed",
            "hash": entry.txid,
            "transaction_fee": {"amount": fixed(entry.fee), "currency": entry.asset},
        },
    }


def candle_info(candle: Candle) -> Json:
    """An entry of candles."""
    figures = {"low": candle.low, "high": candle.high, "open": candle.open, "close": candle.close}
    texts = {name: fixed(figure) for name, figure in figures.items()}
    return {"start": str(candle.opened), **texts, "volume": fixed(candle.volume)}
