"""What becomes of an order when something goes wrong on the way: the three answers a caller can act on."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.sandbox.exchange.orders import OrderRequest as RestingOrder
from bot.sandbox.exchange.orders import Side as SandboxSide
from engine.model.errors import NotSent, Refused, Unconfirmed, VenueError
from engine.model.order import OrderReport, ReportedStatus
from engine.venues.ccxt.client import Credentials
from engine.venues.ccxt.exchanges import PROFILES
from tests.sandbox.exchange_fixtures import EVERY_VENUE, KEYS, Exchange, running
from tests.venues.dialects import ORDER_PATH
from tests.venues.venue_fixtures import BTC, CASH, WRONG_SECRET, Desk, desk, desk_at, exchange, ready_order

__all__ = ["desk", "exchange"]

ANSWERS_WITH_THE_FIRST = frozenset({"coinbase"})
TELLS_NOT_LATE_FROM_WRONG = frozenset({"coinbase"})
"""A signature that is too old is answered there like one of a wrong key: refused, and as surely not placed."""
SILENT: list[tuple[str, dict[str, Any]]] = [
    ("hang", {"seconds": 5}),
    ("drop", {}),
    ("status", {"status": 503}),
    ("status", {"status": 504}),
    ("status", {"status": 500}),
    ("empty", {}),
    ("html", {}),
]
ids = [f"{do} {rule.get('status', '')}".strip() for do, rule in SILENT]


def too_late(desk: Desk) -> tuple[type[VenueError], ...]:
    """What an order raises whose signature got too old on the way."""
    return (Refused,) if desk.dialect in TELLS_NOT_LATE_FROM_WRONG else (NotSent, Unconfirmed)


@pytest.mark.parametrize(("do", "rule"), SILENT, ids=ids)
async def test_an_order_lost_before_it_arrived_is_unconfirmed_and_absent(
    desk: Desk, do: str, rule: dict[str, Any]
) -> None:
    """Nothing in the answer shows that the order never came: only the later look-up does."""
    order = await ready_order(desk)
    await desk.fault(do, when="before", path=ORDER_PATH[desk.dialect], times=1, **rule)
    with pytest.raises(Unconfirmed):
        await desk.venue.submit(order)
    assert await desk.venue.report(order) is None


@pytest.mark.parametrize(("do", "rule"), [*SILENT, ("cut", {})], ids=[*ids, "cut"])
async def test_an_order_whose_answer_was_lost_is_unconfirmed_and_found(
    desk: Desk, do: str, rule: dict[str, Any]
) -> None:
    """It was filled, nobody said so, and the look-up by our id brings it back with its fills; it was sent once."""
    order = await ready_order(desk)
    await desk.fault(do, when="after", path=ORDER_PATH[desk.dialect], times=1, **rule)
    with pytest.raises(Unconfirmed):
        await desk.venue.submit(order)
    report = await desk.venue.report(order)
    assert report is not None
    assert (report.status, report.filled) == (ReportedStatus.FILLED, order.quantity)
    assert sum(fill.quantity for fill in report.fills) == order.quantity
    assert desk.orders_placed() == 1


@pytest.mark.parametrize("body", ['{"a":' * 20_000, "[" * 100_000, '"\\ud800"', "NaN"])
async def test_an_answer_that_no_venue_would_give_is_no_answer(desk: Desk, body: str) -> None:
    """However deep it is nested, or whatever it is instead: the order is in doubt, and the balances are not known."""
    order = await ready_order(desk)
    await desk.fault("status", status=200, body=body)
    with pytest.raises(Unconfirmed, match="could not be read"):
        await desk.venue.submit(order)
    with pytest.raises(NotSent, match="could not be read"):
        await desk.venue.balances()


@pytest.mark.parametrize(
    ("trade", "is_text"), [("\\ud83d\\ude80", True), ("\\ud83d", False), ("\\uDE80\\ud83d", False)]
)
async def test_an_answer_that_could_not_be_written_down_is_no_answer(
    exchange: Exchange, trade: str, is_text: bool
) -> None:
    """JSON can hold half a character, and a trade's id goes into the journal: the order is asked about again."""
    async with desk_at(exchange, "binance") as desk:
        order = await ready_order(desk)
        fill = {"price": "1", "qty": "0.01", "commission": "0", "commissionAsset": "BNB", "tradeId": 5}
        created = {"orderId": 7, "clientOrderId": order.client_order_id, "transactTime": 1772366400123}
        created |= {"executedQty": "0.01", "status": "FILLED", "fills": [fill | {"tradeId": "TRADE"}]}
        body = json.dumps(created).replace("TRADE", trade)
        await desk.fault("status", status=200, body=body, path=ORDER_PATH["binance"], times=1)
        if is_text:
            assert (await desk.venue.submit(order)).fills[0].id.endswith("🚀")
        else:
            with pytest.raises(Unconfirmed, match="could not be read"):
                await desk.venue.submit(order)


