"""The engine as the bot drives it: start, tick, ask, and take people's words. Everything else is behind it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.decide.pipeline import ENGINE_VERSION
from engine.decide.quiet import Renewal, renewal
from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.decision import Decision, RequestKind
from engine.model.errors import ConcurrentWrite
from engine.model.events import Event, Mode
from engine.model.ids import Asset, Digest, PlanId, PortfolioId, VenueName
from engine.model.money import Weight
from engine.model.plan import PlanStatus
from engine.model.policy import Policy
from engine.model.reasons import Reason, ReasonCode, reason
from engine.ports import Clock, Journal, Venue
from engine.run.approvals import Answer, Approvals, Person
from engine.run.bookkeeper import Bookkeeper
from engine.run.cycle import Cycle, CycleSettings
from engine.run.executor import Asks, Executor
from engine.run.explanations import Explanations
from engine.run.guard_desk import GuardDesk
from engine.run.guarding import halted_venues, objections
from engine.run.lot_desk import LotDesk
from engine.run.lot_keeper import LotKeeper
from engine.run.manners import Manners
from engine.run.model_desk import ModelDesk
from engine.run.observe import NOTHING_ASIDE, Aside, Observer, VenueState
from engine.run.recovery import recover
from engine.run.scribe import Scribe
from engine.run.venue_watch import ASKED_EVERY

UNDER_WAY: Final = frozenset({PlanStatus.APPROVED, PlanStatus.EXECUTING, PlanStatus.WINDING_DOWN})
"""A plan in one of these is driven; a paused one waits for a person."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the engine is to look after, and how."""

    portfolio: PortfolioId
    mode: Mode
    policy: Policy
    numeraire: Asset | None = None
    """None: the quote currency that most venues quote."""
    heartbeat: timedelta = timedelta(hours=6)
    aside: Aside = NOTHING_ASIDE
    """What is counted and never traded."""
    venues_asked_every: timedelta | None = None
    """How often each venue is asked for its status, its coins and its withdrawals; None: as a venue can stand it."""


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """How the engine is doing."""

    started_at: datetime | None
    evaluated_at: datetime | None
    venues: tuple[VenueState, ...]
    executing: PlanId | None
    paused: bool
    killed: bool = False


