"""What people have said that keeps plans from being made: one line under every view, the strongest of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.chat.render.standing import standing_line
from engine.model.decision import Pause, Refusal, Standing
from engine.model.ids import UserId
from engine.model.target_changes import AdoptedTargets, ModelStanding, named
from tests.chat import builders as a

NOW = a.a_frame().now
HOUR = timedelta(hours=1)
ADA = UserId(1)


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing(), ""),
        (Standing(killed=Pause(ADA, NOW - HOUR), pause=Pause(ADA, NOW)), "🛑 Everything is stopped since"),
        (Standing(pause=Pause(ADA, NOW, NOW + HOUR)), "⏸ No new plans until"),
        (Standing(pause=Pause(ADA, NOW)), "⏸ No new plans before /resume."),
        (Standing(pause=Pause(ADA, NOW - HOUR, NOW)), ""),
        (Standing(refusal=Refusal(NOW, (), NOW + HOUR)), "💤 Snoozed until"),
        (Standing(refusal=Refusal(NOW - HOUR, (), NOW)), ""),
        (Standing(refusal=Refusal(NOW - HOUR, ())), "✖️ The last plan was rejected or expired"),
        (Standing(refusal=Refusal(NOW - 24 * HOUR, ())), ""),
    ],
)
def test_the_strongest_is_said_while_it_holds(standing: Standing, said: str) -> None:
    """What is over is not mentioned any more."""
    line = standing_line(standing, a.a_frame())
    assert line.startswith(said) and bool(line) is bool(said)


def test_other_targets_than_the_policys_are_said() -> None:
    """Else nobody would know the weights that a drift is measured against; beside what holds plans up."""
    adopted = AdoptedTargets(named({"BTC": Decimal("0.3"), "USDT": Decimal("0.7")}), NOW - HOUR, "<Ben>", ())
    said = standing_line(Standing(models=ModelStanding(adopted=adopted), pause=Pause(ADA, NOW)), a.a_frame())
    paused, targets = said.splitlines()
    assert paused == "⏸ No new plans before /resume."
    assert targets == "🎯 Other targets than your policy's hold since 13:02, by &lt;Ben&gt;: /models."