@pytest.mark.parametrize("status", [418, 429])
async def test_a_request_turned_away_for_its_rate_was_not_sent(desk: Desk, status: int) -> None:
    """The venue did not look at the order: it may be tried again later."""
    order = await ready_order(desk)
    await desk.fault("status", status=status, path=ORDER_PATH[desk.dialect], times=1)
    with pytest.raises(NotSent, match="fewer requests"):
        await desk.venue.submit(order)


async def test_a_refusal_out_of_a_failing_server_is_not_believed(exchange: Exchange) -> None:
    """With a server error anything may have happened before the words were said."""
    async with desk_at(exchange, "binance") as desk:
        order = await ready_order(desk)
        words = '{"code": -1121, "msg": "Invalid symbol."}'
        await desk.fault("status", status=503, body=words, path=ORDER_PATH["binance"], times=1)
        with pytest.raises(Unconfirmed):
            await desk.venue.submit(order)


async def test_a_request_that_breaks_off_by_itself_is_unconfirmed(exchange: Exchange) -> None:
    """Nobody cancelled us: the connection's own task was."""

    async def break_off(_api: object, _placement: object) -> OrderReport:
        raise asyncio.CancelledError

    async with desk_at(exchange, "binance", profile=replace(PROFILES["binance"], place=break_off)) as desk:
        order = await ready_order(desk)
        with pytest.raises(Unconfirmed, match="broke off"):
            await desk.venue.submit(order)


async def test_a_second_order_with_the_id_of_an_open_one_is_not_made(desk: Desk) -> None:
    """The venue says that one exists, which may be ours: look it up; or it answers with that one, which is ours."""
    order = await ready_order(desk)
    sandbox = desk.exchange.world.venues[desk.dialect]
    market = sandbox.instruments[order.symbol]
    low = (order.limit_price / 2).quantize(market.tick)
    sandbox.place(
        RestingOrder(market, SandboxSide.BUY, order.quantity, price=low, client_id=str(order.client_order_id))
    )
    if desk.dialect in ANSWERS_WITH_THE_FIRST:
        assert (await desk.venue.submit(order)).status is ReportedStatus.OPEN
    else:
        with pytest.raises(Unconfirmed):
            await desk.venue.submit(order)
    assert desk.orders_placed() == 1
    found = await desk.venue.report(order)
    assert found is not None and found.status is ReportedStatus.OPEN
    await desk.venue.cancel(order)
    ended = await desk.venue.report(order)
    assert ended is not None and ended.status is ReportedStatus.CANCELED


async def test_an_order_signed_too_long_ago_is_turned_away(desk: Desk) -> None:
    """A process that slept after its intent does not trade: our check says so, and the venue's own fence holds too."""
    order = await ready_order(desk)
    window = desk.venue.capabilities.acceptance_window
    assert window is not None
    late = replace(order, intended_at=order.intended_at - window - timedelta(seconds=1))
    with pytest.raises(NotSent, match="time was over"):
        await desk.venue.submit(late)
    # On the way it gets too old by the venue's clock alone; a signature of this moment would still be accepted.
    desk.exchange.wall.offset = window.total_seconds() * 0.6
    with pytest.raises(too_late(desk)):
        await desk.venue.submit(replace(order, intended_at=order.intended_at - window * 0.6))
    assert desk.orders_placed() == 0


async def test_the_time_of_an_intent_is_in_that_orders_signature_alone(desk: Desk) -> None:
    """What is read meanwhile is signed for the present: it is answered by a clock that finds the order too old."""
    order = await ready_order(desk)
    window = desk.venue.capabilities.acceptance_window
    assert window is not None
    desk.exchange.wall.offset = window.total_seconds() * 0.6
    late = replace(order, intended_at=order.intended_at - window * 0.6)
    sent, *read = await asyncio.gather(
        desk.venue.submit(late), *[desk.venue.balances() for _ in range(3)], return_exceptions=True
    )
    assert type(sent) in too_late(desk)
    assert not [answer for answer in read if isinstance(answer, BaseException)]


