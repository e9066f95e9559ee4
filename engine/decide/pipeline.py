"""The whole chain of a decision on one screen: value, drift, trigger, destination, legs, plan. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from engine.decide.alerts import alert_changes
from engine.decide.drift import drifts as drifts_of
from engine.decide.harvest import harvest_plan, harvests
from engine.decide.legs import plan_for
from engine.decide.markets import cash_assets
from engine.decide.optimum.solver import SolverFailed
from engine.decide.targets import destination, with_new_money
from engine.decide.triggers import Call, calls, checked_date, missed_date, obstacle, quiet_reasons
from engine.decide.valuation import value
from engine.decide.volatility import band_scale
from engine.model.decision import Decision, DecisionInputs, Drift, Outcome, TriggerVerdict
from engine.model.money import ONE, exact
from engine.model.plan import Plan, PlanTrigger
from engine.model.plan_tax import Harvest
from engine.model.policy import TO_TARGET, TriggerKind
from engine.model.portfolio import Valuation
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.tax_policy import Harvesting

ENGINE_VERSION: Final = "4"
"""Changed whenever equal inputs may give another outcome than before."""


@exact
def decide(inputs: DecisionInputs) -> Decision:
    """Decide what is to be done with a portfolio. Equal inputs give byte-equal decisions."""
    valuation = value(inputs.snapshot, inputs.policy)
    scale, scaling = _band_scale(inputs)
    drifts = drifts_of(valuation, inputs.policy, scale) if valuation.managed_value > 0 else ()
    found = harvests(inputs, valuation) if drifts and not valuation.vetoes else ()
    verdict, plan = _verdict(inputs, valuation, drifts)
    if plan is None and not verdict.fired and inputs.policy.tax.harvesting is Harvesting.PROPOSE:
        verdict, plan = _harvesting(inputs, valuation, found) or (verdict, None)
    verdict = replace(verdict, reasons=(*verdict.reasons, *scaling))
    outcome = Outcome(
        valuation=valuation,
        drifts=drifts,
        verdict=verdict,
        alerts=() if valuation.vetoes and not drifts else alert_changes(drifts, inputs.standing.alerts),
        vetoes=valuation.vetoes,
        plan=plan,
        harvests=found,
    )
    return Decision(ENGINE_VERSION, inputs, outcome)


def _verdict(
    inputs: DecisionInputs, valuation: Valuation, drifts: tuple[Drift, ...]
) -> tuple[TriggerVerdict, Plan | None]:
    """Answer the first call that leads to a plan. What calls and leads to none is kept as a reason."""
    unanswered: TriggerVerdict | None = None
    for call in calls(inputs, valuation, drifts, cash_assets(inputs.snapshot, inputs.policy)):
        hindrance = obstacle(inputs, call, drifts)
        if hindrance:
            unanswered = unanswered or TriggerVerdict(False, call.kind, (hindrance, *call.reasons), call.date)
            continue
        if valuation.vetoes:
            return TriggerVerdict(True, call.kind, call.reasons, call.date), None
        try:
            plan = _plan(inputs, valuation, drifts, call)
        except SolverFailed as error:
            why = reason(ReasonCode.UNSOLVED, problem=str(error))
            return TriggerVerdict(True, call.kind, (*call.reasons, why), call.date), None
        if plan.legs:
            return TriggerVerdict(True, call.kind, call.reasons, call.date), plan
        unanswered = _with_nothing(unanswered, call, plan)
    missed = missed_date(inputs)
    if unanswered and not (missed and unanswered.fired and unanswered.date is None):
        return unanswered, None
    if missed:
        # What calls in vain must not keep a missed date from being offered.
        return replace(missed, reasons=(*missed.reasons, *(unanswered.reasons if unanswered else ()))), None
    checked = checked_date(inputs, drifts) if valuation.weights and not valuation.vetoes else None
    return checked or TriggerVerdict(False, None, quiet_reasons(inputs, drifts)), None


def _harvesting(
    inputs: DecisionInputs, valuation: Valuation, found: Sequence[Harvest]
) -> tuple[TriggerVerdict, Plan] | None:
    """Losses that are worth realising make a plan of their own, where nothing else calls for one."""
    made = harvest_plan(inputs, valuation, found) if found else None
    if made is None or obstacle(inputs, made[0], ()) is not None:
        return None
    call, plan = made
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
    return TriggerVerdict(True, call.kind, (*call.reasons, reason(ReasonCode.NOTHING_TO_TRADE), *why), call.date)


def _plan(inputs: DecisionInputs, valuation: Valuation, drifts: tuple[Drift, ...], call: Call) -> Plan:
    if call.flows:
        return plan_for(inputs, valuation, with_new_money(valuation, inputs.policy, call.flows), call)
    fired = call.kind is PlanTrigger.THRESHOLD
    weights = destination(drifts, inputs.policy.rebalance_to if fired else TO_TARGET)
    return plan_for(inputs, valuation, weights, call)
