"""A plan and its orders as a fold over the facts of its stream. Pure: replaying the stream gives the same state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from engine.execute.order_machine import OrderEvent
from engine.execute.order_machine import next_status as next_order_status
from engine.execute.plan_machine import PlanEvent
from engine.execute.plan_machine import next_status as next_plan_status
from engine.model import events as ev
from engine.model.errors import UnknownRecord
from engine.model.ids import ClientOrderId, LegId
from engine.model.money import Quantity, total
from engine.model.order import CLOSED_ORDERS, Fill, OrderRequest, OrderStatus
from engine.model.plan import TERMINAL_PLANS, Leg, PlanStatus
from engine.model.plan_facts import AT_ONCE
from engine.model.reasons import Reason


@dataclass(frozen=True, slots=True)
class OrderState:
    """One attempt at one slice of a leg, as far as we know."""

    request: OrderRequest
    status: OrderStatus
    venue_order_id: str = ""
    fills: tuple[Fill, ...] = ()
    problem: str = ""
    late_fill: bool = False
    """A fill came after its end."""
    quarantined: bool = False
    """Only a person can tell what became of it."""
    cancels_failed: int = 0
    """How often its venue could not be asked to cancel it."""
    updated_at: datetime | None = None
    """When the last fact about it was written."""

    @property
    def filled(self) -> Quantity:
        """The sum of the fills that are booked."""
        return Quantity(total(fill.quantity for fill in self.fills))

    @property
    def is_closed(self) -> bool:
        """Nothing more can be sent or expected for it."""
        return self.status in CLOSED_ORDERS

    @property
    def is_at_large(self) -> bool:
        """The venue has it, or may have it."""
        return not self.is_closed and self.status is not OrderStatus.INITIALIZED


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """What became of the plan, for the card: who did what when."""

    at: datetime
    fact: ev.PlanFact


@dataclass(frozen=True, slots=True)
class LegState:
    """Whether a leg is over, which of its slices are, and what it waits for."""

    settled: bool = False
    reasons: tuple[Reason, ...] = ()
    waiting: Reason | None = None
    ended: tuple[ev.SliceEnded, ...] = ()
    """The slices that ended before all of them was traded."""


@dataclass(frozen=True, slots=True)
class PlanState:
    """The present state of one plan. `version` is that of its stream: an append names it."""

    proposed: ev.PlanProposed
    created_at: datetime
    updated_at: datetime
    version: int
    status: PlanStatus = PlanStatus.PROPOSED
    approvals: tuple[ev.ApprovalGiven, ...] = ()
    trail: tuple[TrailEntry, ...] = ()
    orders: tuple[OrderState, ...] = ()
    legs: tuple[tuple[LegId, LegState], ...] = ()
    deadline: datetime | None = None
    started_at: datetime | None = None
    """When the first order could go out; pauses move it, so that their time does not count."""
    paused_at: datetime | None = None
    pace: ev.Pace = AT_ONCE
    ended: ev.PlanCompleted | ev.PlanAborted | None = None

    @property
    def is_terminal(self) -> bool:
        """At its end; no fact reopens it."""
        return self.status in TERMINAL_PLANS

    def order(self, client_order_id: ClientOrderId) -> OrderState:
        """An order by its client id. Raises UnknownRecord where there is none."""
        for order in self.orders:
            if order.request.client_order_id == client_order_id:
                return order
        raise UnknownRecord(f"plan {self.proposed.plan_id} has no order {client_order_id}")

    def leg(self, leg: LegId) -> LegState:
        """The state of a leg."""
        return dict(self.legs).get(leg, LegState())

    def orders_of(self, leg: LegId) -> tuple[OrderState, ...]:
        """The attempts at a leg, oldest first."""
        return tuple(order for order in self.orders if order.request.leg == leg)

    def fills_of(self, leg: LegId) -> tuple[Fill, ...]:
        """The fills of a leg, in the order of its orders."""
        return tuple(fill for order in self.orders_of(leg) for fill in order.fills)

    def filled(self, leg: LegId) -> Quantity:
        """The base that was traded for a leg."""
        return Quantity(total(order.filled for order in self.orders_of(leg)))

    def filled_of_slice(self, leg: LegId, number: int) -> Quantity:
        """The base that was traded for one slice of a leg."""
        own = (order.filled for order in self.orders_of(leg) if order.request.slice_number == number)
        return Quantity(total(own))

    def slice_at(self, leg: Leg) -> int | None:
        """The number of the slice that a leg is at, from 1; None past the last."""
        over = {fact.number for fact in self.leg(leg.id).ended}
        for number, size in enumerate(leg.parts, start=1):
            if number not in over and self.filled_of_slice(leg.id, number) < size:
                return number
        return None

    @property
    def fills(self) -> tuple[Fill, ...]:
        """All fills, in the order in which they were booked within each order."""
        return tuple(fill for order in self.orders for fill in order.fills)

    @property
    def has_anomaly(self) -> bool:
        """A fill came for an order that was already closed."""
        return any(order.late_fill for order in self.orders)


PLAN_EVENTS: dict[type, PlanEvent] = {
    ev.PlanApproved: PlanEvent.APPROVE,
    ev.PlanDeclined: PlanEvent.DECLINE,
    ev.PlanExpired: PlanEvent.EXPIRE,
    ev.PlanSuperseded: PlanEvent.SUPERSEDE,
    ev.ExecutionStarted: PlanEvent.START,
    ev.ExecutionPaused: PlanEvent.PAUSE,
    ev.ExecutionResumed: PlanEvent.RESUME,
    ev.StopRequested: PlanEvent.STOP,
    ev.PlanCompleted: PlanEvent.COMPLETE,
    ev.PlanAborted: PlanEvent.ABORT,
}
"""The plan facts that move the plan machine."""

ORDER_EVENTS: dict[type, OrderEvent] = {
    ev.OrderDenied: OrderEvent.DENY,
    ev.OrderNotSent: OrderEvent.NOT_SENT,
    ev.OrderUnconfirmed: OrderEvent.UNCONFIRMED,
    ev.OrderProvedAbsent: OrderEvent.PROVED_ABSENT,
    ev.OrderAccepted: OrderEvent.ACCEPT,
    ev.OrderRejected: OrderEvent.REJECT,
    ev.OrderGivenUp: OrderEvent.CANCEL,
    ev.CancelRequested: OrderEvent.REQUEST_CANCEL,
    ev.CancelFailed: OrderEvent.CANCEL_FAILED,
}
"""The order facts that move the order machine by themselves; submissions, fills and ends look at quantities."""

ENDS: dict[OrderStatus, OrderEvent] = {
    OrderStatus.FILLED: OrderEvent.FILL_ALL,
    OrderStatus.CANCELED: OrderEvent.CANCEL,
    OrderStatus.EXPIRED: OrderEvent.EXPIRE,
}


def fold(events: Iterable[ev.Event]) -> PlanState | None:
    """The state after all facts of a plan's stream; None of an empty one."""
    state: PlanState | None = None
    for event in events:
        state = apply(state, event)
    return state


