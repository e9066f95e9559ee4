"""Orders on Kraken spot: placing, finding by our id, cancelling, and reading what it says of them.

A new order is answered with an id alone; it is found again by our id among the open, then among the closed orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from engine.model.errors import InvalidValue
from engine.model.ids import VenueName
from engine.model.market import Side
from engine.model.money import EXACT, Price, Quantity, exact, plain, total
from engine.model.order import FeePaid, Fill, HistoricTrade, OrderReport, ReportedStatus
from engine.venues.ccxt.parse import (
    accepted,
    dict_of,
    instant_of_seconds,
    list_of,
    milliseconds,
    number_of,
    side_of,
    status_of,
    text_of,
)
from engine.venues.ccxt.profile import Api, Market, Payload, Period, Placement

DEADLINE = timedelta(seconds=10)
"""The matching engine refuses an order that reaches it later than this after its intent."""
TRADE_PAGE = 50
ONE_SECOND = Decimal(1)

STATUSES = {
    "pending": ReportedStatus.OPEN,
    "open": ReportedStatus.OPEN,
    "closed": ReportedStatus.FILLED,
    "canceled": ReportedStatus.CANCELED,
    "expired": ReportedStatus.EXPIRED,
}


async def place_order(api: Api, placement: Placement) -> OrderReport:
    """Send a limit order, immediate or cancel or as a maker only; the matching engine takes it until its deadline."""
    order = placement.order
    payload = await api.private(
        "privatePostAddOrder",
        {
            "pair": placement.market.id,
            "type": order.side.value,
            "ordertype": "limit",
            "timeinforce": "GTC" if order.post_only else "IOC",
            "volume": plain(order.quantity),
            "price": plain(order.limit_price),
            "cl_ord_id": order.client_order_id,
            "deadline": (order.intended_at + DEADLINE).strftime("%Y-%m-%dT%H:%M:%SZ"),
            # Said for both sides: what a fee is taken in must not depend on the side.
            "oflags": "fciq,post" if order.post_only else "fciq",
        },
    )
    return read_placed(payload, placement)


async def find_order(api: Api, placement: Placement) -> OrderReport | None:
    """What the venue knows of an order by our id, with its fills."""
    wanted = {"cl_ord_id": placement.order.client_order_id}
    for method, key in (("privatePostOpenOrders", "open"), ("privatePostClosedOrders", "closed")):
        payload = await api.private(method, wanted)
        found = pick_order(dict_of(dict_of(payload, "result"), key), placement)
        if found is not None:
            txid, row = found
            return read_order(txid, row, await _trades(api, txid, row), placement)
    return None


async def cancel_order(api: Api, placement: Placement) -> None:
    """Ask for an order to be cancelled."""
    await api.private("privatePostCancelOrder", {"cl_ord_id": placement.order.client_order_id})


def read_placed(payload: Payload, placement: Placement) -> OrderReport:
    """The answer to a new order: its id, and nothing else. Raises InvalidValue."""
    ids = list_of(dict_of(payload, "result"), "txid")
    if len(ids) != 1 or not isinstance(ids[0], str) or not ids[0]:
        raise InvalidValue("txid", "expected one order id")
    return accepted(ids[0], placement)


def pick_order(rows: Mapping[str, Payload], placement: Placement) -> tuple[str, Payload] | None:
    """The newest of these orders that carries our id."""
    ours = [item for item in rows.items() if item[1].get("cl_ord_id") == placement.order.client_order_id]
    return max(ours, key=lambda item: number_of(item[1], "opentm"), default=None)


@exact
def read_order(txid: str, row: Payload, trades: Mapping[str, Payload], placement: Placement) -> OrderReport:
    """An order as it is looked up, with its trades by their ids. Raises InvalidValue."""
    status = status_of(row, "status", STATUSES)
    fills = tuple(_fill(trade_id, trade, placement) for trade_id, trade in trades.items())
    filled = max(number_of(row, "vol_exec"), total(fill.quantity for fill in fills))
    return OrderReport(placement.order.client_order_id, txid, status, Quantity(filled), fills)


async def _trades(api: Api, txid: str, row: Payload) -> dict[str, Payload]:
    """The order's trades, out of the account's history since it was opened, page by page until they are all there."""
    missing, offset = number_of(row, "vol_exec"), 0
    trades: dict[str, Payload] = {}
    opened = EXACT.subtract(number_of(row, "opentm"), ONE_SECOND)
    while missing > 0:
        page = {"start": str(int(opened)), "ofs": str(offset)}
        result = dict_of(await api.private("privatePostTradesHistory", page), "result")
        rows = dict_of(result, "trades")
        ours = {key: trade for key, trade in rows.items() if trade.get("ordertxid") == txid and key not in trades}
        missing = EXACT.subtract(missing, total(number_of(trade, "vol") for trade in ours.values()))
        trades |= ours
        offset += TRADE_PAGE
        if len(rows) < TRADE_PAGE:
            break
    return trades


async def fetch_trades(
    api: Api, venue: VenueName, markets: Sequence[Market], period: Period
) -> tuple[HistoricTrade, ...]:
    """The account's own trades in these markets, out of the history of all, newest first and page by page."""
    by_name = {name: market for market in markets for name in (market.id, market.symbol)}
    start = str(milliseconds(period[0]) // 1000 - 1)
    found: dict[str, HistoricTrade] = {}
    rows: Mapping[str, Payload] = {}
    offset, count = 0, ONE_SECOND
    # A trade that happens meanwhile moves all others to a later page: some come twice, and none is left out.
    while offset < count and (rows or not offset):
        payload = await api.private("privatePostTradesHistory", {"start": start, "ofs": str(offset)})
        result = dict_of(payload, "result")
        rows, count = dict_of(result, "trades"), number_of(result, "count")
        for trade_id, row in rows.items():
            market = by_name.get(text_of(row, "pair"))
            if market is not None:
                found[trade_id] = _trade(trade_id, row, (venue, market, side_of(row, "type")))
        offset += TRADE_PAGE
    return tuple(found.values())


def _fill(trade_id: str, row: Payload, placement: Placement) -> Fill:
    order = placement.order
    return _trade(trade_id, row, (placement.venue, placement.market, order.side)).fill_of(order.client_order_id)


def _trade(trade_id: str, row: Payload, where: tuple[VenueName, Market, Side]) -> HistoricTrade:
    venue, market, side = where
    fee = number_of(row, "fee")
    return HistoricTrade(
        id=trade_id,
        venue=venue,
        base=market.base,
        quote=market.quote,
        side=side,
        quantity=Quantity(number_of(row, "vol")),
        price=Price(number_of(row, "price")),
        fees=(FeePaid(market.quote, Quantity(fee)),) if fee else (),
        at=instant_of_seconds(row.get("time"), "time"),
    )
