"""The journal's twin in memory, for backtests and tests: the same promises, and nothing is left when it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.execute.plan_state import PlanState
from engine.model.decision import Decision, Standing
from engine.model.errors import ConcurrentWrite
from engine.model.events import Draft, Event, Fact, OrderSubmitting, StreamId, plan_stream
from engine.model.ids import ClientOrderId, DecisionId, PlanId, PortfolioId
from engine.model.ledger import Books
from engine.ports import CardRecord, Clock, Expectation, OutboxRow, PlanSummary
from engine.store import codec
from engine.store.decisions import decision_id
from engine.store.projections import (
    Projection,
    check_drafts,
    check_expected,
    check_not_reproposed,
    is_announced,
    numbered,
    recorded,
)


class MemoryJournal:
    """A portfolio's journal in memory."""

    def __init__(self, portfolio: PortfolioId, clock: Clock) -> None:
        self._portfolio = portfolio
        self._clock = clock
        self._events: list[Event] = []
        self._streams: dict[StreamId, list[Event]] = {}
        self._standing, self._books = Standing(), Books()
        self._plans: dict[StreamId, PlanState] = {}
        self._open: set[StreamId] = set()
        self._orders: dict[ClientOrderId, PlanId] = {}
        self._outbox: dict[int, OutboxRow] = {}
        self._decisions: dict[DecisionId, Decision] = {}
        self._cards: dict[tuple[str, int], CardRecord] = {}

    async def append(self, drafts: Sequence[Draft], expected: Expectation | None = None) -> tuple[Event, ...]:
        """Write facts, their projections and their outbox rows together, or nothing.

        Raises ConcurrentWrite, InvalidValue where a fact is in the wrong stream, and ImpossiblePlanEvent,
        ImpossibleOrderEvent or UnknownRecord where a plan's life has no place for it.
        """
        check_drafts(self._portfolio, drafts)
        versions = {stream: len(events) for stream, events in self._streams.items()}
        check_expected(expected, versions)
        check_not_reproposed(drafts, versions)
        at, first = self._clock.now(), len(self._events) + 1
        for draft in drafts:
            # What could not be written to a database is refused here too.
            codec.write(draft.fact)
        events = tuple(
            recorded(draft, seq, place, at)
            for seq, (draft, place) in enumerate(zip(drafts, numbered(drafts, versions), strict=True), first)
        )
        self._fold(events)
        self._events.extend(events)
        for event in events:
            self._streams.setdefault(event.stream, []).append(event)
        self._outbox |= {event.seq: OutboxRow(event, 0) for event in events if is_announced(event)}
        return events

    async def stream(self, stream: StreamId) -> tuple[Event, ...]:
        """All facts of one stream, oldest first."""
        return tuple(self._streams.get(stream, ()))

    async def version(self, stream: StreamId) -> int:
        """How many facts a stream has."""
        return len(self._streams.get(stream, ()))

    async def facts(self, *kinds: type[Fact]) -> tuple[Event, ...]:
        """All facts of some kinds, oldest first."""
        return tuple(event for event in self._events if isinstance(event.fact, kinds))

    async def standing(self) -> Standing:
        """What the portfolio's and the plans' facts leave behind for the next decision."""
        return self._standing

    async def books(self) -> Books:
        """What every venue should hold by all facts."""
        return self._books

    async def plan(self, plan: PlanId) -> PlanState | None:
        """The state of one plan."""
        return self._plans.get(plan_stream(plan))

    async def open_plan(self) -> PlanState | None:
        """The one plan that is not at its end, if there is one."""
        return next((self._plans[stream] for stream in self._open), None)

    async def plans(self, limit: int) -> tuple[PlanSummary, ...]:
        """The newest plans."""
        states = self._plans.values()
        newest = sorted(states, key=lambda state: (state.created_at, state.proposed.plan_id), reverse=True)
        return tuple(
            PlanSummary(state.proposed.plan_id, state.status, state.created_at, state.updated_at)
            for state in newest[:limit]
        )

    async def order(self, client_order_id: ClientOrderId) -> PlanId | None:
        """The plan that an order belongs to."""
        return self._orders.get(client_order_id)

    async def save_decision(self, decision: Decision) -> DecisionId:
        """Keep a decision in full. Saving it again changes nothing."""
        name = decision_id(decision)
        self._decisions.setdefault(name, decision)
        return name

    async def decision(self, decision: DecisionId) -> Decision | None:
        """A stored decision, whole."""
        return self._decisions.get(decision)

    async def latest_decision(self) -> Decision | None:
        """The newest stored decision."""
        return next(reversed(self._decisions.values()), None)

    async def outbox(self, limit: int) -> tuple[OutboxRow, ...]:
        """Facts that are still to be told, oldest first."""
        return tuple(self._outbox.values())[:limit]

    async def mark_told(self, seqs: Sequence[int]) -> None:
        """These facts have been told."""
        for seq in seqs:
            self._outbox.pop(seq, None)

    async def mark_failed(self, seqs: Sequence[int]) -> None:
        """Telling these failed once more."""
        for seq in set(seqs) & self._outbox.keys():
            self._outbox[seq] = replace(self._outbox[seq], attempts=self._outbox[seq].attempts + 1)

    async def card(self, key: str, chat_id: int) -> CardRecord | None:
        """The message that stands for something in a chat."""
        return self._cards.get((key, chat_id))

    async def put_card(self, card: CardRecord) -> None:
        """Remember, or replace, the message that stands for something in a chat."""
        self._cards[card.key, card.chat_id] = card

    async def refold(self) -> None:
        """Drop all that is folded from the facts, and fold it again."""
        self._standing, self._books = Standing(), Books()
        self._plans, self._open, self._orders = {}, set(), {}
        self._fold(self._events)

    async def close(self) -> None:
        """Nothing is held outside this object."""

    def _fold(self, events: Sequence[Event]) -> None:
        """Take facts in, all or none of them. Raises ConcurrentWrite where two plans would be open."""
        named = {event.stream for event in events}
        touched = Projection(self._standing, self._books, {s: self._plans[s] for s in named if s in self._plans})
        for event in events:
            touched.take(event)
        still_open = {stream for stream, state in touched.plans.items() if not state.is_terminal}
        now_open = (self._open - named) | still_open
        if len(now_open) > 1:
            raise ConcurrentWrite("another plan is already open: answer that one first")
        self._standing, self._books, self._open = touched.standing, touched.books, now_open
        self._plans |= touched.plans
        for event in events:
            if isinstance(event.fact, OrderSubmitting):
                plan = self._plans[event.stream].proposed.plan_id
                self._orders.setdefault(event.fact.order.client_order_id, plan)
