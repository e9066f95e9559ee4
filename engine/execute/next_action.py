"""What an executing plan does next. Pure: the plan's state, what the venues show now, and the instant come in.

One order of a plan is at large at a time. Sells come before buys; a leg whose price is outside its bound waits and lets
the others go on; one that lacks funds waits for the legs that bring them, and then takes what there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from engine.execute.plan_state import OrderState, PlanState
from engine.model.ids import LegId, client_order_id
from engine.model.market import Instrument, OrderBook, Side
from engine.model.money import Quantity, floor_to_step
from engine.model.order import OrderRequest, OrderStatus
from engine.model.plan import Leg, PlanStatus
from engine.model.plan_facts import ExecutionPaused
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.book_walk import affordable

PAUSE_BETWEEN_ATTEMPTS: Final = timedelta(seconds=2)
"""A book that was taken needs a moment to fill again."""
LOOK_AGAIN: Final = timedelta(seconds=1)
"""How soon an order at large, a price outside its bound or a silent venue is looked at again."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a venue shows for one leg: its market, the book, and what can be spent. `problem` where it shows nothing."""

    instrument: Instrument | None = None
    book: OrderBook | None = None
    free_base: Decimal = Decimal(0)
    free_quote: Decimal = Decimal(0)
    problem: str = ""


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


Action: TypeAlias = Submit | Ask | Cancel | Settle | Wait | Pause | Finish


def next_action(state: PlanState, sights: Mapping[LegId, Sight], now: datetime) -> Action:
    """The one thing to do now for a plan that is executing, paused or winding down."""
    anomalies = _new_anomalies(state)
    if anomalies and state.status is PlanStatus.EXECUTING:
        return Pause(anomalies)
    at_large = next((o for o in state.orders if o.is_at_large), None)
    if at_large is not None:
        return _follow(state, at_large, now)
    if state.status is PlanStatus.WINDING_DOWN:
        return Finish(completed=False)
    if state.status is PlanStatus.PAUSED:
        return Wait(LOOK_AGAIN)
    open_legs = [leg for leg in state.proposed.plan.legs if not state.leg(leg.id).settled]
    if not open_legs:
        return Finish(completed=True)
    waiting: list[tuple[LegId, Reason]] = []
    pause = LOOK_AGAIN
    for leg in open_legs:
        step = _for_leg(state, leg, sights.get(leg.id, Sight()), now)
        if not isinstance(step, Wait):
            return step
        waiting += step.waiting
        pause = min(pause, step.duration)
    return Wait(pause, tuple(waiting))


def _new_anomalies(state: PlanState) -> tuple[Reason, ...]:
    """Fills of closed orders for which the plan has not been paused yet."""
    pauses = [entry.fact for entry in state.trail if isinstance(entry.fact, ExecutionPaused)]
    seen = {why.get("order") for pause in pauses for why in pause.reasons}
    late = [order for order in state.orders if order.late_fill and order.request.client_order_id not in seen]
    return tuple(
        reason(ReasonCode.LATE_FILL, order=order.request.client_order_id, quantity=order.fills[-1].quantity)
        for order in late
    )


def _follow(state: PlanState, order: OrderState, now: datetime) -> Action:
    """An order that is not over by itself is asked about; one that rests longer than the plan may is cancelled."""
    rests = order.status in (OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED)
    too_long = state.deadline is not None and now >= state.deadline
    return Cancel(order) if rests and (too_long or state.status is PlanStatus.WINDING_DOWN) else Ask(order)


