"""`equipoise doctor CONFIG`: what works and what does not, before any money is near."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.app import access_of
from bot.chat.application import TelegramUnreachable, TokenRefused, bot_name
from bot.cli.outcome import DONE, FAILED, say_json
from bot.cli.run import secrets_of
from bot.config.load import read_settings
from bot.config.settings import Settings, VenueSettings
from bot.logs import configure_logs
from bot.wiring import exchange, journal_of, reading, signal_source, system_clock
from engine.api import Clock, EngineError, JournalInUse, Refused, Venue, VenueError
from engine.model.ids import Asset
from engine.model.market import Instrument
from engine.model.money import plain
from engine.model.policy import Policy

RECORDS_ASKED_FOR = timedelta(days=1)
NEW_CASH = "what comes in"
ON_THE_WAY = "what goes out"
MOST_SKEW = timedelta(seconds=1)


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    subject: str
    what: str
    verdict: Verdict
    finding: str


def command(options: argparse.Namespace) -> int:
    """Check everything, print a table; fails where there is a problem."""
    settings = read_settings(options.config)
    configure_logs("error", as_json=False, secrets=secrets_of(settings))
    checks = asyncio.run(_all(settings))
    if options.json:
        say_json([{"subject": c.subject, "what": c.what, "verdict": c.verdict, "finding": c.finding} for c in checks])
    else:
        Console().print(_table(checks))
    return FAILED if any(check.verdict is Verdict.PROBLEM for check in checks) else DONE


async def _all(settings: Settings) -> list[Check]:
    clock = system_clock()
    looked_at = (*settings.venues, *([settings.reference] if settings.reference else []))
    desks = [_VenueDesk(venue, settings, clock) for venue in looked_at]
    own = (_database(settings, clock), _telegram(settings), _signal(settings, clock))
    groups = await asyncio.gather(*own, *(desk.checks() for desk in desks))
    return [*(check for group in groups for check in group), _prices(settings, desks)]


async def _signal(settings: Settings, clock: Clock) -> list[Check]:
    """The number that targets follow, where it is read from outside."""
    source = signal_source(settings.signal) if settings.signal is not None else None
    if source is None:
        return []
    reading = await source.read(clock.now())
    if reading.value is None:
        return [Check("signal", "read", Verdict.PROBLEM, reading.problem)]
    return [Check("signal", "read", Verdict.OK, plain(reading.value))]


async def _database(settings: Settings, clock: Clock) -> list[Check]:
    try:
        journal = await journal_of(settings, clock)
    except JournalInUse:
        return [Check("database", "open", Verdict.OK, "the bot is running on it")]
    except EngineError as error:
        return [Check("database", "open", Verdict.PROBLEM, str(error))]
    plans = await journal.plans(1)
    await journal.close()
    return [Check("database", "open", Verdict.OK, "holds plans" if plans else "is ready, and holds no plan yet")]


async def _telegram(settings: Settings) -> list[Check]:
    try:
        name = await bot_name(access_of(settings))
    except TokenRefused:
        return [Check("telegram", "token", Verdict.PROBLEM, "Telegram does not know it; copy it again from BotFather")]
    except TelegramUnreachable as error:
        words = f"Telegram does not answer ({error}); check network and proxy"
        return [Check("telegram", "token", Verdict.PROBLEM, words)]
    return [Check("telegram", "token", Verdict.OK, f"belongs to @{name}")]


class _VenueDesk:
    """Checks one venue, and keeps the markets that it showed; None where it did not show any."""

    def __init__(self, settings: VenueSettings, whole: Settings, clock: Clock) -> None:
        self._settings = settings
        self._whole = whole
        self._clock = clock
        self.markets: tuple[Instrument, ...] | None = None

    async def checks(self) -> list[Check]:
        """All that can be asked of it. One that cannot be reached is not asked anything else."""
        reachable = await self._checked("reachable", self._reachable)
        if reachable.verdict is Verdict.PROBLEM:
            return [reachable]
        venue = reading(self._settings, self._whole.mode, self._clock)
        try:
            found = [reachable, await self._checked("markets", lambda: self._markets(venue))]
            if self._settings.has_keys:
                found.append(await self._checked("key", lambda: _key(venue)))
                found.append(await self._checked("balances", lambda: _balances(venue)))
                since = self._clock.now() - RECORDS_ASKED_FOR
                found.append(await self._checked("deposits", lambda: _records(venue.deposits(since), NEW_CASH)))
                found.append(await self._checked("withdrawals", lambda: _records(venue.withdrawals(since), ON_THE_WAY)))
        finally:
            await venue.close()
        return found

    async def _checked(self, what: str, step: Callable[[], Awaitable[tuple[Verdict, str]]]) -> Check:
        try:
            verdict, finding = await step()
        except VenueError as error:
            verdict, finding = Verdict.PROBLEM, error.message
        return Check(str(self._settings.name), what, verdict, finding)

    async def _reachable(self) -> tuple[Verdict, str]:
        # Without keeping to request rates: waiting for its turn would be taken for latency, and for clock skew.
        venue = exchange(self._settings, self._clock, throttled=False)
        try:
            probe = await venue.probe()
        except VenueError as error:
            return Verdict.PROBLEM, f"{error.message}; check network, base_url and proxy"
        finally:
            await venue.close()
        skew, latency = (int(d / timedelta(milliseconds=1)) for d in (probe.clock_skew, probe.latency))
        words = f"{probe.status}, answers in {latency} ms, clock differs by {skew} ms"
        if not probe.online:
            return Verdict.PROBLEM, f"{words}; nothing trades there until it is back"
        if abs(probe.clock_skew) > MOST_SKEW:
            return Verdict.WARNING, f"{words}; let this machine keep its time by NTP"
        return Verdict.OK, words

    async def _markets(self, venue: Venue) -> tuple[Verdict, str]:
        policy = self._whole.policy
        self.markets = await venue.instruments(_wanted(self._whole))
        fees = sorted({plain(i.taker_fee * 100) for i in self.markets})
        words = f"{len(self.markets)} markets, taker fee {', '.join(fees) or 'unknown'} %"
        closed = _targets_without(_traded(self.markets), policy)
        if closed:
            return Verdict.WARNING, f"{words}; no market here is open to this account for {', '.join(closed)}"
        return Verdict.OK, words


def _prices(settings: Settings, desks: list[_VenueDesk]) -> Check:
    """Whether every target can be given a price in the numeraire, over the markets of all venues."""

    def check(verdict: Verdict, finding: str) -> Check:
        return Check("portfolio", "prices", verdict, finding)

    unseen = [desk for desk in desks if desk.markets is None]
    markets = [market for desk in desks for market in desk.markets or ()]
    traded, numeraire = _traded(markets), settings.numeraire
    if numeraire is None:
        priced, quotes = traded, ""
    else:
        priced, quotes = _reachable_from(numeraire, markets), ", ".join(sorted({m.quote for m in markets}))
    missing = _targets_without(priced, settings.policy)
    if missing and unseen:
        return check(Verdict.WARNING, f"not known for {', '.join(missing)} while a venue does not show its markets")
    if numeraire is not None and numeraire not in traded:
        remedy = f"set portfolio.numeraire to one of {quotes}, or leave it out"
        return check(Verdict.PROBLEM, f"no venue quotes {numeraire}, so that nothing can be valued; {remedy}")
    if missing:
        words = f"no market gives a price to {', '.join(missing)}, so that no plan is made"
        remedy = "correct the name in [targets], or make what it is paid in, such as USDT, a target"
        return check(Verdict.PROBLEM, f"{words}; {remedy}")
    return check(Verdict.OK, f"every target has one, in {numeraire or 'the commonest quote currency'}")


def _wanted(settings: Settings) -> frozenset[Asset]:
    return frozenset({*settings.policy.managed_assets, *([settings.numeraire] if settings.numeraire else [])})


def _traded(markets: Collection[Instrument]) -> frozenset[Asset]:
    return frozenset(asset for market in markets for asset in (market.base, market.quote))


def _reachable_from(start: Asset, markets: Collection[Instrument]) -> frozenset[Asset]:
    """The assets that markets lead to, one after the other, in either direction."""
    reached, before = frozenset({start}), frozenset[Asset]()
    while reached != before:
        before = reached
        reached |= _traded([m for m in markets if m.base in before or m.quote in before])
    return reached


def _targets_without(assets: Collection[Asset], policy: Policy) -> list[str]:
    """The targets of which no asset is among `assets`: of a bucket, one is enough."""
    return sorted(t.name for t in policy.targets if t.weight and not set(policy.assets_of(t.name)) & set(assets))


async def _key(venue: Venue) -> tuple[Verdict, str]:
    rights = await venue.key_rights()
    if not rights.is_trade_only:
        return Verdict.PROBLEM, rights.problem_words
    if not rights.ip_restricted:
        return Verdict.WARNING, "may read and trade only; restrict it to this machine's address at the exchange"
    return Verdict.OK, "may read and trade only, from named addresses"


async def _balances(venue: Venue) -> tuple[Verdict, str]:
    balances = await venue.balances()
    return Verdict.OK, ", ".join(f"{plain(b.total)} {b.asset}" for b in balances) or "nothing is held"


async def _records(asked: Awaitable[object], so_that: str) -> tuple[Verdict, str]:
    try:
        await asked
    except Refused as error:
        remedy = f"{so_that} is asked about; allow the key to read them"
        return Verdict.WARNING, f"cannot be seen ({error.message}): {remedy}"
    return Verdict.OK, f"can be seen: {so_that} is known without asking"


def _table(checks: list[Check]) -> Table:
    table = Table(title="Equipoise doctor")
    for column in ("", "of", "check", "finding"):
        table.add_column(column)
    signs = {Verdict.OK: "✓", Verdict.WARNING: "!", Verdict.PROBLEM: "✗"}
    for check in checks:
        # As text: a venue's words, and our own [venues.kraken], are no markup.
        table.add_row(*map(Text, (signs[check.verdict], check.subject, check.what, check.finding)))
    return table
