"""What a press on a card is answered with: one short sentence, true of the plan as it is now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.chat.payloads import PlanVerb
from bot.chat.render.answers import ANSWERS, MOST_CHARACTERS, UNKNOWN_PLAN, plan_answer
from engine.api import Answer, AnswerKind, PlanState
from engine.model import events as ev
from engine.model.plan import PlanStatus, plan_id
from engine.model.reasons import ReasonCode, reason
from tests.chat import builders as a

PLAN = a.a_plan()
STOP = (reason(ReasonCode.STOPPED_BY_PERSON, by="Ada"),)
APPROVED = ((11, a.approval(PLAN)), (11, a.approved(PLAN)))
STARTED = (*APPROVED, (12, a.started()))
STOPPING = (*STARTED, (20, ev.StopRequested(STOP, a.ADA, "Ada")))
LIVES: dict[PlanStatus, PlanState] = {
    PlanStatus.PROPOSED: a.life(a.proposal(PLAN)),
    PlanStatus.APPROVED: a.life(a.proposal(PLAN), *APPROVED),
    PlanStatus.EXECUTING: a.life(a.proposal(PLAN), *STARTED),
    PlanStatus.PAUSED: a.life(a.proposal(PLAN), *STARTED, (20, ev.ExecutionPaused(()))),
    PlanStatus.WINDING_DOWN: a.life(a.proposal(PLAN), *STOPPING),
    PlanStatus.ABORTED: a.life(a.proposal(PLAN), *STOPPING, (65, ev.PlanAborted(STOP))),
    PlanStatus.COMPLETED: a.carried_out(PLAN),
    PlanStatus.DECLINED: a.life(a.proposal(PLAN), (65, ev.PlanDeclined(a.BEN, "Ben", ()))),
    PlanStatus.EXPIRED: a.life(a.proposal(PLAN), (1800, ev.PlanExpired(()))),
    PlanStatus.SUPERSEDED: a.life(a.proposal(PLAN), *APPROVED, (13, ev.PlanSuperseded(plan_id(a.ROOT, 2), ()))),
}
TOO_LATE = {
    PlanStatus.PROPOSED: "It is not approved, so there is nothing to stop. Reject it instead.",
    PlanStatus.APPROVED: "Already approved by Ada at 14:02; it is about to start.",
    PlanStatus.EXECUTING: "Already approved by Ada at 14:02; it is executing.",
    PlanStatus.PAUSED: "Already approved by Ada at 14:02; it is paused.",
    PlanStatus.WINDING_DOWN: "Already approved by Ada at 14:02; it is being stopped.",
    PlanStatus.ABORTED: "Too late: it was stopped at 14:03.",
    PlanStatus.COMPLETED: "Too late: it was completed at 14:17.",
    PlanStatus.DECLINED: "Already rejected by Ben at 14:03.",
    PlanStatus.EXPIRED: "Too late: it expired at 14:32.",
    PlanStatus.SUPERSEDED: "This card is out of date: the plan is now rev 2.",
}


def said(kind: AnswerKind, state: PlanState | None, verb: PlanVerb = PlanVerb.APPROVE) -> str:
    return plan_answer(Answer(kind, state), verb, a.a_frame(), a.TWO_APPROVERS)


@pytest.mark.parametrize("status", list(PlanStatus))
def test_too_late(status: PlanStatus) -> None:
    """A word that came too late is told what became of the plan."""
    assert said(AnswerKind.TOO_LATE, LIVES[status]) == TOO_LATE[status]


def test_every_kind_in_every_state_fits_a_toast() -> None:
    """No combination is without its words, and none is longer than a toast."""
    assert set(ANSWERS) | {AnswerKind.UNKNOWN_PLAN} == set(AnswerKind)
    for kind in ANSWERS:
        for state in LIVES.values():
            for verb in PlanVerb:
                assert 5 <= len(said(AnswerKind(kind), state, verb)) <= MOST_CHARACTERS


def test_done() -> None:
    """What was asked for is what follows."""
    assert said(AnswerKind.DONE, LIVES[PlanStatus.APPROVED]).startswith("Approved.")
    assert said(AnswerKind.DONE, LIVES[PlanStatus.DECLINED], PlanVerb.REJECT).startswith("Rejected.")
    snoozed = a.life(a.proposal(PLAN), (65, ev.PlanDeclined(a.ADA, "Ada", (), a.T0 + timedelta(hours=4))))
    assert said(AnswerKind.DONE, snoozed, PlanVerb.SNOOZE) == "Snoozed until 18:02."
    assert said(AnswerKind.TOO_LATE, snoozed) == "Already snoozed by Ada until 18:02."
    assert said(AnswerKind.DONE, LIVES[PlanStatus.WINDING_DOWN], PlanVerb.STOP).startswith("Stopping:")


def test_others() -> None:
    """Counts, other revisions, and plans that are gone."""
    one = a.life(a.proposal(PLAN), (5, a.approval(PLAN)))
    assert said(AnswerKind.NEEDS_MORE, one) == "Counted: 1 of 2 approvals. It starts with the last of them."
    assert said(AnswerKind.ALREADY_COUNTED, one).startswith("Yours is counted already: 1 of 2 approvals.")
    assert said(AnswerKind.STALE, a.life(a.proposal(PLAN, revision=3))).startswith(
        "This card is out of date: the plan is now rev 3"
    )
    assert said(AnswerKind.EXPIRED, LIVES[PlanStatus.EXPIRED]) == "Too late: it expired at 14:32. Nothing was traded."
    assert said(AnswerKind.UNKNOWN_PLAN, None) == UNKNOWN_PLAN
    assert said(AnswerKind.TOO_LATE, LIVES[PlanStatus.WINDING_DOWN], PlanVerb.STOP) == "It is being stopped already."


def test_hostile_names_in_a_toast() -> None:
    """A toast has no markup: nothing is escaped, and a long name does not push the sentence out."""
    state = a.life(a.proposal(PLAN), (65, ev.PlanDeclined(a.ADA, "<b>" * 200, ())))
    assert said(AnswerKind.TOO_LATE, state) == "Already rejected by <b><b><b><b><b><b><b><b><b><b… at 14:03."
