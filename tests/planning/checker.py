"""A plan carried out against the books by somebody who trusts nobody: what holds, what it costs, where it leads.

Written from the rules alone, without the engine's own arithmetic, in exact fractions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from engine.model.decision import DecisionInputs
from engine.model.ids import Asset, VenueName
from engine.model.market import FeeCurrency, Instrument, OrderBook, Side
from engine.model.money import BPS_IN_ONE
from engine.model.plan import Leg, Plan

Held = dict[tuple[VenueName, Asset], Fraction]


@dataclass
class Check:
    """What became of a plan. Money is in basis points of the whole."""

    faults: list[str] = field(default_factory=list)
    outside_bps: float = 0.0
    cost_bps: float = 0.0


def check(inputs: DecisionInputs, plan: Plan | None, destination: dict[str, Fraction]) -> Check:
    """Carry out a plan (None: nothing is traded) and measure where the portfolio is then."""
    snapshot, found = inputs.snapshot, Check()
    marks = {snapshot.numeraire: Fraction(1)} | {asset: Fraction(price) for asset, price in snapshot.given_marks}
    free: Held = {(v.name, b.asset): Fraction(b.free) for v in snapshot.venues for b in v.balances}
    before = _values(inputs, free, marks)
    for leg in plan.legs if plan else ():
        _execute(inputs, leg, free, marks, found)
    after = _values(inputs, free, marks)
    whole, left = sum(before.values()), sum(after.values())
    tolerance = Fraction(inputs.policy.limits.tolerance)
    outside = sum(max(abs(after[n] / left - destination[n]) - tolerance, Fraction(0)) for n in after)
    found.outside_bps = float(outside * int(BPS_IN_ONE))
    found.cost_bps = float((whole - left) / whole * int(BPS_IN_ONE))
    return found


def _values(inputs: DecisionInputs, held: Held, marks: dict[Asset, Fraction]) -> dict[str, Fraction]:
    values = {target.name: Fraction(0) for target in inputs.policy.targets}
    for (_, asset), quantity in held.items():
        values[inputs.policy.name_of(asset) or ""] += quantity * marks[asset]
    return values


def _execute(inputs: DecisionInputs, leg: Leg, free: Held, marks: dict[Asset, Fraction], found: Check) -> None:
    instrument, book = _market(inputs, leg)
    quantity, limit = Fraction(leg.quantity), Fraction(leg.limit_price)
    paid, worst = _walk(book, leg.side, quantity)
    notional = quantity * marks[leg.base]
    fee = Fraction(instrument.taker_fee)
    sign = 1 if leg.side is Side.BUY else -1
    keeps = instrument.fee_currency is FeeCurrency.RECEIVED and leg.side is Side.BUY
    base = sign * quantity * (1 - fee if keeps else 1)
    quote = -sign * paid - (0 if keeps else paid * fee)
    checks = {
        "is above zero": quantity > 0,
        "is on the step": quantity % Fraction(instrument.amount_step) == 0,
        "reaches the smallest amount": quantity >= Fraction(instrument.min_amount),
        "reaches the smallest notional": paid >= Fraction(instrument.min_notional),
        "reaches the smallest trade": notional >= Fraction(inputs.policy.limits.min_trade),
        "is within its limit price": sign * (worst - limit) <= 0,
    }
    place_of_base, place_of_quote = (leg.venue, leg.base), (leg.venue, leg.quote)
    free[place_of_base] = free.get(place_of_base, Fraction(0)) + base
    free[place_of_quote] = free.get(place_of_quote, Fraction(0)) + quote
    checks["can be paid"] = free[place_of_base] >= 0 and free[place_of_quote] >= 0
    found.faults += [
        f"{leg.id} {leg.side} {leg.symbol} on {leg.venue}: not so: {what}" for what, so in checks.items() if not so
    ]


def _market(inputs: DecisionInputs, leg: Leg) -> tuple[Instrument, OrderBook]:
    (venue,) = [v for v in inputs.snapshot.venues if v.name == leg.venue]
    (instrument,) = [i for i in venue.instruments if (i.base, i.quote) == (leg.base, leg.quote)]
    (book,) = [b for b in venue.books if (b.base, b.quote) == (leg.base, leg.quote)]
    return instrument, book


def _walk(book: OrderBook, side: Side, quantity: Fraction) -> tuple[Fraction, Fraction]:
    """What the quantity comes to in quote, and the worst price; a book that ends before it is a fault."""
    left, paid, worst = quantity, Fraction(0), Fraction(0)
    for level in book.asks if side is Side.BUY else book.bids:
        taken = min(left, Fraction(level.quantity))
        paid, left = paid + taken * Fraction(level.price), left - taken
        worst = Fraction(level.price)
        if not left:
            return paid, worst
    raise AssertionError("the book ends before the leg is filled")
