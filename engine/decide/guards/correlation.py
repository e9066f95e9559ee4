"""Correlation: coins that fall together are one bet, however many they are.

Three figures are watched, each a subject of its own: the average correlation of all pairs, every pair, and the
effective number of bets. Between coins the average is high in quiet times too, so that it must also be above what it
used to be. It and the bets are told of three coins or more: of two, both say what the pair says.

A figure begins at its limit and is over a quarter farther from one single bet, so that one that trembles at its limit
is told of once. While the average stands, no pair is told of beside it: in a crash all pairs are at their limits, and
that is one piece of news. What is proposed is less of the most correlated pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from engine.decide.guards.depeg import fallen
from engine.decide.guards.look import Look, coins_of
from engine.decide.guards.refuge import refuge
from engine.model.conditions import Finding, Level, Stage
from engine.model.decision import PriceSeries
from engine.model.guards import Correlation, Rule, Stance
from engine.model.ids import Asset
from engine.model.money import ONE
from engine.model.policy import Policy
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.together import LeftOut, MeasuredPair, Ranked, Together

AVERAGE: Final = "average"
BETS: Final = "bets"
LEAST_COINS: Final = 2
LEAST_FOR_AVERAGE: Final = 3
BACK: Final = Decimal("1.25")
"""So many times as far from one single bet as the limit is, a condition is over."""
USUAL: Final = Decimal("0.5")
"""Below this quantile of its own history, the median, an average that was unusual is usual again."""
HALF: Final = Decimal("0.5")
GRADES: Final = 5


def correlations(look: Look) -> tuple[Finding, ...]:
    """What is seen of the coins as a whole, of each pair near its limit, and which coins too little is known of."""
    rule = look.guards.correlation
    if rule.stance is Stance.OFF or len(look.coins) < LEAST_COINS:
        return ()
    found = moving_together(look.inputs.history, look.inputs.policy, look.now)
    if found is None:
        return tuple(_nothing_known(look, rule))
    wholes = tuple(_wholes(look, rule, found))
    average = next((finding.level for finding in wholes if finding.subject == AVERAGE), None)
    return (*wholes, *_pairs(look, rule, found, average), *_unknown(rule, found))


def moving_together(history: Sequence[PriceSeries], policy: Policy, now: datetime) -> Together | None:
    """The figures of now, with the quantiles that the policy asks about; None where no past prices are at hand."""
    if not history:
        return None
    # Late: a decision without past prices loads no numpy.
    from engine.decide.statistics.together import together

    quantile = policy.guards.correlation.quantile
    return together(history, coins_of(policy), now, (quantile, min(quantile, USUAL)))


def _nothing_known(look: Look, rule: Correlation) -> Iterator[Finding]:
    wholes = (AVERAGE, BETS) if len(look.coins) >= LEAST_FOR_AVERAGE else ("/".join(look.coins),)
    for subject in sorted({*wholes, *_pairs_among(_standing(look), look)}):
        yield _unarmed(rule, subject, reason(ReasonCode.COINS_KNOWN_FEW, known=0, needed=len(look.coins)))


def _wholes(look: Look, rule: Correlation, found: Together) -> Iterator[Finding]:
    if len(look.coins) < LEAST_FOR_AVERAGE:
        return
    if found.average is None or found.bets is None or len(found.assets) < LEAST_FOR_AVERAGE:
        few = reason(ReasonCode.COINS_KNOWN_FEW, known=len(found.assets), needed=LEAST_FOR_AVERAGE)
        yield from (_unarmed(rule, subject, few) for subject in (AVERAGE, BETS))
        return
    yield _average(look, rule, found, found.average)
    yield _bets(look, rule, found, found.bets.now)


def _average(look: Look, rule: Correlation, found: Together, average: Ranked) -> Finding:
    if average.enter is None or average.leave is None:
        short = ReasonCode.CORRELATION_HISTORY_SHORT
        return _unarmed(rule, AVERAGE, reason(short, average=average.now, days=average.days, needed=average.needed))
    is_high, is_over = average.now > rule.average, ONE - average.now > (ONE - rule.average) * BACK
    is_unusual, is_usual = average.now > average.enter, average.now < average.leave
    level = Level.HIT if is_high and is_unusual else Level.CLEAR if is_over or is_usual else Level.HOLD
    high, usual = ReasonCode.AVERAGE_CORRELATION_HIGH, ReasonCode.AVERAGE_CORRELATION_USUAL
    why = reason(
        high if level is Level.HIT else usual,
        average=average.now,
        limit=rule.average,
        coins=len(found.assets),
        level=rule.quantile,
        usual_limit=average.enter,
        **_most(found.pairs[0]),
    )
    return _finding(look, (AVERAGE, level, why), _grade(ONE - average.now, ONE - rule.average), found.pairs[0])


def _bets(look: Look, rule: Correlation, found: Together, bets: Decimal) -> Finding:
    beyond_one, limit = bets - ONE, rule.bets - ONE
    level = Level.HIT if bets < rule.bets else Level.CLEAR if beyond_one > limit * BACK else Level.HOLD
    code = ReasonCode.BETS_FEW if level is Level.HIT else ReasonCode.BETS_ENOUGH
    why = reason(code, bets=bets, limit=rule.bets, coins=len(found.assets), **_most(found.pairs[0]))
    return _finding(look, (BETS, level, why), _grade(beyond_one, limit), found.pairs[0])


def _pairs(look: Look, rule: Correlation, found: Together, average: Level | None) -> Iterator[Finding]:
    """The pairs that are near their limit or stand, and the most correlated one: twenty coins are 190 pairs.

    `average` is what is seen of that; None where it is not watched.
    """
    standing = _standing(look)
    is_told = average is Level.HIT or AVERAGE in standing
    for place, pair in enumerate(found.pairs):
        level, stands = _level_of(rule, pair), pair.name in standing
        if place == 0 or stands or level is not Level.CLEAR:
            yield _pair(look, rule, pair, Level.HOLD if is_told and level is Level.HIT and not stands else level)
    missing = {each.asset: each for each in found.left_out}
    for name in sorted(_pairs_among(standing, look) - {pair.name for pair in found.pairs}):
        unknown = next((missing[asset] for asset in map(Asset, name.split("/")) if asset in missing), None)
        if unknown is not None:
            # What cannot be seen is not over.
            yield _unarmed(rule, name, _short(unknown))


def _standing(look: Look) -> frozenset[str]:
    """The subjects that were found before and are not over."""
    own = (c for c in look.standing.conditions if c.rule is Rule.CORRELATION and c.stage is not Stage.OVER)
    return frozenset(condition.subject for condition in own)


def _pairs_among(subjects: frozenset[str], look: Look) -> frozenset[str]:
    """Those of coins that are still managed."""
    coins = {*look.coins}
    return frozenset(name for name in subjects if "/" in name and {*map(Asset, name.split("/"))} <= coins)


def _level_of(rule: Correlation, pair: MeasuredPair) -> Level:
    is_clear = ONE - pair.correlation > (ONE - rule.pair) * BACK
    return Level.HIT if pair.correlation > rule.pair else Level.CLEAR if is_clear else Level.HOLD


def _pair(look: Look, rule: Correlation, pair: MeasuredPair, level: Level) -> Finding:
    is_high = pair.correlation > rule.pair
    code = ReasonCode.PAIR_CORRELATION_HIGH if is_high else ReasonCode.PAIR_CORRELATION_USUAL
    why = reason(code, first=pair.first, second=pair.second, correlation=pair.correlation, limit=rule.pair)
    return _finding(look, (pair.name, level, why), _grade(ONE - pair.correlation, ONE - rule.pair), pair)


def _unknown(rule: Correlation, found: Together) -> Iterator[Finding]:
    for each in found.left_out:
        yield _unarmed(rule, each.asset, _short(each))


def _short(each: LeftOut) -> Reason:
    return reason(ReasonCode.COIN_HISTORY_SHORT, asset=each.asset, days=each.days, needed=each.needed)


def _unarmed(rule: Correlation, subject: str, why: Reason) -> Finding:
    return Finding(Rule.CORRELATION, subject, Level.UNARMED, why, rule.stance)


def _finding(look: Look, seen: tuple[str, Level, Reason], grade: int, pair: MeasuredPair) -> Finding:
    """What is seen, and less of a pair as the remedy."""
    rule, (subject, level, why) = look.guards.correlation, seen
    return Finding(
        rule=Rule.CORRELATION,
        subject=subject,
        level=level,
        reason=why,
        stance=rule.stance,
        lasting=rule.lasting,
        calm=rule.lasting,
        grade=grade,
        assets=(pair.first, pair.second),
        keeps=rule.scale,
        wants_plan=refuge(look, fallen(look.standing.conditions)) is not None,
    )


def _most(pair: MeasuredPair) -> dict[str, str | Decimal]:
    return {"first": pair.first, "second": pair.second, "pair": pair.correlation}


def _grade(left: Decimal, limit: Decimal) -> int:
    """1 at the limit, one more whenever half of what is left to one single bet is gone."""
    grade = 1
    while grade < GRADES and left <= limit * HALF**grade:
        grade += 1
    return grade
