"""What a quantity costs on a book: the walk through its levels, the fee, the spread and the impact. Pure and exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from engine.model.market import FeeCurrency, Instrument, Level, Side
from engine.model.money import (
    BPS_IN_ONE,
    ONE,
    RATIO_STEP,
    ZERO,
    Bps,
    Money,
    Price,
    Quantity,
    bps_of,
    ceil_to_step,
    floor_to_step,
    ratio,
    total,
)
from engine.model.plan import CostEstimate


@dataclass(frozen=True, slots=True)
class Walk:
    """What taking `quantity` from one side of a book comes to. Prices are quote per base."""

    quantity: Quantity
    """What the book had, at most what was asked for."""
    best: Price
    average: Price
    """Quantity-weighted, to 18 decimals: whoever computes on from it gets the same figures as the plan."""
    worst: Price


def walk(levels: Sequence[Level], quantity: Quantity) -> Walk | None:
    """Take a quantity from the best level on. None where the side is empty or nothing is asked for."""
    if not levels or quantity <= 0:
        return None
    left, paid, worst = quantity, ZERO, levels[0].price
    for level in levels:
        taken = min(left, level.quantity)
        paid += taken * level.price
        left = Quantity(left - taken)
        worst = level.price
        if not left:
            break
    had = Quantity(quantity - left)
    average = Price((paid / had).quantize(RATIO_STEP, rounding=ROUND_HALF_EVEN))
    return Walk(had, levels[0].price, average, worst)


def depth_to(levels: Sequence[Level], side: Side, bound: Price) -> Quantity:
    """The base that one side of a book holds no worse than `bound`."""
    within = (lv.quantity for lv in levels if (lv.price <= bound if side is Side.BUY else lv.price >= bound))
    return Quantity(total(within))


def bound_price(best: Price, side: Side, bps: Bps, tick: Decimal) -> Price:
    """The worst price allowed, `bps` from the best, on the tick that is not beyond it."""
    if side is Side.BUY:
        return Price(floor_to_step(best + bps_of(best, bps), tick))
    return Price(ceil_to_step(best - bps_of(best, bps), tick))


@dataclass(frozen=True, slots=True)
class Marks:
    """The prices of a market's two currencies in the numeraire."""

    base: Price
    quote: Price


@dataclass(frozen=True, slots=True)
class Settlement:
    """What changes hands in a trade. Signs are from the account's side."""

    base: Decimal
    quote: Decimal


def settle(instrument: Instrument, side: Side, quantity: Quantity, price: Price) -> Settlement:
    """The change of both balances when a taker trades so much at one average price, fee included."""
    notional = quantity * price
    base, quote = side.sign * quantity, -side.sign * notional
    if instrument.fee_currency is FeeCurrency.RECEIVED and side is Side.BUY:
        return Settlement(base - quantity * instrument.taker_fee, quote)
    return Settlement(base, quote - notional * instrument.taker_fee)


def cost_of(instrument: Instrument, side: Side, taken: Walk, marks: Marks) -> CostEstimate:
    """Value at marks before minus value at marks after, in the numeraire, in its parts."""
    sign, quantity = side.sign, taken.quantity
    if instrument.fee_currency is FeeCurrency.RECEIVED and side is Side.BUY:
        fee = quantity * instrument.taker_fee * marks.base
    else:
        fee = quantity * taken.average * instrument.taker_fee * marks.quote
    spread = sign * quantity * (taken.best * marks.quote - marks.base)
    impact = sign * quantity * (taken.average - taken.best) * marks.quote
    return CostEstimate(fee=Money(fee), spread=Money(spread), impact=Money(impact))


def cost_bps(cost: Money, notional: Money) -> Bps:
    """A cost in basis points of a notional above zero."""
    return Bps(ratio(cost * BPS_IN_ONE, notional))


def affordable(instrument: Instrument, limit: Price, quote_available: Decimal) -> Quantity:
    """The most base that a buy can order when the venue sets aside quantity times limit, fee included."""
    per_unit = limit * (ONE + max(instrument.taker_fee, ZERO))
    return Quantity(floor_to_step(quote_available / per_unit, instrument.amount_step))
