"""A venue that does what a test tells it: it answers, fails, loses orders, or takes them and does not say so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from engine.model.errors import Fault, NotSent, Refused, Unconfirmed
from engine.model.ids import Asset, ClientOrderId, VenueName
from engine.model.ledger import Deposit, Withdrawal, WithdrawalState
from engine.model.market import Close, DayVolume, Instrument, OrderBook
from engine.model.money import ZERO, Quantity, exact
from engine.model.order import FeePaid, Fill, HistoricTrade, OrderReport, OrderRequest, ReportedStatus
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, ClientIdScope, KeyRights, VenueProbe
from engine.model.venue_signals import CoinState
from engine.ports import Clock
from tests.builders import Market

WINDOW, LAG = timedelta(seconds=20), timedelta(seconds=10)


class Will(StrEnum):
    """What becomes of the next order."""

    FILL = "fill"
    HALF = "half"
    """Half of it is filled, the rest lapses."""
    TOO_MUCH = "too_much"
    """It is filled, and filled again by half."""
    REST = "rest"
    """It stays in the book, although it was meant to trade at once."""
    NOT_SENT = "not_sent"
    REFUSE = "refuse"
    TAKE_AND_FAIL = "take_and_fail"
    """It is filled, and the answer is lost."""
    LOSE = "lose"
    """It never arrives, and nobody knows."""
    TAKE_AND_HANG = "take_and_hang"
    LOSE_AND_HANG = "lose_and_hang"
    BREAK = "break"
    """Something that no adapter should raise."""


class FakeVenue:
    """Trades at its books without end; `sent` is every order that reached it, also those it refused."""

    def __init__(self, name: str, clock: Clock, balances: dict[str, str], *markets: Market) -> None:
        self._name = VenueName(name)
        self._clock = clock
        self.markets = {market.symbol: market for market in markets}
        self.held = {Asset(asset): Decimal(amount) for asset, amount in balances.items()}
        self.will: list[Will] = []
        self.sent: list[OrderRequest] = []
        self.orders: dict[ClientOrderId, OrderReport] = {}
        self.promises = Capabilities(ClientIdScope.OPEN_ORDERS, WINDOW, LAG)
        self.asked = 0
        self.whole_books_read = 0
        self.down = False
        self.silent = False
        """It trades and cannot be asked about orders."""
        self.received: list[Deposit] = []
        self.history: list[HistoricTrade] = []
        self.days: dict[str, tuple[Close, ...]] = {}
        """The daily closes of its markets, by symbol."""
        self.asked_for_days: list[str] = []
        self.volumes: dict[str, tuple[DayVolume, ...]] = {}
        self.asked_for_volumes: list[str] = []
        self.sent_out: list[Withdrawal] = []
        self.rights = KeyRights(can_read=True, can_trade=True, can_withdraw=False, ip_restricted=True)
        self.skew, self.status = timedelta(0), "ok"
        self.tells_coins = True
        self.shut: set[str] = set()
        """Coins that can be neither deposited nor withdrawn."""
        self.before_order: Callable[[OrderRequest], Awaitable[None]] | None = None

    @property
    def name(self) -> VenueName:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return self.promises

    async def instruments(self, assets: frozenset[Asset]) -> tuple[Instrument, ...]:
        self._answer()
        return tuple(m.instrument(self._name) for m in self.markets.values() if set(m.pair) <= assets)

    async def balances(self) -> tuple[Balance, ...]:
        self._answer()
        return tuple(Balance(asset, Quantity(held)) for asset, held in self.held.items() if held)

    async def tops(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        self._answer()
        return tuple(self.markets[i.symbol].book(self._clock.now()).top for i in instruments)

    async def books(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        self._answer()
        self.whole_books_read += len(instruments)
        return tuple(self.markets[i.symbol].book(self._clock.now()) for i in instruments)

    async def daily_closes(self, instrument: Instrument, since: datetime) -> tuple[Close, ...]:
        self.asked_for_days.append(instrument.symbol)
        self._answer()
        return tuple(
            (at, price) for at, price in self.days.get(instrument.symbol, ()) if since <= at <= self._clock.now()
        )

    async def daily_volumes(self, instrument: Instrument, since: datetime) -> tuple[DayVolume, ...]:
        self.asked_for_volumes.append(instrument.symbol)
        self._answer()
        told = self.volumes.get(instrument.symbol, ())
        return tuple((at, volume) for at, volume in told if since <= at <= self._clock.now())

    async def submit(self, order: OrderRequest) -> OrderReport:
        if self.before_order is not None:
            await self.before_order(order)
        self.sent.append(order)
        will = self.will.pop(0) if self.will else Will.FILL
        if will in (Will.NOT_SENT, Will.REFUSE, Will.LOSE, Will.LOSE_AND_HANG, Will.BREAK):
            return await self._fail(will)
        if order.client_order_id in self.orders:
            raise AssertionError(f"order {order.client_order_id} was sent twice")
        self.orders[order.client_order_id] = self._take(order, will)
        if will is Will.TAKE_AND_FAIL:
            raise Unconfirmed(self._name, "the connection was lost")
        if will is Will.TAKE_AND_HANG:
            await asyncio.Event().wait()
        return self.orders[order.client_order_id]

    async def cancel(self, order: OrderRequest) -> None:
        self._answer()
        known = self.orders.get(order.client_order_id)
        if known is None or known.status is not ReportedStatus.OPEN:
            raise Refused(self._name, "unknown order", code="UNKNOWN")
        self.orders[order.client_order_id] = OrderReport(
            known.client_order_id, known.venue_order_id, ReportedStatus.CANCELED, known.filled, known.fills
        )

    async def report(self, order: OrderRequest) -> OrderReport | None:
        self.asked += 1
        if self.silent:
            raise NotSent(self._name, "no answer")
        self._answer()
        return self.orders.get(order.client_order_id)

    async def deposits(self, since: datetime) -> tuple[Deposit, ...]:
        self._answer()
        return tuple(deposit for deposit in self.received if deposit.at >= since)

    async def trades(self, since: datetime, assets: frozenset[Asset]) -> tuple[HistoricTrade, ...]:
        return tuple(each for each in self.history if each.at >= since and {each.base, each.quote} <= assets)

    async def withdrawals(self, since: datetime) -> tuple[Withdrawal, ...]:
        self._answer()
        return tuple(withdrawal for withdrawal in self.sent_out if withdrawal.at >= since)

    async def key_rights(self) -> KeyRights:
        return self.rights

    async def probe(self) -> VenueProbe:
        return VenueProbe(not self.down and self.status == "ok", self.status, self.skew, timedelta(0))

    async def coin_states(self, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
        self._answer()
        if not self.tells_coins:
            raise Refused(self._name, "it does not tell")
        return tuple(CoinState(asset, asset not in self.shut, asset not in self.shut) for asset in sorted(assets))

    async def close(self) -> None:
        """Nothing is held."""

    def deposit(self, number: str, asset: str, amount: str, txid: str = "") -> None:
        """New money comes in."""
        quantity = Quantity(Decimal(amount))
        self.held[Asset(asset)] = self.held.get(Asset(asset), ZERO) + quantity
        self.received.append(Deposit(number, self._name, Asset(asset), quantity, self._clock.now(), txid))

    def withdraw(self, number: str, asset: str, amount: str, **more: Any) -> None:
        """Money goes out, on record. `more`: fee, state, txid."""
        fee = Quantity(Decimal(more.get("fee", "0")))
        state, txid = more.get("state", WithdrawalState.ON_ITS_WAY), more.get("txid", "")
        quantity = Quantity(Decimal(amount))
        self.held[Asset(asset)] -= quantity + fee
        out = Withdrawal(number, self._name, Asset(asset), quantity, fee, self._clock.now(), state, txid)
        self.sent_out.append(out)

    def change(self, asset: str, amount: str) -> None:
        """A balance moves, and nothing on record says why."""
        self.held[Asset(asset)] = self.held.get(Asset(asset), ZERO) + Decimal(amount)

    def _answer(self) -> None:
        if self.down:
            raise NotSent(self._name, "no route", fault=Fault.NETWORK)

    async def _fail(self, will: Will) -> OrderReport:
        if will is Will.NOT_SENT:
            raise NotSent(self._name, "no route")
        if will is Will.REFUSE:
            raise Refused(self._name, "not a multiple", code="LOT_SIZE")
        if will is Will.BREAK:
            raise ZeroDivisionError
        if will is Will.LOSE_AND_HANG:
            await asyncio.Event().wait()
        raise Unconfirmed(self._name, "the connection was lost")

    @exact
    def _take(self, order: OrderRequest, will: Will) -> OrderReport:
        share = {Will.HALF: Decimal("0.5"), Will.REST: ZERO}.get(will, Decimal(1))
        quantity = Quantity(order.quantity * share)
        price = self.markets[order.symbol].book(self._clock.now()).side_taken(order.side)[0].price
        fee = quantity * price * Decimal(self.markets[order.symbol].fee)
        coid = order.client_order_id
        paid = (FeePaid(order.quote, Quantity(fee)),)
        parts = (coid, self._name, order.base, order.quote, order.side, quantity, price, paid)
        fills: tuple[Fill, ...] = (Fill(f"t-{coid[:8]}", *parts, self._clock.now()),) if quantity else ()
        if will is Will.TOO_MUCH:
            more = Quantity(quantity / 2)
            fills = (*fills, replace(fills[0], id=f"u-{coid[:8]}", quantity=more))
            quantity = Quantity(quantity + more)
        self.held[order.base] = self.held.get(order.base, ZERO) + order.side.sign * quantity
        self.held[order.quote] = self.held.get(order.quote, ZERO) - order.side.sign * quantity * price - fee
        assert min(self.held.values()) >= 0, f"{self._name} was made to spend what it does not have"
        ended = {Will.HALF: ReportedStatus.EXPIRED, Will.REST: ReportedStatus.OPEN}.get(will, ReportedStatus.FILLED)
        return OrderReport(coid, f"V-{coid[:8]}", ended, quantity, fills)
