"""On which venue a slice goes out: the cheapest of those that show the leg's market, can pay, and are within its bound.

The leg's own venue is where the plan wanted it; another one that is cheaper at the slice's moment takes its place. What
other open legs of the plan need on a venue is left to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.execute.plan_state import PlanState
from engine.model.ids import Asset, VenueName
from engine.model.market import Instrument, OrderBook, Side
from engine.model.money import ZERO, Price, Quantity, floor_to_step, total
from engine.model.plan import Leg
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.book_walk import affordable, bound_price, settle, walk


@dataclass(frozen=True, slots=True)
class Sight:
    """What a venue shows for one leg: its market, the book, and what can be spent. `problem` where it shows nothing."""

    venue: VenueName
    instrument: Instrument | None = None
    book: OrderBook | None = None
    free_base: Decimal = ZERO
    free_quote: Decimal = ZERO
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """A venue on which a slice can be traded now: how much of it, and at which price at the worst."""

    instrument: Instrument
    book: OrderBook
    quantity: Quantity
    limit_price: Price
    short: Reason | None
    """Why the quantity is less than the slice."""
    price_with_fee: Decimal
    """What one unit of base comes to, in quote."""

    @property
    def venue(self) -> VenueName:
        """The venue's name."""
        return self.instrument.venue

    @property
    def is_tradeable(self) -> bool:
        """The market takes an order of this size."""
        least = max(self.instrument.min_amount, self.instrument.amount_step)
        return self.quantity >= least and self.quantity * self.limit_price >= self.instrument.min_notional


def best_route(state: PlanState, leg: Leg, sights: Sequence[Sight], wanted: Quantity) -> Route | Reason:
    """Where a slice is traded best now; the reason of the leg's own venue where it cannot be traded anywhere.

    A route that carries the whole slice comes before one that does not, then the cheaper one, then the leg's own.
    """
    found = [_route(state, leg, sight, wanted) for sight in sights]
    routes = [route for route in found if isinstance(route, Route)]
    if not routes:
        problems = [problem for problem in found if isinstance(problem, Reason)]
        return problems[0] if problems else reason(ReasonCode.VENUE_SILENT, venue=leg.venue, problem="")
    usable = [route for route in routes if route.is_tradeable] or routes
    return min(usable, key=lambda r: (r.short is not None, leg.side.sign * r.price_with_fee, r.venue != leg.venue))


def _route(state: PlanState, leg: Leg, sight: Sight, wanted: Quantity) -> Route | Reason:
    instrument, book = sight.instrument, sight.book
    if instrument is None or book is None:
        return reason(ReasonCode.VENUE_SILENT, venue=sight.venue, problem=sight.problem)
    levels = book.side_taken(leg.side)
    outside = _outside_bound(leg, book)
    if outside is not None:
        return outside
    near = bound_price(levels[0].price, leg.side, state.pace.slippage, instrument.price_tick)
    limit = min(near, leg.limit_price) if leg.side is Side.BUY else max(near, leg.limit_price)
    quantity, short = _within_funds(state, leg, sight, wanted)
    taken = walk(levels, max(quantity, instrument.amount_step))
    average = taken.average if taken is not None else levels[0].price
    paid = settle(instrument, leg.side, Quantity(Decimal(1)), average)
    price = abs(paid.quote) / abs(paid.base)
    return Route(instrument, book, quantity, Price(limit), short, price)


def _outside_bound(leg: Leg, book: OrderBook) -> Reason | None:
    levels = book.side_taken(leg.side)
    if not levels:
        return reason(ReasonCode.PRICE_OUTSIDE_BOUND, best="none", bound=leg.limit_price)
    best = levels[0].price
    inside = best <= leg.limit_price if leg.side is Side.BUY else best >= leg.limit_price
    return None if inside else reason(ReasonCode.PRICE_OUTSIDE_BOUND, best=best, bound=leg.limit_price)


def _within_funds(state: PlanState, leg: Leg, sight: Sight, wanted: Quantity) -> tuple[Quantity, Reason | None]:
    """What the venue can pay of the quantity, and the reason where that is less."""
    assert sight.instrument is not None, "the caller has looked"
    step = sight.instrument.amount_step
    if leg.side is Side.BUY:
        asset, available = leg.quote, sight.free_quote - _kept_for_others(state, leg, sight.venue, leg.quote)
        can: Decimal = affordable(sight.instrument, leg.limit_price, max(available, ZERO))
        needed = wanted * leg.limit_price
    else:
        asset, available = leg.base, sight.free_base - _kept_for_others(state, leg, sight.venue, leg.base)
        can, needed = floor_to_step(max(available, ZERO), step), Decimal(wanted)
    quantity = Quantity(floor_to_step(min(wanted, can), step))
    if can >= wanted:
        return quantity, None
    return quantity, reason(ReasonCode.FUNDS_SHORT, asset=asset, available=max(available, ZERO), needed=needed)


def _kept_for_others(state: PlanState, leg: Leg, venue: VenueName, asset: Asset) -> Decimal:
    """What the plan's other open legs still need of an asset on a venue that is not this leg's own."""
    if venue == leg.venue:
        return ZERO
    open_legs = [
        other for other in state.proposed.plan.legs if other.venue == venue and not state.leg(other.id).settled
    ]
    left = {other.id: other.quantity - state.filled(other.id) for other in open_legs}
    sold = total(left[other.id] for other in open_legs if other.side is Side.SELL and other.base == asset)
    spent = (left[other.id] * other.limit_price for other in open_legs if _pays_with(other, asset))
    return sold + total(spent)


def _pays_with(leg: Leg, asset: Asset) -> bool:
    return leg.side is Side.BUY and leg.quote == asset
