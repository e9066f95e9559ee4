"""What keeps a wished trade out of the plan: minimums, cost, and the depth of the book. Each with its figures."""

from __future__ import annotations

from engine.decide.wishes import Wish
from engine.model.money import Price, bps_of
from engine.model.policy import Limits
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.book_walk import bound_price, cost_bps, cost_of, depth_to, walk


def objections(wish: Wish, limits: Limits) -> tuple[Reason, ...]:
    """Every reason against a wish; empty where it may be traded."""
    found = (_min_trade(wish, limits), _venue_minimum(wish, limits), _cost(wish, limits), _depth(wish, limits))
    return tuple(objection for objection in found if objection)


def _min_trade(wish: Wish, limits: Limits) -> Reason | None:
    notional = wish.market.value(wish.quantity)
    if notional >= limits.min_trade:
        return None
    return reason(ReasonCode.BELOW_MIN_TRADE, notional=notional, minimum=limits.min_trade)


def _venue_minimum(wish: Wish, limits: Limits) -> Reason | None:
    """A venue weighs an order at its limit price, a trade at what it came to: the minimum holds for both."""
    instrument = wish.market.instrument
    levels = wish.market.book.side_taken(wish.side)
    bound = bound_price(levels[0].price, wish.side, limits.max_slippage_bps, instrument.price_tick)
    notional = wish.quantity * min(bound, levels[0].price)
    if wish.quantity >= instrument.min_amount and notional >= instrument.min_notional:
        return None
    return reason(
        ReasonCode.BELOW_VENUE_MINIMUM,
        notional=notional,
        minimum=instrument.min_notional,
        quantity=wish.quantity,
        min_amount=instrument.min_amount,
    )


def _cost(wish: Wish, limits: Limits) -> Reason | None:
    taken = walk(wish.market.book.side_taken(wish.side), wish.quantity)
    if taken is None:
        return None
    cost = cost_of(wish.market.instrument, wish.side, taken, wish.market.marks).total
    bps = cost_bps(cost, wish.market.value(wish.quantity))
    if bps <= limits.max_cost_bps:
        return None
    return reason(ReasonCode.COST_OVER_LIMIT, cost_bps=bps, limit_bps=limits.max_cost_bps)


def _depth(wish: Wish, limits: Limits) -> Reason | None:
    levels = wish.market.book.side_taken(wish.side)
    best = levels[0].price
    depth = depth_to(levels, wish.side, Price(best + wish.side.sign * bps_of(best, limits.depth_bps)))
    needed = wish.quantity * limits.depth_multiple
    if depth >= needed:
        return None
    return reason(ReasonCode.BOOK_TOO_THIN, depth=depth, needed=needed, depth_bps=limits.depth_bps)
