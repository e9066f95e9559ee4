"""`equipoise pair CONFIG`: a one-time code; the first private chat that sends it to the bot becomes its owner."""

from __future__ import annotations

import argparse
import asyncio
import os

from bot.chat.members import CODE_LIFE, Members
from bot.cli.outcome import DONE, say
from bot.config.load import read_settings
from bot.config.settings import Settings
from bot.wiring import journal_of, system_clock


def command(options: argparse.Namespace) -> int:
    """Print a code."""
    os.umask(0o077)
    code = asyncio.run(_issue(read_settings(options.config)))
    minutes = int(CODE_LIFE.total_seconds() // 60)
    say(f"Start the bot, and send it this code in a private chat within {minutes} minutes:\n\n    {code}\n")
    return DONE


async def _issue(settings: Settings) -> str:
    clock = system_clock()
    journal = await journal_of(settings, clock)
    try:
        members = Members(journal, clock, settings.portfolio, settings.telegram.allowed_users)
        await members.load()
        return await members.issue_code()
    finally:
        await journal.close()
