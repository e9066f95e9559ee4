"""What an executing plan does next: send, ask, cancel, settle, wait or finish."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from engine.execute.next_action import Action, Ask, Cancel, Finish, Pause, Settle, Submit, Wait, next_action
from engine.execute.plan_state import PlanState
from engine.execute.routing import Sight
from engine.model import events as ev
from engine.model.ids import UserId, VenueName
from engine.model.money import Quantity, use_exact_context
from engine.model.order import OrderStatus
from engine.model.reasons import ReasonCode as R
from engine.model.reasons import reason
from tests.builders import T0
from tests.execute.plan_facts import (
    BUY_ETH,
    BUY_SOL,
    DEADLINE,
    LEGS,
    SELL_BTC,
    Life,
    coid,
    executing,
    fill,
    sight,
    sights,
    submitting,
)

NOW = T0 + timedelta(minutes=1)
WHY = reason(R.REQUESTED)
DOWN = Sight(VenueName("alpha"), problem="502")
EXPIRED = ev.OrderClosed(coid(), OrderStatus.EXPIRED, Quantity(Decimal("0.4")))


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def action(life: Life, now: datetime = NOW, **changed: Sight) -> Action:
    return next_action(life.state, sights(**changed), now)


def settled(*legs: str) -> tuple[ev.LegSettled, ...]:
    return tuple(ev.LegSettled(leg.id) for leg in LEGS if leg.id in legs)


def test_the_first_leg_goes_first() -> None:
    """Whole, at its bound, under an id that follows from plan, leg and attempt."""
    sent = action(executing())
    assert isinstance(sent, Submit)
    order = sent.order
    assert (order.leg, order.client_order_id, order.attempt) == (SELL_BTC, coid(), 1)
    assert (order.quantity, order.limit_price, order.intended_at) == (Decimal(1), Decimal(99), NOW)


def test_one_order_is_at_large_at_a_time() -> None:
    """While one is out, it is asked about, and nothing else is sent."""
    for facts in (
        (),
        (ev.OrderUnconfirmed(coid(), "timeout"),),
        (ev.OrderAccepted(coid(), "V1"),),
        (ev.FillBooked(fill("t1", "0.4")),),
        (ev.OrderAccepted(coid(), "V1"), ev.CancelRequested(coid())),
    ):
        asked = action(executing(submitting(), *facts))
        assert isinstance(asked, Ask)
        assert asked.order.request.client_order_id == coid()


def test_what_a_first_attempt_left_over_a_second_one_trades() -> None:
    """Under an id of its own, after the book had a moment to fill again."""
    life = executing(submitting(), ev.FillBooked(fill("t1", "0.4")), EXPIRED)
    sent = action(life)
    assert isinstance(sent, Submit)
    assert (sent.order.attempt, sent.order.client_order_id, sent.order.quantity) == (2, coid(attempt=2), Decimal("0.6"))
    early = action(life, now=T0 + timedelta(seconds=1))
    assert isinstance(early, Submit)
    assert early.order.leg != SELL_BTC


def test_an_order_that_never_arrived_goes_again_under_the_same_id() -> None:
    """Surely not sent, or proved absent: after a pause, and for no more than was intended under that id."""
    not_sent = executing(submitting(quantity="0.7"), ev.OrderNotSent(coid(), "no route"))
    absent = executing(submitting(quantity="0.7"), ev.OrderUnconfirmed(coid(), "?"), ev.OrderProvedAbsent(coid()))
    for life in (not_sent, absent):
        sent = action(life)
        assert isinstance(sent, Submit)
        assert (sent.order.client_order_id, sent.order.attempt, sent.order.quantity) == (coid(), 1, Decimal("0.7"))
        early = action(life, now=T0 + timedelta(seconds=1))
        assert isinstance(early, Submit)
        assert early.order.leg != SELL_BTC


def test_a_price_outside_the_bound_waits_and_lets_the_others_go() -> None:
    """It is not chased; just at the bound it goes."""
    outside = sight(SELL_BTC, mid="98.99")
    going = action(executing(), L1=outside)
    assert isinstance(going, Submit)
    assert going.order.leg == BUY_ETH
    alone = action(executing(*settled("L2", "L3")), L1=outside)
    assert isinstance(alone, Wait)
    ((leg, why),) = alone.waiting
    assert (leg, why.code, why.get("best"), why.get("bound")) == (SELL_BTC, R.PRICE_OUTSIDE_BOUND, "98.99", "99")


def test_a_purchase_is_held_to_its_bound_too() -> None:
    """Dearer than approved waits."""
    waits = action(executing(*settled("L1", "L3")), L2=sight(BUY_ETH, mid="10.11"))
    assert isinstance(waits, Wait)


def test_an_empty_book_is_waited_for() -> None:
    """There is nothing to trade with."""
    seen = sight(SELL_BTC)
    assert seen.book is not None
    empty = replace(seen, book=replace(seen.book, bids=()))
    waits = action(executing(*settled("L2", "L3")), L1=empty)
    assert isinstance(waits, Wait)
    assert waits.waiting[0][1].get("best") == "none"


def test_a_venue_that_shows_nothing_is_waited_for() -> None:
    """With what it said; the other venue's legs go on."""
    going = action(executing(), L1=DOWN, L2=DOWN)
    assert isinstance(going, Submit)
    assert going.order.leg == BUY_SOL
    waits = action(executing(*settled("L3")), L1=DOWN, L2=DOWN)
    assert isinstance(waits, Wait)
    assert [(leg, why.code, why.get("problem")) for leg, why in waits.waiting] == [
        (SELL_BTC, R.VENUE_SILENT, "502"),
        (BUY_ETH, R.VENUE_SILENT, "502"),
    ]


