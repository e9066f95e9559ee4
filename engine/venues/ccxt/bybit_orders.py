"""Orders on Bybit spot: placing, finding by our id, cancelling, and reading what it says of them.

A new order is answered with an id alone, before it is matched. It is found again by our id among the open orders, among
the last ones that closed (the venue's memory, lost when it restarts), and in the history, which comes later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import EXACT, Price, Quantity, exact, plain, total
from engine.model.order import FeePaid, Fill, HistoricTrade, OrderReport, ReportedStatus
from engine.venues.ccxt.parse import (
    accepted,
    check_ours,
    dict_of,
    instant_of_milliseconds,
    list_of,
    milliseconds,
    number_of,
    side_of,
    status_of,
    text_of,
    windows,
)
from engine.venues.ccxt.profile import Api, Market, Payload, Period, Placement, Signing

RECEIVE_WINDOW = timedelta(seconds=5)
"""A request that arrives later than this after its timestamp is refused."""
SEARCHED_BEFORE = timedelta(minutes=1)
"""A history is asked for from so long before the intent on: clocks differ."""
TRADE_WINDOW = timedelta(days=7)
"""The venue answers for so long from the start on."""
TRADE_PAGE = 100
TRADES_KEPT = timedelta(days=729)
"""The venue tells of two years, and refuses to be asked for more."""
TRADED = "Trade"
SPOT = {"category": "spot"}
NEVER_BORROW = 0

STATUSES = {
    "Created": ReportedStatus.OPEN,
    "New": ReportedStatus.OPEN,
    "PartiallyFilled": ReportedStatus.OPEN,
    "Filled": ReportedStatus.FILLED,
    "Cancelled": ReportedStatus.CANCELED,
    "PartiallyFilledCanceled": ReportedStatus.CANCELED,
    "Deactivated": ReportedStatus.CANCELED,
    "Rejected": ReportedStatus.REJECTED,
}


async def place_order(api: Api, placement: Placement) -> OrderReport:
    """Send a limit order, immediate or cancel or as a maker only, signed for the instant of its intent."""
    order = placement.order
    wanted = {
        **SPOT,
        "symbol": placement.market.id,
        "side": order.side.value.capitalize(),
        "orderType": "Limit",
        "timeInForce": "PostOnly" if order.post_only else "IOC",
        "qty": plain(order.quantity),
        "price": plain(order.limit_price),
        "orderLinkId": order.client_order_id,
        "isLeverage": NEVER_BORROW,
    }
    return read_placed(await api.private("privatePostV5OrderCreate", wanted, Signing(order.intended_at)), placement)


async def find_order(api: Api, placement: Placement) -> OrderReport | None:
    """What the venue knows of an order by our id, with its fills."""
    order = placement.order
    ours = {**SPOT, "symbol": placement.market.id, "orderLinkId": order.client_order_id}
    places = (
        ("privateGetV5OrderRealtime", {"openOnly": 0}),
        ("privateGetV5OrderRealtime", {"openOnly": 1}),
        ("privateGetV5OrderHistory", {"startTime": milliseconds(order.intended_at - SEARCHED_BEFORE)}),
    )
    for method, where in places:
        payload = await api.private(method, {**ours, **where})
        row = pick_order(list_of(dict_of(payload, "result"), "list"), placement)
        if row is not None:
            return read_order(row, await _trades(api, row, placement), placement)
    return None


async def cancel_order(api: Api, placement: Placement) -> None:
    """Ask for an order to be cancelled."""
    wanted = {**SPOT, "symbol": placement.market.id, "orderLinkId": placement.order.client_order_id}
    await api.private("privatePostV5OrderCancel", wanted)


def read_placed(payload: Payload, placement: Placement) -> OrderReport:
    """The answer to a new order: its ids, and nothing else. Raises InvalidValue."""
    result = dict_of(payload, "result")
    check_ours(result, "orderLinkId", placement)
    return accepted(text_of(result, "orderId"), placement)


def pick_order(rows: list[Payload], placement: Placement) -> Payload | None:
    """The newest of these orders that carries our id."""
    ours = [row for row in rows if row.get("orderLinkId") == placement.order.client_order_id]
    return max(ours, key=lambda row: number_of(row, "createdTime"), default=None)


@exact
def read_order(row: Payload, trades: list[Payload], placement: Placement) -> OrderReport:
    """An order as it is looked up, with its trades. Raises InvalidValue."""
    status = status_of(row, "orderStatus", STATUSES)
    fills = tuple(_fill(trade, placement) for trade in trades)
    filled = max(number_of(row, "cumExecQty"), total(fill.quantity for fill in fills))
    return OrderReport(placement.order.client_order_id, text_of(row, "orderId"), status, Quantity(filled), fills)


async def _trades(api: Api, row: Payload, placement: Placement) -> list[Payload]:
    """The order's executions, window by window and page by page until they are all there."""
    order_id, missing = text_of(row, "orderId"), number_of(row, "cumExecQty")
    opened = instant_of_milliseconds(row.get("createdTime"), "createdTime") - SEARCHED_BEFORE
    touched = instant_of_milliseconds(row.get("updatedTime"), "updatedTime") + SEARCHED_BEFORE
    found: dict[str, Payload] = {}
    wanted = {**SPOT, "symbol": placement.market.id, "orderId": order_id, "limit": TRADE_PAGE}
    for start, _ in windows((opened, touched), TRADE_WINDOW):
        page: dict[str, object] = {**wanted, "startTime": milliseconds(start)}
        while missing > 0:
            result = dict_of(await api.private("privateGetV5ExecutionList", page), "result")
            ours = {text_of(t, "execId"): t for t in list_of(result, "list") if t.get("orderId") == order_id}
            new = {key: trade for key, trade in ours.items() if key not in found}
            missing = EXACT.subtract(missing, total(number_of(trade, "execQty") for trade in new.values()))
            found |= new
            if not new or not result.get("nextPageCursor"):
                break
            page["cursor"] = result["nextPageCursor"]
    return list(found.values())


