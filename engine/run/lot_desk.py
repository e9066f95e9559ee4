"""What people ask and say about lots: the ledger as it is, history that they bring, and what things cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from engine.account.ledger import new_among
from engine.account.ledger_view import LedgerView, unlike_books
from engine.model import events as ev
from engine.model.errors import InvalidValue
from engine.model.ids import Asset, VenueName
from engine.model.ledger import BookLine
from engine.model.lots import Entry
from engine.model.money import ONE, Money, Quantity
from engine.model.order import HistoricTrade
from engine.ports import Clock
from engine.run.approvals import Person
from engine.run.lot_keeper import LotKeeper
from engine.run.observe import Observer
from engine.run.scribe import Scribe

THE_BEGINNING: Final = datetime(2009, 1, 3, tzinfo=UTC)
"""Of bitcoin: nothing was traded before."""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows of a history are new, were known already, or are of a time that the books know themselves."""

    new: int
    known: int
    later: int


class LotDesk:
    """The ledger of lots, for the people of a portfolio."""

    def __init__(self, keeper: LotKeeper, observer: Observer, scribe: Scribe, clock: Clock) -> None:
        self._keeper = keeper
        self._observer = observer
        self._scribe = scribe
        self._clock = clock

    async def view(self) -> LedgerView | None:
        """The ledger as it is now; None before it is known what it is counted in."""
        numeraire = self._numeraire
        return None if numeraire is None else await self._keeper.view(numeraire)

    async def unlike_books(self) -> tuple[BookLine, ...]:
        """Where lots and books of a venue differ, and by how much."""
        view = await self.view()
        return unlike_books(view, await self._scribe.journal.books()) if view is not None else ()

    async def past_prices(self) -> Callable[[Asset, datetime], Decimal | None]:
        """What an asset was worth on a day, as far back as closes are known: for histories that do not say so."""
        series = await self._observer.past_closes()
        closes = {(each.asset, at.date()): Decimal(price) for each in series for at, price in each.closes}
        numeraire = self._numeraire
        return lambda asset, at: ONE if asset == numeraire else closes.get((asset, at.astimezone(UTC).date()))

    async def history(self, venue: VenueName) -> tuple[HistoricTrade, ...]:
        """The trades that a venue still knows, among all assets that matter here. Raises VenueErrors.

        It can take minutes.
        """
        return await self._observer.trades(venue, THE_BEGINNING)

    async def sorted_out(self, entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], Imported]:
        """The rows that would be new, and how many would not. Nothing is written."""
        view = await self.view()
        if view is None:
            raise InvalidValue("import", "no venue has shown its markets yet, so that nothing can be valued; try later")
        known = (*(entry.id for entry in view.ledger.entries), *view.ledger.absorbed)
        fresh, opened = new_among(entries, known), dict(view.opened)
        new = tuple(e for e in fresh if e.account not in opened or e.at <= opened[e.account])
        return new, Imported(len(new), len(entries) - len(fresh), len(fresh) - len(new))

    async def import_history(self, source: str, entries: Sequence[Entry], who: Person) -> Imported:
        """Keep what is new of a history. Brought again, it adds nothing."""
        new, counts = await self.sorted_out(entries)
        if new:
            await self._scribe.note(ev.HistoryImported(source, new, who.id, who.name))
        return counts

    async def state_basis(self, lot: str, basis: Money, acquired_at: datetime | None, who: Person) -> bool:
        """Take a person's word on what a lot cost in total. False where there is no such lot to be told of."""
        view = await self.view()
        told = next((entry for entry in view.to_be_told if entry.id == lot), None) if view is not None else None
        if told is None:
            return False
        if basis < 0:
            raise InvalidValue("basis", "must not be negative")
        if acquired_at is not None and acquired_at > self._clock.now():
            raise InvalidValue("date", "lies in the future")
        if acquired_at is not None and acquired_at < THE_BEGINNING:
            raise InvalidValue("date", f"lies before {THE_BEGINNING:%Y-%m-%d}, when there was nothing to hold")
        await self._scribe.note(ev.BasisStated(lot, basis, acquired_at, who.id, who.name, Quantity(told.quantity)))
        return True

    @property
    def _numeraire(self) -> Asset | None:
        return self._observer.numeraire
