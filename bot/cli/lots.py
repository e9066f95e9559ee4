"""`equipoise lots`: a history of purchases, sales and transfers matched by a method, without any network."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.cli.outcome import DONE, read_input, say, say_json
from bot.config.holding import holding_rule
from bot.config.mistakes import ConfigMistakes, Mistake, shown
from bot.config.tax_tables import load_profile
from bot.events_file import load_events
from bot.lots_json import settlement_json
from engine.api import A_YEAR, Holding, LotRules, settle
from engine.model.lots import LotMethod, OrderKey, Scope, Settlement, Shortfall
from engine.model.money import plain, total


def command(options: argparse.Namespace) -> int:
    """Match and print."""
    rules = _rules(options)
    entries = load_events(read_input(options.events))
    if LotMethod.SPECIFIC not in {rules.method, *(method for _, method in rules.by_year)}:
        # The names of lots are for that method alone.
        entries = tuple(entry._replace(picks=()) if entry.picks else entry for entry in entries)
    settlement = settle(entries, rules)
    if options.json:
        say_json(settlement_json(settlement))
    else:
        _print(settlement)
    return DONE


def _rules(options: argparse.Namespace) -> LotRules:
    """The options. Raises ConfigMistakes with the mistakes of all of them."""
    found: list[Mistake] = []
    rules = LotRules(
        method=LotMethod(options.method),
        by_year=_by_year(options.year_method, found),
        scope=Scope(options.scope),
        order_key=OrderKey(options.order_key),
        holding=_holding(options.holding, found),
        zone=_zone(options.timezone, found),
        shortfall=Shortfall(options.shortfall),
    )
    if found:
        raise ConfigMistakes(found)
    return rules if options.profile is None else replace(rules, profile=load_profile(options.profile))


def _by_year(texts: Sequence[str], found: list[Mistake]) -> tuple[tuple[int, LotMethod], ...]:
    methods: dict[int, LotMethod] = {}
    for text in texts:
        year, _, name = text.partition("=")
        if year.isdecimal() and name in set(LotMethod):
            methods[int(year)] = LotMethod(name)
        else:
            known = ", ".join(LotMethod)
            found.append(Mistake("--year-method", f"expected a year and one of {known}, got {shown(text)}"))
    return tuple(sorted(methods.items()))


def _holding(text: str, found: list[Mistake]) -> Holding:
    try:
        return holding_rule(text)
    except ValueError as error:
        found.append(Mistake("--holding", str(error)))
        return A_YEAR


def _zone(name: str, found: list[Mistake]) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found.append(Mistake("--timezone", f"{shown(name)} is no time zone; write one such as Europe/Berlin"))
        return UTC


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
