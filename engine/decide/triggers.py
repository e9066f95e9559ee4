"""What calls for a plan, and what forbids one now.

`calls` gives what calls for a plan in the order in which it is answered: a person, new money, the calendar, the drift,
other targets.
`obstacle` gives the first thing that forbids it. Both are data: the reasons are what people are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.decide.adopted import adopted_weights
from engine.decide.calendar import latest_date
from engine.model.decision import DecisionInputs, Drift, RequestKind, Standing, TriggerVerdict
from engine.model.ids import Asset
from engine.model.money import ZERO, Money, plain, total
from engine.model.plan import PlanTrigger
from engine.model.policy import Policy, TriggerKind
from engine.model.portfolio import Valuation
from engine.model.reasons import Reason, ReasonCode, reason

GROWTH_AFTER_REFUSAL: Final = Decimal("0.2")
"""A fifth of the threshold."""
DATED: Final = frozenset({TriggerKind.CALENDAR, TriggerKind.HYBRID, TriggerKind.ADAPTIVE})
"""The triggers that have dates."""


@dataclass(frozen=True, slots=True)
class Call:
    """Something that calls for a plan. `flows` is new money by name, in the numeraire: it is spent without a sale."""

    kind: PlanTrigger
    reasons: tuple[Reason, ...]
    date: datetime | None = None
    flows: Mapping[str, Money] = field(default_factory=dict)


def calls(
    inputs: DecisionInputs, valuation: Valuation, drifts: tuple[Drift, ...], cash: frozenset[Asset]
) -> Iterator[Call]:
    """What calls for a plan now. `cash` are the assets that can buy: other deposits are no cash flow."""
    policy = inputs.policy
    if inputs.request is RequestKind.MANUAL:
        yield Call(PlanTrigger.MANUAL, (reason(ReasonCode.REQUESTED),))
    flows = _new_money(inputs.standing, valuation, policy, cash)
    budget = total(flows.values())
    if budget > 0 and budget >= policy.limits.min_trade:
        yield Call(PlanTrigger.CASH_FLOW, (reason(ReasonCode.CASH_FLOW, amount=budget),), flows=flows)
    due = calendar_date(inputs)
    fired = [d for d in drifts if d.fires]
    if policy.trigger.kind is TriggerKind.ADAPTIVE:
        if due and fired:
            yield Call(PlanTrigger.THRESHOLD, tuple(drift_reason(d, policy) for d in fired), date=due)
        return
    if due and inputs.now - due <= policy.trigger.misfire_grace:
        words = {"every": policy.trigger.every, "timezone": policy.trigger.timezone}
        yield Call(PlanTrigger.CALENDAR, (reason(ReasonCode.CALENDAR_DUE, date=due, **words),), date=due)
    if fired and policy.trigger.kind in (TriggerKind.THRESHOLD, TriggerKind.HYBRID):
        yield Call(PlanTrigger.THRESHOLD, tuple(drift_reason(d, policy) for d in fired))
    yield from _changed_targets(inputs)


def _changed_targets(inputs: DecisionInputs) -> Iterator[Call]:
    """Adopted targets, once, under a calendar: its dates may be far, and no drift would call for a plan before."""
    adopted = inputs.standing.models.adopted
    if inputs.policy.trigger.kind is not TriggerKind.CALENDAR or adopted is None or adopted.is_traded:
        return
    if adopted_weights(inputs):
        yield Call(PlanTrigger.TARGET_CHANGE, (reason(ReasonCode.TARGETS_CHANGED, since=adopted.since, by=adopted.by),))


def calendar_date(inputs: DecisionInputs) -> datetime | None:
    """The date of the schedule that is still to be answered, in time or missed; None where there is none."""
    trigger, standing = inputs.policy.trigger, inputs.standing
    if trigger.kind not in DATED:
        return None
    date = latest_date(trigger.every, trigger.timezone, inputs.now)
    if standing.last_date_fired is not None and date <= standing.last_date_fired:
        return None
    if standing.active_since is not None and date < standing.active_since:
        return None
    return date


def missed_date(inputs: DecisionInputs) -> TriggerVerdict | None:
    """The verdict that offers a date which passed longer ago than the grace, where there is one."""
    date = calendar_date(inputs)
    grace = inputs.policy.trigger.misfire_grace
    if date is None or inputs.now - date <= grace or inputs.policy.trigger.kind is TriggerKind.ADAPTIVE:
        # A date on which only drift is looked at loses nothing by being late.
        return None
    seconds = Decimal(grace // timedelta(seconds=1))
    missed = reason(ReasonCode.CALENDAR_MISSED, date=date, grace_seconds=seconds)
    return TriggerVerdict(False, None, (missed,), date=date, missed=True)


def checked_date(inputs: DecisionInputs, drifts: tuple[Drift, ...]) -> TriggerVerdict | None:
    """The verdict on a date of an adaptive trigger on which nothing was beyond its band, where there is one."""
    date = calendar_date(inputs)
    if inputs.policy.trigger.kind is not TriggerKind.ADAPTIVE or date is None or any(d.fires for d in drifts):
        return None
    reasons = (reason(ReasonCode.CALENDAR_CHECKED, date=date), *quiet_reasons(inputs, drifts))
    return TriggerVerdict(False, None, reasons, date=date, checked=True)


def quiet_reasons(inputs: DecisionInputs, drifts: tuple[Drift, ...]) -> tuple[Reason, ...]:
    """Why nothing calls for a plan."""
    trigger = inputs.policy.trigger
    reasons = []
    if trigger.kind in DATED:
        reasons.append(reason(ReasonCode.CALENDAR_NOT_DUE, every=trigger.every, timezone=trigger.timezone))
    if trigger.kind is not TriggerKind.CALENDAR and drifts:
        widest = max(drifts, key=lambda d: (d.band_use is None, d.band_use or 0, d.name))
        reasons.append(drift_reason(widest, inputs.policy))
    return tuple(reasons)


def obstacle(inputs: DecisionInputs, call: Call, drifts: tuple[Drift, ...]) -> Reason | None:
    """What forbids answering this call now.

    A person who asks is not held up by cool-down, snooze or refusal; nor is a guard, whose call outranks an open plan
    of any other kind.
    """
    standing, now = inputs.standing, inputs.now
    if standing.killed is not None:
        return reason(ReasonCode.KILLED, since=standing.killed.since)
    outranks = call.kind is PlanTrigger.RISK and standing.open_trigger is not PlanTrigger.RISK
    if standing.open_plan is not None and not outranks:
        return reason(ReasonCode.PLAN_OPEN, plan=standing.open_plan)
    pause = standing.pause
    if pause and (pause.until is None or now < pause.until):
        return reason(ReasonCode.PAUSED, by=pause.by, until=pause.until or "resumed")
    if call.kind in (PlanTrigger.MANUAL, PlanTrigger.RISK):
        return None
    return _resting(inputs, drifts)


def _resting(inputs: DecisionInputs, drifts: tuple[Drift, ...]) -> Reason | None:
    """Of the rest after a plan's end and that after a refusal, the one that lasts longer."""
    standing, now, found = inputs.standing, inputs.now, dict[datetime, ReasonCode]()
    if standing.last_rebalance is not None:
        found[standing.last_rebalance + inputs.policy.trigger.cooldown] = ReasonCode.COOLDOWN
    refusal = standing.refusal
    if refusal is not None and refusal.snoozed_until is not None:
        found[refusal.quiet_until] = ReasonCode.SNOOZED
    elif refusal is not None and not _has_grown(drifts, dict(refusal.band_use)):
        found[refusal.quiet_until] = ReasonCode.REFUSED_RECENTLY
    until = max(found, default=now)
    return reason(found[until], until=until) if now < until else None


