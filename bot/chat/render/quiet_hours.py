"""The quiet hours: the card that shows and changes them, and the word when somebody chose. Pure."""

from __future__ import annotations

from datetime import time
from typing import Final

from bot.chat.manner_payloads import QuietWord, quiet_payload
from bot.chat.message import Button, Message
from bot.chat.render.frame import Frame
from bot.chat.render.layout import paragraphs
from bot.chat.render.names import name
from engine.model import events as ev
from engine.model.policy import QuietHours

COMMON: Final = (QuietHours(time(22), time(7)), QuietHours(time(23), time(8)))
"""What people choose most; any other is typed."""


def quiet_card(hours: QuietHours | None, frame: Frame, *, from_file: bool) -> Message:
    """The hours in force, what happens in them, and buttons for others. `from_file`: nobody chose them in the chat."""
    source = "as the policy file says" if from_file else "chosen in this chat"
    heading = f"🌙 <b>Quiet hours: {_words(hours, frame)}</b>, {source}."
    what = (
        "In them messages come without a sound, and a plan that nobody answers is refreshed in its card until the "
        "morning, when it is asked again. Heard all the same: a venue that is halted, the kill switch, and a plan that "
        "a risk rule asks for."
    )
    how = "Others: /quiet 22:30 07:00. They hold for everyone who uses this bot."
    hours_row = tuple(Button(f"🌙 {_span(common)}", quiet_payload(common)) for common in COMMON)
    words_row = (
        Button("🔔 Off", quiet_payload(QuietWord.OFF)),
        Button("📄 As in the file", quiet_payload(QuietWord.FILE)),
    )
    return Message(paragraphs(heading, what, how), (hours_row, words_row))


def chosen(fact: ev.QuietChosen, of_policy: QuietHours | None, frame: Frame) -> Message:
    """To the others: somebody chose for everyone. `of_policy` are the hours that the file names."""
    hours = of_policy if fact.from_file else fact.quiet
    source = "those of the policy file again, says" if fact.from_file else "chosen by"
    return Message(f"🌙 <b>Quiet hours: {_words(hours, frame)}</b>, {source} {name(fact.name)}.", silent=True)


def _words(hours: QuietHours | None, frame: Frame) -> str:
    return f"{_span(hours)} {name(str(frame.zone))}" if hours is not None else "none"


def _span(hours: QuietHours) -> str:
    return f"{hours.begin:%H:%M} to {hours.end:%H:%M}"
