"""The life of a plan, as a literal table: (status, what happened) -> status."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from engine.model.errors import EngineError
from engine.model.plan import PlanStatus as S


class PlanEvent(StrEnum):
    """What can happen to a plan."""

    APPROVE = "approve"
    DECLINE = "decline"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    COMPLETE = "complete"
    ABORT = "abort"


E = PlanEvent


class ImpossiblePlanEvent(EngineError):
    """The table has no row for this: the request came too late, or the caller has a defect."""


PLAN_TABLE: Final[dict[tuple[S, PlanEvent], S]] = {
    (S.PROPOSED, E.APPROVE): S.APPROVED,
    (S.PROPOSED, E.DECLINE): S.DECLINED,
    (S.PROPOSED, E.EXPIRE): S.EXPIRED,
    (S.PROPOSED, E.SUPERSEDE): S.SUPERSEDED,
    (S.APPROVED, E.START): S.EXECUTING,
    # The market was looked at again and had moved: a fresh plan takes its place.
    (S.APPROVED, E.SUPERSEDE): S.SUPERSEDED,
    # Approved, and stale before it could start (a crash between the two).
    (S.APPROVED, E.EXPIRE): S.EXPIRED,
    (S.APPROVED, E.STOP): S.WINDING_DOWN,
    (S.APPROVED, E.ABORT): S.ABORTED,
    (S.EXECUTING, E.PAUSE): S.PAUSED,
    (S.EXECUTING, E.STOP): S.WINDING_DOWN,
    (S.EXECUTING, E.COMPLETE): S.COMPLETED,
    (S.PAUSED, E.RESUME): S.EXECUTING,
    (S.PAUSED, E.STOP): S.WINDING_DOWN,
    (S.WINDING_DOWN, E.ABORT): S.ABORTED,
}


def next_status(status: S, event: PlanEvent) -> S:
    """The status after `event`. Raises ImpossiblePlanEvent where the table has no row."""
    try:
        return PLAN_TABLE[status, event]
    except KeyError as error:
        raise ImpossiblePlanEvent(f"a plan that is {status} cannot see {event}") from error
