"""What is told and asked about balances: unexplained changes, what is on its way, what was declared. Pure.

A question says what changed, what can be done about it with one press, and what happens if nothing is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.chat.message import Button, Keyboard, Message, Style
from bot.chat.payloads import MOST_BYTES, ViewVerb, forget_payload, said_payload, view_payload, where_payload
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import fitting, lines, listed, paragraphs
from bot.chat.render.names import bare, name
from engine.model import events as ev
from engine.model.decision import Standing
from engine.model.ids import VenueName
from engine.model.ledger import DECLARED_FOR, BalanceChange, Declaration, Explanation, Question, Transit
from engine.model.money import exact

SHOWN_CHANGES: Final = 6
SHOWN_VENUES: Final = 5
PORTFOLIO: Final = Button("Portfolio", view_payload(ViewVerb.PORTFOLIO))
QUESTIONS: Final = Button("Questions", view_payload(ViewVerb.QUESTIONS))
LABELS: Final[dict[Explanation, str]] = {
    Explanation.DEPOSIT: "💰 New money",
    Explanation.WITHDRAWAL: "📤 I took it out",
    Explanation.OWN_TRADE: "🔁 My own trade",
    Explanation.REWARD: "🎁 Reward, interest",
    Explanation.FEE: "🧾 A fee",
}
SAID: Final[dict[Explanation, str]] = {
    Explanation.DEPOSIT: "new money: it buys first what is underweight",
    Explanation.WITHDRAWAL: "taken out of the portfolio",
    Explanation.OWN_TRADE: "a trade of your own",
    Explanation.REWARD: "a reward or interest",
    Explanation.FEE: "a fee",
    Explanation.TRANSFER: "on its way to another venue: it counts, and is not traded before it arrives",
}


@exact
def question(asked: Question, frame: Frame, venues: Sequence[VenueName]) -> Message:
    """A change that nothing explains, with a button for everything it can have been."""
    changed = listed([_change(change) for change in asked.changes], SHOWN_CHANGES)
    html = paragraphs(
        lines(
            f"❓ <b>A change on {name(asked.venue)} that I cannot explain</b> · {figures.moment(asked.since, frame)}",
            *changed,
        ),
        "None of my orders did this, and the venue has no record of it that I can see. Was it you?",
        f"Until you say, no plan uses {name(asked.venue)}; the others go on. If it was not you: /kill now, then delete "
        "the key at the exchange.",
    )
    return Message(html, _answers(asked, venues))


def _change(change: BalanceChange) -> str:
    sign = "+" if change.quantity > 0 else ""
    return f"{sign}{figures.units(change.quantity, change.asset)}"


def _answers(asked: Question, venues: Sequence[VenueName]) -> Keyboard:
    said = [Button(LABELS[e], said_payload(asked, e)) for e in asked.fitting if e in LABELS]
    others = [v for v in venues if v != asked.venue] if Explanation.TRANSFER in asked.fitting else []
    moved = [
        Button(f"🚚 To {bare(v, 16)}", said_payload(asked, Explanation.TRANSFER, v)) for v in others[:SHOWN_VENUES]
    ]
    # Telegram would refuse the whole message for one button that carries too much; /answer says the same.
    return _in_pairs([button for button in (*said, *moved) if len(button.payload.encode()) <= MOST_BYTES])


def _in_pairs(buttons: Sequence[Button]) -> Keyboard:
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))


@exact
def answered(fact: ev.ChangeAnswered, frame: Frame) -> Message:
    """The question with its answer: it keeps its text, and loses its buttons."""
    asked = fact.question
    where = f" ({name(fact.to_venue)})" if fact.to_venue else ""
    html = lines(
        f"✅ <b>The change on {name(asked.venue)}</b> of {figures.moment(asked.since, frame)}",
        *listed([_change(change) for change in asked.changes], SHOWN_CHANGES),
        f"{name(fact.name)} says: {SAID[fact.explanation]}{where}.",
        f"{name(asked.venue)} takes part in plans.",
    )
    return Message(html, silent=True)


@exact
def resolved(fact: ev.ChangeResolved, frame: Frame) -> Message:
    """The question is over by itself."""
    asked = fact.question
    return Message(
        f"✅ <b>The change on {name(asked.venue)}</b> of {figures.moment(asked.since, frame)} is explained by the "
        "venue's own records now, or has gone. It takes part in plans.",
        silent=True,
    )


@exact
def withdrawal_seen(fact: ev.WithdrawalSeen, venues: Sequence[VenueName], frame: Frame) -> Message:
    """Money that left a venue, as the venue says: where does it go?"""
    w = fact.withdrawal
    fee = f" and {figures.units(w.fee, w.asset)} fee" if w.fee else ""
    html = paragraphs(
        f"📤 <b>{figures.units(w.quantity, w.asset)}{fee} left {name(w.venue)}</b> at {figures.moment(w.at, frame)}. "
        "Where does it go?",
        "Until you say, or it arrives, I count it as on its way and trade nothing for it.",
    )
    return Message(html, _destinations(fact.transit, venues))


def _destinations(transit: Transit, venues: Sequence[VenueName]) -> Keyboard:
    others = [v for v in venues if v != transit.from_venue][:SHOWN_VENUES]
    to_own = [Button(f"🚚 To {bare(v, 16)}", where_payload(transit, v)) for v in others]
    return _in_pairs([*to_own, Button("📤 Out of the portfolio", where_payload(transit, None))])


@exact
def where_answered(fact: ev.TransitAnswered) -> Message:
    """The withdrawal with its answer."""
    t = fact.transit
    what = f"{figures.units(t.quantity, t.asset)} from {name(t.from_venue)}"
    if fact.to_venue is None:
        end = "gone from the portfolio. If it lies in a wallet of yours, list it under [watched] to have it counted"
        return Message(f"✅ <b>{what}</b>: {name(fact.name)} says it is {end}.", silent=True)
    after = "It counts, and is not traded before it arrives."
    return Message(
        f"🚚 <b>{what}</b> is on its way to {name(fact.to_venue)}, says {name(fact.name)}. {after}", silent=True
    )


@exact
def withdrawal_returned(fact: ev.WithdrawalReturned) -> Message:
    """A withdrawal that came to nothing."""
    w = fact.withdrawal
    return Message(
        f"↩️ <b>{figures.units(w.taken, w.asset)} are back on {name(w.venue)}</b>: the withdrawal did not go through.",
        ((PORTFOLIO,),),
        silent=True,
    )


@exact
def arrived(fact: ev.TransferArrived) -> Message:
    """What was on its way is there."""
    left = fact.transit.quantity - fact.arrived.quantity
    fee = f"; {figures.units(left, fact.transit.asset)} stayed on the way" if left > 0 else ""
    return Message(
        f"🚚 <b>{figures.units(fact.arrived.quantity, fact.arrived.asset)} arrived on {name(fact.venue)}</b> from "
        f"{name(fact.transit.from_venue)}{fee}. It is no new money.",
        ((PORTFOLIO,),),
        silent=True,
    )


@exact
def transfer_noticed(fact: ev.TransferNoticed) -> Message:
    """A transfer between own venues that was seen at both ends at once."""
    fee = -fact.left.quantity - fact.arrived.quantity
    stayed = f"; {figures.units(fee, fact.left.asset)} stayed on the way" if fee else ""
    return Message(
        f"🚚 <b>{figures.units(fact.arrived.quantity, fact.arrived.asset)} went from {name(fact.from_venue)} to "
        f"{name(fact.to_venue)}</b>{stayed}. It is no new money.",
        ((PORTFOLIO,),),
        silent=True,
    )


@exact
def declared(what: Declaration) -> Message:
    """To the person who told of a movement in advance."""
    html = lines(
        f"📝 Noted: {_movement(what)}.",
        f"When the balances show it, I book it without asking. It is forgotten after {DECLARED_FOR.days} days.",
    )
    return Message(html, ((Button("Forget it", forget_payload(what), Style.DANGER), QUESTIONS),))


def _movement(what: Declaration) -> str:
    source = f" from {name(what.from_venue)}" if what.from_venue else ""
    goal = f" to {name(what.to_venue)}" if what.to_venue else ""
    return f"{figures.units(what.quantity, what.asset)}{source}{goal}"


@exact
def open_matters(standing: Standing, frame: Frame) -> Message:
    """All that waits for a person's word or for an arrival."""
    return Message(fitting(lambda room: _matters(standing, frame, room)), ((PORTFOLIO,),))


