"""The mode table, and the only constructor of adapters: what fills each port in each mode stands here and nowhere else.

| mode       | market and account        | fills                          |
|------------|---------------------------|--------------------------------|
| sandbox    | ccxt, at `base_url`       | the sandbox exchanges'         |
| simulation | ccxt, the real market     | pretended, on the real books   |
| live       | ccxt                      | the exchanges'                 |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from bot.config.settings import Settings, SignalSettings, VenueSettings, WatchedSettings
from bot.logs import note_venue_health
from bot.sandbox_control import HttpSandboxControl
from engine.api import Aside, Clock, Engine, EngineSettings, Journal, SignalSource, Venue
from engine.clock import SystemClock
from engine.feeds.chain_signal import ChainSupply, Token
from engine.feeds.file_signal import FileSignal
from engine.feeds.venue_closes import VenueCloses
from engine.feeds.venue_volumes import VenueVolumes
from engine.model.events import FillBooked, Mode
from engine.model.ids import VenueName
from engine.model.portfolio import Balance, VenueHealth, VenueSnapshot
from engine.model.venue import Capabilities
from engine.store.journal import SqlJournal, open_journal
from engine.venues.ccxt.client import Connection, Credentials
from engine.venues.ccxt.exchanges import PROFILES
from engine.venues.ccxt.venue import CcxtVenue
from engine.venues.guarded import GuardedVenue
from engine.venues.sim import SimulatedVenue

SANDBOX_ASKED_EVERY: Final = timedelta(seconds=10)
"""How often the sandbox's venues are asked whether they pay out: whoever halts one there waits to see it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the bot is built of."""

    engine: Engine
    journal: Journal
    venues: Mapping[VenueName, Venue]
    clock: Clock
    opened: AsyncExitStack
    """Closing it lets go of exchanges and database."""
    reference: Venue | None = None
    """Where prices alone are looked at."""
    sandbox: HttpSandboxControl | None = None
    """Where the sandbox lets things happen that is traded on."""


def promises() -> dict[str, Capabilities]:
    """What each exchange that can be traded on promises about orders in doubt."""
    return {name: profile.capabilities for name, profile in PROFILES.items()}


def system_clock() -> Clock:
    """The real time."""
    return SystemClock()


async def open_parts(settings: Settings, clock: Clock) -> Parts:
    """Open the journal and construct the engine on it. Raises JournalUnavailable with the remedy."""
    async with AsyncExitStack() as opened:
        journal = await journal_of(settings, clock)
        opened.push_async_callback(journal.close)
        venues = {venue.name: await _venue(venue, settings.mode, journal, clock, opened) for venue in settings.venues}
        reference = _reading(settings.reference, settings.mode, clock, opened) if settings.reference else None
        engine = _engine(settings, venues, reference, journal, clock)
        sandbox = _sandbox(settings, opened)
        return Parts(engine, journal, venues, clock, opened.pop_all(), reference, sandbox)


def _sandbox(settings: Settings, opened: AsyncExitStack) -> HttpSandboxControl | None:
    if settings.sandbox_control is None:
        return None
    control = HttpSandboxControl(settings.sandbox_control)
    opened.push_async_callback(control.close)
    return control


def _engine(
    settings: Settings, venues: Mapping[VenueName, Venue], reference: Venue | None, journal: Journal, clock: Clock
) -> Engine:
    engine_settings = EngineSettings(
        portfolio=settings.portfolio,
        mode=settings.mode,
        policy=settings.policy,
        numeraire=settings.numeraire,
        heartbeat=settings.schedule.heartbeat,
        venues_asked_every=SANDBOX_ASKED_EVERY if settings.mode is Mode.SANDBOX else None,
        aside=Aside(
            watched=tuple(_watched(place) for place in settings.watched),
            reserves={venue.name: dict(venue.reserve) for venue in settings.venues},
            reference=reference,
            history=VenueCloses({**venues, **({reference.name: reference} if reference else {})}),
            volumes=VenueVolumes(venues),
            signal=signal_source(settings.signal) if settings.signal else None,
        ),
    )
    engine = Engine(engine_settings, venues, journal, clock, lambda: not settings.kill_file.exists())
    engine.listen(note_venue_health)
    return engine


def signal_source(settings: SignalSettings) -> SignalSource | None:
    """Where a number is read that targets follow: a contract's total supply, or a file."""
    if settings.rpc_url is not None:
        return ChainSupply(settings.rpc_url, Token(settings.chain_id, settings.contract, settings.decimals))
    return FileSignal(settings.file) if settings.file is not None else None


def _watched(place: WatchedSettings) -> VenueSnapshot:
    """Holdings typed in by hand, as a place that never trades."""
    day = datetime.combine(place.as_of, time(), UTC)
    balances = tuple(Balance(asset, quantity) for asset, quantity in place.holdings)
    return VenueSnapshot(place.name, VenueHealth.WATCHED, day, balances)


async def journal_of(settings: Settings, clock: Clock) -> SqlJournal:
    """The journal alone, for commands that need no market. Raises JournalUnavailable with the remedy."""
    return await open_journal(settings.database_url, settings.portfolio, clock)


def reading(settings: VenueSettings, mode: Mode, clock: Clock) -> CcxtVenue:
    """An account for looking at it alone. The sandbox has no request rates that it would have to keep to."""
    return exchange(settings, clock, throttled=mode is not Mode.SANDBOX)


def exchange(settings: VenueSettings, clock: Clock, *, throttled: bool = True) -> CcxtVenue:
    """An account over ccxt, without any guard: for reading. `throttled` keeps to the exchange's request rates."""
    credentials = None
    if settings.key is not None and settings.secret is not None:
        passphrase = settings.passphrase.reveal() if settings.passphrase is not None else ""
        credentials = Credentials(settings.key.reveal(), settings.secret.reveal(), passphrase)
    connection = Connection(base_url=settings.base_url, proxy=settings.proxy, throttled=throttled)
    return CcxtVenue(settings.name, PROFILES[settings.exchange], credentials, clock, connection)


async def _venue(settings: VenueSettings, mode: Mode, journal: Journal, clock: Clock, opened: AsyncExitStack) -> Venue:
    return await VENUE_OF_MODE[mode](_reading(settings, mode, clock, opened), settings, journal, clock)


def _reading(settings: VenueSettings, mode: Mode, clock: Clock, opened: AsyncExitStack) -> CcxtVenue:
    """An account that is closed with all the rest."""
    account = reading(settings, mode, clock)
    opened.push_async_callback(account.close)
    return account


async def _guarded(account: CcxtVenue, _: VenueSettings, __: Journal, clock: Clock) -> Venue:
    return GuardedVenue(account, clock)


async def _simulated(account: CcxtVenue, settings: VenueSettings, journal: Journal, clock: Clock) -> Venue:
    fills = [e.fact.fill for e in await journal.facts(FillBooked) if isinstance(e.fact, FillBooked)]
    begin = [Balance(asset, quantity) for asset, quantity in settings.holdings] or list(await account.balances())
    return SimulatedVenue(account, begin, [fill for fill in fills if fill.venue == settings.name], clock)


MakeVenue = Callable[[CcxtVenue, VenueSettings, Journal, Clock], Awaitable[Venue]]
VENUE_OF_MODE: Final[dict[Mode, MakeVenue]] = {
    Mode.SANDBOX: _guarded,
    Mode.SIMULATION: _simulated,
    Mode.LIVE: _guarded,
}
