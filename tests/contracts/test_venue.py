"""What every venue keeps: the ccxt adapter on every exchange, and the simulated one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import SystemClock
from engine.model.errors import Refused
from engine.model.ids import Asset, ClientOrderId
from engine.model.market import FeeCurrency, Instrument, Side
from engine.model.money import Price, Quantity
from engine.model.order import Fill, OrderReport, OrderRequest, ReportedStatus
from engine.model.portfolio import Balance
from engine.model.venue_signals import CoinState
from engine.ports import Venue
from engine.venues.sim import SimulatedVenue
from tests.sandbox.exchange_fixtures import running
from tests.venues.venue_fixtures import BTC, CASH, desk_at, order_for

PRETENDED = (Balance(BTC, Quantity(Decimal("0.5"))), Balance(Asset("USDT"), Quantity(Decimal(10_000))))


@dataclass
class Case:
    """A venue under test, and the cash of its Bitcoin market."""

    venue: Venue
    cash: Asset

    async def instrument(self) -> Instrument:
        return (await self.venue.instruments(frozenset({BTC, self.cash})))[0]

    async def order(self, quantity: str = "0.01", side: Side = Side.BUY) -> OrderRequest:
        instrument = await self.instrument()
        return order_for(instrument, (await self.venue.books([instrument]))[0], quantity=quantity, side=side)

    async def held(self, asset: Asset) -> Decimal:
        return next((balance.free for balance in await self.venue.balances() if balance.asset == asset), Decimal(0))


@pytest.fixture(params=[*CASH, *(f"sim over {dialect}" for dialect in CASH)])
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    """Every venue in turn, at a sandbox of its own."""
    dialect = request.param.rpartition(" ")[2]
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(running())
        if not request.param.startswith("sim"):
            desk = await stack.enter_async_context(desk_at(exchange, dialect))
            yield Case(desk.venue, CASH[dialect])
            return
        market = await stack.enter_async_context(desk_at(exchange, dialect, credentials=None))
        cash = replace(PRETENDED[1], asset=CASH[dialect])
        yield Case(SimulatedVenue(market.venue, (PRETENDED[0], cash), (), SystemClock()), CASH[dialect])


async def test_instruments_lie_among_the_assets(case: Case) -> None:
    """Only markets whose two sides were asked for come back, under the venue's name."""
    instruments = await case.venue.instruments(frozenset({BTC, Asset("ETH"), case.cash}))
    assert [i.symbol for i in instruments] == [f"BTC/{case.cash}", f"ETH/{case.cash}"]
    assert all(i.venue == case.venue.name and 0 < i.taker_fee < Decimal("0.02") for i in instruments)
    assert await case.venue.instruments(frozenset({BTC})) == ()


async def test_balances_name_what_is_held(case: Case) -> None:
    """Balances are exact, and nothing that is zero is listed."""
    balances = await case.venue.balances()
    assert all(balance.total > 0 for balance in balances)
    assert await case.held(BTC) in {Decimal("0.45"), Decimal("0.3"), Decimal("0.4"), Decimal("0.5")}


async def test_books_come_in_the_order_asked_for(case: Case) -> None:
    """Each market's book is two-sided, and in the place of its instrument."""
    instruments = (await case.venue.instruments(frozenset({BTC, Asset("ETH"), case.cash})))[::-1]
    books = await case.venue.books(instruments)
    assert [book.base for book in books] == ["ETH", "BTC"]
    assert all(book.is_two_sided and not book.is_crossed for book in books)


async def test_the_best_prices_are_those_of_the_books(case: Case) -> None:
    """One level on each side, in the place of its instrument, and at the very price of the whole book."""
    instruments = (await case.venue.instruments(frozenset({BTC, Asset("ETH"), case.cash})))[::-1]
    tops, books = await case.venue.tops(instruments), await case.venue.books(instruments)
    assert [(len(top.bids), len(top.asks)) for top in tops] == [(1, 1), (1, 1)]
    assert [(t.base, t.quote, t.bids[0].price, t.asks[0].price) for t in tops] == [
        (b.base, b.quote, b.bids[0].price, b.asks[0].price) for b in books
    ]
    assert await case.venue.tops(()) == ()


async def test_closes_are_of_whole_days_that_are_over(case: Case) -> None:
    """One for each day, at midnight UTC, up to today's, and none from before the instant that was asked for."""
    now = SystemClock().now()
    since = now - timedelta(days=30)
    closes = await case.venue.daily_closes(await case.instrument(), since)
    instants = [at for at, _ in closes]
    assert all((at.hour, at.minute, at.second, at.utcoffset()) == (0, 0, 0, timedelta(0)) for at in instants)
    assert instants == sorted(set(instants)) and instants[0] >= since
    assert len(instants) == 30 and instants[-1].date() == now.date()
    book = (await case.venue.books([await case.instrument()]))[0]
    assert all(book.mid / 3 < price < book.mid * 3 for _, price in closes)


