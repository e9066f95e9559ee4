"""A condition that stands, while what its rule may do, or what can be done about it, becomes another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.decide.guards.conditions import condition_changes
from engine.model.conditions import ChangeKind, Condition, Finding, Level, Stage, Step, conditions_after
from engine.model.guards import Rule, Stance
from engine.model.money import ONE, ZERO
from engine.model.reasons import ReasonCode, reason
from tests.builders import T0, USDC

WHY = reason(ReasonCode.DEPEGGED, asset=USDC)
MINUTE = timedelta(minutes=1)
SEEN = Finding(Rule.DEPEG, USDC, Level.HIT, WHY, Stance.PROPOSE, assets=(USDC,), keeps=ZERO, wants_plan=True)
ONLY_SEEN = replace(SEEN, assets=(), keeps=ONE, wants_plan=False)


def raised(finding: Finding, stance: Stance = Stance.PROPOSE) -> tuple[Condition, ...]:
    """What stands when this was seen."""
    return conditions_after((), condition_changes([replace(finding, stance=stance)], (), T0))


def test_what_could_only_be_told_is_acted_on_when_it_can_be() -> None:
    """The market that tells for certain which coin has fallen was silent when it was seen first."""
    (change,) = condition_changes([SEEN], raised(ONLY_SEEN), T0 + MINUTE)
    condition = change.condition
    assert (change.kind, condition.step, condition.assets) == (ChangeKind.WORSE, Step.WANTED, (USDC,))
    assert condition_changes([ONLY_SEEN], (condition,), T0 + 2 * MINUTE) == (), "and it is not taken back"


@pytest.mark.parametrize("stance", [Stance.PROPOSE, Stance.ACT])
def test_a_rule_that_may_do_more_now_asks(stance: Stance) -> None:
    """The configuration was changed while it stood."""
    (change,) = condition_changes([replace(SEEN, stance=stance)], raised(SEEN, Stance.ALERT), T0 + MINUTE)
    assert change.condition.step is Step.WANTED


def test_a_rule_that_may_only_tell_now_asks_for_nothing() -> None:
    (change,) = condition_changes([replace(SEEN, stance=Stance.ALERT)], raised(SEEN), T0 + MINUTE)
    assert (change.kind, change.condition.step, change.condition.scales) == (ChangeKind.KEPT, Step.NONE, False)
    assert change.condition.stage is Stage.RAISED


@pytest.mark.parametrize("step", [Step.DONE, Step.WAIVED])
def test_what_was_answered_stays_answered(step: Step) -> None:
    (condition,) = raised(SEEN)
    assert condition_changes([SEEN], (replace(condition, step=step),), T0 + MINUTE) == ()
