"""What is peculiar to orders on KuCoin: literal payloads in, our records out; and the sandbox where a call matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.model.errors import InvalidValue, NotSent
from engine.model.ids import Asset
from engine.model.money import Quantity
from engine.model.order import FeePaid, ReportedStatus
from engine.venues.ccxt import kucoin_orders
from engine.venues.ccxt.parse import milliseconds
from engine.venues.ccxt.profile import Signing
from tests.sandbox.exchange_fixtures import Exchange
from tests.venues.payload_fixtures import NOON, OUR_ID, ScriptedApi, market, placement, read
from tests.venues.venue_fixtures import desk_at, exchange, ready_order

__all__ = ["exchange"]
FIND, DONE, FILLS = "privateGetHfOrdersClientOrderClientOid", "privateGetHfOrdersDone", "privateGetHfFills"
TIME = "publicGetTimestamp"
ORDER = """{"id": "67aa", "clientOid": "%s", "size": "0.3", "dealSize": "0.2", "active": false, "cancelExist": true,
 "createdAt": 1772366400000}"""
FILL = """{"id": %s, "orderId": "67aa", "price": "69000.1", "size": "%s", "fee": "13.80002", "feeCurrency": "USDT",
 "createdAt": 1772366400123}"""
WHERE = placement(market("BTC-USDT"))


def told(text: str) -> str:
    """An answer with this data."""
    return f'{{"code": "200000", "data": {text}}}'


def page(*rows: str, last: str = "0") -> str:
    """An answer with these items."""
    return told(f'{{"lastId": {last}, "items": [{", ".join(rows)}]}}')


def order(**changes: Any) -> Any:
    """Our order, filled in part."""
    return read(ORDER % OUR_ID) | changes


async def test_an_order_is_signed_for_its_intent_and_fenced_once_more() -> None:
    """A process that slept between intent and request is refused, by the signature's time and by the order's own."""
    api = ScriptedApi({"privatePostHfOrders": [told(f'{{"orderId": "67aa", "clientOid": "{OUR_ID}"}}')] * 2})
    report = await kucoin_orders.place_order(api, WHERE)
    await kucoin_orders.place_order(api, replace(WHERE, order=replace(WHERE.order, post_only=True)))
    (_, sent), (_, resting) = api.asked
    assert api.signings == [Signing(NOON), Signing(NOON)]
    assert (sent["clientTimestamp"], sent["allowMaxTimeWindow"]) == (milliseconds(NOON), 5000)
    assert (sent["timeInForce"], resting["timeInForce"], resting["postOnly"]) == ("IOC", "GTC", True)
    assert (report.venue_order_id, report.status) == ("67aa", ReportedStatus.OPEN)


@pytest.mark.parametrize("text", ["null", "{}", '{"orderId": ""}', '{"orderId": "67aa", "clientOid": "another"}'])
def test_an_answer_without_our_order_confirms_nothing(text: str) -> None:
    """Nothing is made up where the venue did not say which order it is."""
    with pytest.raises(InvalidValue):
        kucoin_orders.read_placed(read(told(text)), WHERE)


async def test_an_order_that_is_not_told_by_its_id_is_found_among_those_that_ended() -> None:
    """Page after page of what ended around the intent, and never another's."""
    first = page(*[ORDER % f"other-{number}" for number in range(100)], last="7")
    answers = {FIND: [told("null")], DONE: [first, page(ORDER % OUR_ID)], FILLS: [page(FILL % ("5", "0.2"))]}
    api = ScriptedApi(answers)
    report = await kucoin_orders.find_order(api, WHERE)
    assert report is not None and (report.status, report.filled) == (ReportedStatus.CANCELED, Decimal("0.2"))
    around = {"startAt": milliseconds(NOON) - 60_000, "endAt": milliseconds(NOON) + 60_000}
    assert [asked for method, asked in api.asked if method == DONE][1] == {
        "symbol": "BTC-USDT",
        "limit": 100,
        "lastId": "7",
        **around,
    }


