"""When a model's word becomes a change: on dates of its grid, where it is large enough, and not against a person's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.pipeline import decide
from engine.decide.replay import replay
from engine.model.conditions import Condition, GuardStanding, Stage, Step
from engine.model.decision import Decision, Pause, Standing
from engine.model.guards import Rule
from engine.model.ids import UserId
from engine.model.money import Weight
from engine.model.plan import PlanTrigger
from engine.model.policy import TriggerKind
from engine.model.reasons import ReasonCode as R
from engine.model.reasons import reason
from engine.model.target_changes import AdoptedTargets, KeptTargets, ModelStanding, named
from engine.model.target_models import Bound, ModelGrid, ModelKind, ModelStance, TargetModel, VolatilityRegime
from tests import builders as b
from tests.builders import T0
from tests.decide.models import prices as p

D = Decimal
DAY = timedelta(days=1)
MONDAY = T0 - 3 * DAY
"""The decisions are made on a Thursday."""
MODEL = TargetModel(stance=ModelStance.PROPOSE, regime=VolatilityRegime(shift=D("0.3")))
WILD = p.calm_then_wild()
SHIFTED = named(p.weights(BTC="0.35", ETH="0.21", USDT="0.44"))


def made(model: TargetModel = MODEL, models: ModelStanding | None = None, **more: Any) -> Decision:
    """A decision in a wild time. `more`: pause, killed, now, trigger."""
    standing = Standing(
        models=models or ModelStanding(), pause=more.pop("pause", None), killed=more.pop("killed", None)
    )
    return decide(p.inputs(model, more.pop("history", WILD), standing, **more))


def holds(weights: Any = SHIFTED, *, is_traded: bool = False) -> ModelStanding:
    """Adopted targets."""
    adopted = AdoptedTargets(weights, T0 - 20 * DAY, "Ann", (), is_traded)
    return ModelStanding(adopted=adopted, last_date=MONDAY)


def change(decision: Decision) -> Any:
    assert decision.outcome.model is not None
    return decision.outcome.model.change


def test_a_change_says_before_after_and_why() -> None:
    """On the last date of the grid."""
    asked = change(made())
    assert (asked.date, asked.kind) == (MONDAY, ModelKind.VOLATILITY_REGIME)
    assert dict(asked.before) == p.weights(**p.TARGETS)
    assert asked.after == SHIFTED
    assert b.codes(asked.reasons) == [R.VOLATILITY_HIGH]


def test_a_date_is_answered_once() -> None:
    """Until the next one the model says what it says, and nothing is due."""
    outcome = made(models=ModelStanding(last_date=MONDAY)).outcome.model
    assert outcome is not None
    assert (outcome.wants, outcome.date, outcome.change) == (SHIFTED, None, None)
    daily = replace(MODEL, every=ModelGrid.DAILY)
    assert change(made(daily, ModelStanding(last_date=MONDAY))).date == T0


def test_a_date_before_the_policy_was_adopted_is_none_of_its_own() -> None:
    """A model that was just switched on waits for its first date."""
    standing = Standing(active_since=MONDAY + DAY)
    outcome = decide(p.inputs(MODEL, WILD, standing)).outcome.model
    assert outcome is not None and outcome.date is None


def test_a_change_that_is_too_small_is_none() -> None:
    """Hysteresis: the date is answered by that."""
    outcome = made(replace(MODEL, min_change=D("0.25"))).outcome.model
    assert outcome is not None
    assert (outcome.date, outcome.change, outcome.wants) == (MONDAY, None, SHIFTED)


def test_nothing_like_a_refused_change_is_asked_for_while_it_is_quiet() -> None:
    """A model that trembles around what was refused does not nag; afterwards it may ask again."""
    near = named(p.weights(BTC="0.36", ETH="0.2", USDT="0.44"))
    kept = ModelStanding(kept=KeptTargets(near, T0 + DAY))
    assert change(made(models=kept)) is None
    assert change(made(models=replace(kept, kept=KeptTargets(near, T0)))) is not None
    other = named(p.weights(BTC="0.5", ETH="0.1", USDT="0.4"))
    assert change(made(models=ModelStanding(kept=KeptTargets(other, T0 + DAY)))) is not None


def test_targets_rest_after_a_change() -> None:
    """A model that turns within two weeks is not followed before they are over; by the record's own word too."""
    turned = {"history": p.wild_then_calm()}
    for days, is_due in ((13, False), (14, True)):
        adopted = AdoptedTargets(SHIFTED, T0 - days * DAY, "Ann", ())
        assert (change(made(models=ModelStanding(adopted=adopted), **turned)) is not None) is is_due
        shadow = ModelStanding(shadow=SHIFTED, shadow_since=T0 - days * DAY)
        assert (change(made(replace(MODEL, stance=ModelStance.SHADOW), shadow, **turned)) is not None) is is_due


