"""`equipoise kill`: the kill switch from the command line. It stops a bot that runs, and one that is started later.

It needs no database, no network and no key: a file beside the database is all it takes, and is looked for right before
every order. The bot takes it into its journal; only a person in the chat lifts it.
"""

from __future__ import annotations

import argparse

from bot.cli.outcome import DONE, say
from bot.config.load import read_journal_address
from bot.config.settings import kill_file_of


def command(options: argparse.Namespace) -> int:
    """Pull the switch."""
    switch = kill_file_of(read_journal_address(options.config))
    switch.parent.mkdir(parents=True, exist_ok=True)
    switch.touch(mode=0o600)
    say(
        "Nothing more is sent. A bot that runs cancels what rests and says so in the chat; one that is started later "
        "begins stopped. /resume in the chat asks whether to begin again."
    )
    return DONE
