"""Orders, fills, and a venue's testimony about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.model.ids import Asset, ClientOrderId, LegId, VenueName
from engine.model.market import Side
from engine.model.money import Money, Price, Quantity, total


class OrderStatus(StrEnum):
    """Where an order is in its life. DENIED: we refused. REJECTED: the venue refused."""

    INITIALIZED = "initialized"
    DENIED = "denied"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    PARTIALLY_FILLED = "partially_filled"
    PENDING_CANCEL = "pending_cancel"
    UNKNOWN = "unknown"
    """The venue may have taken it and did not say."""
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"


CLOSED_ORDERS: Final = frozenset(
    {
        OrderStatus.DENIED,
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.EXPIRED,
        OrderStatus.REJECTED,
    }
)


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What is intended, as it is journalled before it is sent: a limit order, immediate or cancel.

    With `post_only` it rests in the book instead, until it is cancelled; a venue refuses one that would trade at once.
    """

    client_order_id: ClientOrderId
    leg: LegId
    slice_number: int
    attempt: int
    venue: VenueName
    base: Asset
    quote: Asset
    side: Side
    quantity: Quantity
    limit_price: Price
    intended_at: datetime
    post_only: bool = False

    @property
    def symbol(self) -> str:
        """BASE/QUOTE."""
        return f"{self.base}/{self.quote}"


@dataclass(frozen=True, slots=True)
class FeePaid:
    """A fee as the venue took it."""

    asset: Asset
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade of an order. `id` is the venue's own and unique on that venue."""

    id: str
    client_order_id: ClientOrderId
    venue: VenueName
    base: Asset
    quote: Asset
    side: Side
    quantity: Quantity
    price: Price
    fees: tuple[FeePaid, ...]
    traded_at: datetime

    @property
    def quote_amount(self) -> Money:
        """Quantity times price, in quote."""
        return Money(self.quantity * self.price)


@dataclass(frozen=True, slots=True)
class HistoricTrade:
    """A trade of the account as a venue's history tells it, whoever sent the order. `id` is that of `Fill`."""

    id: str
    venue: VenueName
    base: Asset
    quote: Asset
    side: Side
    quantity: Quantity
    price: Price
    fees: tuple[FeePaid, ...]
    at: datetime

    @property
    def quote_amount(self) -> Money:
        """Quantity times price, in quote."""
        return Money(self.quantity * self.price)

    def fill_of(self, order: ClientOrderId) -> Fill:
        """The same as a fill of one of our orders."""
        what = (self.venue, self.base, self.quote, self.side, self.quantity, self.price, self.fees, self.at)
        return Fill(self.id, order, *what)


class ReportedStatus(StrEnum):
    """What a venue says of an order."""

    OPEN = "open"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class OrderReport:
    """A venue's testimony about one order. `fills` are those it told of; `filled` is the sum it claims."""

    client_order_id: ClientOrderId
    venue_order_id: str
    status: ReportedStatus
    filled: Quantity
    fills: tuple[Fill, ...] = ()


def average_price(fills: tuple[Fill, ...]) -> Decimal | None:
    """The quantity-weighted price of some fills, in quote; None of none."""
    quantity = total(fill.quantity for fill in fills)
    return total(fill.quote_amount for fill in fills) / quantity if quantity else None
