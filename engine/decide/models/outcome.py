"""What the model of a policy says now, and whether a date of its grid calls for a change of the targets. Pure.

A model is a function of a `ModelView`: past prices that were cut at the decision's instant, the static targets, those
at present, and its settings. It says which weights it wants and the figures that they follow from, or why it cannot
tell; `bounds.py` alone makes target weights of what it wants.

Models load numpy: the pipeline imports this late, for a policy that has one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from engine.decide.adopted import adopted_weights
from engine.decide.calendar import latest_date
from engine.decide.models.bounds import fitted
from engine.decide.models.risk import risk_parity
from engine.decide.models.signals import signals
from engine.decide.models.trends import accumulation, momentum
from engine.decide.models.view import ModelView, Said, view_of
from engine.decide.models.volatility import volatility_regime, volatility_target
from engine.model.decision import DecisionInputs
from engine.model.reasons import ReasonCode, reason
from engine.model.target_changes import ModelOutcome, TargetChange, largest_move, named
from engine.model.target_models import ModelKind, ModelStance

MODELS: Final[Mapping[ModelKind, Callable[[ModelView], Said]]] = {
    ModelKind.VOLATILITY_REGIME: volatility_regime,
    ModelKind.VOLATILITY_TARGET: volatility_target,
    ModelKind.RISK_PARITY: risk_parity,
    ModelKind.MOMENTUM: momentum,
    ModelKind.ACCUMULATION: accumulation,
    ModelKind.SIGNALS: signals,
}


def model_outcome(inputs: DecisionInputs) -> ModelOutcome:
    """What the model says of the targets. Only for a policy that has a model which is not off."""
    view = view_of(inputs)
    model, said = view.model, MODELS[view.model.kind](view)
    wants, reasons = None, said.reasons
    if said.weights is not None:
        wants = fitted(said.weights, view.present, model, view.cash)
        reasons = reasons if wants else (reason(ReasonCode.MODEL_NO_NUMBER, kind=model.kind.value),)
    outcome = ModelOutcome(model.kind, model.stance, named(view.present), wants or (), reasons)
    date = _date_due(inputs) if wants else None
    if wants is None or date is None:
        return outcome
    return replace(outcome, date=date, change=_change(inputs, outcome, date))


def _date_due(inputs: DecisionInputs) -> datetime | None:
    """The date of the grid that is still to be answered. While nothing is to happen, dates wait."""
    standing, now = inputs.standing, inputs.now
    pause = standing.pause
    if standing.killed is not None or (pause is not None and (pause.until is None or now < pause.until)):
        return None
    date = latest_date(inputs.policy.model.every.value, inputs.policy.trigger.timezone, now)
    if standing.models.last_date is not None and date <= standing.models.last_date:
        return None
    if standing.active_since is not None and date < standing.active_since:
        return None
    return date


def _changed_at(inputs: DecisionInputs) -> datetime | None:
    """When the present weights became so; None of the static ones."""
    standing = inputs.standing.models
    if inputs.policy.model.stance is ModelStance.SHADOW:
        return standing.shadow_since
    return standing.adopted.since if standing.adopted is not None and adopted_weights(inputs) else None


def _change(inputs: DecisionInputs, outcome: ModelOutcome, date: datetime) -> TargetChange | None:
    """The change that is called for on a date: one that is large enough, and neither soon after another nor near one
    that was refused lately.
    """
    model, kept, since = inputs.policy.model, inputs.standing.models.kept, _changed_at(inputs)
    least = model.min_change
    if since is not None and inputs.now - since < model.rest:
        return None
    if largest_move(outcome.present, outcome.wants) < least:
        return None
    if kept is not None and inputs.now < kept.quiet_until and largest_move(kept.after, outcome.wants) < least:
        return None
    return TargetChange(outcome.kind, date, outcome.present, outcome.wants, outcome.reasons)
