"""Exchange health: the limits that a venue is judged by, the verdict, and what is left behind for the next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.model.ids import VenueName
from engine.model.portfolio import VenueHealth
from engine.model.reasons import Reason

HINT: Final = 20
"""Points of a sign that means little by itself."""
DEGRADED_AT: Final = 50
"""Points from which a venue is degraded: one sign that counts."""
HALTED_AT: Final = 100
"""Points from which a venue is halted: one grave sign, or two that count and do not follow from one cause."""


class SignKind(StrEnum):
    """What can be wrong with a venue."""

    CALLS_FAIL = "calls_fail"
    MOST_CALLS_FAIL = "most_calls_fail"
    SLOW = "slow"
    CLOCK_OFF = "clock_off"
    NOT_ONLINE = "not_online"
    BOOKS_UNUSABLE = "books_unusable"
    """Most of its books are crossed, one-sided, old, or stand still while those of others move."""
    WITHDRAWALS_CLOSED = "withdrawals_closed"
    DEPOSITS_CLOSED = "deposits_closed"
    WITHDRAWAL_PENDING = "withdrawal_pending"
    KEY_UNUSABLE = "key_unusable"
    KEY_GAINED_RIGHTS = "key_gained_rights"
    PRICE_OFF = "price_off"
    PRICE_FAR_OFF = "price_far_off"
    BALANCE_DROPPED = "balance_dropped"


@dataclass(frozen=True, slots=True)
class HealthLimits:
    """When a venue is degraded or halted. Fractions are of 1."""

    calls_fail: int = 3
    """Of the last ten, in whatever way: degraded."""
    most_calls_fail: int = 6
    """Of the last ten, by the venue's doing: halted once it has lasted."""
    most_calls_fail_for: timedelta = timedelta(minutes=5)
    """Six failures within one bad minute are one failure, and a halt takes a person to end it."""
    slow: timedelta = timedelta(seconds=5)
    """Of the slowest twentieth of its answers."""
    clock_skew: timedelta = timedelta(seconds=5)
    offline_for: timedelta = timedelta(minutes=30)
    book_age: timedelta = timedelta(seconds=60)
    books_still_for: timedelta = timedelta(minutes=5)
    """On a venue that trades, some best quantity changes every few seconds."""
    withdrawals_closed_for: timedelta = timedelta(minutes=30)
    pending_degrades: timedelta = timedelta(hours=2)
    pending_halts: timedelta = timedelta(hours=6)
    price_off: Decimal = Decimal("0.01")
    price_far_off: Decimal = Decimal("0.03")
    price_off_for: timedelta = timedelta(minutes=10)
    balance_drop: Decimal = Decimal("0.05")
    """Of what lies there."""
    recover_after: timedelta = timedelta(minutes=10)
    """How long nothing may be wrong before a degraded venue is healthy again."""

    @property
    def mistakes(self) -> dict[str, str]:
        """What contradicts itself, by the limit that it is about, with what would be right."""
        found = {}
        if not 0 < self.calls_fail <= self.most_calls_fail:
            found["most_calls_fail"] = "must not be less than calls_fail, and both above 0"
        if self.pending_halts < self.pending_degrades:
            found["pending_halts"] = "must not be less than pending_degrades"
        if not 0 < self.price_off <= self.price_far_off:
            found["price_far_off"] = "must not be less than price_off, and both above 0"
        if self.balance_drop <= 0:
            found["balance_drop"] = "must be above 0"
        return found


@dataclass(frozen=True, slots=True)
class StandingSign:
    """A sign that stands, and how bad it was when it was last seen.

    `subjects` are what it is about: coins, rights. `measure` is in the unit of its kind: a count, seconds, a fraction.
    """

    kind: SignKind
    since: datetime
    measure: Decimal
    why: Reason
    subjects: tuple[str, ...] = ()
    can_halt: bool = True


@dataclass(frozen=True, slots=True)
class VenueStanding:
    """What the last judgement of a venue leaves behind for the next one.

    `accepted` are the signs that stood when a person resumed the venue: they do not count before they get worse.
    """

    venue: VenueName
    health: VenueHealth
    """Healthy, degraded or halted, and nothing else."""
    since: datetime
    signs: tuple[StandingSign, ...] = ()
    clean_since: datetime | None = None
    """Since when nothing is wrong; None while something is."""
    accepted: tuple[StandingSign, ...] = ()
    halted_by: tuple[Reason, ...] = ()
    """What halted it, kept until a person resumes it."""

    def sign(self, kind: SignKind) -> StandingSign | None:
        """The sign of a kind, where it stands."""
        return next((sign for sign in self.signs if sign.kind is kind), None)


@dataclass(frozen=True, slots=True)
class VenueVerdict:
    """How far a venue can be relied on, by points from 0 to 100, and why: the gravest reason first.

    That a venue did not answer at this look is not told here but by its snapshot.
    """

    venue: VenueName
    health: VenueHealth
    score: int
    reasons: tuple[Reason, ...] = ()
