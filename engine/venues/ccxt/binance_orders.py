"""Orders on Binance spot: placing, finding by our id, cancelling, and reading what it says of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from engine.model.ids import Asset
from engine.model.money import Price, Quantity, exact, plain, total
from engine.model.order import FeePaid, Fill, OrderReport, ReportedStatus
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
from engine.venues.ccxt.profile import Api, Payload, Placement

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


def _fill(row: Payload, placement: Placement, trade_id: str, traded_at: datetime) -> Fill:
    order, fee = placement.order, number_of(row, "commission")
    return Fill(
        # The venue counts trades for each market apart.
        id=f"{placement.market.id}-{trade_id}",
        client_order_id=order.client_order_id,
        venue=placement.venue,
        base=order.base,
        quote=order.quote,
        side=order.side,
        quantity=Quantity(number_of(row, "qty")),
        price=Price(number_of(row, "price")),
        fees=_fees(row, fee),
        traded_at=traded_at,
    )


def _fees(row: Payload, fee: Decimal) -> tuple[FeePaid, ...]:
    return (FeePaid(Asset(text_of(row, "commissionAsset")), Quantity(fee)),) if fee else ()