async def test_silence_about_an_old_order_says_nothing() -> None:
    """The venue forgets what ended within days: after that, nobody may take the order for one that never was."""
    for age, is_known in ((timedelta(hours=23), True), (timedelta(hours=25), False)):
        api = ScriptedApi({FIND: [told("null")], DONE: [page()], TIME: [told(str(milliseconds(NOON + age)))]})
        if is_known:
            assert await kucoin_orders.find_order(api, WHERE) is None
        else:
            with pytest.raises(InvalidValue, match="look there yourself"):
                await kucoin_orders.find_order(api, WHERE)


@pytest.mark.parametrize("text", ['{"code": "200000"}', "{}", "[]", '""'])
async def test_an_answer_without_data_is_no_silence(text: str) -> None:
    """Only the venue's own null says that there is no such order."""
    with pytest.raises(InvalidValue):
        await kucoin_orders.find_order(ScriptedApi({FIND: [text]}), WHERE)


async def test_fills_are_read_to_the_last_page() -> None:
    """Until they add up to what the order says; one that is told twice counts once."""
    pages = [page(FILL % ("5", "0.15"), last="5"), page(FILL % ("5", "0.15"), FILL % ("4", "0.05"))]
    api = ScriptedApi({FIND: [told(ORDER % OUR_ID)], FILLS: pages})
    report = await kucoin_orders.find_order(api, WHERE)
    assert report is not None
    assert {fill.id: fill.quantity for fill in report.fills} == {"5": Decimal("0.15"), "4": Decimal("0.05")}
    assert api.asked[-1][1]["lastId"] == "5"


def test_a_fill_has_the_venues_figures() -> None:
    """Price, quantity, time and fee in its own currency; no fee where none was taken."""
    rows = [read(FILL % ("5", "0.15")), read(FILL % ("6", "0.05")) | {"fee": "0"}]
    first, second = kucoin_orders.read_order(order(), rows, WHERE).fills
    assert (first.price, first.quantity) == (Decimal("69000.1"), Decimal("0.15"))
    assert first.fees == (FeePaid(Asset("USDT"), Quantity(Decimal("13.80002"))),)
    assert (second.fees, first.traded_at) == ((), NOON.replace(microsecond=123_000))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"active": True}, ReportedStatus.OPEN),
        ({"dealSize": "0.3"}, ReportedStatus.FILLED),
        ({"cancelExist": False}, ReportedStatus.CANCELED),
        ({}, ReportedStatus.CANCELED),
    ],
)
def test_the_status_is_read_from_the_flags(changes: dict[str, Any], status: ReportedStatus) -> None:
    """There is no word for it: what is not active any more was filled, or ended before."""
    assert kucoin_orders.read_order(order(**changes), [], WHERE).status is status


@pytest.mark.parametrize("changes", [{"active": None}, {"clientOid": "another"}, {"id": ""}, {"dealSize": None}])
def test_an_order_that_cannot_be_read_is_an_error(changes: dict[str, Any]) -> None:
    """Nothing about it is guessed at."""
    with pytest.raises(InvalidValue):
        kucoin_orders.read_order(order(**changes), [], WHERE)


async def test_a_maker_that_would_take_ends_after_it_was_accepted(exchange: Exchange) -> None:
    """The venue answers before it matches: the report tells the end."""
    async with desk_at(exchange, "kucoin") as desk:
        report = await desk.venue.submit(replace(await ready_order(desk), post_only=True))
        assert (report.status, report.filled) == (ReportedStatus.CANCELED, 0)


async def test_an_order_that_was_forgotten_is_not_told_to_be_absent(exchange: Exchange) -> None:
    """After a day it is for a person to look: the question fails, and the order stays in doubt."""
    async with desk_at(exchange, "kucoin") as desk:
        sent = await ready_order(desk)
        old = replace(sent, intended_at=sent.intended_at - timedelta(days=2))
        with pytest.raises(NotSent, match="look there yourself"):
            await desk.venue.report(old)
