"""Keeps the books: takes in what venues record, holds balances against the books, and asks about what does not fit.

A venue whose balances nobody can explain is left out of plans until a person has said what happened. Differences are
looked at twice, a few seconds apart and with the records read anew: venues show a deposit here before there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from engine.account.assertions import Arrival, Crossing, Discrepancy, Known, Prices, Told, discrepancy, explained
from engine.account.movements import facts_of_records
from engine.decide.valuation import value
from engine.model import events as ev
from engine.model.canonical import digest_of
from engine.model.decision import Standing
from engine.model.errors import ConcurrentWrite
from engine.model.ids import VenueName, short
from engine.model.ledger import DECLARED_FOR, BookLine, Books, Explanation, Question
from engine.model.money import Money, exact
from engine.model.plan import PlanStatus
from engine.model.policy import Policy
from engine.model.portfolio import Snapshot, VenueHealth, VenueSnapshot
from engine.ports import Clock, Venue
from engine.run.observe import Observer
from engine.run.scribe import Scribe

SETTLING: Final = timedelta(seconds=5)
"""Between the two looks at a difference."""
FactsOf = Callable[[Standing, Books], list[ev.Fact]]
AFTER_TRADES: Final = timedelta(seconds=30)
"""For so long after a plan's end its last trades may be missing in the balances."""


class Bookkeeper:
    """Keeps the books of one portfolio."""

    def __init__(
        self, venues: Mapping[VenueName, Venue], observer: Observer, scribe: Scribe, clock: Clock, policy: Policy
    ) -> None:
        self._held_to_books = frozenset(name for name, v in venues.items() if not v.capabilities.is_pretended)
        self._observer = observer
        self._scribe = scribe
        self._clock = clock
        self._policy = policy

    async def note_records(self) -> None:
        """Take in the deposits and withdrawals that the venues have recorded since the last time."""
        journal = self._scribe.journal
        standing, books = await journal.standing(), await journal.books()
        since = books.since or standing.active_since
        if since is not None:
            # Some venues tell whole seconds: one that began in the second of `since` is told as before it.
            records = await self._observer.movements(since.replace(microsecond=0))
            await self._scribe.note(*facts_of_records(standing, *records))

    async def checked(self, seen: Snapshot, *, whole_books: bool) -> Snapshot:
        """Hold a look against the books. Gives that look, or a newer one where balances had to be looked at again."""
        if await self._is_trading():
            return seen
        if await self._differs(seen):
            await self._clock.sleep(SETTLING)
            await self.note_records()
            seen = await self._observer.look(whole_books=whole_books)
            if await self._is_trading():
                return seen
        await self._write_down(seen)
        return seen

    async def _is_trading(self) -> bool:
        """Balances move by themselves while a plan is under way, and for a moment after its end."""
        plan = await self._scribe.journal.open_plan()
        if plan is not None:
            return plan.status is not PlanStatus.PROPOSED
        return any(
            summary.status in (PlanStatus.COMPLETED, PlanStatus.ABORTED)
            and self._clock.now() - summary.updated_at < AFTER_TRADES
            for summary in await self._scribe.journal.plans(1)
        )

    async def _differs(self, seen: Snapshot) -> bool:
        """Whether a venue differs from its books in a way that has not been asked about."""
        standing = await self._scribe.journal.standing()
        asked = {question.venue: question.changes for question in standing.questions}
        found = self._discrepancies(await self._scribe.journal.books(), seen, self._prices(seen))
        return any(asked.get(each.venue) != each.changes for each in found)

    async def _write_down(self, seen: Snapshot) -> None:
        """Book what is known of the differences, ask about the rest, and take back what was asked in vain."""
        prices = self._prices(seen)
        try:
            await self._note(lambda standing, books: self._known(standing, books, seen, prices))
            await self._note(lambda standing, books: self._asking(standing, books, seen, prices))
        except ConcurrentWrite:
            # A person answered in the meantime: the next look judges anew.
            return

    async def _note(self, facts_of: FactsOf) -> None:
        """Write facts that follow from the standing and the books, unless either has moved on since."""
        version = await self._scribe.version()
        journal = self._scribe.journal
        facts = facts_of(await journal.standing(), await journal.books())
        await self._scribe.note_at(version, *facts)

    def _known(self, standing: Standing, books: Books, seen: Snapshot, prices: Prices) -> list[ev.Fact]:
        facts: list[ev.Fact] = [self._adoption(v) for v in _of_now(seen) if v.name not in books.adopted]
        now = self._clock.now()
        facts += [ev.DeclarationUsed(d.id) for d in standing.declared if now - d.at > DECLARED_FOR]
        for known in explained(self._discrepancies(books, seen, prices), standing.transits, standing.declared):
            facts += self._facts_of(known)
        return facts

    def _asking(self, standing: Standing, books: Books, seen: Snapshot, prices: Prices) -> list[ev.Fact]:
        found = {each.venue: each for each in self._discrepancies(books, seen, prices)}
        asked = {question.venue: question for question in standing.questions}
        looked_at = {venue.name for venue in self._kept(seen)}
        facts: list[ev.Fact] = [
            ev.ChangeResolved(q) for name, q in sorted(asked.items()) if name in looked_at and name not in found
        ]
        for name, each in sorted(found.items()):
            before = asked.get(name)
            if before is None or before.changes != each.changes:
                facts.append(ev.ChangeQuestioned(self._question(each, before)))
        return facts

    def _question(self, found: Discrepancy, before: Question | None) -> Question:
        if before is not None:
            return replace(before, changes=found.changes, version=before.version + 1)
        now = self._clock.now()
        return Question(short(digest_of((found, now))), found.venue, found.changes, now)

    def _facts_of(self, known: Known) -> list[ev.Fact]:
        match known:
            case Arrival():
                return [ev.TransferArrived(known.transit, known.venue, known.change)]
            case Crossing():
                return [ev.TransferNoticed(known.from_venue, known.left, known.to_venue, known.arrived)]
            case Told():
                declared = known.declaration
                about = Question(declared.id, known.venue, (known.change,), self._clock.now())
                to_venue = declared.to_venue if declared.from_venue is not None else None
                said = ev.ChangeAnswered(about, _explanation(known), declared.by, declared.name, to_venue)
                return [said, ev.DeclarationUsed(declared.id)]

    def _adoption(self, venue: VenueSnapshot) -> ev.BalancesAdopted:
        return ev.BalancesAdopted(venue.name, tuple(BookLine(venue.name, b.asset, b.total) for b in venue.balances))

    def _prices(self, seen: Snapshot) -> Prices:
        return {mark.asset: mark.price for mark in exact(value)(seen, self._policy).marks}

    def _discrepancies(self, books: Books, seen: Snapshot, prices: Prices) -> Sequence[Discrepancy]:
        least = Money(self._policy.limits.min_trade)
        kept = (venue for venue in self._kept(seen) if venue.name in books.adopted)
        found = (discrepancy(books, venue, prices, least) for venue in kept)
        return [each for each in found if each is not None]

    def _kept(self, seen: Snapshot) -> list[VenueSnapshot]:
        """The venues whose balances are of this instant, and real."""
        return [venue for venue in _of_now(seen) if venue.name in self._held_to_books]


def _of_now(seen: Snapshot) -> list[VenueSnapshot]:
    """The venues that have shown their balances at this look."""
    return [venue for venue in seen.venues if venue.health is VenueHealth.HEALTHY]


def _explanation(told: Told) -> Explanation:
    if told.declaration.from_venue is None:
        return Explanation.DEPOSIT
    return Explanation.WITHDRAWAL if told.declaration.to_venue is None else Explanation.TRANSFER
