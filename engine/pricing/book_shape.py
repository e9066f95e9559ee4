"""How wide and how deep a book is: the two figures by which one market is held against its own past."""

from __future__ import annotations

from decimal import Decimal

from engine.model.market import OrderBook
from engine.model.money import BPS_IN_ONE, ONE, Bps, Quantity, ratio, total


def spread_bps(book: OrderBook) -> Bps:
    """Between the best bid and the best ask, of the price in their middle. Only of a two-sided book."""
    return Bps(ratio((book.asks[0].price - book.bids[0].price) * BPS_IN_ONE, book.mid))


def depth_within(book: OrderBook, bps: Decimal) -> Quantity:
    """The base within so many bps of the best price, on the side that holds less. Only of a two-sided book."""
    part = bps / BPS_IN_ONE
    lowest, highest = book.bids[0].price * (ONE - part), book.asks[0].price * (ONE + part)
    bids = total(level.quantity for level in book.bids if level.price >= lowest)
    asks = total(level.quantity for level in book.asks if level.price <= highest)
    return Quantity(min(bids, asks))
