"""One append: facts, what is folded from them, and what people are to be told, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from engine.execute.plan_state import PlanState
from engine.model.decision import Standing
from engine.model.events import Draft, Event, FillBooked, OrderFact, OrderSubmitting, PlanFact, StreamId
from engine.model.ids import PortfolioId
from engine.model.ledger import Books
from engine.ports import Expectation
from engine.store import event_log, folded_tables, head
from engine.store.head import Head
from engine.store.projections import (
    Projection,
    check_drafts,
    check_expected,
    check_not_reproposed,
    is_announced,
)
from engine.store.schema import event, outbox

REFOLD_BATCH: Final = 500
INSERT_OUTBOX: Final = sa.insert(outbox)


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append wrote, and the journal's end after it."""

    events: tuple[Event, ...]
    head: Head


@dataclass(frozen=True, slots=True)
class Appending:
    """What is to be appended to the journal of a portfolio, and when."""

    portfolio: PortfolioId
    drafts: Sequence[Draft]
    expected: Expectation | None
    recorded_at: datetime

    def run(self, connection: sa.Connection, known: Head | None) -> Appended:
        """Write it all behind the head that is known, or else loaded.

        Raises ConcurrentWrite, InvalidValue, or what the folds raise: undo the transaction then.
        """
        check_drafts(self.portfolio, self.drafts)
        before = known or head.load(connection, self.portfolio)
        versions = self._versions(connection, before)
        check_expected(self.expected, versions)
        check_not_reproposed(self.drafts, versions)
        if not self.drafts:
            return Appended((), before)
        plans = self._plans(connection, before, versions)
        events = event_log.insert_events(connection, self.portfolio, self.drafts, versions, self.recorded_at)
        projection = Projection(before.standing, before.books, plans)
        for appended in events:
            projection.take(appended)
        self._write_folded(connection, before, projection, events)
        _fill_outbox(connection, self.portfolio, events)
        return Appended(events, before.after(events, projection))

    def _versions(self, connection: sa.Connection, before: Head) -> dict[StreamId, int]:
        """How far the streams are that are written to, or expected to be at a version."""
        named = {draft.stream for draft in self.drafts} | set(self.expected.versions if self.expected else ())
        versions = {stream: version for stream in named if (version := before.version(stream)) is not None}
        unknown = named - versions.keys()
        return versions | (event_log.stream_versions(connection, unknown) if unknown else {})

    def _plans(
        self, connection: sa.Connection, before: Head, versions: Mapping[StreamId, int]
    ) -> dict[StreamId, PlanState]:
        streams = {d.stream for d in self.drafts if isinstance(d.fact, PlanFact | OrderFact)}
        at_hand = {stream: before.plans[stream] for stream in streams if stream in before.plans}
        others = [stream for stream in streams - at_hand.keys() if versions.get(stream)]
        return at_hand | head.read_plans(connection, self.portfolio, others)

    def _write_folded(
        self, connection: sa.Connection, before: Head, projection: Projection, events: Sequence[Event]
    ) -> None:
        folded_tables.write_plans(connection, projection.plans.values())
        folded_tables.write_orders_and_fills(connection, events)
        if projection.version:
            folded_tables.write_standing(connection, self.portfolio, projection, before.folded_to)


def refold(connection: sa.Connection, portfolio: PortfolioId) -> None:
    """Drop what is folded from a portfolio's facts, and fold it again. The outbox stays: it says what was told."""
    folded_tables.delete_all(connection, portfolio)
    projection = Projection(Standing(), Books())
    orders_and_fills: list[Event] = []
    seq = 0
    query = sa.select(event).where(event.c.portfolio == portfolio).order_by(event.c.seq).limit(REFOLD_BATCH)
    while rows := connection.execute(query.where(event.c.seq > seq)).mappings().all():
        for appended in map(event_log.event_of, rows):
            projection.take(appended)
            seq = appended.seq
            if isinstance(appended.fact, OrderSubmitting | FillBooked):
                orders_and_fills.append(appended)
    folded_tables.write_plans(connection, projection.plans.values())
    folded_tables.write_orders_and_fills(connection, orders_and_fills)
    folded_tables.write_standing(connection, portfolio, projection, folded_tables.folded_to(connection, portfolio))


def _fill_outbox(connection: sa.Connection, portfolio: PortfolioId, events: Sequence[Event]) -> None:
    rows = [
        {"seq": appended.seq, "portfolio": portfolio, "attempts": 0, "told": False}
        for appended in events
        if is_announced(appended)
    ]
    if rows:
        connection.execute(INSERT_OUTBOX, rows)
