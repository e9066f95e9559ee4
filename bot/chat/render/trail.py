"""What became of a plan, line by line: who said what when, and what came of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat.render import figures
from bot.chat.render.frame import Frame, Terms
from bot.chat.render.names import name
from bot.chat.render.reasons import clauses
from engine.model import events as ev
from engine.model.plan import root_and_revision
from engine.model.reasons import Reason

if TYPE_CHECKING:
    from engine.api import PlanState, TrailEntry

MOST_REASONS: Final = 2


def trail(state: PlanState, frame: Frame, terms: Terms, room: int) -> str:
    """The newest entries, oldest first; nothing while nothing has happened."""
    shown = [line for index, _ in enumerate(state.trail) if (line := _line(state, index, frame, terms))]
    left_out = len(shown) - room
    earlier = [f"({figures.count(left_out)} earlier)"] if left_out > 0 else []
    return "\n".join(["<b>Trail</b>", *earlier, *shown[-room:]]) if shown else ""


def _line(state: PlanState, index: int, frame: Frame, terms: Terms) -> str:
    entry = state.trail[index]
    words = _approval(state, index, terms) if isinstance(entry.fact, ev.ApprovalGiven) else _words(entry, frame)
    return f"{figures.moment_seconds(entry.at, frame)} {words}" if words else ""


def _approval(state: PlanState, index: int, terms: Terms) -> str:
    """Told where several must agree: else the approval of the plan says the same once more."""
    fact = state.trail[index].fact
    assert isinstance(fact, ev.ApprovalGiven), "the caller has looked"
    if terms.approvers <= 1:
        return ""
    nth = sum(isinstance(e.fact, ev.ApprovalGiven) for e in state.trail[: index + 1])
    return f"👍 {name(fact.name)} approves ({approvals_of(nth, terms)})"


def approvals_of(given: int, terms: Terms) -> str:
    """How many of the approvals that are needed have been given."""
    return f"{figures.count(given)} of {figures.count(terms.approvers)}"


def _words(entry: TrailEntry, frame: Frame) -> str:
    match entry.fact:
        case ev.PlanApproved(by=by):
            return f"✅ approved by {', '.join(name(who) for who in by)}"
        case ev.PlanDeclined(name=who, snoozed_until=None):
            return f"✖️ rejected by {name(who)}"
        case ev.PlanDeclined(name=who, snoozed_until=until) if until:
            return f"💤 snoozed by {name(who)} until {figures.moment(until, frame)}"
        case ev.PlanExpired(reasons=reasons):
            return f"⌛ expired: {why(reasons, frame) or 'nobody approved it in time'}"
        case ev.PlanSuperseded(by_plan=by_plan, reasons=reasons):
            what = "withdrawn" if by_plan is None else f"replaced by rev {root_and_revision(by_plan)[1]}"
            return f"🔁 {what}{because(reasons, frame)}"
        case ev.ExecutionStarted(deadline=deadline):
            return f"▶️ executing, until {figures.moment(deadline, frame)} at the latest"
        case _:
            return _words_on_the_way(entry, frame)


def _words_on_the_way(entry: TrailEntry, frame: Frame) -> str:
    match entry.fact:
        case ev.ExecutionPaused(name=who, reasons=reasons):
            return f"⏸ paused{f' by {name(who)}' if who else ''}{because(reasons, frame)}"
        case ev.ExecutionResumed(name=who):
            return f"▶️ resumed{f' by {name(who)}' if who else ''}"
        case ev.StopRequested(name=who, reasons=reasons):
            return f"⏹ stop asked for by {name(who)}" if who else f"⏹ stopping{because(reasons, frame)}"
        case ev.PlanCompleted():
            return "🏁 completed"
        case ev.PlanAborted():
            return "⏹ stopped; what was traded stays traded"
        case _:
            return ""


def because(reasons: tuple[Reason, ...], frame: Frame) -> str:
    """Reasons after a colon, as HTML; nothing of none."""
    return f": {why(reasons, frame)}" if reasons else ""


def why(reasons: tuple[Reason, ...], frame: Frame) -> str:
    """The first reasons in one line, and how many more there are."""
    rest = len(reasons) - MOST_REASONS
    return clauses(reasons[:MOST_REASONS], frame) + (f"; and {figures.count(rest)} more" if rest > 0 else "")
