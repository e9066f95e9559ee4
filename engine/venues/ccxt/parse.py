"""Reading single values of a venue's answer: exact, and with an error that names the field. No IO."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.ledger import Deposit, Withdrawal
from engine.model.market import Level, OrderBook, Side
from engine.model.money import EXACT, ZERO, Price, Quantity, decimal_of
from engine.model.order import HistoricTrade, OrderReport, ReportedStatus
from engine.model.venue import KeyRights
from engine.venues.ccxt.profile import Candle, Fees, Listing, Market, Payload, Period, Placement

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_DAY = timedelta(days=1)
MICROSECONDS = Decimal(1_000_000)
ASSET_NAME = re.compile(r"[A-Z0-9]{1,20}")

Told = TypeVar("Told", Deposit, Withdrawal, HistoricTrade)


class NotUnderstood(InvalidValue):
    """A value that is there, and means nothing to us: asking again does not help."""


def text_of(payload: Payload, key: str) -> str:
    """A text that must be there. Raises InvalidValue."""
    value = payload.get(key) if isinstance(payload, dict) else None
    if not isinstance(value, str) or not value:
        raise InvalidValue(key, "is missing in the answer")
    return value


def number_of(payload: Payload, key: str) -> Decimal:
    """A decimal that must be there. Raises InvalidValue."""
    return decimal_of(payload.get(key) if isinstance(payload, dict) else None, key)


def dict_of(payload: Payload, key: str) -> dict[str, Payload]:
    """An object that must be there. Raises InvalidValue."""
    value = payload.get(key) if isinstance(payload, dict) else None
    if not isinstance(value, dict):
        raise InvalidValue(key, "is missing in the answer")
    return value


def list_of(payload: Payload, key: str) -> list[Payload]:
    """A list that must be there. Raises InvalidValue."""
    value = payload.get(key) if isinstance(payload, dict) else None
    if not isinstance(value, list):
        raise InvalidValue(key, "is missing in the answer")
    return value


def optional_number(payload: Payload, key: str) -> Decimal:
    """A decimal, zero where it is not given. Raises InvalidValue where it is something else."""
    return ZERO if payload.get(key) in (None, "") else decimal_of(payload[key], key)


def instant_of_seconds(value: object, field: str) -> datetime:
    """An instant from seconds since the epoch, with its fraction kept to the microsecond. Raises InvalidValue."""
    seconds = decimal_of(value, field)
    try:
        return EPOCH + timedelta(microseconds=int(EXACT.multiply(seconds, MICROSECONDS)))
    except (OverflowError, InvalidOperation) as error:
        raise InvalidValue(field, f"is no instant: {str(value)[:40]!r}") from error


def instant_of_milliseconds(value: object, field: str) -> datetime:
    """An instant from milliseconds since the epoch. Raises InvalidValue."""
    return instant_of_seconds(EXACT.scaleb(decimal_of(value, field), Decimal(-3)), field)


def instant_of_iso(value: object, field: str) -> datetime:
    """An instant from ISO 8601 with its zone, cut off at the microsecond. Raises InvalidValue."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InvalidValue(field, f"is no instant: {str(value)[:40]!r}")
    return instant.astimezone(UTC)


def milliseconds(instant: datetime) -> int:
    """Milliseconds since the epoch, exact."""
    return (instant - EPOCH) // timedelta(milliseconds=1)


def windows(period: Period, longest: timedelta) -> Iterator[Period]:
    """A period in parts, none longer than a venue answers for at a time."""
    start, end = period
    while start < end:
        until = min(start + longest, end)
        yield start, until
        start = until


def asset_of(name: str, listing: Listing) -> Asset:
    """The asset that a venue calls by this name, listed or not. Raises InvalidValue for what cannot be a name."""
    if name not in listing.assets and not ASSET_NAME.fullmatch(name):
        raise NotUnderstood("asset", f"{name[:40]!r} is not understood")
    return listing.assets.get(name, Asset(name))


def once_each(records: Iterable[Told]) -> tuple[Told, ...]:
    """Without those that were told twice, at the edge of two windows or of two pages."""
    return tuple({record.id: record for record in records}.values())


def side_of(payload: Payload, key: str) -> Side:
    """Buy or sell, in whatever case. Raises InvalidValue."""
    word = text_of(payload, key).lower()
    if word not in {side.value for side in Side}:
        raise NotUnderstood(key, f"{word[:40]!r} is not understood")
    return Side(word)


def fees_of(rows: Iterable[Payload], markets: Sequence[Market], taker: str, maker: str) -> dict[str, Fees]:
    """The fees by symbol, of the markets asked for, out of rows that name a market each. Raises InvalidValue."""
    wanted = {market.id: market.symbol for market in markets}
    ours = [row for row in rows if isinstance(row, dict) and row.get("symbol") in wanted]
    return {wanted[row["symbol"]]: Fees(number_of(row, taker), number_of(row, maker)) for row in ours}


