"""Facts about what the venues hold: balances adopted, money that came and went, and changes that a person explains."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.ids import UserId, VenueName
from engine.model.ledger import (
    BalanceChange,
    BookLine,
    Declaration,
    Deposit,
    Explanation,
    Question,
    Transit,
    Withdrawal,
)


@dataclass(frozen=True, slots=True)
class BalancesAdopted:
    """From here on the books of a venue are kept: it held this."""

    venue: VenueName
    lines: tuple[BookLine, ...]


@dataclass(frozen=True, slots=True)
class WithdrawalSeen:
    """A venue recorded that money left. Until somebody says where to, it counts as on its way."""

    withdrawal: Withdrawal
    transit: Transit


@dataclass(frozen=True, slots=True)
class WithdrawalReturned:
    """A withdrawal was cancelled or failed: the venue gave it back."""

    withdrawal: Withdrawal


@dataclass(frozen=True, slots=True)
class TransitAnswered:
    """A person said where something goes that left a venue; `to_venue` None: out of the portfolio."""

    transit: Transit
    to_venue: VenueName | None
    by: UserId
    name: str


@dataclass(frozen=True, slots=True)
class TransferArrived:
    """What was on its way is there. `deposit` is the venue's record of it, where there is one."""

    transit: Transit
    venue: VenueName
    arrived: BalanceChange
    deposit: Deposit | None = None


@dataclass(frozen=True, slots=True)
class ChangeQuestioned:
    """A balance is not what the books say, and nothing on record explains it. The venue waits for an answer."""

    question: Question


@dataclass(frozen=True, slots=True)
class ChangeAnswered:
    """A person said what a change was. `to_venue` is where a transfer goes."""

    question: Question
    explanation: Explanation
    by: UserId
    name: str
    to_venue: VenueName | None = None


@dataclass(frozen=True, slots=True)
class ChangeResolved:
    """What was asked about has gone, or was explained by a record that came later."""

    question: Question


@dataclass(frozen=True, slots=True)
class TransferNoticed:
    """An asset fell on one venue and rose on another at the same look: it is one transfer, and the rest was its fee."""

    from_venue: VenueName
    left: BalanceChange
    to_venue: VenueName
    arrived: BalanceChange


@dataclass(frozen=True, slots=True)
class MovementDeclared:
    """A person told of a movement in advance."""

    declaration: Declaration


@dataclass(frozen=True, slots=True)
class DeclarationUsed:
    """The balances showed what was declared, or its time is over."""

    declaration: str
