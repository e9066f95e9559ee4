"""What people have said that keeps plans from being made, in one line: it stands under every view. Pure."""

from __future__ import annotations

from bot.chat.render import figures
from bot.chat.render.frame import Frame
from engine.model.decision import Standing


def standing_line(standing: Standing, frame: Frame) -> str:
    """The strongest of kill switch, pause, snooze and refusal, as HTML; empty where none of them holds."""
    if standing.killed is not None:
        since = figures.moment(standing.killed.since, frame)
        return f"🛑 Everything is stopped since {since}: /resume asks whether to begin again."
    pause, refusal = standing.pause, standing.refusal
    if pause is not None and (pause.until is None or frame.now < pause.until):
        until = f"until {figures.moment(pause.until, frame)}" if pause.until else "before /resume"
        return f"⏸ No new plans {until}."
    if refusal is None or frame.now >= refusal.quiet_until:
        return ""
    until = figures.moment(refusal.quiet_until, frame)
    if refusal.snoozed_until is not None:
        return f"💤 Snoozed until {until}."
    return f"✖️ The last plan was rejected or expired: nothing is proposed until {until}, unless drift grows by a fifth."
