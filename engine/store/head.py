"""The end of a portfolio's journal, held in memory: what every decision and every append starts from.

This process alone uses its database, so what it committed last is what the tables hold. Nothing here is written: where
a commit failed, and may be on the disk all the same, the head is dropped and loaded anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from engine.execute.plan_state import PlanState
from engine.model.decision import Standing
from engine.model.events import Event, StreamId, members_stream, plan_stream, portfolio_stream
from engine.model.ids import PortfolioId
from engine.model.ledger import Books
from engine.store import event_log, folded_tables
from engine.store.projections import Projection, fold_plans

PLANS_AT_HAND: Final = 4
"""A plan in slices has hundreds of facts: those that grew last need not be folded again."""


@dataclass(frozen=True, slots=True)
class Head:
    """A portfolio's standing, books and newest plans after all facts so far.

    `folded_to` is the sequence number of the last fact in standing and books. `shared` are the versions of the streams
    that are not plans'. `plans` are some plans, with the open one among them where there is one.
    """

    standing: Standing
    books: Books
    folded_to: int
    shared: Mapping[StreamId, int]
    plans: Mapping[StreamId, PlanState]

    @property
    def open_plan(self) -> PlanState | None:
        """The one plan that is not at its end."""
        return next((plan for plan in self.plans.values() if not plan.is_terminal), None)

    def version(self, stream: StreamId) -> int | None:
        """How many facts a stream has; None where that is not at hand."""
        if stream in self.shared:
            return self.shared[stream]
        return self.plans[stream].version if stream in self.plans else None

    def after(self, events: Sequence[Event], folded: Projection) -> Head:
        """The head behind some facts that were appended, and what was folded from them."""
        grown = {e.stream: e.stream_version for e in events if e.stream in self.shared}
        plans = {stream: plan for stream, plan in self.plans.items() if stream not in folded.plans} | folded.plans
        return Head(
            folded.standing, folded.books, folded.version or self.folded_to, {**self.shared, **grown}, _newest(plans)
        )


def load(connection: sa.Connection, portfolio: PortfolioId) -> Head:
    """The head as the tables have it. Raises JournalUnavailable where they cannot be read back."""
    standing, books, folded_to = folded_tables.read_standing(connection, portfolio)
    streams = (portfolio_stream(portfolio), members_stream(portfolio))
    found = event_log.stream_versions(connection, streams)
    return Head(
        standing,
        books,
        folded_to,
        {stream: found.get(stream, 0) for stream in streams},
        read_plans(connection, portfolio, map(plan_stream, folded_tables.open_plans(connection, portfolio))),
    )


def read_plans(
    connection: sa.Connection, portfolio: PortfolioId, streams: Iterable[StreamId]
) -> dict[StreamId, PlanState]:
    """Some plans, folded from all of their facts; those without a fact are left out."""
    wanted = tuple(streams)
    return fold_plans(event_log.read_streams(connection, portfolio, wanted)) if wanted else {}


def _newest(plans: Mapping[StreamId, PlanState]) -> dict[StreamId, PlanState]:
    """The plans that grew last, and any that is open."""
    last = list(plans)[-PLANS_AT_HAND:]
    return {stream: plan for stream, plan in plans.items() if stream in last or not plan.is_terminal}
