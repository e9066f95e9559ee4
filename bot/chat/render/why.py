"""Why: the reasons of a plan figure by figure, and why there is no plan. Nothing is told that did not decide. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.chat.message import Button, Message
from bot.chat.payloads import PlanView, ViewVerb, plan_payload, view_payload
from bot.chat.render import figures
from bot.chat.render.drifts import DRIFT_REASONS, WEIGHTS_UNKNOWN, band_use, both_ways, weights_are_known, widest_first
from bot.chat.render.frame import Frame
from bot.chat.render.layout import fitting, lines, listed, paragraphs
from bot.chat.render.names import name
from bot.chat.render.plan_parts import aims, title, weights_table
from bot.chat.render.plan_tax import lots_of
from bot.chat.render.reasons import clause, sentence
from bot.chat.render.splitting import split
from bot.chat.render.standing import standing_line
from engine.model.decision import Decision
from engine.model.money import exact
from engine.model.plan import Alternative, DroppedLeg, Leg, Plan
from engine.model.reasons import Reason

if TYPE_CHECKING:
    from engine.api import PlanState

MOST_DRIFTS: Final = 3
QUIET: Final = "Nothing calls for a plan."


@exact
def why_plan(state: PlanState, frame: Frame) -> tuple[Message, ...]:
    """Everything the plan was decided by, in as many messages as it needs; the way back to the card is on the last."""
    proposed, plan = state.proposed, state.proposed.plan
    html = paragraphs(
        f"❓ {title(proposed)}: why",
        lines("<b>What called for it</b>", *_bullets(plan.reasons, frame)),
        *(_leg(leg, frame) for leg in plan.legs),
        lines("<b>Weights</b>", weights_table(plan.weights, len(plan.weights)), aims(plan)),
        *(_dropped(leg, frame) for leg in plan.dropped),
        _transfers(plan, frame),
        _cost(plan, frame),
        f"Decision <code>{name(proposed.decision)}</code>: <code>equipoise replay</code> decides it again.",
    )
    back = Button("↩ Back to card", plan_payload(PlanView.CARD, proposed.plan_id, proposed.digest))
    messages = tuple(Message(part, silent=True) for part in split(html))
    return (*messages[:-1], replace(messages[-1], keyboard=((back,),)))


def _bullets(reasons: Iterable[Reason], frame: Frame) -> list[str]:
    return [f"• {sentence(reason, frame)}" for reason in reasons] or ["• No reason was kept."]


def _leg(leg: Leg, frame: Frame) -> str:
    cost = leg.cost
    return lines(
        f"<b>{name(leg.id)} {leg.side} {figures.units(leg.quantity, leg.base)} on {name(leg.venue)}</b>",
        f"Worth {figures.money(leg.notional, frame.numeraire)}. Price: {figures.price(leg.expected_price)} "
        f"{name(leg.quote)} expected, {figures.price(leg.limit_price)} at worst.",
        f"Cost {figures.money(cost.total, frame.numeraire)} ({figures.bps_of_whole(cost.total, leg.notional)}): "
        f"fee {figures.amount(cost.fee)}, spread {figures.amount(cost.spread)}, impact {figures.amount(cost.impact)}"
        + (f", by experience {figures.amount(cost.learned)} (/costs)." if cost.learned else "."),
        *_bullets(leg.reasons, frame),
        *_slices(leg, frame),
        *lots_of(leg, frame),
        *(_elsewhere(leg, other, frame) for other in leg.alternatives),
    )


def _slices(leg: Leg, frame: Frame) -> Iterator[str]:
    if leg.cost_in_slices is not None:
        yield (
            f"• In {figures.count(len(leg.slices), 'slice')}, if the book fills up in between: "
            f"{figures.money(leg.cost_in_slices, frame.numeraire)}."
        )


def _elsewhere(leg: Leg, other: Alternative, frame: Frame) -> str:
    """What the leg would cost on another venue, and why it is not there."""
    lacking = clause(other.reason, frame) if other.reason is not None else ""
    if other.cost is None:
        return f"• Not on {name(other.venue)}: {lacking}."
    cost = f"{figures.money(other.cost, frame.numeraire)} ({figures.bps_of_whole(other.cost, leg.notional)})"
    return f"• On {name(other.venue)}: {cost}{f', but {lacking}' if lacking else ''}."


def _dropped(leg: DroppedLeg, frame: Frame) -> str:
    worth = figures.money(leg.notional, frame.numeraire)
    head = f"<b>Left out: {leg.side} {name(leg.base)} for {name(leg.quote)} on {name(leg.venue)}</b>, {worth}"
    return lines(head, *_bullets(leg.reasons, frame))


def _transfers(plan: Plan, frame: Frame) -> str:
    said = [
        f"• {figures.units_worth(t.quantity, t.asset, t.value, frame.numeraire)} from "
        f"{name(t.from_venue)} to {name(t.to_venue)}: there it would bring most into place"
        for t in plan.suggested_transfers
    ]
    return lines("<b>Transfers by hand that would help</b>", *said) if said else ""


def _cost(plan: Plan, frame: Frame) -> str:
    return lines(
        f"The cost is what the portfolio is worth before the trades less what it is worth after them: "
        f"{figures.money(plan.cost.total, frame.numeraire)} in all.",
        "Spread is the best price against the mark (the middle of the market), "
        "impact the average price against the best.",
    )


@exact
def why_not(decision: Decision, frame: Frame) -> Message:
    """Why the newest decision led to no plan."""
    keyboard = (
        (Button("⚖ Rebalance", view_payload(ViewVerb.REBALANCE)), Button("Drift", view_payload(ViewVerb.DRIFT))),
    )
    return Message(fitting(lambda room: _why_not(decision, frame, room)), keyboard)


def _why_not(decision: Decision, frame: Frame, room: int) -> str:
    outcome = decision.outcome
    notes = [sentence(reason, frame) for reason in outcome.valuation.notes]
    vetoes = [sentence(reason, frame) for reason in outcome.vetoes]
    known = weights_are_known(decision)
    told = {reason.get("name") for reason in outcome.verdict.reasons}
    others = [d for d in widest_first(outcome.drifts) if known and d.name not in told]
    drifts = [f"{both_ways(d)} ({band_use(d)} of its band)" for d in others]
    found = [r for r in outcome.verdict.reasons if known or r.code not in DRIFT_REASONS]
    verdict = [sentence(reason, frame) for reason in found]
    return paragraphs(
        f"❓ <b>No new plan</b> · decided {figures.moment(decision.inputs.now, frame)}",
        standing_line(decision.inputs.standing, frame),
        lines("<b>What stands in the way</b>", *listed(vetoes, room)) if vetoes else "",
        lines("<b>What was found</b>", *listed(verdict or [QUIET if known else WEIGHTS_UNKNOWN], room)),
        lines("<b>Drifts</b>", *listed(drifts, min(room, MOST_DRIFTS))) if drifts else "",
        lines("<b>Also seen</b>", *listed(notes, room)) if notes else "",
    )
