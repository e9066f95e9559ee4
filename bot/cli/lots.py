"""`equipoise lots`: a history of purchases, sales and transfers matched by a method, without any network."""

from __future__ import annotations

import argparse

from bot.cli.lot_rules import entries_of, rules_of
from bot.cli.outcome import DONE, say, say_json
from bot.lots_json import settlement_json
from engine.api import settle
from engine.model.lots import Settlement
from engine.model.money import plain, total


def command(options: argparse.Namespace) -> int:
    """Match and print."""
    rules = rules_of(options)
    settlement = settle(entries_of(options.events, rules), rules)
    if options.json:
        say_json(settlement_json(settlement))
    else:
        _print(settlement)
    return DONE


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
