"""What the engine asks of the world: clock, venues, journal. Shaped by the caller; adapters stay thin.

Errors say what the caller may do next: see `engine.model.errors` (NotSent, Refused, Unconfirmed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from engine.execute.plan_state import PlanState
from engine.model.decision import Decision, PriceSeries, Standing
from engine.model.events import Draft, Event, Fact, StreamId
from engine.model.ids import Asset, ClientOrderId, DecisionId, PlanId, VenueName
from engine.model.ledger import Books, Deposit, Withdrawal
from engine.model.market import Close, Instrument, OrderBook
from engine.model.order import OrderReport, OrderRequest
from engine.model.plan import PlanStatus
from engine.model.portfolio import Balance, Snapshot


class Clock(Protocol):
    """Where the time comes from. Everything else receives instants as arguments."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Return when so much time has passed on this clock."""
        ...


CLOCK_SKEW_ALLOWED: Final = timedelta(seconds=5)
"""How far a venue's clock may be from ours: what it takes for expired is so much later by our clock at the most."""
LONGEST_ON_THE_WAY: Final = timedelta(seconds=60)
"""A request that never expires is given so long to arrive before it is sent again under the same id."""


class ClientIdScope(StrEnum):
    """How far a venue keeps client order ids apart."""

    OPEN_ORDERS = "open_orders"
    """A second order with the id of an open one is refused; of a closed one it is not."""
    FOREVER = "forever"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What recovery needs to know of a venue.

    `acceptance_window` is how long after its signing a request may still be accepted, None where requests never
    expire; `visibility_lag` how long an accepted order may stay invisible to a look-up.
    """

    client_id_scope: ClientIdScope
    acceptance_window: timedelta | None
    visibility_lag: timedelta
    is_pretended: bool = False
    """Its balances are made up by this program: there is nothing to hold them against."""

    @property
    def proof_of_absence_after(self) -> timedelta | None:
        """From the intent on: when a venue that knows nothing of an order proves that the same id may be sent again.

        A request that has expired by then cannot be taken any more; one that has not cannot be taken twice where ids
        are kept apart for ever. None where a venue promises neither: then only a person can tell.
        """
        if self.acceptance_window is not None:
            return self.acceptance_window + CLOCK_SKEW_ALLOWED + self.visibility_lag
        if self.client_id_scope is ClientIdScope.FOREVER:
            return LONGEST_ON_THE_WAY + self.visibility_lag
        return None


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What an API key may do, as the venue says. `unknown` names rights that are not on the allow-list."""

    can_read: bool
    can_trade: bool
    can_withdraw: bool
    ip_restricted: bool
    unknown: tuple[str, ...] = ()
    problem: str = ""
    """Why the venue could not tell; then nothing is granted."""

    @property
    def is_trade_only(self) -> bool:
        """Fail closed: reading and trading, and nothing that moves assets out."""
        return self.can_read and self.can_trade and not (self.can_withdraw or self.unknown or self.problem)

    @property
    def problem_words(self) -> str:
        """What keeps the key from being used, in one sentence with the remedy; empty for one that is trade-only."""
        if self.problem:
            return f"the rights of the key could not be checked ({self.problem})"
        if self.can_withdraw:
            return "the key may withdraw; make one at the exchange that may only read and trade"
        if self.unknown:
            return f"the key has rights not known to be safe ({', '.join(self.unknown)}); make one without them"
        missing = "" if self.can_read and self.can_trade else "read" if not self.can_read else "trade"
        return f"the key may not {missing}; allow it at the exchange" if missing else ""


@dataclass(frozen=True, slots=True)
class VenueProbe:
    """One look at a venue's own state."""

    online: bool
    status: str
    clock_skew: timedelta
    latency: timedelta


