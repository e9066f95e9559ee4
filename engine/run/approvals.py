"""What people may say to a plan: approve, refuse, snooze, pause, stop. A word names one plan; the journal judges it.

The judgement is compare-and-swap: it is written against the version that was read, and made anew where the plan has
moved on. A second press, a stale card and a late word therefore do nothing, and get an answer that says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.errors import ConcurrentWrite
from engine.model.ids import Digest, PlanId, UserId
from engine.model.plan import PlanStatus
from engine.model.policy import Policy
from engine.model.reasons import ReasonCode, reason
from engine.ports import Clock
from engine.run.scribe import Scribe


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may use the bot, by numeric id."""

    id: UserId
    name: str


class AnswerKind(StrEnum):
    """What became of a person's word."""

    DONE = "done"
    NEEDS_MORE = "needs_more"
    """Counted; others must approve too."""
    ALREADY_COUNTED = "already_counted"
    """The same person approved before."""
    TOO_LATE = "too_late"
    """The plan has left the state in which the word would count; `plan` says what became of it."""
    STALE = "stale"
    """The card shows another version than the plan has."""
    EXPIRED = "expired"
    UNKNOWN_PLAN = "unknown_plan"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a person's word, with the plan as it is now."""

    kind: AnswerKind
    plan: PlanState | None = None


Judgement = tuple[AnswerKind, tuple[ev.PlanFact, ...]]


class Approvals:
    """Takes people's words on plans."""

    def __init__(self, scribe: Scribe, clock: Clock, policy: Policy) -> None:
        self._scribe = scribe
        self._clock = clock
        self._policy = policy

    async def approve(self, plan: PlanId, digest: Digest, who: Person) -> Answer:
        """Count an approval of exactly this digest. `digest` may be shortened to what a button carries."""
        return await self._say(plan, lambda state: self._judge_approval(state, digest, who))

    async def decline(self, plan: PlanId, who: Person, snoozed_until: datetime | None = None) -> Answer:
        """Refuse a plan; with an instant, ask to be left alone until then."""
        return await self._say(plan, lambda state: self._judge_refusal(state, who, snoozed_until))

    async def stop(self, plan: PlanId, who: Person) -> Answer:
        """Send nothing more for a plan, and cancel what rests."""
        return await self._say(plan, lambda state: self._judge_stop(state, who))

    async def pause(self, plan: PlanId, who: Person) -> Answer:
        """Send nothing more for a plan until it is resumed, and cancel what rests."""
        return await self._say(plan, lambda state: self._judge_pause(state, who))

    async def resume(self, plan: PlanId, who: Person) -> Answer:
        """Let a paused plan go on. The time that it stood still does not count."""
        return await self._say(plan, lambda state: self._judge_resumption(state, who))

    async def end_all(self) -> None:
        """The kill switch: a proposal is withdrawn, and a plan under way sends nothing more."""
        plan = await self._scribe.journal.open_plan()
        if plan is not None:
            await self._say(plan.proposed.plan_id, self._judge_kill)

    async def expire(self, plan: PlanId) -> Answer:
        """Let a proposal go whose time is over."""
        return await self._say(plan, self._judge_expiry)

    async def _say(self, plan: PlanId, judge: Callable[[PlanState], Judgement]) -> Answer:
        while True:
            state = await self._scribe.journal.plan(plan)
            if state is None:
                return Answer(AnswerKind.UNKNOWN_PLAN)
            kind, facts = judge(state)
            if not facts:
                return Answer(kind, state)
            try:
                await self._scribe.note_plan(plan, state.version, *facts)
            except ConcurrentWrite:
                continue
            return Answer(kind, await self._scribe.journal.plan(plan))

    def _judge_approval(self, state: PlanState, digest: Digest, who: Person) -> Judgement:
        proposed = state.proposed
        if state.status is not PlanStatus.PROPOSED:
            return AnswerKind.TOO_LATE, ()
        if not digest or not proposed.digest.startswith(digest):
            return AnswerKind.STALE, ()
        if self._clock.now() >= proposed.expires_at:
            return AnswerKind.EXPIRED, (_expired(state),)
        if any(approval.by == who.id for approval in state.approvals):
            return AnswerKind.ALREADY_COUNTED, ()
        given = ev.ApprovalGiven(who.id, proposed.digest, who.name)
        names = (*(approval.name for approval in state.approvals), who.name)
        if len(names) < self._policy.approvers:
            return AnswerKind.NEEDS_MORE, (given,)
        return AnswerKind.DONE, (given, ev.PlanApproved(names, proposed.digest))

    def _judge_refusal(self, state: PlanState, who: Person, snoozed_until: datetime | None) -> Judgement:
        if state.status is not PlanStatus.PROPOSED:
            return AnswerKind.TOO_LATE, ()
        return AnswerKind.DONE, (ev.PlanDeclined(who.id, who.name, band_use(state), snoozed_until),)

    def _judge_stop(self, state: PlanState, who: Person) -> Judgement:
        stoppable = (PlanStatus.APPROVED, PlanStatus.EXECUTING, PlanStatus.PAUSED)
        if state.status not in stoppable:
            return AnswerKind.TOO_LATE, ()
        why = reason(ReasonCode.STOPPED_BY_PERSON, by=who.name)
        return AnswerKind.DONE, (ev.StopRequested((why,), who.id, who.name),)

    def _judge_pause(self, state: PlanState, who: Person) -> Judgement:
        if state.status is not PlanStatus.EXECUTING:
            return AnswerKind.TOO_LATE, ()
        return AnswerKind.DONE, (ev.ExecutionPaused((), who.id, who.name),)

    def _judge_resumption(self, state: PlanState, who: Person) -> Judgement:
        if state.status is not PlanStatus.PAUSED:
            return AnswerKind.TOO_LATE, ()
        return AnswerKind.DONE, (ev.ExecutionResumed(who.id, who.name),)

    def _judge_kill(self, state: PlanState) -> Judgement:
        why = reason(ReasonCode.KILLED, since=self._clock.now())
        if state.status is PlanStatus.PROPOSED:
            return AnswerKind.DONE, (ev.PlanSuperseded(None, (why,)),)
        if state.is_terminal or state.status is PlanStatus.WINDING_DOWN:
            return AnswerKind.TOO_LATE, ()
        return AnswerKind.DONE, (ev.StopRequested((why,)),)

    def _judge_expiry(self, state: PlanState) -> Judgement:
        if state.status is not PlanStatus.PROPOSED or self._clock.now() < state.proposed.expires_at:
            return AnswerKind.TOO_LATE, ()
        return AnswerKind.EXPIRED, (_expired(state),)


def band_use(state: PlanState) -> tuple[tuple[str, Decimal], ...]:
    """How much of each band was used up when the plan was proposed."""
    return tuple((d.name, d.band_use) for d in state.proposed.drifts if d.band_use is not None)


def _expired(state: PlanState) -> ev.PlanExpired:
    return ev.PlanExpired(band_use(state))
