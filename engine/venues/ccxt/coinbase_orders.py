"""Orders on Coinbase Advanced Trade: placing, finding by our id, cancelling, and reading what it says of them.

A new order is answered with an id alone. An order is looked up by our id in the lists of orders: the venue has no
question for it, and cancels by its own id only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from engine.model.errors import InvalidValue, Refused
from engine.model.ids import VenueName
from engine.model.market import Side
from engine.model.money import Price, Quantity, exact, plain, total
from engine.model.order import FeePaid, Fill, HistoricTrade, OrderReport, ReportedStatus
from engine.venues.ccxt.parse import (
    NotUnderstood,
    accepted,
    check_ours,
    dict_of,
    instant_of_iso,
    list_of,
    number_of,
    optional_number,
    side_of,
    status_of,
    text_of,
)
from engine.venues.ccxt.profile import Api, Market, Payload, Period, Placement, Signing

TOKEN_LIFETIME = timedelta(seconds=120)
"""What ccxt gives the token that signs a request, which is the longest that the venue accepts."""
WINDOW = timedelta(seconds=30)
"""An order's token is dated back, so that it expires so long after the intent and not two minutes after it."""
ORDER_PAGE = 250
FILL_PAGE = 100
A_MOMENT = timedelta(minutes=1)
"""How far the venue's clock may be behind ours when it dates an order."""
FILLED_BY_A_TRADE = "FILL"

STATUSES = {
    "PENDING": ReportedStatus.OPEN,
    "OPEN": ReportedStatus.OPEN,
    "QUEUED": ReportedStatus.OPEN,
    "CANCEL_QUEUED": ReportedStatus.OPEN,
    "EDIT_QUEUED": ReportedStatus.OPEN,
    "FILLED": ReportedStatus.FILLED,
    "CANCELLED": ReportedStatus.CANCELED,
    "EXPIRED": ReportedStatus.EXPIRED,
    "FAILED": ReportedStatus.REJECTED,
}


async def place_order(api: Api, placement: Placement) -> OrderReport:
    """Send a limit order, immediate or cancel or as a maker only, signed so that it expires soon after its intent.

    A second order with an id that was ever used is not made: the venue answers with the first one.
    """
    order = placement.order
    limits: dict[str, object] = {"base_size": plain(order.quantity), "limit_price": plain(order.limit_price)}
    payload = await api.private(
        "v3PrivatePostBrokerageOrders",
        {
            "client_order_id": order.client_order_id,
            "product_id": placement.market.id,
            "side": order.side.value.upper(),
            "order_configuration": (
                {"limit_limit_gtc": limits | {"post_only": True}} if order.post_only else {"sor_limit_ioc": limits}
            ),
        },
        Signing(order.intended_at + WINDOW - TOKEN_LIFETIME),
    )
    return read_placed(payload, placement)


async def find_order(api: Api, placement: Placement) -> OrderReport | None:
    """What the venue knows of an order by our id, with its fills."""
    row = await _find(api, placement)
    if row is None:
        return None
    fills = await _fills(api, text_of(row, "order_id")) if optional_number(row, "filled_size") else []
    return read_order(row, fills, placement)


async def cancel_order(api: Api, placement: Placement) -> None:
    """Ask for an order to be cancelled. Raises Refused where there is none, or where the venue says that it is over."""
    row = await _find(api, placement)
    if row is None:
        raise Refused(placement.venue, "it knows no such order")
    payload = await api.private("v3PrivatePostBrokerageOrdersBatchCancel", {"order_ids": [text_of(row, "order_id")]})
    results = list_of(payload, "results")
    if len(results) != 1 or not isinstance(results[0].get("success"), bool):
        raise InvalidValue("results", "expected one result")
    if not results[0]["success"]:
        reason = str(results[0].get("failure_reason") or "")
        raise Refused(placement.venue, f"the order was not cancelled ({reason[:60]})", code=reason)


def read_placed(payload: Payload, placement: Placement) -> OrderReport:
    """The answer to a new order: its id, and nothing else. Raises InvalidValue."""
    if not isinstance(payload, dict) or payload.get("success") is not True:
        raise InvalidValue("success", "is missing in the answer")
    row = dict_of(payload, "success_response")
    check_ours(row, "client_order_id", placement)
    return accepted(text_of(row, "order_id"), placement)


