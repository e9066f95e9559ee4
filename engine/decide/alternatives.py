"""What a leg would have cost elsewhere: the same trade on every other market of its asset, and why it is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from engine.decide.funding import Funded, set_aside
from engine.decide.lanes import Lane, LaneKey, Place
from engine.model.ids import Asset, VenueName
from engine.model.market import Side
from engine.model.money import ZERO, Money, Price, Quantity
from engine.model.plan import Alternative
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.book_walk import cost_of


def alternatives(
    trades: Sequence[Funded], lanes: Sequence[Lane], held: Mapping[Place, Decimal]
) -> Iterator[tuple[Alternative, ...]]:
    """Of each trade: on every other venue, the lane of its asset whose first unit costs least, in the order of venues.

    `held` is what each place holds after the plan.
    """
    taken = {trade.lane.key: trade.quantity for trade in trades}
    best = _best_by_venue(lanes, {_trades(trade.lane) for trade in trades})
    for trade in trades:
        others = (lane for venue, lane in best[_trades(trade.lane)].items() if venue != trade.lane.market.venue)
        yield tuple(_alternative(lane, trade.quantity, taken, held) for lane in others)


def _trades(lane: Lane) -> tuple[Asset, Side]:
    return lane.market.instrument.base, lane.side


def _best_by_venue(
    lanes: Sequence[Lane], wanted: Collection[tuple[Asset, Side]]
) -> dict[tuple[Asset, Side], dict[VenueName, Lane]]:
    """Where the first unit of what is traded costs least at each venue; of equals, the first."""
    best: dict[tuple[Asset, Side], dict[VenueName, Lane]] = {own: {} for own in wanted}
    for lane in lanes:
        if (own := _trades(lane)) in best:
            known = best[own].get(lane.market.venue)
            if known is None or lane.unit_cost < known.unit_cost:
                best[own][lane.market.venue] = lane
    return best


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
