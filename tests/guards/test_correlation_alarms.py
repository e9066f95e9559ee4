"""The measure of false alarms is only as good as its own quiet: nothing in calm times, one word in a crash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest

from engine.model.conditions import ChangeKind
from engine.model.market import Close
from engine.model.money import use_exact_context
from tests.builders import T0
from tests.decide.statistics.prices import Returns, history, one_factor
from tests.guards.correlation_alarms import alarms

CALM, CRASH, AFTER = 260, 12, 160


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def closes(returns: Returns) -> dict[str, Sequence[Close]]:
    return {str(series.asset): series.closes for series in history(returns)}


def test_calm_times_are_quiet() -> None:
    assert alarms(closes(one_factor(5, CALM + CRASH, 4, common=0.5))) == []


def test_a_crash_is_one_word_and_one_when_it_is_over() -> None:
    """Four coins with six pairs near their limits, and one piece of news; two days after it began at the earliest."""
    moves = np.vstack(
        (
            one_factor(5, CALM, 4, common=0.5),
            5 * one_factor(6, CRASH, 4, common=0.995),
            one_factor(7, AFTER, 4, common=0.5),
        )
    )
    told = alarms(closes(moves))
    begun, over = T0 - timedelta(days=CRASH + AFTER), T0 - timedelta(days=AFTER)
    raised = [alarm for alarm in told if alarm.kind is ChangeKind.RAISED]
    assert [alarm.subject for alarm in raised] == ["average"]
    assert all(begun + timedelta(days=2) < alarm.at <= over for alarm in raised)
    resolved = [alarm for alarm in told if alarm.kind is ChangeKind.RESOLVED]
    assert {alarm.subject for alarm in resolved} == {alarm.subject for alarm in raised}
    assert all(alarm.at > over for alarm in resolved)
