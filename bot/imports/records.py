"""What is read out of a history before it becomes entries of the ledger, and what a person is shown of it first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum

from engine.model.ids import Asset
from engine.model.lots import Account, Entry, EntryKind
from engine.model.money import ZERO
from engine.model.order import FeePaid

PriceAt = Callable[[Asset, datetime], Decimal | None]
"""What one unit was worth at an instant, in the numeraire; None where nobody knows."""


def no_prices(_asset: Asset, _at: datetime) -> Decimal | None:
    """Nothing is known of prices: what a history does not say itself is an error of its line."""
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """How a history is to be read: whose it is, what counts as money, and in which zone its bare times are."""

    account: Account
    """Where a row happened that does not say so itself."""
    numeraire: Asset
    zone: tzinfo
    price_at: PriceAt = no_prices
    own: tuple[Account, ...] = ()
    """The accounts that have books already: a file may write their names in capitals or not."""

    def account_named(self, text: str) -> Account:
        """The account that is meant."""
        return next((account for account in self.own if account.lower() == text.lower()), text)


@dataclass(frozen=True, slots=True)
class Amount:
    """So many units of an asset."""

    asset: Asset
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Swap:
    """Something was given for something else, fees not counted in either.

    `is_purchase` says whose the fee is where neither side is the numeraire: of what was bought, or of what was sold.
    `value` is what either side was worth in the numeraire, and `fee_value` the fees of third coins; None: not told.
    """

    stem: str
    at: datetime
    account: Account
    spent: Amount
    received: Amount
    is_purchase: bool
    fees: tuple[FeePaid, ...] = ()
    value: Decimal | None = None
    fee_value: Decimal | None = None


class MovementKind(StrEnum):
    """What becomes of units that were not traded."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    """To an account of one's own that the row names."""
    INCOME = "income"
    SPEND = "spend"
    """Goods or services were paid with them: they were sold for their value."""
    FEE = "fee"
    LOSS = "loss"
    """Given away, lost or stolen."""
    OPENING = "opening"


@dataclass(frozen=True, slots=True)
class Movement:
    """Units that came, went or moved. A fee is beside the quantity, but of a deposit or an income it is taken off."""

    stem: str
    at: datetime
    account: Account
    kind: MovementKind
    moved: Amount
    fees: tuple[FeePaid, ...] = ()
    value: Decimal | None = None
    txid: str = ""
    to_account: Account = ""

    @property
    def fee_in_kind(self) -> Decimal:
        """What was taken as a fee out of the very asset that moved."""
        return sum((fee.quantity for fee in self.fees if fee.asset == self.moved.asset), ZERO)


Record = Swap | Movement


class Skipped(StrEnum):
    """Why a row makes no entry, and is no mistake."""

    CASH = "cash"
    """Only the numeraire came or went."""
    NOT_DONE = "not_done"
    """It was cancelled, failed, or is still on its way."""
    INTERNAL = "internal"
    """Between wallets of one account."""
    REPEATED = "repeated"
    """The same id with the same content stands further up."""
    NOTHING = "nothing"
    """Its quantity is zero."""


@dataclass(frozen=True, slots=True)
class LineMistake:
    """What is wrong in one line of a file, and what would be right. `column` is empty where it is the whole line."""

    line: int
    column: str
    problem: str

    def __str__(self) -> str:
        where = f'line {self.line}, column "{self.column}"' if self.column else f"line {self.line}"
        return f"{where}: {self.problem}"


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column of the file, and what it was taken for; empty where it is not read."""

    header: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries of a kind and an asset there are, and their quantity together."""

    kind: EntryKind
    asset: Asset
    entries: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would add, shown before anything is written. With a single mistake it would add nothing.

    `unpaired_deposits` open lots whose cost nobody knows, `unpaired_withdrawals` leave without a gain, `transfers` were
    found by pairing. `without_id` rows have no id, or none that the exchange itself tells of: in them a trade that is
    known from its own interface too cannot be recognised.
    """

    format: str
    rows: int
    columns: tuple[ColumnUse, ...] = ()
    entries: tuple[Entry, ...] = ()
    counts: tuple[Count, ...] = ()
    first: date | None = None
    """Of the entries, in the zone that the file is read in."""
    last: date | None = None
    transfers: int = 0
    unpaired_deposits: int = 0
    unpaired_withdrawals: int = 0
    without_id: int = 0
    skipped: tuple[tuple[Skipped, int], ...] = ()
    errors: tuple[LineMistake, ...] = ()
