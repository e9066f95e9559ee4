"""Facts about the portfolio as a whole, and about the people who may use the bot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.decision import AlertChange, CashFlow, Drift, TriggerVerdict
from engine.model.ids import Asset, DecisionId, Digest, UserId, VenueName
from engine.model.money import Money, Quantity
from engine.model.notices import Loudness, NoticeKind
from engine.model.policy import Policy, QuietHours
from engine.model.portfolio import VenueHealth
from engine.model.reasons import Reason


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
class TradingKilled:
    """Somebody pulled the kill switch: nothing is sent, what rests is cancelled, no plan is made. `by` 0: a program."""

    by: UserId
    name: str


@dataclass(frozen=True, slots=True)
class TradingRevived:
    """Somebody let trading begin again after the kill switch."""

    by: UserId
    name: str


@dataclass(frozen=True, slots=True)
class LoudnessChosen:
    """A person chose how loudly everyone is told of a kind of thing."""

    kind: NoticeKind
    loudness: Loudness
    by: UserId
    name: str


@dataclass(frozen=True, slots=True)
class QuietChosen:
    """A person chose the hours in which nobody is to be woken; None: none. `from_file`: those of the policy again."""

    quiet: QuietHours | None
    from_file: bool
    by: UserId
    name: str


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
class VetoesChanged:
    """What keeps every plan from being made is another than before; none: plans are made again."""

    vetoes: tuple[Reason, ...]


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
    """A venue stopped or began to answer, or can be relied on less or more than before."""

    venue: VenueName
    health: VenueHealth
    problem: str
    reasons: tuple[Reason, ...] = ()
    """Why, where it was judged."""
    holdings: tuple[tuple[Asset, Quantity], ...] = ()
    """What lies there, of one that is halted."""
    worth: Money | None = None
    """In the numeraire, of one that is halted; None where that is not known."""


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