def apply(state: PlanState | None, event: ev.Event) -> PlanState:
    """The state after one more fact. Raises ImpossiblePlanEvent or ImpossibleOrderEvent where it cannot follow."""
    fact = event.fact
    if isinstance(fact, ev.PlanProposed):
        return PlanState(fact, event.ts_event, event.ts_event, event.stream_version)
    if state is None:
        raise UnknownRecord(f"{event.stream} does not begin with a proposal")
    state = replace(state, version=event.stream_version, updated_at=event.ts_event)
    if isinstance(fact, ev.OrderFact):
        return _apply_to_order(state, fact)
    if isinstance(fact, ev.PlanFact):
        return _apply_to_plan(state, fact, event.ts_event)
    raise UnknownRecord(f"{event.kind} does not belong to a plan")


def _apply_to_plan(state: PlanState, fact: ev.PlanFact, at: datetime) -> PlanState:
    if isinstance(fact, ev.LegSettled):
        settled = replace(state.leg(fact.leg), settled=True, reasons=fact.reasons, waiting=None)
        return _with_leg(state, fact.leg, settled)
    if isinstance(fact, ev.LegWaiting):
        return _with_leg(state, fact.leg, replace(state.leg(fact.leg), waiting=fact.reason))
    if isinstance(fact, ev.SliceEnded):
        known = state.leg(fact.leg)
        return _with_leg(state, fact.leg, replace(known, ended=(*known.ended, fact), waiting=None))
    state = replace(state, trail=(*state.trail, TrailEntry(at, fact)))
    if isinstance(fact, ev.ApprovalGiven):
        return replace(state, approvals=(*state.approvals, fact))
    state = replace(state, status=next_plan_status(state.status, PLAN_EVENTS[type(fact)]))
    if isinstance(fact, ev.ExecutionStarted):
        return replace(state, deadline=fact.deadline, started_at=at, pace=fact.pace)
    if isinstance(fact, ev.ExecutionPaused):
        return replace(state, paused_at=at)
    if isinstance(fact, ev.ExecutionResumed):
        return _without_the_pause(state, at)
    if isinstance(fact, ev.PlanCompleted | ev.PlanAborted):
        return replace(state, ended=fact)
    return state