async def test_a_cancelled_task_stays_cancelled_and_the_order_is_found(desk: Desk) -> None:
    """Stopping the program does not hide what was sent: the journalled intent leads back to it."""
    order = await ready_order(desk)
    await desk.fault("slow", when="after", seconds=5, path=ORDER_PATH[desk.dialect], times=1)
    sending = asyncio.create_task(desk.venue.submit(order))
    while not desk.orders_placed():  # noqa: ASYNC110 - the exchange has no event to wait for
        await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    report = await desk.venue.report(order)
    assert report is not None and report.status is ReportedStatus.FILLED


async def test_an_accepted_order_stands_although_its_fills_cannot_be_asked_for(exchange: Exchange) -> None:
    """Kraken answers with an id alone; where the question for the fills fails, the order is open, not unknown."""
    async with desk_at(exchange, "kraken") as desk:
        order = await ready_order(desk)
        await desk.fault("drop", path="/0/private/OpenOrders", times=3)
        report = await desk.venue.submit(order)
        assert (report.status, report.filled) == (ReportedStatus.OPEN, Decimal(0))
        assert report.venue_order_id
        found = await desk.venue.report(order)
        assert found is not None and found.status is ReportedStatus.FILLED


@pytest.mark.parametrize("dialect", EVERY_VENUE)
async def test_a_venue_that_is_down_was_not_reached(dialect: str) -> None:
    """No connection, no order: nothing left this computer."""
    async with AsyncExitStack() as outer:
        async with running() as exchange:
            desk = await outer.enter_async_context(desk_at(exchange, dialect))
            order = await ready_order(desk)
        # The first attempt may meet a connection that is only just closing; reads try again.
        with pytest.raises(NotSent, match="no connection"):
            await desk.venue.balances()
        with pytest.raises(NotSent, match="no connection"):
            await desk.venue.submit(order)


async def test_a_closed_venue_sends_nothing(desk: Desk) -> None:
    """After the end of the program's run no order leaves any more."""
    order = await ready_order(desk)
    await desk.venue.close()
    with pytest.raises(NotSent, match="closed"):
        await desk.venue.submit(order)
    assert desk.orders_placed() == 0


@pytest.mark.parametrize("call", ["submit", "balances", "report"])
async def test_a_wrong_secret_is_refused_with_the_remedy(desk: Desk, call: str) -> None:
    """One sentence, the place to look, and nothing of the key itself."""
    order = await ready_order(desk)
    key = KEYS[desk.dialect]
    wrong = Credentials(key.key, WRONG_SECRET[desk.dialect], key.passphrase)
    async with desk_at(desk.exchange, desk.dialect, credentials=wrong) as other:
        with pytest.raises(Refused, match=rf"check key.* secret.* in \[venues\.{desk.dialect}\]") as caught:
            await (other.venue.balances() if call == "balances" else getattr(other.venue, call)(order))
    assert wrong.secret not in str(caught.value) and wrong.api_key not in str(caught.value)


async def test_a_key_revoked_after_it_worked_is_refused(desk: Desk) -> None:
    """ccxt calls this a rate limit on Binance; nobody should wait for a dead key."""
    order = await ready_order(desk)
    await desk.venue.balances()
    await desk.exchange.control("key", venue=desk.dialect, key=KEYS[desk.dialect].key, enabled=False)
    with pytest.raises(Refused, match="API key was refused"):
        await desk.venue.submit(order)
    with pytest.raises(Refused, match="API key was refused"):
        await desk.venue.balances()


async def test_without_a_key_there_is_market_data_only(desk: Desk) -> None:
    """Books and listed fees for simulation; what needs an account is refused with the remedy."""
    async with desk_at(desk.exchange, desk.dialect, credentials=None) as keyless:
        order = await ready_order(keyless)
        with pytest.raises(Refused, match="no API key is set"):
            await keyless.venue.submit(order)
        assert (await keyless.venue.instruments(frozenset({BTC, CASH[desk.dialect]})))[0].taker_fee > 0
