"""What guards leave behind for the next decision, as a fold over facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine.model import events as ev
from engine.model.conditions import ChangeKind, Condition, ConditionChange, GuardStanding, Stage, Step, conditions_after
from engine.model.costs import LegCost
from engine.model.guards import Rule
from engine.model.ids import Asset, Digest
from engine.model.money import Money, total
from engine.model.plan import PlanTrigger

A_DAY: Final = timedelta(hours=24)
PRICES_APART: Final = timedelta(hours=1)
"""Prices of the day before are kept so far apart."""
ASKED_AGAIN_AFTER: Final = timedelta(hours=4)
"""A risk plan that nobody answered, or that sold nothing, is proposed again then, or when it is a grade worse."""


def after_guard_fact(standing: GuardStanding, fact: ev.GuardFact) -> GuardStanding:
    """The standing after a fact about the guards themselves."""
    match fact:
        case ev.ConditionsChanged():
            return replace(standing, conditions=conditions_after(standing.conditions, fact.changes))
        case ev.StopsMarked():
            return replace(standing, stops=fact.stops)
        case ev.GuardRearmed():
            return _rearmed(standing, fact)
        case ev.VenuesJudged():
            return replace(standing, venues=fact.venues)
        case ev.VenueResumed():
            rest = tuple(v for v in standing.venues if v.venue != fact.standing.venue)
            return replace(standing, venues=tuple(sorted((*rest, fact.standing), key=lambda v: v.venue)))
        case ev.GuardSigned():
            others = tuple(s for s in standing.signatures if s.rule is not fact.signature.rule)
            return replace(standing, signatures=(*others, fact.signature))
        case ev.GuardUnsigned():
            left = tuple(s for s in standing.signatures if s.rule is not fact.rule)
            return replace(standing, signatures=left)


def _rearmed(standing: GuardStanding, fact: ev.GuardRearmed) -> GuardStanding:
    condition = next((c for c in standing.conditions if c.key == (fact.rule, fact.subject)), None)
    if condition is not None:
        gone = ConditionChange(ChangeKind.FORGOTTEN, condition, condition.reason)
        standing = replace(standing, conditions=conditions_after(standing.conditions, (gone,)))
    if fact.mark is None:
        return standing
    others = (mark for mark in standing.stops if mark.asset != fact.mark.asset)
    return replace(standing, stops=tuple(sorted((*others, fact.mark), key=lambda mark: mark.asset)))


def with_signatures_of(standing: GuardStanding, policy: Digest) -> GuardStanding:
    """What was signed for another policy holds no more."""
    return replace(standing, signatures=tuple(s for s in standing.signatures if s.policy == policy))


def with_prices(standing: GuardStanding, fact: ev.PricesNoted, at: datetime) -> GuardStanding:
    """The prices of the last day, an hour apart. What was told in another numeraire says nothing in this one."""
    if standing.prices_in not in (None, fact.numeraire):
        traded = None if standing.traded is None else ()
        standing = replace(standing, prices=(), traded=traded, signatures=())
    standing = replace(standing, prices_in=fact.numeraire)
    recent = tuple((when, prices) for when, prices in standing.prices if at - when <= A_DAY)
    if recent and at - recent[-1][0] < PRICES_APART:
        return replace(standing, prices=recent)
    return replace(standing, prices=(*recent, (at, fact.prices)))


def begun(standing: GuardStanding) -> GuardStanding:
    """From the first start on there is a record of what is traded."""
    return standing if standing.traded is not None else replace(standing, traded=())


def proposed(standing: GuardStanding, trigger: PlanTrigger, at: datetime) -> GuardStanding:
    """A plan is open; a guard's answers what waits for a plan now."""
    due = (c for c in standing.conditions if c.step is Step.WANTED and (c.rest_until is None or at >= c.rest_until))
    keys = tuple(c.key for c in due) if trigger is PlanTrigger.RISK else ()
    return replace(standing, in_plan=keys)


def refused(standing: GuardStanding, snoozed_until: datetime | None) -> GuardStanding:
    """A person refused what a guard asked for, or asked to be left alone for a while."""
    if snoozed_until is not None:
        return _in_plan(standing, lambda c: replace(c, rest_until=snoozed_until))
    return _in_plan(standing, lambda c: replace(c, step=Step.WAIVED))


def unanswered(standing: GuardStanding, at: datetime) -> GuardStanding:
    """Nobody answered in time: the targets stay low, and it is asked again later."""
    return _in_plan(standing, lambda c: replace(c, rest_until=at + ASKED_AGAIN_AFTER))


def carried_out(standing: GuardStanding, costs: Sequence[LegCost], at: datetime) -> GuardStanding:
    """A plan has ended: what it traded counts for a day, and what it has sold something for is answered."""
    recent = tuple((when, money) for when, money in standing.traded or () if at - when < A_DAY)
    traded = Money(total(cost.traded for cost in costs))
    record = (*recent, (at, traded)) if traded else recent
    standing = replace(standing, traded=record)
    sold = frozenset(cost.asset for cost in costs)
    again = at + ASKED_AGAIN_AFTER
    return _in_plan(
        standing, lambda c: replace(c, step=Step.DONE) if _is_answered(c, sold) else replace(c, rest_until=again)
    )


def _is_answered(condition: Condition, sold: frozenset[Asset]) -> bool:
    """Whether a plan of its own has sold anything for it: one that was stopped before is no answer.

    A stop's coin is the base of what sells it; a stablecoin may as well be what something is bought with.
    """
    return bool(sold) and (condition.rule is not Rule.STOP_LOSS or not sold.isdisjoint(condition.assets))


def _in_plan(standing: GuardStanding, change: Callable[[Condition], Condition]) -> GuardStanding:
    """The conditions of the open plan changed, and no plan open any more."""
    changed = tuple(
        change(c) if c.key in standing.in_plan and c.stage is Stage.RAISED else c for c in standing.conditions
    )
    return replace(standing, conditions=changed, in_plan=())