async def test_volumes_are_of_the_same_days_as_closes(case: Case) -> None:
    """In base, and above zero where a market is alive."""
    since = SystemClock().now() - timedelta(days=7)
    instrument = await case.instrument()
    volumes = await case.venue.daily_volumes(instrument, since)
    assert [at for at, _ in volumes] == [at for at, _ in await case.venue.daily_closes(instrument, since)]
    assert len(volumes) == 7
    assert all(volume > 0 for _, volume in volumes)


async def test_a_filled_order_is_reported_with_fees_and_booked_exactly(case: Case) -> None:
    """Fills add up to the order, fees are the instrument's, and balances move by just these figures."""
    before = await case.held(BTC), await case.held(case.cash)
    instrument = await case.instrument()
    report = await case.venue.submit(await case.order("0.01"))
    assert (report.status, report.filled) == (ReportedStatus.FILLED, Decimal("0.01"))
    assert sum(fill.quantity for fill in report.fills) == report.filled
    for fill in report.fills:
        assert_fee(fill, instrument)
    fees = {asset: fees_in(report, asset) for asset in (BTC, case.cash)}
    spent = sum(fill.quote_amount for fill in report.fills)
    assert await case.held(BTC) == before[0] + Decimal("0.01") - fees[BTC]
    assert await case.held(case.cash) == before[1] - spent - fees[case.cash]


async def test_an_order_larger_than_its_limit_allows_is_filled_in_part_and_does_not_rest(case: Case) -> None:
    """What is beyond the limit price is not bought, and nothing stays locked."""
    book = (await case.venue.books([await case.instrument()]))[0]
    order = replace(await case.order("0.1", Side.SELL), limit_price=book.bids[0].price)
    wanted = Quantity(book.bids[0].quantity.quantize(Decimal("0.00001")) + Decimal("0.001"))
    report = await case.venue.submit(replace(order, quantity=min(wanted, Quantity(Decimal("0.29")))))
    assert report.status in {ReportedStatus.CANCELED, ReportedStatus.EXPIRED, ReportedStatus.FILLED}
    assert all(fill.price >= order.limit_price for fill in report.fills)
    assert all(not balance.locked for balance in await case.venue.balances())


async def test_an_order_out_of_the_market_ends_unfilled(case: Case) -> None:
    """Immediate or cancel: where nobody sells at this price, nothing is bought and nothing rests."""
    order = await case.order("0.01")
    cheap = Price((order.limit_price / 2).quantize(Decimal(1)))
    report = await case.venue.submit(replace(order, limit_price=cheap))
    assert report.status in {ReportedStatus.CANCELED, ReportedStatus.EXPIRED}
    assert not report.filled and not report.fills


async def test_a_report_repeats_what_submit_said(case: Case) -> None:
    """The order is found by its client id, with the same fills under the same ids."""
    order = await case.order()
    submitted = await case.venue.submit(order)
    reported = await case.venue.report(order)
    assert reported is not None
    # Binance tells the order's time with a new order and the trade's own time later: a moment apart.
    for said, repeated in zip(submitted.fills, reported.fills, strict=True):
        assert abs(said.traded_at - repeated.traded_at) < timedelta(seconds=1)
    assert without_times(reported) == without_times(submitted)


async def test_each_order_has_its_own_fills(case: Case) -> None:
    """Two orders of one market at one time are told apart by their ids."""
    first = await case.order("0.01")
    second = replace(first, client_order_id=ClientOrderId("2" * 32), quantity=Quantity(Decimal("0.02")))
    for order in (first, second):
        await case.venue.submit(order)
    reports = [await case.venue.report(order) for order in (first, second)]
    fills = [fill for report in reports if report for fill in report.fills]
    assert [report.filled for report in reports if report] == [Decimal("0.01"), Decimal("0.02")]
    assert sum(fill.quantity for fill in fills) == Decimal("0.03")
    assert len({fill.id for fill in fills}) == len(fills)


async def test_an_order_that_never_was_is_not_reported(case: Case) -> None:
    """Where the venue knows nothing, the answer is None and no error."""
    assert await case.venue.report(await case.order()) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"quantity": Quantity(Decimal("0.000000011"))}, "step"),
        ({"limit_price": Price(Decimal("60000.001"))}, "tick"),
        ({"quantity": Quantity(Decimal("0.00001"))}, "minimum"),
    ],
)
async def test_an_order_that_the_market_cannot_hold_is_refused(case: Case, change: dict[str, Any], says: str) -> None:
    """Steps, ticks and minimums are checked before anything leaves."""
    order = replace(await case.order(), **change)
    with pytest.raises(Refused, match=says):
        await case.venue.submit(order)
    assert await case.venue.report(order) is None


async def test_an_order_beyond_the_funds_is_refused(case: Case) -> None:
    """The venue says no for good, and nothing is traded."""
    order = await case.order("5")
    with pytest.raises(Refused, match=r"(?i)insufficient"):
        await case.venue.submit(order)
    assert await case.venue.report(order) is None


async def test_an_unlisted_market_is_refused(case: Case) -> None:
    """There is nothing to send an order to."""
    with pytest.raises(Refused, match="no market DOGE"):
        await case.venue.submit(replace(await case.order(), base=Asset("DOGE")))


