"""What every journal checks and folds when facts are appended. Pure, so that the kinds of journal cannot differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.account import books as books_fold
from engine.execute import plan_state
from engine.execute import standing as standing_fold
from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.announced import ANNOUNCED
from engine.model.decision import Standing
from engine.model.errors import ConcurrentWrite, InvalidValue
from engine.model.events import Draft, Event, StreamId, members_stream, portfolio_stream
from engine.model.ids import PortfolioId
from engine.model.ledger import Books
from engine.ports import Expectation


@dataclass(slots=True)
class Projection:
    """The standing, the books and the plans as they are after the facts taken so far."""

    standing: Standing
    books: Books
    plans: dict[StreamId, PlanState] = field(default_factory=dict)
    version: int = 0
    """The sequence number of the last fact that changed the standing or the books."""

    def take(self, event: Event) -> None:
        """Fold one more fact in. Raises ImpossiblePlanEvent, ImpossibleOrderEvent or UnknownRecord where it cannot
        follow; this projection is then to be thrown away.
        """
        is_new = True
        if isinstance(event.fact, ev.PlanFact | ev.OrderFact):
            before = self.plans.get(event.stream)
            self.plans[event.stream] = plan_state.apply(before, event)
            # The same trade told twice is booked once: the plan's own fold knows which are new.
            is_new = before is None or len(self.plans[event.stream].fills) > len(before.fills)
        standing = standing_fold.apply(self.standing, event)
        books = books_fold.apply(self.books, event.fact, event.ts_event) if is_new else self.books
        if standing != self.standing or books != self.books:
            self.standing, self.books, self.version = standing, books, event.seq


def fold_plans(events: Iterable[Event]) -> dict[StreamId, PlanState]:
    """The plans of some streams, from all of their facts."""
    plans: dict[StreamId, PlanState] = {}
    for event in events:
        plans[event.stream] = plan_state.apply(plans.get(event.stream), event)
    return plans


def check_drafts(portfolio: PortfolioId, drafts: Iterable[Draft]) -> None:
    """Raise InvalidValue where a fact would be written to a stream that it does not belong to."""
    for draft in drafts:
        kind = type(draft.fact).__name__
        if not _belongs(draft, portfolio):
            raise InvalidValue("stream", f"{kind} does not belong to {draft.stream}")
        if isinstance(draft.fact, ev.PlanProposed):
            if draft.fact.portfolio != portfolio:
                raise InvalidValue("portfolio", f"this journal is of {portfolio}, the plan of {draft.fact.portfolio}")
            if draft.stream != ev.plan_stream(draft.fact.plan_id):
                raise InvalidValue("stream", f"plan {draft.fact.plan_id} does not belong to {draft.stream}")
        if draft.at.tzinfo is None:
            raise InvalidValue("at", f"the instant of {kind} needs a time zone")


def _belongs(draft: Draft, portfolio: PortfolioId) -> bool:
    shared = {portfolio_stream(portfolio): ev.PortfolioFact, members_stream(portfolio): ev.MemberFact}
    if draft.stream in shared:
        return isinstance(draft.fact, shared[draft.stream])
    return isinstance(draft.fact, ev.PlanFact | ev.OrderFact)


def check_expected(expected: Expectation | None, versions: Mapping[StreamId, int]) -> None:
    """Raise ConcurrentWrite where a stream is not at its expected version."""
    for stream, version in (expected.versions if expected else {}).items():
        actual = versions.get(stream, 0)
        if actual != version:
            raise ConcurrentWrite(f"{stream} is at version {actual}, not {version}: read it again")


def check_not_reproposed(drafts: Iterable[Draft], versions: Mapping[StreamId, int]) -> None:
    """Raise ConcurrentWrite where a plan is proposed that is already there: its stream has one beginning."""
    begun = {stream for stream, version in versions.items() if version}
    for draft in drafts:
        if isinstance(draft.fact, ev.PlanProposed):
            if draft.stream in begun:
                raise ConcurrentWrite(f"plan {draft.fact.plan_id} was already proposed")
            begun.add(draft.stream)


def numbered(drafts: Sequence[Draft], versions: Mapping[StreamId, int]) -> list[int]:
    """The version in its stream that each draft gets."""
    last = dict(versions)
    given = []
    for draft in drafts:
        last[draft.stream] = last.get(draft.stream, 0) + 1
        given.append(last[draft.stream])
    return given


def recorded(draft: Draft, seq: int, stream_version: int, at: datetime) -> Event:
    """The event that a draft becomes."""
    return Event(
        seq,
        draft.stream,
        stream_version,
        draft.fact,
        draft.at,
        at,
        draft.correlation_id,
        draft.causation_seq,
    )


def is_announced(event: Event) -> bool:
    """Whether people are told of it."""
    return type(event.fact) in ANNOUNCED
