"""Carries an approved plan out: look, ask the pure machine for the next action, journal the intent, act, journal.

Whatever happens in between, the journal holds enough to go on: every request is preceded by its intent, and every
answer is a fact. A write that finds the plan changed by someone else (a stop, a pause) throws the step away, and the
next step starts from what the journal says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from engine.decide.guards.risk_targets import not_bought
from engine.execute.next_action import (
    Action,
    Ask,
    Cancel,
    EndSlice,
    Finish,
    Pause,
    Settle,
    Submit,
    Wait,
    legs_to_trade,
    next_action,
)
from engine.execute.plan_state import OrderState, PlanState
from engine.execute.recheck import changes_since
from engine.execute.reconcile import facts_of, facts_of_deafness, facts_of_lost_cancel, facts_of_silence
from engine.execute.shortfall import leg_costs
from engine.execute.slicing import pace_of
from engine.model import events as ev
from engine.model.decision import Standing
from engine.model.errors import ConcurrentWrite, JournalUnavailable, NotSent, Refused, Unconfirmed, VenueError
from engine.model.ids import Asset, LegId, PlanId, VenueName
from engine.model.market import Side
from engine.model.money import Weight
from engine.model.order import OrderRequest, OrderStatus
from engine.model.plan import Leg, PlanStatus
from engine.model.policy import Policy
from engine.model.reasons import Reason, ReasonCode, reason
from engine.ports import Clock, Venue
from engine.run.approvals import band_use
from engine.run.guarding import halted_venues, objections, unsound_venues
from engine.run.scribe import Scribe
from engine.run.sights import ReadBalances, sights_of

RETRY_JOURNAL_AFTER: Final = timedelta(seconds=2)
ASK_AGAIN_AFTER: Final = timedelta(seconds=1)
LONGEST_BETWEEN_CANCELS: Final = timedelta(seconds=60)
ASK_QUARANTINED_AFTER: Final = timedelta(seconds=30)

Requote = Callable[[ev.PlanProposed, tuple[Reason, ...]], Awaitable[PlanId | None]]
MaySend = Callable[[], bool]
WeighNow = Callable[[], Awaitable[tuple[tuple[str, Weight], ...]]]


@dataclass(frozen=True, slots=True)
class Asks:
    """What execution asks of the rest of the engine."""

    requote: Requote
    """Replace a plan that the market has outrun."""
    weigh_now: WeighNow
    """The weights as they are, for the report."""
    may_send: MaySend
    """The kill switch: asked right before every order leaves."""
    numeraire: Callable[[], Asset | None]
    """The currency that costs are told in."""
    balances: ReadBalances
    """What a venue holds, with what stays there in any case kept out of reach."""


class Executor:
    """Drives one plan at a time to its end."""

    def __init__(
        self,
        venues: Mapping[VenueName, Venue],
        scribe: Scribe,
        clock: Clock,
        policy: Policy,
        asks: Asks,
    ) -> None:
        self._venues = venues
        self._scribe = scribe
        self._clock = clock
        self._policy = policy
        self._asks = asks
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Somebody has said something: do not sleep on."""
        self._woken.set()

    async def drive(self, plan: PlanId) -> None:
        """Take a plan from approved to its end. Returns at once for a plan that is not to be driven."""
        while True:
            try:
                state = await self._scribe.journal.plan(plan)
                if state is None or state.is_terminal or state.status is PlanStatus.PROPOSED:
                    return
                await self._step(state)
            except ConcurrentWrite:
                continue
            except JournalUnavailable:
                # Without a journal nothing may be sent. What was sent is found again when it is back.
                await self._clock.sleep(RETRY_JOURNAL_AFTER)

    async def _step(self, state: PlanState) -> None:
        if state.status is PlanStatus.APPROVED:
            await self._start(state)
            return
        standing = await self._scribe.journal.standing()
        halted = halted_venues(standing, self._policy)
        due = [leg for leg in legs_to_trade(state, self._clock.now()) if leg.venue not in halted]
        sights = await sights_of(due, self._venues, self._asks.balances, self._routable(due, standing))
        await self._do(state, next_action(state, sights, self._clock.now(), halted))

    def _routable(self, legs: Sequence[Leg], standing: Standing) -> tuple[VenueName, ...]:
        """The venues that a slice may go to instead of its leg's own: none that waits for a word, or is unsound."""
        if not any(leg.slices for leg in legs):
            return ()
        asked = {question.venue for question in standing.questions}
        unsound = unsound_venues(standing, self._policy)
        return tuple(name for name in self._venues if name not in asked | unsound)

    async def _start(self, state: PlanState) -> None:
        """Look at the market once more; go, or ask again. An approval that is stale by now is let go."""
        proposed = state.proposed
        if self._clock.now() >= proposed.expires_at:
            over = reason(ReasonCode.TIME_OVER, deadline=proposed.expires_at)
            await self._note(state, ev.PlanExpired(band_use(state), (over,)))
            return
        sights = await sights_of(proposed.plan.legs, self._venues, self._asks.balances)
        reasons = (
            *await self._not_to_be_used(state),
            *changes_since(proposed.plan, sights, self._policy.limits.requote_bps),
        )
        if reasons:
            await self._asks.requote(proposed, reasons)
            return
        pace = pace_of(self._policy.limits, proposed.plan.trigger)
        sliced = any(leg.slices for leg in proposed.plan.legs)
        spread = pace.horizon if sliced else timedelta(0)
        deadline = self._clock.now() + spread + self._policy.limits.patience
        await self._note(state, ev.ExecutionStarted(deadline, pace))

    async def _not_to_be_used(self, state: PlanState) -> tuple[Reason, ...]:
        """Venues whose balances have changed in a way that nobody explained, and what guards object to since."""
        standing = await self._scribe.journal.standing()
        asked = {question.venue for question in standing.questions}
        used = {leg.venue for leg in state.proposed.plan.legs}
        return (
            *(reason(ReasonCode.VENUE_IN_QUESTION, venue=venue) for venue in sorted(asked & used)),
            *objections(state, standing, self._policy),
        )

    async def _do(self, state: PlanState, action: Action) -> None:
        match action:
            case Submit(order):
                await self._submit(state, order)
            case Ask(order):
                await self._ask(state, order)
            case Cancel(order):
                await self._cancel(state, order)
            case Settle(leg, reasons):
                await self._note(state, ev.LegSettled(leg, reasons))
            case EndSlice(leg, number, reasons):
                await self._note(state, ev.SliceEnded(leg, number, reasons))
            case Pause(reasons):
                await self._note(state, ev.ExecutionPaused(reasons))
            case Wait():
                await self._wait(state, action)
            case Finish(completed):
                await self._finish(state, completed)

    async def _submit(self, state: PlanState, order: OrderRequest) -> None:
        await self._note(state, ev.OrderSubmitting(order))
        coid = order.client_order_id
        outcome: tuple[ev.OrderFact | ev.LegWaiting, ...]
        try:
            if not self._asks.may_send():
                raise NotSent(order.venue, "the kill switch was pulled")
            await self._forbid(order)
            report = await self._venues[order.venue].submit(order)
        except NotSent as error:
            outcome = (ev.OrderNotSent(coid, error.message), ev.LegWaiting(order.leg, _held_up(order, error)))
        except Refused as error:
            outcome = (ev.OrderRejected(coid, error.code, error.message),)
        except Unconfirmed as error:
            outcome = (ev.OrderUnconfirmed(coid, error.message),)
        else:
            await self._record(state, lambda now: facts_of(now.order(coid), report))
            return
        await self._record(state, lambda _: outcome)

    async def _forbid(self, order: OrderRequest) -> None:
        """What guards have found since the step began holds as well. Raises NotSent where it forbids the order."""
        standing = await self._scribe.journal.standing()
        if order.venue in halted_venues(standing, self._policy):
            raise NotSent(order.venue, "it was halted")
        brought = order.base if order.side is Side.BUY else order.quote
        if brought in not_bought(standing.guards.conditions):
            raise NotSent(order.venue, f"{brought} was sold for safety")

    async def _ask(self, state: PlanState, order: OrderState) -> None:
        """Ask the venue; where it has nothing new to tell, ask again a little later."""
        venue = self._venues.get(order.request.venue)
        pause = ASK_QUARANTINED_AFTER if order.quarantined else ASK_AGAIN_AFTER
        facts: tuple[ev.OrderFact, ...] = ()
        if venue is not None:
            try:
                report = await venue.report(order.request)
            except VenueError as error:
                if await self._given_to_people(state, order):
                    return
                held_up = ((order.request.leg, _held_up(order.request, error)),)
                await self._wait(state, Wait(pause, held_up if order.status is OrderStatus.UNKNOWN else ()))
                return
            else:
                now, proof_after = self._clock.now(), venue.capabilities.proof_of_absence_after
                if report is None:
                    facts = facts_of_silence(order, now, proof_after)
                else:
                    facts = facts_of(order, report) or facts_of_lost_cancel(order, report, now)
        if facts:
            await self._note(state, *facts)
        else:
            await self._sleep(pause)

    async def _given_to_people(self, state: PlanState, order: OrderState) -> bool:
        """Ask people about an order at a halted venue that answers nobody: it must not hold up the rest for ever."""
        if order.request.venue not in halted_venues(await self._scribe.journal.standing(), self._policy):
            return False
        facts = facts_of_deafness(order, self._clock.now())
        if facts:
            await self._record(state, lambda _: facts)
        return bool(facts)

    async def _cancel(self, state: PlanState, order: OrderState) -> None:
        coid = order.request.client_order_id
        await self._note(state, ev.CancelRequested(coid))
        try:
            await self._venues[order.request.venue].cancel(order.request)
        except Refused:
            # Nothing to cancel any more: the look-up that follows tells what became of it.
            return
        except VenueError as error:
            problem = error.message
            await self._record(state, lambda _: (ev.CancelFailed(coid, problem),))
            await self._given_to_people(state, order)
            # A venue that is gone for hours is not asked, and the journal not filled, with every second.
            await self._sleep(min(ASK_AGAIN_AFTER * 2**order.cancels_failed, LONGEST_BETWEEN_CANCELS))

    async def _wait(self, state: PlanState, wait: Wait) -> None:
        news = [ev.LegWaiting(leg, why) for leg, why in wait.waiting if _is_news(state, leg, why)]
        if news:
            await self._note(state, *news)
        await self._sleep(wait.duration)

    async def _sleep(self, duration: timedelta) -> None:
        """For so long, or until somebody says something."""
        waits = [asyncio.ensure_future(self._clock.sleep(duration)), asyncio.ensure_future(self._woken.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in waits:
                waiting.cancel()
        self._woken.clear()

    async def _finish(self, state: PlanState, completed: bool) -> None:
        weights = await self._asks.weigh_now()
        reasons = tuple(
            r for entry in state.trail if isinstance(entry.fact, ev.StopRequested) for r in entry.fact.reasons
        )
        costs = leg_costs(state, self._asks.numeraire())
        end = ev.PlanCompleted(weights, costs) if completed else ev.PlanAborted(reasons, weights, costs)
        await self._note(state, end)

    async def _note(self, state: PlanState, *facts: ev.Fact) -> None:
        await self._scribe.note_plan(state.proposed.plan_id, state.version, *facts)

    async def _record(
        self, state: PlanState, facts: Callable[[PlanState], tuple[ev.OrderFact | ev.LegWaiting, ...]]
    ) -> None:
        """Write down what a venue answered, whatever people have written about the plan in the meantime."""
        while True:
            now = await self._scribe.journal.plan(state.proposed.plan_id)
            assert now is not None, "a plan that is driven is in the journal"
            try:
                await self._note(now, *facts(now))
            except ConcurrentWrite:
                continue
            return


def _held_up(order: OrderRequest, error: VenueError) -> Reason:
    return reason(ReasonCode.ORDERS_HELD_UP, venue=order.venue, problem=error.message)


def _is_news(state: PlanState, leg: LegId, why: Reason) -> bool:
    """A leg's wait is told once per kind of reason, not with every tick of the price."""
    known = state.leg(leg).waiting
    return known is None or known.code is not why.code
