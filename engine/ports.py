"""What the engine asks of the world: clock, venues, journal. Shaped by the caller; adapters stay thin.

Errors say what the caller may do next: see `engine.model.errors` (NotSent, Refused, Unconfirmed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from engine.execute.plan_state import PlanState
from engine.model.decision import Decision, PriceSeries, Standing
from engine.model.events import Draft, Event, Fact, StreamId
from engine.model.ids import Asset, ClientOrderId, DecisionId, PlanId, VenueName
from engine.model.ledger import Books, Deposit, Withdrawal
from engine.model.market import Close, DayVolume, Instrument, OrderBook
from engine.model.money import Quantity
from engine.model.order import HistoricTrade, OrderReport, OrderRequest
from engine.model.plan import PlanStatus
from engine.model.portfolio import Balance, Snapshot
from engine.model.target_changes import SignalReading
from engine.model.venue import Capabilities, KeyRights, VenueProbe
from engine.model.venue_signals import CoinState


class Clock(Protocol):
    """Where the time comes from. Everything else receives instants as arguments."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Return when so much time has passed on this clock."""
        ...


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

    async def daily_volumes(self, instrument: Instrument, since: datetime) -> tuple[DayVolume, ...]:
        """What was traded on every day (UTC) that was over since an instant, in base, oldest first; as the closes."""
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

    async def trades(self, since: datetime, assets: frozenset[Asset]) -> tuple[HistoricTrade, ...]:
        """All trades since an instant in the markets whose base and quote are both among `assets`, oldest first.

        As far back as the venue tells at all. Raises Refused where the key may not see them. It can take minutes.
        """
        ...

    async def key_rights(self) -> KeyRights:
        """What the key may do."""
        ...

    async def probe(self) -> VenueProbe:
        """Status, clock skew and latency."""
        ...

    async def coin_states(self, assets: frozenset[Asset]) -> tuple[CoinState, ...]:
        """Whether each of these coins can be deposited and withdrawn now, in the order of their names.

        Of a coin that the venue does not tell of, both are None. Raises Refused where it tells of none.
        """
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


class SignalSource(Protocol):
    """Where a number from outside is read that targets may follow: a contract on a chain, a file."""

    async def read(self, now: datetime) -> SignalReading:
        """The number as of about now. Where it cannot be read, the reading says why; never raises for that."""
        ...


class VolumeHistory(Protocol):
    """What markets traded, as far as it is known."""

    async def day_volumes(
        self, markets: Sequence[Instrument], now: datetime
    ) -> Mapping[tuple[VenueName, str], Quantity]:
        """What a day trades on these markets, in base, by venue and symbol; without those of which it is not known.

        Never raises for a venue's sake.
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
