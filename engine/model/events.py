"""The closed union of facts the journal holds. A fact is never changed; a changed shape gets a new schema version.

Streams: `portfolio:NAME` holds what concerns the whole portfolio, `members:NAME` who may use the bot, and `plan:ID` the
life of one plan and its orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NewType, TypeAlias

from engine.model.guard_facts import (
    ConditionsChanged,
    GuardRearmed,
    GuardSigned,
    GuardUnsigned,
    StopsMarked,
    VenueResumed,
    VenuesJudged,
)
from engine.model.ids import PlanId, PortfolioId
from engine.model.ledger_facts import (
    BalancesAdopted,
    ChangeAnswered,
    ChangeQuestioned,
    ChangeResolved,
    DeclarationUsed,
    MovementDeclared,
    TransferArrived,
    TransferNoticed,
    TransitAnswered,
    WithdrawalReturned,
    WithdrawalSeen,
)
from engine.model.model_facts import (
    ShadowNoted,
    SignalNoted,
    TargetsAdopted,
    TargetsChecked,
    TargetsDropped,
    TargetsKept,
    TargetsLapsed,
    TargetsProposed,
    TargetsTraded,
)
from engine.model.order_facts import (
    CancelFailed,
    CancelRequested,
    FillBooked,
    OrderAccepted,
    OrderClosed,
    OrderDenied,
    OrderGivenUp,
    OrderNotSent,
    OrderProvedAbsent,
    OrderQuarantined,
    OrderRejected,
    OrderSubmitting,
    OrderUnconfirmed,
)
from engine.model.plan_facts import (
    ApprovalGiven,
    ExecutionPaused,
    ExecutionResumed,
    ExecutionStarted,
    LegSettled,
    LegWaiting,
    Pace,
    PlanAborted,
    PlanApproved,
    PlanCompleted,
    PlanDeclined,
    PlanExpired,
    PlanProposed,
    PlanSuperseded,
    SliceEnded,
    StopRequested,
)
from engine.model.portfolio_facts import (
    CalendarAnswered,
    CashFlowSeen,
    DriftAlertsChanged,
    EngineStarted,
    Evaluated,
    LoudnessChosen,
    MemberAdded,
    Mode,
    PairingCodeIssued,
    PlanningPaused,
    PlanningResumed,
    PolicyAdopted,
    QuietChosen,
    Role,
    TradingKilled,
    TradingRevived,
    VenueHealthChanged,
    VetoesChanged,
)
from engine.model.tax_facts import BasisStated, HarvestSuggested, HistoryImported, PricesNoted

__all__ = [
    "FACTS",
    "SCHEMA_VERSION",
    "ApprovalGiven",
    "BalancesAdopted",
    "BasisStated",
    "CalendarAnswered",
    "CancelFailed",
    "CancelRequested",
    "CashFlowSeen",
    "ChangeAnswered",
    "ChangeQuestioned",
    "ChangeResolved",
    "ConditionsChanged",
    "DeclarationUsed",
    "Draft",
    "DriftAlertsChanged",
    "EngineStarted",
    "Evaluated",
    "Event",
    "ExecutionPaused",
    "ExecutionResumed",
    "ExecutionStarted",
    "Fact",
    "FillBooked",
    "GuardFact",
    "GuardRearmed",
    "GuardSigned",
    "GuardUnsigned",
    "HarvestSuggested",
    "HistoryImported",
    "LedgerFact",
    "LegSettled",
    "LegWaiting",
    "LoudnessChosen",
    "MemberAdded",
    "MemberFact",
    "Mode",
    "ModelFact",
    "MovementDeclared",
    "OrderAccepted",
    "OrderClosed",
    "OrderDenied",
    "OrderFact",
    "OrderGivenUp",
    "OrderNotSent",
    "OrderProvedAbsent",
    "OrderQuarantined",
    "OrderRejected",
    "OrderSubmitting",
    "OrderUnconfirmed",
    "Pace",
    "PairingCodeIssued",
    "PlanAborted",
    "PlanApproved",
    "PlanCompleted",
    "PlanDeclined",
    "PlanExpired",
    "PlanFact",
    "PlanProposed",
    "PlanSuperseded",
    "PlanningPaused",
    "PlanningResumed",
    "PolicyAdopted",
    "PortfolioFact",
    "PricesNoted",
    "QuietChosen",
    "Role",
    "ShadowNoted",
    "SignalNoted",
    "SliceEnded",
    "StopRequested",
    "StopsMarked",
    "StreamId",
    "TargetsAdopted",
    "TargetsChecked",
    "TargetsDropped",
    "TargetsKept",
    "TargetsLapsed",
    "TargetsProposed",
    "TargetsTraded",
    "TradingKilled",
    "TradingRevived",
    "TransferArrived",
    "TransferNoticed",
    "TransitAnswered",
    "VenueHealthChanged",
    "VenueResumed",
    "VenuesJudged",
    "VetoesChanged",
    "WithdrawalReturned",
    "WithdrawalSeen",
    "members_stream",
    "plan_stream",
    "portfolio_stream",
]

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


LedgerFact: TypeAlias = (
    BalancesAdopted
    | WithdrawalSeen
    | WithdrawalReturned
    | TransitAnswered
    | TransferArrived
    | TransferNoticed
    | ChangeQuestioned
    | ChangeAnswered
    | ChangeResolved
    | MovementDeclared
    | DeclarationUsed
    | HarvestSuggested
    | HistoryImported
    | BasisStated
    | PricesNoted
)
GuardFact: TypeAlias = (
    ConditionsChanged | StopsMarked | GuardRearmed | GuardSigned | GuardUnsigned | VenuesJudged | VenueResumed
)
ModelFact: TypeAlias = (
    TargetsProposed
    | TargetsAdopted
    | TargetsKept
    | TargetsLapsed
    | TargetsChecked
    | TargetsTraded
    | TargetsDropped
    | ShadowNoted
    | SignalNoted
)
PortfolioFact: TypeAlias = (
    EngineStarted
    | PolicyAdopted
    | PlanningPaused
    | PlanningResumed
    | TradingKilled
    | TradingRevived
    | Evaluated
    | DriftAlertsChanged
    | CalendarAnswered
    | CashFlowSeen
    | VenueHealthChanged
    | VetoesChanged
    | GuardFact
    | LoudnessChosen
    | QuietChosen
    | ModelFact
    | LedgerFact
)
MemberFact: TypeAlias = PairingCodeIssued | MemberAdded
OrderFact: TypeAlias = (
    OrderSubmitting
    | OrderDenied
    | OrderNotSent
    | OrderUnconfirmed
    | OrderProvedAbsent
    | OrderQuarantined
    | OrderGivenUp
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
    | SliceEnded
    | PlanCompleted
    | PlanAborted
)
Fact: TypeAlias = PortfolioFact | MemberFact | PlanFact | OrderFact

FACTS: Final[dict[str, type]] = {fact.__name__: fact for fact in Fact.__args__}
"""Every fact by the name under which the journal keeps it."""

SCHEMA_VERSION: Final = 1
"""The version of the shapes above. A fact of an older version is brought up when it is read."""


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
