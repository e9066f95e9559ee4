"""How the bot itself is doing: the loop, the venues, the chat, the database. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from bot.chat.message import Button, Message
from bot.chat.payloads import ViewVerb, view_payload
from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import ends, fitting, lines, paragraphs, table
from bot.chat.render.names import cell, name, problem
from engine.model.portfolio import VenueHealth

if TYPE_CHECKING:
    from engine.api import EngineHealth, VenueState

VENUE_COLUMNS: Final = 16
NEVER: Final = "never"


@dataclass(frozen=True, slots=True)
class HealthView:
    """What is shown of the bot's health. A time that is None has not come yet; `database_bytes` is None if unknown."""

    engine: EngineHealth
    polled_at: datetime | None
    outbox_depth: int
    database_ok: bool
    database_bytes: int | None
    versions: tuple[tuple[str, str], ...] = ()


def health(view: HealthView, frame: Frame) -> Message:
    """The state of every part, worst news in words below the table."""
    refresh = Button("🔄 Refresh", view_payload(ViewVerb.HEALTH))
    return Message(fitting(lambda room: _text(view, frame, room)), ((refresh,),))


def _text(view: HealthView, frame: Frame, room: int) -> str:
    venues = view.engine.venues
    sick = [v for v in venues if v.health is not VenueHealth.HEALTHY]
    rest = len(venues) - room
    return paragraphs(
        f"🩺 <b>Health</b> · {figures.moment(frame.now, frame)}",
        lines("<b>Bot</b>", table(_bot_rows(view, frame))),
        lines(
            "<b>Venues</b>",
            table(row for venue in venues[:room] for row in _venue_rows(venue, frame))
            or "None has been looked at yet.",
            f"and {figures.count(rest)} more" if rest > 0 else "",
        ),
        lines(
            *(f"⚠️ {name(v.name)} is {v.health}{f': {problem(v.problem)}' if v.problem else ''}." for v in sick[:room])
        ),
        table(row for label, version in view.versions[:room] for row in ends(cell(label, 18), cell(version, 12))),
    )


def _bot_rows(view: HealthView, frame: Frame) -> list[str]:
    engine = view.engine
    up = NEVER if engine.started_at is None else figures.span(frame.now - engine.started_at)
    size = "" if view.database_bytes is None else f", {figures.megabytes(view.database_bytes)}"
    return [
        *ends("running for", up),
        *ends("last look", _ago(engine.evaluated_at, frame)),
        *ends("last poll of Telegram", _ago(view.polled_at, frame)),
        *ends("planning", "KILLED" if engine.killed else "paused" if engine.paused else "on"),
        *ends("executing", cell(engine.executing, 16) if engine.executing else "nothing"),
        *ends("still to be told", figures.count(view.outbox_depth)),
        *ends("database", f"{'ok' if view.database_ok else 'NOT OK'}{size}"),
    ]


def _venue_rows(venue: VenueState, frame: Frame) -> list[str]:
    took = figures.milliseconds(venue.took)
    return [
        *ends(cell(venue.name, VENUE_COLUMNS), venue.health.value),
        *ends("   answered", f"{_ago(venue.answered_at, frame)}, {took}"),
    ]


def _ago(at: datetime | None, frame: Frame) -> str:
    return NEVER if at is None else f"{figures.span(frame.now - at)} ago"
