"""`equipoise venues`: the exchanges that can be traded on, and what each promises about orders in doubt."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.table import Table

from bot.cli.outcome import DONE, say_json
from bot.config.quotes import NEEDS_PASSPHRASE
from bot.wiring import promises
from engine.model.venue import Capabilities

ID_WORDS: Final = {
    "forever": "an id is never taken twice",
    "open_orders": "an id is taken again once its order is over",
    "none": "an id can be taken twice",
}


def command(options: argparse.Namespace) -> int:
    """Print the matrix. An exchange is in it once it passes the contract that the tests hold every venue to."""
    rows = [_row(name, made) for name, made in sorted(promises().items())]
    if options.json:
        say_json({"schema": "equipoise-venues/1", "venues": rows})
        return DONE
    table = Table(title="Exchanges that can be traded on")
    for column in ("exchange", "our order ids", "a request counts for", "seen within", "in doubt", "key"):
        table.add_column(column)
    for row in rows:
        table.add_row(*(row[key] for key in ("exchange", "ids", "requests", "visible", "in_doubt", "key")))
    Console(file=sys.stdout).print(table)
    return DONE


def _row(name: str, made: Capabilities) -> dict[str, str]:
    window, proof = made.acceptance_window, made.proof_of_absence_after
    return {
        "exchange": name,
        "ids": ID_WORDS[made.client_id_scope],
        "requests": "ever" if window is None else _seconds(window),
        "visible": _seconds(made.visibility_lag),
        "in_doubt": "a person is asked" if proof is None else f"the same id again after {_seconds(proof)} of silence",
        "key": "key, secret and passphrase" if name in NEEDS_PASSPHRASE else "key and secret",
    }


def _seconds(duration: timedelta) -> str:
    return f"{duration // timedelta(seconds=1)} s"
