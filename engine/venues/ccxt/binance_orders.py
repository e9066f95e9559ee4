"""Orders on Binance spot: placing, finding by our id, cancelling, and reading what it says of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from engine.model.errors import InvalidValue
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import Price, Quantity, exact, plain, total
from engine.model.order import FeePaid, Fill, HistoricTrade, OrderReport, ReportedStatus
from engine.venues.ccxt.errors import CallFailed
from engine.venues.ccxt.parse import (
    check_ours,
    instant_of_milliseconds,
    list_of,
    milliseconds,
    number_of,
    status_of,
    text_of,
)
from engine.venues.ccxt.profile import Api, Market, Payload, Period, Placement

RECEIVE_WINDOW = timedelta(seconds=5)
"""A request that arrives later than this after its timestamp is refused."""
NO_SUCH_ORDER = "-2013"
TRADE_PAGE = 1000

STATUSES = {
    "NEW": ReportedStatus.OPEN,
    "PARTIALLY_FILLED": ReportedStatus.OPEN,
    "PENDING_NEW": ReportedStatus.OPEN,
    "PENDING_CANCEL": ReportedStatus.OPEN,
    "FILLED": ReportedStatus.FILLED,
    "CANCELED": ReportedStatus.CANCELED,
    "REJECTED": ReportedStatus.REJECTED,
    "EXPIRED": ReportedStatus.EXPIRED,
    "EXPIRED_IN_MATCH": ReportedStatus.EXPIRED,
}


async def place_order(api: Api, placement: Placement) -> OrderReport:
    """Send a limit order, immediate or cancel or as a maker only, signed for the instant of its intent."""
    order = placement.order
    kind = {"type": "LIMIT_MAKER"} if order.post_only else {"type": "LIMIT", "timeInForce": "IOC"}
    payload = await api.private(
        "privatePostOrder",
        {
            "symbol": placement.market.id,
            "side": order.side.value.upper(),
            **kind,
            "quantity": plain(order.quantity),
            "price": plain(order.limit_price),
            "newClientOrderId": order.client_order_id,
            "newOrderRespType": "FULL",
            "timestamp": milliseconds(order.intended_at),
        },
    )
    return read_created(payload, placement)


async def find_order(api: Api, placement: Placement) -> OrderReport | None:
    """What the venue knows of an order by our id, with its fills."""
    wanted = {"symbol": placement.market.id, "origClientOrderId": placement.order.client_order_id}
    try:
        payload = await api.private("privateGetOrder", wanted)
    except CallFailed as failure:
        if failure.answer.code == NO_SUCH_ORDER:
            return None
        raise
    trades: list[Payload] = []
    if number_of(payload, "executedQty"):
        trades = await _trades(api, placement, text_of(payload, "orderId"))
    return read_order(payload, trades, placement)


async def cancel_order(api: Api, placement: Placement) -> None:
    """Ask for an order to be cancelled."""
    wanted = {"symbol": placement.market.id, "origClientOrderId": placement.order.client_order_id}
    await api.private("privateDeleteOrder", wanted)


@exact
def read_created(payload: Payload, placement: Placement) -> OrderReport:
    """The full answer to a new order, with its fills. Raises InvalidValue."""
    traded_at = instant_of_milliseconds(number_of(payload, "transactTime"), "transactTime")
    fills = [_fill(row, placement, text_of(row, "tradeId"), traded_at) for row in list_of(payload, "fills")]
    return _report(payload, tuple(fills), placement)


@exact
def read_order(payload: Payload, trades: list[Payload], placement: Placement) -> OrderReport:
    """An order as it is looked up, with its trades. Raises InvalidValue."""
    fills = [
        _fill(row, placement, text_of(row, "id"), instant_of_milliseconds(row.get("time"), "time")) for row in trades
    ]
    return _report(payload, tuple(fills), placement)


async def _trades(api: Api, placement: Placement, order_id: str) -> list[Payload]:
    trades: list[Payload] = await api.private(
        "privateGetMyTrades",
        {"symbol": placement.market.id, "orderId": order_id, "limit": TRADE_PAGE},
    )
    return [row for row in trades if str(row.get("orderId")) == order_id]


def _report(payload: Payload, fills: tuple[Fill, ...], placement: Placement) -> OrderReport:
    check_ours(payload, "clientOrderId", placement)
    order_id, status = text_of(payload, "orderId"), status_of(payload, "status", STATUSES)
    filled = max(number_of(payload, "executedQty"), total(fill.quantity for fill in fills))
    return OrderReport(placement.order.client_order_id, order_id, status, Quantity(filled), fills)


async def fetch_trades(
    api: Api, venue: VenueName, markets: Sequence[Market], period: Period
) -> tuple[HistoricTrade, ...]:
    """The account's own trades market by market, page by page: the first from an instant on, the others by id."""
    found: list[HistoricTrade] = []
    for market in markets:
        begins: dict[str, object] = {"startTime": milliseconds(period[0])}
        rows: list[Payload] = [None] * TRADE_PAGE
        while len(rows) == TRADE_PAGE:
            wanted = {"symbol": market.id, "limit": TRADE_PAGE, **begins}
            rows = list_of({"trades": await api.private("privateGetMyTrades", wanted)}, "trades")
            found += [read_trade(row, venue, market) for row in rows]
            begins = {"fromId": max(int(text_of(row, "id")) for row in rows) + 1} if rows else begins
    return tuple(found)


def read_trade(row: Payload, venue: VenueName, market: Market) -> HistoricTrade:
    """One trade of the account's history. Raises InvalidValue."""
    if not isinstance(row.get("isBuyer"), bool):
        raise InvalidValue("isBuyer", "is missing in the answer")
    side = Side.BUY if row["isBuyer"] else Side.SELL
    return _trade(row, (venue, market, side), text_of(row, "id"), instant_of_milliseconds(row.get("time"), "time"))


def _fill(row: Payload, placement: Placement, trade_id: str, traded_at: datetime) -> Fill:
    order = placement.order
    trade = _trade(row, (placement.venue, placement.market, order.side), trade_id, traded_at)
    return trade.fill_of(order.client_order_id)


def _trade(row: Payload, where: tuple[VenueName, Market, Side], trade_id: str, traded_at: datetime) -> HistoricTrade:
    venue, market, side = where
    return HistoricTrade(
        # The venue counts trades for each market apart.
        id=f"{market.id}-{trade_id}",
        venue=venue,
        base=market.base,
        quote=market.quote,
        side=side,
        quantity=Quantity(number_of(row, "qty")),
        price=Price(number_of(row, "price")),
        fees=_fees(row, number_of(row, "commission")),
        at=traded_at,
    )


def _fees(row: Payload, fee: Decimal) -> tuple[FeePaid, ...]:
    return (FeePaid(Asset(text_of(row, "commissionAsset")), Quantity(fee)),) if fee else ()
