"""A decision as the JSON that other programs read: names fixed in the documentation, numbers as decimal strings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.model.canonical import instant_text
from engine.model.conditions import GuardOutcome
from engine.model.decision import Decision, Drift, TriggerVerdict
from engine.model.money import exact, plain
from engine.model.plan import Alternative, CostEstimate, DroppedLeg, Leg, Plan, SuggestedTransfer
from engine.model.plan_tax import LegLot, LegTax, MethodOutcome
from engine.model.portfolio import Valuation
from engine.model.reasons import Reason
from engine.model.target_changes import ModelOutcome

SCHEMA: Final = "equipoise-decision/1"
Json = dict[str, object]


@exact
def decision_json(decision: Decision) -> Json:
    """The whole decision. Weights are fractions of 1, costs and values are in the numeraire."""
    outcome = decision.outcome
    return {
        "schema": SCHEMA,
        "digest": decision.digest,
        "engine_version": decision.engine_version,
        "as_of": instant_text(decision.inputs.snapshot.as_of),
        "valuation": _valuation(outcome.valuation),
        "verdict": _verdict(outcome.verdict),
        "drift": {drift.name: _drift(drift) for drift in outcome.drifts},
        "plan": _plan(outcome.plan, decision) if outcome.plan else None,
        "vetoes": _reasons(outcome.vetoes),
        "guards": _guards(outcome.guards),
        "model": _model(outcome.model) if outcome.model else None,
    }


def _valuation(valuation: Valuation) -> Json:
    return {
        "numeraire": valuation.numeraire,
        "managed_value": plain(valuation.managed_value),
        "total_value": plain(valuation.total_value),
        "marks": {mark.asset: plain(mark.price) for mark in valuation.marks},
        "notes": _reasons(valuation.notes),
    }


def _guards(guards: GuardOutcome) -> Json:
    return {
        "findings": [
            {
                "rule": f.rule.value,
                "subject": f.subject,
                "stance": f.stance.value,
                "level": f.level.value,
                "reason": _reason(f.reason),
            }
            for f in guards.findings
        ],
        "changes": [
            {
                "kind": c.kind.value,
                "rule": c.condition.rule.value,
                "subject": c.condition.subject,
                "reason": _reason(c.reason),
            }
            for c in guards.changes
        ],
        "must_ask": _reasons(guards.must_ask),
    }


def _model(model: ModelOutcome) -> Json:
    change = model.change
    return {
        "kind": model.kind.value,
        "stance": model.stance.value,
        "present": {name: plain(weight) for name, weight in model.present},
        "wants": {name: plain(weight) for name, weight in model.wants} if model.wants else None,
        "change": {name: plain(weight) for name, weight in change.after} if change else None,
        "reasons": _reasons(model.reasons),
    }


def _verdict(verdict: TriggerVerdict) -> Json:
    return {
        "fired": verdict.fired,
        "kind": verdict.kind.value if verdict.kind else None,
        "reasons": _reasons(verdict.reasons),
    }


def _drift(drift: Drift) -> Json:
    return {
        "weight": plain(drift.weight),
        "target": plain(drift.target),
        "absolute": plain(drift.absolute),
        "relative": None if drift.relative is None else plain(drift.relative),
        "threshold": plain(drift.threshold),
    }


def _plan(plan: Plan, decision: Decision) -> Json:
    tolerance = decision.inputs.policy.limits.tolerance
    return {
        "digest": plan.digest,
        "legs": [_leg(leg) for leg in plan.legs],
        "cost": _cost(plan.cost),
        "naive_cost": None if plan.naive_cost is None else plain(plan.naive_cost),
        "weights_after": {line.name: plain(line.after) for line in plan.weights},
        "residual": {line.name: plain(line.residual) for line in plan.weights if abs(line.residual) > tolerance},
        "dropped": [_dropped(dropped) for dropped in plan.dropped],
        "suggested_transfers": [_transfer(transfer) for transfer in plan.suggested_transfers],
    }


def _leg(leg: Leg) -> Json:
    return {
        "id": leg.id,
        "venue": leg.venue,
        "base": leg.base,
        "quote": leg.quote,
        "side": leg.side.value,
        "quantity": plain(leg.quantity),
        "limit_price": plain(leg.limit_price),
        "expected_price": plain(leg.expected_price),
        "notional": plain(leg.notional),
        "cost": _cost(leg.cost),
        "lots": [_lot(lot) for lot in leg.tax.lots] if leg.tax else [],
        "tax": _tax(leg.tax) if leg.tax else None,
        "rebuy": {"at": instant_text(leg.rebuy.at), "loss": plain(leg.rebuy.loss)} if leg.rebuy else None,
        "reasons": _reasons(leg.reasons),
        "cost_in_slices": None if leg.cost_in_slices is None else plain(leg.cost_in_slices),
        "alternatives": [_alternative(other) for other in leg.alternatives],
    }


def _lot(lot: LegLot) -> Json:
    return {
        "lot": lot.lot or None,
        "acquired_at": instant_text(lot.acquired_at) if lot.acquired_at else None,
        "quantity": plain(lot.quantity),
        "cost": plain(lot.cost),
        "gain": plain(lot.gain),
        "term": lot.term.value,
        "basis_known": lot.is_known,
    }


def _tax(tax: LegTax) -> Json:
    soon = [
        {"quantity": plain(s.quantity), "long_on": s.long_on.isoformat(), "days": s.days, "saves": plain(s.saves)}
        for s in tax.soon_long
    ]
    return _method(tax.chosen) | {"others": [_method(other) for other in tax.others], "soon_long": soon}


def _method(outcome: MethodOutcome) -> Json:
    return {
        "method": outcome.method.value,
        "short": plain(outcome.short),
        "long": plain(outcome.long),
        "tax": None if outcome.tax is None else plain(outcome.tax),
    }


def _alternative(other: Alternative) -> Json:
    return {
        "venue": other.venue,
        "quote": other.quote,
        "cost": None if other.cost is None else plain(other.cost),
        "reason": None if other.reason is None else _reason(other.reason),
    }


def _cost(cost: CostEstimate) -> Json:
    return {
        "fee": plain(cost.fee),
        "spread": plain(cost.spread),
        "impact": plain(cost.impact),
        "gas": plain(cost.gas),
        "tax": plain(cost.tax),
        "learned": plain(cost.learned),
        "total": plain(cost.total),
    }


def _dropped(dropped: DroppedLeg) -> Json:
    leg = {
        "venue": dropped.venue,
        "base": dropped.base,
        "quote": dropped.quote,
        "side": dropped.side.value,
        "notional": plain(dropped.notional),
    }
    return {"leg": leg, "reasons": _reasons(dropped.reasons)}


def _transfer(transfer: SuggestedTransfer) -> Json:
    return {
        "asset": transfer.asset,
        "from_venue": transfer.from_venue,
        "to_venue": transfer.to_venue,
        "quantity": plain(transfer.quantity),
        "value": plain(transfer.value),
    }


def _reasons(reasons: Iterable[Reason]) -> list[Json]:
    return [_reason(reason) for reason in reasons]


def _reason(reason: Reason) -> Json:
    """Code and operands side by side; a venue's own code gives way to the reason's."""
    operands = {"venue_code" if name == "code" else name: value for name, value in reason.operands}
    return {"code": reason.code.value, **operands}
