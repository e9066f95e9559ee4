"""What is said of a guard's finding that got worse, by what became of it before."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.chat.render.conditions import conditions_changed
from engine.model import events as ev
from engine.model.conditions import ChangeKind, Condition, ConditionChange, Stage, Step
from engine.model.decision import Standing
from engine.model.guards import Rule
from engine.model.money import ZERO
from engine.model.reasons import ReasonCode, reason
from tests.builders import T0, USD, USDC
from tests.chat import builders as a

FIGURES = {"worth": Decimal("0.95"), "off_bps": Decimal(500), "limit_bps": Decimal(100), "by": USD}
WHY = reason(ReasonCode.DEPEGGED, asset=USDC, **FIGURES)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Step.WANTED, "A plan follows."),
        (Step.DONE, "A plan was carried out for it already"),
        (Step.WAIVED, "You refused its plan"),
        (Step.NONE, "Nothing is sold"),
    ],
)
def test_what_got_worse_is_told_with_what_became_of_it(step: Step, words: str) -> None:
    """A coin that was sold at the first sign of it is not said to be kept."""
    worse = Condition(Rule.DEPEG, USDC, Stage.RAISED, T0, WHY, grade=2, assets=(USDC,), keeps=ZERO, step=step)
    fact = ev.ConditionsChanged((ConditionChange(ChangeKind.WORSE, worse, WHY),))
    message = conditions_changed(fact, a.a_frame(), Standing())
    assert message is not None and words in message.html
    assert ("Nothing is sold" in message.html) is (step is Step.NONE)
