"""The whole chain of a decision on one screen: value, drift, trigger, destination, legs, plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from typing import Final

from engine.decide.alerts import alert_changes
from engine.decide.drift import drifts as drifts_of
from engine.decide.guards.guarded import Guarded, under_guard, within_caps
from engine.decide.harvest import harvest_plan, harvests
from engine.decide.legs import plan_for
from engine.decide.markets import cash_assets
from engine.decide.optimum.solver import SolverFailed
from engine.decide.plan_risk import with_risk
from engine.decide.targets import destination, with_new_money
from engine.decide.triggers import Call, calls, checked_date, missed_date, obstacle, quiet_reasons
from engine.decide.volatility import band_scale
from engine.model.decision import AlertChange, Decision, DecisionInputs, Drift, Outcome, TriggerVerdict
from engine.model.money import ONE, Weight, exact
from engine.model.plan import Plan, PlanTrigger
from engine.model.plan_tax import Harvest
from engine.model.policy import TO_TARGET, TriggerKind
from engine.model.portfolio import Valuation
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.target_changes import ModelOutcome
from engine.model.target_models import ModelStance
from engine.model.tax_policy import Harvesting

ENGINE_VERSION: Final = "5"
"""Changed whenever equal inputs may give another outcome than before."""


@exact
def decide(inputs: DecisionInputs) -> Decision:
    """Decide what is to be done with a portfolio. Equal inputs give byte-equal decisions."""
    guarded = under_guard(inputs)
    state = _state_of(guarded)
    verdict, plan = _verdict(guarded, state)
    valuation = state.valuation
    if plan is None and not verdict.fired and inputs.policy.tax.harvesting is Harvesting.PROPOSE:
        verdict, plan = _harvesting(guarded, state) or (verdict, None)
    outcome = Outcome(
        valuation=valuation,
        drifts=state.drifts,
        verdict=replace(verdict, reasons=(*verdict.reasons, *state.scaling)),
        alerts=_alerts(guarded, state),
        vetoes=valuation.vetoes,
        plan=with_risk(plan, guarded.inputs, valuation) if plan is not None else None,
        harvests=state.harvests,
        guards=guarded.outcome_for(plan),
        model=_model_outcome(inputs),
    )
    return Decision(ENGINE_VERSION, inputs, outcome)


def _model_outcome(inputs: DecisionInputs) -> ModelOutcome | None:
    """What the model of the targets says; a policy that has none does without the statistics, and their memory."""
    if inputs.policy.model.stance is ModelStance.OFF:
        return None
    from engine.decide.models.outcome import model_outcome

    return model_outcome(inputs)


@dataclass(frozen=True, slots=True)
class _State:
    """Where the portfolio stands against the targets in force."""

    valuation: Valuation
    drifts: tuple[Drift, ...]
    scaling: tuple[Reason, ...]
    harvests: tuple[Harvest, ...]


def _state_of(guarded: Guarded) -> _State:
    inputs, valuation = guarded.inputs, guarded.valuation
    scale, scaling = _band_scale(inputs)
    drifts = drifts_of(valuation, inputs.policy, scale) if valuation.managed_value > 0 else ()
    found = harvests(inputs, valuation) if drifts and not valuation.vetoes else ()
    return _State(valuation, drifts, scaling, found)


def _alerts(guarded: Guarded, state: _State) -> tuple[AlertChange, ...]:
    """Drift alerts; none of what a guard asks to sell, of which it tells itself."""
    if state.valuation.vetoes and not state.drifts:
        return ()
    told = tuple(drift for drift in state.drifts if drift.name not in guarded.asked_of)
    kept = tuple(a for a in guarded.inputs.standing.alerts if a.name not in guarded.asked_of)
    return alert_changes(told, kept, guarded.inputs.now)


def _verdict(guarded: Guarded, state: _State) -> tuple[TriggerVerdict, Plan | None]:
    """Answer the first call that leads to a plan. What calls and leads to none is kept as a reason."""
    inputs, valuation, drifts = guarded.inputs, state.valuation, state.drifts
    unanswered: TriggerVerdict | None = None
    ordinary = calls(inputs, valuation, drifts, cash_assets(inputs.snapshot, inputs.policy))
    for call in chain(guarded.calls(), ordinary):
        hindrance = obstacle(inputs, call, drifts) or guarded.obstacle(call)
        if hindrance:
            unanswered = unanswered or TriggerVerdict(False, call.kind, (hindrance, *call.reasons), call.date)
            continue
        if valuation.vetoes:
            return TriggerVerdict(True, call.kind, call.reasons, call.date), None
        try:
            plan = _plan(guarded, state, call)
        except SolverFailed as error:
            why = reason(ReasonCode.UNSOLVED, problem=str(error))
            return TriggerVerdict(True, call.kind, (*call.reasons, why), call.date), None
        if plan.legs:
            return TriggerVerdict(True, call.kind, plan.reasons, call.date), plan
        unanswered = _with_nothing(unanswered, call, plan)
    return _without_plan(inputs, state, unanswered), None


def _without_plan(inputs: DecisionInputs, state: _State, unanswered: TriggerVerdict | None) -> TriggerVerdict:
    missed = missed_date(inputs)
    if unanswered and not (missed and unanswered.fired and unanswered.date is None):
        return unanswered
    if missed:
        # What calls in vain must not keep a missed date from being offered.
        return replace(missed, reasons=(*missed.reasons, *(unanswered.reasons if unanswered else ())))
    weighed = state.valuation.weights and not state.valuation.vetoes
    checked = checked_date(inputs, state.drifts) if weighed else None
    return checked or TriggerVerdict(False, None, quiet_reasons(inputs, state.drifts))


def _harvesting(guarded: Guarded, state: _State) -> tuple[TriggerVerdict, Plan] | None:
    """Losses that are worth realising make a plan of their own, where nothing else calls for one."""
    # A loss is realised by selling and buying back.
    found = tuple(each for each in state.harvests if each.asset not in guarded.not_bought)
    made = harvest_plan(guarded.inputs, state.valuation, found) if found else None
    if made is None or obstacle(guarded.inputs, made[0], ()) is not None or guarded.obstacle(made[0]) is not None:
        return None
    call, plan = made
    if guarded.cap_on(plan) is not None:
        # Half of a pair of sale and purchase would be another trade.
        return None
    return TriggerVerdict(True, call.kind, call.reasons), plan


def _band_scale(inputs: DecisionInputs) -> tuple[Decimal, tuple[Reason, ...]]:
    """By how much thresholds are wider than written, and what that comes from; only of an adaptive trigger."""
    policy = inputs.policy
    if policy.trigger.kind is not TriggerKind.ADAPTIVE:
        return ONE, ()
    coins = frozenset(policy.managed_assets) - cash_assets(inputs.snapshot, policy)
    found = band_scale(inputs.history, coins, inputs.now)
    if found is None:
        return ONE, (reason(ReasonCode.BAND_UNSCALED),)
    figures = {"factor": found.factor, "volatility": found.volatility, "usual": found.usual}
    return found.factor, (reason(ReasonCode.BAND_SCALED, **figures),)


def _with_nothing(unanswered: TriggerVerdict | None, call: Call, plan: Plan) -> TriggerVerdict:
    """The verdict on a call that leads to no leg, and why none was left. A date is answered by it all the same."""
    if unanswered is not None:
        return replace(unanswered, date=unanswered.date or call.date) if unanswered.fired else unanswered
    why = dict.fromkeys(why for leg in plan.dropped for why in leg.reasons)
    return TriggerVerdict(True, call.kind, (*plan.reasons, reason(ReasonCode.NOTHING_TO_TRADE), *why), call.date)


def _plan(guarded: Guarded, state: _State, call: Call) -> Plan:
    """The plan that answers a call, within the caps."""
    inputs, valuation = guarded.inputs, state.valuation
    return within_caps(
        guarded,
        call,
        lambda weights: plan_for(inputs, valuation, weights, call, guarded.not_bought),
        _aim(guarded, state, call),
    )


def _aim(guarded: Guarded, state: _State, call: Call) -> Mapping[str, Weight]:
    """The weights that a call is answered with."""
    if call.kind is PlanTrigger.RISK:
        return guarded.to_safety()
    if call.flows:
        return with_new_money(state.valuation, guarded.inputs.policy, call.flows)
    fired = call.kind is PlanTrigger.THRESHOLD
    return destination(state.drifts, guarded.inputs.policy.rebalance_to if fired else TO_TARGET)