def _for_leg(state: PlanState, leg: Leg, sight: Sight, now: datetime) -> Submit | Settle | Wait:
    attempts = state.orders_of(leg.id)
    last = attempts[-1] if attempts else None
    remaining = Quantity(leg.quantity - state.filled(leg.id))
    if remaining <= 0:
        return Settle(leg.id, ())
    if last and last.status in (OrderStatus.REJECTED, OrderStatus.DENIED):
        words = {"code": "", "message": last.problem}
        return Settle(leg.id, (reason(ReasonCode.REJECTED_BY_VENUE, **words),))
    if state.deadline is not None and now >= state.deadline:
        waited = state.leg(leg.id).waiting
        over = reason(ReasonCode.TIME_OVER, deadline=state.deadline)
        return Settle(leg.id, (over, waited) if waited else (over,))
    if last and now < last.request.intended_at + PAUSE_BETWEEN_ATTEMPTS:
        return Wait(last.request.intended_at + PAUSE_BETWEEN_ATTEMPTS - now)
    if sight.instrument is None or sight.book is None:
        silent = reason(ReasonCode.VENUE_SILENT, venue=leg.venue, problem=sight.problem)
        return Wait(LOOK_AGAIN, ((leg.id, silent),))
    return _at_market(state, leg, sight, remaining, now)


def _at_market(state: PlanState, leg: Leg, sight: Sight, remaining: Quantity, now: datetime) -> Submit | Settle | Wait:
    assert sight.instrument is not None and sight.book is not None, "the caller has looked"
    outside = _outside_bound(leg, sight.book)
    if outside:
        return Wait(LOOK_AGAIN, ((leg.id, outside),))
    quantity, short = _within_funds(leg, sight, sight.instrument, remaining)
    if short and _funds_to_come(state, leg):
        return Wait(LOOK_AGAIN, ((leg.id, short),))
    instrument = sight.instrument
    if (
        quantity < max(instrument.min_amount, instrument.amount_step)
        or quantity * leg.limit_price < instrument.min_notional
    ):
        if short:
            return Settle(leg.id, (short,))
        figures = {"quantity": remaining, "minimum": instrument.min_notional}
        return Settle(leg.id, (reason(ReasonCode.TOO_LITTLE_LEFT, **figures),))
    return Submit(_request(state, leg, quantity, now))


def _outside_bound(leg: Leg, book: OrderBook) -> Reason | None:
    levels = book.side_taken(leg.side)
    if not levels:
        return reason(ReasonCode.PRICE_OUTSIDE_BOUND, best="none", bound=leg.limit_price)
    best = levels[0].price
    inside = best <= leg.limit_price if leg.side is Side.BUY else best >= leg.limit_price
    return None if inside else reason(ReasonCode.PRICE_OUTSIDE_BOUND, best=best, bound=leg.limit_price)


def _within_funds(leg: Leg, sight: Sight, instrument: Instrument, wanted: Quantity) -> tuple[Quantity, Reason | None]:
    """What the venue can pay of the quantity, and the reason where that is less."""
    if leg.side is Side.BUY:
        can: Decimal = affordable(instrument, leg.limit_price, sight.free_quote)
        asset, available, needed = leg.quote, sight.free_quote, wanted * leg.limit_price
    else:
        can = floor_to_step(sight.free_base, instrument.amount_step)
        asset, available, needed = leg.base, sight.free_base, Decimal(wanted)
    quantity = Quantity(floor_to_step(min(wanted, can), instrument.amount_step))
    if can >= wanted:
        return quantity, None
    return quantity, reason(ReasonCode.FUNDS_SHORT, asset=asset, available=available, needed=needed)


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


def _request(state: PlanState, leg: Leg, quantity: Quantity, now: datetime) -> OrderRequest:
    """A new attempt after a known end; the same id again for one that surely never reached the venue."""
    attempts = state.orders_of(leg.id)
    last = attempts[-1] if attempts else None
    again = last is not None and last.status is OrderStatus.INITIALIZED
    number = last.request.attempt if last and again else len(attempts) + 1
    if last and again:
        # Under one id the venue may be asked for no more than was intended under it.
        quantity = Quantity(min(quantity, last.request.quantity))
    return OrderRequest(
        client_order_id=client_order_id(state.proposed.plan_id, leg.id, 1, number),
        leg=leg.id,
        slice_number=1,
        attempt=number,
        venue=leg.venue,
        base=leg.base,
        quote=leg.quote,
        side=leg.side,
        quantity=quantity,
        limit_price=leg.limit_price,
        intended_at=now,
    )
