"""Pretended fills on a real book: what the simulated venue takes, keeps, refuses and remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import ManualClock
from engine.model.errors import NotSent, Refused, Unconfirmed
from engine.model.ids import Asset, ClientOrderId, LegId, VenueName
from engine.model.ledger import Deposit, Withdrawal
from engine.model.market import FeeCurrency, Instrument, Level, OrderBook, Side
from engine.model.money import Price, Quantity
from engine.model.order import Fill, HistoricTrade, OrderReport, OrderRequest, ReportedStatus
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, ClientIdScope, KeyRights, VenueProbe
from engine.venues.sim import SimulatedVenue

NO_CAPABILITIES = Capabilities(ClientIdScope.NONE, timedelta(0), timedelta(0))
NOW = datetime(2026, 3, 1, tzinfo=UTC)
BTC, USD = Asset("BTC"), Asset("USD")


def levels(*rows: tuple[str, str]) -> tuple[Level, ...]:
    return tuple(Level(Price(Decimal(price)), Quantity(Decimal(quantity))) for price, quantity in rows)


ASKS = levels(("100", "1"), ("101", "2"), ("103", "5"))
BIDS = levels(("99", "1"), ("98", "4"))
INSTRUMENT = Instrument(
    venue=VenueName("alpha"),
    base=BTC,
    quote=USD,
    taker_fee=Decimal("0.001"),
    maker_fee=Decimal("0.001"),
    price_tick=Price(Decimal("0.1")),
    amount_step=Quantity(Decimal("0.01")),
    min_amount=Quantity(Decimal("0.02")),
    min_notional=Decimal(5),
)


@dataclass
class StillMarket:
    """A real venue that shows one book until a test changes it; nothing can be traded on it."""

    book: OrderBook = field(default_factory=lambda: OrderBook(BTC, USD, BIDS, ASKS, NOW))
    instrument: Instrument = INSTRUMENT
    is_down: bool = False
    name: VenueName = INSTRUMENT.venue
    capabilities: Capabilities = NO_CAPABILITIES

    async def instruments(self, assets: frozenset[Asset]) -> tuple[Instrument, ...]:
        return (self.instrument,) if assets >= {BTC, USD} else ()

    async def tops(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        return tuple(book.top for book in await self.books(instruments))

    async def books(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        if self.is_down:
            raise NotSent(self.name, "it did not answer in time")
        return tuple(self.book for _ in instruments)

    async def probe(self) -> VenueProbe:
        return VenueProbe(True, "online", timedelta(0), timedelta(0))

    async def close(self) -> None:
        return

    async def balances(self) -> tuple[Balance, ...]:
        raise AssertionError("the real account is not looked at")

    async def submit(self, order: OrderRequest) -> OrderReport:
        raise AssertionError(f"{order} is not sent to the real venue")

    async def cancel(self, order: OrderRequest) -> None:
        raise AssertionError(f"{order} is not cancelled at the real venue")

    async def report(self, order: OrderRequest) -> OrderReport | None:
        raise AssertionError(f"the real venue knows nothing of {order}")

    async def deposits(self, since: datetime) -> tuple[Deposit, ...]:
        raise AssertionError(f"the real account since {since} is not looked at")

    async def trades(self, since: datetime, assets: frozenset[Asset]) -> tuple[HistoricTrade, ...]:
        raise AssertionError(f"the real account's {assets} since {since} are not looked at")

    async def withdrawals(self, since: datetime) -> tuple[Withdrawal, ...]:
        raise AssertionError(f"the real account since {since} is not looked at")

    async def key_rights(self) -> KeyRights:
        raise AssertionError("the real account is not looked at")


def buy(quantity: str, limit: str = "103", number: int = 1, side: Side = Side.BUY) -> OrderRequest:
    return OrderRequest(
        client_order_id=ClientOrderId(f"{number:032x}"),
        leg=LegId("leg"),
        slice_number=1,
        attempt=1,
        venue=VenueName("alpha"),
        base=BTC,
        quote=USD,
        side=side,
        quantity=Quantity(Decimal(quantity)),
        limit_price=Price(Decimal(limit)),
        intended_at=NOW,
    )


def venue(market: StillMarket | None = None, fills: Sequence[Fill] = (), usd: str = "1000") -> SimulatedVenue:
    holdings = (Balance(BTC, Quantity(Decimal(10))), Balance(USD, Quantity(Decimal(usd))))
    return SimulatedVenue(market or StillMarket(), holdings, fills, ManualClock(NOW))


def pairs(*rows: tuple[int, int | str]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(price), Decimal(quantity)) for price, quantity in rows]


def taken(report: OrderReport) -> list[tuple[Decimal, Decimal]]:
    return [(fill.price, fill.quantity) for fill in report.fills]


async def test_an_order_walks_the_book_within_its_limit() -> None:
    """Best level first, each at its own price; what is beyond the limit is left."""
    report = await venue().submit(buy("4", limit="101"))
    assert taken(report) == pairs((100, 1), (101, 2))
    assert (report.status, report.filled) == (ReportedStatus.EXPIRED, Decimal(3))


async def test_a_sale_takes_the_bids() -> None:
    """From the highest down, and cash comes in less the fee."""
    place = venue()
    report = await place.submit(buy("2", limit="98", side=Side.SELL))
    assert taken(report) == pairs((99, 1), (98, 1))
    assert {b.asset: b.total for b in await place.balances()} == {BTC: 8, USD: 1000 + Decimal("197") * Decimal("0.999")}


@pytest.mark.parametrize(
    ("currency", "btc", "usd"),
    [(FeeCurrency.QUOTE, Decimal(11), Decimal("899.9")), (FeeCurrency.RECEIVED, Decimal("10.999"), Decimal(900))],
)
async def test_the_fee_is_taken_as_the_market_takes_it(currency: FeeCurrency, btc: Decimal, usd: Decimal) -> None:
    """From the cash, or from what was bought: balances are exact to the last digit."""
    place = venue(StillMarket(instrument=replace(INSTRUMENT, fee_currency=currency)))
    await place.submit(buy("1"))
    assert {b.asset: b.total for b in await place.balances()} == {BTC: btc, USD: usd}


async def test_what_is_taken_stays_taken_until_the_level_changes() -> None:
    """A book that stands still does not give the same coins twice; a level that changed is a new offer."""
    market = StillMarket()
    place = venue(market)
    assert taken(await place.submit(buy("1.5", number=1))) == pairs((100, 1), (101, "0.5"))
    assert taken(await place.submit(buy("2", number=2))) == pairs((101, "1.5"), (103, "0.5"))
    market.book = replace(market.book, asks=levels(("100", "0.7"), ("103", "5")))
    assert taken(await place.submit(buy("1", number=3))) == pairs((100, "0.7"), (103, "0.3"))


async def test_two_orders_at_once_do_not_share_an_offer_or_the_money() -> None:
    """They are carried out one after the other, whole."""
    place = venue(usd="150")
    results = await asyncio.gather(
        place.submit(buy("1", "100", number=1)), place.submit(buy("1", "100", number=2)), return_exceptions=True
    )
    assert isinstance(results[0], OrderReport) and results[0].filled == 1
    assert isinstance(results[1], Refused) and results[1].code == "INSUFFICIENT_FUNDS"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (buy("0.015"), "LOT_SIZE"),
        (buy("0"), "LOT_SIZE"),
        (buy("1", limit="100.05"), "PRICE_TICK"),
        (buy("0.01"), "MINIMUM"),
        (buy("0.04", limit="100"), "MINIMUM"),
        (buy("10", limit="100"), "INSUFFICIENT_FUNDS"),
        (buy("11", limit="90", side=Side.SELL), "INSUFFICIENT_FUNDS"),
        (replace(buy("1"), base=Asset("DOGE")), "UNKNOWN_MARKET"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_orders_are_refused_as_a_venue_would(order: OrderRequest, code: str) -> None:
    """Steps, minimums and funds, the fee included: nothing is traded, and nothing is known of the order."""
    place = venue()
    with pytest.raises(Refused) as caught:
        await place.submit(order)
    assert caught.value.code == code
    assert await place.report(order) is None


async def test_the_same_id_does_not_trade_twice() -> None:
    """It was filled: the caller is sent to look it up."""
    place = venue()
    first = await place.submit(buy("1"))
    with pytest.raises(Unconfirmed):
        await place.submit(buy("1"))
    assert await place.report(buy("1")) == first


async def test_journalled_fills_bring_the_account_back() -> None:
    """After a restart balances and reports are what they were; fills of other venues are not ours."""
    before = venue()
    report = await before.submit(buy("4", limit="101"))
    foreign = replace(report.fills[0], venue=VenueName("beta"), client_order_id=ClientOrderId("f" * 32))
    after = venue(fills=[*report.fills, foreign])
    assert await after.balances() == await before.balances()
    assert await after.report(buy("4", limit="101")) == report
    with pytest.raises(Unconfirmed):
        await after.submit(buy("4", limit="101"))


async def test_a_market_that_does_not_answer_trades_nothing() -> None:
    """The order was certainly not placed, and may be tried again."""
    market = StillMarket(is_down=True)
    place = venue(market)
    with pytest.raises(NotSent):
        await place.submit(buy("1"))
    market.is_down = False
    assert (await place.submit(buy("1"))).status is ReportedStatus.FILLED


amounts = st.decimals(min_value="0.02", max_value="6", places=2)


@given(
    orders=st.lists(st.tuples(st.sampled_from(Side), amounts), max_size=6),
    fee=st.decimals(min_value=0, max_value="0.01", places=5),
    currency=st.sampled_from(FeeCurrency),
)
def test_nothing_is_made_or_lost(orders: list[tuple[Side, Decimal]], fee: Decimal, currency: FeeCurrency) -> None:
    """Holdings are the first ones plus all fills less all fees, exactly, and never below zero."""

    async def trade() -> None:
        place = venue(StillMarket(instrument=replace(INSTRUMENT, taker_fee=fee, fee_currency=currency)))
        expected = {BTC: Decimal(10), USD: Decimal(1000)}
        for number, (side, quantity) in enumerate(orders):
            limit = "103" if side is Side.BUY else "98"
            try:
                report = await place.submit(buy(str(quantity), limit, number, side))
            except Refused:
                continue
            for fill in report.fills:
                expected[BTC] += side.sign * fill.quantity
                expected[USD] -= side.sign * fill.quote_amount
                for paid in fill.fees:
                    expected[paid.asset] -= paid.quantity
        held = {balance.asset: balance.total for balance in await place.balances()}
        assert held == {asset: amount for asset, amount in expected.items() if amount}
        assert all(amount >= 0 for amount in expected.values())

    asyncio.run(trade())


async def test_a_post_only_order_is_filled_at_its_own_price_for_the_makers_fee() -> None:
    """Whenever it is asked about, what the book shows beyond its price is traded with it, and no more."""
    market = StillMarket()
    place = venue(market)
    order = replace(buy("2", limit="99", number=7), post_only=True)
    assert (await place.submit(order)).status is ReportedStatus.OPEN
    market.book = replace(market.book, bids=levels(("90", "1")), asks=levels(("98", "0.5"), ("100", "9")))
    partly = await place.report(order)
    assert partly is not None
    assert (partly.status, taken(partly)) == (ReportedStatus.OPEN, pairs((99, "0.5")))
    assert partly == await place.report(order)
    market.book = replace(market.book, asks=levels(("97", "9")))
    whole = await place.report(order)
    assert whole is not None
    assert (whole.status, taken(whole)) == (ReportedStatus.FILLED, pairs((99, "0.5"), (99, "1.5")))
    assert not [balance for balance in await place.balances() if balance.locked]


async def test_what_rested_before_the_last_start_is_gone_with_its_fills_kept() -> None:
    """Pretended orders rest in memory: the next life says that they are over, and never that they may still trade."""
    order = replace(buy("2", limit="99", number=7), post_only=True, intended_at=NOW - timedelta(minutes=1))
    report = await venue().report(order)
    assert report is not None and (report.status, report.filled) == (ReportedStatus.CANCELED, 0)
