"""Which message an announced fact becomes. What stands for a plan is rendered from the plan's present state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.chat import manners
from bot.chat.delivery import Post
from bot.chat.render import (
    alerts,
    balances,
    conditions,
    digest,
    harvest,
    loudness,
    plan_card,
    quiet_hours,
    report,
    targets,
    venues,
)
from bot.chat.services import ChatServices
from engine.api import PlanState
from engine.model import events as ev
from engine.model.decision import Refusal, Standing
from engine.model.ids import PlanId
from engine.model.notices import LoudnessChoices, loudest

PLAN_PREFIX = "plan:"
MISSED_AFTER: Final = timedelta(minutes=10)
PASSING: Final = (ev.DriftAlertsChanged, ev.VenueHealthChanged, ev.VetoesChanged)
"""What is news for a moment: after an outage it is summed up. What can be answered keeps a message of its own."""


def card_key(plan: PlanId) -> str:
    """What the card of a plan is remembered by."""
    return f"card:{plan}"


class Announcer:
    """Composes posts from facts."""

    def __init__(self, services: ChatServices) -> None:
        self._services = services
        self._journal = services.journal

    async def compose(self, events: Sequence[ev.Event]) -> tuple[Post, ...]:
        """One post per fact, but one card per plan, however much has happened to it since.

        What people have switched off becomes none: its row is told all the same.
        """
        standing = await self._journal.standing()
        posts: list[Post] = []
        plans: dict[PlanId, PlanState] = {}
        for event in events:
            if event.stream.startswith(PLAN_PREFIX):
                plan = PlanId(event.stream.removeprefix(PLAN_PREFIX))
                if plan not in plans:
                    state = await self._journal.plan(plan)
                    assert state is not None, "a plan that is announced is in the journal"
                    plans[plan] = state
                    posts += manners.of_card(state, await self._card(state))
                posts += manners.of_fact(event.fact, self._once(event, plans[plan]))
            elif isinstance(event.fact, ev.GuardFact):
                told = self._about_guards(event.fact, f"fact:{event.seq}", standing)
                posts += manners.of_fact(event.fact, told)
            elif not self._was_missed(event):
                posts += manners.of_fact(event.fact, self._about_portfolio(event.fact, f"fact:{event.seq}"))
        posts = [*self._digest(events, standing.loudness), *posts]
        return manners.as_people_want(posts, standing.loudness, quiet=self._services.is_quiet(standing))

    def _was_missed(self, event: ev.Event) -> bool:
        """Something that passes, and that nobody could be told of for a while: it goes into a digest."""
        return isinstance(event.fact, PASSING) and self._services.clock.now() - event.ts_recorded > MISSED_AFTER

    def _digest(self, events: Sequence[ev.Event], chosen: LoudnessChoices) -> list[Post]:
        """Without what people have switched off, and as loud as the loudest of the rest."""
        wanted = [event for event in events if not manners.is_off(chosen, manners.kind_of(event.fact))]
        missed = [event for event in wanted if self._was_missed(event)]
        said = [(e.ts_event, p.message) for e in missed for p in self._about_portfolio(e.fact, "")]
        if not said:
            return []
        kind = loudest(chosen, [manners.kind_of(event.fact) for event in missed])
        key = f"digest:{missed[0].seq}-{missed[-1].seq}"
        return [Post(digest.digest(said, self._services.frame), key, kind=kind)]

    async def _card(self, state: PlanState) -> list[Post]:
        """The card of a plan; none for one whose card the plan after it has taken over."""
        ended = state.trail[-1].fact if state.trail else None
        if isinstance(ended, ev.PlanSuperseded) and ended.by_plan is not None:
            after = await self._journal.plan(ended.by_plan)
            if after is not None and after.proposed.in_place:
                return []
        proposed = state.proposed
        before = card_key(proposed.supersedes) if proposed.in_place and proposed.supersedes else ""
        card = plan_card.plan_card(state, self._services.frame, self._services.terms)
        return [Post(card, card_key(proposed.plan_id), takes_over=before)]

    def _once(self, event: ev.Event, state: PlanState) -> list[Post]:
        """What a plan's fact is told beside its card."""
        frame, key = self._services.frame, f"fact:{event.seq}"
        match event.fact:
            case ev.PlanCompleted() | ev.PlanAborted():
                return [Post(report.plan_report(state, frame), key)]
            case ev.PlanExpired():
                refusal = Refusal(event.ts_event, ())
                said = alerts.plan_expired(state.proposed.plan_id, event.fact, frame, refusal.quiet_until)
                return [Post(said, key)]
            case ev.PlanSuperseded() if any(isinstance(e.fact, ev.PlanApproved) for e in state.trail):
                return [Post(alerts.plan_withdrawn(state.proposed.plan_id, event.fact, frame), key)]
            case ev.ExecutionPaused(by=None):
                return [Post(alerts.plan_paused(state.proposed.plan_id, event.fact, frame), key)]
            case ev.OrderUnconfirmed():
                order = state.order(event.fact.client_order_id)
                return [Post(alerts.order_unconfirmed(event.fact, order.request), key)]
            case ev.OrderQuarantined():
                lost = state.order(event.fact.client_order_id).request
                return [Post(alerts.order_quarantined(state.proposed.plan_id, lost), f"lost:{lost.client_order_id}")]
            case ev.OrderGivenUp():
                lost = state.order(event.fact.client_order_id).request
                return [Post(alerts.order_given_up(event.fact, lost), f"lost:{lost.client_order_id}")]
            case ev.OrderRejected():
                order = state.order(event.fact.client_order_id)
                return [Post(alerts.order_rejected(event.fact, order.request), key)]
            case _:
                return []

    def _about_guards(self, fact: ev.GuardFact, key: str, standing: Standing) -> list[Post]:
        frame = self._services.frame
        match fact:
            case ev.ConditionsChanged():
                said = conditions.conditions_changed(fact, frame, standing)
                return [Post(said, key)] if said is not None else []
            case ev.GuardRearmed():
                return [Post(conditions.rearmed(fact), key, fact.by)]
            case ev.GuardSigned():
                return [Post(conditions.signed(fact, frame), key)]
            case ev.VenueResumed():
                return [Post(venues.venue_resumed(fact), key)]
            case ev.GuardUnsigned():
                return [Post(conditions.unsigned(fact), key)]
            case _:
                return []

    def _about_portfolio(self, fact: ev.Fact, key: str) -> list[Post]:
        frame = self._services.frame
        if isinstance(fact, ev.HarvestSuggested):
            return [Post(harvest.harvest_suggested(fact.found, frame), key)]
        if isinstance(fact, ev.LedgerFact):
            return self._about_balances(fact, key)
        if isinstance(fact, ev.ModelFact):
            return self._about_targets(fact, key)
        match fact:
            case ev.DriftAlertsChanged():
                told = replace(fact, changes=tuple(change for change in fact.changes if change.told))
                return [Post(alerts.drift_alert(told, frame, fact.vetoes), key)] if told.changes else []
            case ev.CalendarAnswered():
                return [Post(alerts.calendar_answered(fact, frame, fact.planned), key)]
            case ev.CashFlowSeen():
                return [Post(alerts.cash_flow_seen(fact, frame), key)]
            case ev.VenueHealthChanged():
                return [Post(alerts.venue_health(fact, frame), key)]
            case ev.VetoesChanged():
                return [Post(alerts.vetoes_changed(fact, frame), key)]
            case ev.PlanningPaused():
                return [Post(alerts.paused(fact, frame, fact.name), key, fact.by)]
            case ev.PlanningResumed():
                return [Post(alerts.resumed(fact.name), key, fact.by)]
            case ev.TradingKilled():
                return [Post(alerts.killed(fact.name), key)]
            case ev.TradingRevived():
                return [Post(alerts.revived(fact.name), key)]
            case ev.LoudnessChosen():
                return [Post(loudness.chosen(fact), key, fact.by)]
            case ev.QuietChosen():
                return [Post(quiet_hours.chosen(fact, self._services.hours_of_policy, frame), key, fact.by)]
            case ev.MemberAdded():
                return [Post(alerts.member_added(fact), key, fact.user)]
            case _:
                return []

    def _about_targets(self, fact: ev.ModelFact, key: str) -> list[Post]:
        """A proposal keeps its message: what becomes of it is shown in its place."""
        frame, trigger = self._services.frame, self._services.engine.settings.policy.trigger.kind
        match fact:
            case ev.TargetsProposed():
                return [Post(targets.proposed(fact.change, frame, trigger), f"targets:{fact.change.id}")]
            case ev.TargetsAdopted():
                return [Post(targets.adopted(fact, frame, trigger), f"targets:{fact.change.id}")]
            case ev.TargetsKept():
                return [Post(targets.kept(fact, frame), f"targets:{fact.change.id}")]
            case ev.TargetsLapsed():
                return [Post(targets.lapsed(fact, frame), f"targets:{fact.change.id}")]
            case ev.TargetsDropped():
                return [Post(targets.dropped(fact), key)]
            case _:
                return []

    def _about_balances(self, fact: ev.LedgerFact, key: str) -> list[Post]:
        """A question keeps its message: what becomes of it is shown in its place."""
        frame, venues = self._services.frame, self._services.venues
        match fact:
            case ev.ChangeQuestioned():
                return [Post(balances.question(fact.question, frame, venues), f"question:{fact.question.id}")]
            case ev.ChangeAnswered():
                return [Post(balances.answered(fact, frame), f"question:{fact.question.id}")]
            case ev.ChangeResolved():
                return [Post(balances.resolved(fact, frame), f"question:{fact.question.id}")]
            case ev.WithdrawalSeen():
                return [Post(balances.withdrawal_seen(fact, venues, frame), f"transit:{fact.transit.handle}")]
            case ev.TransitAnswered():
                return [Post(balances.where_answered(fact), f"transit:{fact.transit.handle}")]
            case ev.TransferArrived():
                return [Post(balances.arrived(fact), f"transit:{fact.transit.handle}")]
            case ev.WithdrawalReturned():
                return [Post(balances.withdrawal_returned(fact), key)]
            case ev.TransferNoticed():
                return [Post(balances.transfer_noticed(fact), key)]
            case _:
                return []
