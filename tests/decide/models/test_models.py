"""What each model makes of a past: which coins get more, which less, and what it says where it cannot tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.pipeline import decide
from engine.model.decision import PriceSeries, Standing
from engine.model.reasons import ReasonCode as R
from engine.model.target_changes import AdoptedTargets, ModelOutcome, ModelStanding, SignalReading, named
from engine.model.target_models import (
    ModelKind,
    ModelStance,
    Momentum,
    SignalMeasure,
    Signals,
    TargetModel,
    VolatilityRegime,
)
from tests import builders as b
from tests.builders import T0
from tests.decide.models import prices as p

D = Decimal
DAY = timedelta(days=1)
STATIC = p.weights(**p.TARGETS)


def model(kind: ModelKind, **more: Any) -> TargetModel:
    return TargetModel(kind=kind, stance=ModelStance.PROPOSE, max_step=D(1), **more)


def said(
    wanted: TargetModel, history: tuple[PriceSeries, ...], standing: Standing | None = None, **more: Any
) -> ModelOutcome:
    """What the model says of a past."""
    outcome = decide(p.inputs(wanted, history, standing, **more)).outcome.model
    assert outcome is not None
    return outcome


def wants(outcome: ModelOutcome) -> dict[str, Decimal]:
    return {name: Decimal(weight) for name, weight in outcome.wants}


def adopted(**weights: str) -> Standing:
    """These targets hold."""
    return Standing(models=ModelStanding(adopted=AdoptedTargets(named(p.weights(**weights)), T0 - 9 * DAY, "Ann", ())))


REGIME = model(ModelKind.VOLATILITY_REGIME, regime=VolatilityRegime(shift=D("0.3")))


def test_high_volatility_shifts_a_share_of_every_coin_into_the_cash() -> None:
    """30 % of each; the figures say what is high."""
    outcome = said(REGIME, p.calm_then_wild())
    assert wants(outcome) == p.weights(BTC="0.35", ETH="0.21", USDT="0.44")
    (why,) = outcome.reasons
    assert why.code is R.VOLATILITY_HIGH
    assert D(why.get("volatility")) > D(why.get("enter")) > D(why.get("leave"))


def test_usual_volatility_leaves_the_static_targets() -> None:
    """Also after a wild time."""
    outcome = said(REGIME, p.wild_then_calm(), adopted(BTC="0.35", ETH="0.21", USDT="0.44"))
    assert wants(outcome) == STATIC
    assert b.codes(outcome.reasons) == [R.VOLATILITY_USUAL]


def test_between_both_quantiles_it_stays_what_it_was() -> None:
    """Where nothing that is known decides, what holds at present does: hysteresis outlives the history."""
    level = [0.02, -0.02] * 61
    even = p.past(BTC=level, ETH=level)
    narrow = replace(REGIME, regime=VolatilityRegime(enter=D(1), leave=D("0.001")))
    assert wants(said(narrow, even)) == STATIC
    shifted = adopted(BTC="0.35", ETH="0.21", USDT="0.44")
    assert wants(said(narrow, even, shifted)) == p.weights(BTC="0.35", ETH="0.21", USDT="0.44")


def test_the_volatility_target_scales_all_coins_alike() -> None:
    """So that the whole moves as much as is aimed at; and never beyond the static targets."""
    target = model(ModelKind.VOLATILITY_TARGET)
    wild = wants(said(target, p.calm_then_wild()))
    assert wild["BTC"] / wild["ETH"] == pytest.approx(D("0.5") / D("0.3"), rel=D("0.01"))
    (why,) = said(target, p.calm_then_wild()).reasons
    assert D(why.get("volatility")) * (wild["BTC"] + wild["ETH"]) / D("0.8") == pytest.approx(D("0.4"), rel=D("0.01"))
    assert wants(said(target, p.wild_then_calm())) == STATIC


def test_risk_parity_gives_more_to_what_moves_less() -> None:
    """Two coins share their whole by one over their volatilities, whatever they correlate; the cash stays."""
    past = p.past(BTC=p.shaken(170, 0.02, 1), ETH=p.shaken(170, 0.04, 2))
    found = said(model(ModelKind.RISK_PARITY), past)
    moves = {why.get("name"): D(why.get("volatility")) for why in found.reasons}
    even = wants(found)
    assert even["USDT"] == D("0.2")
    assert even["BTC"] * moves["BTC"] == pytest.approx(even["ETH"] * moves["ETH"], rel=D("0.01"))
    half = wants(
        said(model(ModelKind.RISK_PARITY, risk_parity=replace(TargetModel().risk_parity, share=D("0.5"))), past)
    )
    assert half["BTC"] == pytest.approx((even["BTC"] + D("0.5")) / 2, abs=D("0.001"))


def test_momentum_raises_what_rose_and_lowers_what_fell() -> None:
    """By what it returned for its risk, and by no more than the tilt."""
    past = p.past(BTC=p.shaken(170, 0.01, 1, drift=0.01), ETH=p.shaken(170, 0.01, 2, drift=-0.01))
    found = wants(said(model(ModelKind.MOMENTUM, momentum=Momentum(tilt=D("0.2"))), past))
    assert found == p.weights(BTC="0.6", ETH="0.24", USDT="0.16")


def test_accumulation_buys_what_is_below_its_average() -> None:
    """A coin at half of its average and below gets all of the tilt, one above gets nothing, and the cash pays."""
    fallen = [*p.shaken(160, 0.001, 1), *[-0.2] * 10]
    found = said(model(ModelKind.ACCUMULATION), p.past(BTC=p.shaken(170, 0.001, 2, drift=0.002), ETH=fallen))
    assert wants(found) == p.weights(BTC="0.5", ETH="0.42", USDT="0.08")
    below = {why.get("name"): D(why.get("below")) for why in found.reasons}
    assert below["BTC"] == 0 and below["ETH"] > D("0.5")


def signal_history(*values: str) -> Standing:
    """Readings a day apart, the last of them yesterday."""
    days = tuple((T0 - (len(values) - n) * DAY, D(value)) for n, value in enumerate(values))
    return Standing(models=ModelStanding(signals=days))


def test_a_growing_signal_tilts_towards_coins() -> None:
    """At the upper end of its range by all of the tilt; half-way in between by half of that."""
    month = signal_history(*["100"] * 31)
    by = model(ModelKind.SIGNALS)
    full = said(by, (), month, signal=SignalReading(T0, D(110)))
    assert wants(full) == p.weights(BTC="0.625", ETH="0.375", USDT="0")
    half = said(by, (), month, signal=SignalReading(T0, D("102.5")))
    assert wants(half) == p.weights(BTC="0.562", ETH="0.338", USDT="0.1")
    (why,) = half.reasons
    assert (why.code, why.get("growth"), why.get("tilt")) == (R.SIGNAL_GROWTH, "0.025", "0.125")


def test_a_shrinking_signal_tilts_away_from_them() -> None:
    """No further than the tilt."""
    found = said(model(ModelKind.SIGNALS), (), signal_history(*["100"] * 31), signal=SignalReading(T0, D(1)))
    assert wants(found) == p.weights(BTC="0.375", ETH="0.225", USDT="0.4")


def test_a_typed_number_needs_no_past() -> None:
    """It is the level itself."""
    typed = Signals(measure=SignalMeasure.LEVEL, low=D(-1), high=D(1), value=D(1))
    assert wants(said(model(ModelKind.SIGNALS, signals=typed), ()))["BTC"] == D("0.625")


@pytest.mark.parametrize(
    ("reading", "standing", "code"),
    [
        (SignalReading(T0, None, "the node cannot be reached"), signal_history(*["100"] * 31), R.SIGNAL_UNREAD),
        (None, Standing(), R.SIGNAL_UNREAD),
        (SignalReading(T0, D(100)), signal_history(*["100"] * 9), R.SIGNAL_SHORT),
    ],
)
def test_a_signal_that_is_not_known_changes_nothing(reading: Any, standing: Standing, code: R) -> None:
    """And says why."""
    outcome = said(model(ModelKind.SIGNALS), (), standing, signal=reading)
    assert (b.codes(outcome.reasons), outcome.wants, outcome.change) == ([code], (), None)


LEAST = {
    ModelKind.VOLATILITY_REGIME: 120,
    ModelKind.VOLATILITY_TARGET: 60,
    ModelKind.RISK_PARITY: 90,
    ModelKind.MOMENTUM: 91,
    ModelKind.ACCUMULATION: 150,
}


@pytest.mark.parametrize(("kind", "least"), LEAST.items())
def test_a_model_with_too_little_history_says_so(kind: ModelKind, least: int) -> None:
    """One day less than it needs, of one coin: it names the coin, and changes nothing."""
    enough = p.past(BTC=p.shaken(least, 0.02), ETH=p.shaken(least, 0.03, 2))
    assert said(model(kind), enough).wants
    short = p.past(BTC=p.shaken(least, 0.02), ETH=p.shaken(least - 1, 0.03, 2))
    outcome = said(model(kind), short)
    (why,) = outcome.reasons
    assert (outcome.wants, outcome.change, outcome.date) == ((), None, None)
    assert (why.code, why.get("asset"), why.get("days")) == (R.MODEL_HISTORY_SHORT, "ETH", str(least - 1))


@pytest.mark.parametrize("kind", LEAST)
def test_old_prices_are_no_history(kind: ModelKind) -> None:
    """Of a coin whose last close is five days old nothing is known now."""
    fresh, old = p.shaken(170, 0.02), p.shaken(170, 0.03, 2)
    past = (*p.past(BTC=fresh), *p.past(T0 - 5 * DAY, ETH=old))
    (why,) = said(model(kind), past).reasons
    assert (why.code, why.get("asset"), why.get("days")) == (R.MODEL_HISTORY_SHORT, "ETH", "0")


@pytest.mark.parametrize("kind", [ModelKind.VOLATILITY_REGIME, ModelKind.VOLATILITY_TARGET])
def test_without_cash_there_is_nowhere_to_go(kind: ModelKind) -> None:
    """Said, not guessed."""
    outcome = said(model(kind), p.calm_then_wild(), targets={"BTC": "0.6", "ETH": "0.4"})
    assert b.codes(outcome.reasons) == [R.MODEL_NO_CASH]


@pytest.mark.parametrize("kind", LEAST)
def test_coins_that_never_move_lead_to_no_weights_and_no_error(kind: ModelKind) -> None:
    """A pegged coin, or a venue that tells one price for ever."""
    outcome = said(model(kind), p.past(BTC=[0.0] * 170, ETH=[0.0] * 170))
    assert wants(outcome) in ({}, STATIC)


def test_stablecoins_alone_are_no_portfolio_of_coins() -> None:
    """There is nothing to follow."""
    outcome = said(REGIME, (), targets={"USDC": "0.5", "USDT": "0.5"})
    assert b.codes(outcome.reasons) == [R.MODEL_NO_COINS]


def test_a_coin_that_is_not_wanted_stays_so() -> None:
    """A static target of 0 is no coin that a model could raise."""
    past = p.past(BTC=p.shaken(170, 0.02, 1), ETH=p.shaken(170, 0.001, 2))
    found = wants(said(model(ModelKind.RISK_PARITY), past, targets={"BTC": "0.8", "ETH": "0", "USDT": "0.2"}))
    assert found == p.weights(BTC="0.8", ETH="0", USDT="0.2")
