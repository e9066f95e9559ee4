"""The time zone that people read times in: that of their schedule."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.config.settings import Settings


def zone_of(settings: Settings) -> ZoneInfo:
    """The policy's time zone."""
    return ZoneInfo(settings.policy.trigger.timezone)
