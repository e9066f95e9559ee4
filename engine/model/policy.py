"""What the user wants: targets, bands, triggers and limits. Validated, immutable, told apart by digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.model.errors import InvalidValue
from engine.model.guards import Guards, guard_mistakes
from engine.model.ids import Asset
from engine.model.money import ONE, ZERO, Bps, Money, Weight, total
from engine.model.target_models import TargetModel, model_mistakes
from engine.model.tax_policy import TaxPolicy

WEIGHT_SUM_TOLERANCE: Final = Decimal("1e-6")
ASSETS_WITHOUT_WARNING: Final = 15
TO_TARGET: Final = ONE
HALF_WAY: Final = Decimal("0.5")
TO_EDGE: Final = ZERO


class DriftMode(StrEnum):
    """What is compared with a threshold: points of weight, or the fraction of the target."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"


class TriggerKind(StrEnum):
    """When a plan is made."""

    THRESHOLD = "threshold"
    CALENDAR = "calendar"
    HYBRID = "hybrid"
    ADAPTIVE = "adaptive"
    """Looked at on dates; acts outside a band relative to the target that widens and narrows with volatility."""


class Unmanaged(StrEnum):
    """What becomes of assets that are not in the targets."""

    KEEP = "keep"
    SELL = "sell"


class Approval(StrEnum):
    """Which plans a person must approve."""

    ALWAYS = "always"
    ABOVE = "above"
    NEVER = "never"


class Slicing(StrEnum):
    """How slices are spread over time."""

    TWAP = "twap"
    """Evenly."""
    VWAP = "vwap"
    """Where the day's volume lies."""


