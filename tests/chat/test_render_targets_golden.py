"""Golden files of targets that follow the market: the proposal, what became of it, and what /models shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

import pytest

from bot.chat.render import targets
from bot.chat.render.splitting import fits
from engine.api import TargetsAnswer, TargetsAnswerKind
from engine.model import events as ev
from engine.model.ids import UserId
from engine.model.money import Weight
from engine.model.policy import TriggerKind
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.target_changes import (
    AdoptedTargets,
    ModelOutcome,
    ModelStanding,
    ShadowLine,
    ShadowRecord,
    TargetChange,
    named,
)
from engine.model.target_models import Bound, ModelKind, ModelStance, TargetModel
from tests.chat import builders as a
from tests.chat.golden_file import assert_golden

D = Decimal
MONDAY: Final = a.T0.replace(hour=0, minute=0)
BEFORE: Final = named({"BTC": D("0.5"), "ETH": D("0.3"), "cash": D("0.2")})
AFTER: Final = named({"BTC": D("0.35"), "ETH": D("0.21"), "cash": D("0.44")})
HIGH: Final = reason(
    ReasonCode.VOLATILITY_HIGH,
    volatility=D("0.8123"),
    enter=D("0.71"),
    leave=D("0.6"),
    since=MONDAY - timedelta(days=4),
    share=D("0.3"),
)
CHANGE: Final = TargetChange(ModelKind.VOLATILITY_REGIME, MONDAY, BEFORE, AFTER, (HIGH,))
MODEL: Final = TargetModel(stance=ModelStance.PROPOSE, bounds=(Bound("BTC", Weight(D("0.3")), Weight(D("0.6"))),))
NO_RECORD: Final = ShadowRecord(None, 0, ShadowLine(), ShadowLine(), D("0.001"))
RECORD: Final = ShadowRecord(
    MONDAY - timedelta(days=35),
    35,
    ShadowLine(D("1.0421"), D("0.31")),
    ShadowLine(D("0.9876"), D("1.274")),
    D("0.001"),
    left_out=1,
)


def outcome(stance: ModelStance = ModelStance.PROPOSE, *reasons: Reason, wants: bool = True) -> ModelOutcome:
    return ModelOutcome(
        ModelKind.VOLATILITY_REGIME, stance, BEFORE, AFTER if wants else (), reasons or (HIGH,), MONDAY, None
    )


def test_a_proposal_shows_before_after_and_why() -> None:
    """With what Adopt does and does not."""
    assert_golden("targets_proposed", targets.proposed(CHANGE, a.a_frame(), TriggerKind.THRESHOLD))
    assert_golden("targets_proposed_calendar", targets.proposed(CHANGE, a.a_frame(), TriggerKind.CALENDAR))


def test_figures_of_many_coins_stay_readable() -> None:
    """Momentum has one for each."""
    coins = [f"COIN{n}" for n in range(20)]
    trends = tuple(
        reason(ReasonCode.TREND, name=c, growth=D("-0.1234"), days=90, score=D("-0.45"))
        if n % 2
        else reason(ReasonCode.BELOW_AVERAGE, name=c, below=D("0.31"), days=179)
        for n, c in enumerate(coins)
    )
    even = named({c: D("0.05") for c in coins})
    found = targets.proposed(
        TargetChange(ModelKind.MOMENTUM, MONDAY, even, even, trends), a.a_frame(), TriggerKind.HYBRID
    )
    assert fits(found.html)
    assert "and 8 more" in found.html
    assert_golden("targets_proposed_many", found)


def test_what_became_of_a_proposal() -> None:
    """In the place of its card."""
    frame = a.a_frame()
    assert_golden(
        "targets_adopted", targets.adopted(ev.TargetsAdopted(CHANGE, a.BEN, "Ben"), frame, TriggerKind.THRESHOLD)
    )
    by_policy = ev.TargetsAdopted(CHANGE, UserId(0), "policy v3")
    assert_golden("targets_adopted_auto", targets.adopted(by_policy, frame, TriggerKind.CALENDAR))
    assert_golden("targets_kept", targets.kept(ev.TargetsKept(CHANGE, a.BEN, a.HOSTILE), frame))
    assert_golden("targets_lapsed", targets.lapsed(ev.TargetsLapsed(CHANGE, is_replaced=False), frame))
    assert_golden("targets_replaced", targets.lapsed(ev.TargetsLapsed(CHANGE, is_replaced=True), frame))
    assert_golden("targets_dropped", targets.dropped(ev.TargetsDropped(AFTER)))


def test_models_without_one() -> None:
    """How to begin is said: with a record, and no change."""
    assert_golden("models_none", targets.models(None, TargetModel(), NO_RECORD, None, a.a_frame()))


def test_models_shows_what_it_says_its_bounds_and_what_waits() -> None:
    """The buttons of the proposal are there once more."""
    assert_golden("models", targets.models(outcome(), MODEL, NO_RECORD, CHANGE, a.a_frame()))


def test_models_with_a_record_says_that_weeks_are_not_years() -> None:
    """Both lines, what they traded, and at which fee."""
    shown = targets.models(outcome(ModelStance.SHADOW), MODEL, RECORD, None, a.a_frame())
    assert "Weeks are not years" in shown.html
    assert_golden("models_shadow", shown)
    assert_golden(
        "models_shadow_young", targets.models(outcome(ModelStance.SHADOW), MODEL, NO_RECORD, None, a.a_frame())
    )


def test_models_that_cannot_tell_say_why() -> None:
    """And that nothing changes."""
    short = reason(ReasonCode.MODEL_HISTORY_SHORT, asset="ETH", days=42, least=120)
    found = outcome(ModelStance.PROPOSE, short, wants=False)
    assert_golden("models_history_short", targets.models(found, MODEL, NO_RECORD, None, a.a_frame()))


ADOPTED: Final = AdoptedTargets(AFTER, a.T0, "Ben", (HIGH,))


@pytest.mark.parametrize(
    ("kind", "standing", "says"),
    [
        (TargetsAnswerKind.ADOPTED, ModelStanding(adopted=ADOPTED), "Adopted."),
        (TargetsAnswerKind.KEPT, ModelStanding(), "stay as they are"),
        (TargetsAnswerKind.STALE, ModelStanding(), "the targets of your policy hold"),
        (TargetsAnswerKind.STALE, ModelStanding(adopted=ADOPTED), "other targets hold since 14:02, by Ben."),
        (TargetsAnswerKind.STALE, ModelStanding(asked=CHANGE), "another one waits for your word"),
        (
            TargetsAnswerKind.STALE,
            ModelStanding(adopted=replace(ADOPTED, by=a.HOSTILE * 9)),
            "other targets hold since",
        ),
    ],
)
def test_a_press_is_answered_with_what_holds(kind: TargetsAnswerKind, standing: ModelStanding, says: str) -> None:
    """In one short sentence that fits a toast."""
    text = targets.answer(TargetsAnswer(kind, standing), a.a_frame())
    assert says in text and len(text) <= 190
