"""The report at a plan's end: what was traded at which price, what it cost against the estimate, what was left over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.chat.message import Button, Message
from bot.chat.payloads import PlanView, ViewVerb, plan_payload, view_payload
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import columns, ends, fitting, lines, listed, paragraphs, table
from bot.chat.render.names import cell, name
from bot.chat.render.plan_parts import (
    ASSET_COLUMNS,
    FIGURE_COLUMNS,
    NAME_COLUMNS,
    PLATES,
    VENUE_COLUMNS,
    status_words,
    title,
)
from bot.chat.render.reasons import clauses
from engine.model import events as ev
from engine.model.ids import Asset
from engine.model.money import BPS_IN_ONE, ZERO, exact, total
from engine.model.order import average_price
from engine.model.plan import Leg

if TYPE_CHECKING:
    from engine.api import PlanState


@dataclass(frozen=True, slots=True)
class Paid:
    """What the fills cost: fees by asset, their worth in the numeraire as far as it is known, and the estimate."""

    fees: dict[Asset, Decimal]
    worth: Decimal
    unpriced: tuple[Asset, ...]
    real: Decimal
    """Fees and prices against the marks of the plan, in the numeraire."""
    estimated: Decimal
    """Of the plan's estimate, the share of what was traded."""


@exact
def plan_report(state: PlanState, frame: Frame) -> Message:
    """What a plan came to. It fits one message."""
    proposed = state.proposed
    keyboard = (
        (
            Button("Portfolio", view_payload(ViewVerb.PORTFOLIO)),
            Button("Why", plan_payload(PlanView.WHY, proposed.plan_id, proposed.digest)),
        ),
    )
    return Message(fitting(lambda room: _text(state, frame, room)), keyboard)


def _text(state: PlanState, frame: Frame, room: int) -> str:
    legs = state.proposed.plan.legs
    rest = len(legs) - room
    more = f"and {figures.count(rest, 'more leg')}" if rest > 0 else ""
    rows = [row for leg in legs[:room] for row in _leg_rows(state, leg)]
    return paragraphs(
        lines(PLATES[state.proposed.mode], f"{title(state.proposed)} · {status_words(state)}{_took(state)}"),
        lines("<b>What was traded</b>", table(rows), more, _better_means(state))
        if legs
        else "Nothing was to be traded.",
        lines(*_cost(state, frame, room)),
        lines(*_left_over(state, frame, room)),
        _weights(state, room),
    )


def _took(state: PlanState) -> str:
    started = next((e.at for e in state.trail if isinstance(e.fact, ev.ExecutionStarted)), None)
    return f" after {figures.span(_ended_at(state) - started)}" if started else ""


def _ended_at(state: PlanState) -> datetime:
    ends_ = (e.at for e in state.trail if isinstance(e.fact, ev.PlanCompleted | ev.PlanAborted))
    return next(ends_, state.updated_at)


def _leg_rows(state: PlanState, leg: Leg) -> list[str]:
    filled = state.filled(leg.id)
    done = figures.whole_percent(figures.share(filled, leg.quantity))
    head = f"{leg.id} {leg.side.upper()} {cell(leg.base, ASSET_COLUMNS)}"
    rows = [*ends(head, f"{figures.quantity(filled)} ({done})")]
    average = average_price(state.fills_of(leg.id))
    if average is None:
        return [*rows, *ends(f"   {cell(leg.venue, VENUE_COLUMNS)}", "nothing traded")]
    better = leg.side.sign * (leg.expected_price - average) * BPS_IN_ONE / leg.expected_price
    against = "as expected" if not better else f"{figures.bps(abs(better))} {'better' if better > 0 else 'worse'}"
    return [*rows, *ends(f"   {cell(leg.venue, VENUE_COLUMNS)}", f"avg {figures.price(average)}"), *ends("", against)]


def _better_means(state: PlanState) -> str:
    if not state.fills:
        return ""
    return "Better is cheaper bought or dearer sold than the plan expected; 1 bps is 0.01 %."


def _cost(state: PlanState, frame: Frame, room: int) -> list[str]:
    if not state.fills:
        return ["No fees were paid."]
    paid = _paid(state)
    shown = dict(sorted(paid.fees.items())[:room])
    rest = len(paid.fees) - len(shown)
    more = f" and {figures.count(rest, 'more asset')}" if rest > 0 else ""
    without = f", without {', '.join(name(a) for a in paid.unpriced[:room])}" if paid.unpriced else ""
    worth = (
        f"Worth {figures.money(paid.worth, frame.numeraire)}{without}." if set(paid.fees) != {frame.numeraire} else ""
    )
    more_or_less = figures.shown(paid.real) - figures.shown(paid.estimated)
    difference = figures.money(abs(more_or_less), frame.numeraire)
    same = figures.amount(paid.real) == figures.amount(paid.estimated)
    compared = "just as estimated" if same else f"{difference} {'more' if more_or_less > 0 else 'less'}"
    return [
        f"Fees: {figures.asset_total(shown)}{more}. {worth}".rstrip(),
        f"Cost: <b>{figures.money(paid.real, frame.numeraire)}</b> against "
        f"{figures.money(paid.estimated, frame.numeraire)} estimated for what was traded: {compared}{without}.",
    ]


def _paid(state: PlanState) -> Paid:
    """What the plan's end says of its costs; the estimate is the card's, with what was learned before."""
    costs = state.ended.costs if state.ended is not None else ()
    fees: dict[Asset, Decimal] = {}
    for fee in (fee for fill in state.fills for fee in fill.fees):
        fees[fee.asset] = fees.get(fee.asset, ZERO) + fee.quantity
    legs = state.proposed.plan.legs
    estimated = total(leg.cost.total * figures.share(state.filled(leg.id), leg.quantity) for leg in legs)
    return Paid(
        fees={asset: quantity for asset, quantity in fees.items() if quantity},
        worth=total(cost.fee for cost in costs),
        unpriced=tuple(sorted({asset for cost in costs for asset in cost.unpriced})),
        real=total(cost.real for cost in costs),
        estimated=estimated,
    )


def _left_over(state: PlanState, frame: Frame, room: int) -> list[str]:
    said = []
    for leg in state.proposed.plan.legs:
        left = leg.quantity - state.filled(leg.id)
        if left > 0:
            reasons = state.leg(leg.id).reasons or (
                state.ended.reasons if isinstance(state.ended, ev.PlanAborted) else ()
            )
            why = clauses(reasons, frame) or "the plan ended first"
            said.append(f"{name(leg.id)} {leg.side} {figures.units(Decimal(left), leg.base)}: {why}")
    return ["<b>Left over</b>", *listed(said, room)] if said else []


def _weights(state: PlanState, room: int) -> str:
    if state.ended is None:
        return ""
    if not state.ended.weights_now:
        return "The weights now are not known: not every venue answered."
    targets = {line.name: line.target for line in state.proposed.plan.weights}
    known = [(n, w, targets[n]) for n, w in state.ended.weights_now if n in targets]
    kept = sorted(known, key=lambda line: (-abs(line[1] - line[2]), line[0]))[:room]
    rows = columns("%", ("now", "target"), FIGURE_COLUMNS)
    for target_name, weight, target in sorted(kept):
        weights = (figures.percent_digits(weight), figures.percent_digits(target))
        rows += columns(cell(target_name, NAME_COLUMNS), weights, FIGURE_COLUMNS)
    rest = len(known) - len(kept)
    more = f"and {figures.count(rest)} more, nearer to their targets" if rest > 0 else ""
    return lines("<b>Weights now</b>", table(rows), more)
