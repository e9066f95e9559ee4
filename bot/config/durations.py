"""Durations as people write them: a whole number and its unit, such as 45s, 30m, 24h or 7d."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

LONGEST: Final = timedelta(days=3650)
SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
WRITTEN: Final = re.compile(r"([0-9]{1,9})([smhd])")
REMEDY: Final = 'write a whole number and its unit s, m, h or d in quotes, such as "45s", "30m", "24h" or "7d"'


def duration(text: object) -> timedelta:
    """Read a duration. Raises ValueError, which says what would be right."""
    match = WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"is no duration; {REMEDY}")
    seconds = int(match[1]) * SECONDS[match[2]]
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"is longer than ten years; {REMEDY}")
    return timedelta(seconds=seconds)
