"""The engine's way to an exchange: the `Venue` port over a network that loses, delays and forgets.

A request travels by itself: once it is on its way it arrives, whether or not the process that sent it still lives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from engine.model.errors import NotSent, Refused, Unconfirmed
from engine.model.ids import Asset, VenueName
from engine.model.ledger import Deposit, Withdrawal
from engine.model.market import Instrument, OrderBook
from engine.model.order import HistoricTrade, OrderReport, OrderRequest
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, KeyRights, VenueProbe
from engine.model.venue_signals import CoinState
from tests.simulation.exchange import Exchange, Rejection, VenueOrder
from tests.simulation.timetable import Timetable
from tests.simulation.weather import ORDER_RISKS, READ_RISKS, Fate, Weather

T = TypeVar("T")
PATIENCE: Final = 10.0
"""Seconds after which the client gives a request up."""
NO_ANSWER: Final = (Fate.LOST, Fate.ANSWER_LOST)
TRY_LATER: Final = frozenset({"TOO_OLD"})
DOUBTFUL: Final = frozenset({"DUPLICATE"})
"""Refused because of an order of ours that is there: its fate is asked for, as the adapters do."""


@dataclass
class Hooks:
    """Who watches orders: before one leaves, and when its answer is there; and the clock that they are signed by."""

    leaving: Callable[[OrderRequest], None]
    answered: Callable[[], None]
    clock_ahead: Callable[[], float]
    """Of the machine that asks."""


class SimVenue:
    """One account, seen through the network."""

    def __init__(self, exchange: Exchange, world: Timetable, weather: Weather, hooks: Hooks) -> None:
        self._exchange = exchange
        self._world = world
        self._weather = weather
        self._hooks = hooks
        self._closed_until = 0.0
        self.pays_out = True
        """Whether coins can be withdrawn."""

    @property
    def name(self) -> VenueName:
        return self._exchange.name

    @property
    def capabilities(self) -> Capabilities:
        return self._exchange.rules

    def close_for(self, duration: float) -> None:
        """Maintenance: every request is turned away for so many seconds."""
        self._closed_until = self._world.now + duration

    async def instruments(self, assets: frozenset[Asset]) -> tuple[Instrument, ...]:
        await self._reach()
        markets = (self._exchange.markets[symbol].instrument for symbol in sorted(self._exchange.markets))
        return tuple(i for i in markets if i.base in assets and i.quote in assets)

    async def balances(self) -> tuple[Balance, ...]:
        await self._reach()
        return self._exchange.balances()

    async def tops(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        return tuple(book.top for book in await self.books(instruments) if book.is_two_sided)

    async def books(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        await self._reach()
        return tuple(self._exchange.markets[i.symbol].book(self._world.now) for i in instruments)

    async def submit(self, order: OrderRequest) -> OrderReport:
        self._hooks.leaving(order)
        fate = self._weather.fate(ORDER_RISKS)
        if fate is Fate.REFUSED:
            await asyncio.sleep(0.1)
            self._exchange.arrivals.append(order)
            raise Refused(self.name, "the market is in a mood", code="MOOD")
        accepted = await self._send(fate, lambda: self._exchange.accept(order))
        self._hooks.answered()
        return self._as_answered(accepted)

    async def cancel(self, order: OrderRequest) -> None:
        fate = self._weather.fate(ORDER_RISKS)
        if fate is Fate.REFUSED:
            fate = Fate.UNAVAILABLE
        await self._send(fate, lambda: self._exchange.cancel(order.client_order_id))

    async def report(self, order: OrderRequest) -> OrderReport | None:
        await self._reach()
        found = self._exchange.find(order.client_order_id)
        if found is None or not self._is_visible(found.accepted_at):
            return None
        return self._as_looked_up(found)

    async def deposits(self, since: datetime) -> tuple[Deposit, ...]:  # noqa: ARG002 - nothing comes in
        await self._reach()
        return ()

    async def trades(self, since: datetime, assets: frozenset[Asset]) -> tuple[HistoricTrade, ...]:  # noqa: ARG002
        """Nothing was traded before."""
        return ()

    async def withdrawals(self, since: datetime) -> tuple[Withdrawal, ...]:  # noqa: ARG002 - nothing goes out
        await self._reach()
        return ()

    async def key_rights(self) -> KeyRights:
        return KeyRights(can_read=True, can_trade=True, can_withdraw=False, ip_restricted=True)

    async def probe(self) -> VenueProbe:
        await self._reach()
        skew = timedelta(seconds=self._exchange.clock_skew - self._hooks.clock_ahead())
        return VenueProbe(online=True, status="ok", clock_skew=skew, latency=timedelta(0))

    async def coin_states(self, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
        await self._reach()
        return tuple(CoinState(asset, True, self.pays_out) for asset in sorted(assets))

    async def close(self) -> None:
        """Nothing is held."""

    async def _reach(self) -> None:
        """A read: it costs time, and may fail without harm."""
        fate = self._weather.fate(READ_RISKS)
        self._check_open(fate)
        if fate is Fate.LOST:
            await asyncio.sleep(PATIENCE)
            raise NotSent(self.name, "no answer in time")
        await asyncio.sleep(self._weather.between(2, 8) if fate is Fate.SLOW else self._weather.between(0.01, 0.2))

    def _check_open(self, fate: Fate) -> None:
        if self._world.now < self._closed_until:
            raise NotSent(self.name, "maintenance", code="MAINTENANCE")
        if fate in (Fate.UNAVAILABLE, Fate.RATE_LIMITED):
            raise NotSent(self.name, fate.value, code=fate.value)

    async def _send(self, fate: Fate, effect: Callable[[], T]) -> T:
        """A request with an effect. Raises NotSent, Refused or Unconfirmed, as the adapters do."""
        self._check_open(fate)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if fate is not Fate.LOST:
            self._world.after(self._way_there(fate), lambda: self._arrive(fate, effect, answer))
        try:
            async with asyncio.timeout(PATIENCE):
                result: T | Rejection = await answer
        except TimeoutError as error:
            raise Unconfirmed(self.name, "no answer in time") from error
        if fate is Fate.UNCLEAR:
            raise Unconfirmed(self.name, "internal error", code="500")
        if isinstance(result, Rejection):
            raise self._in_our_words(result)
        return result

    def _way_there(self, fate: Fate) -> float:
        if fate is Fate.LATE:
            return self._weather.between(1, 40)
        return self._weather.between(1, 4) if fate is Fate.SLOW else self._weather.between(0.02, 0.3)

    def _arrive(self, fate: Fate, effect: Callable[[], T], answer: asyncio.Future[Any]) -> None:
        result: T | Rejection
        try:
            result = effect()
        except Rejection as rejection:
            result = rejection
        if fate not in NO_ANSWER:
            back = self._weather.between(0.02, 0.3)
            self._world.after(back, partial(_settle, answer, result))

    def _in_our_words(self, rejection: Rejection) -> NotSent | Refused | Unconfirmed:
        kind = NotSent if rejection.code in TRY_LATER else Unconfirmed if rejection.code in DOUBTFUL else Refused
        return kind(self.name, rejection.code.lower(), code=rejection.code)

    def _is_visible(self, since: float) -> bool:
        lag = self._exchange.rules.visibility_lag.total_seconds()
        return self._world.now >= since + (lag if self._weather.happens(0.7) else 0.0)

    def _as_answered(self, order: VenueOrder) -> OrderReport:
        """The answer to an order may leave its trades to a look-up."""
        report = order.report()
        return replace(report, fills=report.fills[:-1]) if report.fills and self._weather.happens(0.15) else report

    def _as_looked_up(self, order: VenueOrder) -> OrderReport:
        """The last trade may be shown later than the order's end."""
        report = order.report()
        late = report.fills and self._weather.happens(0.2) and not self._is_visible(order.closed_at or 0.0)
        return replace(report, fills=report.fills[:-1]) if late else report


def _settle(answer: asyncio.Future[Any], result: object) -> None:
    if not answer.done():
        answer.set_result(result)
