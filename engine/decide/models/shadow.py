"""What a model's targets would have made by the record, beside the static ones. A fold over the days on record. Pure.

Both are value indices that begin at 1 and are rebalanced to their targets on every date, at daily closes, for a fee on
what is traded. Neither spread nor tax is counted, and weeks are not years: it shows what a model does, not whether it
pays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from engine.decide.guards.look import is_stable
from engine.model.ids import Asset
from engine.model.money import ONE, ZERO, exact, ratio, total
from engine.model.target_changes import NamedWeights, ShadowDay, ShadowLine, ShadowRecord

FEE: Final = Decimal("0.001")
"""10 bps of everything that is traded."""


@exact
def shadow_record(
    days: Sequence[ShadowDay], assets_of: Mapping[str, Sequence[Asset]], fee: Decimal = FEE
) -> ShadowRecord:
    """The record of some days, oldest first. A bucket moves as its assets do on average."""
    static, model, left_out = ShadowLine(), ShadowLine(), 0
    for before, after in pairwise(days):
        moves = _moves(before, after, assets_of)
        if moves is None:
            left_out += 1
            continue
        static = _after(static, before.static, after.static, moves, fee)
        model = _after(model, before.model, after.model, moves, fee)
    span = (days[-1].date - days[0].date).days if days else 0
    return ShadowRecord(days[0].date if days else None, span, static, model, fee, left_out)


def _moves(before: ShadowDay, after: ShadowDay, assets_of: Mapping[str, Sequence[Asset]]) -> dict[str, Decimal] | None:
    """What became of 1 in each target; None where a price is not known. What keeps its worth needs none."""
    then, now = dict(before.closes), dict(after.closes)
    moves = {}
    for name, _ in before.static:
        ratios = []
        for asset in assets_of.get(name, ()):
            if asset in then and asset in now:
                ratios.append(ratio(now[asset], then[asset]))
            elif is_stable(asset):
                ratios.append(ONE)
            else:
                return None
        if not ratios:
            return None
        moves[name] = ratio(total(ratios), Decimal(len(ratios)))
    return moves


def _after(
    line: ShadowLine, held: NamedWeights, wanted: NamedWeights, moves: Mapping[str, Decimal], fee: Decimal
) -> ShadowLine:
    """A line one date later: what is held has moved, and is rebalanced to what is wanted then."""
    grown = {name: weight * moves[name] for name, weight in held}
    whole = total(grown.values())
    traded = total(abs(weight - ratio(grown.get(name, ZERO), whole)) for name, weight in wanted)
    value = (line.value * whole * (ONE - fee * traded)).quantize(Decimal("1e-12"))
    return ShadowLine(value, line.turnover + traded)