def _matters(standing: Standing, frame: Frame, room: int) -> str:
    questions = [
        f"<code>{q.id}</code> {name(q.venue)}: {', '.join(_change(c) for c in q.changes[:3])}"
        for q in standing.questions
    ]
    transits = [_transit(t, frame) for t in standing.transits]
    told = [f"<code>{d.id}</code> {_movement(d)}" for d in standing.declared]
    if not (questions or transits or told):
        return (
            "👌 Nothing waits for your word: the balances are what my books say.\n\n"
            "/moved 500 USDT to kraken tells me of money in advance; "
            "/moved 0.1 BTC from kraken to binance of a transfer."
        )
    return paragraphs(
        lines("❓ <b>Changes to explain</b>", *listed(questions, room), HOW_TO_ANSWER) if questions else "",
        lines("🚚 <b>On its way</b>", *listed(transits, room)) if transits else "",
        lines("📝 <b>Told in advance</b>", *listed(told, room)) if told else "",
    )


HOW_TO_ANSWER: Final = (
    "Press a button on its message, or write /answer id word, with deposit, withdrawal, trade, reward, fee, "
    "or transfer and the venue."
)


def _transit(transit: Transit, frame: Frame) -> str:
    goal = f"to {name(transit.to_venue)}" if transit.to_venue else "where to is not said"
    return (
        f"<code>{transit.handle}</code> {figures.units(transit.quantity, transit.asset)} from "
        f"{name(transit.from_venue)}, {goal}, since {figures.moment(transit.since, frame)}"
    )
