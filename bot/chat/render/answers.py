"""One short sentence for every press on a plan's card, as plain text for a toast. Pure.

Each kind of answer has its words, and an answer that came too late says what became of the plan instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bot.chat.payloads import PlanVerb
from bot.chat.render import figures
from bot.chat.render.frame import Frame, Terms
from bot.chat.render.names import bare
from bot.chat.render.trail import approvals_of
from engine.model import events as ev
from engine.model.plan import PlanStatus, root_and_revision

if TYPE_CHECKING:
    from engine.api import Answer, PlanState, TrailEntry

MOST_CHARACTERS: Final = 190
"""A toast holds 200."""
NAME_COLUMNS: Final = 30
UNKNOWN_BUTTON: Final = "This button is from another version and does nothing. /plan shows the open plan."
UNKNOWN_PLAN: Final = "No such plan is known here. /plan shows the open one."
NOW: Final[dict[PlanStatus, str]] = {
    PlanStatus.APPROVED: "it is about to start",
    PlanStatus.EXECUTING: "it is executing",
    PlanStatus.PAUSED: "it is paused",
    PlanStatus.WINDING_DOWN: "it is being stopped",
}


def plan_answer(answer: Answer, verb: PlanVerb, frame: Frame, terms: Terms) -> str:
    """What became of a press, at most 190 characters, without markup."""
    if answer.plan is None:
        return UNKNOWN_PLAN
    text = ANSWERS[answer.kind.value](answer.plan, verb, frame, terms)
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def _done(plan: PlanState, verb: PlanVerb, frame: Frame, _: Terms) -> str:
    match verb:
        case PlanVerb.APPROVE:
            return "Approved. The market is looked at once more, then it starts."
        case PlanVerb.SNOOZE:
            until = next((e.fact.snoozed_until for e in plan.trail if isinstance(e.fact, ev.PlanDeclined)), None)
            return f"Snoozed until {figures.moment(until, frame)}." if until else "Snoozed."
        case PlanVerb.REJECT:
            return "Rejected. Nothing is proposed again for a day, unless drift grows by a fifth of its limit."
        case PlanVerb.STOP:
            return "Stopping: what rests is cancelled, nothing more is sent. What was traded stays traded."
        case PlanVerb.GONE:
            return "Booked: the order is not there. The plan goes on without it; a late fill would still be booked."
        case PlanVerb.PAUSE:
            return "Paused: nothing more is sent until you resume it. What was traded stays traded."
        case PlanVerb.RESUME:
            return "It goes on. The time that it stood still does not count."


def _needs_more(plan: PlanState, _: PlanVerb, __: Frame, terms: Terms) -> str:
    return f"Counted: {approvals_of(len(plan.approvals), terms)} approvals. It starts with the last of them."


def _already_counted(plan: PlanState, _: PlanVerb, __: Frame, terms: Terms) -> str:
    return f"Yours is counted already: {approvals_of(len(plan.approvals), terms)} approvals. Others must agree too."


def _stale(plan: PlanState, _: PlanVerb, __: Frame, ___: Terms) -> str:
    revision = figures.count(plan.proposed.revision)
    return f"This card is out of date: the plan is now rev {revision}, with other figures. /plan shows it."


def _expired(plan: PlanState, _: PlanVerb, frame: Frame, __: Terms) -> str:
    return f"Too late: it expired at {figures.moment(plan.proposed.expires_at, frame)}. Nothing was traded."


def _too_late(plan: PlanState, verb: PlanVerb, frame: Frame, _: Terms) -> str:
    if verb is PlanVerb.GONE:
        return "That is settled already: the venue has told what became of the order, or somebody else has."
    match plan.status:
        case PlanStatus.PROPOSED:
            return "It is not approved, so there is nothing to stop. Reject it instead."
        case PlanStatus.PAUSED if verb is PlanVerb.PAUSE:
            return "It stands still already."
        case PlanStatus.EXECUTING if verb is PlanVerb.RESUME:
            return "It goes on already."
        case PlanStatus.EXPIRED | PlanStatus.COMPLETED | PlanStatus.ABORTED:
            words = {PlanStatus.EXPIRED: "it expired", PlanStatus.COMPLETED: "it was completed"}
            return f"Too late: {words.get(plan.status, 'it was stopped')}{_at(_last(plan), frame)}."
        case PlanStatus.SUPERSEDED:
            return _superseded(plan)
        case PlanStatus.DECLINED:
            return _declined(plan, frame)
        case _ if verb is PlanVerb.STOP:
            return "It is being stopped already."
        case _:
            return _approved(plan, frame)


def _superseded(plan: PlanState) -> str:
    by = next((e.fact.by_plan for e in plan.trail if isinstance(e.fact, ev.PlanSuperseded)), None)
    if by is None:
        return "This plan was withdrawn: after the market moved, none was called for any more."
    return f"This card is out of date: the plan is now rev {root_and_revision(by)[1]}."


def _declined(plan: PlanState, frame: Frame) -> str:
    entry = next((e for e in plan.trail if isinstance(e.fact, ev.PlanDeclined)), None)
    if entry is None or not isinstance(entry.fact, ev.PlanDeclined):
        return "Already rejected."
    who, until = bare(entry.fact.name, NAME_COLUMNS), entry.fact.snoozed_until
    if until:
        return f"Already snoozed by {who} until {figures.moment(until, frame)}."
    return f"Already rejected by {who}{_at(entry, frame)}."


def _approved(plan: PlanState, frame: Frame) -> str:
    entry = next((e for e in plan.trail if isinstance(e.fact, ev.PlanApproved)), None)
    who = ", ".join(entry.fact.by) if entry and isinstance(entry.fact, ev.PlanApproved) else ""
    by = f" by {bare(who, NAME_COLUMNS)}" if who else ""
    return f"Already approved{by}{_at(entry, frame)}; {NOW[plan.status]}."


def _last(plan: PlanState) -> TrailEntry | None:
    return plan.trail[-1] if plan.trail else None


def _at(entry: TrailEntry | None, frame: Frame) -> str:
    return f" at {figures.moment(entry.at, frame)}" if entry else ""


Words = Callable[["PlanState", PlanVerb, Frame, Terms], str]
ANSWERS: Final[dict[str, Words]] = {
    "done": _done,
    "needs_more": _needs_more,
    "already_counted": _already_counted,
    "too_late": _too_late,
    "stale": _stale,
    "expired": _expired,
}
"""By the value of the kind, for those that come with a plan. The enumeration itself lives with things that act."""
