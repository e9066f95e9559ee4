"""What people are told without having asked: drift, dates, new money, venues, pauses, members, trouble with a plan.

An alert says what is the case, and what happens next.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.chat.message import Button, Keyboard, Message, Style
from bot.chat.payloads import ViewVerb, gone_payload, view_payload
from bot.chat.render import figures
from bot.chat.render.drifts import band_use, both_ways, limit
from bot.chat.render.frame import Frame
from bot.chat.render.layout import fitting, lines, listed, paragraphs
from bot.chat.render.names import name, problem
from bot.chat.render.plan_parts import title_of
from bot.chat.render.reasons import sentence
from bot.chat.render.venues import venue_halted
from engine.model import events as ev
from engine.model.decision import AlertChange, AlertLevel, Drift
from engine.model.ids import PlanId
from engine.model.money import exact
from engine.model.order import OrderRequest
from engine.model.portfolio import VenueHealth
from engine.model.reasons import Reason, ReasonCode

DRIFT: Final = Button("Drift", view_payload(ViewVerb.DRIFT))
REBALANCE: Final = Button("⚖ Rebalance", view_payload(ViewVerb.REBALANCE), Style.PRIMARY)
RUN_NOW: Final = Button("⚖ Run now", view_payload(ViewVerb.REBALANCE), Style.PRIMARY)
RESUME: Final = Button("▶ Resume", view_payload(ViewVerb.RESUME), Style.PRIMARY)
PORTFOLIO: Final = Button("Portfolio", view_payload(ViewVerb.PORTFOLIO))
VENUES: Final = Button("Venues", view_payload(ViewVerb.VENUES))
HEALTH: Final = Button("Health", view_payload(ViewVerb.HEALTH))


@exact
def drift_alert(fact: ev.DriftAlertsChanged, frame: Frame, vetoes: tuple[Reason, ...] = ()) -> Message:
    """Drifts that reached 80 % or 100 % of their band, or came back, and what follows.

    `vetoes` are the decision's: they keep a plan from being made although the trigger fired, and the fact does not
    hold them.
    """
    raised = any(change.level is AlertLevel.REACHED for change in fact.changes)
    return Message(fitting(lambda room: _drift_text(fact, frame, vetoes, room)), ((DRIFT,),), silent=not raised)


def _drift_text(fact: ev.DriftAlertsChanged, frame: Frame, vetoes: tuple[Reason, ...], room: int) -> str:
    drifts = {drift.name: drift for drift in fact.drifts}
    said = [_change(change, drifts.get(change.name)) for change in fact.changes]
    rest = len(said) - room
    more = f"and {figures.count(rest)} more: Drift" if rest > 0 else ""
    pending = any(change.level is not None for change in fact.changes)
    return paragraphs(*said[:room], more, _what_follows(fact, frame, vetoes) if pending else "")


def _change(change: AlertChange, drift: Drift | None) -> str:
    if drift is None:
        return f"✅ {name(change.name)} is no longer watched."
    now = both_ways(drift)
    match change.level:
        case AlertLevel.REACHED:
            return f"🔴 <b>{name(drift.name)} has reached its limit</b> of {limit(drift)}.\n{now}."
        case AlertLevel.NEAR:
            return f"🟠 <b>{name(drift.name)} is near its limit</b>: {band_use(drift)} of {limit(drift)}.\n{now}."
        case None:
            return f"✅ <b>{name(drift.name)} is back within its band</b>.\n{now}."


def _what_follows(fact: ev.DriftAlertsChanged, frame: Frame, vetoes: tuple[Reason, ...]) -> str:
    verdict = fact.verdict
    if verdict.fired:
        nothing = [r for r in verdict.reasons if r.code is ReasonCode.NOTHING_TO_TRADE]
        in_the_way = (*vetoes, *nothing)
        if not in_the_way:
            return "A plan follows."
        return f"No plan follows. {' '.join(sentence(reason, frame) for reason in in_the_way[:2])}"
    if not verdict.reasons or verdict.reasons[0].code is ReasonCode.DRIFT_WITHIN_THRESHOLD:
        return "Nothing is traded before a limit is passed."
    return f"No plan follows. {sentence(verdict.reasons[0], frame)}"


def calendar_answered(fact: ev.CalendarAnswered, frame: Frame, planned: bool) -> Message:
    """A date of the schedule: missed and offered, or answered. `planned`: a plan came of it, whose card follows."""
    date = figures.moment(fact.date, frame)
    if fact.missed:
        html = f"📅 <b>The date {date} was missed</b>, too long ago to be made good unasked. Run it now?"
        return Message(html, ((RUN_NOW,),))
    follows = "A plan follows." if planned else "Nothing was to be traded."
    return Message(f"📅 The date {date} has come. {follows}", silent=True)


def cash_flow_seen(fact: ev.CashFlowSeen, frame: Frame) -> Message:
    """A deposit that a venue recorded."""
    flow = fact.cash_flow
    return Message(
        f"💰 <b>{figures.units(flow.quantity, flow.asset)} came in</b> on {name(flow.venue)} at "
        f"{figures.moment(flow.at, frame)}.\nNew cash buys first what is underweight, without a sale.",
        ((PORTFOLIO,),),
    )


@exact
def vetoes_changed(fact: ev.VetoesChanged, frame: Frame) -> Message:
    """What keeps every plan from being made, or that nothing does any more."""
    if not fact.vetoes:
        return Message("✅ <b>Plans can be made again.</b> What stood in the way is gone.", silent=True)
    return Message(fitting(lambda room: _vetoes_text(fact.vetoes, frame, room)), ((DRIFT, HEALTH),))


def _vetoes_text(vetoes: tuple[Reason, ...], frame: Frame, room: int) -> str:
    rest = len(vetoes) - room
    return paragraphs(
        "⚠️ <b>No plan can be made</b>",
        lines(*(f"• {sentence(veto, frame)}" for veto in vetoes[:room])),
        f"and {figures.count(rest)} more" if rest > 0 else "",
        "I go on looking, and say when it is over. If an asset is traded nowhere, check its name in the targets, "
        "or add a venue that trades it.",
    )


def venue_health(fact: ev.VenueHealthChanged, frame: Frame) -> Message:
    """A venue that stopped or began to answer, or that can be relied on less or more than before."""
    who, said = name(fact.venue), f": {problem(fact.problem)}" if fact.problem else ""
    match fact.health:
        case VenueHealth.HEALTHY:
            return Message(f"✅ <b>{who} is well again.</b> It takes part in plans.", silent=True)
        case VenueHealth.UNREACHABLE:
            what = f"⚠️ <b>{who} is out of reach</b>{said}."
            after = "Its last known balances are shown. No new plan is made without it; one that you approved goes on."
            return Message(f"{what}\n{after} It is asked again at every look.", ((HEALTH,),))
        case VenueHealth.DEGRADED:
            why = listed([sentence(reason, frame) for reason in fact.reasons], 4)
            after = "No new plan uses it until it is well again; one that you approved goes on."
            return Message(lines(f"⚠️ <b>{who} works badly</b>{said}.", *why, after), ((VENUES,),))
        case VenueHealth.REFERENCE:
            return Message(f"📈 <b>{who}</b> tells prices, and nothing else.", silent=True)
        case VenueHealth.WATCHED | VenueHealth.IN_TRANSIT:
            return Message(f"👁 <b>{who}</b> is counted, and never traded.", silent=True)
        case VenueHealth.HALTED:
            return venue_halted(fact, frame)


def paused(fact: ev.PlanningPaused, frame: Frame, who: str) -> Message:
    """Planning is paused. `who` is the person's name."""
    until = f"until {figures.moment(fact.until, frame)}" if fact.until else "until somebody resumes it"
    html = f"⏸ <b>Planning is paused</b> by {name(who)}, {until}.\nDrift is still watched; a plan under way goes on."
    return Message(html, ((RESUME,),))


