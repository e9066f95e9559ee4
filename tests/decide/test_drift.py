"""How far a weight is from its target, when that fires, and where a plan then leads."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.decide.targets import destination
from engine.model.decision import AlertLevel, Drift, DriftAlert, Outcome, Standing
from engine.model.money import EXACT, Weight, use_exact_context
from engine.model.plan import PlanTrigger
from engine.model.policy import DriftMode, TriggerKind
from engine.model.portfolio import VenueHealth
from engine.model.reasons import ReasonCode as R
from tests import builders as b
from tests.builders import Market, venue


@pytest.fixture(autouse=True)
def exact() -> None:
    use_exact_context()


def outcome_at(btc: str, **policy: object) -> Outcome:
    """Bitcoin at this weight, the rest in cash; the prices are 1."""
    rest = str(EXACT.subtract(Decimal(1), Decimal(btc)))
    seen = b.snapshot(venue("alpha", {"BTC": btc, "USDT": rest}, Market("BTC/USDT", tick="0.001")))
    targets = policy.pop("targets", {"BTC": "0.5", "USDT": "0.5"})
    return b.decided(seen, b.policy(targets, **policy)).outcome  # type: ignore[arg-type]


def drift_of(outcome: Outcome, name: str) -> Drift:
    (found,) = [d for d in outcome.drifts if d.name == name]
    return found


def test_drift_is_stated_both_ways() -> None:
    """In points of weight, and as a fraction of the target."""
    found = drift_of(outcome_at("0.6"), "BTC")
    assert (found.weight, found.target, found.absolute, found.relative) == (
        Decimal("0.6"),
        Decimal("0.5"),
        Decimal("0.1"),
        Decimal("0.2"),
    )


@pytest.mark.parametrize(
    ("btc", "mode", "threshold", "fires"),
    [
        ("0.55", "absolute", "0.05", False),
        ("0.550000000000000001", "absolute", "0.05", True),
        ("0.45", "absolute", "0.05", False),
        ("0.449999999999999999", "absolute", "0.05", True),
        ("0.55", "relative", "0.10", False),
        ("0.550000000000000001", "relative", "0.10", True),
        ("0.56", "relative", "0.13", False),
    ],
)
def test_a_drift_fires_strictly_beyond_its_threshold(btc: str, mode: str, threshold: str, fires: bool) -> None:
    """On the line it does not fire; the smallest step further it does, on both sides."""
    trigger = {"drift_mode": DriftMode(mode), "threshold": Decimal(threshold)}
    assert outcome_at(btc, trigger=trigger).verdict.fired is fires


def test_a_reason_states_the_drift_both_ways_beside_its_threshold() -> None:
    """Whether it fires or not, people see what was compared with what."""
    fired, quiet = outcome_at("0.6").verdict, outcome_at("0.52").verdict
    assert (fired.kind, quiet.kind) == (PlanTrigger.THRESHOLD, None)
    assert b.codes(fired.reasons)[0] is R.DRIFT_OVER_THRESHOLD
    assert b.codes(quiet.reasons) == [R.DRIFT_WITHIN_THRESHOLD]
    assert dict(fired.reasons[0].operands) == {
        "name": "BTC",
        "weight": "0.6",
        "target": "0.5",
        "absolute": "0.1",
        "relative": "0.2",
        "threshold": "0.05",
        "mode": "absolute",
    }


def test_a_target_can_have_a_threshold_of_its_own() -> None:
    """It replaces the trigger's, wider or narrower, also between the dates of a hybrid."""
    wide = {"BTC": "0.2", "USDT": "0.2"}
    assert not outcome_at("0.6", thresholds=wide).verdict.fired
    narrow = {"BTC": "0.01"}
    found = outcome_at("0.52", thresholds=narrow)
    assert [r.get("name") for r in found.verdict.reasons] == ["BTC"]
    hybrid = {"kind": TriggerKind.HYBRID, "every": "0 0 2 1 *"}
    assert outcome_at("0.52", thresholds=narrow, trigger=hybrid).verdict.fired


def test_between_its_dates_a_hybrid_has_the_wider_threshold() -> None:
    """Ten points unless the policy says otherwise; the trigger's own threshold does not count."""
    hybrid = {"kind": TriggerKind.HYBRID, "every": "0 0 2 1 *"}
    assert not outcome_at("0.6", trigger=hybrid).verdict.fired
    assert outcome_at("0.601", trigger=hybrid).verdict.fired
    assert not outcome_at("0.65", trigger=hybrid | {"hybrid_threshold": Decimal("0.15")}).verdict.fired


def test_a_calendar_policy_does_not_trade_on_drift() -> None:
    """However far it is; the drift is reported all the same."""
    found = outcome_at("0.9", trigger={"kind": TriggerKind.CALENDAR, "every": "0 0 2 1 *"})
    assert (found.verdict.fired, found.plan) == (False, None)
    assert drift_of(found, "BTC").band_use == 8


def test_what_is_held_against_a_target_of_zero_is_beyond_any_relative_band() -> None:
    """In points it is compared like any other; where nothing is held, nothing is beyond."""
    relative = {"drift_mode": DriftMode.RELATIVE}
    none = {"BTC": "0", "USDT": "1"}
    held, not_held = (
        outcome_at("0.0001", targets=none, trigger=relative),
        outcome_at("0", targets=none, trigger=relative),
    )
    assert drift_of(held, "BTC").band_use is None
    assert drift_of(held, "BTC").relative is None
    assert held.verdict.fired
    assert not not_held.verdict.fired
    assert not outcome_at("0.0001", targets=none).verdict.fired


