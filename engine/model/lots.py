"""What was acquired and what became of it: entries of the ledger, the lots they open, and the matches of sales.

Entries are facts of one account and one asset, in one currency. A lot keeps its total basis, never a unit cost, so that
the parts it is used up in add up to it exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from engine.model.ids import Asset
from engine.model.money import ZERO, Quantity

Account = str
"""Where units lie: a venue's name, a wallet, or a place of its own for what is on its way."""


class LotMethod(StrEnum):
    """Which lots a sale uses up."""

    FIFO = "fifo"
    """The oldest first."""
    LIFO = "lifo"
    """The newest first."""
    HIFO = "hifo"
    """The dearest first."""
    LOFO = "lofo"
    """The cheapest first."""
    SPECIFIC = "specific"
    """Those that the sale names."""
    AVERAGE = "average"
    """All at their average cost; they are used up oldest first."""
    UK = "uk_s104"
    """Same day, then the next 30 days, then the pool of section 104."""
    MIN_TAX = "min_tax"
    """Those by which the year's tax comes out least."""


class Scope(StrEnum):
    """From where a sale can take its lots."""

    ACCOUNT = "account"
    """From the account that sells, wallet by wallet."""
    UNIVERSAL = "universal"


class OrderKey(StrEnum):
    """By what a lot counts as dear."""

    UNIT_COST = "unit_cost"
    """With the fee of its purchase: what the unit really cost."""
    PRICE = "price"


class Shortfall(StrEnum):
    """What becomes of a sale of more than is known."""

    ERROR = "error"
    ZERO_BASIS = "zero_basis"
    """It is matched with unknown units that cost nothing, and listed as missing."""


class EntryKind(StrEnum):
    """What an entry does to lots."""

    ACQUIRE = "acquire"
    INCOME = "income"
    """A reward, interest, an airdrop: it opens a lot at its value, which is income."""
    OPENING = "opening"
    """Units that were there when the books were opened; where nobody has said, what they cost is unknown."""
    DISPOSE = "dispose"
    FEE = "fee"
    """A coin that was paid as a fee: it is disposed of."""
    REDUCE = "reduce"
    """Units that are gone without a gain: given away, lost, or taken back by a correction."""
    TRANSFER = "transfer"


OPENS: Final = frozenset({EntryKind.ACQUIRE, EntryKind.INCOME, EntryKind.OPENING})
SELLS: Final = frozenset({EntryKind.DISPOSE, EntryKind.FEE})


class LotPick(NamedTuple):
    """A lot that an entry shall use up, and how much of it at the most; None: as much as there is."""

    lot: str
    quantity: Decimal | None = None


class Entry(NamedTuple):
    """One immutable line of the ledger. `id` is unique; an entry that opens a lot gives it its name.

    `value` is the total basis with fee of what is acquired (None: unknown), and the proceeds net of fee of what is
    disposed of (None: no gain is booked). A transfer uses up `fee_quantity` beside what arrives, which is disposed of
    first at `fee_value`.
    """

    id: str
    at: datetime
    kind: EntryKind
    asset: Asset
    account: Account
    quantity: Decimal
    value: Decimal | None = None
    price: Decimal | None = None
    """Of one unit, without fee; None: as the value says."""
    to_account: Account = ""
    fee_quantity: Decimal = ZERO
    fee_value: Decimal | None = None
    picks: tuple[LotPick, ...] = ()
    """The lots that it shall use up, in this order."""
    acquired_at: datetime | None = None
    """Since when what it opens has been held, where that is before it came here."""


@dataclass(frozen=True, slots=True)
class Lot:
    """An acquisition that is still held: `basis` is what is left of its total cost with fee, in the numeraire.

    Where it replaces units that were sold at a loss, and the profile enforces that, the part that does is a lot of its
    own under the same name: its basis holds the loss, and it is dated back by as long as those units were held.
    `is_known` is False where nobody has said what it cost: its basis counts as nothing until then.
    """

    id: str
    asset: Asset
    account: Account
    acquired_at: datetime
    quantity: Quantity
    basis: Decimal
    is_known: bool = True
    price: Decimal | None = None
    """Of one unit, without fee, where lots are compared by it."""


class Term(StrEnum):
    """For how long a lot was held, as far as tax asks."""

    SHORT = "short"
    LONG = "long"
    NONE = "none"
    """The rules make no difference."""


class UkRule(StrEnum):
    """By which rule units were matched in the United Kingdom."""

    SAME_DAY = "same_day"
    THIRTY_DAYS = "30_day"
    POOL = "s104"


class Match(NamedTuple):
    """Units of a lot that an entry used up. `lot` is None for units that no lot is known for.

    `proceeds` is None where no gain is booked; then there is no gain either.
    """

    entry: str
    at: datetime
    lot: str | None
    acquired_at: datetime | None
    asset: Asset
    account: Account
    quantity: Decimal
    proceeds: Decimal | None
    cost: Decimal
    term: Term
    rule: UkRule | None = None
    is_known: bool = True
    """Whether it is known what the lot cost."""
    disallowed: Decimal = ZERO
    """The part of the loss that does not count, because the asset was bought again."""
    is_washed: bool = False
    """Whether the asset was bought again within the window of the profile; where that is a warning, the loss counts."""

    @property
    def gain(self) -> Decimal | None:
        """Proceeds less cost, without the part of a loss that does not count."""
        return None if self.proceeds is None else self.proceeds - self.cost + self.disallowed


@dataclass(frozen=True, slots=True)
class Missing:
    """Units that an entry used up and that no lot is known for."""

    entry: str
    at: datetime
    asset: Asset
    account: Account
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Income:
    """Units that came as income, and what they were worth then."""

    entry: str
    at: datetime
    asset: Asset
    account: Account
    quantity: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a whole history comes to: every unit that went out is in a match, every unit that is left in a lot."""

    matches: tuple[Match, ...]
    remaining: tuple[Lot, ...]
    missing: tuple[Missing, ...]
    income: tuple[Income, ...]
