"""What the portfolio as a whole shows: a name that has outgrown its target, and a day that has cost too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from engine.decide.guards.look import Look, is_stable
from engine.model.conditions import Finding, Level, Step
from engine.model.guards import DailyLoss, Rule
from engine.model.ids import Asset
from engine.model.money import ZERO, Price, ratio, total
from engine.model.reasons import Reason, ReasonCode, reason

WHOLE: Final = "portfolio"
"""The subject of what concerns no single asset."""
OVER_AT: Final = Decimal("0.8")
"""A condition is over at so much of its limit: one that trembles at the limit is told of once."""
HALF: Final = Decimal("0.5")
GRADES: Final = 5
A_DAY: Final = timedelta(hours=24)


def concentrations(look: Look) -> tuple[Finding, ...]:
    """What is seen of every name with a weight; without a price of everything held no weight is known."""
    return tuple(_concentrations(look) if look.drifts else _weights_unknown(look))


def _weights_unknown(look: Look) -> Iterator[Finding]:
    """What stands is not over because it cannot be seen; where nothing is held any more, it is."""
    rule, policy = look.guards.concentration, look.inputs.policy
    why = next((veto for veto in look.valuation.vetoes if veto.code is not ReasonCode.NOTHING_HELD), None)
    for target in policy.targets:
        if why is not None and not any(is_stable(asset) for asset in policy.assets_of(target.name)):
            yield Finding(Rule.CONCENTRATION, target.name, Level.UNARMED, why, rule.stance)


def _concentrations(look: Look) -> Iterator[Finding]:
    rule, asked = look.guards.concentration, _asked_of(look)
    for drift in look.drifts:
        over = drift.absolute
        if any(is_stable(asset) for asset in look.inputs.policy.assets_of(drift.name)):
            continue
        level = Level.HIT if over > rule.points else Level.CLEAR if over < rule.points * OVER_AT else Level.HOLD
        # Above the lower target that another guard asks for: that is told of, and waits for a plan, already.
        level = Level.HOLD if level is Level.HIT and drift.name in asked else level
        code = ReasonCode.CONCENTRATED if level is Level.HIT else ReasonCode.NOT_CONCENTRATED
        figures = {"weight": drift.weight, "target": drift.target, "points": rule.points}
        yield Finding(
            rule=Rule.CONCENTRATION,
            subject=drift.name,
            level=level,
            reason=reason(code, name=drift.name, **figures),
            stance=rule.stance,
            lasting=rule.lasting,
            calm=rule.lasting,
            grade=_grade(over, rule.points),
            wants_plan=True,
        )


def _asked_of(look: Look) -> frozenset[str]:
    """The names of which other guards ask to sell: an asset's own, and that of its bucket."""
    waiting = (c for c in look.standing.conditions if c.step is Step.WANTED and c.rule is not Rule.CONCENTRATION)
    assets = {asset for condition in waiting for asset in condition.assets}
    return frozenset(map(str, assets)) | {name for a in assets if (name := look.inputs.policy.name_of(a)) is not None}


def daily_loss(look: Look) -> Finding:
    """What is held now, against what the same was worth at the best of the last 24 hours."""
    rule = look.guards.daily_loss
    worth, best = _worth(look, look.marks), _best_worth(look)
    if best is None:
        return _unarmed(rule, reason(ReasonCode.NO_PRICES_OF_YESTERDAY))
    gone = next((asset for asset in sorted(look.held) if _was_priced(look, asset) and asset not in look.marks), None)
    if gone is not None:
        return _unarmed(rule, reason(ReasonCode.PRICE_MISSING, asset=gone))
    loss = max(ratio(best - worth, best), ZERO)
    level = Level.HIT if loss >= rule.loss else Level.CLEAR if loss < rule.loss * OVER_AT else Level.HOLD
    code = ReasonCode.LOST_IN_A_DAY if level is Level.HIT else ReasonCode.NOT_LOST_IN_A_DAY
    return Finding(
        rule=Rule.DAILY_LOSS,
        subject=WHOLE,
        level=level,
        reason=reason(code, loss=loss, limit=rule.loss, worth=worth, best=best),
        stance=rule.stance,
        lasting=timedelta(minutes=2),
        calm=rule.cool_off,
        grade=_grade(loss, rule.loss),
    )


def _unarmed(rule: DailyLoss, why: Reason) -> Finding:
    return Finding(Rule.DAILY_LOSS, WHOLE, Level.UNARMED, why, rule.stance)


def _best_worth(look: Look) -> Decimal | None:
    """Of what is held and has a price now, at the prices that were noted; None where none of yesterday are known."""
    then = ({asset: prices.get(asset, price) for asset, price in look.marks.items()} for prices in _noted(look))
    return max((_worth(look, prices) for prices in then), default=None) or None


def _was_priced(look: Look, asset: Asset) -> bool:
    """What had no price the day before either was no part of its best."""
    return any(asset in prices for prices in _noted(look))


def _noted(look: Look) -> Iterator[Mapping[Asset, Price]]:
    """The prices of the last 24 hours, where they are in the same currency as those of now."""
    if look.standing.prices_in in (None, look.inputs.snapshot.numeraire):
        yield from (dict(prices) for at, prices in look.standing.prices if look.now - at <= A_DAY)


def _worth(look: Look, prices: Mapping[Asset, Price]) -> Decimal:
    return total(units * prices[asset] for asset, units in look.held.items() if asset in prices)


def _grade(measure: Decimal, limit: Decimal) -> int:
    """1 at the limit, one more for every half of it beyond."""
    return max(min(1 + int((measure - limit) / (limit * HALF)), GRADES), 1) if limit else 1
