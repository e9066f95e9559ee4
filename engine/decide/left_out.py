"""What a plan could not do, told as legs that are left out: nothing is missing from a plan without its reason."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Final

from engine.decide.aim import Aim
from engine.decide.funding import Funded
from engine.decide.lanes import Lane
from engine.decide.optimum.problem import Problem
from engine.decide.optimum.quantities import Cut
from engine.decide.valuation import kept_elsewhere
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import ZERO, Money, Quantity
from engine.model.plan import DroppedLeg, WeightLine
from engine.model.portfolio import Balance, VenueHealth, VenueSnapshot
from engine.model.reasons import Reason, ReasonCode, reason

NOTHING: Final = Decimal("0.00001")
"""Of the whole: what rounding to steps leaves behind."""
MINIMUMS: Final = frozenset({ReasonCode.BELOW_MIN_TRADE, ReasonCode.BELOW_VENUE_MINIMUM})
NO_VENUES: Final = frozenset({VenueHealth.WATCHED, VenueHealth.IN_TRANSIT})


def left_out(
    aim: Aim, problem: Problem, cuts: Sequence[Cut], trades: Sequence[Funded], weights: Sequence[WeightLine]
) -> tuple[DroppedLeg, ...]:
    """What the limits cut off the optimum, and what no venue could bring to its destination."""
    traded = {trade.lane.key: trade.quantity for trade in trades}
    cut = [_cut(aim, each, traded.get(each.lane.key, Quantity(ZERO))) for each in cuts]
    there = {line.name for line in weights if abs(line.residual) <= aim.inputs.policy.limits.tolerance}
    dropped = [leg for leg in cut if leg is not None and not _is_made_good(aim, leg, there)]
    told = {(aim.name(leg.base), leg.side) for leg in dropped}
    for line in weights:
        side = Side.SELL if line.residual > 0 else Side.BUY
        if (line.name, side) not in told:
            dropped += _unmet(aim, problem, line, side)
    return tuple(dropped)


def _is_made_good(aim: Aim, leg: DroppedLeg, there: Collection[str]) -> bool:
    """A trade that was too small, of what is where it shall be all the same: another one does its work."""
    limits = {why.code for why in leg.reasons[:-1]}
    return limits <= MINIMUMS and aim.name(leg.base) in there


def _cut(aim: Aim, cut: Cut, traded: Quantity) -> DroppedLeg | None:
    missing = Quantity(cut.wished - traded)
    if missing <= 0:
        return None
    lane, instrument = cut.lane, cut.lane.market.instrument
    why = (*cut.reasons, aim.reason(lane))
    return DroppedLeg(lane.market.venue, instrument.base, instrument.quote, lane.side, lane.market.value(missing), why)


def _unmet(aim: Aim, problem: Problem, line: WeightLine, side: Side) -> Iterator[DroppedLeg]:
    """What stays outside the tolerance for want of a market, of cash, or of a free balance."""
    limits = aim.inputs.policy.limits
    missing = Money(abs(line.residual) * aim.valuation.managed_value)
    nothing = missing < max(limits.min_trade, aim.valuation.managed_value * NOTHING)
    if nothing or abs(line.residual) <= limits.tolerance or line.name == aim.cash:
        return
    own = [lane for lane in problem.lanes if lane.side is side and aim.name(lane.market.instrument.base) == line.name]
    why = _why(aim, own, line, side, missing)
    place = _place(aim, own, line.name, side)
    if why is not None and place is not None:
        yield DroppedLeg(*place, side, missing, (why, aim.gap_reason(line.name)))


def _why(aim: Aim, own: Sequence[Lane], line: WeightLine, side: Side, missing: Money) -> Reason | None:
    if not own:
        held_back = [a for a in aim.inputs.policy.assets_of(line.name) if a in aim.not_bought]
        if held_back and side is Side.BUY:
            return reason(ReasonCode.NOT_BOUGHT, asset=held_back[0])
        return reason(ReasonCode.NO_MARKET, asset=line.name)
    if side is Side.BUY:
        return reason(ReasonCode.CASH_ELSEWHERE, name=line.name, missing=missing)
    return _kept(aim, line.name)


def _kept(aim: Aim, name: str) -> Reason | None:
    """The largest part of a name that is held and cannot be sold."""
    assets = aim.inputs.policy.assets_of(name)
    venues = aim.inputs.snapshot.venues
    kept = [(_bound(v, b), v.name, b.asset) for v in venues for b in v.balances if b.asset in assets]
    quantity, venue, asset = max(kept, default=(Quantity(ZERO), VenueName(""), Asset("")))
    return kept_elsewhere(venue, asset, quantity) if quantity else None


def _bound(venue: VenueSnapshot, balance: Balance) -> Quantity:
    """What of a balance only a person can make spendable."""
    return balance.total if venue.health in NO_VENUES else balance.kept


def _place(aim: Aim, own: Sequence[Lane], name: str, side: Side) -> tuple[VenueName, Asset, Asset] | None:
    """Where it would have been traded: on a market it has, else where the asset, or the cash for it, lies."""
    if own:
        return own[0].market.key
    assets, cash = aim.inputs.policy.assets_of(name), aim.cash_assets
    pays_with = sorted(cash) if side is Side.BUY else sorted(assets)
    venues = [venue for venue in aim.inputs.snapshot.venues if venue.trades]
    held = [(venue, asset) for venue in venues for asset in pays_with if venue.free(asset) > ZERO]
    if not held or not cash:
        return None
    venue, asset = max(held, key=_most)
    return (venue.name, assets[0], asset) if side is Side.BUY else (venue.name, asset, min(cash))


def _most(place: tuple[VenueSnapshot, Asset]) -> tuple[object, ...]:
    venue, asset = place
    return venue.free(asset), venue.name, asset
