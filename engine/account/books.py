"""The books: what every venue should hold, as a fold over the facts. Pure; replaying the journal gives the same lines.

Whatever moves a balance has a fact: a fill with its fees, a deposit, a withdrawal, a transfer, an explained change.
Before a venue's balances were adopted nothing is kept of it: what it showed then contains all that came before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from engine.model import events as ev
from engine.model.ids import Asset, VenueName
from engine.model.ledger import BalanceChange, BookLine, Books
from engine.model.money import ZERO, Quantity, exact
from engine.model.order import Fill

Postings = Iterable[tuple[VenueName, Asset, Decimal]]


@exact
def apply(books: Books, fact: ev.Fact, at: datetime) -> Books:
    """The books after one more fact. A fill is to be handed in once: see `plan_state`, which knows them."""
    if isinstance(fact, ev.BalancesAdopted):
        kept = tuple(line for line in books.lines if line.venue != fact.venue)
        adopted = tuple(sorted({*books.adopted, fact.venue}))
        return Books(_in_order((*kept, *fact.lines)), adopted, books.since or at)
    return _post(books, postings_of(fact))


def postings_of(fact: ev.Fact) -> Postings:
    """What a fact moves, and where."""
    match fact:
        case ev.FillBooked():
            return _of_fill(fact.fill)
        case ev.CashFlowSeen():
            flow = fact.cash_flow
            return ((flow.venue, flow.asset, flow.quantity),)
        case ev.WithdrawalSeen():
            return ((fact.withdrawal.venue, fact.withdrawal.asset, -fact.withdrawal.taken),)
        case ev.WithdrawalReturned():
            return ((fact.withdrawal.venue, fact.withdrawal.asset, fact.withdrawal.taken),)
        case ev.TransferArrived():
            return ((fact.venue, fact.arrived.asset, fact.arrived.quantity),)
        case ev.TransferNoticed():
            return (_change(fact.from_venue, fact.left), _change(fact.to_venue, fact.arrived))
        case ev.ChangeAnswered():
            return tuple(_change(fact.question.venue, change) for change in fact.question.changes)
        case _:
            return ()


def _change(venue: VenueName, change: BalanceChange) -> tuple[VenueName, Asset, Decimal]:
    return venue, change.asset, change.quantity


def _of_fill(fill: Fill) -> Postings:
    yield fill.venue, fill.base, fill.side.sign * fill.quantity
    yield fill.venue, fill.quote, -fill.side.sign * fill.quote_amount
    for fee in fill.fees:
        yield fill.venue, fee.asset, -fee.quantity


def _post(books: Books, postings: Postings) -> Books:
    own = [posting for posting in postings if posting[0] in books.adopted]
    if not own:
        return books
    held = {(line.venue, line.asset): Decimal(line.quantity) for line in books.lines}
    for venue, asset, quantity in own:
        held[venue, asset] = held.get((venue, asset), ZERO) + quantity
    lines = tuple(BookLine(venue, asset, Quantity(quantity)) for (venue, asset), quantity in held.items() if quantity)
    return replace(books, lines=_in_order(lines))


def _in_order(lines: tuple[BookLine, ...]) -> tuple[BookLine, ...]:
    return tuple(sorted((line for line in lines if line.quantity), key=lambda line: (line.venue, line.asset)))
