"""Targets that follow the market: the models, how far each may go, the bounds that it keeps to, and its parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.model.errors import InvalidValue
from engine.model.money import ONE, ZERO, Weight, total


class ModelKind(StrEnum):
    """What makes targets of market data."""

    VOLATILITY_REGIME = "volatility_regime"
    """Less in coins while their volatility is high by its own past."""
    VOLATILITY_TARGET = "volatility_target"
    """As much in coins as keeps the portfolio's volatility at an aim, and never more than the static targets say."""
    RISK_PARITY = "risk_parity"
    """Every coin brings the same share of the risk."""
    MOMENTUM = "momentum"
    """More of what has risen for its risk, less of what has fallen."""
    ACCUMULATION = "accumulation"
    """More of what is far below its own average."""
    SIGNALS = "signals"
    """More or less in coins by a number from outside."""


class ModelStance(StrEnum):
    """How far a model may go."""

    OFF = "off"
    SHADOW = "shadow"
    """What its targets would be is written down and compared; nothing is done."""
    PROPOSE = "propose"
    """A change of the targets is proposed to a person."""
    AUTO = "auto"
    """A change of the targets is adopted without asking, and told of afterwards. What is traded for it is asked for
    like any other plan."""


class ModelGrid(StrEnum):
    """On which dates a model may change targets, by the clock of the policy's time zone."""

    DAILY = "daily"
    WEEKLY = "weekly"


ON_RECORD_FIRST: Final = frozenset({ModelKind.ACCUMULATION, ModelKind.SIGNALS})
"""Models that only keep a record, unless a person writes that they may do more."""


LONGEST_PERIOD: Final = timedelta(days=90)
"""Over which the growth of a signal is told: readings are kept for somewhat longer."""


def default_stance(kind: ModelKind) -> ModelStance:
    """How far a model goes of which the user says only that it is wanted."""
    return ModelStance.SHADOW if kind in ON_RECORD_FIRST else ModelStance.PROPOSE


@dataclass(frozen=True, slots=True)
class Bound:
    """The least and the most that a target may become."""

    name: str
    least: Weight = Weight(ZERO)
    most: Weight = Weight(ONE)


@dataclass(frozen=True, slots=True)
class VolatilityRegime:
    """`shift` of every coin's target goes into the cash while the volatility of the coins is high.

    High begins above the `enter` quantile of its own last 365 days, and ends below the `leave` quantile.
    """

    enter: Decimal = Decimal("0.75")
    leave: Decimal = Decimal("0.60")
    shift: Decimal = Decimal("0.3")


@dataclass(frozen=True, slots=True)
class VolatilityTarget:
    """The annual volatility that the whole portfolio shall not exceed, as a fraction of 1."""

    volatility: Decimal = Decimal("0.40")


@dataclass(frozen=True, slots=True)
class RiskParity:
    """`share` of the way from the static targets of the coins to those at which each brings the same risk."""

    share: Decimal = ONE


@dataclass(frozen=True, slots=True)
class Momentum:
    """A coin's target is raised or lowered by up to `tilt` of it, by what it returned over `lookback` for its risk."""

    lookback: timedelta = timedelta(days=90)
    tilt: Decimal = Decimal("0.4")


@dataclass(frozen=True, slots=True)
class Accumulation:
    """A coin's target is raised by up to `tilt` of it, all of it where its price is `depth` below its average."""

    average: timedelta = timedelta(days=200)
    depth: Decimal = Decimal("0.5")
    tilt: Decimal = Decimal("0.4")


class SignalMeasure(StrEnum):
    """What of a signal counts."""

    GROWTH = "growth"
    """By which fraction it has grown over a period."""
    LEVEL = "level"
    """The number itself."""


@dataclass(frozen=True, slots=True)
class Signals:
    """The coins' targets are changed by up to `tilt` of them: less of them at `low` of the measure, more at `high`."""

    measure: SignalMeasure = SignalMeasure.GROWTH
    period: timedelta = timedelta(days=30)
    low: Decimal = Decimal("-0.05")
    high: Decimal = Decimal("0.05")
    tilt: Decimal = Decimal("0.25")
    value: Decimal | None = None
    """The number that a person typed; None: it is read from elsewhere."""


@dataclass(frozen=True, slots=True)
class TargetModel:
    """The one model of a policy. Its parameters stand beside those of the others, so that trying one loses none."""

    kind: ModelKind = ModelKind.VOLATILITY_REGIME
    stance: ModelStance = ModelStance.OFF
    every: ModelGrid = ModelGrid.WEEKLY
    max_step: Weight = Weight(Decimal("0.30"))
    """The most that any weight changes at once."""
    min_change: Weight = Weight(Decimal("0.05"))
    """A change of which no weight is as large is not worth one."""
    rest: timedelta = timedelta(days=14)
    """After a change none is asked for in so long."""
    decay: Decimal = Decimal("0.97")
    """The weight of a day beside the one after it, wherever moves are weighed by age."""
    bounds: tuple[Bound, ...] = ()
    regime: VolatilityRegime = field(default_factory=VolatilityRegime)
    volatility_target: VolatilityTarget = field(default_factory=VolatilityTarget)
    risk_parity: RiskParity = field(default_factory=RiskParity)
    momentum: Momentum = field(default_factory=Momentum)
    accumulation: Accumulation = field(default_factory=Accumulation)
    signals: Signals = field(default_factory=Signals)

    def bound(self, name: str) -> Bound:
        """What a target may become."""
        return next((bound for bound in self.bounds if bound.name == name), Bound(name))


