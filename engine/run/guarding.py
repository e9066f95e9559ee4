"""What an evaluation writes down for the guards, and who approves the plans that they call for. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from engine.decide.guards.risk_targets import not_bought
from engine.decide.guards.venues_judged import LEAVES_OUT
from engine.execute.plan_state import PlanState
from engine.model import events as ev
from engine.model.conditions import GuardOutcome, Step, conditions_after
from engine.model.decision import Decision, Standing
from engine.model.events import StreamId, plan_stream
from engine.model.guards import Guards, Stance
from engine.model.health import VenueStanding
from engine.model.ids import VenueName
from engine.model.market import Side
from engine.model.money import Money, exact, total
from engine.model.plan import Plan, PlanStatus, PlanTrigger
from engine.model.policy import Policy
from engine.model.portfolio import VenueHealth, VenueSnapshot
from engine.model.reasons import Reason, ReasonCode, reason

NO_VENUES: Final = frozenset({VenueHealth.WATCHED, VenueHealth.IN_TRANSIT})
Facts = list[tuple[StreamId, ev.Fact]]


def guard_facts(found: GuardOutcome, portfolio: StreamId) -> Facts:
    """What the guards found, and what is to be remembered for them."""
    facts: Facts = []
    if found.changes:
        facts.append((portfolio, ev.ConditionsChanged(found.changes)))
    if found.venues_after is not None:
        facts.append((portfolio, ev.VenuesJudged(found.venues_after)))
    if found.stops is not None:
        facts.append((portfolio, ev.StopsMarked(found.stops)))
    return facts


def way_for(plan: Plan, open_plan: PlanState | None) -> tuple[bool, Facts]:
    """Whether a plan can be proposed now, and what makes way for it: only a guard's is called for beside an open one.

    An ordinary plan that waits is withdrawn; one under way is wound down first, and the guard's plan follows.
    """
    if open_plan is None:
        return True, []
    stream = plan_stream(open_plan.proposed.plan_id)
    if open_plan.status in (PlanStatus.PROPOSED, PlanStatus.APPROVED):
        return True, [(stream, ev.PlanSuperseded(None, plan.reasons))]
    if open_plan.status in (PlanStatus.EXECUTING, PlanStatus.PAUSED):
        return False, [(stream, ev.StopRequested(plan.reasons))]
    return False, []


def in_vain(decision: Decision) -> tuple[Reason, ...]:
    """Why a guard's call leads to no plan: a cap that is used up, say. People were told that a plan follows."""
    verdict, guards = decision.outcome.verdict, decision.outcome.guards
    if verdict.kind is not PlanTrigger.RISK or not verdict.fired or decision.outcome.plan is not None:
        return ()
    standing = conditions_after(decision.inputs.standing.guards.conditions, guards.changes)
    found = {condition.reason for condition in standing}
    why = tuple(each for each in dict.fromkeys(verdict.reasons) if each not in found)
    return tuple(each for each in why if each.code is not ReasonCode.NOTHING_TO_TRADE) or why


def approver(plan: Plan, decision: Decision, policy: Policy) -> str:
    """Who approves a plan without being asked: the policy, or what an owner signed for a guard; nobody: empty."""
    guards, standing = decision.outcome.guards, decision.inputs.standing
    if is_signed_for(plan, guards, standing):
        return f"policy v{standing.policy_version}"
    if guards.must_ask or policy.needs_approval(plan.turnover):
        return ""
    return f"policy ({policy.approval.value})"


def is_signed_for(plan: Plan, guards: GuardOutcome, standing: Standing) -> bool:
    """Whether every rule that a plan answers may act by itself, and somebody has signed for a plan of that size."""
    if not guards.answers or any(stance is not Stance.ACT for _, stance in guards.answers):
        return False
    signed = {s.rule: s.up_to for s in standing.guards.signatures if s.policy == standing.policy}
    return all(rule in signed and plan.turnover <= signed[rule] for rule, _ in guards.answers)


