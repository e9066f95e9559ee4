"""Facts about targets that follow the market: what a model asked for, what people said, and the record it kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.model.ids import Digest, UserId
from engine.model.target_changes import NamedWeights, ShadowDay, TargetChange
from engine.model.target_models import ModelKind


@dataclass(frozen=True, slots=True)
class TargetsProposed:
    """A model asks for other targets."""

    change: TargetChange


@dataclass(frozen=True, slots=True)
class TargetsAdopted:
    """The targets are others from now on: by a person's word, or by the policy's (`by` 0)."""

    change: TargetChange
    by: UserId
    name: str


@dataclass(frozen=True, slots=True)
class TargetsKept:
    """A person wants the targets to stay as they are."""

    change: TargetChange
    by: UserId
    name: str


@dataclass(frozen=True, slots=True)
class TargetsLapsed:
    """A proposal that nobody answered is not called for any more, or another one takes its place."""

    change: TargetChange
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class TargetsChecked:
    """A date of the model's grid on which no change was called for."""

    date: datetime


@dataclass(frozen=True, slots=True)
class TargetsTraded:
    """The plan that an adopted change calls for by itself was called for: it is, once."""

    planned: bool


@dataclass(frozen=True, slots=True)
class TargetsDropped:
    """What a model had made of the targets holds no more: the policy is another, and its static targets count."""

    adopted: NamedWeights


@dataclass(frozen=True, slots=True)
class ShadowNoted:
    """What a model's targets would be on a date. `basis` tells records of different settings apart."""

    kind: ModelKind
    basis: Digest
    day: ShadowDay


@dataclass(frozen=True, slots=True)
class SignalNoted:
    """A number from outside, kept once a day so that its growth can be told."""

    at: datetime
    value: Decimal