def _without_the_pause(state: PlanState, at: datetime) -> PlanState:
    """What was still to come is as far away as it was when the plan was paused."""
    if state.paused_at is None or state.started_at is None or state.deadline is None:
        return state
    stood = at - state.paused_at
    return replace(state, started_at=state.started_at + stood, deadline=state.deadline + stood, paused_at=None)


def _apply_to_order(state: PlanState, fact: ev.OrderFact) -> PlanState:
    if isinstance(fact, ev.OrderSubmitting):
        return _submit(state, fact.order)
    if isinstance(fact, ev.FillBooked):
        return _book(state, fact.fill)
    order = state.order(fact.client_order_id)
    if isinstance(fact, ev.OrderQuarantined):
        return _with_order(state, replace(order, quarantined=True))
    if isinstance(fact, ev.OrderClosed):
        if order.status is fact.status:
            return state
        return _with_order(state, replace(order, status=next_order_status(order.status, ENDS[fact.status])))
    order = replace(order, status=next_order_status(order.status, ORDER_EVENTS[type(fact)]))
    if isinstance(fact, ev.OrderAccepted):
        order = replace(order, venue_order_id=fact.venue_order_id)
        # Whatever the leg waited for while nobody knew of the order is over.
        state = _with_leg(state, order.request.leg, replace(state.leg(order.request.leg), waiting=None))
    elif isinstance(fact, ev.OrderRejected):
        order = replace(order, problem=fact.said)
    elif isinstance(fact, ev.CancelFailed):
        order = replace(order, problem=fact.problem, cancels_failed=order.cancels_failed + 1)
    elif isinstance(fact, ev.OrderNotSent | ev.OrderUnconfirmed):
        order = replace(order, problem=fact.problem)
    return _with_order(state, order)


def _submit(state: PlanState, request: OrderRequest) -> PlanState:
    known = [o for o in state.orders if o.request.client_order_id == request.client_order_id]
    order = known[0] if known else OrderState(request, OrderStatus.INITIALIZED)
    sent = replace(order, request=request, status=next_order_status(order.status, OrderEvent.SUBMIT))
    leg = replace(state.leg(request.leg), waiting=None)
    return _with_order(_with_leg(state, request.leg, leg), sent)


def _book(state: PlanState, fill: Fill) -> PlanState:
    order = state.order(fill.client_order_id)
    if any(known.id == fill.id and known.venue == fill.venue for known in order.fills):
        return state
    booked = replace(order, fills=(*order.fills, fill))
    if order.is_closed:
        # Facts are never refused: the fill is booked, and the order stays closed.
        return _with_order(state, replace(booked, late_fill=True))
    whole = booked.filled >= order.request.quantity
    event = OrderEvent.FILL_ALL if whole else OrderEvent.FILL_PART
    return _with_order(state, replace(booked, status=next_order_status(order.status, event)))


def _with_order(state: PlanState, order: OrderState) -> PlanState:
    wanted = order.request.client_order_id
    order = replace(order, updated_at=state.updated_at)
    if any(o.request.client_order_id == wanted for o in state.orders):
        orders = tuple(order if o.request.client_order_id == wanted else o for o in state.orders)
    else:
        orders = (*state.orders, order)
    return replace(state, orders=orders)


def _with_leg(state: PlanState, leg: LegId, leg_state: LegState) -> PlanState:
    legs = dict(state.legs)
    legs[leg] = leg_state
    return replace(state, legs=tuple(sorted(legs.items())))