def healths_of(decision: Decision) -> dict[VenueName, ev.VenueHealthChanged]:
    """How far each venue can be relied on, with why, and what lies on one that is halted."""
    verdicts = {verdict.venue: verdict for verdict in decision.outcome.guards.venues}
    found = {}
    for venue in decision.inputs.snapshot.venues:
        if venue.health in NO_VENUES:
            continue
        verdict = verdicts.get(venue.name)
        observed = VenueHealth.HEALTHY if venue.health is VenueHealth.REFERENCE else venue.health
        is_judged = verdict is not None and (
            observed is not VenueHealth.UNREACHABLE or verdict.health is VenueHealth.HALTED
        )
        health = verdict.health if verdict is not None and is_judged else observed
        why = verdict.reasons if verdict is not None and health is not VenueHealth.HEALTHY else ()
        fact = ev.VenueHealthChanged(venue.name, health, venue.problem, why)
        found[venue.name] = _with_holdings(fact, venue, decision) if health is VenueHealth.HALTED else fact
    return found


def _with_holdings(fact: ev.VenueHealthChanged, venue: VenueSnapshot, decision: Decision) -> ev.VenueHealthChanged:
    held = tuple((balance.asset, balance.total) for balance in venue.balances if balance.total)
    return replace(fact, holdings=held, worth=worth_of(venue, decision))


@exact
def worth_of(venue: VenueSnapshot, decision: Decision) -> Money | None:
    """What lies on a venue in the numeraire, of what has a price; None where nothing of it has."""
    marks = {mark.asset: mark.price for mark in decision.outcome.valuation.marks}
    priced = [balance.total * marks[balance.asset] for balance in venue.balances if balance.asset in marks]
    return Money(total(priced)) if priced or not venue.balances else None


def halted_venues(standing: Standing, policy: Policy) -> frozenset[VenueName]:
    """The venues at which nothing more is sent, and what rests is cancelled."""
    return frozenset(v.venue for v in _judged(standing, policy) if v.health is VenueHealth.HALTED)


def unsound_venues(standing: Standing, policy: Policy) -> frozenset[VenueName]:
    """The venues that no slice is sent to that was meant for another one."""
    return frozenset(v.venue for v in _judged(standing, policy) if v.health is not VenueHealth.HEALTHY)


def _judged(standing: Standing, policy: Policy) -> tuple[VenueStanding, ...]:
    """How venues were judged last; none where the rule leaves them in plans, or is off and judges no more."""
    return standing.guards.venues if policy.guards.exchange_health.stance in LEAVES_OUT else ()


def objections(plan: PlanState, standing: Standing, policy: Policy) -> tuple[Reason, ...]:
    """Why guards let a plan that is open not be what it is.

    It would use a halted venue, buy what a guard has sold, or, of a guard's own, sell for what is over, or not for
    what was found since.
    """
    legs = plan.proposed.plan.legs
    halted = halted_venues(standing, policy) & {leg.venue for leg in legs}
    bought = {leg.base if leg.side is Side.BUY else leg.quote for leg in legs}
    held_back = not_bought(standing.guards.conditions) & bought
    return (
        *(reason(ReasonCode.VENUE_HALTED, venue=venue) for venue in sorted(halted)),
        *(reason(ReasonCode.NOT_BOUGHT, asset=asset) for asset in sorted(held_back)),
        *((reason(ReasonCode.GUARD_IS_OVER),) if _is_over(plan, standing) else ()),
        *_found_since(plan, standing),
    )


def _is_over(plan: PlanState, standing: Standing) -> bool:
    """A guard's plan that nobody has approved sells for something that does not wait for it any more."""
    waiting = {c.key for c in standing.guards.conditions if c.step is Step.WANTED}
    return _asks_for_a_guard(plan) and not set(standing.guards.in_plan) <= waiting


def _found_since(plan: PlanState, standing: Standing) -> tuple[Reason, ...]:
    """What waits for a plan beside one that nobody has approved: in a fall one coin's stop follows on another's."""
    known = standing.guards.in_plan
    waiting = (c for c in standing.guards.conditions if c.step is Step.WANTED and c.rest_until is None)
    return tuple(c.reason for c in waiting if c.key not in known) if _asks_for_a_guard(plan) else ()


def _asks_for_a_guard(plan: PlanState) -> bool:
    return plan.status is PlanStatus.PROPOSED and plan.proposed.plan.trigger is PlanTrigger.RISK


def asks_for_lots(guards: Guards) -> bool:
    """Whether a guard asks what the holdings cost."""
    stop = guards.stop_loss
    return stop.stance is not Stance.OFF or any(own.stance not in (None, Stance.OFF) for own in stop.own)
