"""How a holding period is written: anniversary, days:365, seconds:31536000 or none."""

from __future__ import annotations

from typing import Final

from bot.config.mistakes import shown
from engine.model.holding import Holding, HoldingKind

WITH_LENGTH: Final = frozenset({HoldingKind.DAYS, HoldingKind.SECONDS})
MOST_DIGITS: Final = 11


def holding_rule(text: str) -> Holding:
    """Read a holding period. Raises ValueError, which says what would be right."""
    name, _, length = text.partition(":")
    if name in set(HoldingKind) and (HoldingKind(name) in WITH_LENGTH) == bool(length):
        if not length:
            return Holding(HoldingKind(name))
        if length.isdecimal() and len(length) < MOST_DIGITS:
            return Holding(HoldingKind(name), int(length))
    raise ValueError(f"expected anniversary, days:365, seconds:31536000 or none, got {shown(text)}")


def holding_text(text: str) -> str:
    """Check a holding period. Raises ValueError."""
    holding_rule(text)
    return text
