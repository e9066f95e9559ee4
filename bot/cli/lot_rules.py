"""The options that `equipoise lots` and `equipoise tax export` share: how a history is read, and how it is matched."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.cli.outcome import read_input
from bot.config.holding import holding_rule
from bot.config.mistakes import ConfigMistakes, Mistake, shown
from bot.config.tax_tables import load_profile
from bot.events_file import load_events
from engine.api import A_YEAR, Holding, LotRules
from engine.model.lots import Entry, LotMethod, OrderKey, Scope, Shortfall


def history_of(options: argparse.Namespace) -> tuple[tuple[Entry, ...], LotRules]:
    """The history in an events file, and the rules of the options. Raises ConfigMistakes with the mistakes of both."""
    found: list[Mistake] = []
    rules = _rules(options, found)
    entries: tuple[Entry, ...] = ()
    try:
        entries = load_events(read_input(options.events))
    except ConfigMistakes as error:
        found += error.mistakes
    if found:
        raise ConfigMistakes(found)
    if LotMethod.SPECIFIC not in {rules.method, *(method for _, method in rules.by_year)}:
        # The names of lots are for that method alone.
        entries = tuple(entry._replace(picks=()) if entry.picks else entry for entry in entries)
    return entries, rules


def _rules(options: argparse.Namespace, found: list[Mistake]) -> LotRules:
    profile = None
    if options.profile is not None:
        try:
            profile = load_profile(options.profile)
        except ConfigMistakes as error:
            found += error.mistakes
    return LotRules(
        method=LotMethod(options.method),
        by_year=_by_year(options.year_method, found),
        scope=Scope(options.scope),
        order_key=OrderKey(options.order_key),
        holding=_holding(options.holding, found),
        zone=_zone(options.timezone, found),
        shortfall=Shortfall(options.shortfall),
        profile=profile,
    )


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
