"""The whole ledger with what it comes to by the user's rules. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.account.ledger import Ledger, ledger_of, opened_at
from engine.account.lots.replay import settle
from engine.account.lots.rules import LotRules, rules_of
from engine.model import events as ev
from engine.model.ids import Asset, VenueName
from engine.model.ledger import BookLine, Books
from engine.model.lots import OPENS, Account, Entry, EntryKind, Settlement
from engine.model.money import ZERO, Quantity, exact
from engine.model.tax_policy import TaxPolicy


@dataclass(frozen=True, slots=True)
class LedgerView:
    """All entries, the rules, and the matches and lots that follow from both."""

    ledger: Ledger
    rules: LotRules
    settlement: Settlement
    opened: tuple[tuple[Account, datetime], ...] = ()
    """Since when the books of each venue are kept."""

    @property
    def to_be_told(self) -> tuple[Entry, ...]:
        """The lots whose cost a person may tell, or correct: no trade is on record that says it."""
        opening = (entry for entry in self.ledger.entries if entry.kind in OPENS)
        return tuple(entry for entry in opening if entry.kind is EntryKind.OPENING or entry.value is None)


@exact
def unlike_books(view: LedgerView, books: Books) -> tuple[BookLine, ...]:
    """Where the lots of a venue do not add up to what its books hold: by how much they fall short, or exceed it (-)."""
    lots: dict[tuple[VenueName, Asset], Decimal] = defaultdict(lambda: ZERO)
    for lot in view.settlement.remaining:
        lots[VenueName(lot.account), lot.asset] += lot.quantity
    held = {(line.venue, line.asset): Decimal(line.quantity) for line in books.lines}
    places = [place for place in sorted(lots.keys() | held.keys()) if place[0] in books.adopted]
    return tuple(
        BookLine(venue, asset, Quantity(held.get((venue, asset), ZERO) - lots[venue, asset]))
        for venue, asset in places
        if asset != view.ledger.numeraire and held.get((venue, asset), ZERO) != lots[venue, asset]
    )


def ledger_view(events: Sequence[ev.Event], policy: TaxPolicy, numeraire: Asset) -> LedgerView:
    """Fold the facts of a ledger (`LEDGER_FACTS`) and settle what they say. A rule that fits no history raises
    InvalidValue.
    """
    rules = rules_of(policy)
    ledger = ledger_of(events, policy, numeraire)
    return LedgerView(ledger, rules, settle(ledger.entries, rules), tuple(sorted(opened_at(events).items())))
