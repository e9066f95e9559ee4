"""Orders and fills of a sandbox venue, in no dialect, and the store that finds them again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from bot.sandbox.exchange.account import ZERO
from bot.sandbox.exchange.config import InstrumentConfig


class Side(StrEnum):
    """Which way the base asset goes."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        """The side that it trades against."""
        return Side.SELL if self is Side.BUY else Side.BUY


class TimeInForce(StrEnum):
    """How long an order waits."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class OrderStatus(StrEnum):
    """Where an order stands; a partial fill is OPEN with `executed` above zero."""

    OPEN = "open"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"


class RejectReason(StrEnum):
    """Why a venue does not accept an order; each dialect has its own words for it."""

    INSUFFICIENT_FUNDS = "insufficient funds"
    DUPLICATE_CLIENT_ID = "duplicate client id"
    WOULD_TAKE = "post-only order would take"
    NOT_LISTED = "market has no price"


class OrderRejected(Exception):
    """The order was refused, and nothing changed."""

    def __init__(self, reason: RejectReason) -> None:
        """Keep the reason for the dialect."""
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as wished for. A market order has no price; one by cost has `quote_quantity` alone.

    One that is `post_only` and would take is refused, or with `cancel_taking` accepted and cancelled before it trades.
    """

    instrument: InstrumentConfig
    side: Side
    quantity: Decimal | None
    price: Decimal | None = None
    quote_quantity: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    cancel_taking: bool = False
    fee_in_base: bool = False
    client_id: str | None = None
    user_ref: int | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution; `time` in wall seconds, `cost` in quote, without the fee."""

    id: int
    order_id: int
    price: Decimal
    quantity: Decimal
    cost: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool
    time: float


@dataclass(slots=True)
class Order:
    """An order that the venue accepted; times in wall seconds."""

    id: int
    request: OrderRequest
    client_id: str
    quantity: Decimal
    created: float
    updated: float
    status: OrderStatus = OrderStatus.OPEN
    executed: Decimal = ZERO
    cost: Decimal = ZERO
    locked: Decimal = ZERO
    close_reason: str | None = None
    fills: list[Fill] = field(default_factory=list)

    @property
    def instrument(self) -> InstrumentConfig:
        """The market it belongs to."""
        return self.request.instrument

    @property
    def side(self) -> Side:
        """Buy or sell."""
        return self.request.side

    @property
    def price(self) -> Decimal | None:
        """The limit; None for a market order."""
        return self.request.price

    @property
    def remaining(self) -> Decimal:
        """What is left to fill, in base."""
        return self.quantity - self.executed

    @property
    def is_open(self) -> bool:
        """Whether it can still fill."""
        return self.status is OrderStatus.OPEN


class OrderStore:
    """All orders of a venue, oldest first."""

    def __init__(self) -> None:
        """Empty."""
        self._orders: dict[int, Order] = {}
        self._open: dict[int, Order] = {}
        self._latest_by_client_id: dict[str, Order] = {}

    def add(self, order: Order) -> None:
        """Keep an order; a client id that was used before points to it from now on."""
        self._orders[order.id] = order
        self._latest_by_client_id[order.client_id] = order
        if order.is_open:
            self._open[order.id] = order

    def settle(self, order: Order) -> None:
        """Note that an order is no longer open."""
        self._open.pop(order.id, None)

    def get(self, order_id: int) -> Order | None:
        """The order with the venue's id."""
        return self._orders.get(order_id)

    def by_client_id(self, client_id: str) -> Order | None:
        """The newest order with this client id."""
        return self._latest_by_client_id.get(client_id)

    def open(self, symbol: str | None = None) -> list[Order]:
        """Open orders, oldest first, of one market or of all."""
        return [order for order in self._open.values() if symbol in (None, symbol_of(order.instrument))]

    def all(self, symbol: str | None = None) -> list[Order]:
        """All orders, oldest first, of one market or of all."""
        return [order for order in self._orders.values() if symbol in (None, symbol_of(order.instrument))]

    def fills(self) -> Iterator[tuple[Order, Fill]]:
        """All executions in the order in which they happened."""
        pairs = ((order, fill) for order in self._orders.values() for fill in order.fills)
        return iter(sorted(pairs, key=lambda pair: pair[1].id))


def symbol_of(instrument: InstrumentConfig) -> str:
    """The sandbox's own name of a market, such as BTC/USDT."""
    return f"{instrument.base}/{instrument.quote}"
