"""What accounts hold by our own books, what venues record of money that came and went, and what is unexplained."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.model.ids import SHORT_ID_LENGTH, Asset, UserId, VenueName
from engine.model.money import Quantity


@dataclass(frozen=True, slots=True)
class Deposit:
    """Money that came in, as a venue recorded it. `id` is the venue's own, `txid` the chain's where there is one."""

    id: str
    venue: VenueName
    asset: Asset
    quantity: Quantity
    at: datetime
    txid: str = ""

    @property
    def key(self) -> str:
        """By which it is told apart from all others: venues count for themselves."""
        return f"{self.venue}:{self.id}"


class WithdrawalState(StrEnum):
    """How far a withdrawal is."""

    ON_ITS_WAY = "on_its_way"
    DONE = "done"
    RETURNED = "returned"
    """Cancelled, rejected or failed: the venue gave it back."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Money that went out, as a venue recorded it. The other side gets `quantity`; the venue keeps `fee` beside it."""

    id: str
    venue: VenueName
    asset: Asset
    quantity: Quantity
    fee: Quantity
    at: datetime
    state: WithdrawalState
    txid: str = ""

    @property
    def key(self) -> str:
        """By which it is told apart from all others."""
        return f"{self.venue}:{self.id}"

    @property
    def taken(self) -> Quantity:
        """What the balance went down by."""
        return Quantity(self.quantity + self.fee)


@dataclass(frozen=True, slots=True)
class BalanceChange:
    """An asset's balance on one venue changed by so much: above zero where it rose."""

    asset: Asset
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class BookLine:
    """What the books say that a venue holds of an asset: free, locked and kept together."""

    venue: VenueName
    asset: Asset
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Books:
    """What every venue should hold by all that is known: a fold of the journal.

    `since` is when the first balances were adopted; `adopted` are the venues whose balances were.
    """

    lines: tuple[BookLine, ...] = ()
    adopted: tuple[VenueName, ...] = ()
    since: datetime | None = None

    def expected(self, venue: VenueName) -> dict[Asset, Decimal]:
        """What a venue should hold, by asset; assets with nothing are left out."""
        return {line.asset: line.quantity for line in self.lines if line.venue == venue}


class Explanation(StrEnum):
    """What a person can say of a change that the books do not explain."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    OWN_TRADE = "trade"
    REWARD = "reward"
    """Interest, an airdrop, a bonus: it came out of the holding itself."""
    FEE = "fee"
    TRANSFER = "transfer"
    """It is on its way to another venue of one's own."""


RISES: Final = frozenset({Explanation.DEPOSIT, Explanation.REWARD})
FALLS: Final = frozenset({Explanation.WITHDRAWAL, Explanation.FEE, Explanation.TRANSFER})


@dataclass(frozen=True, slots=True)
class Question:
    """A change that nothing on record explains: its venue waits until a person has said what it was.

    `version` grows when more has changed since it was asked.
    """

    id: str
    venue: VenueName
    changes: tuple[BalanceChange, ...]
    since: datetime
    version: int = 1

    @property
    def fitting(self) -> tuple[Explanation, ...]:
        """What can be said of it, by its direction; whatever it is, it can be one's own trade."""
        rose = all(change.quantity > 0 for change in self.changes)
        fell = all(change.quantity < 0 for change in self.changes)
        return tuple(e for e in Explanation if (e not in RISES or rose) and (e not in FALLS or fell))


@dataclass(frozen=True, slots=True)
class Transit:
    """Something that left a venue and has not arrived: it counts, and is not traded.

    `to_venue` is None as long as nobody has said whether it goes to a venue of one's own. `quantity` is what the other
    side is to get.
    """

    id: str
    asset: Asset
    quantity: Quantity
    from_venue: VenueName
    since: datetime
    to_venue: VenueName | None = None
    txid: str = ""

    @property
    def handle(self) -> str:
        """A short name for buttons and commands: venues' own ids are too long for either."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:SHORT_ID_LENGTH]


CLOCKS_APART: Final = timedelta(hours=1)
"""A deposit can be recorded a little before the withdrawal that it comes from: venues' clocks and words differ."""
HIGHEST_FEE: Final = Decimal("0.02")
"""Of what is sent: a transfer that arrives with less than the rest is taken for something else."""


def is_what_is_left_of(arrived: Decimal, sent: Decimal) -> bool:
    """Whether so much can be what arrived of what was sent, the fee on the way taken off."""
    return sent > 0 and sent * (1 - HIGHEST_FEE) <= arrived <= sent


DECLARED_FOR: Final = timedelta(days=7)
"""A declared movement that no balance shows by then is forgotten."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A movement that a person told of before the balances showed it. Of the two venues one may be outside: None."""

    id: str
    asset: Asset
    quantity: Quantity
    from_venue: VenueName | None
    to_venue: VenueName | None
    at: datetime
    by: UserId
    name: str
