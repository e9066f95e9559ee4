"""What is peculiar to orders on Bybit: literal payloads in, our records out; and the sandbox where a call matters."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.market import Side
from engine.model.money import Price, Quantity
from engine.model.order import FeePaid, ReportedStatus
from engine.venues.ccxt import bybit_orders
from engine.venues.ccxt.profile import Signing
from tests.sandbox.exchange_fixtures import Exchange
from tests.venues.payload_fixtures import NOON, OUR_ID, ScriptedApi, bybit_result, market, placement, read
from tests.venues.venue_fixtures import BTC, desk_at, exchange, ready_order

__all__ = ["exchange"]
ORDER = """{"orderId": "77", "orderLinkId": "%s", "orderStatus": "PartiallyFilledCanceled", "cumExecQty": "0.2",
 "createdTime": "1772366400000", "updatedTime": "1772366400100"}"""
TRADE = """{"orderId": "77", "execId": "%s", "execPrice": "69000.10", "execQty": "%s", "execFee": "0.00015",
 "feeCurrency": "BTC", "execTime": "1772366400123"}"""


def listed(*rows: str, cursor: str = "") -> str:
    """An answer with these rows."""
    return bybit_result(f'{{"list": [{", ".join(rows)}], "nextPageCursor": "{cursor}"}}')


def trade(**changes: Any) -> Any:
    """One execution of our order."""
    return read(TRADE % ("e-1", "0.2")) | changes


class TestOrders:
    async def test_an_order_is_signed_for_its_intent_and_borrows_nothing(self) -> None:
        """A process that slept between intent and request is refused by the venue's own window."""
        api = ScriptedApi(
            {"privatePostV5OrderCreate": [bybit_result(f'{{"orderId": "77", "orderLinkId": "{OUR_ID}"}}')]}
        )
        report = await bybit_orders.place_order(api, placement(market("BTCUSDT")))
        ((_, sent),) = api.asked
        assert api.signings == [Signing(NOON)]
        assert (sent["timeInForce"], sent["side"], sent["isLeverage"]) == ("IOC", "Buy", 0)
        assert (report.venue_order_id, report.status) == ("77", ReportedStatus.OPEN)

    @pytest.mark.parametrize("text", ["null", "{}", '{"orderId": "77"}', '{"orderId": ""}'])
    def test_an_answer_without_our_order_confirms_nothing(self, text: str) -> None:
        """Nothing is made up where the venue did not say which order it is."""
        with pytest.raises(InvalidValue):
            bybit_orders.read_placed(read(bybit_result(text)), placement(market("BTCUSDT")))

    async def test_an_order_that_left_the_venues_memory_is_found_in_its_history(self) -> None:
        """Not among the open ones, nor among the last that closed: a restart empties those. The history has it."""
        realtime, trades = [listed(), listed()], [listed(TRADE % ("e-1", "0.2"))]
        history = [listed(ORDER % "another", ORDER % OUR_ID)]
        api = ScriptedApi(
            {
                "privateGetV5OrderRealtime": realtime,
                "privateGetV5OrderHistory": history,
                "privateGetV5ExecutionList": trades,
            },
        )
        report = await bybit_orders.find_order(api, placement(market("BTCUSDT")))
        assert report is not None and (report.status, report.filled) == (ReportedStatus.CANCELED, Decimal("0.2"))
        assert [asked["openOnly"] for _, asked in api.asked[:2]] == [0, 1]
        assert api.asked[2][1]["startTime"] == 1772366400000 - 60_000

    async def test_executions_are_read_to_the_last_page(self) -> None:
        """Until they add up to what the order says; one that is told twice counts once."""
        pages = [
            listed(TRADE % ("e-1", "0.15"), cursor="more"),
            listed(TRADE % ("e-1", "0.15"), TRADE % ("e-2", "0.05")),
        ]
        api = ScriptedApi({"privateGetV5OrderRealtime": [listed(ORDER % OUR_ID)], "privateGetV5ExecutionList": pages})
        report = await bybit_orders.find_order(api, placement(market("BTCUSDT")))
        assert report is not None
        assert {fill.id: fill.quantity for fill in report.fills} == {"e-1": Decimal("0.15"), "e-2": Decimal("0.05")}
        assert api.asked[-1][1]["cursor"] == "more"

    def test_a_fill_has_the_venues_figures(self) -> None:
        """Price, quantity, time and fee as they are told; no fee where none was taken."""
        where = placement(market("BTCUSDT"))
        report = bybit_orders.read_order(read(ORDER % OUR_ID), [trade(), trade(execId="e-2", execFee="0")], where)
        first, second = report.fills
        assert (first.id, first.price, first.quantity) == ("e-1", Decimal("69000.1"), Decimal("0.2"))
        assert first.fees == (FeePaid(BTC, Quantity(Decimal("0.00015"))),)
        assert (second.fees, first.traded_at) == ((), NOON.replace(microsecond=123_000))

    @pytest.mark.parametrize(
        ("side", "fee", "asset"),
        [(Side.BUY, "0.1", "BTC"), (Side.SELL, "0.1", "USDT"), (Side.BUY, "-0.1", "USDT"), (Side.SELL, "-0.1", "BTC")],
    )
    def test_a_fee_without_a_currency_is_taken_from_what_was_received(self, side: Side, fee: str, asset: str) -> None:
        """As the venue documents it: a rebate comes in the other one."""
        where = placement(market("BTCUSDT"))
        where = replace(where, order=replace(where.order, side=side))
        row = trade(feeCurrency="", execFee=fee)
        (fill,) = bybit_orders.read_order(read(ORDER % OUR_ID), [row], where).fills
        assert fill.fees == (FeePaid(Asset(asset), Quantity(Decimal(fee))),)

    def test_a_status_that_nobody_knows_is_an_error(self) -> None:
        """A new word of the venue is not guessed at."""
        row = read(ORDER % OUR_ID) | {"orderStatus": "Teleported"}
        with pytest.raises(InvalidValue, match="Teleported"):
            bybit_orders.read_order(row, [], placement(market("BTCUSDT")))


async def test_a_maker_that_would_take_is_rejected_after_it_was_accepted(exchange: Exchange) -> None:
    """The venue answers before it matches: the report tells the end."""
    async with desk_at(exchange, "bybit") as desk:
        report = await desk.venue.submit(replace(await ready_order(desk), post_only=True))
        assert (report.status, report.filled) == (ReportedStatus.REJECTED, 0)


async def test_an_order_of_more_decimals_than_the_book_is_exact(exchange: Exchange) -> None:
    """A quantity at the market's own step of a millionth arrives as it was meant."""
    async with desk_at(exchange, "bybit") as desk:
        order = replace(await ready_order(desk), quantity=Quantity(Decimal("0.012345")))
        report = await desk.venue.submit(replace(order, limit_price=Price(order.limit_price + 1)))
        assert (report.status, report.filled) == (ReportedStatus.FILLED, Decimal("0.012345"))
