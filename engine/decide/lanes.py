"""Where a plan may trade: each usable market in each direction, and what the policy and the venue allow on it.

A lane's limits are bounds on its quantity: the least that an order may be, and the most that its book carries at the
cost and with the depth that the policy asks for. What a limit keeps out is told with its figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from engine.decide.markets import Market
from engine.model.ids import Asset, VenueName
from engine.model.market import FeeCurrency, Level, Side
from engine.model.money import ONE, ZERO, Price, Quantity, bps_of, ceil_to_step, floor_to_step, total
from engine.model.plan import CostEstimate
from engine.model.policy import Limits
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.book_walk import Walk, bound_price, cost_bps, cost_of, depth_to, walk

LaneKey = tuple[VenueName, Asset, Asset, Side]
Place = tuple[VenueName, Asset]
"""An asset at a venue: what is held in one place is spent only there."""


@dataclass(frozen=True)
class Lane:
    """One direction of one market."""

    market: Market
    side: Side

    @cached_property
    def key(self) -> LaneKey:
        """By this lanes are told apart and ordered."""
        return *self.market.key, self.side

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """What an order takes, best first."""
        return self.market.book.side_taken(self.side)

    @property
    def step(self) -> Quantity:
        """Orders are multiples of this."""
        return self.market.instrument.amount_step

    @cached_property
    def spends(self) -> Place:
        """What a trade is paid with, and where."""
        instrument = self.market.instrument
        return self.market.venue, instrument.quote if self.side is Side.BUY else instrument.base

    @cached_property
    def brings(self) -> Place:
        """What a trade brings, and where."""
        instrument = self.market.instrument
        return self.market.venue, instrument.base if self.side is Side.BUY else instrument.quote

    @cached_property
    def received_share(self) -> Decimal:
        """What arrives of each unit of base that is bought: a venue may keep its fee from it."""
        instrument = self.market.instrument
        keeps = instrument.fee_currency is FeeCurrency.RECEIVED and self.side is Side.BUY
        return ONE - instrument.taker_fee if keeps else ONE

    @cached_property
    def paid_share(self) -> Decimal:
        """What changes hands in quote for each unit of notional, fee included."""
        instrument = self.market.instrument
        if self.received_share != ONE:
            return ONE
        return ONE + self.side.sign * instrument.taker_fee

    @cached_property
    def depth(self) -> Quantity:
        """All that its side of the book offers."""
        return Quantity(total(level.quantity for level in self.levels))

    @cached_property
    def unit_cost(self) -> Decimal:
        """What the first unit of base costs, spread and fee, in the numeraire."""
        return _unit_cost(self, self.levels[0].price)

    def walk(self, quantity: Quantity) -> Walk:
        """Take a quantity above zero that the book has."""
        taken = walk(self.levels, quantity)
        assert taken is not None, "a lane has a book, and a quantity is above zero"
        return taken

    def cost(self, quantity: Quantity) -> CostEstimate:
        """What a quantity costs when the book is walked for all of it at once."""
        return cost_of(self.market.instrument, self.side, self.walk(quantity), self.market.marks)


def lanes_of(markets: Sequence[Market]) -> tuple[Lane, ...]:
    """Both directions of every market, in the order of their keys."""
    return tuple(Lane(market, side) for market in markets for side in (Side.BUY, Side.SELL))


def rank_of(lane: Lane, value: float | Decimal, *, cannot_shrink: bool) -> tuple[object, ...]:
    """Of trades that could come next, sales come before purchases, and large before small; equals by name.

    What cannot shrink goes first: where rounding leaves too little for the last, only a fine step is lost.
    """
    return lane.side is Side.BUY, not cannot_shrink, -value, lane.key


def least_order(lane: Lane, limits: Limits) -> Quantity:
    """The smallest quantity that the venue takes and the policy's minimum trade allows, on the step."""
    instrument = lane.market.instrument
    needed = (
        instrument.min_amount,
        instrument.min_notional / _weighed_at(lane, limits),
        limits.min_trade / lane.market.marks.base,
    )
    return Quantity(max(instrument.amount_step, ceil_to_step(max(needed), instrument.amount_step)))


