"""How loudly people are told of what: kinds of messages, how loud each is, and the quiet hours they chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.model.policy import QuietHours


class NoticeKind(StrEnum):
    """What a message is about."""

    PLAN = "plan"
    """A plan that waits for approval, and what becomes of it."""
    DRIFT = "drift"
    """Drifts near and beyond their limits, and dates of the schedule."""
    PROGRESS = "progress"
    """Single orders of a plan under way."""
    REPORT = "report"
    """What a plan came to, and what else is worth a look."""
    RISK = "risk"
    """The kill switch, halted venues, and guards of the portfolio."""
    QUESTION = "question"
    """Something stands still, or its place is unknown, until a person says a word."""
    VENUE = "venue"
    """A venue that stops or begins to answer."""
    BALANCE = "balance"
    """Money that came, went or moved, and needs no word."""
    OTHER = "other"
    """All the rest: pauses, people, choices like these."""


class Loudness(StrEnum):
    """How a kind of message arrives."""

    LOUD = "loud"
    """With a sound; what is small news makes none all the same."""
    SILENT = "silent"
    """Without a sound."""
    OFF = "off"
    """Not at all."""


NEVER_OFF: Final = frozenset({NoticeKind.PLAN, NoticeKind.RISK, NoticeKind.QUESTION, NoticeKind.OTHER})
"""What waits for a person, what stands still, and whatever was not sorted into a kind of its own."""
UNLESS_CHOSEN: Final[Mapping[NoticeKind, Loudness]] = {NoticeKind.PROGRESS: Loudness.SILENT}
"""How loud a kind is that nobody chose for; any other is loud. Single orders are told again in the report."""

LoudnessChoices = Sequence[tuple[NoticeKind, Loudness]]


@dataclass(frozen=True, slots=True)
class QuietChoice:
    """Quiet hours that a person chose in place of the policy's; None: there are none."""

    hours: QuietHours | None


def loudness_of(chosen: LoudnessChoices, kind: NoticeKind) -> Loudness:
    """How loud a kind is, by what people chose. What must never be off is silent at the least."""
    loudness = dict(chosen).get(kind, UNLESS_CHOSEN.get(kind, Loudness.LOUD))
    return Loudness.SILENT if loudness is Loudness.OFF and kind in NEVER_OFF else loudness


def loudest(chosen: LoudnessChoices, kinds: Sequence[NoticeKind]) -> NoticeKind:
    """Of some kinds one that is as loud as any. Raises ValueError where there is none."""
    order = tuple(Loudness)
    return min(kinds, key=lambda kind: order.index(loudness_of(chosen, kind)))