async def fetch_trades(
    api: Api, venue: VenueName, markets: Sequence[Market], period: Period
) -> tuple[HistoricTrade, ...]:
    """The account's own trades in these markets, out of the history of all, window by window and page by page."""
    by_id = {market.id: market for market in markets}
    found: list[HistoricTrade] = []
    for start, end in windows((max(period[0], period[1] - TRADES_KEPT), period[1]), TRADE_WINDOW):
        window = {**SPOT, "startTime": milliseconds(start), "endTime": milliseconds(end), "limit": TRADE_PAGE}
        page: dict[str, object] = dict(window)
        while True:
            result = dict_of(await api.private("privateGetV5ExecutionList", page), "result")
            rows = [row for row in list_of(result, "list") if row.get("execType") == TRADED]
            ours = [(row, by_id[row["symbol"]]) for row in rows if row.get("symbol") in by_id]
            found += [_trade(row, (venue, market, side_of(row, "side"))) for row, market in ours]
            cursor = result.get("nextPageCursor")
            if not cursor or cursor == page.get("cursor"):
                break
            page["cursor"] = cursor
    return tuple(found)


def _fill(row: Payload, placement: Placement) -> Fill:
    order = placement.order
    return _trade(row, (placement.venue, placement.market, order.side)).fill_of(order.client_order_id)


def _trade(row: Payload, where: tuple[VenueName, Market, Side]) -> HistoricTrade:
    venue, market, side = where
    return HistoricTrade(
        id=text_of(row, "execId"),
        venue=venue,
        base=market.base,
        quote=market.quote,
        side=side,
        quantity=Quantity(number_of(row, "execQty")),
        price=Price(number_of(row, "execPrice")),
        fees=_fees(row, number_of(row, "execFee"), market, side),
        at=instant_of_milliseconds(row.get("execTime"), "execTime"),
    )


def _fees(row: Payload, fee: Decimal, market: Market, side: Side) -> tuple[FeePaid, ...]:
    """The fee in its currency. Where none is named: what was received pays it, and what was spent gets a rebate."""
    if not fee:
        return ()
    named = row.get("feeCurrency")
    if named:
        return (FeePaid(Asset(named), Quantity(fee)),)
    in_base = (side is Side.BUY) is (fee > 0)
    return (FeePaid(market.base if in_base else market.quote, Quantity(fee)),)
