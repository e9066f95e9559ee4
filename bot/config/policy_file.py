"""The policy part of a file: what the user wrote, made into the engine's Policy.

The engine has the one validator. Here it is asked for everything at once, also where part of the file could not be
read, and its word is left out where it only follows from that part.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.config.fields import ASSET_NAME, asset_remedy
from bot.config.mistakes import Mistake
from bot.config.model_policy import mistakes_in_model, model_of
from bot.config.risk_policy import guards_of
from bot.config.tables import PolicyTables
from bot.config.tax_policy import mistakes_in_tax, tax_policy_of
from engine.model.errors import InvalidValue
from engine.model.money import ONE, Bps, Money, Weight, exact
from engine.model.policy import (
    Bucket,
    DriftMode,
    Limits,
    Policy,
    QuietHours,
    Target,
    Trigger,
    TriggerKind,
    policy_mistakes,
)


class DraftPolicy(Policy):
    """A policy that may still contradict itself, so that all its contradictions can be asked for."""

    def __post_init__(self) -> None:
        """Accept everything: `policy_mistakes` is asked next."""


@exact
def policy_of(tables: PolicyTables, kind: type[Policy] = Policy) -> Policy:
    """The policy that the tables describe. Raises InvalidValue for a contradiction, unless `kind` is a draft."""
    return kind(
        targets=tuple(Target(name, Weight(t.weight), t.threshold) for name, t in tables.targets.items()),
        buckets=tuple(Bucket(name, tuple(assets)) for name, assets in tables.buckets.items()),
        unmanaged=tables.portfolio.unmanaged,
        allow_partial=tables.portfolio.allow_partial,
        trigger=Trigger(**dict(tables.trigger)),
        rebalance_to=tables.rebalance.to,
        limits=_limits(tables),
        approval=tables.approval.policy,
        approval_above=Money(tables.approval.above),
        approvers=tables.approval.approvers,
        quiet=_quiet(tables),
        tax=tax_policy_of(tables),
        guards=guards_of(tables.risk),
        model=model_of(tables.model),
    )


def _quiet(tables: PolicyTables) -> QuietHours | None:
    begin, end = tables.quiet.begin, tables.quiet.end
    return QuietHours(begin, end) if begin is not None and end is not None else None


def _limits(tables: PolicyTables) -> Limits:
    return Limits(
        min_trade=Money(tables.rebalance.min_trade),
        max_cost_bps=Bps(tables.rebalance.max_cost_bps),
        tolerance=Weight(tables.rebalance.tolerance),
        depth_bps=Bps(tables.liquidity.depth_bps),
        depth_multiple=tables.liquidity.depth_multiple,
        max_price_age=tables.prices.max_price_age,
        max_price_deviation=tables.prices.max_price_deviation,
        max_slippage_bps=Bps(tables.execution.max_slippage_bps),
        requote_bps=Bps(tables.approval.requote_bps),
        plan_ttl=tables.approval.plan_ttl,
        slice_max=Money(tables.execution.slice_max),
        horizon=tables.execution.horizon,
        risk_horizon=tables.execution.risk_horizon,
        patience=tables.execution.patience,
        jitter=tables.execution.jitter,
        slicing=tables.execution.slicing,
        maker_wait=tables.execution.maker_wait if tables.execution.maker_first else None,
    )


@exact
def mistakes_in_policy(tables: PolicyTables, raw: Mapping[str, object], unread: Collection[str]) -> list[Mistake]:
    """What is wrong with what could be read. `unread` are the keys that have a mistake of their own already."""
    found = [
        Mistake(mistake.field, mistake.problem)
        for mistake in policy_mistakes(policy_of(tables, DraftPolicy))
        if not _follows_from(mistake, unread)
    ]
    found += [*_names(tables, raw), *_unreachable_thresholds(tables), *_half_a_night(tables, unread)]
    # That a target is out of its bounds may only follow from what is wrong with these, or could not be read.
    known = {*unread, *(mistake.key for mistake in found)}
    found += mistakes_in_model(tables) if not any(key.startswith(("targets", "model")) for key in known) else []
    return [*found, *mistakes_in_tax(tables)]


def _follows_from(mistake: InvalidValue, unread: Collection[str]) -> bool:
    """The mistake is about a key that was not read, or about one that lacks a part for that reason."""
    _, _, bucket = mistake.field.partition("buckets.")
    about = {mistake.field, f"targets.{bucket}"} if bucket else {mistake.field}
    return any(key == a or key.startswith(f"{a}.") or a.startswith(f"{key}.") for key in unread for a in about)


def _names(tables: PolicyTables, raw: Mapping[str, object]) -> list[Mistake]:
    """Targets that are neither a bucket (one with a mistake counts as one) nor an asset's name."""
    buckets = raw.get("buckets")
    named = set(buckets) if isinstance(buckets, Mapping) else set()
    return [
        Mistake(f"targets.{name}", f"{asset_remedy(name)}, or add the bucket buckets.{name}")
        for name in sorted(tables.targets.keys() - named)
        if not ASSET_NAME.fullmatch(name)
    ]


def _half_a_night(tables: PolicyTables, unread: Collection[str]) -> list[Mistake]:
    """Quiet hours that begin and never end, or the other way round."""
    given = {"begin": tables.quiet.begin, "end": tables.quiet.end}
    missing = [name for name, value in given.items() if value is None and f"quiet.{name}" not in unread]
    if len(missing) != 1:
        return []
    return [Mistake(f"quiet.{missing[0]}", 'is missing; write a time of day such as "07:00", or remove the other')]


def _unreachable_thresholds(tables: PolicyTables) -> list[Mistake]:
    """Thresholds in percent instead of fractions: they would never fire, and nobody would notice."""
    if tables.trigger.drift_mode is not DriftMode.ABSOLUTE or tables.trigger.kind is TriggerKind.ADAPTIVE:
        return []
    written = {
        "trigger.threshold": tables.trigger.threshold,
        "trigger.hybrid_threshold": tables.trigger.hybrid_threshold,
    }
    written |= {f"targets.{n}.threshold": t.threshold for n, t in tables.targets.items() if t.threshold is not None}
    return [
        Mistake(key, "no weight drifts by more than 1; write 0.05 for 5 points")
        for key, threshold in written.items()
        if threshold > ONE
    ]
