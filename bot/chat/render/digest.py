"""What was missed while Telegram was away: one message with a line for each thing, instead of an hour's worth. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.chat.message import Button, Message
from bot.chat.payloads import ViewVerb, view_payload
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import fitting, lines, paragraphs


def digest(missed: Sequence[tuple[datetime, Message]], frame: Frame) -> Message:
    """The first line of each message with its time, newest last; what is open now has messages of its own."""
    keyboard = ((Button("Portfolio", view_payload(ViewVerb.PORTFOLIO)), Button("Drift", view_payload(ViewVerb.DRIFT))),)
    return Message(fitting(lambda room: _text(missed, frame, room)), keyboard)


def _text(missed: Sequence[tuple[datetime, Message]], frame: Frame, room: int) -> str:
    shown = missed[-room * 3 :]
    rest = len(missed) - len(shown)
    begin, end = figures.moment(missed[0][0], frame), figures.moment(missed[-1][0], frame)
    when = begin if begin == end else f"{begin} to {end}"
    said = [f"{figures.moment(at, frame)} {message.html.partition(chr(10))[0]}" for at, message in shown]
    return paragraphs(
        f"📬 <b>What you missed</b>, {when}: I could not reach you.",
        lines(f"({figures.count(rest)} earlier)" if rest > 0 else "", *said),
    )