# --- where a plan leads ----------------------------------------------------------------------------------------------


def drift(name: str, weight: str, target: str, threshold: str) -> Drift:
    w, t, limit = Decimal(weight), Decimal(target), Decimal(threshold)
    return Drift(name, Weight(w), Weight(t), Weight(w - t), w / t - 1, limit, abs(w - t) / limit)


WORST_IS_TWICE_ITS_BAND = (
    drift("A", "0.6", "0.5", "0.05"),
    drift("B", "0.25", "0.3", "0.05"),
    drift("C", "0.15", "0.2", "0.05"),
)


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("1", {"A": "0.5", "B": "0.3", "C": "0.2"}),
        ("0.5", {"A": "0.525", "B": "0.2875", "C": "0.1875"}),
        ("0", {"A": "0.55", "B": "0.275", "C": "0.175"}),
        ("0.2", {"A": "0.54", "B": "0.28", "C": "0.18"}),
    ],
)
def test_the_worst_name_is_led_into_its_band_and_the_others_as_far(to: str, expected: dict[str, str]) -> None:
    """One share for all, so that the weights still sum to 1: target, half-way, edge, or a number between."""
    found = destination(WORST_IS_TWICE_ITS_BAND, Decimal(to))
    assert found == {name: Decimal(weight) for name, weight in expected.items()}
    assert sum(found.values()) == 1


def test_a_name_beyond_any_band_leads_to_the_targets() -> None:
    """No band says how far half-way would be."""
    beyond = Drift(
        "D", Weight(Decimal("0.01")), Weight(Decimal(0)), Weight(Decimal("0.01")), None, Decimal("0.05"), None
    )
    found = destination((*WORST_IS_TWICE_ITS_BAND, beyond), Decimal(0))
    assert found["A"] == Decimal("0.5")


def test_half_way_holds_for_a_threshold_and_not_for_a_date() -> None:
    """A calendar trades to its targets, whatever `to` says."""
    drifted = outcome_at("0.6", rebalance_to=Decimal("0.5"))
    assert drifted.plan is not None
    assert {line.name: line.destination for line in drifted.plan.weights}["BTC"] == Decimal("0.525")
    dated = outcome_at("0.6", rebalance_to=Decimal("0.5"), trigger={"kind": TriggerKind.CALENDAR, "every": "daily"})
    assert dated.plan is not None
    assert {line.name: line.destination for line in dated.plan.weights}["BTC"] == Decimal("0.5")


# --- alerts ----------------------------------------------------------------------------------------------------------


def changes(btc: str, standing: tuple[DriftAlert, ...] = ()) -> list[tuple[str, AlertLevel | None]]:
    rest = str(EXACT.subtract(Decimal(1), Decimal(btc)))
    seen = b.snapshot(venue("alpha", {"BTC": btc, "USDT": rest}, Market("BTC/USDT", tick="0.001")))
    wide = b.policy({"BTC": "0.5", "USDT": "0.5"}, thresholds={"USDT": "0.9"})
    found = b.decided(seen, wide, Standing(alerts=standing)).outcome.alerts
    return [(change.name, change.level) for change in found]


NEAR, REACHED = DriftAlert("BTC", AlertLevel.NEAR), DriftAlert("BTC", AlertLevel.REACHED)


@pytest.mark.parametrize(
    ("btc", "standing", "told"),
    [
        ("0.539", (), []),
        ("0.54", (), [("BTC", AlertLevel.NEAR)]),
        ("0.54", (NEAR,), []),
        ("0.549", (NEAR,), []),
        ("0.55", (NEAR,), [("BTC", AlertLevel.REACHED)]),
        ("0.60", (), [("BTC", AlertLevel.REACHED)]),
        ("0.60", (REACHED,), []),
        ("0.545", (REACHED,), []),
        ("0.539", (NEAR,), []),
        ("0.53", (NEAR,), [("BTC", None)]),
        ("0.50", (REACHED,), [("BTC", None)]),
        ("0.50", (), []),
    ],
)
def test_a_drift_is_told_of_once_at_each_level_and_once_when_it_is_over(
    btc: str, standing: tuple[DriftAlert, ...], told: list[tuple[str, AlertLevel | None]]
) -> None:
    """At 80 % of the band, at 100 %, and resolved; what trembles around a level is not told again."""
    assert changes(btc, standing) == told


def test_alerts_come_also_when_no_plan_follows() -> None:
    """On a partial view nothing is traded, and people still learn of the drift."""
    gone = venue("beta", {"BTC": "0.2"}, health=VenueHealth.UNREACHABLE)
    seen = b.snapshot(venue("alpha", {"BTC": "0.4", "USDT": "0.4"}, Market("BTC/USDT", tick="0.001")), gone)
    outcome = b.decided(seen, b.policy({"BTC": "0.5", "USDT": "0.5"})).outcome
    assert outcome.plan is None
    assert [change.level for change in outcome.alerts] == [AlertLevel.REACHED] * 2


def test_an_alert_on_a_name_that_is_no_target_any_more_is_resolved() -> None:
    """Nobody waits for it."""
    assert changes("0.5", (DriftAlert("DOGE", AlertLevel.NEAR),)) == [("DOGE", None)]
