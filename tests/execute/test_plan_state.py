"""A plan folded from its facts: what moves it, what is booked once, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.execute.order_machine import ImpossibleOrderEvent
from engine.execute.plan_machine import ImpossiblePlanEvent
from engine.execute.plan_state import apply, fold
from engine.model import events as ev
from engine.model.errors import UnknownRecord
from engine.model.events import Event, Fact, plan_stream
from engine.model.ids import ClientOrderId, UserId
from engine.model.money import Quantity
from engine.model.order import OrderStatus
from engine.model.plan import PlanStatus
from engine.model.reasons import ReasonCode, reason
from tests.builders import T0
from tests.execute.plan_facts import PLAN, SELL_BTC, Life, coid, executing, fill, proposal, submitting

ANN = UserId(1)
WHY = reason(ReasonCode.REQUESTED)


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ((), PlanStatus.PROPOSED),
        ((ev.ApprovalGiven(ANN, proposal().digest, "Ann"),), PlanStatus.PROPOSED),
        ((ev.PlanDeclined(ANN, "Ann", ()),), PlanStatus.DECLINED),
        ((ev.PlanExpired(()),), PlanStatus.EXPIRED),
        ((ev.PlanSuperseded(None, ()),), PlanStatus.SUPERSEDED),
        ((ev.PlanApproved(("Ann",), proposal().digest),), PlanStatus.APPROVED),
        ((ev.PlanApproved(("Ann",), proposal().digest), ev.PlanExpired(())), PlanStatus.EXPIRED),
        ((ev.PlanApproved(("Ann",), proposal().digest), ev.StopRequested((), ANN)), PlanStatus.WINDING_DOWN),
    ],
)
def test_a_proposal_lives_on_by_what_people_say(facts: tuple[Fact, ...], status: PlanStatus) -> None:
    """Every word moves it along its table."""
    assert Life(*facts).state.status is status


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ((), PlanStatus.EXECUTING),
        ((ev.ExecutionPaused((WHY,)),), PlanStatus.PAUSED),
        ((ev.ExecutionPaused((WHY,)), ev.ExecutionResumed(ANN)), PlanStatus.EXECUTING),
        ((ev.ExecutionPaused((WHY,)), ev.StopRequested(())), PlanStatus.WINDING_DOWN),
        ((ev.StopRequested(()), ev.PlanAborted((WHY,))), PlanStatus.ABORTED),
        ((ev.PlanCompleted(()),), PlanStatus.COMPLETED),
    ],
)
def test_an_executing_plan_ends_completed_or_aborted(facts: tuple[Fact, ...], status: PlanStatus) -> None:
    """It can be paused and go on; once it winds down it only ends."""
    assert executing(*facts).state.status is status


@pytest.mark.parametrize(
    "late", [ev.PlanApproved(("Ann",), proposal().digest), ev.StopRequested(()), ev.PlanExpired(())]
)
def test_a_plan_at_its_end_is_not_reopened(late: Fact) -> None:
    """The journal refuses the fact."""
    with pytest.raises(ImpossiblePlanEvent):
        executing(ev.PlanCompleted(())).add(late)


def test_folding_the_stream_again_gives_the_same_state() -> None:
    """And nothing of nothing."""
    life = executing(submitting(), ev.FillBooked(fill("t1", "0.4")), ev.LegWaiting(SELL_BTC, WHY))
    assert fold(life.events) == life.state
    assert fold([]) is None


def test_the_state_knows_its_version_and_who_said_what() -> None:
    """The version is that of the stream; the trail is for the card."""
    life = executing(ev.StopRequested((), ANN, "Ann"))
    assert life.state.version == len(life.events)
    assert [type(entry.fact).__name__ for entry in life.state.trail] == [
        "PlanApproved",
        "ExecutionStarted",
        "StopRequested",
    ]


def test_an_order_is_filled_when_its_fills_add_up() -> None:
    """Partly before; and the leg knows what was traded for it."""
    life = executing(submitting(), ev.OrderAccepted(coid(), "V1"), ev.FillBooked(fill("t1", "0.4")))
    assert life.state.order(coid()).status is OrderStatus.PARTIALLY_FILLED
    life.add(ev.FillBooked(fill("t2", "0.6")))
    assert life.state.order(coid()).status is OrderStatus.FILLED
    assert life.state.filled(SELL_BTC) == 1


def test_a_fill_is_booked_once() -> None:
    """The same trade told again changes nothing; the same number on another venue is another trade."""
    life = executing(submitting(), ev.FillBooked(fill("t1", "0.4")))
    life.add(ev.FillBooked(fill("t1", "0.4")))
    assert life.state.filled(SELL_BTC) == Decimal("0.4")


def test_a_late_fill_is_booked_and_flagged() -> None:
    """Facts are never refused: it counts, the order stays closed, and the plan has an anomaly."""
    life = executing(submitting(), ev.OrderClosed(coid(), OrderStatus.EXPIRED, Quantity(Decimal(0))))
    assert not life.state.has_anomaly
    state = life.add(ev.FillBooked(fill("t1", "0.4")))
    assert (state.order(coid()).status, state.filled(SELL_BTC)) == (OrderStatus.EXPIRED, Decimal("0.4"))
    assert state.has_anomaly


def test_every_attempt_at_a_leg_counts_towards_it() -> None:
    """What the first left over the second trades."""
    life = executing(submitting(), ev.FillBooked(fill("t1", "0.4")))
    life.add(ev.OrderClosed(coid(), OrderStatus.EXPIRED, Quantity(Decimal("0.4"))))
    life.add(submitting(attempt=2, quantity="0.6"), ev.FillBooked(fill("t2", "0.6", attempt=2)))
    assert life.state.filled(SELL_BTC) == 1
    assert [order.status for order in life.state.orders_of(SELL_BTC)] == [OrderStatus.EXPIRED, OrderStatus.FILLED]


def test_an_order_that_was_not_sent_can_be_sent_under_its_own_id() -> None:
    """One order, one id, whatever happened on the way."""
    life = executing(submitting(), ev.OrderNotSent(coid(), "no route"), submitting())
    assert [order.status for order in life.state.orders] == [OrderStatus.SUBMITTED]
    life.add(ev.OrderUnconfirmed(coid(), "timeout"), ev.OrderProvedAbsent(coid()), submitting())
    assert len(life.state.orders) == 1


def test_the_same_end_told_twice_is_one_end() -> None:
    """A filled order that the venue also calls filled stays as it is."""
    life = executing(submitting(), ev.FillBooked(fill("t1", "1")))
    life.add(ev.OrderClosed(coid(), OrderStatus.FILLED, Quantity(Decimal(1))))
    assert life.state.order(coid()).status is OrderStatus.FILLED


def test_a_leg_that_waits_says_for_what_until_an_order_goes_out() -> None:
    """Settled legs wait for nothing, and keep their reasons."""
    life = executing(ev.LegWaiting(SELL_BTC, WHY))
    assert life.state.leg(SELL_BTC).waiting == WHY
    assert life.add(submitting()).leg(SELL_BTC).waiting is None
    settled = life.add(ev.LegWaiting(SELL_BTC, WHY), ev.LegSettled(SELL_BTC, (WHY,))).leg(SELL_BTC)
    assert (settled.settled, settled.reasons, settled.waiting) == (True, (WHY,), None)


def test_what_cannot_happen_is_refused() -> None:
    """An unknown order, a stream without a proposal, an order sent while it is on its way."""
    with pytest.raises(UnknownRecord):
        executing(ev.OrderAccepted(ClientOrderId("f" * 32), "V1"))
    with pytest.raises(UnknownRecord):
        apply(None, Event(1, plan_stream(PLAN), 1, ev.PlanExpired(()), T0, T0))
    with pytest.raises(ImpossibleOrderEvent):
        executing(submitting(), submitting())


def test_what_held_an_order_up_is_over_once_the_venue_knows_it() -> None:
    """Else the card would say for hours that a leg waits whose order has long been found."""
    held_up = ev.LegWaiting(SELL_BTC, reason(ReasonCode.ORDERS_HELD_UP, venue="alpha", problem="no answer"))
    life = executing(submitting(), ev.OrderUnconfirmed(coid(), "no answer"), held_up)
    assert life.state.leg(SELL_BTC).waiting == held_up.reason
    assert life.add(ev.OrderAccepted(coid(), "v1")).leg(SELL_BTC).waiting is None
