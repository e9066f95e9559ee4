"""A decision's inputs under guard: valued, with the targets in force, and with what guards call for and forbid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from engine.decide.adopted import with_adopted
from engine.decide.drift import drifts
from engine.decide.guards.caps import Cap, caps
from engine.decide.guards.depeg import fallen
from engine.decide.guards.look import Look
from engine.decide.guards.refuge import refuge
from engine.decide.guards.risk_targets import not_bought, policy_in_force, to_safety, wanted
from engine.decide.guards.venues_judged import health_findings, judged
from engine.decide.guards.watch import guard, resting
from engine.decide.triggers import Call
from engine.decide.valuation import value
from engine.model.conditions import Condition, GuardOutcome, Level, Stage
from engine.model.decision import DecisionInputs
from engine.model.guards import Rule, Stance
from engine.model.ids import Asset
from engine.model.money import ONE, ZERO, Weight, ratio
from engine.model.plan import Plan, PlanTrigger
from engine.model.portfolio import Valuation
from engine.model.reasons import Reason

MOST_TRIES: Final = 4
"""A plan over its cap is made smaller so often before nothing of it is left."""
A_LITTLE_LESS: Final = Decimal("0.995")
"""Rounding to steps must not lead over the cap again."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """The inputs with the policy in force, their valuation, and what the guards found."""

    inputs: DecisionInputs
    valuation: Valuation
    look: Look
    found: GuardOutcome
    conditions: tuple[Condition, ...]

    def calls(self) -> Iterator[Call]:
        """What guards call for: one plan for all that waits, before any other."""
        due = self._due
        if due and refuge(self.look, fallen(self.conditions)) is not None:
            yield Call(PlanTrigger.RISK, tuple(condition.reason for condition in due))

    def to_safety(self) -> Mapping[str, Weight]:
        """The weights that a risk plan leads to."""
        haven = refuge(self.look, fallen(self.conditions))
        assert haven is not None, "a risk plan is called for only where there is cash"
        return to_safety(self.valuation, self.inputs.policy, self._due, haven)

    def obstacle(self, call: Call) -> Reason | None:
        """Why guards let no such plan be made now. Neither a person nor another guard is held up by that."""
        if call.kind in (PlanTrigger.RISK, PlanTrigger.MANUAL):
            return None
        return resting(self.look, self.conditions) or self._at_a_stop()

    def _at_a_stop(self) -> Reason | None:
        """A price is at its stop and not for long enough: what is bought now may be sold in a minute."""
        noticed = {c.subject for c in self.conditions if c.rule is Rule.STOP_LOSS and c.stage is Stage.NOTICED}
        sells = (Stance.PROPOSE, Stance.ACT)
        at_stop = (f for f in self.found.findings if f.rule is Rule.STOP_LOSS and f.wants_plan and f.stance in sells)
        return next((f.reason for f in at_stop if f.level is Level.HIT and f.subject in noticed), None)

    @property
    def asked_of(self) -> frozenset[str]:
        """The names that guards ask to sell, and the cash that they ask to sell into."""
        asked = [asset for c in wanted(self.conditions) if self._sells(c) for asset in c.assets]
        haven = refuge(self.look, fallen(self.conditions)) if asked else None
        return frozenset({self.inputs.policy.name_of(a) or str(a) for a in asked} | ({haven} if haven else set()))

    @property
    def not_bought(self) -> frozenset[Asset]:
        """The assets that no plan may buy."""
        return not_bought(self.conditions)

    def cap_on(self, plan: Plan) -> Cap | None:
        """The tightest cap that a plan is above, of those that shrink plans."""
        over = (cap for cap in caps(self.look) if cap.stance is Stance.ACT and plan.turnover > cap.room)
        return next(over, None)

    def outcome_for(self, plan: Plan | None) -> GuardOutcome:
        """What the guards came to, with the caps that a plan is above and that only a person may pass."""
        over = [c for c in caps(self.look) if plan is not None and plan.turnover > c.room]
        asks = tuple(cap.reason for cap in over if cap.stance is Stance.PROPOSE)
        is_risk = plan is not None and plan.trigger is PlanTrigger.RISK
        return replace(self.found, must_ask=(*self.found.must_ask, *asks), answers=self._answered if is_risk else ())

    @property
    def _answered(self) -> tuple[tuple[Rule, Stance], ...]:
        stances = {(finding.rule, finding.subject): finding.stance for finding in self.found.findings}
        return tuple(dict.fromkeys((c.rule, stances.get(c.key, Stance.PROPOSE)) for c in self._due))

    @property
    def _due(self) -> tuple[Condition, ...]:
        """What waits for a plan, has something to sell, and is not resting after nobody answered."""
        now = self.inputs.now
        ready = (c for c in wanted(self.conditions) if c.rest_until is None or now >= c.rest_until)
        return tuple(condition for condition in ready if self._sells(condition))

    def _sells(self, condition: Condition) -> bool:
        """Whether what it asks for is not so already: of a coin that is not held, or is below its lower target."""
        haven = refuge(self.look, fallen(self.conditions))
        here = {w.name: w.weight for w in self.valuation.weights}
        if haven is None or not here:
            return True
        there = to_safety(self.valuation, self.inputs.policy, (condition,), haven)
        freed = (there[haven] - here.get(haven, ZERO)) * self.valuation.managed_value
        return freed > 0 and freed >= self.inputs.policy.limits.min_trade


def under_guard(inputs: DecisionInputs) -> Guarded:
    """Judge the venues, let all guards look, and put the targets in force that follow from static or adopted ones."""
    venues = judged(inputs)
    inputs = with_adopted(replace(inputs, snapshot=venues.snapshot))
    first = value(inputs.snapshot, inputs.policy)
    plain = Look(inputs, first, ())
    before = policy_in_force(plain, inputs.standing.guards.conditions)
    weighed = first if before is inputs.policy else value(inputs.snapshot, before)
    known = drifts(weighed, before) if weighed.managed_value > 0 else ()
    look = Look(inputs, first, known)
    found, conditions = guard(look)
    listed = (*found.findings, *health_findings(inputs, venues.verdicts))
    found = replace(found, findings=listed, venues=venues.verdicts, venues_after=venues.after)
    policy = policy_in_force(look, conditions)
    valuation = first if policy is inputs.policy else value(inputs.snapshot, policy)
    return Guarded(replace(inputs, policy=policy), valuation, look, found, conditions)


def within_caps(
    guarded: Guarded, call: Call, plan_to: Callable[[Mapping[str, Weight]], Plan], aim: Mapping[str, Weight]
) -> Plan:
    """The plan towards `aim` that trades no more than the caps allow: part of the way, where all of it is too far.

    It says which cap has shrunk it. Where a cap leaves nothing, the plan has no legs.
    """
    plan, share = plan_to(aim), ONE
    here = {w.name: w.weight for w in guarded.valuation.weights}
    least = guarded.inputs.policy.limits.min_trade
    for _ in range(MOST_TRIES):
        cap = guarded.cap_on(plan)
        if cap is None:
            return plan
        if cap.room < least:
            break
        share *= ratio(cap.room, plan.turnover) * A_LITTLE_LESS
        part = {n: Weight(here.get(n, ZERO) + share * (w - here.get(n, ZERO))) for n, w in aim.items()}
        plan = _because(plan_to(part), cap.reason)
    cap = guarded.cap_on(plan)
    if cap is None:
        return plan
    return _because(replace(plan, legs=(), reasons=call.reasons), cap.reason)


def _because(plan: Plan, why: Reason) -> Plan:
    return replace(plan, reasons=(*plan.reasons, why))