def accepted(order_id: str, placement: Placement) -> OrderReport:
    """What an order's id alone says: it stands, and what became of it is asked for later."""
    return OrderReport(placement.order.client_order_id, order_id, ReportedStatus.OPEN, Quantity(ZERO))


def check_ours(payload: Payload, key: str, placement: Placement) -> None:
    """Raise InvalidValue unless our id of the order stands under the key."""
    if text_of(payload, key) != placement.order.client_order_id:
        raise InvalidValue(key, "belongs to another order")


def status_of(payload: Payload, key: str, statuses: Mapping[str, ReportedStatus]) -> ReportedStatus:
    """The status that a venue's word stands for. Raises InvalidValue for one that is not listed."""
    status = text_of(payload, key)
    if status not in statuses:
        raise NotUnderstood(key, f"{status[:40]!r} is not understood")
    return statuses[status]


def levels_of(rows: Iterable[Sequence[object]], field: str) -> tuple[Level, ...]:
    """Price levels; those that hold nothing are left out. Raises InvalidValue."""
    levels = []
    for row in rows:
        if not isinstance(row, list) or len(row) < 2:
            raise InvalidValue(field, "expected [price, quantity]")
        price, quantity = decimal_of(row[0], field), decimal_of(row[1], field)
        if quantity:
            levels.append(Level(Price(price), Quantity(quantity)))
    return tuple(levels)


def book_of(payload: Payload, market: Market, as_of: datetime) -> OrderBook:
    """An order book from `bids` and `asks`. Raises InvalidValue."""
    bids, asks = levels_of(list_of(payload, "bids"), "bids"), levels_of(list_of(payload, "asks"), "asks")
    return OrderBook(market.base, market.quote, bids, asks, as_of)


def top_of(market: Market, bid: tuple[object, object], ask: tuple[object, object], as_of: datetime) -> OrderBook:
    """A book of one level on each side, from price and quantity. Raises InvalidValue."""
    bids, asks = levels_of([list(bid)], "bid"), levels_of([list(ask)], "ask")
    return OrderBook(market.base, market.quote, bids, asks, as_of)


def candles_of(
    rows: Iterable[Payload], opened: tuple[str | int, str], figures: tuple[str | int, str | int]
) -> tuple[Candle, ...]:
    """Daily candles, from where their opening stands, its unit (`s` or `ms`), and where close and volume in base do.

    Raises InvalidValue.
    """
    key, unit = opened
    instant_of = instant_of_seconds if unit == "s" else instant_of_milliseconds
    close, volume = figures
    return tuple(
        Candle(instant_of(row[key], "opened") + A_DAY, _price_of(row[close]), _volume_of(row[volume])) for row in rows
    )


def _volume_of(value: object) -> Quantity:
    volume = decimal_of(value, "volume")
    if volume < 0:
        raise InvalidValue("volume", "must not be negative")
    return Quantity(volume)


def _price_of(value: object) -> Price:
    price = decimal_of(value, "close")
    if price <= 0:
        raise InvalidValue("close", "must be above 0")
    return Price(price)


def two_sided(tops: Iterable[OrderBook]) -> tuple[OrderBook, ...]:
    """Those that hold a bid and an ask."""
    return tuple(top for top in tops if top.is_two_sided)


def read_spot_market(listed: Mapping[str, Any]) -> Market:
    """A spot market as ccxt lists it. Raises InvalidValue."""
    precision, limits, symbol = listed["precision"], listed["limits"], listed["symbol"]
    for name in ("price", "amount"):
        if decimal_of(precision[name], f"{symbol} {name} step") <= 0:
            raise InvalidValue(f"{symbol} {name} step", "must be above 0")
    return Market(
        id=listed["id"],
        base=Asset(listed["base"]),
        quote=Asset(listed["quote"]),
        active=bool(listed["active"]),
        price_tick=decimal_of(precision["price"], f"{symbol} tick"),
        amount_step=decimal_of(precision["amount"], f"{symbol} step"),
        min_amount=decimal_of(limits["amount"]["min"] or "0", f"{symbol} minimum"),
        min_notional=decimal_of(limits["cost"]["min"] or "0", f"{symbol} minimum notional"),
        listed_fees=Fees(_table_number(listed["taker"], "taker"), _table_number(listed["maker"], "maker")),
    )


def _table_number(value: object, field: str) -> Decimal:
    # ccxt's own fee tables are floats, whose shortest text is what was written there.
    return decimal_of(repr(value) if isinstance(value, float) else value, field)


def no_rights(problem: str) -> KeyRights:
    """Nothing is granted, and why."""
    return KeyRights(can_read=False, can_trade=False, can_withdraw=False, ip_restricted=False, problem=problem)
