"""Trades in their order of execution, each within what its venue can pay when its turn comes. Exact.

The program knows balances to a solver's tolerance; here they are counted to the last digit, and what does not fit is
cut to the step below. A venue sets aside a purchase at its limit price: where that leaves no room, the limit is drawn
in, down to what the walk through the book needs, and the execution takes what is left in a second order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from engine.decide.lanes import Lane, Place, least_order, objections, rank_of
from engine.decide.optimum.rounding import Trade
from engine.decide.ordering import Passage, in_order
from engine.model.market import Side
from engine.model.money import ZERO, Price, Quantity, ceil_to_step, floor_to_step, ratio
from engine.model.policy import Limits
from engine.pricing.book_walk import bound_price, settle

TRIES_TO_MAKE_ROOM: Final = 6


@dataclass(frozen=True, slots=True)
class Funded:
    """A trade that can be paid, and what there is to pay with when its turn comes."""

    lane: Lane
    quantity: Quantity
    available: Decimal
    limit_price: Price
    """No fill may be worse than this."""


def funded(
    trades: Sequence[Trade], free: Mapping[Place, Quantity], limits: Limits
) -> tuple[tuple[Funded, ...], Mapping[Place, Decimal]]:
    """The trades in their order of execution, and what can be spent after all of them.

    Each is cut to what can be paid at its turn. What is no order any more then is left out. Where that would cost a
    coarse step, a trade with a fine one makes room.
    """
    for _ in range(TRIES_TO_MAKE_ROOM):
        found, balances = _in_turn(trades, free, limits)
        roomier = _with_room(trades, found, limits)
        if roomier is None:
            break
        trades = roomier
    return found, balances


def _in_turn(
    trades: Sequence[Trade], free: Mapping[Place, Quantity], limits: Limits
) -> tuple[tuple[Funded, ...], Mapping[Place, Decimal]]:
    by_key = {trade.lane.key: trade for trade in trades}
    passages = {key: _passage(trade.lane, trade.quantity) for key, trade in by_key.items()}
    fed = {trade.lane.spends for trade in trades if trade.is_coarse}
    rank = {key: _rank(trade, fed, limits) for key, trade in by_key.items()}
    balances: dict[Place, Decimal] = dict(free)
    found = []
    for key, _ in in_order(passages, balances, rank):
        trade = by_key[key]
        available = balances.get(trade.lane.spends, ZERO)
        quantity = _payable(trade.lane, trade.quantity, available)
        if quantity < least_order(trade.lane, limits):
            continue
        limit = _limit_price(trade.lane, quantity, available, limits)
        if limit <= 0 or quantity * limit < trade.lane.market.instrument.min_notional:
            # A tick coarser than the price leaves no bound to sell at.
            continue
        found.append(Funded(trade.lane, quantity, available, limit))
        passage = _passage(trade.lane, quantity)
        balances[passage.spends] = available - passage.spent
        balances[passage.brings] = balances.get(passage.brings, ZERO) + passage.brought
    return tuple(found), balances


def _with_room(trades: Sequence[Trade], found: Sequence[Funded], limits: Limits) -> tuple[Trade, ...] | None:
    """The trades with one changed for the sake of a coarse one that was cut; None where none was, or none can help.

    Another trade with fine steps spends less of the same place, or brings more to it.
    """
    done = {trade.lane.key: trade for trade in found}
    whole = [t for t in trades if (kept := done.get(t.lane.key)) is not None and kept.quantity == t.quantity]
    for cut in trades:
        kept = done.get(cut.lane.key)
        if cut.is_coarse and kept is not None and kept.quantity < cut.quantity:
            missing = _passage(cut.lane, cut.quantity).spent - kept.available
            changed = _making_room([t for t in whole if not t.is_coarse], cut.lane.spends, missing, limits)
            if changed is not None:
                return tuple(changed if t.lane.key == changed.lane.key else t for t in trades)
    return None


def _making_room(fine: Sequence[Trade], place: Place, missing: Decimal, limits: Limits) -> Trade | None:
    """The largest trade that can spend so much less of a place; else the largest that can bring so much more."""
    largest = sorted(fine, key=lambda t: (-t.lane.market.value(t.quantity), t.lane.key))
    spending = (_resized(trade, -missing, limits) for trade in largest if trade.lane.spends == place)
    bringing = (_resized(trade, missing, limits) for trade in largest if trade.lane.brings == place)
    return next((trade for trade in (*spending, *bringing) if trade is not None), None)


def _resized(trade: Trade, by: Decimal, limits: Limits) -> Trade | None:
    """A trade that spends so much less, or brings so much more, to the step; None where a limit forbids it."""
    passage = _passage(trade.lane, trade.quantity)
    share = ratio(abs(by), passage.spent if by < 0 else passage.brought)
    steps = ceil_to_step(trade.quantity * share, trade.lane.step)
    quantity = Quantity(trade.quantity - steps if by < 0 else trade.quantity + steps)
    if quantity <= 0 or quantity > trade.lane.depth or objections(trade.lane, quantity, limits):
        return None
    return replace(trade, quantity=quantity)


def set_aside(lane: Lane, quantity: Quantity) -> Decimal:
    """What a venue sets aside for a purchase, for each unit of its limit price."""
    return quantity * (1 + max(lane.market.instrument.taker_fee, ZERO))


def _limit_price(lane: Lane, quantity: Quantity, available: Decimal, limits: Limits) -> Price:
    """The worst price that is approved, on the tick.

    It leaves the policy's slippage from the best price, and never less than the plan's own walk through the book needs.
    A purchase asks for no more than its venue can set aside.
    """
    instrument, taken = lane.market.instrument, lane.walk(quantity)
    bound = bound_price(taken.best, lane.side, limits.max_slippage_bps, instrument.price_tick)
    if lane.side is Side.SELL:
        worst = floor_to_step(taken.worst, instrument.price_tick)
        return Price(min(bound, worst) if bound > 0 else worst)
    worst = ceil_to_step(taken.worst, instrument.price_tick)
    payable = floor_to_step(available / set_aside(lane, quantity), instrument.price_tick)
    return Price(max(worst, min(bound, payable)))


def _rank(trade: Trade, fed: Collection[Place], limits: Limits) -> tuple[object, ...]:
    """What can lose no step comes before others that spend the same: it pays for a coarse one, or would be no order."""
    lane = trade.lane
    loses_all = trade.quantity - lane.step < least_order(lane, limits)
    return rank_of(
        lane, lane.market.value(trade.quantity), cannot_shrink=trade.is_coarse or lane.brings in fed or loses_all
    )


def _passage(lane: Lane, quantity: Quantity) -> Passage[Decimal]:
    change = settle(lane.market.instrument, lane.side, quantity, lane.walk(quantity).average)
    spent, brought = (-change.quote, change.base) if lane.side is Side.BUY else (-change.base, change.quote)
    return Passage(lane.spends, lane.brings, spent, brought)


def _payable(lane: Lane, quantity: Quantity, available: Decimal) -> Quantity:
    """The most of a quantity that can be paid by the walk through the book, on the step."""
    if lane.side is Side.SELL:
        return Quantity(floor_to_step(max(min(quantity, available), ZERO), lane.step))
    while quantity > 0:
        spent = _passage(lane, quantity).spent
        if spent <= available:
            return quantity
        # What is taken off comes from the dearest level, so that the next try is never too small by more than a step.
        worst = lane.walk(quantity).worst * lane.paid_share
        quantity = Quantity(quantity - max(floor_to_step((spent - available) / worst, lane.step), lane.step))
    return Quantity(ZERO)
