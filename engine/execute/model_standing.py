"""What models and people's words to them leave behind for the next decision, as a fold over facts. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine.model import events as ev
from engine.model.target_changes import AdoptedTargets, KeptTargets, ModelStanding

QUIET_AFTER_KEPT: Final = timedelta(days=14)
"""For so long nothing near a change is proposed again that a person refused."""
SIGNALS_REMEMBERED: Final = timedelta(days=120)


def after_model_fact(standing: ModelStanding, fact: ev.ModelFact, at: datetime) -> ModelStanding:
    """The standing after a fact about targets that follow the market."""
    match fact:
        case ev.TargetsProposed():
            return replace(standing, asked=fact.change, last_date=fact.change.date)
        case ev.TargetsAdopted():
            change = fact.change
            adopted = AdoptedTargets(change.after, at, fact.name, change.reasons)
            last = max(standing.last_date or change.date, change.date)
            return replace(standing, adopted=adopted, asked=None, kept=None, last_date=last)
        case ev.TargetsKept():
            return replace(standing, asked=None, kept=KeptTargets(fact.change.after, at + QUIET_AFTER_KEPT))
        case ev.TargetsLapsed():
            return replace(standing, asked=None)
        case ev.TargetsChecked():
            return replace(standing, last_date=fact.date)
        case ev.TargetsTraded():
            return traded(standing)
        case ev.TargetsDropped():
            return replace(standing, adopted=None, asked=None, kept=None)
        case ev.ShadowNoted():
            day, before = fact.day, standing.shadow or fact.day.static
            since = standing.shadow_since if day.model == before else at
            return replace(standing, shadow=day.model, shadow_since=since, last_date=day.date)
        case ev.SignalNoted():
            recent = tuple((when, value) for when, value in standing.signals if fact.at - when <= SIGNALS_REMEMBERED)
            return replace(standing, signals=(*recent, (fact.at, fact.value)))


def traded(standing: ModelStanding) -> ModelStanding:
    """The adopted change calls for no plan by itself any more."""
    if standing.adopted is None or standing.adopted.is_traded:
        return standing
    return replace(standing, adopted=replace(standing.adopted, is_traded=True))


def under_new_policy(standing: ModelStanding) -> ModelStanding:
    """Another policy has static targets of its own. What was read of a signal is known on."""
    return ModelStanding(signals=standing.signals)
