"""One append: facts, what is folded from them, and what people are to be told, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.execute import plan_state
from engine.execute.plan_state import PlanState
from engine.model.decision import Standing
from engine.model.events import Draft, Event, Fact, FillBooked, OrderFact, OrderSubmitting, PlanFact, StreamId
from engine.model.ids import PortfolioId
from engine.model.ledger import Books
from engine.ports import Expectation
from engine.store import event_log, folded_tables
from engine.store.projections import (
    Projection,
    check_drafts,
    check_expected,
    check_not_reproposed,
    is_announced,
)
from engine.store.schema import event, outbox

REFOLD_BATCH = 500
PLANS_AT_HAND = 4


@dataclass(frozen=True, slots=True)
class Appending:
    """What is to be appended to the journal of a portfolio, and when."""

    portfolio: PortfolioId
    drafts: Sequence[Draft]
    expected: Expectation | None
    recorded_at: datetime
    known: FoldedPlans
    """Plans as they were folded last: those that have not grown since need not be read again."""

    async def run(self, connection: AsyncConnection) -> tuple[tuple[Event, ...], Mapping[StreamId, PlanState]]:
        """Write it all; gives the facts, and the plans after them.

        Raises ConcurrentWrite, InvalidValue, or what the folds raise: undo the transaction then.
        """
        check_drafts(self.portfolio, self.drafts)
        standing, books = await self._standing(connection)
        named = {draft.stream for draft in self.drafts} | set(self.expected.versions if self.expected else ())
        versions = await event_log.stream_versions(connection, named)
        check_expected(self.expected, versions)
        check_not_reproposed(self.drafts, versions)
        if not self.drafts:
            return (), {}
        plans = await self._plans(connection, versions)
        events = await event_log.insert_events(connection, self.portfolio, self.drafts, versions, self.recorded_at)
        projection = Projection(standing, books, plans)
        for appended in events:
            projection.take(appended)
        changed = [state for stream, state in projection.plans.items() if stream in named]
        await folded_tables.write_plans(connection, changed)
        await folded_tables.write_orders_and_fills(connection, events)
        if projection.version:
            await folded_tables.write_standing(connection, self.portfolio, projection)
        await _fill_outbox(connection, self.portfolio, events)
        return events, projection.plans

    async def _standing(self, connection: AsyncConnection) -> tuple[Standing, Books]:
        """The standing and the books; what is about an order alone, a fill apart, changes neither."""
        if self.drafts and all(_leaves_the_standing(draft.fact) for draft in self.drafts):
            return Standing(), Books()
        return await folded_tables.read_standing(connection, self.portfolio, for_update=True)

    async def _plans(self, connection: AsyncConnection, versions: Mapping[StreamId, int]) -> dict[StreamId, PlanState]:
        streams = {d.stream for d in self.drafts if isinstance(d.fact, PlanFact | OrderFact)}
        fresh = {stream: plan for stream in streams if (plan := self.known.at(stream, versions.get(stream, 0)))}
        stale = streams - fresh.keys()
        if not stale:
            return fresh
        return fresh | fold_plans(await event_log.read_streams(connection, self.portfolio, stale))


def _leaves_the_standing(fact: Fact) -> bool:
    return isinstance(fact, OrderFact) and not isinstance(fact, FillBooked)


@dataclass(slots=True)
class FoldedPlans:
    """The plans that were folded last, each good for the version it has: a plan in slices has hundreds of facts."""

    plans: dict[StreamId, PlanState] = field(default_factory=dict)

    def at(self, stream: StreamId, version: int) -> PlanState | None:
        """A plan as it is at this version of its stream, where that is at hand."""
        plan = self.plans.get(stream)
        return plan if plan is not None and plan.version == version else None

    def keep(self, plans: Mapping[StreamId, PlanState]) -> None:
        """Remember what was committed; the oldest go."""
        for stream, plan in plans.items():
            self.plans.pop(stream, None)
            self.plans[stream] = plan
        while len(self.plans) > PLANS_AT_HAND:
            del self.plans[next(iter(self.plans))]


def fold_plans(events: Iterable[Event]) -> dict[StreamId, PlanState]:
    """The plans of some streams, from all of their facts."""
    plans: dict[StreamId, PlanState] = {}
    for appended in events:
        plans[appended.stream] = plan_state.apply(plans.get(appended.stream), appended)
    return plans


async def refold(connection: AsyncConnection, portfolio: PortfolioId) -> None:
    """Drop what is folded from a portfolio's facts, and fold it again. The outbox stays: it says what was told."""
    await folded_tables.delete_all(connection, portfolio)
    projection = Projection(Standing(), Books())
    orders_and_fills: list[Event] = []
    seq = 0
    query = sa.select(event).where(event.c.portfolio == portfolio).order_by(event.c.seq).limit(REFOLD_BATCH)
    while rows := (await connection.execute(query.where(event.c.seq > seq))).mappings().all():
        for appended in map(event_log.event_of, rows):
            projection.take(appended)
            seq = appended.seq
            if isinstance(appended.fact, OrderSubmitting | FillBooked):
                orders_and_fills.append(appended)
    await folded_tables.write_plans(connection, projection.plans.values())
    await folded_tables.write_orders_and_fills(connection, orders_and_fills)
    await folded_tables.write_standing(connection, portfolio, projection)


async def _fill_outbox(connection: AsyncConnection, portfolio: PortfolioId, events: Sequence[Event]) -> None:
    rows = [
        {"seq": appended.seq, "portfolio": portfolio, "attempts": 0, "told": False}
        for appended in events
        if is_announced(appended)
    ]
    if rows:
        await connection.execute(sa.insert(outbox), rows)
