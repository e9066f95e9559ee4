"""Ledgers in few words: `bought("a", "2024-03-01", "2", "100")`, and what their settlement says, as short lines."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from engine.api import LotRules, settle
from engine.model.ids import Asset
from engine.model.lots import Entry, EntryKind, LotMethod, LotPick, Settlement
from engine.model.money import plain
from engine.model.tax import Bracket, TaxProfile, YearRules
from tests.builders import BTC


def at(when: str) -> datetime:
    """A day or an instant in UTC; another zone is written behind it."""
    instant = datetime.fromisoformat(when)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def entry(kind: EntryKind, name: str, when: str, quantity: str, value: str | None = None, **more: Any) -> Entry:
    """An entry of one asset in one account, unless `more` says otherwise. Numbers are texts."""
    numbers = {key: Decimal(more.pop(key)) for key in ("price", "fee_quantity", "fee_value") if key in more}
    picks = tuple(LotPick(lot) for lot in more.pop("lots", ()))
    asset, account = Asset(more.pop("asset", BTC)), more.pop("account", "main")
    worth = None if value is None else Decimal(value)
    return Entry(name, at(when), kind, asset, account, Decimal(quantity), worth, picks=picks, **numbers, **more)


def bought(name: str, when: str, quantity: str, cost: str, **more: Any) -> Entry:
    """A purchase; `cost` is all that was paid, with the fee."""
    return entry(EntryKind.ACQUIRE, name, when, quantity, cost, **more)


def earned(name: str, when: str, quantity: str, worth: str, **more: Any) -> Entry:
    """A reward."""
    return entry(EntryKind.INCOME, name, when, quantity, worth, **more)


def found(name: str, when: str, quantity: str, cost: str | None = None, **more: Any) -> Entry:
    """What was there when the books were opened."""
    return entry(EntryKind.OPENING, name, when, quantity, cost, **more)


def sold(name: str, when: str, quantity: str, proceeds: str | None, **more: Any) -> Entry:
    """A sale; `lots` names what it shall take."""
    return entry(EntryKind.DISPOSE, name, when, quantity, proceeds, **more)


def gone(name: str, when: str, quantity: str, **more: Any) -> Entry:
    """Given away, or lost."""
    return entry(EntryKind.REDUCE, name, when, quantity, **more)


def moved(name: str, when: str, quantity: str, to: str, **more: Any) -> Entry:
    """A transfer; `fee_quantity` comes on top of what arrives."""
    return entry(EntryKind.TRANSFER, name, when, quantity, to_account=to, **more)


def settled(method: LotMethod, *entries: Entry, **rules: Any) -> Settlement:
    """The settlement of a ledger; `rules` are fields of LotRules."""
    return settle(entries, LotRules(method, **rules))


def taxed(**rules: Any) -> TaxProfile:
    """A country whose every year has these rules; `short` and `long` are rates or brackets. Numbers are texts."""
    short, long = (_brackets(rules.pop(term)) for term in ("short", "long"))
    others = {key: value if isinstance(value, bool) else Decimal(value) for key, value in rules.items()}
    return TaxProfile("here", years=(), every_year=YearRules(short, long, **others))


def _brackets(rate: str | tuple[Bracket, ...]) -> tuple[Bracket, ...]:
    return (Bracket(Decimal(0), Decimal(rate)),) if isinstance(rate, str) else rate


def used(settlement: Settlement) -> list[str]:
    """Which entry used up how much of which lot, at what cost: `sale: 2 of a for 100`."""
    return [f"{m.entry}: {plain(m.quantity)} of {m.lot} for {plain(m.cost)}" for m in settlement.matches]


def gains(settlement: Settlement) -> list[str]:
    """The gain of every match with its term: `15 long`; a dash where none is booked."""
    return [f"{'-' if m.gain is None else plain(m.gain)} {m.term}" for m in settlement.matches]


def left(settlement: Settlement) -> list[str]:
    """What remains where: `main: 2 of a for 100`."""
    return [f"{o.account}: {plain(o.quantity)} of {o.id or None} for {plain(o.basis)}" for o in settlement.remaining]
