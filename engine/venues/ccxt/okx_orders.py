"""Orders on OKX spot: placing, finding by our id, cancelling, and reading what it says of them.

A new order is answered with an id alone. Errors come under HTTP 200, with a code for the request and one for the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from engine.model.errors import InvalidValue
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import EXACT, Price, Quantity, exact, plain, total
from engine.model.order import FeePaid, Fill, HistoricTrade, OrderReport, ReportedStatus
from engine.venues.ccxt.errors import CallFailed
from engine.venues.ccxt.parse import (
    accepted,
    check_ours,
    instant_of_milliseconds,
    list_of,
    milliseconds,
    number_of,
    optional_number,
    side_of,
    status_of,
    text_of,
)
from engine.venues.ccxt.profile import Api, Market, Payload, Period, Placement, Signing

DEADLINE = timedelta(seconds=10)
"""A request that comes up later than this after its intent is discarded: the venue keeps to the `expTime` header."""
ACCEPTED = "0"
NO_SUCH_ORDER = frozenset({"51603"})
FILL_PAGE = 100
RECENT_FILLS, OLDER_FILLS = "privateGetTradeFills", "privateGetTradeFillsHistory"
"""Of the last three days, and of the last three months."""

STATUSES = {
    "live": ReportedStatus.OPEN,
    "partially_filled": ReportedStatus.OPEN,
    "filled": ReportedStatus.FILLED,
    "canceled": ReportedStatus.CANCELED,
    "mmp_canceled": ReportedStatus.CANCELED,
}


async def place_order(api: Api, placement: Placement) -> OrderReport:
    """Send a limit order, immediate or cancel or as a maker only, signed for its intent and discarded when late."""
    order = placement.order
    payload = await api.private(
        "privatePostTradeOrder",
        {
            "instId": placement.market.id,
            # Not on margin: an account that could borrow refuses it.
            "tdMode": "cash",
            "side": order.side.value,
            "ordType": "post_only" if order.post_only else "ioc",
            "sz": plain(order.quantity),
            "px": plain(order.limit_price),
            "clOrdId": order.client_order_id,
        },
        Signing(order.intended_at, {"expTime": str(milliseconds(order.intended_at + DEADLINE))}),
    )
    return read_placed(payload, placement)


async def find_order(api: Api, placement: Placement) -> OrderReport | None:
    """What the venue knows of an order by our id, with its fills.

    It forgets an order that was cancelled without any fill after two hours; of several with one id it tells the newest.
    """
    try:
        payload = await api.private("privateGetTradeOrder", _named(placement))
    except CallFailed as failure:
        if failure.answer.code in NO_SUCH_ORDER:
            return None
        raise
    row = only_row(payload)
    fills = await _fills(api, placement, row) if optional_number(row, "accFillSz") else []
    return read_order(row, fills, placement)


async def cancel_order(api: Api, placement: Placement) -> None:
    """Ask for an order to be cancelled."""
    await api.private("privatePostTradeCancelOrder", _named(placement))


def only_row(payload: Payload) -> Payload:
    """The one entry of an answer. Raises InvalidValue."""
    rows = list_of(payload, "data")
    if len(rows) != 1 or not isinstance(rows[0], dict):
        raise InvalidValue("data", "expected one entry")
    return rows[0]


def read_placed(payload: Payload, placement: Placement) -> OrderReport:
    """The answer to a new order: its id, and nothing else. Raises InvalidValue."""
    row = only_row(payload)
    if text_of(row, "sCode") != ACCEPTED:
        raise InvalidValue("sCode", "says that the order was not accepted, in an answer that says it was")
    check_ours(row, "clOrdId", placement)
    return accepted(text_of(row, "ordId"), placement)


@exact
def read_order(row: Payload, rows: list[Payload], placement: Placement) -> OrderReport:
    """An order as it is looked up, with its fills. Raises InvalidValue."""
    check_ours(row, "clOrdId", placement)
    status = status_of(row, "state", STATUSES)
    fills = tuple(_fill(fill, placement) for fill in rows)
    filled = max(optional_number(row, "accFillSz"), total(fill.quantity for fill in fills))
    return OrderReport(placement.order.client_order_id, text_of(row, "ordId"), status, Quantity(filled), fills)


def _named(placement: Placement) -> dict[str, object]:
    return {"instId": placement.market.id, "clOrdId": placement.order.client_order_id}


async def _fills(api: Api, placement: Placement, row: Payload) -> list[Payload]:
    """The order's fills: the newest days' list, and the longer one where that does not hold them all."""
    order_id, wanted = text_of(row, "ordId"), number_of(row, "accFillSz")
    found: list[Payload] = []
    for method in (RECENT_FILLS, OLDER_FILLS):
        found = await _fill_pages(api, method, {"instType": "SPOT", "instId": placement.market.id, "ordId": order_id})
        if total(number_of(fill, "fillSz") for fill in found) >= wanted:
            break
    return found


async def fetch_trades(
    api: Api, venue: VenueName, markets: Sequence[Market], period: Period
) -> tuple[HistoricTrade, ...]:
    """The account's own trades in these markets of the last three months, out of the lists of all."""
    by_id = {market.id: market for market in markets}
    wanted: dict[str, object] = {"instType": "SPOT", "begin": str(milliseconds(period[0]))}
    rows = [row for method in (RECENT_FILLS, OLDER_FILLS) for row in await _fill_pages(api, method, wanted)]
    ours = [(row, by_id[row["instId"]]) for row in rows if row.get("instId") in by_id]
    return tuple(_trade(row, (venue, market, side_of(row, "side"))) for row, market in ours)


async def _fill_pages(api: Api, method: str, wanted: dict[str, object]) -> list[Payload]:
    found: dict[str, Payload] = {}
    page: dict[str, object] = {}
    while True:
        rows = list_of(await api.private(method, wanted | page), "data")
        found |= {text_of(row, "billId"): row for row in rows if wanted.get("ordId") in (None, row.get("ordId"))}
        if len(rows) < FILL_PAGE:
            return list(found.values())
        page = {"after": text_of(rows[-1], "billId")}


def _fill(row: Payload, placement: Placement) -> Fill:
    order = placement.order
    return _trade(row, (placement.venue, placement.market, order.side)).fill_of(order.client_order_id)


def _trade(row: Payload, where: tuple[VenueName, Market, Side]) -> HistoricTrade:
    venue, market, side = where
    return HistoricTrade(
        # Trade ids are counted for each market apart, and two orders of ours could meet in one.
        id=text_of(row, "billId"),
        venue=venue,
        base=market.base,
        quote=market.quote,
        side=side,
        quantity=Quantity(number_of(row, "fillSz")),
        price=Price(number_of(row, "fillPx")),
        fees=_fees(row),
        at=instant_of_milliseconds(row.get("fillTime") or row.get("ts"), "fillTime"),
    )


def _fees(row: Payload) -> tuple[FeePaid, ...]:
    # What was taken is below zero here, a rebate above.
    fee = EXACT.minus(number_of(row, "fee"))
    return (FeePaid(Asset(text_of(row, "feeCcy")), Quantity(fee)),) if fee else ()
