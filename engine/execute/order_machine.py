"""The life of an order, as a literal table: (status, what happened) -> status.

A report is a venue's testimony and an event our fact: this table takes facts only. A fill for a closed order is a fact
like any other; it never reopens the order (`late`: see `plan_state`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from engine.model.errors import EngineError
from engine.model.order import OrderStatus as S


class OrderEvent(StrEnum):
    """What can happen to an order."""

    DENY = "deny"
    SUBMIT = "submit"
    NOT_SENT = "not_sent"
    UNCONFIRMED = "unconfirmed"
    PROVED_ABSENT = "proved_absent"
    ACCEPT = "accept"
    REJECT = "reject"
    FILL_PART = "fill_part"
    FILL_ALL = "fill_all"
    REQUEST_CANCEL = "request_cancel"
    CANCEL_FAILED = "cancel_failed"
    CANCEL = "cancel"
    EXPIRE = "expire"


E = OrderEvent


class ImpossibleOrderEvent(EngineError):
    """The table has no row for this: the caller has a defect, or the journal was tampered with."""


ORDER_TABLE: Final[dict[tuple[S, OrderEvent], S]] = {
    (S.INITIALIZED, E.DENY): S.DENIED,
    (S.INITIALIZED, E.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, E.NOT_SENT): S.INITIALIZED,
    (S.SUBMITTED, E.UNCONFIRMED): S.UNKNOWN,
    (S.SUBMITTED, E.ACCEPT): S.ACCEPTED,
    (S.SUBMITTED, E.REJECT): S.REJECTED,
    # The answer to the request can carry the end of the order at once.
    (S.SUBMITTED, E.FILL_PART): S.PARTIALLY_FILLED,
    (S.SUBMITTED, E.FILL_ALL): S.FILLED,
    (S.SUBMITTED, E.CANCEL): S.CANCELED,
    (S.SUBMITTED, E.EXPIRE): S.EXPIRED,
    # Unknown ends by evidence only: what the venue shows, or its silence past the acceptance window.
    (S.UNKNOWN, E.PROVED_ABSENT): S.INITIALIZED,
    (S.UNKNOWN, E.SUBMIT): S.SUBMITTED,
    (S.UNKNOWN, E.UNCONFIRMED): S.UNKNOWN,
    (S.UNKNOWN, E.ACCEPT): S.ACCEPTED,
    (S.UNKNOWN, E.REJECT): S.REJECTED,
    (S.UNKNOWN, E.FILL_PART): S.PARTIALLY_FILLED,
    (S.UNKNOWN, E.FILL_ALL): S.FILLED,
    (S.UNKNOWN, E.CANCEL): S.CANCELED,
    (S.UNKNOWN, E.EXPIRE): S.EXPIRED,
    (S.ACCEPTED, E.FILL_PART): S.PARTIALLY_FILLED,
    (S.ACCEPTED, E.FILL_ALL): S.FILLED,
    (S.ACCEPTED, E.REQUEST_CANCEL): S.PENDING_CANCEL,
    (S.ACCEPTED, E.CANCEL): S.CANCELED,
    (S.ACCEPTED, E.EXPIRE): S.EXPIRED,
    # Some venues accept, and refuse a moment later.
    (S.ACCEPTED, E.REJECT): S.REJECTED,
    (S.ACCEPTED, E.UNCONFIRMED): S.UNKNOWN,
    (S.PARTIALLY_FILLED, E.FILL_PART): S.PARTIALLY_FILLED,
    (S.PARTIALLY_FILLED, E.FILL_ALL): S.FILLED,
    (S.PARTIALLY_FILLED, E.REQUEST_CANCEL): S.PENDING_CANCEL,
    (S.PARTIALLY_FILLED, E.CANCEL): S.CANCELED,
    (S.PARTIALLY_FILLED, E.EXPIRE): S.EXPIRED,
    (S.PARTIALLY_FILLED, E.UNCONFIRMED): S.UNKNOWN,
    # The acknowledgement can come after the first fill.
    (S.PARTIALLY_FILLED, E.ACCEPT): S.PARTIALLY_FILLED,
    (S.PENDING_CANCEL, E.CANCEL): S.CANCELED,
    (S.PENDING_CANCEL, E.EXPIRE): S.EXPIRED,
    (S.PENDING_CANCEL, E.FILL_PART): S.PENDING_CANCEL,
    # It was filled before the cancel arrived.
    (S.PENDING_CANCEL, E.FILL_ALL): S.FILLED,
    (S.PENDING_CANCEL, E.CANCEL_FAILED): S.ACCEPTED,
    (S.PENDING_CANCEL, E.UNCONFIRMED): S.UNKNOWN,
}


def next_status(status: S, event: OrderEvent) -> S:
    """The status after `event`. Raises ImpossibleOrderEvent where the table has no row."""
    try:
        return ORDER_TABLE[status, event]
    except KeyError as error:
        raise ImpossibleOrderEvent(f"an order that is {status} cannot see {event}") from error
