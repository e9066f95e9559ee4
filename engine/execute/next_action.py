"""What an executing plan does next. Pure: the plan's state, what the venues show now, and the instant come in.

One order of a plan is at large at a time. Sells come before buys; a leg whose price is outside its bound waits and lets
the others go on; one that lacks funds waits for the legs that bring them, and then takes what there is. A leg in slices
trades one after the other, each at its time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from engine.execute.plan_state import OrderState, PlanState
from engine.execute.routing import Route, Sight, best_route
from engine.execute.slicing import due_times
from engine.model.ids import LegId, VenueName, client_order_id
from engine.model.market import Side
from engine.model.money import Price, Quantity, exact
from engine.model.order import OrderRequest, OrderStatus
from engine.model.plan import Leg, PlanStatus
from engine.model.plan_facts import ExecutionPaused
from engine.model.reasons import Reason, ReasonCode, reason

PAUSE_BETWEEN_ATTEMPTS: Final = timedelta(seconds=2)
"""A book that was taken needs a moment to fill again."""
LOOK_AGAIN: Final = timedelta(seconds=1)
"""How soon an order at large, a price outside its bound or a silent venue is looked at again."""
LONGEST_SLEEP: Final = timedelta(seconds=30)
"""A slice that is due in an hour must not keep a person's word waiting as long."""


@dataclass(frozen=True, slots=True)
class Submit:
    """Journal this intent, then send it."""

    order: OrderRequest


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the venue about an order that is at large."""

    order: OrderState


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ask the venue to cancel an order that rests."""

    order: OrderState


@dataclass(frozen=True, slots=True)
class Settle:
    """The leg is over."""

    leg: LegId
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class EndSlice:
    """A slice of a leg is over before all of it was traded."""

    leg: LegId
    number: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done before this long; `waiting` says which legs wait for what."""

    duration: timedelta
    waiting: tuple[tuple[LegId, Reason], ...] = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """Something happened that must not happen: a person is to look at it before more is sent."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing is left to be done: completed, or wound down."""

    completed: bool


Action: TypeAlias = Submit | Ask | Cancel | Settle | EndSlice | Wait | Pause | Finish
Sights: TypeAlias = Mapping[LegId, Sequence[Sight]]
"""What the venues show for each leg, its own venue first."""


@exact
def next_action(state: PlanState, sights: Sights, now: datetime, halted: Collection[VenueName] = frozenset()) -> Action:
    """The one thing to do now for a plan that is executing, paused or winding down.

    At venues that are `halted` nothing more is sent, what rests is cancelled, and legs are over.
    """
    anomalies = _new_anomalies(state)
    if anomalies and state.status is PlanStatus.EXECUTING:
        return Pause(anomalies)
    at_large = next((o for o in state.orders if o.is_at_large), None)
    if at_large is not None:
        return _follow(state, at_large, now, at_halted=at_large.request.venue in halted)
    if state.status is PlanStatus.WINDING_DOWN:
        return Finish(completed=False)
    if state.status is PlanStatus.PAUSED:
        return Wait(LOOK_AGAIN)
    open_legs = [leg for leg in state.proposed.plan.legs if not state.leg(leg.id).settled]
    if not open_legs:
        return Finish(completed=True)
    waiting: list[tuple[LegId, Reason]] = []
    pause = LONGEST_SLEEP
    for leg in open_legs:
        if leg.venue in halted:
            return Settle(leg.id, (*_reasons_so_far(state, leg), reason(ReasonCode.VENUE_HALTED, venue=leg.venue)))
        step = _for_leg(state, leg, sights.get(leg.id, ()), now)
        if not isinstance(step, Wait):
            return step
        waiting += step.waiting
        pause = min(pause, step.duration)
    return Wait(pause, tuple(waiting))