def model_mistakes(model: TargetModel, targets: Mapping[str, Weight]) -> list[InvalidValue]:
    """All contradictions of a model at once, each with the key it is about and what would be right."""
    found = [*_parameter_mistakes(model), *_signal_mistakes(model.signals)]
    if model.max_step < model.min_change:
        found.append(InvalidValue("model.max_step", "must not be less than model.min_change: no change would be made"))
    if model.regime.leave > model.regime.enter:
        remedy = "must not be above model.regime.enter: high volatility ends below where it began"
        found.append(InvalidValue("model.regime.leave", remedy))
    if model.rest < timedelta(0):
        found.append(InvalidValue("model.rest", "must not be negative"))
    if model.momentum.lookback < timedelta(days=7) or model.momentum.lookback > timedelta(days=150):
        found.append(InvalidValue("model.momentum.lookback", "must lie between 7d and 150d, which exchanges tell of"))
    if model.accumulation.average < timedelta(days=30):
        found.append(InvalidValue("model.accumulation.average", "must be 30d or longer"))
    return [*found, *_bound_mistakes(model.bounds, targets)]


def _parameter_mistakes(model: TargetModel) -> list[InvalidValue]:
    fractions = {
        "model.max_step": model.max_step,
        "model.min_change": model.min_change,
        "model.regime.enter": model.regime.enter,
        "model.regime.leave": model.regime.leave,
        "model.regime.shift": model.regime.shift,
        "model.risk_parity.share": model.risk_parity.share,
        "model.momentum.tilt": model.momentum.tilt,
        "model.accumulation.depth": model.accumulation.depth,
        "model.accumulation.tilt": model.accumulation.tilt,
        "model.signals.tilt": model.signals.tilt,
    }
    found = [InvalidValue(k, "must lie above 0 and be 1 at the most") for k, v in fractions.items() if not 0 < v <= 1]
    if not ZERO < model.decay < ONE:
        found.append(InvalidValue("model.decay", "must lie between 0 and 1, such as 0.97"))
    if model.volatility_target.volatility <= 0:
        found.append(InvalidValue("model.volatility_target.volatility", "must be above 0, such as 0.4 for 40 % a year"))
    return found


def _signal_mistakes(signals: Signals) -> list[InvalidValue]:
    found = []
    if signals.low >= signals.high:
        found.append(InvalidValue("model.signals.low", "must be less than model.signals.high"))
    if not timedelta(days=1) <= signals.period <= LONGEST_PERIOD:
        found.append(InvalidValue("model.signals.period", f"must lie between 1d and {LONGEST_PERIOD.days}d"))
    if signals.value is not None and signals.measure is SignalMeasure.GROWTH:
        remedy = 'a number that is typed does not grow; write measure = "level", or read it from elsewhere'
        found.append(InvalidValue("model.signals.value", remedy))
    return found


def _bound_mistakes(bounds: Collection[Bound], targets: Mapping[str, Weight]) -> list[InvalidValue]:
    found = []
    for name, count in Counter(bound.name for bound in bounds).items():
        if count > 1:
            found.append(InvalidValue(f"model.bounds.{name}", "is there twice; keep one"))
    for bound in bounds:
        found += _one_bound(bound, targets)
    if found:
        return found
    known = {bound.name: bound for bound in bounds}
    least = total(known[n].least if n in known else ZERO for n in targets)
    most = total(known[n].most if n in known else ONE for n in targets)
    if least > ONE:
        found.append(InvalidValue("model.bounds", f"the least of all targets sum to {least}; lower them to 1 together"))
    if targets and most < ONE:
        found.append(InvalidValue("model.bounds", f"the most of all targets sum to {most}; raise them to 1 together"))
    return found


def _one_bound(bound: Bound, targets: Mapping[str, Weight]) -> list[InvalidValue]:
    key = f"model.bounds.{bound.name}"
    if bound.name not in targets:
        return [InvalidValue(key, f"is no target; add targets.{bound.name}, or remove it")]
    if not ZERO <= bound.least <= ONE or not ZERO <= bound.most <= ONE:
        return [InvalidValue(key, "min and max must lie between 0 and 1")]
    if bound.least > bound.most:
        return [InvalidValue(f"{key}.min", f"must not be above max, which is {bound.most}")]
    return []


def statics_out_of_bounds(model: TargetModel, targets: Mapping[str, Weight]) -> list[InvalidValue]:
    """Static targets that lie outside of their own bounds.

    Said of what a user writes alone: a guard may well scale a target below its least.
    """
    return [
        InvalidValue(
            f"model.bounds.{bound.name}",
            f"targets.{bound.name} is {targets[bound.name]}; move it between min and max, or widen these",
        )
        for bound in model.bounds
        if bound.name in targets and not bound.least <= targets[bound.name] <= bound.most
    ]
