"""What buttons under the guards carry: `v1:guard:rearm:stop_loss:BTC` and the like. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.model.guards import Rule
from engine.model.ids import VenueName

RESUME: Final = re.compile(r"v1:venue:resume:([A-Za-z0-9_-]{1,32})")
GUARD: Final = re.compile(r"v1:guard:([a-z]+):([a-z_]+)(?::([A-Za-z0-9._/-]{1,32}))?")


class GuardVerb(StrEnum):
    """What a button tells a guard."""

    REARM = "rearm"
    SIGN = "sign"
    UNSIGN = "unsign"


@dataclass(frozen=True, slots=True)
class GuardPress:
    """A word to a guard. `subject` is empty where it concerns the whole rule."""

    verb: GuardVerb
    rule: Rule
    subject: str = ""


@dataclass(frozen=True, slots=True)
class ResumePress:
    """A halted venue may be used again."""

    venue: VenueName


def resume_payload(venue: VenueName) -> str | None:
    """What a button carries that lets a venue be used again; None for a name that no button can carry."""
    payload = f"v1:venue:resume:{venue}"
    return payload if RESUME.fullmatch(payload) else None


def guard_payload(verb: GuardVerb, rule: Rule, subject: str = "") -> str | None:
    """What a button carries; None for a subject whose name no button can carry."""
    payload = f"v1:guard:{verb}:{rule}" + (f":{subject}" if subject else "")
    return payload if GUARD.fullmatch(payload) else None


def parse_guard(payload: str) -> GuardPress | ResumePress | None:
    """Read what a button carried. None for anything that none of these ever did."""
    if resume := RESUME.fullmatch(payload):
        return ResumePress(VenueName(resume[1]))
    match = GUARD.fullmatch(payload)
    if match is None or match[1] not in set(GuardVerb) or match[2] not in set(Rule):
        return None
    return GuardPress(GuardVerb(match[1]), Rule(match[2]), match[3] or "")
