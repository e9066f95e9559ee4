"""What facts about targets leave behind for the next decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from engine.execute.model_standing import QUIET_AFTER_KEPT, SIGNALS_REMEMBERED
from engine.execute.standing import apply
from engine.model import events as ev
from engine.model.canonical import digest_of
from engine.model.decision import Standing
from engine.model.events import Event, Fact, StreamId
from engine.model.ids import Digest, UserId
from engine.model.target_changes import ModelStanding, NamedWeights, ShadowDay, TargetChange, named
from engine.model.target_models import ModelKind
from tests.builders import T0, policy
from tests.execute.plan_facts import proposal

ANN = UserId(1)
LATER = T0 + timedelta(hours=1)
DAY = timedelta(days=1)
STATIC = named({"BTC": Decimal("0.5"), "USDT": Decimal("0.5")})
SHIFTED = named({"BTC": Decimal("0.3"), "USDT": Decimal("0.7")})
CHANGE = TargetChange(ModelKind.VOLATILITY_REGIME, T0, STATIC, SHIFTED, ())
PROPOSED, ADOPTED = ev.TargetsProposed(CHANGE), ev.TargetsAdopted(CHANGE, ANN, "Ann")


def after(*facts: Fact, at: datetime = LATER) -> ModelStanding:
    standing = Standing()
    for number, fact in enumerate(facts, start=1):
        standing = apply(standing, Event(number, StreamId("any"), number, fact, at, at))
    return standing.models


def noted(model: NamedWeights, days: int) -> ev.ShadowNoted:
    return ev.ShadowNoted(ModelKind.MOMENTUM, Digest("ab"), ShadowDay(T0 + days * DAY, STATIC, model, ()))


def test_a_proposal_waits_until_somebody_says_something() -> None:
    """Or it is not called for any more; its date is answered in any case."""
    assert (after(PROPOSED).asked, after(PROPOSED).last_date) == (CHANGE, T0)
    for word in (ADOPTED, ev.TargetsKept(CHANGE, ANN, "Ann"), ev.TargetsLapsed(CHANGE, is_replaced=False)):
        assert (after(PROPOSED, word).asked, after(PROPOSED, word).last_date) == (None, T0)


def test_what_is_adopted_holds_with_its_author() -> None:
    """Since the word was said."""
    adopted = after(PROPOSED, ADOPTED).adopted
    assert adopted is not None
    assert (adopted.weights, adopted.since, adopted.by, adopted.is_traded) == (SHIFTED, LATER, "Ann", False)


def test_a_refusal_is_remembered_for_two_weeks() -> None:
    """Until something is adopted."""
    kept = after(PROPOSED, ev.TargetsKept(CHANGE, ANN, "Ann")).kept
    assert kept is not None and (kept.after, kept.quiet_until) == (SHIFTED, LATER + QUIET_AFTER_KEPT)
    assert after(ev.TargetsKept(CHANGE, ANN, "Ann"), ADOPTED).kept is None


@pytest.mark.parametrize("fact", [ev.TargetsTraded(planned=False), proposal()])
def test_a_change_calls_for_its_own_plan_once(fact: Fact) -> None:
    """Any plan made since leads to the new targets."""
    adopted = after(ADOPTED, fact).adopted
    assert adopted is not None and adopted.is_traded
    assert after(fact).adopted is None


def test_another_policy_has_targets_of_its_own() -> None:
    """What was read of a signal is known on."""
    other = policy({"BTC": "0.4", "USDT": "0.6"})
    standing = after(PROPOSED, ADOPTED, ev.SignalNoted(T0, Decimal(5)), ev.PolicyAdopted(digest_of(other), other))
    assert standing == ModelStanding(signals=((T0, Decimal(5)),))
    assert after(ADOPTED, ev.TargetsDropped(SHIFTED)).adopted is None


def test_a_record_knows_since_when_its_targets_are_so() -> None:
    """A date on which they stay as they are changes nothing of that."""
    assert after(noted(STATIC, 0)).shadow_since is None
    assert after(noted(SHIFTED, 0)).shadow_since == LATER
    stays = apply(
        apply(Standing(), Event(1, StreamId("any"), 1, noted(SHIFTED, 0), T0, T0)),
        Event(2, StreamId("any"), 2, noted(SHIFTED, 7), LATER, LATER),
    ).models
    assert (stays.shadow, stays.shadow_since, stays.last_date) == (SHIFTED, T0, T0 + 7 * DAY)


def test_readings_are_kept_for_some_months() -> None:
    """As long as a growth may be told over, and no longer."""
    old, fresh = ev.SignalNoted(T0, Decimal(1)), ev.SignalNoted(T0 + SIGNALS_REMEMBERED + DAY, Decimal(2))
    assert [value for _, value in after(old, fresh).signals] == [Decimal(2)]
