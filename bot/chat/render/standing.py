"""What people have said that keeps plans from being made, and to which targets they lead: under every view. Pure."""

from __future__ import annotations

from bot.chat.render import figures
from bot.chat.render.frame import Frame
from bot.chat.render.layout import lines
from bot.chat.render.names import name
from engine.model.decision import Standing


def standing_line(standing: Standing, frame: Frame) -> str:
    """What holds plans up, and whether targets are others than the policy's, as HTML; empty where neither is so."""
    return lines(_held_up(standing, frame), _targets(standing, frame))


def _targets(standing: Standing, frame: Frame) -> str:
    adopted = standing.models.adopted
    if adopted is None:
        return ""
    since = figures.moment(adopted.since, frame)
    return f"🎯 Other targets than your policy's hold since {since}, by {name(adopted.by)}: /models."


def _held_up(standing: Standing, frame: Frame) -> str:
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
