"""Stop-loss: part of a position is sold when its price has fallen too far below its purchase, or below its peak.

A stop is armed once it was seen above its price: a position that is far below when the watch begins is not sold at
once. What it has sold is not bought back, as its target is lower until the stop is armed again: by a price that has
made good part of the fall, by time, or by a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from engine.decide.guards.depeg import fallen
from engine.decide.guards.look import Look
from engine.decide.guards.refuge import refuge
from engine.model.conditions import Finding, Level, Step, StopMark
from engine.model.guards import Rule, Stance, StopKind, StopLoss
from engine.model.ids import Asset
from engine.model.money import ONE, ZERO, Price, ratio
from engine.model.portfolio import VenueHealth
from engine.model.reasons import Reason, ReasonCode, reason

PEAK_STEP: Final = Decimal("1.001")
"""A peak is remembered anew when it is a thousandth higher."""
LEAST_KNOWN: Final = Decimal("0.5")
"""Of what is held, so much must have a known cost for an average to mean anything."""


@dataclass(frozen=True, slots=True)
class _Stop:
    """One position with its stop. `reference` is what the drop is measured from; None where that is not known."""

    asset: Asset
    rule: StopLoss
    price: Price
    mark: StopMark
    reference: Decimal | None
    past_due: bool
    """It has fired so long ago that it is armed again from the price of now."""

    @property
    def level(self) -> Decimal:
        """The price at which it fires. Only of one with a reference."""
        assert self.reference is not None, "asked for the price of a stop without a reference"
        return self.reference * (ONE - self.rule.drop)

    @property
    def armed_again_at(self) -> Decimal:
        """The price at which one that has fired is armed again."""
        assert self.reference is not None, "asked for the price of a stop without a reference"
        return self.reference * (ONE - self.rule.drop * (ONE - self.rule.recovered))


def stop_losses(look: Look) -> tuple[Finding, ...]:
    """What the stops see: one finding for every coin that is held."""
    return tuple(_findings(look))


def stop_marks(look: Look) -> tuple[StopMark, ...]:
    """What is to be remembered of every position that is held: peaks that rose, and stops that are armed now.

    Of one that cannot be seen just now, what was remembered before.
    """
    marks = {mark.asset: mark for mark in look.standing.stops if not _is_seen(look, mark.asset)}
    marks |= {stop.asset: _remembered(look, stop) for stop in _stops(look)}
    return tuple(marks[asset] for asset in look.coins if asset in marks)


def _is_seen(look: Look, asset: Asset) -> bool:
    """Whether it can be told if it is held, and of what worth: prices go missing in a crash, of all times."""
    silent = (VenueHealth.UNREACHABLE, VenueHealth.HALTED)
    unknown = (v for v in look.inputs.snapshot.venues if v.health in silent and v.observed_at is None)
    return asset in look.marks and not any(unknown)


def _findings(look: Look) -> Iterator[Finding]:
    stops = {stop.asset: stop for stop in _stops(look)}
    for asset in look.coins:
        rule = look.guards.stop_loss.of(asset)
        if asset in stops:
            yield _finding(look, stops[asset])
        elif asset not in look.marks and look.held.get(asset, ZERO):
            yield _unarmed(asset, rule, reason(ReasonCode.PRICE_MISSING, asset=asset))
        else:
            gone = reason(ReasonCode.NOT_HELD, asset=asset)
            fired = look.standing_condition(Rule.STOP_LOSS, asset) is not None
            due = fired and _is_due(look, asset, rule)
            # What was sold to the last unit keeps its lower target until it is armed again.
            level = Level.UNARMED if not fired else Level.CLEAR if due else Level.HOLD
            yield Finding(Rule.STOP_LOSS, asset, level, gone, rule.stance, calm=timedelta(0))


def _stops(look: Look) -> Iterator[_Stop]:
    known = {mark.asset: mark for mark in look.standing.stops}
    for asset in look.coins:
        price, units = look.marks.get(asset), look.held.get(asset, ZERO)
        fired = look.standing_condition(Rule.STOP_LOSS, asset) is not None
        if price is None or not (_is_held(look, units, price) or (fired and asset in known)):
            continue
        rule = look.guards.stop_loss.of(asset)
        average = average_cost(look, asset)
        before = _before(look, known.get(asset), price) or _begun(look, asset, price)
        # One wrong print is no peak: what falls back from it has not fallen.
        peak = Price(max(before.peak, min(before.higher or ZERO, price)))
        reference = average if rule.kind is StopKind.FIXED else peak
        # What has risen above its cost again is measured from that again; not what a sale has made the cost of.
        base = None if average is not None and price >= average and not fired else before.base
        if base is not None and rule.kind is StopKind.FIXED:
            reference = base
        mark = StopMark(asset, peak, before.is_armed, base, price if price > peak * PEAK_STEP else None)
        yield _Stop(asset, rule, price, mark, reference, _is_due(look, asset, rule))


def _begun(look: Look, asset: Asset, price: Price) -> StopMark:
    return StopMark(asset, Price(max(price, _highest_since_purchase(look, asset))))


def _before(look: Look, known: StopMark | None, price: Price) -> StopMark | None:
    """What is remembered of a position; of one that was priced in another numeraire, that it is armed at the most."""
    if known is None or known.numeraire in (None, look.inputs.snapshot.numeraire):
        return known
    # What was measured from a price of its own is to be seen above its purchase first.
    return replace(_begun(look, known.asset, price), is_armed=known.is_armed and known.base is None)


def _is_held(look: Look, units: Decimal, price: Price) -> bool:
    return units > 0 and units * price >= look.inputs.policy.limits.min_trade


def average_cost(look: Look, asset: Asset) -> Decimal | None:
    """What a unit has cost on average, with fees, of the lots whose cost is known; None where most of it is not."""
    own = [lot for lot in look.inputs.lots if lot.asset == asset and lot.is_known]
    units = sum((lot.quantity for lot in own), ZERO)
    if not units or units < look.held.get(asset, ZERO) * LEAST_KNOWN:
        return None
    return ratio(sum((lot.basis for lot in own), ZERO), units)


def _highest_since_purchase(look: Look, asset: Asset) -> Decimal:
    bought = min((lot.acquired_at for lot in look.inputs.lots if lot.asset == asset), default=None)
    series = next((s for s in look.inputs.history if s.asset == asset), None)
    if bought is None or series is None:
        return ZERO
    return max((price for at, price in series.closes if bought <= at <= look.now), default=ZERO)


def _is_due(look: Look, asset: Asset, rule: StopLoss) -> bool:
    fired = look.standing_condition(Rule.STOP_LOSS, asset)
    return fired is not None and fired.raised_at is not None and look.now - fired.raised_at >= rule.rearm_after


def _finding(look: Look, stop: _Stop) -> Finding:
    rule, fired = stop.rule, look.standing_condition(Rule.STOP_LOSS, stop.asset)
    if stop.reference is None:
        return _unarmed(stop.asset, rule, reason(ReasonCode.NO_BASIS, asset=stop.asset))
    why = _figures(stop, stop.reference)
    if fired is not None:
        again = stop.past_due or stop.price >= stop.armed_again_at
        # One that falls on is not heard of again where it has sold.
        told_only = fired.step is Step.NONE and stop.price <= stop.level
        level = Level.CLEAR if again else Level.HIT if told_only else Level.HOLD
    elif not stop.mark.is_armed:
        if stop.price <= stop.level:
            return _unarmed(stop.asset, rule, _figures(stop, stop.reference, ReasonCode.STOP_BELOW_AT_FIRST))
        level = Level.CLEAR
    else:
        level = Level.HIT if stop.price <= stop.level else Level.CLEAR
    return Finding(
        rule=Rule.STOP_LOSS,
        subject=stop.asset,
        level=level,
        reason=why,
        stance=rule.stance,
        lasting=rule.confirm,
        calm=timedelta(0),
        assets=(stop.asset,),
        keeps=ONE - rule.sell_fraction,
        wants_plan=refuge(look, fallen(look.standing.conditions)) is not None,
    )


def _figures(stop: _Stop, reference: Decimal, code: ReasonCode | None = None) -> Reason:
    hit = stop.price <= stop.level
    return reason(
        code or (ReasonCode.STOP_HIT if hit else ReasonCode.STOP_ARMED),
        asset=stop.asset,
        price=stop.price,
        reference=reference,
        stop=ratio(stop.level, ONE),
        kind=stop.rule.kind.value,
        drop=stop.rule.drop,
        fraction=stop.rule.sell_fraction,
    )


def _unarmed(asset: Asset, rule: StopLoss, why: Reason) -> Finding:
    return Finding(Rule.STOP_LOSS, asset, Level.UNARMED, why, rule.stance, calm=timedelta(0))


def _remembered(look: Look, stop: _Stop) -> StopMark:
    """A peak is written down when it has risen by a thousandth; a stop is armed when it is seen above its price."""
    known = next((mark for mark in look.standing.stops if mark.asset == stop.asset), None)
    before, peak = _before(look, known, stop.price), stop.mark.peak
    if before is not None and peak < before.peak * PEAK_STEP:
        peak = before.peak
    fired = look.standing_condition(Rule.STOP_LOSS, stop.asset) is not None
    is_above = stop.reference is not None and stop.price > stop.level
    armed = stop.mark.is_armed or (is_above and stop.rule.stance is not Stance.OFF)
    base = stop.mark.base
    if stop.mark.is_armed and not fired and not is_above and stop.reference is not None:
        # Of what it sells the dearest lots may go first: the fall is not the smaller for it.
        base = Price(stop.reference) if stop.rule.kind is StopKind.FIXED else base
    if fired and stop.past_due:
        base, peak, armed = stop.price, stop.price, True
    return StopMark(stop.asset, peak, armed, base, stop.mark.higher, look.inputs.snapshot.numeraire)
