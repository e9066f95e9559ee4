"""Depeg: a stablecoin is too far from its peg for too long. Its share then goes to what is at its peg.

The peg is the currency itself, a dollar or a euro, by a market of any venue. Where none trades against it, a coin is
held against the dearest other coin of its currency: that one of both has fallen can be seen, and not for certain
which. It is told of then, and nothing is sold: in March 2023 DAI fell with USDC, so that a vote of three would have
fled from the one that stood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.decide.guards.look import DOLLAR, DOLLARS, EURO, EUROS, Look
from engine.decide.guards.refuge import refuge
from engine.model.conditions import Condition, Finding, Level
from engine.model.guards import Depeg, Rule
from engine.model.ids import Asset
from engine.model.money import BPS_IN_ONE, ONE, ZERO, ratio
from engine.model.policy import Unmanaged
from engine.model.reasons import Reason, ReasonCode, reason

GRADE_EVERY: Final = Decimal(4)
"""A grade worse at every so many times the limit: 4 %, 8 %, ..."""
GRADES: Final = 5


@dataclass(frozen=True, slots=True)
class _Peg:
    """What a coin should be worth in the numeraire, and whether a currency says so."""

    worth: Decimal
    by: Asset

    @property
    def is_certain(self) -> bool:
        """A currency is no coin that could have fallen itself."""
        return self.by in (DOLLAR, EURO)


def depegs(look: Look) -> tuple[Finding, ...]:
    """What is seen of every managed stablecoin."""
    return tuple(_findings(look))


def fallen(conditions: tuple[Condition, ...]) -> frozenset[Asset]:
    """The stablecoins that are below their peg: nothing is fled into them, and none is bought."""
    return frozenset(asset for c in conditions if c.rule is Rule.DEPEG and c.scales for asset in c.assets)


def watched(look: Look) -> tuple[Asset, ...]:
    """The stablecoins that the rule names, else the managed assets that are known as such."""
    known = (a for a in look.inputs.policy.managed_assets if a in DOLLARS or a in EUROS)
    return look.guards.depeg.coins or tuple(known)


def _findings(look: Look) -> Iterator[Finding]:
    rule = look.guards.depeg
    for asset in watched(look):
        seen = _seen(look, asset)
        if seen is not None:
            yield _finding(look, rule, asset, seen)
        elif asset in look.marks:
            yield _unarmed(rule, asset, reason(ReasonCode.NO_PEG, asset=asset))
        else:
            yield _unarmed(rule, asset, reason(ReasonCode.PRICE_MISSING, asset=asset))


def _seen(look: Look, asset: Asset) -> tuple[Decimal, _Peg] | None:
    """What a coin is worth beside its peg; None where one of both is not known."""
    price, peg = look.marks.get(asset), _peg(look, asset)
    return None if price is None or peg is None else (ratio(price, peg.worth), peg)


def _below_peg(look: Look) -> frozenset[Asset]:
    """The stablecoins that are too far below their peg at this look, whether or not that has lasted."""
    coins = {*watched(look), *(a for a in look.inputs.policy.managed_assets if a in DOLLARS or a in EUROS)}
    seen = {coin: _seen(look, coin) for coin in coins}
    limit = ONE - look.guards.depeg.bps / BPS_IN_ONE
    return frozenset(coin for coin, known in seen.items() if known is not None and known[0] <= limit)


def _unarmed(rule: Depeg, asset: Asset, why: Reason) -> Finding:
    return Finding(Rule.DEPEG, asset, Level.UNARMED, why, rule.stance, calm=rule.back_for)


def _finding(look: Look, rule: Depeg, asset: Asset, seen: tuple[Decimal, _Peg]) -> Finding:
    worth, peg = seen
    off = abs(worth - ONE) * BPS_IN_ONE
    level = Level.HIT if off >= rule.bps else Level.CLEAR if off < rule.back_bps else Level.HOLD
    # Two that fall at once are no way out of each other.
    others = fallen(look.standing.conditions) | _below_peg(look) | {asset}
    # One that is dear is told of; nobody loses by holding it.
    flees = worth < ONE and peg.is_certain and _is_traded(look, asset) and refuge(look, others) is not None
    code = ReasonCode.DEPEGGED if level is Level.HIT else ReasonCode.AT_PEG
    return Finding(
        rule=Rule.DEPEG,
        subject=asset,
        level=level,
        reason=reason(code, asset=asset, worth=worth, off_bps=off, limit_bps=rule.bps, by=peg.by),
        stance=rule.stance,
        lasting=rule.lasting,
        calm=rule.back_for,
        grade=min(1 + int(off / (rule.bps * GRADE_EVERY)), GRADES),
        assets=(asset,) if flees else (),
        keeps=ZERO if flees else ONE,
        wants_plan=flees,
    )


def _is_traded(look: Look, asset: Asset) -> bool:
    """Whether plans sell it at all: the rule may name a coin that nobody wants to be traded."""
    policy = look.inputs.policy
    return policy.name_of(asset) is not None or policy.unmanaged is Unmanaged.SELL


def _peg(look: Look, asset: Asset) -> _Peg | None:
    coins, currency = (EUROS, EURO) if asset in EUROS else (DOLLARS, DOLLAR)
    if currency in look.marks:
        return _Peg(look.marks[currency], currency)
    others = [(look.marks[coin], coin) for coin in coins if coin in look.marks and coin != asset]
    if not others:
        return None
    # The dearest is the likeliest to stand; what is dearer than all others is held against nothing.
    worth, by = max(others)
    return _Peg(worth, by) if worth >= look.marks.get(asset, ZERO) else None
