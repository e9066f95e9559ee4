"""One evaluation, end to end: look, decide, write down what follows, and propose a plan where one is called for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from engine.decide.pipeline import decide
from engine.model import events as ev
from engine.model.decision import Decision, DecisionInputs, RequestKind, Standing
from engine.model.errors import ConcurrentWrite
from engine.model.events import Mode, StreamId, plan_stream, portfolio_stream
from engine.model.ids import DecisionId, PlanId, PortfolioId, VenueName, short
from engine.model.plan import Plan, PlanStatus, PlanTrigger, plan_id
from engine.model.policy import Policy, TriggerKind
from engine.model.portfolio import VenueHealth
from engine.model.reasons import Reason
from engine.model.tax_policy import Harvesting
from engine.ports import Clock, Expectation
from engine.run.bookkeeper import Bookkeeper
from engine.run.guarding import approver, asks_for_lots, guard_facts, healths_of, in_vain, way_for
from engine.run.lot_keeper import LotKeeper
from engine.run.modelling import adopts_now, model_facts, reopened, withdrawn_for
from engine.run.observe import Observer, with_open_matters
from engine.run.scribe import Scribe

SCHEDULED: Final = frozenset(PlanTrigger) - {PlanTrigger.MANUAL}
"""What a look finds by itself; any other plan was asked for."""
SUGGESTION_HOLDS: Final = timedelta(days=7)
"""How long losses that were told of are not told of again."""


@dataclass(frozen=True, slots=True)
class CycleSettings:
    """What an evaluation needs to know that the market does not tell."""

    portfolio: PortfolioId
    mode: Mode
    policy: Policy
    heartbeat: timedelta
    """How often a decision is kept in full although nothing has changed."""


@dataclass(slots=True)
class _Last:
    """What the last evaluation came to, so that only changes are kept in full."""

    verdict: tuple[bool, tuple[str, ...]] | None = None
    stored_at: datetime | None = None


class Cycle:
    """Evaluates one portfolio. Not to be run twice at once: the facade sees to that."""

    def __init__(
        self,
        observer: Observer,
        books: tuple[Bookkeeper, LotKeeper],
        scribe: Scribe,
        clock: Clock,
        settings: CycleSettings,
    ) -> None:
        """`books` are those of what is held, and of what it cost."""
        self._observer = observer
        self._bookkeeper, self._lots = books
        self._scribe = scribe
        self._clock = clock
        self._settings = settings
        self._last = _Last()
        self._healths: dict[VenueName, VenueHealth] | None = None
        """What people were told last of each venue; None before the journal was asked, which outlives this object."""

    async def look(self) -> Decision:
        """Decide on what the venues show now, and keep nothing: for people who want to see where they stand."""
        return await self._decide(RequestKind.SCHEDULED)

    async def evaluate(self, request: RequestKind = RequestKind.SCHEDULED) -> Decision:
        """Decide, journal what follows, and propose the plan if there is one."""
        await self._bookkeeper.note_records()
        while True:
            decision = await self._decide(request, checks=True)
            await self._note_health(decision)
            try:
                await self._note(decision)
            except ConcurrentWrite:
                # A person said something meanwhile, to a guard or to the open plan: it is looked at anew.
                continue
            return decision

    async def _decide(self, request: RequestKind, *, checks: bool = False) -> Decision:
        """Look at the best prices; where they call for a plan, decide on whole books, and on nothing less."""
        if request is RequestKind.SCHEDULED:
            decision = decide(await self._inputs(request, whole_books=False, checks=checks))
            if not decision.outcome.verdict.fired:
                return decision
        return decide(await self._inputs(request, whole_books=True, checks=checks))

    async def propose_again(
        self, old: ev.PlanProposed, status: PlanStatus, reasons: tuple[Reason, ...], *, in_place: bool = False
    ) -> PlanId | None:
        """Replace a plan whose figures are too old, unless it has left `status` in the meantime.

        Returns the fresh plan, or None where none is needed any more.
        """
        now = await self._scribe.journal.standing()
        standing = as_when_called(now, self._settings.policy, old.plan.trigger)
        request = RequestKind.SCHEDULED if old.plan.trigger in SCHEDULED else RequestKind.MANUAL
        inputs = replace(await self._inputs(request, whole_books=True), standing=standing)
        decision = decide(inputs)
        # While planning is paused an approved plan is seen through, and a guard makes none.
        is_paused = now.pause is not None and decision.outcome.verdict.kind is PlanTrigger.RISK is not old.plan.trigger
        is_wanted = decision.outcome.plan is not None and not is_paused
        fresh = replace(await self._proposal(decision, old), in_place=in_place) if is_wanted else None
        state = await self._scribe.journal.plan(old.plan_id)
        if state is None or state.status is not status:
            # Somebody answered or stopped it while the market was looked at.
            return None
        facts: list[tuple[StreamId, ev.Fact]] = []
        expected = {plan_stream(old.plan_id): state.version}
        facts += await self._guarding(decision, expected)
        facts.append((plan_stream(old.plan_id), ev.PlanSuperseded(fresh.plan_id if fresh else None, reasons)))
        if fresh:
            facts += self._proposing(fresh, decision)
            expected[plan_stream(fresh.plan_id)] = 0
            facts += self._answering(decision) if decision.outcome.verdict.date != now.last_date_fired else []
        await self._scribe.write(facts, Expectation(expected))
        return fresh.plan_id if fresh else None

    async def _inputs(self, request: RequestKind, *, whole_books: bool, checks: bool = False) -> DecisionInputs:
        """All that a decision depends on. With `checks`, balances are held against the books first."""
        snapshot = await self._observer.look(whole_books=whole_books)
        if checks:
            snapshot = await self._bookkeeper.checked(snapshot, whole_books=whole_books)
        standing = await self._scribe.journal.standing()
        known = with_open_matters(snapshot, standing)
        history = await self._observer.past_prices(known)
        policy, signal = self._settings.policy, await self._observer.signal()
        inputs = DecisionInputs(known, policy, standing, snapshot.as_of, request, history=history, signal=signal)
        if not whole_books and policy.tax.harvesting is Harvesting.OFF and not asks_for_lots(policy.guards):
            return inputs
        lots, tax = await self._lots.for_decision(snapshot.numeraire, snapshot.as_of)
        return replace(inputs, lots=lots, tax=tax)

    async def _note_health(self, decision: Decision) -> None:
        """What has changed of how far each venue can be relied on."""
        if self._healths is None:
            told = [event.fact for event in await self._scribe.journal.facts(ev.VenueHealthChanged)]
            self._healths = {fact.venue: fact.health for fact in told if isinstance(fact, ev.VenueHealthChanged)}
        known = self._healths
        changed = [
            fact
            for name, fact in sorted(healths_of(decision).items())
            if fact.health is not known.get(name, VenueHealth.HEALTHY)
        ]
        await self._scribe.note(*changed)
        self._healths = known | {fact.venue: fact.health for fact in changed}

    async def _note(self, decision: Decision) -> None:
        outcome, verdict = decision.outcome, decision.outcome.verdict
        portfolio = portfolio_stream(self._settings.portfolio)
        facts: list[tuple[StreamId, ev.Fact]] = []
        expected: dict[StreamId, int] = {}
        kept = await self._keep(decision)
        codes = tuple(reason.code.value for reason in verdict.reasons)
        facts.append((portfolio, ev.Evaluated(kept, verdict.fired, codes)))
        facts += await self._guarding(decision, expected)
        facts += await self._alerting(decision)
        facts += self._vetoing(decision)
        facts += model_facts(decision, portfolio)
        is_overtaken = adopts_now(decision)
        facts += [] if is_overtaken else self._answering(decision)
        now, is_proposed = decision.inputs.now, outcome.plan is not None
        facts += self._suggesting(decision)
        noted = self._lots.prices_to_note(outcome.valuation, now, is_proposed=is_proposed)
        facts += [(portfolio, fact) for fact in noted]
        if is_overtaken:
            facts += withdrawn_for(decision, await self._scribe.journal.open_plan(), expected)
        elif outcome.plan:
            facts += await self._making_way(decision, outcome.plan, expected)
        await self._scribe.write(facts, Expectation(expected))

    async def _guarding(self, decision: Decision, expected: dict[StreamId, int]) -> list[tuple[StreamId, ev.Fact]]:
        """What the guards found. It replaces what stood: no word that a person said meanwhile may be lost by it.

        Raises ConcurrentWrite where something was said.
        """
        portfolio = portfolio_stream(self._settings.portfolio)
        facts = guard_facts(decision.outcome.guards, portfolio)
        if facts or decision.outcome.plan:
            expected[portfolio] = await self._scribe.version()
            now, then = (await self._scribe.journal.standing()).guards, decision.inputs.standing.guards
            if (now.conditions, now.stops, now.venues) != (then.conditions, then.stops, then.venues):
                raise ConcurrentWrite("a guard was spoken to while it looked: look again")
        return facts

    async def _making_way(
        self, decision: Decision, plan: Plan, expected: dict[StreamId, int]
    ) -> list[tuple[StreamId, ev.Fact]]:
        """The proposal of a plan, and the end of the open plan that it outranks."""
        open_plan = await self._scribe.journal.open_plan()
        is_free, facts = way_for(plan, open_plan)
        if open_plan is not None:
            expected[plan_stream(open_plan.proposed.plan_id)] = open_plan.version
        if is_free:
            proposal = await self._proposal(decision, None)
            facts += self._proposing(proposal, decision)
            expected[plan_stream(proposal.plan_id)] = 0
        return facts

    def _suggesting(self, decision: Decision) -> list[tuple[StreamId, ev.Fact]]:
        """Losses worth realising are told of once in a while; a plan that realises them tells of itself."""
        found, told = decision.outcome.harvests, decision.inputs.standing.harvest_told_at
        is_told = told is not None and decision.inputs.now - told < SUGGESTION_HOLDS
        if not found or is_told or self._settings.policy.tax.harvesting is not Harvesting.SUGGEST:
            return []
        return [(portfolio_stream(self._settings.portfolio), ev.HarvestSuggested(found))]

    def _vetoing(self, decision: Decision) -> list[tuple[StreamId, ev.Fact]]:
        """What stands in the way is told when it changes; not what follows from a silent venue, told of by itself."""
        vetoes = decision.outcome.vetoes or in_vain(decision)
        told = decision.inputs.standing.vetoes_told
        if decision.inputs.snapshot.missing_venues or _keys(vetoes) == _keys(told):
            return []
        return [(portfolio_stream(self._settings.portfolio), ev.VetoesChanged(vetoes))]

    async def _alerting(self, decision: Decision) -> list[tuple[StreamId, ev.Fact]]:
        """Drift alerts; not while a plan is under way, which moves the weights itself."""
        plan = await self._scribe.journal.open_plan()
        outcome = decision.outcome
        if not outcome.alerts or (plan is not None and plan.status is not PlanStatus.PROPOSED):
            return []
        changed = ev.DriftAlertsChanged(outcome.alerts, outcome.drifts, outcome.verdict, outcome.vetoes)
        return [(portfolio_stream(self._settings.portfolio), changed)]

    def _answering(self, decision: Decision) -> list[tuple[StreamId, ev.Fact]]:
        """A date of the schedule that this decision answers: it is answered once.

        One on which nothing could be traded while a venue was unwell is kept until it is well, or its grace over.
        """
        outcome, verdict = decision.outcome, decision.outcome.verdict
        unwell = any(venue.health is VenueHealth.DEGRADED for venue in outcome.guards.venues)
        fired = verdict.fired and not outcome.vetoes and (outcome.plan is not None or not unwell)
        if verdict.date is None or not (verdict.missed or verdict.checked or fired):
            return []
        answered = ev.CalendarAnswered(verdict.date, verdict.missed, outcome.plan is not None)
        return [(portfolio_stream(self._settings.portfolio), answered)]

    def _proposing(self, proposal: ev.PlanProposed, decision: Decision) -> list[tuple[StreamId, ev.Fact]]:
        """A proposal, and its approval where that is left to nobody."""
        stream = plan_stream(proposal.plan_id)
        facts: list[tuple[StreamId, ev.Fact]] = [(stream, proposal)]
        by = approver(proposal.plan, decision, self._settings.policy)
        if by:
            facts.append((stream, ev.PlanApproved((by,), proposal.digest)))
        return facts

    async def _keep(self, decision: Decision) -> DecisionId | None:
        verdict = decision.outcome.verdict
        summary = (verdict.fired, tuple(reason.code.value for reason in verdict.reasons))
        stale = self._last.stored_at is None or decision.inputs.now - self._last.stored_at >= self._settings.heartbeat
        model = decision.outcome.model
        is_kept = decision.outcome.plan is not None or (model is not None and model.change is not None)
        if summary == self._last.verdict and not stale and not is_kept:
            return None
        self._last = _Last(summary, decision.inputs.now)
        return await self._scribe.journal.save_decision(decision)

    async def _proposal(self, decision: Decision, old: ev.PlanProposed | None) -> ev.PlanProposed:
        plan = decision.outcome.plan
        assert plan is not None, "only a decision with a plan is proposed"
        root = old.root if old else short(decision.digest)
        revision = old.revision + 1 if old else 1
        return ev.PlanProposed(
            plan_id=plan_id(root, revision),
            root=root,
            revision=revision,
            portfolio=self._settings.portfolio,
            mode=self._settings.mode,
            plan=plan,
            digest=plan.digest,
            decision=await self._scribe.journal.save_decision(decision),
            expires_at=self._clock.now() + self._settings.policy.limits.plan_ttl,
            drifts=decision.outcome.drifts,
            supersedes=old.plan_id if old else None,
        )


def _keys(vetoes: tuple[Reason, ...]) -> frozenset[str]:
    """What tells vetoes apart: their code and what they are about, not their figures."""
    return frozenset(f"{veto.code.value} {veto.get('asset')}" for veto in vetoes)


def as_when_called(standing: Standing, policy: Policy, trigger: PlanTrigger) -> Standing:
    """The standing without what an open plan, its predecessors and a pause have left in it.

    A plan that answered a date, or a change of the targets, answers it still.
    """
    if trigger is PlanTrigger.TARGET_CHANGE:
        standing = replace(standing, models=reopened(standing.models))
    dated = trigger is PlanTrigger.CALENDAR or policy.trigger.kind is TriggerKind.ADAPTIVE
    last_date = None if dated else standing.last_date_fired
    called = replace(standing, open_plan=None, open_trigger=None, last_rebalance=None, refusal=None, pause=None)
    return replace(called, last_date_fired=last_date)
