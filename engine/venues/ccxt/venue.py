"""An exchange as a `Venue`, over ccxt: what its profile knows, told in our words and with our errors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import TypeVar

from engine.model.errors import InvalidValue, NotSent, Refused, Unconfirmed, VenueError
from engine.model.ids import Asset, VenueName
from engine.model.ledger import Deposit, Withdrawal
from engine.model.market import Close, DayVolume, Instrument, OrderBook
from engine.model.order import HistoricTrade, OrderReport, OrderRequest, ReportedStatus
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, KeyRights, VenueProbe
from engine.model.venue_signals import CoinState
from engine.ports import Clock
from engine.venues.ccxt.client import Clients, Connection, Credentials
from engine.venues.ccxt.errors import CallFailed, order_error
from engine.venues.ccxt.markets import Markets
from engine.venues.ccxt.order_check import check_order
from engine.venues.ccxt.parse import A_DAY, no_rights, once_each
from engine.venues.ccxt.profile import Candle, Market, Placement, Profile
from engine.venues.ccxt.reading import PatientApi, Reader

DIRECT = Connection()
NOT_TOLD = "NOT_TOLD"
UNREADABLE = (InvalidValue, ValueError, TypeError, LookupError, AttributeError, ArithmeticError)

log = logging.getLogger(__name__)
Result = TypeVar("Result")


class CcxtVenue:
    """One account on one exchange. Without credentials it gives market data only."""

    def __init__(
        self,
        name: VenueName,
        profile: Profile,
        credentials: Credentials | None,
        clock: Clock,
        connection: Connection = DIRECT,
    ) -> None:
        self._name = name
        self._profile = profile
        self._clock = clock
        self._clients = Clients(profile, credentials, connection)
        self._reader = Reader(name, profile.errors, clock)
        self._markets = Markets(name, profile, self._clients, self._reader, clock)

    @property
    def name(self) -> VenueName:
        """The user's name for it."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What recovery needs to know."""
        return self._profile.capabilities

    async def instruments(self, assets: frozenset[Asset]) -> tuple[Instrument, ...]:
        """The active spot markets among `assets`, with the account's own fees where the key may see them."""
        return await self._markets.instruments(assets)

    async def balances(self) -> tuple[Balance, ...]:
        """All that is held; what is staked or lent is told apart. Raises Refused for a name that is not understood."""
        self._needs_key()
        listing = await self._markets.listing()
        holdings = await self._reader.read(lambda: self._profile.fetch_holdings(self._clients, listing))
        return holdings.balances()

    async def tops(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        """The best bid and ask of these markets, in one request."""
        markets = [await self._markets.market(instrument.base, instrument.quote) for instrument in instruments]
        if not markets:
            return ()
        return await self._reader.read(lambda: self._profile.fetch_tops(self._clients, markets, self._clock.now()))

    async def books(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        """The books of these markets, fetched together, in their order."""
        markets = [await self._markets.market(instrument.base, instrument.quote) for instrument in instruments]
        return tuple(await _together([self._book(market) for market in markets]))

    async def daily_closes(self, instrument: Instrument, since: datetime) -> tuple[Close, ...]:
        """The last price of every day that was over since an instant, oldest first."""
        return tuple((candle.at, candle.close) for candle in await self._candles(instrument, since))

    async def daily_volumes(self, instrument: Instrument, since: datetime) -> tuple[DayVolume, ...]:
        """What was traded on every day that was over since an instant, oldest first."""
        return tuple((candle.at, candle.volume) for candle in await self._candles(instrument, since))

    async def _candles(self, instrument: Instrument, since: datetime) -> list[Candle]:
        market, now = await self._markets.market(instrument.base, instrument.quote), self._clock.now()
        begun = (since - A_DAY, now)
        candles = await self._reader.read(lambda: self._profile.fetch_candles(self._clients, market, begun))
        return sorted((candle for candle in candles if since <= candle.at <= now), key=lambda candle: candle.at)

    async def submit(self, order: OrderRequest) -> OrderReport:
        """Send a limit order, immediate or cancel, once. A cancelled task leaves it as it was: intended, not known."""
        self._needs_key()
        placement = await self._placement(order)
        check_order(placement, self._profile.capabilities.acceptance_window, self._clock.now())
        try:
            report = await self._once(self._profile.place(self._clients, placement))
        except UNREADABLE as error:
            raise Unconfirmed(self._name, "its answer to the order could not be read") from error
        return await self._with_fills(report, order)

    async def cancel(self, order: OrderRequest) -> None:
        """Ask for an order to be cancelled. Raises Refused where there is nothing to cancel."""
        self._needs_key()
        placement = await self._placement(order)
        try:
            await self._once(self._profile.cancel(self._clients, placement))
        except UNREADABLE as error:
            raise Unconfirmed(self._name, "its answer to the cancellation could not be read") from error

    async def report(self, order: OrderRequest) -> OrderReport | None:
        """What the venue knows of an order by its client id, with its fills; None where it knows nothing."""
        self._needs_key()
        placement = await self._placement(order)
        return await self._reader.read(lambda: self._profile.find(self._clients, placement))

    async def deposits(self, since: datetime) -> tuple[Deposit, ...]:
        """Credited deposits since an instant, oldest first. Raises Refused where the key may not see them."""
        self._needs_key()
        listing, period = await self._markets.listing(), (since, self._clock.now())
        found = await self._reader.read(
            lambda: self._profile.fetch_deposits(self._clients, self._name, listing, period),
        )
        return tuple(sorted((d for d in found if d.at >= since), key=lambda deposit: (deposit.at, deposit.id)))

    async def withdrawals(self, since: datetime) -> tuple[Withdrawal, ...]:
        """Withdrawals since an instant, oldest first. Raises Refused where the key may not see them."""
        self._needs_key()
        listing, period = await self._markets.listing(), (since, self._clock.now())
        found = await self._reader.read(
            lambda: self._profile.fetch_withdrawals(self._clients, self._name, listing, period),
        )
        return tuple(sorted((w for w in found if w.at >= since), key=lambda withdrawal: (withdrawal.at, withdrawal.id)))

    async def trades(self, since: datetime, assets: frozenset[Asset]) -> tuple[HistoricTrade, ...]:
        """The account's own trades, oldest first, as far back as the venue tells."""
        self._needs_key()
        markets, period = await self._markets.among(assets), (since, self._clock.now())
        if not markets:
            return ()
        api = PatientApi(self._clients, self._clock)
        found = await self._reader.read(lambda: self._profile.fetch_trades(api, self._name, markets, period))
        return tuple(sorted((t for t in once_each(found) if t.at >= since), key=lambda trade: (trade.at, trade.id)))

    async def key_rights(self) -> KeyRights:
        """What the key may do; where the venue does not tell, nothing, with the problem."""
        try:
            self._needs_key()
            return await self._reader.read(lambda: self._profile.fetch_key_rights(self._clients))
        except VenueError as error:
            return no_rights(error.message)

    async def probe(self) -> VenueProbe:
        """Status, clock skew (theirs minus ours, half the round trip taken off) and latency of one request."""
        status = await self._reader.read(lambda: self._profile.fetch_status(self._clients))
        asked_at, theirs, answered_at = await self._reader.read(self._ask_time)
        latency = answered_at - asked_at
        skew = theirs - (asked_at + latency / 2)
        return VenueProbe(status.online, status.text, skew, latency, tells_status=status.is_told)

    async def coin_states(self, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
        """Whether these coins can be moved. Raises Refused where the exchange, or the key, does not tell."""
        fetch = self._profile.fetch_coins
        if fetch is None:
            raise Refused(self._name, "it does not tell which coins can be moved", code=NOT_TOLD)
        if not self._profile.coins_are_public:
            self._needs_key()
        listing = await self._markets.listing()
        return await self._reader.read(lambda: fetch(self._clients, listing, assets))

    async def close(self) -> None:
        """Let go of connections."""
        await self._clients.close()

    async def _book(self, market: Market) -> OrderBook:
        return await self._reader.read(lambda: self._profile.fetch_book(self._clients, market, self._clock.now()))

    async def _ask_time(self) -> tuple[datetime, datetime, datetime]:
        asked_at = self._clock.now()
        theirs = await self._profile.fetch_time(self._clients)
        return asked_at, theirs, self._clock.now()

    async def _placement(self, order: OrderRequest) -> Placement:
        return Placement(self._name, order, await self._markets.market(order.base, order.quote))

    async def _once(self, call: Awaitable[Result]) -> Result:
        try:
            return await call
        except CallFailed as failure:
            raise order_error(self._name, failure, self._profile.errors) from failure
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise Unconfirmed(self._name, "the request broke off on the way") from error

    async def _with_fills(self, report: OrderReport, order: OrderRequest) -> OrderReport:
        """Venues that answer with an id only are asked again. The order stands, whatever becomes of that question."""
        if report.status is not ReportedStatus.OPEN:
            return report
        try:
            return await self.report(order) or report
        except (NotSent, Refused) as error:
            log.warning("%s: the order was accepted, and its fills are not known yet: %s", self._name, error.message)
            return report

    def _needs_key(self) -> None:
        if not self._clients.has_key:
            raise Refused(self._name, f"no API key is set; add key and secret to [venues.{self._name}]")


async def _together(reads: Sequence[Awaitable[Result]]) -> list[Result]:
    """All of them, or the first error once none is on its way any more."""
    results = await asyncio.gather(*reads, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]
