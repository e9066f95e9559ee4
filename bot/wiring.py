"""The mode table, and the only constructor of adapters: what fills each port in each mode stands here and nowhere else.

| mode       | market and account        | fills                          |
|------------|---------------------------|--------------------------------|
| sandbox    | ccxt, at `base_url`       | the sandbox exchanges'         |
| simulation | ccxt, the real market     | pretended, on the real books   |
| live       | ccxt                      | the exchanges'                 |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final

from bot.config.settings import Settings, VenueSettings, WatchedSettings
from bot.logs import note_venue_health
from engine.api import Aside, Capabilities, Clock, Engine, EngineSettings, Journal, Venue
from engine.clock import SystemClock
from engine.feeds.venue_closes import VenueCloses
from engine.model.events import FillBooked, Mode
from engine.model.ids import VenueName
from engine.model.portfolio import Balance, VenueHealth, VenueSnapshot
from engine.store.journal import SqlJournal, open_journal
from engine.venues.ccxt.client import Connection, Credentials
from engine.venues.ccxt.exchanges import PROFILES
from engine.venues.ccxt.venue import CcxtVenue
from engine.venues.guarded import GuardedVenue
from engine.venues.sim import SimulatedVenue


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the bot is built of."""

    engine: Engine
    journal: Journal
    venues: Mapping[VenueName, Venue]
    clock: Clock
    reference: Venue | None = None
    """Where prices alone are looked at."""


def promises() -> dict[str, Capabilities]:
    """What each exchange that can be traded on promises about orders in doubt."""
    return {name: profile.capabilities for name, profile in PROFILES.items()}


def system_clock() -> Clock:
    """The real time."""
    return SystemClock()


async def open_parts(settings: Settings, clock: Clock) -> Parts:
    """Open the journal and construct the engine on it. Raises JournalUnavailable with the remedy."""
    journal = await journal_of(settings, clock)
    try:
        venues = await venues_of(settings, journal, clock)
        reference = reading(settings.reference, settings.mode, clock) if settings.reference else None
    except BaseException:
        await journal.close()
        raise
    engine_settings = EngineSettings(
        portfolio=settings.portfolio,
        mode=settings.mode,
        policy=settings.policy,
        numeraire=settings.numeraire,
        heartbeat=settings.schedule.heartbeat,
        aside=Aside(
            watched=tuple(_watched(place) for place in settings.watched),
            reserves={venue.name: dict(venue.reserve) for venue in settings.venues},
            reference=reference,
            history=VenueCloses({**venues, **({reference.name: reference} if reference else {})}),
        ),
    )
    engine = Engine(engine_settings, venues, journal, clock, lambda: not settings.kill_file.exists())
    engine.listen(note_venue_health)
    return Parts(engine, journal, venues, clock, reference)


def _watched(place: WatchedSettings) -> VenueSnapshot:
    """Holdings typed in by hand, as a place that never trades."""
    day = datetime.combine(place.as_of, time(), UTC)
    balances = tuple(Balance(asset, quantity) for asset, quantity in place.holdings)
    return VenueSnapshot(place.name, VenueHealth.WATCHED, day, balances)


async def close_parts(parts: Parts) -> None:
    """Let go of exchanges and database."""
    for venue in (*parts.venues.values(), *([parts.reference] if parts.reference else [])):
        await venue.close()
    await parts.journal.close()


async def journal_of(settings: Settings, clock: Clock) -> SqlJournal:
    """The journal alone, for commands that need no market. Raises JournalUnavailable with the remedy."""
    url = settings.database_url.replace("sqlite:///", "sqlite+aiosqlite:///", 1)
    return await open_journal(url, settings.portfolio, clock)


async def venues_of(settings: Settings, journal: Journal, clock: Clock) -> dict[VenueName, Venue]:
    """The venues of the mode."""
    make = VENUE_OF_MODE[settings.mode]
    made: dict[VenueName, Venue] = {}
    try:
        for venue in settings.venues:
            made[venue.name] = await make(venue, journal, clock)
    except BaseException:
        for open_one in made.values():
            await open_one.close()
        raise
    return made


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


async def _in_sandbox(settings: VenueSettings, _: Journal, clock: Clock) -> Venue:
    return GuardedVenue(exchange(settings, clock, throttled=False), clock)


async def _trading(settings: VenueSettings, _: Journal, clock: Clock) -> Venue:
    return GuardedVenue(exchange(settings, clock), clock)


async def _simulated(settings: VenueSettings, journal: Journal, clock: Clock) -> Venue:
    fills = [e.fact.fill for e in await journal.facts(FillBooked) if isinstance(e.fact, FillBooked)]
    market = exchange(settings, clock)
    holdings = [Balance(asset, quantity) for asset, quantity in settings.holdings]
    try:
        begin = holdings or list(await market.balances())
    except BaseException:
        await market.close()
        raise
    return SimulatedVenue(market, begin, [fill for fill in fills if fill.venue == settings.name], clock)


MakeVenue = Callable[[VenueSettings, Journal, Clock], Awaitable[Venue]]
VENUE_OF_MODE: Final[dict[Mode, MakeVenue]] = {
    Mode.SANDBOX: _in_sandbox,
    Mode.SIMULATION: _simulated,
    Mode.LIVE: _trading,
}