def most_by_cost(lane: Lane, limits: Limits) -> Quantity:
    """The largest quantity whose cost at once is within the policy's limit, on the step; the book is walked for it.

    The cost of each further unit is no lower than that of the one before, so that all smaller quantities are within
    the limit too.
    """
    mark = lane.market.marks.base
    if _unit_cost(lane, lane.levels[-1].price) <= bps_of(mark, limits.max_cost_bps):
        return Quantity(floor_to_step(lane.depth, lane.step))
    quantity, spare = ZERO, ZERO
    for level in lane.levels:
        unit = _unit_cost(lane, level.price) - bps_of(mark, limits.max_cost_bps)
        if unit > 0 and spare < unit * level.quantity:
            quantity += max(spare, ZERO) / unit
            break
        spare -= unit * level.quantity
        quantity += level.quantity
    return Quantity(floor_to_step(quantity, lane.step))


def most_by_depth(lane: Lane, limits: Limits) -> Quantity:
    """The largest quantity of which the book near its best price holds the asked-for multiple, on the step."""
    if not limits.depth_multiple:
        return Quantity(floor_to_step(lane.depth, lane.step))
    return Quantity(floor_to_step(_near_depth(lane, limits) / limits.depth_multiple, lane.step))


def objections(lane: Lane, quantity: Quantity, limits: Limits) -> tuple[Reason, ...]:
    """Every limit that a quantity breaks on a lane, with its figures; empty where it may be traded."""
    found = (
        _min_trade(lane, quantity, limits),
        _venue_minimum(lane, quantity, limits),
        _cost(lane, quantity, limits),
        _depth(lane, quantity, limits),
    )
    return tuple(objection for objection in found if objection)


def _weighed_at(lane: Lane, limits: Limits) -> Price:
    """A venue weighs an order at its limit price, a trade at what it came to: the lower of both."""
    best = lane.levels[0].price
    bound = bound_price(best, lane.side, limits.max_slippage_bps, lane.market.instrument.price_tick)
    return min(bound, best) if bound > 0 else best


def _unit_cost(lane: Lane, price: Price) -> Decimal:
    """What one unit of base costs at a price, in the numeraire."""
    marks, sign = lane.market.marks, lane.side.sign
    return sign * (price * lane.paid_share * marks.quote - lane.received_share * marks.base)


def _near_depth(lane: Lane, limits: Limits) -> Quantity:
    best = lane.levels[0].price
    return depth_to(lane.levels, lane.side, Price(best + lane.side.sign * bps_of(best, limits.depth_bps)))


def _min_trade(lane: Lane, quantity: Quantity, limits: Limits) -> Reason | None:
    notional = lane.market.value(quantity)
    if notional >= limits.min_trade:
        return None
    return reason(ReasonCode.BELOW_MIN_TRADE, notional=notional, minimum=limits.min_trade)


def _venue_minimum(lane: Lane, quantity: Quantity, limits: Limits) -> Reason | None:
    instrument = lane.market.instrument
    notional = quantity * _weighed_at(lane, limits)
    if quantity >= instrument.min_amount and notional >= instrument.min_notional:
        return None
    figures = {"notional": notional, "minimum": instrument.min_notional}
    return reason(ReasonCode.BELOW_VENUE_MINIMUM, quantity=quantity, min_amount=instrument.min_amount, **figures)


def _cost(lane: Lane, quantity: Quantity, limits: Limits) -> Reason | None:
    bps = cost_bps(lane.cost(quantity).total, lane.market.value(quantity))
    if bps <= limits.max_cost_bps:
        return None
    return reason(ReasonCode.COST_OVER_LIMIT, cost_bps=bps, limit_bps=limits.max_cost_bps)


def _depth(lane: Lane, quantity: Quantity, limits: Limits) -> Reason | None:
    depth, needed = _near_depth(lane, limits), quantity * limits.depth_multiple
    if depth >= needed:
        return None
    return reason(ReasonCode.BOOK_TOO_THIN, depth=depth, needed=needed, depth_bps=limits.depth_bps)
