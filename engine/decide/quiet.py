"""The quiet hours: when nobody is to be woken, and what becomes of a card that waits through them. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from engine.model.decision import Standing
from engine.model.policy import Policy, QuietHours


class Renewal(StrEnum):
    """How a proposal that nobody answered is made anew."""

    IN_PLACE = "in_place"
    """At night: the same message with fresh figures, without a sound."""
    ALOUD = "aloud"
    """In the morning: a message of its own, for whoever has slept through the first."""


def quiet_hours(policy: Policy, standing: Standing) -> QuietHours | None:
    """The quiet hours in force: those that people chose in the chat, else the policy's; None: there are none."""
    return standing.quiet.hours if standing.quiet is not None else policy.quiet


def is_quiet(policy: Policy, standing: Standing, now: datetime) -> bool:
    """Whether an instant lies in the quiet hours in force, by the clock of the policy's time zone."""
    quiet = quiet_hours(policy, standing)
    if quiet is None:
        return False
    clock = now.astimezone(ZoneInfo(policy.trigger.timezone)).time()
    if quiet.begin <= quiet.end:
        return quiet.begin <= clock < quiet.end
    return clock >= quiet.begin or clock < quiet.end


def renewal(
    policy: Policy, standing: Standing, proposed_at: datetime, expires_at: datetime, now: datetime
) -> Renewal | None:
    """How a proposal is to be made anew now; None where it is left to wait, or to expire."""
    if is_quiet(policy, standing, now):
        return Renewal.IN_PLACE if now >= expires_at else None
    return Renewal.ALOUD if is_quiet(policy, standing, proposed_at) else None
