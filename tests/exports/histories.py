"""Histories to export: entries by a line each, settled by the rules that a test is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final

from engine.api import LotRules, settle
from engine.model.ids import Asset
from engine.model.lots import Entry, EntryKind, LotMethod, Match, Settlement, Shortfall, Term
from engine.model.money import ZERO
from engine.model.tax import Bracket, TaxProfile, WashSale, YearRules

D = Decimal
BTC, ETH, SOL = Asset("BTC"), Asset("ETH"), Asset("SOL")
QUARTER: Final = YearRules((Bracket(ZERO, D("0.25")),), (Bracket(ZERO, D("0.15")),))
PROFILE: Final = TaxProfile(
    "generic",
    (),
    methods=(LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO, LotMethod.MIN_TAX),
    wash_sale=WashSale.WARN,
    every_year=QUARTER,
)
HIFO: Final = LotRules(LotMethod.HIFO, shortfall=Shortfall.ZERO_BASIS, profile=PROFILE)


def at(day: str) -> datetime:
    """Noon UTC of a day, or an instant."""
    return datetime.fromisoformat(day if "T" in day else f"{day}T12:00:00").replace(tzinfo=UTC)


def entry(
    kind: EntryKind, day: str, quantity: str, asset: str, value: str | None = None, account: str = "kraken"
) -> Entry:
    worth = None if value is None else D(value)
    return Entry(f"{kind.value}-{asset}-{day}", at(day), kind, Asset(asset), account, D(quantity), worth)


def bought(day: str, quantity: str, asset: str, cost: str, account: str = "kraken") -> Entry:
    return entry(EntryKind.ACQUIRE, day, quantity, asset, cost, account)


def sold(day: str, quantity: str, asset: str, proceeds: str, account: str = "kraken") -> Entry:
    return entry(EntryKind.DISPOSE, day, quantity, asset, proceeds, account)


def earned(day: str, quantity: str, asset: str, worth: str, account: str = "kraken") -> Entry:
    return entry(EntryKind.INCOME, day, quantity, asset, worth, account)


def found(day: str, quantity: str, asset: str, account: str = "kraken") -> Entry:
    """There when the books were opened, and nobody has said what it cost."""
    return entry(EntryKind.OPENING, day, quantity, asset, None, account)


A_HISTORY: Final = (
    found("2025-01-01", "0.4", "SOL", account="binance"),
    bought("2025-02-03", "0.5", "BTC", "20000.10"),
    bought("2025-11-20", "0.5", "BTC", "45000"),
    bought("2026-01-05", "10", "ETH", "30000"),
    earned("2026-01-31", "0.03", "ETH", "87.6543", account="binance"),
    sold("2026-02-20", "0.25", "BTC", "15000"),
    sold("2026-03-01", "4", "ETH", "11000"),
    bought("2026-03-15", "2", "ETH", "5200"),
    sold("2026-04-01", "0.6", "BTC", "36000.005"),
    sold("2026-05-02", "0.5", "SOL", "75", account="binance"),
)
"""Gains and losses, short and long, income, a rebuy within 30 days, and more SOL sold than is known of."""


def settled(*entries: Entry, rules: LotRules = HIFO) -> Settlement:
    return settle(entries or A_HISTORY, rules)


def in_zone(zone: tzinfo, year_begins: tuple[int, int] = (1, 1)) -> LotRules:
    return replace(HIFO, zone=zone, profile=replace(PROFILE, year_begins=year_begins))


def a_match(proceeds: str | None, cost: str, **changes: object) -> Match:
    """A short sale of half a Bitcoin in 2026."""
    worth = None if proceeds is None else D(proceeds)
    when = at("2026-02-02"), "lot", at("2026-01-01")
    match = Match("sale", *when, BTC, "kraken", D("0.5"), worth, D(cost), Term.SHORT)
    return match._replace(**changes)


def of_matches(*matches: Match) -> Settlement:
    return Settlement(matches, (), (), ())
