"""What an evaluation writes down for targets that follow the market. Pure."""

from __future__ import annotations

from dataclasses import replace

from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.canonical import digest_of
from engine.model.decision import Decision, DecisionInputs, RequestKind
from engine.model.events import StreamId, plan_stream
from engine.model.ids import Asset, Digest, UserId
from engine.model.money import Price
from engine.model.plan import PlanStatus, PlanTrigger
from engine.model.policy import Policy
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.target_changes import ModelOutcome, ModelStanding, ShadowDay, largest_move, named
from engine.model.target_models import ModelKind, ModelStance

Facts = list[tuple[StreamId, ev.Fact]]
THE_POLICY = UserId(0)


def model_facts(decision: Decision, portfolio: StreamId) -> Facts:
    """What the model found on a date of its grid, and what was read for it.

    A look that a person asked for answers that person alone: the date is answered by the next one.
    """
    inputs, outcome = decision.inputs, decision.outcome
    facts: list[ev.Fact] = [*_signal_noted(inputs)]
    if outcome.model is not None and outcome.model.date is not None and inputs.request is RequestKind.SCHEDULED:
        facts += _on_date(outcome.model, inputs)
    called = outcome.verdict.kind is PlanTrigger.TARGET_CHANGE and outcome.verdict.fired
    if called and outcome.plan is None and not outcome.vetoes:
        facts.append(ev.TargetsTraded(planned=False))
    return [(portfolio, fact) for fact in facts]


def _on_date(model: ModelOutcome, inputs: DecisionInputs) -> list[ev.Fact]:
    assert model.date is not None, "asked of a date of the grid"
    if model.stance is ModelStance.SHADOW:
        return [ev.ShadowNoted(model.kind, basis_of(inputs.policy), _shadow_day(model, inputs))]
    if model.stance is ModelStance.AUTO and model.change is not None:
        return [ev.TargetsAdopted(model.change, THE_POLICY, f"policy v{inputs.standing.policy_version}")]
    asked, change, least = inputs.standing.models.asked, model.change, inputs.policy.model.min_change
    if asked is not None and change is not None and largest_move(asked.after, change.after) < least:
        # What waits for an answer is still what is wanted: nobody is asked twice.
        return [ev.TargetsChecked(model.date)]
    lapsed: list[ev.Fact] = [ev.TargetsLapsed(asked, change is not None)] if asked is not None else []
    return [*lapsed, ev.TargetsProposed(change) if change is not None else ev.TargetsChecked(model.date)]


def basis_of(policy: Policy) -> Digest:
    """What a record is kept of: the static targets, and the model as it is set, whatever else a policy says."""
    targets = named({target.name: target.weight for target in policy.targets})
    return digest_of((targets, policy.buckets, replace(policy.model, stance=ModelStance.SHADOW)))


def _shadow_day(model: ModelOutcome, inputs: DecisionInputs) -> ShadowDay:
    assert model.date is not None, "asked of a date of the grid"
    static = named({target.name: target.weight for target in inputs.policy.targets})
    closes: list[tuple[Asset, Price]] = []
    for series in inputs.history:
        known = [price for at, price in series.closes if at <= inputs.now]
        closes += [(series.asset, known[-1])] if known else []
    return ShadowDay(model.date, static, model.on_record, tuple(closes))


def _signal_noted(inputs: DecisionInputs) -> list[ev.Fact]:
    """A reading of another day than the last that was kept."""
    reading, kept = inputs.signal, inputs.standing.models.signals
    if reading is None or reading.value is None or inputs.policy.model.kind is not ModelKind.SIGNALS:
        return []
    is_new = not kept or reading.at.date() > kept[-1][0].date()
    return [ev.SignalNoted(reading.at, reading.value)] if is_new else []


def adopts_now(decision: Decision) -> bool:
    """Whether this decision itself changes the targets, so that an ordinary plan of it would lead to the old ones.

    It is made at the next look instead, towards the new ones. What a guard calls for is not held up.
    """
    model, plan = decision.outcome.model, decision.outcome.plan
    is_guards = plan is not None and plan.trigger is PlanTrigger.RISK
    changes = model is not None and model.stance is ModelStance.AUTO and model.change is not None
    return changes and not is_guards and decision.inputs.request is RequestKind.SCHEDULED


def withdrawn_for(decision: Decision, open_plan: PlanState | None, expected: dict[StreamId, int]) -> Facts:
    """The end of an ordinary plan that waits for approval, and leads to targets that hold no more."""
    version = decision.inputs.standing.policy_version
    why = reason(ReasonCode.TARGETS_CHANGED, since=decision.inputs.now, by=f"policy v{version}")
    return withdrawal(open_plan, why, expected)


def withdrawal(open_plan: PlanState | None, why: Reason, expected: dict[StreamId, int]) -> Facts:
    """The same for a person's word. The version that the plan was read at is added to what is expected."""
    if open_plan is None or open_plan.status is not PlanStatus.PROPOSED:
        return []
    if open_plan.proposed.plan.trigger is PlanTrigger.RISK:
        return []
    stream = plan_stream(open_plan.proposed.plan_id)
    expected[stream] = open_plan.version
    return [(stream, ev.PlanSuperseded(None, (why,)))]


def reopened(standing: ModelStanding) -> ModelStanding:
    """The adopted change calls for its plan once more: the one that was made for it is made anew."""
    if standing.adopted is None:
        return standing
    return replace(standing, adopted=replace(standing.adopted, is_traded=False))