def test_a_purchase_that_lacks_funds_waits_for_the_venues_sales() -> None:
    """As long as a sale on its venue can still bring them."""
    poor = sight(BUY_ETH, quote="50")
    waits = action(executing(*settled("L3")), L1=sight(SELL_BTC, mid="98"), L2=poor)
    assert isinstance(waits, Wait)
    assert [(leg, why.code) for leg, why in waits.waiting] == [
        (SELL_BTC, R.PRICE_OUTSIDE_BOUND),
        (BUY_ETH, R.FUNDS_SHORT),
    ]


def test_a_sale_on_another_venue_brings_a_purchase_nothing() -> None:
    """It does not wait for that: with 20 at a bound of 1.01 it takes what there is."""
    poor = sight(BUY_SOL, quote="20", step="0.1")
    taken = action(executing(*settled("L2")), L1=sight(SELL_BTC, mid="98"), L3=poor)
    assert isinstance(taken, Submit)
    assert (taken.order.leg, taken.order.quantity) == (BUY_SOL, Decimal("19.8"))


def test_when_no_sale_is_to_come_a_purchase_takes_what_there_is() -> None:
    """50 at a bound of 10.1 with a fee of 1 % buy 4.90: less than approved, never more."""
    poor = sight(BUY_ETH, quote="50", fee="0.01", step="0.01")
    shrunk = action(executing(*settled("L1")), L2=poor)
    assert isinstance(shrunk, Submit)
    assert shrunk.order.quantity == Decimal("4.90")


def test_a_sale_takes_what_there_is() -> None:
    """Somebody moved half of it away."""
    shrunk = action(executing(), L1=sight(SELL_BTC, base="0.5"))
    assert isinstance(shrunk, Submit)
    assert shrunk.order.quantity == Decimal("0.5")


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (sight(BUY_ETH, quote="0.05", min_amount="0.01"), R.FUNDS_SHORT),
        (sight(BUY_ETH, min_amount="10"), R.TOO_LITTLE_LEFT),
        (sight(BUY_ETH, min_notional="91"), R.TOO_LITTLE_LEFT),
        (sight(BUY_ETH, step="10"), R.TOO_LITTLE_LEFT),
    ],
)
def test_what_is_under_the_venues_minimum_is_over(seen: Sight, code: R) -> None:
    """For want of funds, or because no more is left to do; an order of nothing is never sent."""
    done = action(executing(*settled("L1")), L2=seen)
    assert isinstance(done, Settle)
    assert (done.leg, done.reasons[0].code) == (BUY_ETH, code)


def test_a_leg_that_is_filled_is_over_without_a_reason() -> None:
    """There is nothing to explain."""
    done = action(executing(submitting(), ev.FillBooked(fill("t1", "1"))))
    assert done == Settle(SELL_BTC, ())