def resumed(who: str) -> Message:
    """Planning goes on. `who` is the person's name."""
    return Message(f"▶️ <b>Planning goes on</b>, says {name(who)}.", silent=True)


def killed(who: str) -> Message:
    """The kill switch was pulled. `who` is the person's name, or the program's."""
    return Message(
        f"🛑 <b>Everything is stopped</b>, by {name(who)}.\nNothing is sent, what rests is cancelled, and no plan is "
        "made, also after a restart. Positions stay as they are. /resume asks whether to begin again.",
        ((HEALTH,),),
    )


def revived(who: str) -> Message:
    """Trading begins again."""
    return Message(f"▶️ <b>Trading begins again</b>, says {name(who)}. Plans are made at the next look.")


def member_added(fact: ev.MemberAdded) -> Message:
    """A person may use the bot from now on."""
    return Message(f"👤 <b>{name(fact.name)}</b> (id {fact.user}) may use this bot now, as {fact.role}.")


@exact
def plan_expired(plan: PlanId, fact: ev.PlanExpired, frame: Frame, quiet_until: datetime) -> Message:
    """A proposal whose time is over. Nobody looks at a card that stands far above."""
    why = sentence(fact.reasons[0], frame) if fact.reasons else "Nobody approved it in time."
    until = f"until {figures.moment(quiet_until, frame)}, unless drift grows by a fifth of its limit"
    html = lines(
        f"⌛ <b>{title_of(plan)} expired.</b> {why} Nothing was traded.",
        f"Nothing is proposed again {until}; Rebalance asks for a plan now.",
    )
    return Message(html, ((REBALANCE, DRIFT),))


