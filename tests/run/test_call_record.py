"""What became of the last calls, and how long they took."""

from __future__ import annotations

from datetime import timedelta

from engine.model.errors import Fault
from engine.model.venue_signals import CallOutcomes
from engine.run.call_record import CallRecord

SECOND = timedelta(seconds=1)


def test_the_slowest_twentieth_and_the_middle() -> None:
    """By nearest rank, and of the newest forty; of fewer than twenty the slowest proves nothing."""
    record = CallRecord()
    assert (record.outcomes, record.p95, record.usual) == (None, None, None)
    for number in range(1, 20):
        record.succeeded(number * SECOND)
    assert record.p95 is None
    record.succeeded(20 * SECOND)
    assert (record.p95, record.usual) == (19 * SECOND, 10 * SECOND)
    for _ in range(40):
        record.succeeded(SECOND)
    assert (record.p95, record.usual) == (SECOND, SECOND)


def test_what_is_remembered_is_bounded() -> None:
    """However long it goes on; and a clock that was set back has measured nothing."""
    record = CallRecord()
    for _ in range(10_000):
        record.succeeded(-SECOND)
        record.failed(Fault.OTHER)
    assert record.outcomes == CallOutcomes(10, ((Fault.OTHER, 5),))
    assert record.usual is None
