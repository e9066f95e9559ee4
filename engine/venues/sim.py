"""A venue whose market is real and whose fills are pretended: for simulation over live books.

An immediate-or-cancel order walks the book as it is when it arrives. What it takes stays taken until the venue shows
another quantity at that price, so that a second order does not trade with the same offer again. Orders are refused as a
venue would refuse them. What was traded before comes back from the journalled fills that are handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from engine.model.errors import Refused, Unconfirmed
from engine.model.ids import Asset, ClientOrderId, VenueName
from engine.model.market import FeeCurrency, Instrument, OrderBook, Side
from engine.model.money import ZERO, Price, Quantity, exact, plain, total
from engine.model.order import Deposit, FeePaid, Fill, OrderReport, OrderRequest, ReportedStatus
from engine.model.portfolio import Balance
from engine.ports import Capabilities, ClientIdScope, Clock, KeyRights, Venue, VenueProbe

AT_ONCE = Capabilities(ClientIdScope.FOREVER, acceptance_window=timedelta(0), visibility_lag=timedelta(0))
RIGHTS = KeyRights(can_read=True, can_trade=True, can_withdraw=False, ip_restricted=True)


@dataclass(frozen=True, slots=True)
class _Taken:
    """So much of a level that showed so much is gone."""

    shown: Decimal
    quantity: Decimal


class SimulatedVenue:
    """An account of pretended holdings on the market of another venue, whose name it bears."""

    def __init__(self, market: Venue, holdings: Sequence[Balance], fills_so_far: Iterable[Fill], clock: Clock) -> None:
        self._market = market
        self._clock = clock
        self._free: dict[Asset, Decimal] = {}
        self._orders: dict[ClientOrderId, OrderReport] = {}
        self._earlier_fills: dict[ClientOrderId, tuple[Fill, ...]] = {}
        self._taken: dict[tuple[str, Side, Price], _Taken] = {}
        for balance in holdings:
            self._free[balance.asset] = self._free.get(balance.asset, ZERO) + balance.total
        for fill in fills_so_far:
            if fill.venue == self.name:
                self._book(fill)
                known = self._earlier_fills.get(fill.client_order_id, ())
                self._earlier_fills[fill.client_order_id] = (*known, fill)

    @property
    def name(self) -> VenueName:
        """The name of the venue whose market it uses."""
        return self._market.name

    @property
    def capabilities(self) -> Capabilities:
        """An order is there at once, and its id is never forgotten."""
        return AT_ONCE

    async def instruments(self, assets: frozenset[Asset]) -> tuple[Instrument, ...]:
        """Those of the real market."""
        return await self._market.instruments(assets)

    async def balances(self) -> tuple[Balance, ...]:
        """The pretended holdings with all pretended fills."""
        return tuple(Balance(asset, Quantity(free)) for asset, free in sorted(self._free.items()) if free)

    async def tops(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        """Those of the real market."""
        return await self._market.tops(instruments)

    async def books(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        """Those of the real market."""
        return await self._market.books(instruments)

    async def submit(self, order: OrderRequest) -> OrderReport:
        """Fill what the real book offers at once within the limit. Raises Refused, and Unconfirmed for a known id."""
        instrument = await self._instrument(order)
        book = (await self._market.books([instrument]))[0]
        # From here to the end nothing is awaited: two orders cannot spend the same money or take the same offer.
        if self._known(order) is not None:
            raise Unconfirmed(self.name, "an order with this id is already known", code="DUPLICATE")
        self._check(order, instrument)
        self._forget_changed(order, book)
        fills = self._walk(order, instrument, book)
        for fill in fills:
            self._book(fill)
        self._orders[order.client_order_id] = _report_of(order, fills)
        return self._orders[order.client_order_id]

    async def cancel(self, order: OrderRequest) -> None:
        """Nothing rests here: there is never anything to cancel."""
        raise Refused(self.name, f"the {order.symbol} order is not open", code="UNKNOWN_ORDER")

    async def report(self, order: OrderRequest) -> OrderReport | None:
        """From memory, and of orders before the last start from their journalled fills."""
        return self._known(order)

    async def deposits(self, since: datetime) -> tuple[Deposit, ...]:  # noqa: ARG002 - nothing comes in from outside
        """There are none."""
        return ()

    async def key_rights(self) -> KeyRights:
        """It can trade, and nothing can leave it."""
        return RIGHTS

    async def probe(self) -> VenueProbe:
        """The state of the real venue."""
        return await self._market.probe()

    async def close(self) -> None:
        """Let go of the real market's connections."""
        await self._market.close()

    def _known(self, order: OrderRequest) -> OrderReport | None:
        if order.client_order_id in self._orders:
            return self._orders[order.client_order_id]
        earlier = self._earlier_fills.get(order.client_order_id)
        return _report_of(order, earlier) if earlier else None

    async def _instrument(self, order: OrderRequest) -> Instrument:
        for instrument in await self._market.instruments(frozenset({order.base, order.quote})):
            if (instrument.base, instrument.quote) == (order.base, order.quote):
                return instrument
        raise Refused(self.name, f"it has no market {order.symbol}", code="UNKNOWN_MARKET")

    @exact
    def _check(self, order: OrderRequest, instrument: Instrument) -> None:
        if order.quantity <= 0 or order.quantity % instrument.amount_step:
            raise Refused(self.name, f"{plain(order.quantity)} is not a multiple of the step", code="LOT_SIZE")
        if order.limit_price <= 0 or order.limit_price % instrument.price_tick:
            raise Refused(self.name, f"{plain(order.limit_price)} is not a multiple of the tick", code="PRICE_TICK")
        worth = order.quantity * order.limit_price
        if order.quantity < instrument.min_amount or worth < instrument.min_notional:
            raise Refused(self.name, "the order is below the market's minimum", code="MINIMUM")
        spent, needed = (order.quote, worth) if order.side is Side.BUY else (order.base, order.quantity)
        if order.side is Side.BUY and instrument.fee_currency is FeeCurrency.QUOTE:
            needed += worth * max(instrument.taker_fee, ZERO)
        free = self._free.get(spent, ZERO)
        if free < needed:
            problem = f"insufficient funds: {plain(needed)} {spent} needed, {plain(free)} free"
            raise Refused(self.name, problem, code="INSUFFICIENT_FUNDS")

    def _forget_changed(self, order: OrderRequest, book: OrderBook) -> None:
        shown = {level.price: level.quantity for level in book.side_taken(order.side)}
        self._taken = {
            offer: taken
            for offer, taken in self._taken.items()
            if offer[:2] != (order.symbol, order.side) or shown.get(offer[2]) == taken.shown
        }

    @exact
    def _walk(self, order: OrderRequest, instrument: Instrument, book: OrderBook) -> tuple[Fill, ...]:
        left, fills = Decimal(order.quantity), list[Fill]()
        for level in book.side_taken(order.side):
            if order.side.sign * (level.price - order.limit_price) > 0 or left <= 0:
                break
            offer = (order.symbol, order.side, level.price)
            already = self._taken[offer].quantity if offer in self._taken else ZERO
            quantity = min(left, level.quantity - already)
            if quantity <= 0:
                continue
            self._taken[offer] = _Taken(level.quantity, already + quantity)
            left -= quantity
            fills.append(self._fill(order, instrument, (Quantity(quantity), level.price), len(fills)))
        return tuple(fills)

    def _fill(self, order: OrderRequest, instrument: Instrument, trade: tuple[Quantity, Price], number: int) -> Fill:
        quantity, price = trade
        in_base = instrument.fee_currency is FeeCurrency.RECEIVED and order.side is Side.BUY
        fee = instrument.taker_fee * (quantity if in_base else quantity * price)
        return Fill(
            id=f"{order.client_order_id}-{number}",
            client_order_id=order.client_order_id,
            venue=self.name,
            base=order.base,
            quote=order.quote,
            side=order.side,
            quantity=quantity,
            price=price,
            fees=(FeePaid(order.base if in_base else order.quote, Quantity(fee)),) if fee else (),
            traded_at=self._clock.now(),
        )

    @exact
    def _book(self, fill: Fill) -> None:
        changes = [(fill.base, fill.side.sign * fill.quantity), (fill.quote, -fill.side.sign * fill.quote_amount)]
        changes += [(fee.asset, -fee.quantity) for fee in fill.fees]
        for asset, change in changes:
            self._free[asset] = self._free.get(asset, ZERO) + change


@exact
def _report_of(order: OrderRequest, fills: tuple[Fill, ...]) -> OrderReport:
    filled = Quantity(total(fill.quantity for fill in fills))
    status = ReportedStatus.FILLED if filled >= order.quantity else ReportedStatus.EXPIRED
    return OrderReport(order.client_order_id, f"sim-{order.client_order_id}", status, filled, fills)
