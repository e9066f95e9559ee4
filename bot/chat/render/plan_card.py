"""The card that a plan is approved on: everything a person needs to say yes or no, and afterwards what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat.message import Button, Keyboard, Message, Style
from bot.chat.payloads import SNOOZE, PlanVerb, PlanView, plan_payload
from bot.chat.render import figures
from bot.chat.render.drifts import both_ways, widest_first
from bot.chat.render.frame import Frame, Terms
from bot.chat.render.layout import fitting, lines, listed, paragraphs
from bot.chat.render.names import name
from bot.chat.render.plan_parts import PLATES, aims, legs_table, risk_lines, status_words, title, weights_table
from bot.chat.render.plan_tax import tax_lines
from bot.chat.render.progress import progress
from bot.chat.render.reasons import clause, sentence
from bot.chat.render.trail import approvals_of, trail
from engine.model.money import Money, exact
from engine.model.plan import DroppedLeg, Plan, PlanStatus, PlanTrigger, root_and_revision

if TYPE_CHECKING:
    from engine.api import PlanState

MOST_REASONS: Final = 3
MOST_DROPPED: Final = 3
MOST_TAXED: Final = 4


@exact
def plan_card(state: PlanState, frame: Frame, terms: Terms) -> Message:
    """The card of a plan as it is now. It keeps its text after a press, and always fits one message."""
    return Message(fitting(lambda room: _text(state, frame, terms, room)), _keyboard(state))


def copy_of_card(state: PlanState, answer: str) -> Message:
    """What a copy of a card becomes once it was pressed: it does not follow the plan, as the card itself does."""
    proposed = state.proposed
    show = Button("Show the card", plan_payload(PlanView.CARD, proposed.plan_id, proposed.digest))
    return Message(lines(title(proposed), name(answer, 200), "Its own card shows how it goes on."), ((show,),))


def _text(state: PlanState, frame: Frame, terms: Terms, room: int) -> str:
    proposed, plan = state.proposed, state.proposed.plan
    return paragraphs(
        lines(PLATES[proposed.mode], f"{title(proposed)} · {status_words(state)}", _replaces(state)),
        lines("<b>Why now</b>", *_why_now(state, frame)),
        lines(f"<b>What is traded</b> ({figures.count(len(plan.legs), 'leg')})", legs_table(plan, frame, room)),
        lines("<b>What it leads to</b>", weights_table(plan.weights, room), risk_lines(plan), aims(plan)),
        lines(*_totals(plan, frame)),
        tax_lines(plan, frame, min(room, MOST_TAXED)),
        lines(*_left_out(plan, frame, min(room, MOST_DROPPED))),
        lines(*_transfers(plan, frame, min(room, MOST_DROPPED))),
        lines(_tolerance(state, terms), *_waits(state, frame, terms)),
        progress(state, frame, room),
        trail(state, frame, terms, room),
    )


def _replaces(state: PlanState) -> str:
    old = state.proposed.supersedes
    return f"It replaces rev {root_and_revision(old)[1]}, which no longer counts." if old else ""


def _why_now(state: PlanState, frame: Frame) -> list[str]:
    """The trigger's reasons; where they are not a drift, the widest drift with them."""
    plan = state.proposed.plan
    said = [sentence(reason, frame) for reason in plan.reasons]
    shown = said[:MOST_REASONS]
    if len(said) > len(shown):
        shown.append(f"and {figures.count(len(said) - len(shown))} more: Why")
    if plan.trigger is not PlanTrigger.THRESHOLD and state.proposed.drifts:
        shown.append(f"Widest drift: {both_ways(widest_first(state.proposed.drifts)[0])}.")
    return shown


def _totals(plan: Plan, frame: Frame) -> list[str]:
    if not plan.legs:
        return []
    cost, unit = plan.cost, frame.numeraire
    parts = (
        f"fees {figures.amount(cost.fee)}, spread {figures.amount(cost.spread)}, impact {figures.amount(cost.impact)}"
        + (f", by experience {figures.amount(cost.learned)}" if cost.learned else "")
        + (f", tax {figures.amount(cost.tax)}" if cost.tax else "")
    )
    share = figures.percent(figures.share(plan.turnover, plan.managed_value))
    return [
        f"Traded in all: <b>{figures.money(plan.turnover, unit)}</b> ({share} of the portfolio).",
        f"Cost: <b>{figures.money(cost.total, unit)}</b>, {figures.bps_of_whole(cost.total, plan.turnover)} of it "
        f"({parts}).",
        _against_naive(plan, frame),
    ]


