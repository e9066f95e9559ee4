"""When slices are due, where each goes, and what becomes of one that cannot be finished."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.execute.next_action import Action, Ask, Cancel, EndSlice, Settle, Submit, Wait, next_action
from engine.execute.routing import Sight
from engine.execute.slicing import due_times
from engine.model import events as ev
from engine.model.ids import LegId, UserId, VenueName, client_order_id
from engine.model.money import Bps, Price, Quantity, use_exact_context
from engine.model.order import OrderStatus
from engine.model.plan import PlanStatus
from engine.model.reasons import ReasonCode as R
from tests.builders import T0, Market
from tests.execute.plan_facts import BUY_ETH, LEGS, PLAN, SELL_BTC, Life, executing, fill, proposal, request, sight

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
EVEN = ev.Pace(horizon=4 * HOUR)
FOUR = tuple(Quantity(Decimal("0.25")) for _ in range(4))
ALPHA, BETA = VenueName("alpha"), VenueName("beta")


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def due(pace: ev.Pace, count: int = 4, start: datetime = T0, leg: LegId = SELL_BTC) -> list[timedelta]:
    return [at - start for at in due_times(pace, start, count, PLAN, leg)]


def sliced(pace: ev.Pace = EVEN, *facts: ev.Fact) -> Life:
    """The plan whose first leg sells one bitcoin in four slices, under way."""
    legs = (replace(LEGS[0], slices=FOUR), *LEGS[1:])
    plan = proposal(legs)
    started = ev.ExecutionStarted(T0 + 5 * HOUR, pace)
    return Life(ev.PlanApproved(("Ann",), plan.digest), started, *facts, legs=legs)


def others_settled() -> tuple[ev.Fact, ...]:
    return tuple(ev.LegSettled(leg.id) for leg in LEGS[1:])


def order(number: int, **changed: Any) -> ev.OrderSubmitting:
    """The first attempt at a slice of the first leg."""
    coid = client_order_id(PLAN, SELL_BTC, number, 1)
    made = replace(request(quantity="0.25"), client_order_id=coid, slice_number=number, **changed)
    return ev.OrderSubmitting(made)


def filled(number: int, quantity: str = "0.25") -> ev.FillBooked:
    coid = client_order_id(PLAN, SELL_BTC, number, 1)
    return ev.FillBooked(replace(fill(f"t{number}", quantity), client_order_id=coid))


def done(*numbers: int) -> tuple[ev.Fact, ...]:
    return tuple(fact for number in numbers for fact in (order(number), filled(number)))


def action(life: Life, after: timedelta, *seen: Sight) -> Action:
    return next_action(life.state, {SELL_BTC: seen or (sight(SELL_BTC),)}, T0 + after)


def test_slices_are_spread_evenly() -> None:
    """The first at once, the last a slice's length before the end."""
    assert due(EVEN) == [0 * HOUR, HOUR, 2 * HOUR, 3 * HOUR]
    assert due(EVEN, 1) == [timedelta(0)]


def test_the_jitter_is_drawn_from_names_and_stays_within_its_share() -> None:
    """The same for the same plan, another for another leg, and never before the beat."""
    pace = replace(EVEN, jitter=Decimal("0.5"))
    late = [at - beat for at, beat in zip(due(pace), due(EVEN), strict=True)]
    assert due(pace) == due(pace) != due(pace, leg=BUY_ETH)
    assert late[0] == timedelta(0)
    assert all(timedelta(0) <= each <= HOUR / 2 for each in late) and len(set(late)) > 2


