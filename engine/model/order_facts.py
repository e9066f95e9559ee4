"""Facts about one order of a plan: what was intended, and what the venue did with it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.ids import ClientOrderId, UserId
from engine.model.money import Quantity
from engine.model.order import Fill, OrderRequest, OrderStatus
from engine.model.reasons import Reason


@dataclass(frozen=True, slots=True)
class OrderSubmitting:
    """The intent, on disk before the request is on the wire. Also written before the same id is sent again."""

    order: OrderRequest


@dataclass(frozen=True, slots=True)
class OrderDenied:
    """We refused to send it."""

    client_order_id: ClientOrderId
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class OrderNotSent:
    """It certainly did not reach the venue."""

    client_order_id: ClientOrderId
    problem: str


@dataclass(frozen=True, slots=True)
class OrderUnconfirmed:
    """The venue may have taken it and did not say."""

    client_order_id: ClientOrderId
    problem: str


@dataclass(frozen=True, slots=True)
class OrderProvedAbsent:
    """Past its acceptance window the venue knows nothing of it: the same id may be sent again."""

    client_order_id: ClientOrderId


@dataclass(frozen=True, slots=True)
class OrderQuarantined:
    """The venue knows nothing of an order that it may have, and its silence proves nothing: only a person can tell."""

    client_order_id: ClientOrderId


@dataclass(frozen=True, slots=True)
class OrderGivenUp:
    """A person has looked at the venue: the order is not there, or over. A later fill is booked all the same."""

    client_order_id: ClientOrderId
    by: UserId
    name: str


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """The venue has it."""

    client_order_id: ClientOrderId
    venue_order_id: str


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """The venue refused it."""

    client_order_id: ClientOrderId
    code: str
    message: str

    @property
    def said(self) -> str:
        """Its words, and its code for looking them up; empty where it gave neither."""
        return f"{self.message} ({self.code})" if self.code and self.message else self.message or self.code


@dataclass(frozen=True, slots=True)
class FillBooked:
    """A trade of an order. The same venue trade is booked once."""

    fill: Fill


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """We asked the venue to cancel it."""

    client_order_id: ClientOrderId


@dataclass(frozen=True, slots=True)
class CancelFailed:
    """The venue did not cancel it: it lives on."""

    client_order_id: ClientOrderId
    problem: str


@dataclass(frozen=True, slots=True)
class OrderClosed:
    """The venue is done with it: `status` is FILLED, CANCELED or EXPIRED, and `filled` what it claims was traded."""

    client_order_id: ClientOrderId
    status: OrderStatus
    filled: Quantity
