"""How loudly people are told of what: the card with a button for each kind, and the word when somebody chose. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.chat.manner_payloads import notify_payload
from bot.chat.message import Button, Message
from bot.chat.render.layout import paragraphs, table
from bot.chat.render.names import name
from engine.model import events as ev
from engine.model.notices import NEVER_OFF, Loudness, LoudnessChoices, NoticeKind, loudness_of

ABOUT: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.PLAN: "to approve",
    NoticeKind.DRIFT: "limits, dates",
    NoticeKind.PROGRESS: "single orders",
    NoticeKind.REPORT: "what was traded",
    NoticeKind.RISK: "kill, halts",
    NoticeKind.QUESTION: "needs your word",
    NoticeKind.VENUE: "up and down",
    NoticeKind.BALANCE: "money that moved",
    NoticeKind.OTHER: "all the rest",
}
"""In so few words that a row fits a phone: nine columns for the kind, sixteen for this, seven for how loud it is."""
SIGNS: Final[Mapping[Loudness, str]] = {Loudness.LOUD: "🔔", Loudness.SILENT: "🔕", Loudness.OFF: "🚫"}
NOT_OFF: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.PLAN: "Plans that wait for approval are always told",
    NoticeKind.RISK: "Halts, guards and the kill switch are always told",
    NoticeKind.QUESTION: "What stands still until somebody says a word is always told",
    NoticeKind.OTHER: "What has no kind of its own is always told",
}


def loudness_card(chosen: LoudnessChoices) -> Message:
    """Each kind with how loud it is, and a button that makes it the next louder or quieter."""
    rows = [f"{kind:<9}{ABOUT[kind]:<16}{loudness_of(chosen, kind):>7}" for kind in NoticeKind]
    always = ", ".join(kind for kind in NoticeKind if kind in NEVER_OFF)
    html = paragraphs(
        "🔔 <b>What I tell, and how loudly</b>",
        table(rows),
        f"Loud: with a sound, but small news makes none. Silent: without one. Off: not sent; {always} are never off.",
        "It holds for everyone who uses this bot. /quiet chooses the hours in which nothing makes a sound.",
    )
    return Message(html, tuple((_button(chosen, kind),) for kind in NoticeKind))


def never_off(kind: NoticeKind) -> str:
    """Why a kind cannot be switched off, and what can be done instead; plain text, also for a toast."""
    return f"{NOT_OFF[kind]}, so {kind} cannot be off. /notify {kind} silent takes its sound away."


def chosen(fact: ev.LoudnessChosen) -> Message:
    """To the others: somebody chose for everyone."""
    html = f"{SIGNS[fact.loudness]} <b>{fact.kind} is {fact.loudness}</b> now, says {name(fact.name)}."
    return Message(f"{html} /notify shows it all.", silent=True)


def _button(chosen: LoudnessChoices, kind: NoticeKind) -> Button:
    now = loudness_of(chosen, kind)
    steps = [loudness for loudness in Loudness if loudness is not Loudness.OFF or kind not in NEVER_OFF]
    following = steps[(steps.index(now) + 1) % len(steps)]
    return Button(f"{SIGNS[now]} {kind}: {now} → {following}", notify_payload(kind, following))
