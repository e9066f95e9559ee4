"""Keeps the ledger of lots at hand: folded anew when a fact of it was written, and never while nothing has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from engine.account.ledger import LEDGER_FACTS, needs_prices
from engine.account.ledger_view import LedgerView, ledger_view
from engine.account.recent import recent_trades
from engine.model import events as ev
from engine.model.ids import Asset
from engine.model.lots import Lot, Term
from engine.model.money import ZERO, Money
from engine.model.plan_tax import TaxStanding
from engine.model.portfolio import Valuation
from engine.model.tax_policy import TaxPolicy
from engine.run.scribe import Scribe

MOST_AT_ONCE: Final = 2_000
"""A longer history is matched beside the event loop: it takes moments in which everything else goes on."""
LONGEST_YEAR: Final = timedelta(days=367)
PRICES_HOLD: Final = timedelta(hours=1)
"""For so long noted prices are near enough to what happens without a plan, and to the best that a day has seen."""


class LotKeeper:
    """The lots of one portfolio."""

    def __init__(self, scribe: Scribe, policy: TaxPolicy) -> None:
        self._scribe = scribe
        self._policy = policy
        self._events: list[ev.Event] | None = None
        self._read_to = 0
        self._told = 0
        self._view: LedgerView | None = None
        self._priced_at: datetime | None = None
        self._wants_prices = True
        scribe.listen(self._take)
        scribe.when_in_doubt(self._forget)

    async def view(self, numeraire: Asset) -> LedgerView:
        """The ledger as it is now."""
        events = await self._known_events()
        if self._view is None or self._view.ledger.numeraire != numeraire:
            if _size(events) <= MOST_AT_ONCE:
                self._view = ledger_view(events, self._policy, numeraire)
                return self._view
            told = self._told
            view = await asyncio.to_thread(ledger_view, tuple(events), self._policy, numeraire)
            # What was written meanwhile is in the next view.
            self._view = view if told == self._told else None
            return view
        return self._view

    async def for_decision(self, numeraire: Asset, now: datetime) -> tuple[tuple[Lot, ...], TaxStanding]:
        """What a decision needs to know: the open lots, and the tax year so far."""
        view = await self.view(numeraire)
        year = view.rules.year_of(now)
        short = long = ZERO
        # Matches are in the order of time, and which year one is of is slow to ask.
        for match in reversed(view.settlement.matches):
            if now - match.at > LONGEST_YEAR:
                break
            if match.gain is not None and view.rules.year_of(match.at) == year:
                if match.term is Term.LONG:
                    long += match.gain
                else:
                    short += match.gain
        recent = recent_trades(view.ledger.entries, view.settlement.matches, now)
        return view.settlement.remaining, TaxStanding(year, Money(short), Money(long), recent)

    def prices_to_note(self, valuation: Valuation, now: datetime, *, is_proposed: bool) -> tuple[ev.Fact, ...]:
        """The prices of now, where something has happened since they were noted last, or is about to."""
        is_old = self._priced_at is None or now - self._priced_at >= PRICES_HOLD
        if not valuation.marks or not (is_old or is_proposed or self._wants_prices):
            return ()
        return (ev.PricesNoted(valuation.numeraire, tuple((mark.asset, mark.price) for mark in valuation.marks)),)

    async def _known_events(self) -> list[ev.Event]:
        """All facts of the ledger. What is written while they are read may or may not be among them: then once more."""
        while self._events is None:
            told = self._told
            events = list(await self._scribe.journal.facts(*LEDGER_FACTS))
            if told == self._told:
                self._events, self._read_to = events, events[-1].seq if events else 0
        return self._events

    def _take(self, events: tuple[ev.Event, ...]) -> None:
        own = [event for event in events if isinstance(event.fact, LEDGER_FACTS)]
        if not own:
            return
        for event in own:
            if isinstance(event.fact, ev.PricesNoted):
                self._priced_at, self._wants_prices = event.ts_event, False
            elif needs_prices(event.fact):
                self._wants_prices = True
        self._view = None
        self._told += 1
        if self._events is not None:
            # What was read from the disk before it was told of is not counted twice, nor in another order.
            self._events += [event for event in own if event.seq > self._read_to]
            self._events.sort(key=lambda event: event.seq)

    def _forget(self) -> None:
        """Read everything anew when it is needed next."""
        self._events = self._view = None
        self._told += 1


def _size(events: Iterable[ev.Event]) -> int:
    """How much there is to fold: facts, and the rows of imported histories."""
    return sum(len(e.fact.entries) if isinstance(e.fact, ev.HistoryImported) else 1 for e in events)