def test_slices_follow_the_days_volume() -> None:
    """Where an hour holds three times as much, three times as many slices are due in it."""
    quiet, busy = Decimal(1), Decimal(3)
    hours = tuple(busy if hour == 1 else quiet for hour in range(24))
    start = datetime(2026, 1, 1, 0, 0, tzinfo=UTC)
    found = due(ev.Pace(horizon=2 * HOUR, volume_by_hour=hours), 4, start)
    assert [at // HOUR for at in found] == [0, 1, 1, 1]
    assert found == sorted(found)


def test_each_slice_waits_for_its_time() -> None:
    """No longer at once than a person may be kept waiting; then it goes out under an id of its own."""
    life = sliced(EVEN, *others_settled(), *done(1))
    waits = action(life, MINUTE)
    assert isinstance(waits, Wait) and not waits.waiting and waits.duration <= MINUTE
    sent = action(life, HOUR)
    assert isinstance(sent, Submit)
    assert (sent.order.slice_number, sent.order.attempt, sent.order.quantity) == (2, 1, Decimal("0.25"))
    assert sent.order.client_order_id == client_order_id(PLAN, SELL_BTC, 2, 1)


def test_another_leg_goes_while_a_slice_waits() -> None:
    """Sells come first, and do not hold up purchases that they do not pay for."""
    life = sliced(EVEN, *done(1), ev.LegSettled(LEGS[1].id))
    sol = LEGS[2].id
    going = next_action(life.state, {SELL_BTC: (sight(SELL_BTC),), sol: (sight(sol),)}, T0 + MINUTE)
    assert isinstance(going, Submit) and going.order.leg == sol


def test_what_a_slice_lacks_is_not_made_up_for_by_the_next() -> None:
    """It ends with its reason, the next one is no larger than it was approved, and the leg's end tells all reasons."""
    life = sliced(EVEN, *others_settled())
    short = action(life, timedelta(0), sight(SELL_BTC, base="0"))
    assert isinstance(short, EndSlice)
    assert (short.number, [r.code for r in short.reasons]) == (1, [R.FUNDS_SHORT])
    life.add(ev.SliceEnded(SELL_BTC, 1, short.reasons))
    after = action(life, HOUR)
    assert isinstance(after, Submit)
    assert (after.order.slice_number, after.order.quantity) == (2, Decimal("0.25"))
    life.add(*done(2, 3, 4))
    over = action(life, 4 * HOUR)
    assert isinstance(over, Settle) and over.reasons == short.reasons
    assert life.state.filled(SELL_BTC) == Decimal("0.75")


def test_a_slice_goes_where_it_is_cheapest_now() -> None:
    """Fees count; where it makes no difference, the plan's own venue stays."""
    life = sliced(EVEN, *others_settled())
    own, same = sight(SELL_BTC), at_beta("99")
    dearer = at_beta("99.5", fee="0.01")
    better = at_beta("99.5", fee="0.001")
    assert routed(action(life, timedelta(0), own, same)) == "alpha"
    assert routed(action(life, timedelta(0), own, dearer)) == "alpha"
    assert routed(action(life, timedelta(0), own, better)) == "beta"


def test_a_venue_that_is_away_or_outside_the_bound_is_gone_around() -> None:
    """The slice need not wait for it where another venue can take it."""
    life = sliced(EVEN, *others_settled())
    for bad in (Sight(ALPHA, problem="502"), sight(SELL_BTC, mid="98"), sight(SELL_BTC, base="0.1")):
        assert routed(action(life, timedelta(0), bad, at_beta("99"))) == "beta"


def test_another_venue_keeps_what_its_own_legs_need() -> None:
    """What is to be sold there is not sold twice."""
    own_sale = replace(LEGS[0], id=LegId("L4"), venue=BETA)
    legs = (replace(LEGS[0], slices=FOUR), own_sale)
    plan = proposal(legs)
    life = Life(ev.PlanApproved(("Ann",), plan.digest), ev.ExecutionStarted(T0 + 5 * HOUR, EVEN), legs=legs)
    enough, little = (at_beta("99.9", base=base) for base in ("1.25", "1.2"))
    assert routed(action(life, timedelta(0), sight(SELL_BTC), enough)) == "beta"
    assert routed(action(life, timedelta(0), sight(SELL_BTC), little)) == "alpha"


def test_an_order_that_never_arrived_goes_to_the_same_venue_again() -> None:
    """Under one id no second venue is asked."""
    lost = order(1, venue=BETA)
    life = sliced(EVEN, *others_settled(), lost, ev.OrderNotSent(lost.order.client_order_id, "no route"))
    assert routed(action(life, MINUTE, sight(SELL_BTC, mid="99.9"), at_beta("99"))) == "beta"
    alone = action(life, MINUTE, sight(SELL_BTC, mid="99.9"))
    assert isinstance(alone, Wait)


def test_each_order_is_bound_to_the_price_of_its_moment_too() -> None:
    """Within the approved bound, and not further from the best price than the policy allows."""
    pace = replace(EVEN, slippage=Bps(Decimal(50)))
    sent = action(sliced(pace, *others_settled()), timedelta(0), sight(SELL_BTC, mid="200"))
    assert isinstance(sent, Submit) and sent.order.limit_price == Decimal("199")
    near = action(sliced(pace, *others_settled()), timedelta(0), sight(SELL_BTC, mid="99.1"))
    assert isinstance(near, Submit) and near.order.limit_price == Decimal("99")


def test_a_maker_rests_first_then_what_is_left_crosses() -> None:
    """At its own side's best price, for as long as it may; the second attempt takes what there is."""
    pace = replace(EVEN, maker_wait=MINUTE)
    life = sliced(pace, *others_settled())
    seen = sight(SELL_BTC, mid="100", spread="0.2")
    rests = action(life, timedelta(0), seen)
    assert isinstance(rests, Submit)
    assert (rests.order.post_only, rests.order.limit_price) == (True, Decimal("100.1"))
    coid = rests.order.client_order_id
    life.add(ev.OrderSubmitting(rests.order), ev.OrderAccepted(coid, "V"))
    assert not isinstance(action(life, MINUTE - SECOND, seen), Cancel)
    assert isinstance(action(life, MINUTE, seen), Cancel)
    life.add(filled(1, "0.1"), ev.OrderClosed(coid, OrderStatus.CANCELED, Quantity(Decimal("0.1"))))
    crosses = action(life, MINUTE, seen)
    assert isinstance(crosses, Submit)
    assert (crosses.order.post_only, crosses.order.attempt, crosses.order.quantity) == (False, 2, Decimal("0.15"))


def test_a_maker_that_would_have_crossed_crosses() -> None:
    """The venue's refusal of a post-only order is no refusal of the leg."""
    life = sliced(replace(EVEN, maker_wait=MINUTE), *others_settled(), order(1, post_only=True))
    life.add(ev.OrderRejected(order(1).order.client_order_id, "POST_ONLY", "would trade"))
    again = action(life, SECOND)
    assert isinstance(again, Submit) and not again.order.post_only


@pytest.mark.parametrize(("minimum", "rests"), [("89.1", True), ("89.11", False)])
def test_what_is_too_small_to_rest_crosses(minimum: str, rests: bool) -> None:
    """Nine at the best bid of 9.9 are worth 89.1."""
    plan = proposal()
    started = ev.ExecutionStarted(T0 + HOUR, ev.Pace(maker_wait=MINUTE))
    life = Life(ev.PlanApproved(("Ann",), plan.digest), started, ev.LegSettled(SELL_BTC))
    sent = next_action(life.state, {BUY_ETH: (sight(BUY_ETH, mid="10", spread="0.2", min_notional=minimum),)}, T0)
    assert isinstance(sent, Submit)
    assert sent.order.post_only is rests


def test_where_nobody_rests_the_first_attempt_crosses() -> None:
    """There is no best price of its own side to rest at."""
    seen = sight(SELL_BTC)
    assert seen.book is not None
    sent = action(
        sliced(replace(EVEN, maker_wait=MINUTE)), timedelta(0), replace(seen, book=replace(seen.book, asks=()))
    )
    assert isinstance(sent, Submit) and not sent.order.post_only


def never_sent(limit: str) -> Life:
    """The first slice was to rest at this price, and its order never left."""
    lost = order(1, post_only=True, limit_price=Price(Decimal(limit)))
    life = sliced(replace(EVEN, maker_wait=MINUTE), *others_settled(), lost)
    life.add(ev.OrderNotSent(lost.order.client_order_id, "no route"))
    return life


def test_a_maker_that_never_left_goes_again_after_a_pause() -> None:
    """While nothing can be sent, it is not tried without end; then it rests at the price of its moment."""
    life, seen = never_sent("100.1"), sight(SELL_BTC, mid="101", spread="0.2")
    early = action(life, SECOND, seen)
    assert isinstance(early, Wait) and early.duration == SECOND
    again = action(life, 2 * SECOND, seen)
    assert isinstance(again, Submit)
    assert (again.order.attempt, again.order.post_only, again.order.limit_price) == (1, True, Decimal("101.1"))


def test_a_maker_that_goes_again_keeps_its_price_where_nobody_else_rests() -> None:
    """There is no best price of its own side."""
    seen = sight(SELL_BTC)
    assert seen.book is not None
    again = action(never_sent("100.1"), MINUTE, replace(seen, book=replace(seen.book, asks=())))
    assert isinstance(again, Submit)
    assert (again.order.post_only, again.order.limit_price) == (True, Decimal("100.1"))


@pytest.mark.parametrize(("minimum", "price"), [("89.1", "9.9"), ("90", "10.05")])
def test_a_maker_that_goes_again_is_not_too_small_for_its_venue(minimum: str, price: str) -> None:
    """Where the market fell, nine are worth less than the venue takes: they are bought at the price of before."""
    lost = replace(request(BUY_ETH), post_only=True, limit_price=Price(Decimal("10.05")))
    life = executing(ev.LegSettled(SELL_BTC), ev.OrderSubmitting(lost))
    life.add(ev.OrderNotSent(lost.client_order_id, "no route"))
    seen = sight(BUY_ETH, mid="10", spread="0.2", min_notional=minimum)
    again = next_action(life.state, {BUY_ETH: (seen,)}, T0 + MINUTE)
    assert isinstance(again, Submit)
    assert (again.order.post_only, again.order.limit_price) == (True, Decimal(price))


def test_a_pause_takes_resting_orders_out_and_its_time_does_not_count() -> None:
    """What was due in an hour is due an hour after it goes on."""
    life = sliced(replace(EVEN, maker_wait=HOUR), *others_settled(), order(1, post_only=True))
    coid = order(1).order.client_order_id
    life.add(ev.OrderAccepted(coid, "V"))
    assert isinstance(action(life, MINUTE), Ask)
    life.add_at(T0 + MINUTE, ev.ExecutionPaused((), UserId(1), "Ann"))
    assert isinstance(action(life, MINUTE), Cancel)
    life.add(ev.CancelRequested(coid), ev.OrderClosed(coid, OrderStatus.CANCELED, Quantity(Decimal(0))))
    assert isinstance(action(life, MINUTE), Wait)
    life.add_at(T0 + 11 * MINUTE, ev.ExecutionResumed(UserId(1), "Ann"))
    assert life.state.status is PlanStatus.EXECUTING
    assert life.state.deadline == T0 + 5 * HOUR + 10 * MINUTE
    assert life.state.started_at == T0 + 10 * MINUTE


def at_beta(mid: str, base: str = "1000", **market: str) -> Sight:
    made = replace(Market("BTC/USDT", mid, spread="0"), **market)  # type: ignore[arg-type]
    return Sight(BETA, made.instrument(BETA), made.book(T0), Decimal(base), Decimal(1000))


def routed(taken: Action) -> str:
    assert isinstance(taken, Submit), taken
    return taken.order.venue
