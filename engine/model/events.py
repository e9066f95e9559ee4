"""The closed union of facts the journal holds. A fact is never changed; a changed shape gets a new schema version.

Streams: `portfolio:NAME` holds what concerns the whole portfolio, `members:NAME` who may use the bot, and `plan:ID` the
life of one plan and its orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType, TypeAlias

from engine.model.decision import AlertChange, CashFlow, Drift, TriggerVerdict
from engine.model.ids import ClientOrderId, DecisionId, Digest, LegId, PlanId, PortfolioId, UserId, VenueName
from engine.model.money import Quantity, Weight
from engine.model.order import Fill, OrderRequest, OrderStatus
from engine.model.plan import Plan
from engine.model.policy import Policy
from engine.model.portfolio import VenueHealth
from engine.model.reasons import Reason

StreamId = NewType("StreamId", str)


def portfolio_stream(portfolio: PortfolioId) -> StreamId:
    """The stream of a whole portfolio."""
    return StreamId(f"portfolio:{portfolio}")


def members_stream(portfolio: PortfolioId) -> StreamId:
    """The stream of the people of a portfolio."""
    return StreamId(f"members:{portfolio}")


def plan_stream(plan: PlanId) -> StreamId:
    """The stream of one revision of one plan."""
    return StreamId(f"plan:{plan}")


class Role(StrEnum):
    """What a person may do in the chat."""

    OWNER = "owner"


class Mode(StrEnum):
    """Whose money moves."""

    SIMULATION = "simulation"
    """Real market, pretended fills."""
    SANDBOX = "sandbox"
    """A test system behind a `base_url`: simulated exchanges, or an exchange's own testnet."""
    LIVE = "live"


# --- the portfolio ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EngineStarted:
    """The program came up and has recovered."""

    engine_version: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class PolicyAdopted:
    """From now on this policy holds."""

    digest: Digest
    policy: Policy


@dataclass(frozen=True, slots=True)
class PlanningPaused:
    """A person stopped the making of new plans."""

    by: UserId
    until: datetime | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class PlanningResumed:
    """A person let planning go on."""

    by: UserId
    name: str = ""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The portfolio was looked at. `decision` names the stored record, where one was stored in full."""

    decision: DecisionId | None
    fired: bool
    codes: tuple[str, ...]
    """The codes of the verdict's reasons."""


@dataclass(frozen=True, slots=True)
class DriftAlertsChanged:
    """Drift alerts were raised or resolved. `verdict` says what follows from them."""

    changes: tuple[AlertChange, ...]
    drifts: tuple[Drift, ...]
    verdict: TriggerVerdict
    vetoes: tuple[Reason, ...] = ()
    """What keeps a plan from being made although the trigger fired."""


@dataclass(frozen=True, slots=True)
class CalendarAnswered:
    """A date of the schedule was traded on, or was missed and is offered."""

    date: datetime
    missed: bool
    planned: bool = False
    """A plan came of it."""


@dataclass(frozen=True, slots=True)
class CashFlowSeen:
    """A venue recorded new money."""

    cash_flow: CashFlow


@dataclass(frozen=True, slots=True)
class VenueHealthChanged:
    """A venue stopped or began to answer."""

    venue: VenueName
    health: VenueHealth
    problem: str


@dataclass(frozen=True, slots=True)
class PairingCodeIssued:
    """A one-time code was printed; only its SHA-256 is kept."""

    code_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MemberAdded:
    """A person may use the bot."""

    user: UserId
    name: str
    role: Role


# --- one plan --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanProposed:
    """A plan waits for approval."""

    plan_id: PlanId
    root: str
    revision: int
    portfolio: PortfolioId
    mode: Mode
    plan: Plan
    digest: Digest
    decision: DecisionId
    expires_at: datetime
    drifts: tuple[Drift, ...]
    supersedes: PlanId | None = None


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """One person approved this digest. Where several must agree, the plan is approved by the last of them."""

    by: UserId
    digest: Digest
    name: str


@dataclass(frozen=True, slots=True)
class PlanApproved:
    """Enough people, or the policy itself, approved this digest."""

    by: tuple[str, ...]
    digest: Digest


