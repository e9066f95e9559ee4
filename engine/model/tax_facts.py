"""Facts that lots need beside fills and movements: history, what things cost, and what they were worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.ids import Asset, UserId
from engine.model.lots import Entry
from engine.model.money import Money, Price, Quantity
from engine.model.plan_tax import Harvest


@dataclass(frozen=True, slots=True)
class HistoryImported:
    """Entries of the time before the books, from a file or an exchange. `source` says where from, for people."""

    source: str
    entries: tuple[Entry, ...]
    by: UserId
    name: str


@dataclass(frozen=True, slots=True)
class BasisStated:
    """A person said what a lot of unknown basis cost in total, and since when it is held, where they know.

    `quantity` is how much it held then: a history that is brought later may leave less of it.
    """

    lot: str
    basis: Money
    acquired_at: datetime | None
    by: UserId
    name: str
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class HarvestSuggested:
    """Losses that would save more tax than they cost to realise were found: people are told, and nothing is traded."""

    found: tuple[Harvest, ...]


@dataclass(frozen=True, slots=True)
class PricesNoted:
    """What assets were worth at that instant, in the numeraire: entries near it are valued by it."""

    numeraire: Asset
    prices: tuple[tuple[Asset, Price], ...]