@exact
def plan_withdrawn(plan: PlanId, fact: ev.PlanSuperseded, frame: Frame) -> Message:
    """A plan that was approved and is not carried out as it was: its successor must be looked at again."""
    why = listed([sentence(reason, frame) for reason in fact.reasons], 3)
    follows = " Its fresh card follows: please look again." if fact.by_plan else ""
    return Message(lines(f"🔁 <b>{title_of(plan)} was not started.</b>", *why, f"Nothing was traded.{follows}"))


@exact
def plan_paused(plan: PlanId, fact: ev.ExecutionPaused, frame: Frame) -> Message:
    """A plan under way stands still, and a person must decide."""
    said = listed([sentence(reason, frame) for reason in fact.reasons], 5)
    keyboard: Keyboard = ((RESUME, HEALTH),)
    after = "Nothing more is sent. Resume goes on with it; its card can stop it."
    return Message(lines(f"⏸ <b>{title_of(plan)} stands still.</b>", *said, after), keyboard)


@exact
def order_unconfirmed(fact: ev.OrderUnconfirmed, order: OrderRequest) -> Message:
    """A venue may have taken an order and did not say."""
    return Message(
        f"❔ <b>{name(order.venue)} did not confirm an order</b> ({order.side} "
        f"{figures.units(order.quantity, order.base)}): {problem(fact.problem)}.\n"
        "It is looked up before anything else is sent; it is never placed twice.",
        silent=True,
    )


@exact
def order_quarantined(plan: PlanId, order: OrderRequest) -> Message:
    """Only a person can tell what became of an order; until then its plan sends nothing."""
    html = paragraphs(
        f"🔎 <b>{name(order.venue)} does not tell what became of an order</b> ({order.side} "
        f"{figures.units(order.quantity, order.base)} at {figures.price(order.limit_price)} {name(order.quote)}).",
        lines(
            "Its silence proves nothing, so nothing more is sent for this plan. Please look at the exchange for the "
            "order with this id:",
            f"<code>{order.client_order_id}</code>",
        ),
        "If it is open there, cancel it. If it was filled, wait: I go on asking. If there is no such order, say so.",
    )
    return Message(html, ((Button("It is not there", gone_payload(plan, order.client_order_id), Style.DANGER),),))


@exact
def order_given_up(fact: ev.OrderGivenUp, order: OrderRequest) -> Message:
    """A person has said that an order is not there."""
    what = f"{order.side} {figures.units(order.quantity, order.base)} on {name(order.venue)}"
    return Message(f"✅ <b>The order is not there</b> ({what}), says {name(fact.name)}. The plan goes on.", silent=True)


@exact
def order_rejected(fact: ev.OrderRejected, order: OrderRequest) -> Message:
    """A venue refused an order."""
    said = fact.said or "no reason was given"
    return Message(
        f"⚠️ <b>{name(order.venue)} refused an order</b> ({order.side} "
        f"{figures.units(order.quantity, order.base)}): {problem(said)}.\n"
        "Its leg is over; the others go on, and the report says what was left."
    )
