"""The only door for the bot: the engine, its records, and the ports it is built on."""

from engine.account.ledger import LEDGER_FACTS
from engine.account.ledger_view import LedgerView, ledger_view
from engine.account.lots.replay import settle
from engine.account.lots.rules import LotRules
from engine.account.lots.tax_due import tax_due
from engine.decide.guards.correlation import moving_together
from engine.decide.pipeline import ENGINE_VERSION, decide
from engine.decide.quiet import is_quiet, quiet_hours
from engine.decide.replay import Replay, replay
from engine.execute.plan_state import LegState, OrderState, PlanState, TrailEntry
from engine.execute.shortfall import order_cost
from engine.model.errors import (
    ConcurrentWrite,
    EngineError,
    InvalidValue,
    JournalInUse,
    JournalUnavailable,
    NotSent,
    Refused,
    Unconfirmed,
    UnknownRecord,
    VenueError,
)
from engine.model.holding import A_YEAR, Holding
from engine.ports import CardRecord, Clock, Expectation, Journal, OutboxRow, PlanSummary, SignalSource, Venue
from engine.pricing.experience import extra_of
from engine.run.approvals import Answer, AnswerKind, Person
from engine.run.explanations import Explanations, Heard
from engine.run.facade import Engine, EngineHealth, EngineSettings
from engine.run.guard_desk import GuardView, Said, VenueLine
from engine.run.lot_desk import Imported
from engine.run.model_desk import TargetsAnswer, TargetsAnswerKind
from engine.run.observe import Aside, VenueState

__all__ = [
    "A_YEAR",
    "ENGINE_VERSION",
    "LEDGER_FACTS",
    "Answer",
    "AnswerKind",
    "Aside",
    "CardRecord",
    "Clock",
    "ConcurrentWrite",
    "Engine",
    "EngineError",
    "EngineHealth",
    "EngineSettings",
    "Expectation",
    "Explanations",
    "GuardView",
    "Heard",
    "Holding",
    "Imported",
    "InvalidValue",
    "Journal",
    "JournalInUse",
    "JournalUnavailable",
    "LedgerView",
    "LegState",
    "LotRules",
    "NotSent",
    "OrderState",
    "OutboxRow",
    "Person",
    "PlanState",
    "PlanSummary",
    "Refused",
    "Replay",
    "Said",
    "SignalSource",
    "TargetsAnswer",
    "TargetsAnswerKind",
    "TrailEntry",
    "Unconfirmed",
    "UnknownRecord",
    "Venue",
    "VenueError",
    "VenueLine",
    "VenueState",
    "decide",
    "extra_of",
    "is_quiet",
    "ledger_view",
    "moving_together",
    "order_cost",
    "quiet_hours",
    "replay",
    "settle",
    "tax_due",
]
