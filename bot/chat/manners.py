"""How a post arrives: which kind a fact is of, what is heard in the quiet hours, what is switched off. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.chat.delivery import Post
from engine.model import events as ev
from engine.model.notices import Loudness, LoudnessChoices, NoticeKind, loudness_of
from engine.model.plan import PlanStatus, PlanTrigger
from engine.model.portfolio import VenueHealth

if TYPE_CHECKING:
    from engine.api import PlanState

KINDS: Final[dict[type, NoticeKind]] = {
    ev.DriftAlertsChanged: NoticeKind.DRIFT,
    ev.VenueHealthChanged: NoticeKind.VENUE,
    ev.PlanExpired: NoticeKind.PLAN,
    ev.PlanSuperseded: NoticeKind.PLAN,
    ev.PlanCompleted: NoticeKind.REPORT,
    ev.PlanAborted: NoticeKind.REPORT,
    ev.HarvestSuggested: NoticeKind.REPORT,
    ev.OrderUnconfirmed: NoticeKind.PROGRESS,
    ev.OrderRejected: NoticeKind.PROGRESS,
    ev.TradingKilled: NoticeKind.RISK,
    ev.TradingRevived: NoticeKind.RISK,
    ev.ConditionsChanged: NoticeKind.RISK,
    ev.GuardRearmed: NoticeKind.RISK,
    ev.GuardSigned: NoticeKind.RISK,
    ev.GuardUnsigned: NoticeKind.RISK,
    ev.VenueResumed: NoticeKind.RISK,
    ev.ExecutionPaused: NoticeKind.QUESTION,
    ev.OrderQuarantined: NoticeKind.QUESTION,
    ev.OrderGivenUp: NoticeKind.QUESTION,
    ev.VetoesChanged: NoticeKind.QUESTION,
    ev.ChangeQuestioned: NoticeKind.QUESTION,
    ev.ChangeAnswered: NoticeKind.QUESTION,
    ev.ChangeResolved: NoticeKind.QUESTION,
    ev.TargetsProposed: NoticeKind.QUESTION,
    ev.TargetsAdopted: NoticeKind.QUESTION,
    ev.TargetsKept: NoticeKind.QUESTION,
    ev.TargetsLapsed: NoticeKind.QUESTION,
    ev.WithdrawalSeen: NoticeKind.QUESTION,
    ev.TransitAnswered: NoticeKind.QUESTION,
    ev.TransferArrived: NoticeKind.QUESTION,
    ev.TransferNoticed: NoticeKind.BALANCE,
    ev.WithdrawalReturned: NoticeKind.BALANCE,
    ev.CashFlowSeen: NoticeKind.BALANCE,
}
"""By fact; any other is of the kind for all the rest, which cannot be switched off. What becomes of a question is shown
in its place, and is of its kind."""


def kind_of(fact: ev.Fact) -> NoticeKind:
    """What a fact is told as."""
    match fact:
        case ev.VenueHealthChanged(health=VenueHealth.HALTED):
            return NoticeKind.RISK
        case ev.CalendarAnswered():
            # A date that was missed waits for a person's word; one that was answered is told like a drift.
            return NoticeKind.QUESTION if fact.missed else NoticeKind.DRIFT
        case _:
            return KINDS.get(type(fact), NoticeKind.OTHER)


def wakes(fact: ev.Fact) -> bool:
    """Whether a fact is told aloud in the quiet hours too: a halted venue, and the kill switch."""
    return isinstance(fact, ev.TradingKilled) or (
        isinstance(fact, ev.VenueHealthChanged) and fact.health is VenueHealth.HALTED
    )


def of_fact(fact: ev.Fact, posts: Iterable[Post]) -> list[Post]:
    """A fact's posts with their kind."""
    return [replace(post, kind=kind_of(fact), breaks_through=wakes(fact)) for post in posts]


def of_card(state: PlanState, posts: Iterable[Post]) -> list[Post]:
    """A plan's card with its kind. A way out of a risk that waits for approval is heard in the quiet hours too."""
    asks = state.status is PlanStatus.PROPOSED and state.proposed.plan.trigger is PlanTrigger.RISK
    return [replace(post, kind=NoticeKind.PLAN, breaks_through=asks) for post in posts]


def as_people_want(posts: Sequence[Post], chosen: LoudnessChoices, *, quiet: bool) -> tuple[Post, ...]:
    """The posts that are to go out, those without a sound that are to make none."""
    return tuple(_heard(post, chosen, quiet) for post in posts if not is_off(chosen, post.kind))


def is_off(chosen: LoudnessChoices, kind: NoticeKind) -> bool:
    """People do not want to be told."""
    return loudness_of(chosen, kind) is Loudness.OFF


def _heard(post: Post, chosen: LoudnessChoices, quiet: bool) -> Post:
    hushed = quiet and not post.breaks_through
    if not hushed and loudness_of(chosen, post.kind) is Loudness.LOUD:
        return post
    return replace(post, message=replace(post.message, silent=True))