class Venue(Protocol):
    """A place that holds assets and trades them. Every method raises only VenueErrors.

    Reads raise NotSent (try again) or Refused (keys, permissions: trying again does not help).
    """

    @property
    def name(self) -> VenueName:
        """The user's name for it, unique in the portfolio."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What recovery needs to know."""
        ...

    async def instruments(self, assets: frozenset[Asset]) -> tuple[Instrument, ...]:
        """The spot markets whose base and quote are both among `assets`, with the account's own fees."""
        ...

    async def balances(self) -> tuple[Balance, ...]:
        """All that the account holds, zero balances left out."""
        ...

    async def tops(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        """The best bid and ask of these markets, as books of one level, in one request where the venue can.

        A market without both is left out.
        """
        ...

    async def books(self, instruments: Sequence[Instrument]) -> tuple[OrderBook, ...]:
        """The whole books of these markets. A venue may allow no more than one of them a second."""
        ...

    async def daily_closes(self, instrument: Instrument, since: datetime) -> tuple[Close, ...]:
        """The last price of every day (UTC) that was over since an instant, oldest first; a day without one is absent.

        Of half a year at the most: more than that, a venue may not tell at once.
        """
        ...

    async def submit(self, order: OrderRequest) -> OrderReport:
        """Send a limit order, immediate or cancel, signed for the time of its intent.

        Raises NotSent, Refused or Unconfirmed.
        """
        ...

    async def cancel(self, order: OrderRequest) -> None:
        """Ask for an order to be cancelled. Raises Refused where there is nothing to cancel."""
        ...

    async def report(self, order: OrderRequest) -> OrderReport | None:
        """What the venue knows of an order by its client id, with its fills; None where it knows nothing."""
        ...

    async def deposits(self, since: datetime) -> tuple[Deposit, ...]:
        """Completed deposits since an instant. Raises Refused where the key may not see them."""
        ...

    async def withdrawals(self, since: datetime) -> tuple[Withdrawal, ...]:
        """Withdrawals that began since an instant, however far they are. Raises Refused where the key may not see them.

        They are only read: nothing here can make one.
        """
        ...

    async def key_rights(self) -> KeyRights:
        """What the key may do."""
        ...

    async def probe(self) -> VenueProbe:
        """Status, clock skew and latency."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class PriceHistory(Protocol):
    """What prices were, as far as it is known."""

    async def daily_closes(self, assets: frozenset[Asset], snapshot: Snapshot) -> tuple[PriceSeries, ...]:
        """Past closes of these assets in the snapshot's numeraire, none later than the snapshot, in the order of names.

        An asset of which nothing recent is known is left out. Never raises for a venue's sake.
        """
        ...


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A plan in a list."""

    plan_id: PlanId
    status: PlanStatus
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A fact that people are still to be told of."""

    event: Event
    attempts: int


@dataclass(frozen=True, slots=True)
class CardRecord:
    """A message that stands for something in a chat, so that it can be edited instead of sent again."""

    key: str
    chat_id: int
    message_id: int
    content_hash: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Expectation:
    """The versions that streams must still have for an append to take place; 0 for a stream that is new."""

    versions: Mapping[StreamId, int] = field(default_factory=dict)


class Journal(Protocol):
    """The append-only log of facts with what is folded from it. One append is one database transaction."""

    async def append(self, drafts: Sequence[Draft], expected: Expectation | None = None) -> tuple[Event, ...]:
        """Write facts, their projections and their outbox rows together, or nothing.

        Raises ConcurrentWrite where a stream is not at its expected version, or another plan is already open, and
        JournalUnavailable where the database cannot be written.
        """
        ...

    async def stream(self, stream: StreamId) -> tuple[Event, ...]:
        """All facts of one stream, oldest first."""
        ...

    async def version(self, stream: StreamId) -> int:
        """How many facts a stream has: an append can expect it to have no more."""
        ...

    async def facts(self, *kinds: type[Fact]) -> tuple[Event, ...]:
        """All facts of some kinds, oldest first."""
        ...

    async def standing(self) -> Standing:
        """What the portfolio's and the plans' facts leave behind for the next decision."""
        ...

    async def books(self) -> Books:
        """What every venue should hold by all facts."""
        ...

    async def plan(self, plan: PlanId) -> PlanState | None:
        """The state of one plan, folded from its stream."""
        ...

    async def open_plan(self) -> PlanState | None:
        """The one plan that is not at its end, if there is one."""
        ...

    async def plans(self, limit: int) -> tuple[PlanSummary, ...]:
        """The newest plans."""
        ...

    async def order(self, client_order_id: ClientOrderId) -> PlanId | None:
        """The plan that an order belongs to."""
        ...

    async def save_decision(self, decision: Decision) -> DecisionId:
        """Keep a decision in full: its large inputs once, by content hash. Saving it again changes nothing."""
        ...

    async def decision(self, decision: DecisionId) -> Decision | None:
        """A stored decision, whole."""
        ...

    async def latest_decision(self) -> Decision | None:
        """The newest stored decision."""
        ...

    async def outbox(self, limit: int) -> tuple[OutboxRow, ...]:
        """Facts that are still to be told, oldest first."""
        ...

    async def mark_told(self, seqs: Sequence[int]) -> None:
        """These facts have been told."""
        ...

    async def mark_failed(self, seqs: Sequence[int]) -> None:
        """Telling these failed once more."""
        ...

    async def card(self, key: str, chat_id: int) -> CardRecord | None:
        """The message that stands for something in a chat."""
        ...

    async def put_card(self, card: CardRecord) -> None:
        """Remember, or replace, the message that stands for something in a chat."""
        ...

    async def close(self) -> None:
        """Let go of the database."""
        ...
