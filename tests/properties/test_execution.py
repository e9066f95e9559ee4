"""What holds for every execution of every plan, on markets that move and answers that get lost."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import event, given
from hypothesis import strategies as st

from engine.execute.next_action import Ask, Cancel, EndSlice, Finish, Pause, Settle, Submit, Wait, next_action
from engine.execute.plan_state import OrderState, apply
from engine.execute.reconcile import facts_of, facts_of_silence
from engine.model import events as ev
from engine.model.decision import DecisionInputs
from engine.model.events import Event, Fact, plan_stream
from engine.model.ids import DecisionId, PortfolioId
from engine.model.money import ZERO, Bps, exact
from engine.model.order import OrderRequest
from engine.model.plan import Plan, PlanStatus, plan_id
from tests.builders import T0
from tests.properties.exchange import Exchange, sights
from tests.properties.portfolios import decided, portfolios

DEADLINE = T0 + timedelta(seconds=45)
PROOF = timedelta(seconds=10)
MOST_STEPS = 2_000


class Execution:
    """One plan carried out step by step, its facts folded as they come."""

    def __init__(self, plan: Plan, exchange: Exchange, seed: int) -> None:
        self.plan, self.exchange, self.random = plan, exchange, random.Random(seed)
        self.now: datetime = T0
        self.number = 0
        proposal = ev.PlanProposed(
            plan_id("aaaaaaaa", 1),
            "aaaaaaaa",
            1,
            PortfolioId("main"),
            ev.Mode.SANDBOX,
            plan,
            plan.digest,
            DecisionId("d"),
            DEADLINE,
            (),
        )
        self.state = apply(None, self._event(proposal))
        self.note(ev.PlanApproved(("Ann",), plan.digest), ev.ExecutionStarted(DEADLINE, self._pace()))

    def _pace(self) -> ev.Pace:
        """Slices within the deadline, and with some luck each rests first."""
        rests = timedelta(seconds=3) if self.random.random() < 0.3 else None
        return ev.Pace(timedelta(seconds=30), Decimal("0.2"), maker_wait=rests, slippage=Bps(Decimal(40)))

    def run(self) -> None:
        """To its end, which must come."""
        for _ in range(MOST_STEPS):
            if self.state.is_terminal:
                return
            self.step()
        raise AssertionError("it does not come to an end")

    def step(self) -> None:
        if self.state.status is PlanStatus.EXECUTING and self.random.random() < 0.005:
            self.note(ev.StopRequested(()))
        match next_action(self.state, sights(self.exchange, self.plan.legs, self.now), self.now):
            case Submit(order):
                self.note(ev.OrderSubmitting(order))
                self._send(order)
            case Ask(order):
                self._ask(order)
            case Cancel(order):
                self.note(ev.CancelRequested(order.request.client_order_id))
                self.exchange.cancel(order.request.client_order_id)
            case Settle(leg, reasons):
                self.note(ev.LegSettled(leg, reasons))
            case EndSlice(leg, number, reasons):
                self.note(ev.SliceEnded(leg, number, reasons))
            case Wait(duration, _):
                assert duration > timedelta(0)
                self.now += duration
            case Pause(_):
                raise AssertionError("an honest exchange gives no cause for a pause")
            case Finish(completed):
                self.note(ev.PlanCompleted(()) if completed else ev.PlanAborted(()))

    def note(self, *facts: Fact) -> None:
        for fact in facts:
            self.state = apply(self.state, self._event(fact))

    def _event(self, fact: Fact) -> Event:
        self.number += 1
        return Event(self.number, plan_stream(plan_id("aaaaaaaa", 1)), self.number, fact, self.now, self.now)

    def _send(self, order: OrderRequest) -> None:
        coid, luck = order.client_order_id, self.random.random()
        if luck < 0.1:
            self.note(ev.OrderNotSent(coid, "no route"))
        elif luck < 0.2:
            self.note(ev.OrderUnconfirmed(coid, "lost"))
        elif luck < 0.25:
            self.note(ev.OrderRejected(coid, "NO", "no"))
        else:
            self.exchange.submit(order)
            if luck < 0.4:
                self.note(ev.OrderUnconfirmed(coid, "the answer was lost"))
            elif luck < 0.9:
                self._ask(self.state.order(coid))

    def _ask(self, order: OrderState) -> None:
        self.now += timedelta(seconds=1)
        report = self.exchange.report(order.request.client_order_id)
        self.note(*(facts_of(order, report) if report else facts_of_silence(order, self.now, PROOF)))


@given(portfolios(), st.integers(0, 2**32))
@exact
def test_an_execution_keeps_to_what_was_approved_and_comes_to_an_end(inputs: DecisionInputs, seed: int) -> None:
    """Never more than approved, never beyond the bound, never more than the venue holds, and no order twice."""
    plan = decided(inputs).outcome.plan
    event(f"legs: {len(plan.legs) if plan else 0}")
    if plan is None:
        return
    exchange = Exchange(inputs.snapshot, seed)
    execution = Execution(plan, exchange, seed)
    execution.run()
    state = execution.state
    for leg in plan.legs:
        assert state.filled(leg.id) <= leg.quantity
        for order in state.orders_of(leg.id):
            assert leg.side.sign * (order.request.limit_price - leg.limit_price) <= 0
            assert all(leg.side.sign * (fill.price - leg.limit_price) <= 0 for fill in order.fills)
        for number, size in enumerate(leg.parts, start=1):
            assert state.filled_of_slice(leg.id, number) <= size
        short = state.filled(leg.id) < leg.quantity
        assert not (short and state.status is PlanStatus.COMPLETED and not state.leg(leg.id).reasons)
    taken = sum((report.filled for report in exchange.orders.values()), ZERO)
    booked: Decimal = sum((fill.quantity for fill in state.fills), ZERO)
    assert booked == taken, "a fill was lost, or counted twice"
    assert not state.has_anomaly
