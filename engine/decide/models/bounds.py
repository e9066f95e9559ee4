"""What a model wants, made target weights: within every bound, no step too long, and in sum exactly 1."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from engine.model.money import ONE, ZERO, floor_to_step, total
from engine.model.target_changes import NamedWeights, named
from engine.model.target_models import TargetModel

STEP: Final = Decimal("0.001")
"""Targets are whole tenths of a percent, unless a bound or the longest step lies between."""

Span = tuple[Decimal, Decimal]


def fitted(
    wanted: Mapping[str, Decimal], present: Mapping[str, Decimal], model: TargetModel, cash: str | None
) -> NamedWeights | None:
    """The weights nearest to what is wanted that may be had; None where it is no number, or bounds allow nothing.

    Every name lies within its bounds and `max_step` of what it is at present. What the others free or lack is the
    cash's, or the largest target's where there is no cash; what that may not take or give, the others share.
    """
    if set(wanted) != set(present) or not all(weight.is_finite() for weight in wanted.values()):
        return None
    spans = {name: _span(name, present[name], model) for name in present}
    if total(low for low, _ in spans.values()) > ONE or total(high for _, high in spans.values()) < ONE:
        return None
    takes = cash or min(present, key=lambda name: (-present[name], name))
    weights = {name: _within(_rounded(wanted[name]), spans[name]) for name in present if name != takes}
    rest = ONE - total(weights.values())
    weights[takes] = _within(rest, spans[takes])
    return named(_balanced(weights, spans, rest - weights[takes]))


def _span(name: str, present: Decimal, model: TargetModel) -> Span:
    """The least and the most that a weight may become now. One outside of its bounds comes a step nearer to them."""
    bound, step = model.bound(name), model.max_step
    if present < bound.least:
        nearer = min(present + step, bound.least)
        return nearer, max(nearer, min(bound.most, present + step))
    if present > bound.most:
        nearer = max(present - step, bound.most)
        return min(nearer, max(bound.least, present - step)), nearer
    return max(bound.least, present - step), min(bound.most, present + step)


def _rounded(weight: Decimal) -> Decimal:
    # A weight that is absurdly large is brought near its span before it is rounded: its digits would not fit.
    return min(max(weight, -ONE), ONE + ONE).quantize(STEP, rounding=ROUND_HALF_EVEN)


def _within(weight: Decimal, span: Span) -> Decimal:
    return min(max(weight, span[0]), span[1])


def _balanced(weights: Mapping[str, Decimal], spans: Mapping[str, Span], over: Decimal) -> dict[str, Decimal]:
    """The weights with what is left over given to those that have room, or what lacks taken from them.

    In proportion to their room, in whole steps; the rest of that from the first by name.
    """
    found = dict(weights)
    if not over:
        return found
    room = {n: (high - found[n] if over > 0 else found[n] - low) for n, (low, high) in spans.items()}
    sign, left, whole = (ONE if over > 0 else -ONE), abs(over), total(room.values())
    for name in sorted(room):
        part = floor_to_step(abs(over) * room[name] / whole, STEP) if whole else ZERO
        found[name] += sign * part
        room[name] -= part
        left -= part
    for name in sorted(room):
        part = min(room[name], left)
        found[name] += sign * part
        left -= part
    return found