@exact
def read_order(row: Payload, rows: list[Payload], placement: Placement) -> OrderReport:
    """An order as it is listed, with its fills. Raises InvalidValue."""
    check_ours(row, "client_order_id", placement)
    status = status_of(row, "status", STATUSES)
    fills = tuple(_fill(fill, placement) for fill in rows)
    filled = max(optional_number(row, "filled_size"), total(fill.quantity for fill in fills))
    return OrderReport(placement.order.client_order_id, text_of(row, "order_id"), status, Quantity(filled), fills)


async def _find(api: Api, placement: Placement) -> Payload | None:
    """The order's row: among the open ones, then among all since its intent, where one that just ended is found."""
    since = (placement.order.intended_at - A_MOMENT).strftime("%Y-%m-%dT%H:%M:%SZ")
    for wanted in ({"order_status": "OPEN"}, {"start_date": since}):
        found = await _first_of_ours(api, placement, wanted)
        if found is not None:
            return found
    return None


async def _first_of_ours(api: Api, placement: Placement, wanted: dict[str, str]) -> Payload | None:
    page: dict[str, object] = {"limit": ORDER_PAGE}
    while True:
        payload = await api.private("v3PrivateGetBrokerageOrdersHistoricalBatch", wanted | page)
        for row in list_of(payload, "orders"):
            if row.get("client_order_id") == placement.order.client_order_id:
                return row
        cursor = payload.get("cursor")
        if not payload.get("has_next") or not cursor or cursor == page.get("cursor"):
            return None
        page["cursor"] = cursor


async def _fills(api: Api, order_id: str) -> list[Payload]:
    found: dict[str, Payload] = {}
    page: dict[str, object] = {"order_ids": [order_id]}
    while True:
        payload = await api.private("v3PrivateGetBrokerageOrdersHistoricalFills", page)
        rows = [row for row in list_of(payload, "fills") if row.get("order_id") == order_id]
        new = {entry: row for row in rows if (entry := text_of(row, "entry_id")) not in found}
        found |= new
        if not payload.get("cursor") or not new:
            return list(found.values())
        page["cursor"] = payload["cursor"]


async def fetch_trades(
    api: Api, venue: VenueName, markets: Sequence[Market], period: Period
) -> tuple[HistoricTrade, ...]:
    """The account's own trades in these markets, out of the history of all, newest first and page by page."""
    by_id = {market.id: market for market in markets}
    since = period[0].strftime("%Y-%m-%dT%H:%M:%SZ")
    page: dict[str, object] = {"start_sequence_timestamp": since, "limit": FILL_PAGE}
    found: dict[str, HistoricTrade] = {}
    while True:
        payload = await api.private("v3PrivateGetBrokerageOrdersHistoricalFills", page)
        rows = list_of(payload, "fills")
        ours = [(row, by_id[row["product_id"]]) for row in rows if row.get("product_id") in by_id]
        trades = [_trade(row, (venue, market, side_of(row, "side"))) for row, market in ours]
        found |= {trade.id: trade for trade in trades}
        cursor = payload.get("cursor")
        if not rows or not cursor or cursor == page.get("cursor"):
            return tuple(found.values())
        page["cursor"] = cursor


def _fill(row: Payload, placement: Placement) -> Fill:
    order = placement.order
    return _trade(row, (placement.venue, placement.market, order.side)).fill_of(order.client_order_id)


def _trade(row: Payload, where: tuple[VenueName, Market, Side]) -> HistoricTrade:
    (venue, market, side), fee = where, optional_number(row, "commission")
    if row.get("size_in_quote") is True or text_of(row, "trade_type") != FILLED_BY_A_TRADE:
        raise NotUnderstood("fills", "one that is corrected, or counted in quote, is not understood")
    return HistoricTrade(
        id=text_of(row, "entry_id"),
        venue=venue,
        base=market.base,
        quote=market.quote,
        side=side,
        quantity=Quantity(number_of(row, "size")),
        price=Price(number_of(row, "price")),
        fees=(FeePaid(market.quote, Quantity(fee)),) if fee else (),
        at=instant_of_iso(row.get("trade_time"), "trade_time"),
    )
