"""All guards in their order, on one screen.

0. Venues are judged (`venues_judged.py`): what cannot be relied on is left out of everything that follows.
1. Every rule looks at the same valued portfolio, and says what it sees of each subject.
2. What it sees becomes conditions (`conditions.py`): raised, worse, over.
3. Conditions of the rules that set targets scale these (`risk_targets.py`); everything later reads those targets.
4. What waits for a plan calls for one, before all other calls. The plan passes every veto like any other: venues that
   are left out, depth, cost, minimums, and the caps (`caps.py`), which are the last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from engine.decide.guards.caps import cap_findings
from engine.decide.guards.conditions import condition_changes
from engine.decide.guards.correlation import correlations
from engine.decide.guards.depeg import depegs
from engine.decide.guards.liquidity import liquidities
from engine.decide.guards.look import Look
from engine.decide.guards.losses import WHOLE, concentrations, daily_loss
from engine.decide.guards.risk_targets import bucket_shares
from engine.decide.guards.stop_loss import stop_losses, stop_marks
from engine.model.conditions import (
    Condition,
    ConditionChange,
    Finding,
    GuardOutcome,
    Stage,
    conditions_after,
)
from engine.model.guards import Rule, Stance
from engine.model.money import ONE
from engine.model.reasons import Reason

RULES: Final[tuple[Callable[[Look], tuple[Finding, ...]], ...]] = (
    stop_losses,
    depegs,
    correlations,
    concentrations,
    lambda look: (daily_loss(look),),
    liquidities,
    cap_findings,
)
CAPS: Final = frozenset({Rule.DAILY_TURNOVER, Rule.PLAN_SIZE})


def guard(look: Look) -> tuple[GuardOutcome, tuple[Condition, ...]]:
    """What all guards come to, and the conditions that stand from now on."""
    findings = tuple(finding for rule in RULES for finding in rule(look))
    lasting = [finding for finding in findings if finding.rule not in CAPS]
    seen = condition_changes(lasting, look.standing.conditions, look.now)
    changes = tuple(_with_shares(look, change) for change in seen)
    after = conditions_after(look.standing.conditions, changes)
    marks = stop_marks(look)
    outcome = GuardOutcome(
        findings=findings,
        changes=changes,
        stops=marks if marks != look.standing.stops else None,
        must_ask=_must_ask(look, after),
    )
    return outcome, after


def _with_shares(look: Look, change: ConditionChange) -> ConditionChange:
    """What parts of their buckets its assets are: kept from now on, as what is sold of one makes its part smaller."""
    condition = change.condition
    if not condition.assets or condition.shares:
        return change
    parts = bucket_shares(look)
    shares = tuple(parts.get(asset, ONE) for asset in condition.assets)
    return replace(change, condition=replace(condition, shares=shares))


def resting(look: Look, conditions: tuple[Condition, ...]) -> Reason | None:
    """Why no ordinary plan is made now: a day that lost too much is followed by a rest, where the rule acts."""
    if look.guards.daily_loss.stance is not Stance.ACT:
        return None
    return next((c.reason for c in conditions if c.key == (Rule.DAILY_LOSS, WHOLE) and c.stage is Stage.RAISED), None)


def _must_ask(look: Look, conditions: tuple[Condition, ...]) -> tuple[Reason, ...]:
    """Rules that set no targets, and may do more than tell, make every plan wait for a person while they stand.

    But one that an owner has signed for.
    """
    asking = {Rule.DAILY_LOSS: look.guards.daily_loss.stance, Rule.LIQUIDITY: look.guards.liquidity.stance}
    return tuple(
        c.reason for c in conditions if c.stage is Stage.RAISED and asking.get(c.rule) in (Stance.PROPOSE, Stance.ACT)
    )
