"""`equipoise doctor CONFIG`: what works and what does not, before any money is near."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from rich.console import Console
from rich.table import Table

from bot.app import access_of
from bot.chat.application import TelegramUnreachable, TokenRefused, bot_name
from bot.cli.outcome import DONE, FAILED, say_json
from bot.cli.run import secrets_of
from bot.config.load import read_settings
from bot.config.settings import Settings, VenueSettings
from bot.logs import configure_logs
from bot.wiring import exchange, journal_of, system_clock
from engine.api import Clock, EngineError, Venue, VenueError
from engine.model.money import plain

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
    groups = await asyncio.gather(
        _database(settings, clock), _telegram(settings), *(_venue(venue, settings, clock) for venue in settings.venues)
    )
    return [check for group in groups for check in group]


async def _database(settings: Settings, clock: Clock) -> list[Check]:
    try:
        journal = await journal_of(settings, clock)
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


async def _venue(settings: VenueSettings, whole: Settings, clock: Clock) -> list[Check]:
    venue = exchange(settings, clock)
    steps: list[tuple[str, Callable[[], Awaitable[tuple[Verdict, str]]]]] = [
        ("reachable", lambda: _reachable(venue)),
        ("markets", lambda: _markets(venue, whole)),
    ]
    if settings.has_keys:
        steps += [("key", lambda: _key(venue)), ("balances", lambda: _balances(venue))]
    try:
        return [await _checked(str(settings.name), what, step) for what, step in steps]
    finally:
        await venue.close()


async def _checked(subject: str, what: str, step: Callable[[], Awaitable[tuple[Verdict, str]]]) -> Check:
    try:
        verdict, finding = await step()
    except VenueError as error:
        verdict, finding = Verdict.PROBLEM, error.message
    return Check(subject, what, verdict, finding)


async def _reachable(venue: Venue) -> tuple[Verdict, str]:
    probe = await venue.probe()
    skew, latency = (int(d / timedelta(milliseconds=1)) for d in (probe.clock_skew, probe.latency))
    words = f"{probe.status}, answers in {latency} ms, clock differs by {skew} ms"
    if not probe.online:
        return Verdict.PROBLEM, words
    if abs(probe.clock_skew) > MOST_SKEW:
        return Verdict.WARNING, f"{words}; let this machine keep its time by NTP"
    return Verdict.OK, words


async def _markets(venue: Venue, settings: Settings) -> tuple[Verdict, str]:
    managed = frozenset(settings.policy.managed_assets)
    instruments = await venue.instruments(managed)
    traded = {asset for i in instruments for asset in (i.base, i.quote)}
    closed = sorted(managed - traded)
    fees = sorted({plain(i.taker_fee * 100) for i in instruments})
    words = f"{len(instruments)} markets, taker fee {', '.join(fees) or 'unknown'} %"
    if closed:
        return Verdict.WARNING, f"{words}; not open to this account: {', '.join(closed)}"
    return Verdict.OK, words


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


def _table(checks: list[Check]) -> Table:
    table = Table(title="Equipoise doctor")
    for column in ("", "of", "check", "finding"):
        table.add_column(column)
    signs = {Verdict.OK: "✓", Verdict.WARNING: "!", Verdict.PROBLEM: "✗"}
    for check in checks:
        table.add_row(signs[check.verdict], check.subject, check.what, check.finding)
    return table