def legs_to_trade(state: PlanState, now: datetime) -> tuple[Leg, ...]:
    """The legs whose markets matter for the next action: none while an order is at large, or nothing is to be sent."""
    if state.status is not PlanStatus.EXECUTING or any(order.is_at_large for order in state.orders):
        return ()
    open_legs = (leg for leg in state.proposed.plan.legs if not state.leg(leg.id).settled)
    return tuple(leg for leg in open_legs if is_due(state, leg, now))


def is_due(state: PlanState, leg: Leg, now: datetime) -> bool:
    """Whether a leg's market matters now: its next slice is due, or has been waited for."""
    number = state.slice_at(leg)
    return number is None or now >= due_at(state, leg, number)


def due_at(state: PlanState, leg: Leg, number: int) -> datetime:
    """When a slice of a leg is due."""
    assert state.started_at is not None, "a plan that trades has started"
    return due_times(state.pace, state.started_at, len(leg.parts), state.proposed.plan_id, leg.id)[number - 1]


def _new_anomalies(state: PlanState) -> tuple[Reason, ...]:
    """Fills of closed orders for which the plan has not been paused yet."""
    pauses = [entry.fact for entry in state.trail if isinstance(entry.fact, ExecutionPaused)]
    seen = {why.get("order") for pause in pauses for why in pause.reasons}
    late = [order for order in state.orders if order.late_fill and order.request.client_order_id not in seen]
    return tuple(
        reason(ReasonCode.LATE_FILL, order=order.request.client_order_id, quantity=order.fills[-1].quantity)
        for order in late
    )


def _follow(state: PlanState, order: OrderState, now: datetime, *, at_halted: bool) -> Action:
    """An order that is not over by itself is asked about; one that rests longer than it may is cancelled."""
    rests = order.status in (OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED)
    until = order.request.intended_at + (state.pace.maker_wait or timedelta(0))
    rested = order.request.post_only and now >= until
    too_long = state.deadline is not None and now >= state.deadline
    unwanted = state.status in (PlanStatus.WINDING_DOWN, PlanStatus.PAUSED)
    return Cancel(order) if rests and (rested or too_long or unwanted or at_halted) else Ask(order)


def _for_leg(state: PlanState, leg: Leg, sights: Sequence[Sight], now: datetime) -> Submit | Settle | EndSlice | Wait:
    number = state.slice_at(leg)
    if number is None:
        return Settle(leg.id, _reasons_so_far(state, leg))
    attempts = [order for order in state.orders_of(leg.id) if order.request.slice_number == number]
    last = attempts[-1] if attempts else None
    if last and last.status in (OrderStatus.REJECTED, OrderStatus.DENIED) and not last.request.post_only:
        return Settle(leg.id, (reason(ReasonCode.REJECTED_BY_VENUE, message=last.problem),))
    if state.deadline is not None and now >= state.deadline:
        waited = state.leg(leg.id).waiting
        over = reason(ReasonCode.TIME_OVER, deadline=state.deadline)
        return Settle(leg.id, (over, waited) if waited else (over,))
    due = due_at(state, leg, number)
    if now < due:
        return Wait(min(due - now, LONGEST_SLEEP))
    if last and _needs_a_pause(last) and now < last.request.intended_at + PAUSE_BETWEEN_ATTEMPTS:
        return Wait(last.request.intended_at + PAUSE_BETWEEN_ATTEMPTS - now)
    return _at_market(state, leg, number, sights, now)


def _needs_a_pause(last: OrderState) -> bool:
    """What took from the book, or never left, is not followed at once. What rested has given the book its time."""
    return not last.request.post_only or last.status is OrderStatus.INITIALIZED


def _at_market(
    state: PlanState, leg: Leg, number: int, sights: Sequence[Sight], now: datetime
) -> Submit | Settle | EndSlice | Wait:
    wanted = Quantity(leg.parts[number - 1] - state.filled_of_slice(leg.id, number))
    again = _to_be_sent_again(state, leg, number)
    usable = [sight for sight in sights if again is None or sight.venue == again.request.venue]
    route = best_route(state, leg, usable, wanted)
    if isinstance(route, Reason):
        return Wait(LOOK_AGAIN, ((leg.id, route),))
    if route.short and _funds_to_come(state, leg):
        return Wait(LOOK_AGAIN, ((leg.id, route.short),))
    if not route.is_tradeable:
        figures = {"quantity": wanted, "minimum": route.instrument.min_notional}
        return _over(state, leg, number, route.short or reason(ReasonCode.TOO_LITTLE_LEFT, **figures))
    return Submit(_request(state, leg, number, route, now))