def _has_grown(drifts: tuple[Drift, ...], before: Mapping[str, Decimal]) -> bool:
    """By a fifth of the threshold, or beyond any: a name that was not beyond any then is in `before`."""
    return any(
        d.fires and d.name in before and (d.band_use is None or d.band_use >= before[d.name] + GROWTH_AFTER_REFUSAL)
        for d in drifts
    )


def drift_reason(drift: Drift, policy: Policy) -> Reason:
    """A drift beside its threshold, both ways of stating it."""
    code = ReasonCode.DRIFT_OVER_THRESHOLD if drift.fires else ReasonCode.DRIFT_WITHIN_THRESHOLD
    return reason(
        code,
        name=drift.name,
        weight=drift.weight,
        target=drift.target,
        absolute=drift.absolute,
        relative="" if drift.relative is None else plain(drift.relative),
        threshold=drift.threshold,
        mode=policy.trigger.mode.value,
    )


def _new_money(standing: Standing, valuation: Valuation, policy: Policy, cash: frozenset[Asset]) -> dict[str, Money]:
    """What came in as something that buys, by name, in the numeraire."""
    worth: dict[str, Money] = {}
    for flow in standing.cash_flows:
        name, mark = policy.name_of(flow.asset), valuation.mark(flow.asset)
        if flow.asset in cash and name is not None and mark is not None:
            worth[name] = Money(worth.get(name, ZERO) + flow.quantity * mark)
    return worth
