"""Orders on KuCoin spot: placing, finding by our id, cancelling, and reading what it says of them.

A new order is answered with an id alone, before it is matched. It is found again by our id, or else among those that
ended around its intent: the older interface told of open orders only when it was asked for one by our id.
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
    dict_of,
    instant_of_milliseconds,
    list_of,
    milliseconds,
    number_of,
    side_of,
    text_of,
    windows,
)
from engine.venues.ccxt.profile import Api, Market, Payload, Period, Placement, Signing

RECEIVE_WINDOW = timedelta(seconds=5)
"""A request whose time is further from the venue's than this is refused."""
AROUND_THE_INTENT = timedelta(minutes=1)
TOLD_OF = timedelta(days=1)
"""The venue's documents say for two days, for three and for seven that an order is told of after its end."""
PAGE = 100
TRADE_WINDOW = timedelta(days=7)
"""The venue answers for so long from the start on."""
TRADES_ASKED_FOR = timedelta(days=729)
"""Each week of each market is a request of its own: what is older comes from a file in less time."""
NOT_FOUND = frozenset({"OrderNotFound"})
SUCCESS = "200000"


async def place_order(api: Api, placement: Placement) -> OrderReport:
    """Send a limit order, immediate or cancel or as a maker only, signed for the instant of its intent."""
    order = placement.order
    wanted = {
        "clientOid": order.client_order_id,
        "symbol": placement.market.id,
        "type": "limit",
        "side": order.side.value,
        "size": plain(order.quantity),
        "price": plain(order.limit_price),
        **({"timeInForce": "GTC", "postOnly": True} if order.post_only else {"timeInForce": "IOC"}),
        "clientTimestamp": milliseconds(order.intended_at),
        "allowMaxTimeWindow": RECEIVE_WINDOW // timedelta(milliseconds=1),
    }
    return read_placed(await api.private("privatePostHfOrders", wanted, Signing(order.intended_at)), placement)


async def find_order(api: Api, placement: Placement) -> OrderReport | None:
    """What the venue knows of an order by our id, with its fills.

    Raises InvalidValue where the venue would not tell any more: its silence says nothing then.
    """
    row = await _by_our_id(api, placement) or await _among_the_ended(api, placement)
    if row is not None:
        return read_order(row, await _trades(api, row, placement), placement)
    now = instant_of_milliseconds((await api.public("publicGetTimestamp", {}))["data"], "timestamp")
    if now - placement.order.intended_at > TOLD_OF:
        raise InvalidValue("order", "is so old that the exchange does not tell of it any more; look there yourself")
    return None


async def cancel_order(api: Api, placement: Placement) -> None:
    """Ask for an order to be cancelled."""
    wanted = {"clientOid": placement.order.client_order_id, "symbol": placement.market.id}
    await api.private("privateDeleteHfOrdersClientOrderClientOid", wanted)


def read_placed(payload: Payload, placement: Placement) -> OrderReport:
    """The answer to a new order: its id, and nothing else. Raises InvalidValue."""
    data = dict_of(payload, "data")
    if "clientOid" in data:
        check_ours(data, "clientOid", placement)
    return accepted(text_of(data, "orderId"), placement)


@exact
def read_order(row: Payload, trades: list[Payload], placement: Placement) -> OrderReport:
    """An order as it is looked up, with its trades. Raises InvalidValue."""
    check_ours(row, "clientOid", placement)
    fills = tuple(_fill(trade, placement) for trade in trades)
    filled = max(number_of(row, "dealSize"), total(fill.quantity for fill in fills))
    return OrderReport(placement.order.client_order_id, text_of(row, "id"), _status(row), Quantity(filled), fills)


def _status(row: Payload) -> ReportedStatus:
    """The venue has no word for it: an order is active, or was filled, or ended before it was."""
    if not isinstance(row.get("active"), bool):
        raise InvalidValue("active", "is missing in the answer")
    if row["active"]:
        return ReportedStatus.OPEN
    is_filled = number_of(row, "dealSize") >= number_of(row, "size")
    return ReportedStatus.FILLED if is_filled else ReportedStatus.CANCELED


