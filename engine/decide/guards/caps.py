"""What a plan may trade: a day's turnover, and one plan's size. A cap shrinks a plan, and never makes one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from engine.decide.guards.look import Look
from engine.decide.guards.losses import WHOLE
from engine.model.conditions import Finding, Level
from engine.model.guards import Rule, Stance
from engine.model.money import ZERO, Money, total
from engine.model.reasons import Reason, ReasonCode, reason

A_DAY: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that a plan may trade now, in the numeraire, and the rule that says so."""

    rule: Rule
    stance: Stance
    room: Money
    reason: Reason


def caps(look: Look) -> tuple[Cap, ...]:
    """The caps that hold now, the tightest first."""
    return tuple(sorted(_caps(look), key=lambda cap: (cap.room, cap.rule)))


def cap_findings(look: Look) -> tuple[Finding, ...]:
    """The caps as they are listed: none of them is a condition, as each is about a plan."""
    rules = look.guards.caps
    listed = [Finding(cap.rule, WHOLE, Level.HOLD, cap.reason, cap.stance) for cap in _caps(look)]
    known = {finding.rule for finding in listed}
    for rule, stance in ((Rule.DAILY_TURNOVER, rules.daily_stance), (Rule.PLAN_SIZE, rules.plan_stance)):
        if rule not in known:
            why = ReasonCode.NO_RECORD_OF_TRADES if _lacks_record(look, rule) else ReasonCode.NO_CAP
            listed.append(Finding(rule, WHOLE, Level.UNARMED, reason(why, rule=rule.value), stance))
    return tuple(listed)


def _lacks_record(look: Look, rule: Rule) -> bool:
    return rule is Rule.DAILY_TURNOVER and bool(look.guards.caps.daily_turnover) and look.standing.traded is None


def _caps(look: Look) -> Iterator[Cap]:
    rules, standing = look.guards.caps, look.standing
    if rules.daily_stance is not Stance.OFF and rules.daily_turnover and standing.traded is not None:
        traded = total(money for at, money in standing.traded if look.now - at < A_DAY)
        cap = Money(rules.daily_turnover * look.valuation.managed_value)
        room = Money(max(cap - traded, ZERO))
        why = reason(ReasonCode.DAILY_TURNOVER_CAP, cap=cap, traded=Money(traded), room=room)
        yield Cap(Rule.DAILY_TURNOVER, rules.daily_stance, room, why)
    if rules.plan_stance is not Stance.OFF and rules.plan:
        yield Cap(Rule.PLAN_SIZE, rules.plan_stance, rules.plan, reason(ReasonCode.PLAN_SIZE_CAP, cap=rules.plan))
