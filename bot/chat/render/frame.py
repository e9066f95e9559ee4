"""What every message is written for: the instant it is read, the reader's time zone, the money he thinks in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from engine.model.ids import Asset
from engine.model.money import Bps
from engine.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Frame:
    """`now` decides what is today. `numeraire` is empty where no venue has shown one yet."""

    now: datetime
    zone: tzinfo
    numeraire: Asset


@dataclass(frozen=True, slots=True)
class Terms:
    """What the policy adds to every plan: the move that makes us ask again, and how many people must agree."""

    tolerance: Bps = Bps(Decimal(30))
    approvers: int = 1


def terms_of(policy: Policy) -> Terms:
    """The terms under which a policy's plans are approved."""
    return Terms(policy.limits.requote_bps, policy.approvers)
