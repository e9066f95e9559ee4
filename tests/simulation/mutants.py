"""Bugs that a bot like this could have, one at a time: the simulation is worth something only where it finds them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from unittest.mock import patch

import engine.decide.guards.guarded as guarded
import engine.run.executor as executor
import engine.run.guarding as guarding
from bot.chat.auth import Gate
from bot.chat.delivery import Post
from bot.outbox import Outbox
from engine.decide.guards.look import Look
from engine.execute import reconcile
from engine.execute.plan_state import OrderState, PlanState
from engine.model import events as ev
from engine.model.conditions import Condition
from engine.model.errors import Refused, Unconfirmed
from engine.model.ids import Asset, Digest, LegId, VenueName
from engine.model.money import Price, Quantity, exact, total
from engine.model.order import OrderReport, OrderRequest, OrderStatus
from engine.model.policy import Policy
from engine.run.approvals import Approvals, Judgement, Person
from engine.run.executor import Executor
from engine.store.journal import SqlJournal
from engine.venues.guarded import GuardedVenue

Facts = tuple[ev.OrderFact, ...]
Mutant = Callable[[], AbstractContextManager[None]]
BEYOND: Final = Decimal("1.01")


@contextmanager
def sends_again_under_a_new_id() -> Iterator[None]:
    """What the exchange does not know is taken for ended: the next attempt has another id."""

    def ended(order: OrderState, now: datetime, proof_after: timedelta | None) -> Facts:
        return (ev.OrderClosed(order.request.client_order_id, OrderStatus.EXPIRED, Quantity(Decimal(0))),)

    with patch.object(executor, "facts_of_silence", ended):
        yield


@contextmanager
def believes_the_first_not_found() -> Iterator[None]:
    """One look-up that finds nothing is taken for a proof that the order never arrived."""

    def proved(order: OrderState, now: datetime, proof_after: timedelta | None) -> Facts:
        return reconcile.facts_of_silence(order, now, timedelta(0))

    with patch.object(executor, "facts_of_silence", proved):
        yield


@contextmanager
def forgets_the_unknown() -> Iterator[None]:
    """An order whose fate nobody knows is taken for one that was refused."""
    with patch.object(executor, "Refused", (Refused, Unconfirmed)):
        yield


@contextmanager
def believes_silence_by_a_wrong_clock() -> Iterator[None]:
    """An order is taken for expired by a clock that runs ahead of the exchange's."""

    async def unguarded(self: GuardedVenue, order: OrderRequest) -> OrderReport | None:
        return await self._venue.report(order)

    with patch.object(GuardedVenue, "report", unguarded):
        yield


@contextmanager
def books_a_fill_twice() -> Iterator[None]:
    """The fills of a report are booked without a look at what is booked already."""

    def all_fills(order: OrderState, report: OrderReport) -> Facts:
        return tuple(ev.FillBooked(f) for f in order.fills) + reconcile.facts_of(order, report)

    with patch.object(executor, "facts_of", all_fills):
        yield


@contextmanager
def closes_before_the_last_fill() -> Iterator[None]:
    """An order is closed as soon as the exchange says so, although its last trade is not shown yet."""

    def closed(order: OrderState, report: OrderReport) -> Facts:
        shown = Quantity(total(fill.quantity for fill in report.fills))
        return reconcile.facts_of(order, replace(report, filled=shown))

    with patch.object(executor, "facts_of", closed):
        yield


@contextmanager
def forgets_what_was_filled() -> Iterator[None]:
    """A second attempt at a slice asks for all of it."""

    def nothing(_: PlanState, __: LegId, ___: int) -> Quantity:
        return Quantity(Decimal(0))

    with patch.object(PlanState, "filled_of_slice", nothing):
        yield


@contextmanager
def sends_before_the_intent_is_on_disk() -> Iterator[None]:
    """The write of the intent is begun and not waited for."""
    note = Executor._note

    async def hasty(self: Executor, state: PlanState, *facts: ev.Fact) -> None:
        writing = asyncio.ensure_future(note(self, state, *facts))
        if not any(isinstance(fact, ev.OrderSubmitting) for fact in facts):
            await writing

    with patch.object(Executor, "_note", hasty):
        yield