async def test_there_is_nothing_to_cancel_in_an_order_that_ended(case: Case) -> None:
    """An immediate order is over when its answer comes."""
    order = await case.order()
    await case.venue.submit(order)
    with pytest.raises(Refused):
        await case.venue.cancel(order)


async def test_a_post_only_order_rests_until_it_is_cancelled(case: Case) -> None:
    """It is open, sets aside what it may spend, and is over when it is cancelled."""
    order = await case.order()
    low = Price((order.limit_price / 2).quantize(Decimal(1)))
    resting = replace(order, post_only=True, limit_price=low)
    assert (await case.venue.submit(resting)).status is ReportedStatus.OPEN
    assert [b.asset for b in await case.venue.balances() if b.locked] == [case.cash]
    await case.venue.cancel(resting)
    report = await case.venue.report(resting)
    assert report is not None and (report.status, report.filled) == (ReportedStatus.CANCELED, 0)
    assert not [b for b in await case.venue.balances() if b.locked]


async def test_a_post_only_order_that_would_trade_at_once_trades_nothing(case: Case) -> None:
    """It is refused, or ends unfilled: a maker's fee was meant."""
    order = replace(await case.order(), post_only=True)
    before = await case.held(case.cash)
    try:
        report = await case.venue.submit(order)
    except Refused:
        pass
    else:
        assert report.status in {ReportedStatus.CANCELED, ReportedStatus.EXPIRED, ReportedStatus.REJECTED}
    assert await case.held(case.cash) == before


async def test_rights_and_state_are_told(case: Case) -> None:
    """The key trades and cannot withdraw; the venue is online, and its clock is ours."""
    assert (await case.venue.key_rights()).is_trade_only
    probe = await case.venue.probe()
    assert probe.online
    assert abs(probe.clock_skew) < timedelta(seconds=1)
    assert await case.venue.deposits(SystemClock().now() - timedelta(days=1)) == ()
    assert await case.venue.withdrawals(SystemClock().now() - timedelta(days=1)) == ()


async def test_coins_are_told_of_one_by_one_or_not_at_all(case: Case) -> None:
    """In the order of their names, open as they are; or a refusal, and never an empty answer for coins that are."""
    try:
        told = await case.venue.coin_states(frozenset({case.cash, BTC}))
    except Refused as refusal:
        assert "does not tell" in refusal.message or "no API key" in refusal.message
        return
    assert told == (CoinState(BTC, True, True), CoinState(case.cash, True, True))


async def test_history_tells_the_trades_that_orders_made(case: Case) -> None:
    """Each once, under the id of its fill, with its fee and its side; before their time there are none."""
    bought = await case.venue.submit(await case.order("0.01"))
    sell = replace(await case.order("0.02", Side.SELL), client_order_id=ClientOrderId("2" * 32))
    sold = await case.venue.submit(sell)
    since, assets = SystemClock().now() - timedelta(days=30), frozenset({BTC, case.cash})
    told = await case.venue.trades(since, assets)
    if case.venue.capabilities.is_pretended:
        assert told == ()
        return
    fills = {fill.id: without_time(fill) for report in (bought, sold) for fill in report.fills}
    assert [trade.side for trade in told] == [fill.side for fill in (*bought.fills, *sold.fills)]
    for trade in told:
        fill = fills.pop(trade.id)
        assert without_time(trade.fill_of(fill.client_order_id)) == fill
    assert fills == {} and list(told) == sorted(told, key=lambda trade: (trade.at, trade.id))
    assert await case.venue.trades(SystemClock().now() + timedelta(minutes=1), assets) == ()
    assert await case.venue.trades(since, frozenset({Asset("ETH"), case.cash})) == ()
    assert await case.venue.trades(since, frozenset({BTC})) == ()


async def test_absence_is_proved_after_a_known_time(case: Case) -> None:
    """Recovery can rely on how long an order may stay unseen."""
    proof = case.venue.capabilities.proof_of_absence_after
    assert proof is not None and timedelta(0) <= proof < timedelta(minutes=2)


def without_times(report: OrderReport) -> OrderReport:
    """The report with all its fills at one instant."""
    return replace(report, fills=tuple(without_time(fill) for fill in report.fills))


def without_time(fill: Fill) -> Fill:
    """The fill at one instant: some venues tell the order's time at first, and the trade's own later."""
    return replace(fill, traded_at=datetime(2026, 1, 1, tzinfo=UTC))


def assert_fee(fill: Fill, instrument: Instrument) -> None:
    """The fee of a purchase is the taker's fraction, in base or in quote, to the venue's 8 decimals."""
    in_base = instrument.fee_currency is FeeCurrency.RECEIVED
    exact = instrument.taker_fee * (fill.quantity if in_base else fill.quote_amount)
    ((asset, fee),) = [(paid.asset, paid.quantity) for paid in fill.fees]
    assert asset == (fill.base if in_base else fill.quote)
    assert abs(fee - exact) <= Decimal("1e-8")


def fees_in(report: OrderReport, asset: Asset) -> Decimal:
    """What was paid in fees of an asset."""
    return sum((paid.quantity for fill in report.fills for paid in fill.fees if paid.asset == asset), Decimal(0))
