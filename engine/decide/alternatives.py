"""What a leg would have cost elsewhere: the same trade on every other market of its asset, and why it is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from engine.decide.funding import Funded, set_aside
from engine.decide.lanes import Lane, LaneKey, Place
from engine.model.ids import VenueName
from engine.model.market import Side
from engine.model.money import ZERO, Bps, Money, Price, Quantity
from engine.model.plan import Alternative
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.book_walk import cost_of


def alternatives(
    trade: Funded, trades: Sequence[Funded], lanes: Sequence[Lane], held: Mapping[Place, Decimal]
) -> tuple[Alternative, ...]:
    """On every other venue, the lane of the leg's asset whose first unit costs least, in the order of venues.

    `held` is what each place holds after the plan.
    """
    own = trade.lane
    best: dict[VenueName, tuple[Bps, Lane]] = {}
    for lane in lanes:
        if lane.side is not own.side or lane.market.instrument.base != own.market.instrument.base:
            continue
        venue, cost = lane.market.venue, lane.unit_cost
        if venue != own.market.venue and (venue not in best or cost < best[venue][0]):
            best[venue] = cost, lane
    taken = {other.lane.key: other.quantity for other in trades}
    return tuple(_alternative(lane, trade.quantity, taken, held) for _, lane in best.values())


def _alternative(
    lane: Lane, quantity: Quantity, taken: Mapping[LaneKey, Quantity], held: Mapping[Place, Decimal]
) -> Alternative:
    """The cost is what the quantity would add, beyond what the plan takes of that book already."""
    already = taken.get(lane.key, Quantity(ZERO))
    whole = Quantity(already + quantity)
    venue, quote = lane.market.venue, lane.market.instrument.quote
    if whole > lane.depth:
        thin = reason(ReasonCode.BOOK_TOO_THIN, depth=lane.depth, needed=whole, depth_bps=0)
        return Alternative(venue, quote, None, thin)
    walked = lane.walk(whole)
    cost = cost_of(lane.market.instrument, lane.side, walked, lane.market.marks).total
    before = lane.cost(already).total if already else ZERO
    return Alternative(venue, quote, Money(cost - before), _unfunded(lane, walked.worst, quantity, held))


def _unfunded(lane: Lane, worst: Price, quantity: Quantity, held: Mapping[Place, Decimal]) -> Reason | None:
    """What the venue lacks for the quantity, once the plan is carried out as it is."""
    needed: Decimal = quantity
    if lane.side is Side.BUY:
        needed = set_aside(lane, quantity) * worst
    available = max(held.get(lane.spends, ZERO), ZERO)
    if available >= needed:
        return None
    return reason(ReasonCode.FUNDS_SHORT, asset=lane.spends[1], available=available, needed=needed)
