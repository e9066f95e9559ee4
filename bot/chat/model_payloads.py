"""What the buttons of a proposal of other targets carry: `v1:adopt:ID`, `v1:keep:ID`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TARGETS_PAYLOAD: Final = re.compile(r"v1:(adopt|keep):([0-9a-f]{1,16})")


class TargetsVerb(StrEnum):
    """What a person says to other targets."""

    ADOPT = "adopt"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class TargetsPress:
    """A press on one proposal of other targets."""

    verb: TargetsVerb
    change: str


def targets_payload(verb: TargetsVerb, change: str) -> str:
    """What a button carries that answers a proposal."""
    return f"v1:{verb}:{change}"


def parse_targets(payload: str) -> TargetsPress | None:
    """Read what such a button carried; None for anything else."""
    match = TARGETS_PAYLOAD.fullmatch(payload)
    return TargetsPress(TargetsVerb(match[1]), match[2]) if match else None
