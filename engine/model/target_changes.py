"""What models come to, and what is remembered of it: changes of targets, what was adopted or refused, the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from engine.model.canonical import digest_of
from engine.model.ids import Asset, short
from engine.model.money import ONE, ZERO, Price, Weight
from engine.model.reasons import Reason
from engine.model.target_models import ModelKind, ModelStance

NamedWeights: TypeAlias = tuple[tuple[str, Weight], ...]
"""Target weights by name, in the order of names; they sum to exactly 1."""


def named(weights: Mapping[str, Decimal]) -> NamedWeights:
    """Weights in the one order."""
    return tuple((name, Weight(weights[name])) for name in sorted(weights))


def largest_move(before: NamedWeights, after: NamedWeights) -> Decimal:
    """By how much the weight differs that differs most."""
    known = dict(before)
    return max((abs(weight - known.get(name, ZERO)) for name, weight in after), default=ZERO)


@dataclass(frozen=True, slots=True)
class TargetChange:
    """A change of the targets that a model asks for, on a date of its grid, with the figures that moved it."""

    kind: ModelKind
    date: datetime
    before: NamedWeights
    after: NamedWeights
    reasons: tuple[Reason, ...]

    @property
    def id(self) -> str:
        """What buttons and people call it by: it binds every figure above."""
        return short(digest_of(self))


@dataclass(frozen=True, slots=True)
class AdoptedTargets:
    """Weights that take the place of the static ones, since when, by whose word, and what moved them."""

    weights: NamedWeights
    since: datetime
    by: str
    reasons: tuple[Reason, ...]
    is_traded: bool = False
    """A plan was called for by the change itself, where nothing else would have called for one."""


@dataclass(frozen=True, slots=True)
class KeptTargets:
    """A change that a person refused: nothing near it is proposed for a while."""

    after: NamedWeights
    quiet_until: datetime


@dataclass(frozen=True, slots=True)
class SignalReading:
    """A number from outside as it was read; None where it could not be read, and why."""

    at: datetime
    value: Decimal | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ModelStanding:
    """What models and people left behind for the next decision."""

    adopted: AdoptedTargets | None = None
    asked: TargetChange | None = None
    """The proposal that waits for a person's word."""
    kept: KeptTargets | None = None
    last_date: datetime | None = None
    """The last date of the grid that was answered."""
    shadow: NamedWeights = ()
    """What the targets would be by the record: a shadow changes against itself."""
    shadow_since: datetime | None = None
    """When they became so."""
    signals: tuple[tuple[datetime, Decimal], ...] = ()
    """What was read of a signal, a day apart, oldest first."""


@dataclass(frozen=True, slots=True)
class ModelOutcome:
    """What the model says at one decision."""

    kind: ModelKind
    stance: ModelStance
    present: NamedWeights
    """The weights that it would change: those in force before guards, or those of the record."""
    wants: NamedWeights
    """What it would make of them now, within all bounds; empty where it cannot tell."""
    reasons: tuple[Reason, ...]
    """The figures that it follows from, or why it cannot tell."""
    date: datetime | None = None
    """The date of the grid that this decision answers."""
    change: TargetChange | None = None
    """What is to be proposed, or adopted, on that date."""

    @property
    def on_record(self) -> NamedWeights:
        """What a record writes down for a date: the changed weights, or the present ones where no change is due."""
        return self.change.after if self.change is not None else self.present


@dataclass(frozen=True, slots=True)
class ShadowDay:
    """One date of the record: the static targets, those of the model, and the last daily closes of the assets."""

    date: datetime
    static: NamedWeights
    model: NamedWeights
    closes: tuple[tuple[Asset, Price], ...]


@dataclass(frozen=True, slots=True)
class ShadowLine:
    """What one set of targets would have made by the record. `value` begins at 1; turnover counts both sides."""

    value: Decimal = ONE
    turnover: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class ShadowRecord:
    """The static targets beside those of the model over the days on record. `fee` is a fraction of what is traded."""

    since: datetime | None
    days: int
    static: ShadowLine
    model: ShadowLine
    fee: Decimal
    left_out: int = 0
    """Spans between two dates for which a price was not known: they count for neither."""