def _over(state: PlanState, leg: Leg, number: int, why: Reason) -> Settle | EndSlice:
    """A slice that cannot be finished; with the last one the leg is over."""
    if number < len(leg.parts):
        return EndSlice(leg.id, number, (why,))
    return Settle(leg.id, tuple(dict.fromkeys((*_reasons_so_far(state, leg), why))))


def _reasons_so_far(state: PlanState, leg: Leg) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(why for end in state.leg(leg.id).ended for why in end.reasons))


def _funds_to_come(state: PlanState, leg: Leg) -> bool:
    """A leg that comes before it on the venue is still open, and brings what this one pays with."""
    legs = state.proposed.plan.legs
    pays_with = leg.quote if leg.side is Side.BUY else leg.base
    return any(
        other.venue == leg.venue
        and pays_with == (other.base if other.side is Side.BUY else other.quote)
        and not state.leg(other.id).settled
        for other in legs[: legs.index(leg)]
    )


def _to_be_sent_again(state: PlanState, leg: Leg, number: int) -> OrderState | None:
    """An attempt that surely never reached its venue: the same id goes out again, to the same venue."""
    attempts = [order for order in state.orders_of(leg.id) if order.request.slice_number == number]
    last = attempts[-1] if attempts else None
    return last if last is not None and last.status is OrderStatus.INITIALIZED else None


def _request(state: PlanState, leg: Leg, number: int, route: Route, now: datetime) -> OrderRequest:
    """A new attempt after a known end; the same id again for one that surely never reached the venue."""
    attempts = [order for order in state.orders_of(leg.id) if order.request.slice_number == number]
    again = _to_be_sent_again(state, leg, number)
    attempt = again.request.attempt if again else len(attempts) + 1
    # Under one id the venue may be asked for no more than was intended under it, and in no other way.
    quantity = Quantity(min(route.quantity, again.request.quantity)) if again else route.quantity
    post_only = again.request.post_only if again else _rests_first(state, leg, route, attempt)
    return OrderRequest(
        client_order_id=client_order_id(state.proposed.plan_id, leg.id, number, attempt),
        leg=leg.id,
        slice_number=number,
        attempt=attempt,
        venue=VenueName(route.venue),
        base=leg.base,
        quote=leg.quote,
        side=leg.side,
        quantity=quantity,
        limit_price=_resting_price(leg, route, again) if post_only else route.limit_price,
        intended_at=now,
        post_only=post_only,
    )


def _rests_first(state: PlanState, leg: Leg, route: Route, attempt: int) -> bool:
    """The first attempt at a slice rests in the book, where the pace says so and the venue takes it at that price."""
    if state.pace.maker_wait is None or attempt > 1 or not route.book.is_two_sided:
        return False
    return route.quantity * _makers_price(leg, route) >= route.instrument.min_notional


def _resting_price(leg: Leg, route: Route, again: OrderState | None) -> Price:
    """The maker's price now; that of the intent before, where there is none, or it would make the order too small."""
    if again is None:
        return _makers_price(leg, route)
    price = _makers_price(leg, route) if route.book.is_two_sided else again.request.limit_price
    quantity = min(route.quantity, again.request.quantity)
    return price if quantity * price >= route.instrument.min_notional else again.request.limit_price


def _makers_price(leg: Leg, route: Route) -> Price:
    """The best price of one's own side of the book, within the leg's bound."""
    if leg.side is Side.BUY:
        return Price(min(route.book.bids[0].price, leg.limit_price))
    return Price(max(route.book.asks[0].price, leg.limit_price))
