"""The one account of a sandbox venue: free and locked balances, and the history of its transfers."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

ZERO = Decimal(0)
TransferStatus = Literal["done", "pending", "failed"]


class InsufficientFunds(Exception):
    """More was asked for than is free."""


@dataclass(slots=True)
class Balance:
    """What the account holds of one asset: `free`, and `locked` in resting orders."""

    free: Decimal = ZERO
    locked: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Transfer:
    """A deposit or a withdrawal; `time` in wall seconds since the epoch, `amount` above zero.

    Of a withdrawal, `fee` was taken beside the amount, and one that `failed` was given back.
    """

    id: int
    kind: Literal["deposit", "withdrawal"]
    asset: str
    amount: Decimal
    time: float
    status: TransferStatus
    txid: str
    fee: Decimal = Decimal(0)


@dataclass(slots=True)
class Account:
    """Balances by asset. Nothing in here ever goes below zero."""

    balances: dict[str, Balance] = field(default_factory=dict)
    fees_paid: dict[str, Decimal] = field(default_factory=dict)
    transfers: list[Transfer] = field(default_factory=list)

    def free(self, asset: str) -> Decimal:
        """What can be spent or locked now."""
        return self.balances[asset].free if asset in self.balances else ZERO

    def credit(self, asset: str, amount: Decimal) -> None:
        """Add to the free balance."""
        self._of(asset).free += amount

    def debit(self, asset: str, amount: Decimal) -> None:
        """Take from the free balance; raises InsufficientFunds, and then takes nothing."""
        balance = self._of(asset)
        if balance.free < amount:
            raise InsufficientFunds(asset)
        balance.free -= amount

    def lock(self, asset: str, amount: Decimal) -> None:
        """Move from free to locked; raises InsufficientFunds, and then moves nothing."""
        self.debit(asset, amount)
        self._of(asset).locked += amount

    def unlock(self, asset: str, amount: Decimal) -> None:
        """Move from locked back to free."""
        self.spend_locked(asset, amount)
        self._of(asset).free += amount

    def spend_locked(self, asset: str, amount: Decimal) -> None:
        """Take from what is locked; raises InsufficientFunds if less is."""
        balance = self._of(asset)
        if balance.locked < amount:
            raise InsufficientFunds(asset)
        balance.locked -= amount

    def note_fee(self, asset: str, amount: Decimal) -> None:
        """Add to the sum of fees, which were taken elsewhere."""
        self.fees_paid[asset] = self.fees_paid.get(asset, ZERO) + amount

    def _of(self, asset: str) -> Balance:
        return self.balances.setdefault(asset, Balance())
