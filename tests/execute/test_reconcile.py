"""From a venue's testimony to our facts: nothing twice, nothing closed too early, and no proof by silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.execute.plan_state import OrderState
from engine.execute.reconcile import (
    CANCELLED_AGAIN_AFTER,
    QUARANTINED_AFTER,
    facts_of,
    facts_of_lost_cancel,
    facts_of_silence,
)
from engine.model import events as ev
from engine.model.ids import UserId
from engine.model.order import Fill, OrderReport, OrderStatus, ReportedStatus
from tests.builders import T0
from tests.execute.plan_facts import Life, coid, executing, fill, kinds, report, submitting

HALF, REST, WHOLE = fill("t1", "0.4"), fill("t2", "0.6"), fill("t3", "1")
WINDOW = timedelta(seconds=30)


def learn(life: Life, told: OrderReport) -> list[str]:
    """Take a report in; what it added."""
    facts = facts_of(life.state.order(coid()), told)
    life.add(*facts)
    return kinds(facts)


def status(life: Life) -> OrderStatus:
    return life.state.order(coid()).status


REPORTS = [
    (report(ReportedStatus.OPEN, "0"), OrderStatus.ACCEPTED),
    (report(ReportedStatus.OPEN, "0.4", HALF), OrderStatus.PARTIALLY_FILLED),
    (report(ReportedStatus.FILLED, "1", HALF, REST), OrderStatus.FILLED),
    (report(ReportedStatus.CANCELED, "0.4", HALF), OrderStatus.CANCELED),
    (report(ReportedStatus.EXPIRED, "0"), OrderStatus.EXPIRED),
    # A venue may call an order filled that it filled in part and let go.
    (report(ReportedStatus.FILLED, "0.4", HALF), OrderStatus.EXPIRED),
    (report(ReportedStatus.REJECTED, "0"), OrderStatus.REJECTED),
    # Rejected, and yet traded: it is over, and the trade counts.
    (report(ReportedStatus.REJECTED, "0.4", HALF), OrderStatus.CANCELED),
    # The fills tell more than the sum that the venue claims.
    (report(ReportedStatus.CANCELED, "0.4", WHOLE), OrderStatus.FILLED),
]


@pytest.mark.parametrize(("told", "expected"), REPORTS)
@pytest.mark.parametrize("doubted", [False, True])
def test_a_report_moves_an_order_to_what_it_shows(told: OrderReport, expected: OrderStatus, doubted: bool) -> None:
    """From submitted and from unknown alike; told again, it adds nothing."""
    life = executing(submitting(), *((ev.OrderUnconfirmed(coid(), "timeout"),) if doubted else ()))
    assert learn(life, told)
    assert status(life) is expected
    assert learn(life, told) == []
    assert not life.state.has_anomaly


def test_an_order_is_closed_only_when_its_fills_add_up() -> None:
    """A venue may show the end before the last trade: it is asked again until the trades are there."""
    life = executing(submitting())
    assert learn(life, report(ReportedStatus.FILLED, "1", HALF)) == ["OrderAccepted", "FillBooked"]
    assert life.state.order(coid()).is_at_large
    assert learn(life, report(ReportedStatus.FILLED, "1", HALF, REST)) == ["FillBooked", "OrderClosed"]
    assert status(life) is OrderStatus.FILLED


def test_a_trade_that_a_report_lists_twice_is_one_trade() -> None:
    """It does not make the sum look complete."""
    life = executing(submitting())
    assert learn(life, report(ReportedStatus.EXPIRED, "0.8", HALF, HALF)) == ["OrderAccepted", "FillBooked"]
    assert life.state.order(coid()).is_at_large


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (report(ReportedStatus.CANCELED, "0"), OrderStatus.CANCELED),
        (report(ReportedStatus.FILLED, "1", WHOLE), OrderStatus.FILLED),
        (report(ReportedStatus.REJECTED, "0"), OrderStatus.CANCELED),
        (report(ReportedStatus.OPEN, "0.4", HALF), OrderStatus.PENDING_CANCEL),
    ],
)
def test_what_we_asked_to_cancel_ends_as_the_venue_says(told: OrderReport, expected: OrderStatus) -> None:
    """Also filled before the cancel arrived."""
    life = executing(submitting(), ev.OrderAccepted(coid(), "V1"), ev.CancelRequested(coid()))
    learn(life, told)
    assert status(life) is expected


def test_a_cancel_that_the_venue_never_heard_of_is_asked_again() -> None:
    """Not at once, since a venue may show an order open for a moment after its cancel."""
    life = executing(submitting(), ev.OrderAccepted(coid(), "V1"), ev.CancelRequested(coid()))
    asked, rests = life.state.order(coid()), report(ReportedStatus.OPEN, "0")
    assert facts_of_lost_cancel(asked, rests, T0 + CANCELLED_AGAIN_AFTER - timedelta(milliseconds=1)) == ()
    assert facts_of_lost_cancel(asked, report(ReportedStatus.CANCELED, "0"), T0 + CANCELLED_AGAIN_AFTER) == ()
    life.add(*facts_of_lost_cancel(asked, rests, T0 + CANCELLED_AGAIN_AFTER))
    assert status(life) is OrderStatus.ACCEPTED


def test_a_trade_after_the_end_is_a_fact_all_the_same() -> None:
    """It is booked and flagged."""
    life = executing(
        submitting(), *facts_of(executing(submitting()).state.order(coid()), report(ReportedStatus.EXPIRED, "0"))
    )
    late: Fill = HALF
    assert learn(life, report(ReportedStatus.EXPIRED, "0.4", late)) == ["FillBooked"]
    assert (status(life), life.state.has_anomaly) == (OrderStatus.EXPIRED, True)


def silence(order: OrderState, after: timedelta) -> list[str]:
    return kinds(facts_of_silence(order, T0 + after, WINDOW))


def test_silence_proves_absence_only_past_the_window() -> None:
    """Until then an order that the venue does not know may still be accepted."""
    submitted = executing(submitting())
    assert silence(submitted.state.order(coid()), timedelta(seconds=1)) == ["OrderUnconfirmed"]
    unknown = submitted.add(ev.OrderUnconfirmed(coid(), "timeout")).order(coid())
    assert silence(unknown, WINDOW - timedelta(milliseconds=1)) == []
    assert silence(unknown, WINDOW) == ["OrderProvedAbsent"]


def test_silence_about_an_order_that_was_seen_proves_nothing() -> None:
    """The venue had it: it cannot be absent, and after a while a person is asked, once."""
    life = executing(submitting(), ev.OrderAccepted(coid(), "V1"))
    seen = life.state.order(coid())
    assert silence(seen, QUARANTINED_AFTER - timedelta(milliseconds=1)) == []
    assert silence(seen, QUARANTINED_AFTER) == ["OrderQuarantined"]
    asked = life.add(ev.OrderQuarantined(coid())).order(coid())
    assert silence(asked, timedelta(days=1)) == []
    assert life.add(ev.OrderGivenUp(coid(), UserId(1), "Ann")).order(coid()).status is OrderStatus.CANCELED


def test_where_silence_proves_nothing_a_person_is_asked() -> None:
    """However long it lasts."""
    unknown = executing(submitting(), ev.OrderUnconfirmed(coid(), "timeout")).state.order(coid())
    assert kinds(facts_of_silence(unknown, T0 + QUARANTINED_AFTER, None)) == ["OrderQuarantined"]


def test_the_window_begins_with_the_last_intent() -> None:
    """Sent again under its id, an order has a whole window again."""
    again = ev.OrderSubmitting(replace(submitting().order, intended_at=T0 + WINDOW))
    life = executing(submitting(), ev.OrderNotSent(coid(), "no route"), again, ev.OrderUnconfirmed(coid(), "timeout"))
    order = life.state.order(coid())
    assert silence(order, WINDOW) == []
    assert silence(order, 2 * WINDOW) == ["OrderProvedAbsent"]