async def _by_our_id(api: Api, placement: Placement) -> Payload | None:
    wanted = {"clientOid": placement.order.client_order_id, "symbol": placement.market.id}
    try:
        payload = await api.private("privateGetHfOrdersClientOrderClientOid", wanted)
    except CallFailed as failure:
        if failure.is_a(NOT_FOUND):
            return None
        raise
    if isinstance(payload, dict) and payload.get("code") == SUCCESS and payload.get("data", "") is None:
        return None
    return dict_of(payload, "data")


async def _among_the_ended(api: Api, placement: Placement) -> Payload | None:
    intended_at = placement.order.intended_at
    page: dict[str, object] = {
        "symbol": placement.market.id,
        "startAt": milliseconds(intended_at - AROUND_THE_INTENT),
        "endAt": milliseconds(intended_at + AROUND_THE_INTENT),
        "limit": PAGE,
    }
    ours: list[Payload] = []
    rows: list[Payload] = [None] * PAGE
    while len(rows) >= PAGE:
        data = dict_of(await api.private("privateGetHfOrdersDone", page), "data")
        rows = list_of(data, "items")
        ours += [row for row in rows if row.get("clientOid") == placement.order.client_order_id]
        page["lastId"] = data.get("lastId")
    return max(ours, key=lambda row: number_of(row, "createdAt"), default=None)


async def _trades(api: Api, row: Payload, placement: Placement) -> list[Payload]:
    """The order's trades, page by page until they are all there."""
    order_id, missing = text_of(row, "id"), number_of(row, "dealSize")
    page: dict[str, object] = {"symbol": placement.market.id, "orderId": order_id, "limit": PAGE}
    found: dict[str, Payload] = {}
    while missing > 0:
        data = dict_of(await api.private("privateGetHfFills", page), "data")
        ours = {text_of(t, "id"): t for t in list_of(data, "items") if t.get("orderId") == order_id}
        new = {key: trade for key, trade in ours.items() if key not in found}
        missing = EXACT.subtract(missing, total(number_of(trade, "size") for trade in new.values()))
        found |= new
        if not new or not data.get("lastId"):
            break
        page["lastId"] = data["lastId"]
    return list(found.values())


async def fetch_trades(
    api: Api, venue: VenueName, markets: Sequence[Market], period: Period
) -> tuple[HistoricTrade, ...]:
    """The account's own trades market by market, window by window, and page by page within each."""
    found: list[HistoricTrade] = []
    for market in markets:
        for start, end in windows((max(period[0], period[1] - TRADES_ASKED_FOR), period[1]), TRADE_WINDOW):
            wanted = {"symbol": market.id, "startAt": milliseconds(start), "endAt": milliseconds(end), "limit": PAGE}
            rows = await _pages(api, wanted)
            found += [_trade(row, (venue, market, side_of(row, "side"))) for row in rows]
    return tuple(found)


async def _pages(api: Api, wanted: dict[str, object]) -> list[Payload]:
    found: list[Payload] = []
    page: dict[str, object] = {}
    while True:
        data = dict_of(await api.private("privateGetHfFills", wanted | page), "data")
        rows = list_of(data, "items")
        found += rows
        if len(rows) < PAGE or not data.get("lastId"):
            return found
        page = {"lastId": data["lastId"]}


def _fill(row: Payload, placement: Placement) -> Fill:
    order = placement.order
    return _trade(row, (placement.venue, placement.market, order.side)).fill_of(order.client_order_id)


def _trade(row: Payload, where: tuple[VenueName, Market, Side]) -> HistoricTrade:
    (venue, market, side), fee = where, number_of(row, "fee")
    return HistoricTrade(
        id=text_of(row, "id"),
        venue=venue,
        base=market.base,
        quote=market.quote,
        side=side,
        quantity=Quantity(number_of(row, "size")),
        price=Price(number_of(row, "price")),
        fees=(FeePaid(Asset(text_of(row, "feeCurrency")), Quantity(fee)),) if fee else (),
        at=instant_of_milliseconds(row.get("createdAt"), "createdAt"),
    )