@dataclass(frozen=True, slots=True)
class Target:
    """The weight that an asset or a bucket shall have; `threshold` replaces the trigger's own for it."""

    name: str
    weight: Weight
    threshold: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Bucket:
    """Several assets that count as one target."""

    name: str
    assets: tuple[Asset, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """When to plan. `threshold` and `hybrid_threshold` are points of weight or fractions of target, by mode."""

    kind: TriggerKind = TriggerKind.THRESHOLD
    drift_mode: DriftMode = DriftMode.ABSOLUTE
    threshold: Decimal = Decimal("0.05")
    hybrid_threshold: Decimal = Decimal("0.10")
    every: str = "monthly"
    timezone: str = "UTC"
    cooldown: timedelta = timedelta(hours=1)
    misfire_grace: timedelta = timedelta(hours=24)

    @property
    def mode(self) -> DriftMode:
        """What is compared with a threshold: an adaptive band is always relative."""
        return DriftMode.RELATIVE if self.kind is TriggerKind.ADAPTIVE else self.drift_mode


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When nobody is to be woken, by the clock of the policy's time zone; `end` may be on the next day."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan must keep to, and how long things may take."""

    min_trade: Money = Money(Decimal(10))
    max_cost_bps: Bps = Bps(Decimal(100))
    tolerance: Weight = Weight(Decimal("0.0005"))
    depth_bps: Bps = Bps(Decimal(50))
    depth_multiple: Decimal = Decimal(3)
    max_price_age: timedelta = timedelta(seconds=60)
    max_price_deviation: Decimal = Decimal("0.02")
    max_slippage_bps: Bps = Bps(Decimal(50))
    requote_bps: Bps = Bps(Decimal(30))
    plan_ttl: timedelta = timedelta(minutes=30)
    slice_max: Money = Money(Decimal(5000))
    """A larger leg is cut into slices of at most this much."""
    horizon: timedelta = timedelta(hours=4)
    """Over which the slices of a leg are spread."""
    risk_horizon: timedelta = timedelta(minutes=10)
    """The same for a plan that a risk rule calls for; the shorter of both holds."""
    patience: timedelta = timedelta(minutes=15)
    """How long what is due is waited for, beyond the horizon where there are slices, before what is left is told."""
    jitter: Decimal = Decimal("0.2")
    """How much later than its beat a slice may come, as a share of the distance to the next."""
    slicing: Slicing = Slicing.TWAP
    maker_wait: timedelta | None = None
    """How long each slice rests in the book as a maker before it crosses; None: it crosses at once."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything the user decided. Raises InvalidValue, naming the key, where it contradicts itself."""

    targets: tuple[Target, ...]
    buckets: tuple[Bucket, ...] = ()
    unmanaged: Unmanaged = Unmanaged.KEEP
    allow_partial: bool = False
    trigger: Trigger = field(default_factory=Trigger)
    rebalance_to: Decimal = TO_TARGET
    """1 is the target itself, 0 the edge of the band, 0.5 half-way."""
    limits: Limits = field(default_factory=Limits)
    approval: Approval = Approval.ALWAYS
    approval_above: Money = Money(ZERO)
    approvers: int = 1
    quiet: QuietHours | None = None
    tax: TaxPolicy = field(default_factory=TaxPolicy)
    guards: Guards = field(default_factory=Guards)
    model: TargetModel = field(default_factory=TargetModel)
    """What makes other targets of the static ones, in the course of the market."""

    def __post_init__(self) -> None:
        mistakes = policy_mistakes(self)
        if mistakes:
            raise mistakes[0]
        object.__setattr__(self, "targets", tuple(sorted(self.targets, key=lambda t: t.name)))
        object.__setattr__(self, "buckets", tuple(sorted(self.buckets, key=lambda b: b.name)))

    def assets_of(self, name: str) -> tuple[Asset, ...]:
        """The assets that count towards a target's name."""
        bucket = next((b for b in self.buckets if b.name == name), None)
        return bucket.assets if bucket else (Asset(name),)

    def name_of(self, asset: Asset) -> str | None:
        """The target's name that an asset counts towards, or None for an unmanaged one."""
        return next((t.name for t in self.targets if asset in self.assets_of(t.name)), None)

    def names(self) -> dict[Asset, str]:
        """The target's name of every managed asset, for whoever asks often."""
        return {asset: target.name for target in self.targets for asset in self.assets_of(target.name)}

    def target(self, name: str) -> Target | None:
        """The target of a name; None of an unmanaged asset that is to be sold."""
        return next((target for target in self.targets if target.name == name), None)

    @property
    def managed_assets(self) -> tuple[Asset, ...]:
        """Every asset that a target covers, in the order of their names."""
        return tuple(sorted({asset for t in self.targets for asset in self.assets_of(t.name)}))

    def needs_approval(self, turnover: Money) -> bool:
        """Whether a person must approve a plan that trades so much."""
        if self.approval is Approval.ABOVE:
            return turnover > self.approval_above
        return self.approval is Approval.ALWAYS


def policy_mistakes(policy: Policy) -> list[InvalidValue]:
    """All contradictions of a policy at once, each with the key it is about and what would be right."""
    found = [*_target_mistakes(policy), *_bucket_mistakes(policy), *_range_mistakes(policy)]
    found += guard_mistakes(policy.guards)
    return [*found, *model_mistakes(policy.model, {t.name: t.weight for t in policy.targets})]


def _target_mistakes(policy: Policy) -> list[InvalidValue]:
    found = []
    if not policy.targets:
        return [InvalidValue("targets", "name at least one asset with its weight, such as BTC = 0.5")]
    for name, count in Counter(t.name for t in policy.targets).items():
        if count > 1:
            found.append(InvalidValue(f"targets.{name}", "is there twice; keep one"))
    for target in policy.targets:
        if not ZERO <= target.weight <= ONE:
            found.append(InvalidValue(f"targets.{target.name}", "weight must lie between 0 and 1"))
        if target.threshold is not None and target.threshold <= 0:
            found.append(InvalidValue(f"targets.{target.name}.threshold", "must be above 0"))
    weight = total(t.weight for t in policy.targets)
    if abs(weight - ONE) > WEIGHT_SUM_TOLERANCE:
        found.append(InvalidValue("targets", f"the weights sum to {weight}; change them so that they sum to 1"))
    return found


def _bucket_mistakes(policy: Policy) -> list[InvalidValue]:
    found = []
    names = {t.name for t in policy.targets}
    for bucket in policy.buckets:
        if not bucket.assets:
            found.append(InvalidValue(f"buckets.{bucket.name}", "name at least one asset"))
        if bucket.name not in names:
            found.append(InvalidValue(f"buckets.{bucket.name}", f"add targets.{bucket.name}, or remove it"))
    found += [
        InvalidValue(f"targets.{asset}", "counts towards two targets; keep it in one bucket or alone")
        for asset, count in Counter(_covered(policy)).items()
        if count > 1
    ]
    return found


def _covered(policy: Policy) -> Sequence[Asset]:
    return [asset for name in {t.name for t in policy.targets} for asset in policy.assets_of(name)]


def _range_mistakes(policy: Policy) -> list[InvalidValue]:
    limits, trigger = policy.limits, policy.trigger
    above_zero = {
        "trigger.threshold": trigger.threshold,
        "trigger.hybrid_threshold": trigger.hybrid_threshold,
        "execution.max_slippage_bps": limits.max_slippage_bps,
        "approval.requote_bps": limits.requote_bps,
        "prices.max_price_deviation": limits.max_price_deviation,
        "execution.slice_max": limits.slice_max,
    }
    not_negative = {
        "rebalance.min_trade": limits.min_trade,
        "rebalance.max_cost_bps": limits.max_cost_bps,
        "rebalance.tolerance": limits.tolerance,
        "liquidity.depth_bps": limits.depth_bps,
        "liquidity.depth_multiple": limits.depth_multiple,
        "approval.above": policy.approval_above,
    }
    durations = {
        "approval.plan_ttl": limits.plan_ttl,
        "execution.horizon": limits.horizon,
        "execution.risk_horizon": limits.risk_horizon,
        "execution.patience": limits.patience,
        "prices.max_price_age": limits.max_price_age,
    }
    found = [InvalidValue(key, "must be above 0") for key, value in above_zero.items() if value <= 0]
    found += [InvalidValue(key, "must not be negative") for key, value in not_negative.items() if value < 0]
    found += [InvalidValue(key, "must be longer than 0") for key, d in durations.items() if d <= timedelta(0)]
    return found + _choice_mistakes(policy)


def _choice_mistakes(policy: Policy) -> list[InvalidValue]:
    limits, trigger, found = policy.limits, policy.trigger, list[InvalidValue]()
    if trigger.cooldown < timedelta(0):
        found.append(InvalidValue("trigger.cooldown", "must not be negative"))
    if not ZERO <= policy.rebalance_to <= ONE:
        found.append(InvalidValue("rebalance.to", "target, half, edge, or a number from 0 (edge) to 1 (target)"))
    if policy.quiet is not None and policy.quiet.begin == policy.quiet.end:
        found.append(InvalidValue("quiet.end", "must differ from quiet.begin"))
    if not ZERO <= limits.jitter <= ONE:
        found.append(InvalidValue("execution.jitter", "must lie between 0 and 1"))
    if policy.approvers < 1:
        found.append(InvalidValue("approval.approvers", "must be at least 1"))
    return found
