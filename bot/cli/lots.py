"""`equipoise lots`: a history of purchases, sales and transfers matched by a method, without any network."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Iterator
from contextlib import contextmanager

from bot.cli.lot_rules import history_of
from bot.cli.outcome import DONE, say, say_json
from bot.lots_json import settlement_json
from engine.api import settle
from engine.model.lots import Settlement
from engine.model.money import plain, total


def command(options: argparse.Namespace) -> int:
    """Match and print."""
    with collector_at_rest():
        settlement = settle(*history_of(options))
        if options.json:
            say_json(settlement_json(settlement), indent=None)
        else:
            _print(settlement)
    return DONE


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """A long history is millions of small objects, and none of them is garbage before the end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _print(settlement: Settlement) -> None:
    for match in settlement.matches:
        own = "-" if match.gain is None else f"{match.gain:.2f}"
        lot = match.lot or "unknown" if match.rule is None else match.rule.value
        figures = f"{plain(match.quantity)} {match.asset} of {lot} cost {match.cost:.2f}, gain {own}"
        say(f"{match.entry}: {figures} {match.term.value}")
    for each in settlement.missing:
        say(f"{each.entry}: {plain(each.quantity)} {each.asset} of no known lot")
    gain = total(match.gain for match in settlement.matches if match.gain is not None)
    say(f"gain {gain:.2f}, {len(settlement.remaining)} lots left")