@contextmanager
def ignores_the_bound() -> Iterator[None]:
    """An order allows a worse price than its leg, to be sure that it is filled."""
    submit = Executor._submit

    @exact
    def worse(order: OrderRequest) -> OrderRequest:
        factor = BEYOND if order.side.sign > 0 else 2 - BEYOND
        return replace(order, limit_price=Price((order.limit_price * factor).quantize(Decimal("0.01"))))

    async def eager(self: Executor, state: PlanState, order: OrderRequest) -> None:
        await submit(self, state, worse(order))

    with patch.object(Executor, "_submit", eager):
        yield


@contextmanager
def approves_any_digest() -> Iterator[None]:
    """A press counts for the plan as it is, whatever the card showed."""
    judge = Approvals._judge_approval

    def lenient(self: Approvals, state: PlanState, digest: Digest, who: Person) -> Judgement:
        return judge(self, state, state.proposed.digest, who)

    with patch.object(Approvals, "_judge_approval", lenient):
        yield


@contextmanager
def approves_what_is_over() -> Iterator[None]:
    """An approval is not asked for its time."""
    judge = Approvals._judge_approval

    def patient(self: Approvals, state: PlanState, digest: Digest, who: Person) -> Judgement:
        for_ever = replace(state.proposed, expires_at=state.proposed.expires_at + timedelta(days=1))
        return judge(self, replace(state, proposed=for_ever), digest, who)

    with patch.object(Approvals, "_judge_approval", patient):
        yield


@contextmanager
def lets_strangers_in() -> Iterator[None]:
    """The gate is open."""

    async def welcome(self: Gate, update: Any, context: Any) -> None:
        return

    with patch.object(Gate, "_judge", welcome):
        yield


@contextmanager
def marks_told_what_was_not_taken() -> Iterator[None]:
    """What Telegram did not take is given up."""
    deliver = Outbox._deliver

    async def careless(self: Outbox, posts: Sequence[Post]) -> None:
        await deliver(self, posts)

    with patch.object(Outbox, "_deliver", careless):
        yield


@contextmanager
def forgets_what_was_sent() -> Iterator[None]:
    """That a message was sent is not written down."""

    async def forget(self: SqlJournal, card: Any) -> None:
        return

    with patch.object(SqlJournal, "put_card", forget):
        yield


@contextmanager
def buys_back_what_a_stop_has_sold() -> Iterator[None]:
    """A stop sells its part, and its target stays what it was."""
    nothing = frozenset[Asset]()

    def whole(look: Look, conditions: Sequence[Condition]) -> Policy:
        return look.inputs.policy

    with (
        patch.object(guarded, "policy_in_force", whole),
        patch.object(guarded, "not_bought", lambda _: nothing),
        patch.object(guarding, "not_bought", lambda _: nothing),
        patch.object(executor, "not_bought", lambda _: nothing),
    ):
        yield


@contextmanager
def goes_on_where_it_is_halted() -> Iterator[None]:
    """A plan under way does not hear of a halt."""
    nowhere = frozenset[VenueName]()
    with (
        patch.object(executor, "halted_venues", lambda _, __: nowhere),
        patch.object(guarding, "halted_venues", lambda _, __: nowhere),
    ):
        yield


MUTANTS: Final[Mapping[str, Mutant]] = MappingProxyType(
    {
        mutant.__name__: mutant
        for mutant in (
            sends_again_under_a_new_id,
            believes_the_first_not_found,
            believes_silence_by_a_wrong_clock,
            forgets_the_unknown,
            books_a_fill_twice,
            closes_before_the_last_fill,
            forgets_what_was_filled,
            sends_before_the_intent_is_on_disk,
            ignores_the_bound,
            approves_any_digest,
            approves_what_is_over,
            lets_strangers_in,
            marks_told_what_was_not_taken,
            forgets_what_was_sent,
            buys_back_what_a_stop_has_sold,
            goes_on_where_it_is_halted,
        )
    }
)
