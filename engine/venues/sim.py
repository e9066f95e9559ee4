"""A venue whose market is real and whose fills are pretended: for simulation over live books.

An immediate-or-cancel order walks the book as it is when it arrives. What it takes stays taken until the venue shows
another quantity at that price, so that a second order does not trade with the same offer again. A post-only order rests
and is filled as a maker by what the book shows beyond its price whenever it is asked about. Orders are refused as a
venue would refuse them. What was traded before comes back from the journalled fills that are handed in; what rested
before the last start is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from engine.model.errors import Refused, Unconfirmed
from engine.model.ids import Asset, ClientOrderId, VenueName
from engine.model.ledger import Deposit, Withdrawal
from engine.model.market import Close, DayVolume, FeeCurrency, Instrument, OrderBook, Side
from engine.model.money import ZERO, Price, Quantity, exact, plain, total
from engine.model.order import FeePaid, Fill, HistoricTrade, OrderReport, OrderRequest, ReportedStatus
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, ClientIdScope, KeyRights, VenueProbe
from engine.model.venue_signals import CoinState
from engine.ports import Clock, Venue

AT_ONCE = Capabilities(
    ClientIdScope.FOREVER, acceptance_window=timedelta(0), visibility_lag=timedelta(0), is_pretended=True
)
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
        self._began_at = clock.now()
        self._free: dict[Asset, Decimal] = {}
        self._orders: dict[ClientOrderId, OrderReport] = {}
        self._resting: dict[ClientOrderId, tuple[OrderRequest, Instrument]] = {}
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
        locked = self._locked()
        return tuple(
            Balance(asset, Quantity(held - locked.get(asset, ZERO)), Quantity(locked.get(asset, ZERO)))
            for asset, held in sorted(self._free.items())
            if held
        )

    async def tops(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        """Those of the real market."""
        return await self._market.tops(instruments)

    async def books(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        """Those of the real market."""
        return await self._market.books(instruments)

    async def daily_closes(self, instrument: Instrument, since: datetime) -> tuple[Close, ...]:
        """Those of the real market."""
        return await self._market.daily_closes(instrument, since)

    async def daily_volumes(self, instrument: Instrument, since: datetime) -> tuple[DayVolume, ...]:
        """Those of the real market."""
        return await self._market.daily_volumes(instrument, since)

    async def submit(self, order: OrderRequest) -> OrderReport:
        """Fill what the real book offers at once within the limit, or let a post-only order rest.

        Raises Refused, and Unconfirmed for a known id.
        """
        instrument = await self._instrument(order)
        book = (await self._market.books([instrument]))[0]
        # From here to the end nothing is awaited: two orders cannot spend the same money or take the same offer.
        if self._known(order) is not None:
            raise Unconfirmed(self.name, "an order with this id is already known", code="DUPLICATE")
        self._check(order, instrument)
        if order.post_only:
            return self._rest(order, instrument, book)
        self._trade(order, instrument, book)
        self._close(order, ReportedStatus.EXPIRED)
        return self._orders[order.client_order_id]

    async def cancel(self, order: OrderRequest) -> None:
        """Take a resting order out of the book. Raises Refused where none rests."""
        if order.client_order_id not in self._resting:
            raise Refused(self.name, f"the {order.symbol} order is not open", code="UNKNOWN_ORDER")
        self._close(order, ReportedStatus.CANCELED)

    async def report(self, order: OrderRequest) -> OrderReport | None:
        """From memory, and of orders before the last start from their journalled fills."""
        if order.client_order_id in self._resting:
            instrument = self._resting[order.client_order_id][1]
            book = (await self._market.books([instrument]))[0]
            if order.client_order_id in self._resting:
                self._trade(order, instrument, book)
        return self._known(order)

    async def deposits(self, since: datetime) -> tuple[Deposit, ...]:  # noqa: ARG002 - nothing comes in from outside
        """There are none."""
        return ()

    async def withdrawals(self, since: datetime) -> tuple[Withdrawal, ...]:  # noqa: ARG002 - nothing goes out either
        """There are none."""
        return ()

    async def trades(self, since: datetime, assets: frozenset[Asset]) -> tuple[HistoricTrade, ...]:  # noqa: ARG002
        """There are none: what was pretended is in the journal, and nothing was traded before."""
        return ()

    async def key_rights(self) -> KeyRights:
        """It can trade, and nothing can leave it."""
        return RIGHTS

    async def probe(self) -> VenueProbe:
        """The state of the real venue."""
        return await self._market.probe()

    async def coin_states(self, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
        """Those of the real venue: the pretended holdings are as hard to move."""
        return await self._market.coin_states(assets)

    async def close(self) -> None:
        """Let go of the real market's connections."""
        await self._market.close()

    def _known(self, order: OrderRequest) -> OrderReport | None:
        if order.client_order_id in self._orders:
            return self._orders[order.client_order_id]
        earlier = self._earlier_fills.get(order.client_order_id, ())
        if order.post_only and order.intended_at < self._began_at:
            return _report_of(order, earlier, ReportedStatus.CANCELED)
        return _report_of(order, earlier, ReportedStatus.EXPIRED) if earlier else None

    def _rest(self, order: OrderRequest, instrument: Instrument, book: OrderBook) -> OrderReport:
        opposite = book.side_taken(order.side)
        if opposite and order.side.sign * (opposite[0].price - order.limit_price) <= 0:
            raise Refused(self.name, "the order would trade at once, and is post-only", code="POST_ONLY")
        self._resting[order.client_order_id] = (order, instrument)
        self._orders[order.client_order_id] = _report_of(order, (), ReportedStatus.OPEN)
        return self._orders[order.client_order_id]

    def _trade(self, order: OrderRequest, instrument: Instrument, book: OrderBook) -> None:
        """Take what the book offers within the limit, and remember what came of it."""
        self._forget_changed(order, book)
        known = self._orders.get(order.client_order_id)
        so_far = known.fills if known else ()
        fills = self._walk(order, instrument, book, so_far)
        for fill in fills:
            self._book(fill)
        self._orders[order.client_order_id] = _report_of(order, (*so_far, *fills), ReportedStatus.OPEN)
        if self._orders[order.client_order_id].status is ReportedStatus.FILLED:
            self._resting.pop(order.client_order_id, None)

    def _close(self, order: OrderRequest, how: ReportedStatus) -> None:
        self._resting.pop(order.client_order_id, None)
        fills = self._orders[order.client_order_id].fills
        self._orders[order.client_order_id] = _report_of(order, fills, how)

    @exact
    def _locked(self) -> dict[Asset, Decimal]:
        """What resting orders set aside."""
        locked: dict[Asset, Decimal] = {}
        for order, instrument in self._resting.values():
            left = order.quantity - self._orders[order.client_order_id].filled
            asset, amount = _spends(order, instrument, Quantity(left))
            locked[asset] = locked.get(asset, ZERO) + amount
        return locked

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
        spent, needed = _spends(order, instrument, order.quantity)
        free = self._free.get(spent, ZERO) - self._locked().get(spent, ZERO)
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
    def _walk(
        self, order: OrderRequest, instrument: Instrument, book: OrderBook, so_far: tuple[Fill, ...]
    ) -> tuple[Fill, ...]:
        left, fills = order.quantity - total(fill.quantity for fill in so_far), list[Fill]()
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
            price = order.limit_price if order.post_only else level.price
            fills.append(self._fill(order, instrument, (Quantity(quantity), price), len(so_far) + len(fills)))
        return tuple(fills)

    def _fill(self, order: OrderRequest, instrument: Instrument, trade: tuple[Quantity, Price], number: int) -> Fill:
        quantity, price = trade
        in_base = instrument.fee_currency is FeeCurrency.RECEIVED and order.side is Side.BUY
        rate = instrument.maker_fee if order.post_only else instrument.taker_fee
        fee = rate * (quantity if in_base else quantity * price)
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
def _spends(order: OrderRequest, instrument: Instrument, quantity: Quantity) -> tuple[Asset, Decimal]:
    """What so much of an order sets aside, fee included."""
    if order.side is Side.SELL:
        return order.base, quantity
    worth = quantity * order.limit_price
    fee = worth * max(instrument.taker_fee, ZERO) if instrument.fee_currency is FeeCurrency.QUOTE else ZERO
    return order.quote, worth + fee


@exact
def _report_of(order: OrderRequest, fills: tuple[Fill, ...], otherwise: ReportedStatus) -> OrderReport:
    """A report: filled where all of it is, `otherwise` in the other case."""
    filled = Quantity(total(fill.quantity for fill in fills))
    status = ReportedStatus.FILLED if filled >= order.quantity else otherwise
    return OrderReport(order.client_order_id, f"sim-{order.client_order_id}", status, filled, fills)
