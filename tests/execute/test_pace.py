"""How a plan's orders go out: by the policy's limits, and faster where a guard wants out."""

from __future__ import annotations

from datetime import timedelta

from engine.execute.slicing import pace_of
from engine.model.plan import PlanTrigger
from engine.model.policy import Limits

PATIENT = Limits(horizon=timedelta(hours=4), risk_horizon=timedelta(minutes=10), maker_wait=timedelta(seconds=60))


def test_an_ordinary_plan_takes_its_horizon_and_rests_as_a_maker_first() -> None:
    pace = pace_of(PATIENT, PlanTrigger.THRESHOLD)
    assert (pace.horizon, pace.maker_wait) == (timedelta(hours=4), timedelta(seconds=60))


def test_a_risk_exit_takes_minutes_and_waits_for_no_maker_fill() -> None:
    pace = pace_of(PATIENT, PlanTrigger.RISK)
    assert (pace.horizon, pace.maker_wait) == (timedelta(minutes=10), None)


def test_a_risk_exit_never_takes_longer_than_an_ordinary_plan() -> None:
    hasty = Limits(horizon=timedelta(minutes=2))
    assert pace_of(hasty, PlanTrigger.RISK).horizon == timedelta(minutes=2)
