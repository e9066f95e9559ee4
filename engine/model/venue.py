"""What a venue promises about orders and keys, and what it tells of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

CLOCK_SKEW_ALLOWED: Final = timedelta(seconds=5)
"""How far a venue's clock may be from ours: what it takes for expired is so much later by our clock at the most."""
LONGEST_ON_THE_WAY: Final = timedelta(seconds=60)
"""A request that never expires is given so long to arrive before it is sent again under the same id."""


class ClientIdScope(StrEnum):
    """How far a venue keeps client order ids apart."""

    OPEN_ORDERS = "open_orders"
    """A second order with the id of an open one is refused; of a closed one it is not."""
    FOREVER = "forever"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What recovery needs to know of a venue.

    `acceptance_window` is how long after its signing a request may still be accepted, None where requests never
    expire; `visibility_lag` how long an accepted order may stay invisible to a look-up.
    """

    client_id_scope: ClientIdScope
    acceptance_window: timedelta | None
    visibility_lag: timedelta
    is_pretended: bool = False
    """Its balances are made up by this program: there is nothing to hold them against."""

    @property
    def proof_of_absence_after(self) -> timedelta | None:
        """From the intent on: when a venue that knows nothing of an order proves that the same id may be sent again.

        A request that has expired by then cannot be taken any more; one that has not cannot be taken twice where ids
        are kept apart for ever. None where a venue promises neither: then only a person can tell.
        """
        if self.acceptance_window is not None:
            return self.acceptance_window + CLOCK_SKEW_ALLOWED + self.visibility_lag
        if self.client_id_scope is ClientIdScope.FOREVER:
            return LONGEST_ON_THE_WAY + self.visibility_lag
        return None


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What an API key may do, as the venue says. `unknown` names rights that are not on the allow-list."""

    can_read: bool
    can_trade: bool
    can_withdraw: bool
    ip_restricted: bool
    unknown: tuple[str, ...] = ()
    problem: str = ""
    """Why the venue could not tell; then nothing is granted."""

    @property
    def is_trade_only(self) -> bool:
        """Fail closed: reading and trading, and nothing that moves assets out."""
        return self.can_read and self.can_trade and not (self.can_withdraw or self.unknown or self.problem)

    @property
    def problem_words(self) -> str:
        """What keeps the key from being used, in one sentence with the remedy; empty for one that is trade-only."""
        if self.problem:
            return f"the rights of the key could not be checked ({self.problem})"
        if self.can_withdraw:
            return "the key may withdraw; make one at the exchange that may only read and trade"
        if self.unknown:
            return f"the key has rights not known to be safe ({', '.join(self.unknown)}); make one without them"
        missing = "" if self.can_read and self.can_trade else "read" if not self.can_read else "trade"
        return f"the key may not {missing}; allow it at the exchange" if missing else ""


@dataclass(frozen=True, slots=True)
class VenueProbe:
    """One look at a venue's own state."""

    online: bool
    status: str
    clock_skew: timedelta
    latency: timedelta
    tells_status: bool = True
    """Whether it says anything of itself; where it does not, `online` means that it answers."""
