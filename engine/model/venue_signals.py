"""What is known of how a venue is doing at one look. What a venue does not tell is named, and is no good news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engine.model.errors import Fault, InvalidValue
from engine.model.ids import Asset


class Signal(StrEnum):
    """What can be known of a venue. Prices and books are in its snapshot already."""

    CALLS = "calls"
    """What became of the last calls to it."""
    LATENCY = "latency"
    CLOCK = "clock"
    STATUS = "status"
    """What it says of itself."""
    COINS = "coins"
    """Whether the coins that are held can be deposited and withdrawn."""
    WITHDRAWALS = "withdrawals"
    """How long withdrawals take."""
    KEY = "key"
    """What the key may do."""


@dataclass(frozen=True, slots=True)
class CoinState:
    """Whether a coin can be moved to and from a venue: open where any of its networks is. None: it does not say.

    `closed_since` is when withdrawals were first seen closed.
    """

    asset: Asset
    deposit: bool | None
    withdraw: bool | None
    closed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallOutcomes:
    """What became of the last calls: how many were looked at, and how many of them failed in which way."""

    looked_at: int
    failed: tuple[tuple[Fault, int], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "failed", tuple(sorted(self.failed)))
        if any(count < 0 for _, count in self.failed) or self.all_failed > self.looked_at:
            raise InvalidValue("calls", "no more can fail than are looked at")

    @property
    def all_failed(self) -> int:
        """How many failed, in whatever way."""
        return sum(count for _, count in self.failed)

    def failed_by(self, *faults: Fault) -> int:
        """How many failed in one of these ways."""
        return sum(count for fault, count in self.failed if fault in faults)


@dataclass(frozen=True, slots=True)
class VenueSignals:
    """What is known of one venue at one look. `unavailable` names what is not: nothing can be read from its absence.

    `clock_skew` is theirs minus ours, made smaller by the doubt of its measurement. `latency_usual` is the median.
    `books_still_since` is when the best price or quantity of any of its markets was last seen to change.
    `pending_since` is when the oldest withdrawal began that is still on its way; None where none is.
    """

    calls: CallOutcomes | None = None
    latency_p95: timedelta | None = None
    latency_usual: timedelta | None = None
    clock_skew: timedelta | None = None
    online: bool | None = None
    status: str = ""
    """The venue's own words."""
    coins: tuple[CoinState, ...] = ()
    """Those that are held here."""
    pending_since: datetime | None = None
    key_problem: str = ""
    """What keeps the key from being used, in words; empty for one that is trade-only."""
    rights_gained: tuple[str, ...] = ()
    """What the key may do now that it might not at first, and any right to move assets out, in words."""
    books_still_since: datetime | None = None
    unavailable: tuple[Signal, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "coins", tuple(sorted(self.coins, key=lambda coin: coin.asset)))
        object.__setattr__(self, "unavailable", tuple(sorted(set(self.unavailable))))

    def tells(self, signal: Signal) -> bool:
        """Whether it is known."""
        return signal not in self.unavailable


NOTHING_KNOWN = VenueSignals(unavailable=tuple(Signal))
"""Of a venue that nobody has asked yet."""