@dataclass(frozen=True, slots=True)
class PlanDeclined:
    """A person refused the plan, or asked to be left alone until an instant."""

    by: UserId
    name: str
    band_use: tuple[tuple[str, Decimal], ...]
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanExpired:
    """Nobody approved it in time, or it was stale at its start."""

    band_use: tuple[tuple[str, Decimal], ...]
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanSuperseded:
    """Another plan takes its place; `by_plan` is absent where none was called for any more."""

    by_plan: PlanId | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ExecutionStarted:
    """From here on orders go out, until `deadline`."""

    deadline: datetime


@dataclass(frozen=True, slots=True)
class ExecutionPaused:
    """No order goes out until it is resumed."""

    reasons: tuple[Reason, ...]
    by: UserId | None = None


@dataclass(frozen=True, slots=True)
class ExecutionResumed:
    """Orders go out again."""

    by: UserId


@dataclass(frozen=True, slots=True)
class StopRequested:
    """What rests is cancelled, nothing more is sent."""

    reasons: tuple[Reason, ...]
    by: UserId | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class LegSettled:
    """A leg is over; `reasons` say why less than planned was done, where it was less."""

    leg: LegId
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class LegWaiting:
    """A leg waits, and why. Told once per reason."""

    leg: LegId
    reason: Reason


@dataclass(frozen=True, slots=True)
class PlanCompleted:
    """All legs are settled. `weights_now` is what the venues showed afterwards, where they answered."""

    weights_now: tuple[tuple[str, Weight], ...]


@dataclass(frozen=True, slots=True)
class PlanAborted:
    """It was wound down before all was done."""

    reasons: tuple[Reason, ...]
    weights_now: tuple[tuple[str, Weight], ...] = ()


# --- one order -------------------------------------------------------------------------------------------------------


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


PortfolioFact: TypeAlias = (
    EngineStarted
    | PolicyAdopted
    | PlanningPaused
    | PlanningResumed
    | Evaluated
    | DriftAlertsChanged
    | CalendarAnswered
    | CashFlowSeen
    | VenueHealthChanged
)
MemberFact: TypeAlias = PairingCodeIssued | MemberAdded
OrderFact: TypeAlias = (
    OrderSubmitting
    | OrderDenied
    | OrderNotSent
    | OrderUnconfirmed
    | OrderProvedAbsent
    | OrderAccepted
    | OrderRejected
    | FillBooked
    | CancelRequested
    | CancelFailed
    | OrderClosed
)
PlanFact: TypeAlias = (
    PlanProposed
    | ApprovalGiven
    | PlanApproved
    | PlanDeclined
    | PlanExpired
    | PlanSuperseded
    | ExecutionStarted
    | ExecutionPaused
    | ExecutionResumed
    | StopRequested
    | LegSettled
    | LegWaiting
    | PlanCompleted
    | PlanAborted
)
Fact: TypeAlias = PortfolioFact | MemberFact | PlanFact | OrderFact

FACTS: Final[dict[str, type]] = {fact.__name__: fact for fact in Fact.__args__}
"""Every fact by the name under which the journal keeps it."""

SCHEMA_VERSION: Final = 1
"""The version of the shapes above. A fact of an older version is brought up when it is read."""

ANNOUNCED: Final[frozenset[type]] = frozenset(
    {
        PlanningPaused,
        PlanningResumed,
        DriftAlertsChanged,
        CalendarAnswered,
        CashFlowSeen,
        VenueHealthChanged,
        MemberAdded,
        PlanProposed,
        ApprovalGiven,
        PlanApproved,
        PlanDeclined,
        PlanExpired,
        PlanSuperseded,
        ExecutionStarted,
        ExecutionPaused,
        ExecutionResumed,
        StopRequested,
        LegSettled,
        LegWaiting,
        PlanCompleted,
        PlanAborted,
        OrderUnconfirmed,
        OrderRejected,
        FillBooked,
    }
)
"""The facts that people are told of: each leaves a row in the outbox, in the transaction that writes it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact about to be written. `at` is when it happened; the causes are sequence numbers, where known."""

    stream: StreamId
    fact: Fact
    at: datetime
    correlation_id: str = ""
    causation_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A fact as the journal holds it: `seq` orders all of them, `stream_version` those of one stream from 1."""

    seq: int
    stream: StreamId
    stream_version: int
    fact: Fact
    ts_event: datetime
    ts_recorded: datetime
    correlation_id: str = ""
    causation_seq: int | None = None

    @property
    def kind(self) -> str:
        """The fact's name."""
        return type(self.fact).__name__
