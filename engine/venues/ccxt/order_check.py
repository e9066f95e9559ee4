"""What is checked of an order before it leaves: ccxt would round it, and not look at the minimums."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.model.errors import NotSent, Refused
from engine.model.money import exact, plain
from engine.venues.ccxt.profile import Placement


@exact
def check_order(placement: Placement, window: timedelta | None, now: datetime) -> None:
    """Raises Refused for an order that the market cannot hold, and NotSent for one whose time is over."""
    order, market, venue = placement.order, placement.market, placement.venue
    if not market.active:
        raise NotSent(venue, f"{market.symbol} is not trading now")
    if order.quantity <= 0 or order.quantity % market.amount_step:
        step = plain(market.amount_step)
        raise Refused(venue, f"{plain(order.quantity)} {order.base} is not a multiple of its step {step}")
    if order.limit_price <= 0 or order.limit_price % market.price_tick:
        tick = plain(market.price_tick)
        raise Refused(venue, f"the price {plain(order.limit_price)} is not a multiple of its tick {tick}")
    if order.quantity < market.min_amount:
        raise Refused(venue, f"{plain(order.quantity)} {order.base} is under its minimum {plain(market.min_amount)}")
    if order.quantity * order.limit_price < market.min_notional:
        raise Refused(venue, f"the order is worth less than its minimum of {plain(market.min_notional)} {order.quote}")
    if window is not None and now > order.intended_at + window:
        raise NotSent(venue, "the order's time was over before it was sent")
