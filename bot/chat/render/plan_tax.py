"""What a plan says of tax: gains and an estimate on the card, the lots one by one among its reasons. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import joined, lines, listed
from bot.chat.render.method_names import NAMES
from bot.chat.render.names import name
from engine.model.lots import LotMethod, Term
from engine.model.market import Side
from engine.model.money import ZERO, Money, total
from engine.model.plan import Leg, Plan
from engine.model.plan_tax import LegLot, LegTax, MethodOutcome, SoonLong

MOST_LOTS: Final = 6


def tax_lines(plan: Plan, frame: Frame, room: int) -> str:
    """The plan's tax in short: each sale's gain, the estimate, and what could be done otherwise; empty without lots."""
    taxed = [leg.tax for leg in plan.legs if leg.tax]
    washes = [_rebuy(leg, frame) for leg in plan.legs if leg.rebuy]
    if not taxed and not washes:
        return ""
    return lines(
        "<b>Tax</b> (an estimate, not advice)",
        *listed([*(_sale(tax, frame) for tax in taxed), *washes], room, ": Why"),
        _whole(taxed, frame),
        *[_soon(tax, soon, frame) for tax in taxed for soon in _nearest(tax.soon_long)][:room],
        _unknown(taxed, room),
    )


def lots_of(leg: Leg, frame: Frame) -> list[str]:
    """The lots of a leg, and what its sale comes to under each method; for the reasons of a plan."""
    if leg.tax is None:
        return [f"• {_rebuy(leg, frame)}."] if leg.rebuy else []
    tax = leg.tax
    told = [_lot(lot, tax, frame) for lot in tax.lots]
    compared = [_outcome(outcome, frame) for outcome in (tax.chosen, *tax.others)]
    soon = [_soon(tax, each, frame) for each in tax.soon_long]
    return [
        f"• Lots by {NAMES[tax.chosen.method]}:",
        *listed(told, MOST_LOTS),
        *(f"• {outcome}." for outcome in compared),
        *(f"• {line}" for line in soon),
        *([f"• {_rebuy(leg, frame)}."] if leg.rebuy else []),
    ]


def _sale(tax: LegTax, frame: Frame) -> str:
    others = "; ".join(f"{NAMES[o.method]} {figures.gain(o.gain)}" for o in tax.others if o.gain != tax.chosen.gain)
    by = NAMES[tax.chosen.method]
    at_most = "" if all(lot.is_known for lot in tax.lots) else "at most "
    return f"{name(tax.asset)} by {by}: {at_most}{_gain(tax.chosen, frame)}{f' ({others})' if others else ''}"


def _gain(outcome: MethodOutcome, frame: Frame) -> str:
    if outcome.short and outcome.long:
        both = f"{figures.gain(outcome.short)} short, {figures.gain(outcome.long)} long"
        return f"{both} {name(frame.numeraire)}"
    term = " long" if outcome.long else " short" if outcome.short else ""
    return f"{figures.gain(outcome.gain)} {name(frame.numeraire)}{term}"


def _whole(taxed: Sequence[LegTax], frame: Frame) -> str:
    known = [tax.chosen.tax for tax in taxed if tax.chosen.tax is not None]
    if len(known) < len(taxed):
        return "No rates are set for this year (tax.profile), so that no tax is estimated."
    if not known:
        return ""
    tax = Money(total(known))
    cheapest = _cheapest(taxed)
    better = f"; {cheapest}" if cheapest else ""
    if tax < 0:
        return f"Estimated tax saved: <b>{figures.money(-tax, frame.numeraire)}</b>{better}."
    return f"Estimated tax: <b>{figures.money(tax, frame.numeraire)}</b>{better}."


def _cheapest(taxed: Sequence[LegTax]) -> str:
    """Another method that all sales have, where it would owe less."""
    chosen = total(tax.chosen.tax or ZERO for tax in taxed)
    sums: dict[LotMethod, Decimal] = {}
    for tax in taxed:
        for other in tax.others:
            if other.tax is not None:
                sums[other.method] = sums.get(other.method, ZERO) + other.tax
    best = min(sums, key=lambda method: (sums[method], method), default=None)
    if best is None or figures.shown(sums[best]) >= figures.shown(chosen):
        return ""
    return f"by {NAMES[best]} it would be {figures.gain(sums[best])}"


def _nearest(soon: Sequence[SoonLong]) -> Sequence[SoonLong]:
    """The one that comes first: a card has no room for all."""
    return sorted(soon, key=lambda each: each.days)[:1]


def _soon(tax: LegTax, soon: SoonLong, frame: Frame) -> str:
    days = figures.count(soon.days, "day")
    units = figures.units(soon.quantity, tax.asset)
    return f"⏰ {days} until {units} is long-term: waiting saves {figures.money(soon.saves, frame.numeraire)}."


def _unknown(taxed: Sequence[LegTax], room: int) -> str:
    unknown: dict[str, Decimal] = {}
    for tax in taxed:
        for lot in tax.lots:
            if not lot.is_known:
                unknown[tax.asset] = unknown.get(tax.asset, ZERO) + lot.quantity
    if not unknown:
        return ""
    units = joined([figures.units(quantity, asset) for asset, quantity in sorted(unknown.items())], room)
    return f"❔ What {units} cost is unknown, and counts as nothing: /import a history, or tell it with /basis."


def _rebuy(leg: Leg, frame: Frame) -> str:
    assert leg.rebuy is not None, "only a leg that clashes is told of"
    when = figures.moment(leg.rebuy.at, frame)
    if leg.rebuy.loss:
        loss = figures.money(leg.rebuy.loss, frame.numeraire)
        return f"⚠️ {name(leg.base)} was sold at a loss of {loss} on {when}: bought back so soon, it may not count"
    if leg.side is Side.BUY:
        return f"⚠️ {name(leg.base)} was sold on {when}: bought back so soon, it counts as the cost of that sale"
    return f"⚠️ {name(leg.base)} was bought on {when}: a loss so soon after may not count"


def _lot(lot: LegLot, tax: LegTax, frame: Frame) -> str:
    units = figures.units(lot.quantity, tax.asset)
    if not lot.is_known:
        return f"{units} of unknown cost"
    since = f" of {figures.full_day(lot.acquired_at.astimezone(frame.zone).date())}" if lot.acquired_at else ""
    term = {Term.LONG: ", long", Term.SHORT: ", short", Term.NONE: ""}[lot.term]
    return f"{units}{since}: cost {figures.amount(lot.cost)}, gain {figures.gain(lot.gain)}{term}"


def _outcome(outcome: MethodOutcome, frame: Frame) -> str:
    tax = "" if outcome.tax is None else f", tax {figures.amount(outcome.tax)}"
    return f"By {NAMES[outcome.method]}: {_gain(outcome, frame)}{tax}"
