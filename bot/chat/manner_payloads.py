"""What buttons carry on the cards of loudness and quiet hours: `v1:notify:drift:silent`, `v1:quiet:2230-0700`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Final

from engine.model.notices import Loudness, NoticeKind
from engine.model.policy import QuietHours

NOTIFY: Final = re.compile(r"v1:notify:([a-z]+):([a-z]+)")
HOURS: Final = re.compile(r"v1:quiet:([01][0-9]|2[0-3])([0-5][0-9])-([01][0-9]|2[0-3])([0-5][0-9])")
QUIET: Final = re.compile(r"v1:quiet:([a-z]+)")


class QuietWord(StrEnum):
    """What can be said of the quiet hours besides the hours themselves."""

    OFF = "off"
    FILE = "file"
    """Those of the policy file again."""


@dataclass(frozen=True, slots=True)
class NotifyPress:
    """A kind of message is to be so loud: what is wanted, not a step, so that a second press changes nothing."""

    kind: NoticeKind
    loudness: Loudness


@dataclass(frozen=True, slots=True)
class QuietPress:
    """The quiet hours are to be these, or none, or those of the file."""

    wanted: QuietHours | QuietWord


MannersPress = NotifyPress | QuietPress


def notify_payload(kind: NoticeKind, loudness: Loudness) -> str:
    """What a button carries that makes a kind so loud."""
    return f"v1:notify:{kind}:{loudness}"


def quiet_payload(wanted: QuietHours | QuietWord) -> str:
    """What a button carries that chooses the quiet hours."""
    if isinstance(wanted, QuietHours):
        return f"v1:quiet:{wanted.begin:%H%M}-{wanted.end:%H%M}"
    return f"v1:quiet:{wanted}"


def parse_manners(payload: str) -> MannersPress | None:
    """Read what a button carried. None for anything that none of these ever did."""
    if match := NOTIFY.fullmatch(payload):
        kind, loudness = match.groups()
        if kind in set(NoticeKind) and loudness in set(Loudness):
            return NotifyPress(NoticeKind(kind), Loudness(loudness))
    elif match := HOURS.fullmatch(payload):
        begin_hour, begin_minute, end_hour, end_minute = (int(part) for part in match.groups())
        return QuietPress(QuietHours(time(begin_hour, begin_minute), time(end_hour, end_minute)))
    elif (match := QUIET.fullmatch(payload)) and match[1] in set(QuietWord):
        return QuietPress(QuietWord(match[1]))
    return None