@pytest.mark.parametrize("held", ["pause", "killed"])
def test_dates_wait_while_a_person_wants_nothing_to_happen(held: str) -> None:
    """They are answered afterwards."""
    assert change(made(**{held: Pause(UserId(1), T0 - DAY)})) is None


def test_a_policy_without_a_model_says_nothing() -> None:
    """Nor do its targets change, whatever the market does."""
    assert made(TargetModel()).outcome.model is None


# --- adopted targets -------------------------------------------------------------------------------------------------


def targets(decision: Decision) -> dict[str, Decimal]:
    return {drift.name: Decimal(drift.target) for drift in decision.outcome.drifts}


def test_adopted_targets_take_the_place_of_the_static_ones() -> None:
    """Drifts are measured against them, and the ordinary trigger trades towards them."""
    decision = made(models=holds())
    assert targets(decision) == p.weights(BTC="0.35", ETH="0.21", USDT="0.44")
    plan = decision.outcome.plan
    assert plan is not None and plan.trigger is PlanTrigger.THRESHOLD
    assert b.weights_after(plan)["BTC"] == pytest.approx(D("0.35"), abs=D("0.001"))


def test_adopted_targets_of_other_names_do_not_hold() -> None:
    """They belong to a policy that had other assets."""
    foreign = named(p.weights(BTC="0.5", SOL="0.5"))
    assert targets(made(models=holds(foreign))) == p.weights(**p.TARGETS)


def test_a_change_is_measured_from_the_adopted_targets() -> None:
    """Back to the static ones when the time is calm again, and none while it is not."""
    wild = replace(holds(), last_date=MONDAY - 7 * DAY)
    assert change(made(models=wild)) is None
    back = change(made(models=wild, history=p.wild_then_calm()))
    assert (back.before, dict(back.after)) == (SHIFTED, p.weights(**p.TARGETS))


def sold_half_of_bitcoin() -> GuardStanding:
    """A stop that has fired, and was carried out."""
    fired = Condition(
        rule=Rule.STOP_LOSS,
        subject="BTC",
        stage=Stage.RAISED,
        since=T0 - DAY,
        reason=reason(R.STOP_HIT, asset="BTC"),
        raised_at=T0 - DAY,
        assets=(b.BTC,),
        keeps=D("0.5"),
        step=Step.DONE,
    )
    return GuardStanding(conditions=(fired,))


def test_guards_scale_the_adopted_weights() -> None:
    """A stop that has sold half leaves half of the adopted target, not of the static one."""
    decision = decide(p.inputs(MODEL, WILD, Standing(models=holds(), guards=sold_half_of_bitcoin())))
    assert targets(decision) == p.weights(BTC="0.175", ETH="0.21", USDT="0.615")


def test_bounds_do_not_hold_guards_back() -> None:
    """A guard may take a target below its least: bounds are the model's."""
    bounded = replace(MODEL, bounds=(Bound("BTC", Weight(D("0.3")), Weight(D("0.6"))),))
    decision = decide(p.inputs(bounded, WILD, Standing(guards=sold_half_of_bitcoin())))
    assert targets(decision)["BTC"] == D("0.25")


CALENDAR = {"kind": TriggerKind.CALENDAR, "every": "quarterly"}


def quarterly(models: ModelStanding) -> Decision:
    """A calendar whose date is answered."""
    wanted = p.inputs(MODEL, WILD, Standing(models=models, last_date_fired=T0), trigger=CALENDAR)
    return decide(wanted)


def test_under_a_calendar_other_targets_call_for_a_plan_once() -> None:
    """Its next date may be months away."""
    plan = quarterly(holds()).outcome.plan
    assert plan is not None and plan.trigger is PlanTrigger.TARGET_CHANGE
    assert b.codes(plan.reasons) == [R.TARGETS_CHANGED]
    assert quarterly(holds(is_traded=True)).outcome.plan is None


def test_with_a_threshold_the_band_decides() -> None:
    """A change within the band is not worth a trade."""
    near = named(p.weights(BTC="0.47", ETH="0.3", USDT="0.23"))
    assert made(models=holds(near)).outcome.plan is None


def test_a_decision_with_a_model_is_replayed() -> None:
    """All that it depends on is in its inputs."""
    assert replay(made(models=holds())).agrees
