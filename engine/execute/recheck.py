"""The second look at the market, between approval and the first order. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.execute.routing import Sight
from engine.model.ids import LegId
from engine.model.market import Side
from engine.model.money import BPS_IN_ONE, Bps, exact, ratio
from engine.model.plan import Leg, Plan
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.book_walk import walk


@exact
def changes_since(plan: Plan, sights: Mapping[LegId, Sequence[Sight]], tolerance: Bps) -> tuple[Reason, ...]:
    """Why a plan is no longer what was approved: a price against us beyond the tolerance, or holdings that are gone.

    A market in our favour is no reason to ask again; what the leg's own venue does not show is.
    """
    found = (_change(leg, sights[leg.id][0], tolerance) for leg in plan.legs)
    return tuple(change for change in found if change)


def _change(leg: Leg, sight: Sight, tolerance: Bps) -> Reason | None:
    if sight.book is None:
        return reason(ReasonCode.VENUE_SILENT, venue=leg.venue, problem=sight.problem)
    if leg.side is Side.SELL and sight.free_base < leg.quantity:
        return reason(ReasonCode.HOLDINGS_CHANGED, leg=leg.id)
    taken = walk(sight.book.side_taken(leg.side), leg.quantity)
    if taken is None or taken.quantity < leg.quantity:
        return reason(
            ReasonCode.BOOK_TOO_THIN, depth=taken.quantity if taken else "0", needed=leg.quantity, depth_bps="0"
        )
    worse = leg.side.sign * (taken.average - leg.expected_price)
    moved = Bps(ratio(worse * BPS_IN_ONE, leg.expected_price))
    if moved <= tolerance:
        return None
    return reason(ReasonCode.MARKET_MOVED, leg=leg.id, moved_bps=moved, tolerance_bps=tolerance)