def test_a_leg_that_the_venue_refused_is_over() -> None:
    """The same request would be refused again; the reason says what the venue said."""
    done = action(executing(submitting(), ev.OrderRejected(coid(), "LOT_SIZE", "not a multiple")))
    assert isinstance(done, Settle)
    assert (done.reasons[0].code, done.reasons[0].get("message")) == (R.REJECTED_BY_VENUE, "not a multiple (LOT_SIZE)")


def test_at_the_deadline_what_is_left_is_over_with_what_it_waited_for() -> None:
    """A moment earlier it would still have gone."""
    outside = reason(R.PRICE_OUTSIDE_BOUND, best=Decimal(98), bound=Decimal(99))
    life = executing(ev.LegWaiting(SELL_BTC, outside))
    assert isinstance(action(life, now=DEADLINE - timedelta(seconds=1)), Submit)
    done = action(life, now=DEADLINE)
    assert isinstance(done, Settle)
    assert [why.code for why in done.reasons] == [R.TIME_OVER, R.PRICE_OUTSIDE_BOUND]


def test_an_order_that_rests_at_the_deadline_is_cancelled() -> None:
    """It was meant to trade at once; nothing stays in a book when the plan's time is over."""
    life = executing(submitting(), ev.OrderAccepted(coid(), "V1"))
    assert isinstance(action(life, now=DEADLINE - timedelta(seconds=1)), Ask)
    assert isinstance(action(life, now=DEADLINE), Cancel)
    life.add(ev.CancelRequested(coid()))
    assert isinstance(action(life, now=DEADLINE), Ask)


def test_when_all_legs_are_over_the_plan_is_completed() -> None:
    """Whatever became of them."""
    assert action(executing(*settled("L1", "L2", "L3"))) == Finish(completed=True)


def wound_down(*facts: ev.OrderFact) -> Life:
    return executing(*facts, ev.StopRequested(()))


def test_a_plan_that_winds_down_cancels_what_rests_and_sends_nothing() -> None:
    """What is in doubt is asked about first; then it is over."""
    assert isinstance(action(wound_down(submitting(), ev.OrderAccepted(coid(), "V1"))), Cancel)
    assert isinstance(action(wound_down(submitting(), ev.OrderUnconfirmed(coid(), "?"))), Ask)
    assert action(wound_down()) == Finish(completed=False)
    assert action(wound_down(submitting(), ev.OrderNotSent(coid(), "no route"))) == Finish(completed=False)


def test_a_paused_plan_sends_nothing() -> None:
    """It still asks about what is out."""
    assert isinstance(action(executing(ev.ExecutionPaused((WHY,)))), Wait)
    out: PlanState = executing(submitting(), ev.ExecutionPaused((WHY,))).state
    assert isinstance(next_action(out, {}, NOW), Ask)


def test_a_late_fill_pauses_the_plan_once() -> None:
    """A person looks at it; once resumed, the plan goes on, and what was sold late is not sold again."""
    life = executing(submitting(), EXPIRED, ev.FillBooked(fill("t1", "1")))
    paused = action(life)
    assert isinstance(paused, Pause)
    (why,) = paused.reasons
    assert (why.code, why.get("order"), why.get("quantity")) == (R.LATE_FILL, coid(), "1")
    life.add(ev.ExecutionPaused(paused.reasons))
    assert isinstance(action(life), Wait)
    life.add(ev.ExecutionResumed(UserId(1)))
    assert action(life) == Settle(SELL_BTC, ())


def test_a_late_fill_of_a_plan_that_is_paused_pauses_it_when_it_goes_on() -> None:
    """It cannot be paused twice; and what happened meanwhile is looked at before more is sent."""
    life = executing(submitting(), EXPIRED, ev.ExecutionPaused((WHY,)), ev.FillBooked(fill("t1", "1")))
    assert isinstance(action(life), Wait)
    life.add(ev.ExecutionResumed(UserId(1)))
    assert isinstance(action(life), Pause)


def test_waiting_is_as_short_as_the_shortest_wait() -> None:
    """A pause between attempts is not slept through."""
    life = executing(submitting(), ev.FillBooked(fill("t1", "0.4")), EXPIRED, *settled("L2", "L3"))
    waits = action(life, now=T0 + timedelta(seconds=1.5))
    assert isinstance(waits, Wait)
    assert waits.duration == timedelta(seconds=0.5)
