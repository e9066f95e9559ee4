"""What came into an account and what left it: a venue's own records of deposits and withdrawals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.ids import Asset, VenueName
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
    def taken(self) -> Quantity:
        """What the balance went down by."""
        return Quantity(self.quantity + self.fee)
