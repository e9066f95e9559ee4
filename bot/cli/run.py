"""`equipoise run CONFIG`: the bot."""

from __future__ import annotations

import argparse
import asyncio
import os

from bot.app import CannotStart, make_app, run
from bot.cli.outcome import DONE, CommandFailed
from bot.config.load import read_settings
from bot.config.settings import Settings
from bot.logs import configure_logs
from bot.wiring import system_clock
from engine.api import VenueError


def command(options: argparse.Namespace) -> int:
    """Run until the process is told to end."""
    # Databases, their journals and copies are for their owner alone.
    os.umask(0o077)
    settings = read_settings(options.config)
    configure_logs(settings.logging.level, as_json=settings.logging.as_json, secrets=secrets_of(settings))
    try:
        asyncio.run(_run(settings))
    except CannotStart as error:
        raise CommandFailed(str(error)) from error
    except VenueError as error:
        remedy = f"check network and keys, or write holdings into [venues.{error.venue}]"
        raise CommandFailed(f"{error}; a simulation begins with its balances: {remedy}") from error
    return DONE


async def _run(settings: Settings) -> None:
    await run(await make_app(settings, system_clock()))


def secrets_of(settings: Settings) -> list[str]:
    """Every secret of the settings, so that none is written into a log."""
    venues = [secret for venue in settings.venues for secret in (venue.key, venue.secret, venue.passphrase)]
    return [secret.reveal() for secret in (settings.telegram.token, *venues) if secret is not None]
