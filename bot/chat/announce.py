"""Which message an announced fact becomes. What stands for a plan is rendered from the plan's present state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from bot.chat.render import alerts, plan_card, report
from bot.chat.delivery import Post
from engine.api import Clock, Journal, PlanState
from engine.model import events as ev
from engine.model.ids import PlanId

PLAN_PREFIX = "plan:"


def card_key(plan: PlanId) -> str:
    """What the card of a plan is remembered by."""
    return f"card:{plan}"


class Announcer:
    """Composes posts from facts."""

    def __init__(self, journal: Journal, clock: Clock, zone: tzinfo) -> None:
        self._journal = journal
        self._clock = clock
        self._zone = zone

    async def compose(self, events: Sequence[ev.Event]) -> tuple[Post, ...]:
        """One post per fact, but one card per plan, however much has happened to it since."""
        posts: list[Post] = []
        plans: dict[PlanId, PlanState] = {}
        for event in events:
            if event.stream.startswith(PLAN_PREFIX):
                plan = PlanId(event.stream.removeprefix(PLAN_PREFIX))
                if plan not in plans:
                    state = await self._journal.plan(plan)
                    assert state is not None, "a plan that is announced is in the journal"
                    plans[plan] = state
                    posts.append(Post(plan_card.plan_card(state, self._clock.now(), self._zone), card_key(plan)))
                posts += self._once(event, plans[plan])
            else:
                posts += self._about_portfolio(event.fact, f"fact:{event.seq}")
        return tuple(posts)

    def _once(self, event: ev.Event, state: PlanState) -> list[Post]:
        """What a plan's fact is told beside its card."""
        if isinstance(event.fact, ev.PlanCompleted | ev.PlanAborted):
            key = f"report:{state.proposed.plan_id}"
            return [Post(report.plan_report(state, self._clock.now(), self._zone), key)]
        return []

    def _about_portfolio(self, fact: ev.Fact, key: str) -> list[Post]:
        match fact:
            case ev.DriftAlertsChanged():
                return [Post(alerts.drift_alert(fact, self._zone), key)]
            case ev.CalendarAnswered():
                return [Post(alerts.calendar_answered(fact, self._zone), key)]
            case ev.CashFlowSeen():
                return [Post(alerts.cash_flow_seen(fact), key)]
            case ev.VenueHealthChanged():
                return [Post(alerts.venue_health(fact), key)]
            case ev.PlanningPaused():
                return [Post(alerts.paused(fact, self._zone), key, fact.by)]
            case ev.PlanningResumed():
                return [Post(alerts.resumed(fact), key, fact.by)]
            case ev.MemberAdded():
                return [Post(alerts.member_added(fact), key, fact.user)]
            case _:
                return []