def _against_naive(plan: Plan, frame: Frame) -> str:
    """The naive plan pools all balances, so it can look cheaper than anything that can be done."""
    if plan.naive_cost is None:
        return ""
    naive = figures.money(plan.naive_cost, frame.numeraire)
    # What was learned is left out on both sides: the naive plan has learned nothing.
    saved = figures.shown(plan.naive_cost) - figures.shown(Money(plan.cost.total - plan.cost.learned))
    if saved > 0:
        return f"Saved: {figures.money(saved, frame.numeraire)} against one market order per asset ({naive})."
    return f"One market order per asset, were all of it on one venue: {naive}."


def _left_out(plan: Plan, frame: Frame, room: int) -> list[str]:
    said = [_dropped(leg, frame) for leg in plan.dropped]
    return ["<b>Left out</b>", *listed(said, room, ": Why")] if said else []


def _dropped(leg: DroppedLeg, frame: Frame) -> str:
    why = clause(leg.reasons[0], frame) if leg.reasons else "no reason is known"
    worth = figures.money(leg.notional, frame.numeraire)
    return f"{leg.side} {name(leg.base)} for {name(leg.quote)} on {name(leg.venue)}, {worth}: {why}"


def _transfers(plan: Plan, frame: Frame, room: int) -> list[str]:
    """What only a person can do: nothing here moves assets between venues."""
    said = [
        f"{figures.units_worth(t.quantity, t.asset, t.value, frame.numeraire)} from "
        f"{name(t.from_venue)} to {name(t.to_venue)}"
        for t in plan.suggested_transfers
    ]
    return ["💡 <b>By hand</b>, to come nearer next time", *listed(said, room, ": Why")] if said else []


def _tolerance(state: PlanState, terms: Terms) -> str:
    ahead = state.status in (PlanStatus.PROPOSED, PlanStatus.APPROVED)
    if not (ahead and state.proposed.plan.legs):
        return ""
    return f"Asked again if the market moves more than {figures.bps_with_percent(terms.tolerance)} against us."


def _waits(state: PlanState, frame: Frame, terms: Terms) -> list[str]:
    if state.status is not PlanStatus.PROPOSED:
        return []
    expires = state.proposed.expires_at
    in_time = expires > frame.now
    until = f"⏳ Until {figures.moment_zoned(expires, frame)}." if in_time else "⌛ Its time is over."
    return [until, _approvals(state, terms)]


def _approvals(state: PlanState, terms: Terms) -> str:
    if terms.approvers <= 1:
        return ""
    names = ", ".join(name(approval.name) for approval in state.approvals)
    return f"👥 {approvals_of(len(state.approvals), terms)} approvals{f': {names}' if names else ''}."


def _keyboard(state: PlanState) -> Keyboard:
    def button(label: str, verb: PlanVerb | PlanView, style: Style = Style.PLAIN) -> Button:
        return Button(label, plan_payload(verb, state.proposed.plan_id, state.proposed.digest), style)

    why = button("Why", PlanView.WHY)
    stop = button("⏹ Stop", PlanVerb.STOP, Style.DANGER)
    match state.status:
        case PlanStatus.PROPOSED:
            decide = (
                button("✅ Approve", PlanVerb.APPROVE, Style.SUCCESS),
                button("✖ Reject", PlanVerb.REJECT, Style.DANGER),
            )
            return decide, (button(f"Snooze {figures.span(SNOOZE)}", PlanVerb.SNOOZE), why)
        case PlanStatus.PAUSED:
            return (button("▶ Resume", PlanVerb.RESUME, Style.PRIMARY), stop), (why,)
        case PlanStatus.EXECUTING:
            return (button("⏸ Pause", PlanVerb.PAUSE), stop), (why,)
        case PlanStatus.APPROVED:
            return ((stop, why),)
        case _:
            return ((why,),)
