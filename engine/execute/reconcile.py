"""From a venue's testimony to our facts. Pure: the same report twice gives no second fill and no second end."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.execute.plan_state import OrderState
from engine.model import events as ev
from engine.model.money import total
from engine.model.order import OrderReport, OrderStatus, ReportedStatus

CANCELS_IN_VAIN: Final = 4
"""So many cancels that a halted venue was deaf to are as good as silence."""
QUARANTINED_AFTER: Final = timedelta(minutes=2)
"""A venue that is asked about an order which it should know is given so long to remember it."""

CANCELLED_AGAIN_AFTER: Final = timedelta(seconds=10)
"""An order that still rests so long after we asked to cancel it never heard of that."""

ENDED = {
    ReportedStatus.FILLED: OrderStatus.FILLED,
    ReportedStatus.CANCELED: OrderStatus.CANCELED,
    ReportedStatus.EXPIRED: OrderStatus.EXPIRED,
    # Of an order that was traded, or that we asked to cancel, a rejection says no more than that it is over.
    ReportedStatus.REJECTED: OrderStatus.CANCELED,
}


def facts_of(order: OrderState, report: OrderReport) -> tuple[ev.OrderFact, ...]:
    """What a report adds to what we know of an order.

    An order is closed only once the fills that are booked add up to what the venue claims was traded: a venue may show
    the end of an order before its last trade.
    """
    traded = bool(order.fills or report.fills)
    if report.status is ReportedStatus.REJECTED and not traded and order.status is not OrderStatus.PENDING_CANCEL:
        return () if order.is_closed else (_rejected(order),)
    facts: list[ev.OrderFact] = []
    if order.status in (OrderStatus.SUBMITTED, OrderStatus.UNKNOWN):
        facts.append(ev.OrderAccepted(order.request.client_order_id, report.venue_order_id))
    known = {fill.id for fill in order.fills}
    new = {fill.id: fill for fill in report.fills if fill.id not in known}.values()
    facts += [ev.FillBooked(fill) for fill in new]
    booked = order.filled + total(fill.quantity for fill in new)
    if report.status in ENDED and booked >= report.filled and not order.is_closed:
        facts.append(ev.OrderClosed(order.request.client_order_id, _end(order, report, booked), report.filled))
    return tuple(facts)


def _end(order: OrderState, report: OrderReport, booked: Decimal) -> OrderStatus:
    """A venue may call an order filled that it filled in part and let expire; the quantity tells."""
    if booked >= order.request.quantity:
        return OrderStatus.FILLED
    return OrderStatus.EXPIRED if report.status is ReportedStatus.FILLED else ENDED[report.status]


def _rejected(order: OrderState) -> ev.OrderRejected:
    return ev.OrderRejected(order.request.client_order_id, "", "the venue lists the order as rejected")


def facts_of_silence(order: OrderState, now: datetime, proof_after: timedelta | None) -> tuple[ev.OrderFact, ...]:
    """What it means that the venue knows nothing of an order: only past its acceptance window is it surely absent.

    `proof_after` is None for a venue whose silence proves nothing; and a venue that had shown an order and knows it no
    longer proves nothing either. Then a person is asked.
    """
    request = order.request
    proved = proof_after is not None and now >= request.intended_at + proof_after
    if order.status is OrderStatus.UNKNOWN and proved:
        return (ev.OrderProvedAbsent(request.client_order_id),)
    if order.status is OrderStatus.SUBMITTED:
        return (ev.OrderUnconfirmed(request.client_order_id, "the venue does not know the order yet"),)
    provable = order.status is OrderStatus.UNKNOWN and proof_after is not None
    silent_since = order.updated_at or request.intended_at
    if order.is_at_large and not (provable or order.quarantined) and now >= silent_since + QUARANTINED_AFTER:
        return (ev.OrderQuarantined(request.client_order_id),)
    return ()


def facts_of_deafness(order: OrderState, now: datetime) -> tuple[ev.OrderFact, ...]:
    """What it means that a halted venue does not answer at all: it may never, so that a person may give the order up.

    Until somebody does it is asked on, and nothing is taken for proved.
    """
    silent_since = order.updated_at or order.request.intended_at
    is_deaf = order.cancels_failed >= CANCELS_IN_VAIN or now >= silent_since + QUARANTINED_AFTER
    if order.is_at_large and not order.quarantined and is_deaf:
        return (ev.OrderQuarantined(order.request.client_order_id),)
    return ()


def facts_of_lost_cancel(order: OrderState, report: OrderReport, now: datetime) -> tuple[ev.OrderFact, ...]:
    """An order that we asked to cancel and that rests as before: the request was lost, or a crash kept it from leaving.

    Without this nobody would ask again, and the plan would wait for ever.
    """
    asked_at = order.updated_at or order.request.intended_at
    waits = order.status is OrderStatus.PENDING_CANCEL and report.status is ReportedStatus.OPEN
    if not waits or now < asked_at + CANCELLED_AGAIN_AFTER:
        return ()
    return (ev.CancelFailed(order.request.client_order_id, "the order still rests in the book"),)
