"""The venues as people see them: how far each can be relied on, why, and what lies there. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat.guard_payloads import resume_payload
from bot.chat.message import Button, Keyboard, Message, Style
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import ends, fitting, lines, listed, paragraphs, table
from bot.chat.render.names import bare, cell, name, problem
from bot.chat.render.reasons import sentence
from engine.model import events as ev
from engine.model.ids import VenueName
from engine.model.money import exact
from engine.model.portfolio import VenueHealth
from engine.model.reasons import ReasonCode
from engine.model.venue_signals import Signal, VenueSignals

if TYPE_CHECKING:
    from engine.api import VenueLine

MARKS: Final = {
    VenueHealth.HEALTHY: "🟢",
    VenueHealth.DEGRADED: "🟠",
    VenueHealth.HALTED: "🔴",
    VenueHealth.UNREACHABLE: "⚫",
}
MOST_BUTTONS: Final = 6
SAID: Final = frozenset({ReasonCode.HEALTH_AWAITS_PERSON, ReasonCode.HEALTH_BLIND})
"""What a halt says in its own words, or is no reason for it."""
UNKNOWN: Final = "unknown"


@exact
def venues(found: tuple[VenueLine, ...], frame: Frame) -> Message:
    """Every venue, the worst news in words below its figures."""
    return Message(fitting(lambda room: _text(found, frame, room)), _keyboard(found))


def _text(found: tuple[VenueLine, ...], frame: Frame, room: int) -> str:
    rest = len(found) - room
    return paragraphs(
        f"🏦 <b>Venues</b> · {figures.moment(frame.now, frame)}",
        *(_venue(line, frame, room) for line in found[:room]),
        f"and {figures.count(rest)} more" if rest > 0 else "",
        "" if found else "None has been looked at yet.",
    )


def _venue(line: VenueLine, frame: Frame, room: int) -> str:
    points = "" if line.score is None else f", {figures.count(line.score)} of 100 points against it"
    said = [sentence(why, frame) for why in line.state.reasons]
    unreachable = line.state.health is VenueHealth.UNREACHABLE
    return lines(
        f"{MARKS.get(line.state.health, '⚪')} <b>{name(line.state.venue)}</b> · {line.state.health}{points}",
        table(_rows(line, frame)),
        f"It does not answer: {problem(line.state.problem)}." if unreachable and line.state.problem else "",
        *listed(said, min(room, 5)),
    )


def _rows(line: VenueLine, frame: Frame) -> list[str]:
    signals = line.signals
    rows = ends("lies there", UNKNOWN if line.worth is None else figures.money(line.worth, frame.numeraire))
    if signals is None:
        return rows
    return [
        *rows,
        *ends("answers in", _latency(signals)),
        *ends("bad calls", _calls(signals)),
        *ends("clock apart", UNKNOWN if signals.clock_skew is None else figures.milliseconds(abs(signals.clock_skew))),
        *ends("in service", _status(signals)),
        *ends("withdrawals", _coins(signals)),
        *ends("pending since", _pending(signals, frame)),
        *ends("key", _key(signals)),
    ]


def _latency(signals: VenueSignals) -> str:
    if signals.latency_p95 is None:
        return UNKNOWN
    usual = "" if signals.latency_usual is None else f", mostly {figures.milliseconds(signals.latency_usual)}"
    return f"{figures.milliseconds(signals.latency_p95)}{usual}"


def _calls(signals: VenueSignals) -> str:
    calls = signals.calls
    return UNKNOWN if calls is None else f"{figures.count(calls.all_failed)} of {figures.count(calls.looked_at)}"


def _status(signals: VenueSignals) -> str:
    if signals.online is None:
        return UNKNOWN
    return "yes" if signals.online else f"NO: {cell(signals.status, 12)}"


def _coins(signals: VenueSignals) -> str:
    if not signals.tells(Signal.COINS):
        return UNKNOWN
    shut = [cell(coin.asset, 8) for coin in signals.coins if coin.withdraw is False]
    return f"closed: {', '.join(shut[:3])}{'…' if len(shut) > 3 else ''}" if shut else "open"


def _pending(signals: VenueSignals, frame: Frame) -> str:
    if not signals.tells(Signal.WITHDRAWALS):
        return UNKNOWN
    return "nothing" if signals.pending_since is None else figures.span(frame.now - signals.pending_since)


def _key(signals: VenueSignals) -> str:
    if not signals.tells(Signal.KEY):
        return UNKNOWN
    if signals.rights_gained:
        return "MORE RIGHTS"
    return "cannot be used" if signals.key_problem else "trade only"


def _keyboard(found: tuple[VenueLine, ...]) -> Keyboard:
    halted = [line.state.venue for line in found if line.state.health is VenueHealth.HALTED]
    found_buttons = [_resume_button(venue) for venue in halted]
    return tuple((button,) for button in found_buttons[:MOST_BUTTONS] if button is not None)


def _resume_button(venue: VenueName) -> Button | None:
    """None for a venue whose name no button can carry: /venues resume NAME does the same."""
    payload = resume_payload(venue)
    return Button(f"▶ Use {bare(venue, 12)} again", payload, Style.DANGER) if payload else None


@exact
def venue_halted(fact: ev.VenueHealthChanged, frame: Frame) -> Message:
    """A venue that cannot be relied on any more: what lies there, and what a person can do about it."""
    button = _resume_button(fact.venue)
    return Message(fitting(lambda room: _halted_text(fact, frame, room)), ((button,),) if button else ())


def _halted_text(fact: ev.VenueHealthChanged, frame: Frame, room: int) -> str:
    worth = "" if fact.worth is None else f", worth {figures.money(fact.worth, frame.numeraire)}"
    held = [figures.units(quantity, asset) for asset, quantity in fact.holdings]
    closed = any(why.code is ReasonCode.HEALTH_WITHDRAWALS_CLOSED for why in fact.reasons)
    why = [sentence(each, frame) for each in fact.reasons if each.code not in SAID]
    out = (
        "Withdrawals are closed there: try the coins and networks that are still open, and its support."
        if closed
        else "I cannot withdraw, by design. If you do not trust it any more: log in at the exchange and withdraw to an "
        "address of your own, the largest first; try a small amount before."
    )
    return paragraphs(
        f"🛑 <b>{name(fact.venue)} is halted.</b> No plan uses it, and open orders there are cancelled.",
        lines(*listed(why, min(room, 5))),
        lines(f"<b>At risk there{worth}</b>", *listed(held, room)) if held else "Nothing of yours lies there.",
        out if held else "",
        "It stays so until one of you says that it may be used again. /venues shows how it is.",
    )


def venue_resumed(fact: ev.VenueResumed) -> Message:
    """A person lets plans use a venue again."""
    venue = fact.standing.venue
    return Message(
        f"▶️ <b>{name(venue)} is used again</b>, says {name(fact.name)}. What is wrong with it now is accepted; "
        "it counts again when it gets worse."
    )
