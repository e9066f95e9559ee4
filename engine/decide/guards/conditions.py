"""From what guards see to what people hear: one condition for each rule and subject, from its first sign to its end.

A condition is raised when it has lasted long enough, told of again when it is a grade worse, and over when it has been
clear for long enough: the longer, the oftener it has come and gone within a day, so that one which trembles at its
limit is one alert and not forty. What cannot be seen changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine.model.conditions import ChangeKind, Condition, ConditionChange, Finding, Level, Stage, Step
from engine.model.guards import RISK_TARGETS, Rule, Stance
from engine.model.money import ONE
from engine.model.reasons import Reason

REMEMBERED: Final = timedelta(days=1)
"""For so long the end of a condition is remembered."""
LONGEST_CALM: Final = timedelta(days=1)
MOST_DOUBLINGS: Final = 12

Key = tuple[Rule, str]


def condition_changes(
    findings: Sequence[Finding], standing: Sequence[Condition], now: datetime
) -> tuple[ConditionChange, ...]:
    """What changes against the conditions that stand, in the order of the findings."""
    known = {condition.key: condition for condition in standing}
    seen = {(finding.rule, finding.subject) for finding in findings}
    found = (_change(finding, known.get((finding.rule, finding.subject)), now) for finding in findings)
    changes = [change for change in found if change is not None]
    return (*changes, *_unseen(known, seen, now))


def _unseen(known: Mapping[Key, Condition], seen: set[Key], now: datetime) -> Iterator[ConditionChange]:
    """What no rule looks at any more, because the policy or the portfolio is another, is over."""
    for key, condition in sorted(known.items()):
        if condition.stage is Stage.OVER:
            if now - condition.since >= REMEMBERED:
                yield ConditionChange(ChangeKind.FORGOTTEN, condition, condition.reason)
        elif key not in seen:
            yield _over(condition, condition.reason, now)


def _change(finding: Finding, known: Condition | None, now: datetime) -> ConditionChange | None:
    standing = known if known is not None and known.stage is not Stage.OVER else None
    if finding.stance is Stance.OFF:
        return _over(standing, finding.reason, now) if standing else None
    if standing is None:
        return _first_sign(finding, known, now) if finding.level is Level.HIT else None
    if standing.step is Step.WANTED and finding.stance is Stance.ALERT:
        # The policy was changed meanwhile: nobody is asked any more. What was sold already is not bought back for it.
        return _kept(replace(standing, step=Step.NONE, assets=(), keeps=ONE, shares=(), rest_until=None), finding)
    match finding.level:
        case Level.HIT:
            return _still_there(finding, standing, now)
        case Level.CLEAR:
            return _clearing(finding, standing, now)
        case Level.HOLD if standing.clear_since is not None:
            return _kept(replace(standing, clear_since=None), finding)
        case Level.HOLD | Level.UNARMED:
            return None


def _first_sign(finding: Finding, before: Condition | None, now: datetime) -> ConditionChange:
    is_back = before is not None and now - before.since < REMEMBERED
    condition = Condition(
        rule=finding.rule,
        subject=finding.subject,
        stage=Stage.NOTICED,
        since=now,
        reason=finding.reason,
        grade=finding.grade,
        times=before.times + 1 if before is not None and is_back else 1,
    )
    if not finding.lasting:
        return _raised(finding, condition, now)
    return ConditionChange(ChangeKind.NOTICED, condition, finding.reason)


def _still_there(finding: Finding, standing: Condition, now: datetime) -> ConditionChange | None:
    if standing.stage is Stage.NOTICED:
        return _raised(finding, standing, now) if now - standing.since >= finding.lasting else None
    if standing.step is Step.NONE and _asks(finding):
        # It could only be told of before: there was nowhere to go, or the rule was not to ask.
        asking = replace(standing, assets=finding.assets, keeps=finding.keeps, step=Step.WANTED)
        worse = replace(asking, grade=max(finding.grade, standing.grade), reason=finding.reason, clear_since=None)
        return ConditionChange(ChangeKind.WORSE, worse, finding.reason)
    if finding.grade > standing.grade:
        # A fresh word, and a fresh proposal where nobody had answered.
        worse = replace(standing, grade=finding.grade, reason=finding.reason, clear_since=None, rest_until=None)
        return ConditionChange(ChangeKind.WORSE, worse, finding.reason)
    return _kept(replace(standing, clear_since=None), finding) if standing.clear_since is not None else None


def _raised(finding: Finding, condition: Condition, now: datetime) -> ConditionChange:
    asks = _asks(finding)
    raised = replace(
        condition,
        stage=Stage.RAISED,
        raised_at=now,
        reason=finding.reason,
        grade=finding.grade,
        clear_since=None,
        assets=finding.assets if asks else (),
        keeps=finding.keeps if asks else ONE,
        step=Step.WANTED if asks else Step.NONE,
    )
    return ConditionChange(ChangeKind.RAISED, raised, finding.reason)


def _asks(finding: Finding) -> bool:
    """Whether its rule may ask for a plan, and one can do something about it."""
    return finding.stance in (Stance.PROPOSE, Stance.ACT) and finding.rule in RISK_TARGETS and finding.wants_plan


def _clearing(finding: Finding, standing: Condition, now: datetime) -> ConditionChange | None:
    if standing.stage is Stage.NOTICED:
        return _not_lasting(standing, finding.reason)
    since = standing.clear_since or now
    if now - since >= calm_of(finding.calm, standing.times):
        return _over(standing, finding.reason, now)
    return _kept(replace(standing, clear_since=since), finding) if standing.clear_since is None else None


def calm_of(calm: timedelta, times: int) -> timedelta:
    """How long a condition must be clear that was raised so often: doubled with every time, up to a day."""
    doubled: timedelta = calm * (1 << min(times - 1, MOST_DOUBLINGS))
    return min(doubled, max(LONGEST_CALM, calm))


def _over(standing: Condition, why: Reason, now: datetime) -> ConditionChange:
    if standing.stage is Stage.NOTICED:
        return _not_lasting(standing, why)
    over = replace(
        standing,
        stage=Stage.OVER,
        since=now,
        clear_since=None,
        step=Step.NONE,
        assets=(),
        keeps=ONE,
        shares=(),
        rest_until=None,
    )
    return ConditionChange(ChangeKind.RESOLVED, over, why)


def _not_lasting(noticed: Condition, why: Reason) -> ConditionChange:
    """A sign that went by. How often the condition was raised before is remembered on."""
    if noticed.times == 1:
        return ConditionChange(ChangeKind.FORGOTTEN, noticed, why)
    return ConditionChange(ChangeKind.KEPT, replace(noticed, stage=Stage.OVER, times=noticed.times - 1), why)


def _kept(condition: Condition, finding: Finding) -> ConditionChange:
    return ConditionChange(ChangeKind.KEPT, condition, finding.reason)
