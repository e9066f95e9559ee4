"""A venue whose key must prove, before the first order and again from time to time, that it cannot move assets out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from engine.model.errors import NotSent, Refused, VenueError
from engine.model.ids import Asset, VenueName
from engine.model.ledger import Deposit, Withdrawal
from engine.model.market import Instrument, OrderBook
from engine.model.order import OrderReport, OrderRequest
from engine.model.portfolio import Balance
from engine.ports import Capabilities, Clock, KeyRights, Venue, VenueProbe

PROVED_FOR: Final = timedelta(hours=1)
"""Rights can be edited at the venue at any time."""


class TradeOnlyVenue:
    """Passes everything on to a venue; an order only while the key is known to be trade-only. Fails closed."""

    def __init__(self, venue: Venue, clock: Clock) -> None:
        self._venue = venue
        self._clock = clock
        self._proved_at: datetime | None = None

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

    async def submit(self, order: OrderRequest) -> OrderReport:
        """Send the order if the key is trade-only. Raises Refused or NotSent where it is not, or nobody can tell."""
        await self._prove()
        return await self._venue.submit(order)

    async def cancel(self, order: OrderRequest) -> None:
        """The venue's own: a cancel moves nothing out."""
        await self._venue.cancel(order)

    async def report(self, order: OrderRequest) -> OrderReport | None:
        """The venue's own."""
        return await self._venue.report(order)

    async def deposits(self, since: datetime) -> tuple[Deposit, ...]:
        """The venue's own."""
        return await self._venue.deposits(since)

    async def withdrawals(self, since: datetime) -> tuple[Withdrawal, ...]:
        """The venue's own."""
        return await self._venue.withdrawals(since)

    async def key_rights(self) -> KeyRights:
        """The venue's own."""
        return await self._venue.key_rights()

    async def probe(self) -> VenueProbe:
        """The venue's own."""
        return await self._venue.probe()

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