class Engine:
    """One portfolio: watches it, proposes plans, and executes what was approved."""

    def __init__(
        self,
        settings: EngineSettings,
        venues: Mapping[VenueName, Venue],
        journal: Journal,
        clock: Clock,
        may_send: Callable[[], bool] = lambda: True,
    ) -> None:
        """`may_send` is asked right before every order leaves: a switch outside this process, say."""
        self._settings = settings
        self._clock = clock
        self._scribe = Scribe(journal, clock, settings.portfolio)
        asked_every = settings.venues_asked_every or ASKED_EVERY
        self._observer = Observer(venues, clock, settings.policy, settings.numeraire, settings.aside, asked_every)
        cycle = CycleSettings(settings.portfolio, settings.mode, settings.policy, settings.heartbeat)
        bookkeeper = Bookkeeper(venues, self._observer, self._scribe, clock, settings.policy)
        keeper = LotKeeper(self._scribe, settings.policy.tax)
        self._cycle = Cycle(self._observer, (bookkeeper, keeper), self._scribe, clock, cycle)
        self.lots = LotDesk(keeper, self._observer, self._scribe, clock)
        """What was acquired, what it cost, and what became of it."""
        self.models = ModelDesk(self._scribe, clock, settings.portfolio, settings.policy)
        """Targets that follow the market: what people say to them, and the record."""
        self._approvals = Approvals(self._scribe, clock, settings.policy)
        self.explanations = Explanations(self._scribe, clock)
        """What people say about balances."""
        self.guards = GuardDesk(self._cycle.look, self._scribe, clock, settings.policy)
        """What is watched, and what people say to it."""
        self.manners = Manners(self._scribe)
        """What people choose about being told."""
        self._killed = False
        asks = Asks(
            requote=self._requote,
            weigh_now=self._weigh_now,
            may_send=lambda: may_send() and not self._killed,
            numeraire=lambda: self.numeraire,
            balances=self._observer.balances,
        )
        self._executor = Executor(venues, self._scribe, clock, settings.policy, asks)
        self._one_at_a_time = asyncio.Lock()
        self._driving: asyncio.Task[None] | None = None
        self._driven: PlanId | None = None
        self._wanted: PlanId | None = None
        self._started_at: datetime | None = None
        self._evaluated_at: datetime | None = None

    @property
    def settings(self) -> EngineSettings:
        """What the engine looks after."""
        return self._settings

    @property
    def numeraire(self) -> Asset | None:
        """The currency that values are told in; None before any venue has shown a market."""
        return self._observer.numeraire

    async def start(self) -> None:
        """Recover, and go on with what was under way."""
        last = await self._scribe.journal.latest_decision()
        if last is not None:
            self._observer.remember(last.inputs.snapshot)
        self._killed = (await self._scribe.journal.standing()).killed is not None
        if self._killed:
            # The life before this one may have ended when the switch was on record and the plan was not stopped yet.
            await self._approvals.end_all()
        plan = await recover(self._scribe, self._settings.policy, self._settings.mode, ENGINE_VERSION)
        self._started_at = self._clock.now()
        self._observer.watch.start()
        if plan is not None:
            self._drive(plan)

    async def stop(self) -> None:
        """Let go. What is under way is on disk, and the next start goes on with it."""
        await self._observer.watch.stop()
        if self._driving is not None:
            self._driving.cancel()
            await asyncio.gather(self._driving, return_exceptions=True)

    def listen(self, listener: Callable[[tuple[Event, ...]], None]) -> None:
        """Be told of every fact once it is on disk. The listener must return at once."""
        self._scribe.listen(listener)

    async def advance(self) -> None:
        """Do what is due: let stale proposals go, evaluate, start what is approved. Nothing is done twice."""
        plan = await self._scribe.journal.open_plan()
        if plan is not None and plan.status is PlanStatus.PROPOSED and not await self._renewed(plan):
            await self._approvals.expire(plan.proposed.plan_id)
        await self._evaluate(RequestKind.SCHEDULED)

    async def rebalance(self) -> Decision:
        """Make a plan now, whatever the drift."""
        return await self._evaluate(RequestKind.MANUAL)

    async def look(self) -> Decision:
        """Where the portfolio stands now; nothing is kept of it."""
        return await self._cycle.look()

    async def approve(self, plan: PlanId, digest: Digest, who: Person) -> Answer:
        """Take an approval. Execution begins in the background; the answer does not wait for it."""
        answer = await self._approvals.approve(plan, digest, who)
        self._drive_if_due(answer)
        return answer

    async def decline(self, plan: PlanId, who: Person, snoozed_until: datetime | None = None) -> Answer:
        """Take a refusal, or a snooze."""
        return await self._approvals.decline(plan, who, snoozed_until)

    async def stop_plan(self, plan: PlanId, who: Person) -> Answer:
        """Wind a plan down."""
        answer = await self._approvals.stop(plan, who)
        self._drive_if_due(answer)
        return answer

    async def hold_plan(self, plan: PlanId, who: Person, *, on: bool) -> Answer:
        """Let a plan stand still (`on`), or go on."""
        answer = await (self._approvals.pause(plan, who) if on else self._approvals.resume(plan, who))
        self._drive_if_due(answer)
        return answer

    async def give_up_order(self, plan: PlanId, order: str, who: Person) -> Answer:
        """Take a person's word that an order which the venue does not tell of is not there."""
        answer = await self._approvals.give_up(plan, order, who)
        self._drive_if_due(answer)
        return answer

    async def kill(self, who: Person) -> None:
        """Send nothing more, at once; then cancel what rests, and make no plan until somebody revives it."""
        self._killed = True
        if (await self._scribe.journal.standing()).killed is None:
            await self._scribe.note(ev.TradingKilled(who.id, who.name))
        await self._approvals.end_all()
        plan = await self._scribe.journal.open_plan()
        if plan is not None:
            self._wake()
            self._drive(plan.proposed.plan_id)

    async def revive(self, who: Person) -> None:
        """Let trading begin again after the kill switch."""
        self._killed = False
        if (await self._scribe.journal.standing()).killed is not None:
            await self._scribe.note(ev.TradingRevived(who.id, who.name))

    async def pause(self, who: Person, until: datetime | None = None) -> None:
        """Make no new plans, until an instant or until told otherwise. A plan under way goes on."""
        await self._scribe.note(ev.PlanningPaused(who.id, until, who.name))

    async def resume(self, who: Person) -> None:
        """Make plans again, and go on with a plan that an anomaly has paused."""
        await self._scribe.note(ev.PlanningResumed(who.id, who.name))
        plan = await self._scribe.journal.open_plan()
        if plan is not None and plan.status is PlanStatus.PAUSED:
            await self.hold_plan(plan.proposed.plan_id, who, on=False)

    async def health(self) -> EngineHealth:
        """How the engine is doing."""
        standing = await self._scribe.journal.standing()
        return EngineHealth(
            started_at=self._started_at,
            evaluated_at=self._evaluated_at,
            venues=tuple(state for _, state in sorted(self._observer.states.items())),
            executing=self._driven if self._driving and not self._driving.done() else None,
            paused=standing.pause is not None,
            killed=standing.killed is not None,
        )

    async def _evaluate(self, request: RequestKind) -> Decision:
        async with self._one_at_a_time:
            decision = await self._cycle.evaluate(request)
            self._evaluated_at = self._clock.now()
        plan = await self._scribe.journal.open_plan()
        halted = halted_venues(await self._scribe.journal.standing(), self._settings.policy)
        if plan is not None and (plan.status is PlanStatus.WINDING_DOWN or halted):
            # A guard may have just asked for it: a plan that sleeps until its next slice is to hear of it.
            self._wake()
        if plan is not None:
            await self._put_right(plan)
        if plan is not None and plan.status in UNDER_WAY:
            self._drive(plan.proposed.plan_id)
        return decision

    async def _put_right(self, plan: PlanState) -> None:
        """A proposal to which guards object is made anew; a plan under way that buys what one has sold is stopped."""
        reasons = objections(plan, await self._scribe.journal.standing(), self._settings.policy)
        buys = tuple(why for why in reasons if why.code is ReasonCode.NOT_BOUGHT)
        with contextlib.suppress(ConcurrentWrite):
            if plan.status is PlanStatus.PROPOSED and reasons:
                async with self._one_at_a_time:
                    await self._cycle.propose_again(plan.proposed, PlanStatus.PROPOSED, reasons)
            elif plan.status in (PlanStatus.EXECUTING, PlanStatus.PAUSED) and buys:
                await self._scribe.note_plan(plan.proposed.plan_id, plan.version, ev.StopRequested(buys))
                self._wake()

    async def _requote(self, old: ev.PlanProposed, reasons: tuple[Reason, ...]) -> PlanId | None:
        async with self._one_at_a_time:
            return await self._cycle.propose_again(old, PlanStatus.APPROVED, reasons)

    async def _renewed(self, plan: PlanState) -> bool:
        """Whether a proposal that waits through the quiet hours was made anew."""
        proposed, now = plan.proposed, self._clock.now()
        standing = await self._scribe.journal.standing()
        how = renewal(self._settings.policy, standing, plan.created_at, proposed.expires_at, now)
        if how is None:
            return False
        code = ReasonCode.QUIET_HOURS if how is Renewal.IN_PLACE else ReasonCode.QUIET_HOURS_OVER
        in_place = how is Renewal.IN_PLACE
        async with self._one_at_a_time:
            with contextlib.suppress(ConcurrentWrite):
                await self._cycle.propose_again(proposed, PlanStatus.PROPOSED, (reason(code),), in_place=in_place)
        return True

    async def _weigh_now(self) -> tuple[tuple[str, Weight], ...]:
        decision = await self._cycle.look()
        if decision.outcome.vetoes:
            return ()
        return tuple((drift.name, drift.weight) for drift in decision.outcome.drifts)

    def _wake(self) -> None:
        """A plan under way is to hear of what was said, also where it sleeps until its next slice."""
        self._executor.wake()

    def _drive_if_due(self, answer: Answer) -> None:
        self._wake()
        if answer.plan is not None and not answer.plan.is_terminal and answer.plan.status is not PlanStatus.PROPOSED:
            self._drive(answer.plan.proposed.plan_id)

    def _drive(self, plan: PlanId) -> None:
        """See to it that a plan is carried on: at once, or when the one before it has let go."""
        self._wanted = plan
        if self._driving is None or self._driving.done():
            self._driven = plan
            self._driving = asyncio.create_task(self._drive_wanted(), name="plan")

    async def _drive_wanted(self) -> None:
        while self._wanted is not None:
            self._driven, self._wanted = self._wanted, None
            await self._drive_safely(self._driven)

    async def _drive_safely(self, plan: PlanId) -> None:
        """A defect must not leave a plan half done and silent: it is paused, for a person to decide, and ends where
        nothing was sent yet.
        """
        try:
            await self._executor.drive(plan)
        except Exception as error:  # noqa: BLE001 - the one place where an unforeseen error of a plan is caught
            # To the log at once, with where it arose; unretrieved it would get there when the task is collected.
            told = {"message": f"plan {plan} met an error that was not foreseen", "exception": error}
            asyncio.get_running_loop().call_exception_handler(told)
            await self._pause_for(plan, error)

    async def _pause_for(self, plan: PlanId, error: Exception) -> None:
        why = reason(ReasonCode.DEFECT, error=type(error).__name__)
        ends: dict[PlanStatus, ev.PlanFact] = {
            PlanStatus.APPROVED: ev.PlanAborted((why,)),
            PlanStatus.EXECUTING: ev.ExecutionPaused((why,)),
        }
        state = await self._scribe.journal.plan(plan)
        while state is not None and state.status in ends:
            with contextlib.suppress(ConcurrentWrite):
                await self._scribe.note_plan(plan, state.version, ends[state.status])
            state = await self._scribe.journal.plan(plan)
