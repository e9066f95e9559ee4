"""A venue behind guards: what its key may do, and whether its clock and ours agree.

A key must prove, before the first order and again from time to time, that it cannot move assets out. Clocks must agree
because both sides judge by them: the venue whether a request has expired, and we whether its silence about an order
proves that the order never came.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from engine.model.errors import NotSent, Refused, VenueError
from engine.model.ids import Asset, VenueName
from engine.model.ledger import Deposit, Withdrawal
from engine.model.market import Close, DayVolume, Instrument, OrderBook
from engine.model.order import HistoricTrade, OrderReport, OrderRequest
from engine.model.portfolio import Balance
from engine.model.venue import CLOCK_SKEW_ALLOWED, Capabilities, KeyRights, VenueProbe
from engine.model.venue_signals import CoinState
from engine.ports import Clock, Venue

PROVED_FOR: Final = timedelta(hours=1)
"""Rights can be edited at the venue at any time."""
AGREES_FOR: Final = timedelta(minutes=10)
"""Clocks that agreed drift apart slowly; a clock that is set shows when a venue's silence is judged."""

log = logging.getLogger(__name__)


class GuardedVenue:
    """Passes everything on to a venue.

    An order goes through only while the key is known to be trade-only and the clocks are not known to differ. That the
    venue knows nothing of an order is passed on only while the clocks are known to agree.
    """

    def __init__(self, venue: Venue, clock: Clock) -> None:
        self._venue = venue
        self._clock = clock
        self._proved_at: datetime | None = None
        self._agreed_at: datetime | None = None

    @property
    def name(self) -> VenueName:
        """The venue's name."""
        return self._venue.name

    @property
    def capabilities(self) -> Capabilities:
        """The venue's own."""
        return self._venue.capabilities

    async def instruments(self, assets: frozenset[Asset]) -> tuple[Instrument, ...]:
        """The venue's own."""
        return await self._venue.instruments(assets)

    async def balances(self) -> tuple[Balance, ...]:
        """The venue's own."""
        return await self._venue.balances()

    async def tops(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        """The venue's own."""
        return await self._venue.tops(instruments)

    async def books(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        """The venue's own."""
        return await self._venue.books(instruments)

    async def daily_closes(self, instrument: Instrument, since: datetime) -> tuple[Close, ...]:
        """The venue's own."""
        return await self._venue.daily_closes(instrument, since)

    async def daily_volumes(self, instrument: Instrument, since: datetime) -> tuple[DayVolume, ...]:
        """The venue's own."""
        return await self._venue.daily_volumes(instrument, since)

    async def submit(self, order: OrderRequest) -> OrderReport:
        """Send the order if the key is trade-only and the clocks agree.

        Raises Refused or NotSent where the key is not, or nobody can tell; and NotSent where the clocks differ.
        """
        await self._prove()
        await self._keep_time()
        return await self._venue.submit(order)

    async def cancel(self, order: OrderRequest) -> None:
        """The venue's own: a cancel moves nothing out."""
        await self._venue.cancel(order)

    async def report(self, order: OrderRequest) -> OrderReport | None:
        """The venue's own. Raises NotSent where it knows nothing, and the clocks differ or cannot be compared: by a
        clock that is ahead of the venue's, an order that it may still take would have expired.
        """
        report = await self._venue.report(order)
        if report is None:
            await self._compare_clocks()
        return report

    async def deposits(self, since: datetime) -> tuple[Deposit, ...]:
        """The venue's own."""
        return await self._venue.deposits(since)

    async def withdrawals(self, since: datetime) -> tuple[Withdrawal, ...]:
        """The venue's own."""
        return await self._venue.withdrawals(since)

    async def trades(self, since: datetime, assets: frozenset[Asset]) -> tuple[HistoricTrade, ...]:
        """The venue's own."""
        return await self._venue.trades(since, assets)

    async def key_rights(self) -> KeyRights:
        """The venue's own."""
        return await self._venue.key_rights()

    async def probe(self) -> VenueProbe:
        """The venue's own."""
        return await self._venue.probe()

    async def coin_states(self, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
        """The venue's own."""
        return await self._venue.coin_states(assets)

    async def close(self) -> None:
        """Close the venue."""
        await self._venue.close()

    async def _prove(self) -> None:
        now = self._clock.now()
        if self._proved_at is not None and now - self._proved_at < PROVED_FOR:
            return
        try:
            rights = await self._venue.key_rights()
        except VenueError as error:
            raise NotSent(self.name, f"the rights of the key could not be checked ({error.message})") from error
        if not rights.is_trade_only:
            raise Refused(self.name, rights.problem_words, code="key_rights")
        self._proved_at = now

    async def _keep_time(self) -> None:
        """Compare the clocks where that was not done lately. One that cannot be compared now does not hold an order
        up: the venue refuses by itself what was not signed in its own time.
        """
        now = self._clock.now()
        if self._agreed_at is not None and self._agreed_at <= now < self._agreed_at + AGREES_FOR:
            return
        try:
            await self._compare_clocks()
        except ClocksDiffer:
            raise
        except VenueError as error:
            log.info("%s: the clocks could not be compared: %s", self.name, error.message)

    async def _compare_clocks(self) -> None:
        """Raise ClocksDiffer where they do, and NotSent where that cannot be told: the skew that is measured is off by
        half the time of the answer at the most.
        """
        probe = await self._venue.probe()
        skew, doubt = abs(probe.clock_skew), probe.latency / 2
        if skew + doubt <= CLOCK_SKEW_ALLOWED:
            self._agreed_at = self._clock.now()
            return
        self._agreed_at = None
        if skew - doubt > CLOCK_SKEW_ALLOWED:
            raise ClocksDiffer(self.name, _words(probe.clock_skew))
        raise NotSent(self.name, "it took too long to tell the time")


class ClocksDiffer(NotSent):
    """Nothing was sent, as the venue's clock and ours differ by more than is allowed for."""


def _words(skew: timedelta) -> str:
    way = "behind" if skew > timedelta(0) else "ahead of"
    seconds = abs(round(skew.total_seconds()))
    return f"this machine's clock is {seconds} s {way} the exchange's; set it by NTP, then orders go out again"
