"""Withdrawals and deposits that are two ends of one transfer between accounts of one's own."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from bot.imports.records import Amount, Movement, MovementKind, Record
from engine.model.ledger import CLOCKS_APART, is_what_is_left_of
from engine.model.money import Quantity, exact
from engine.model.order import FeePaid

LONGEST_WAY: Final = timedelta(days=3)
"""Of one that only its amount speaks for: a deposit that comes later is taken for another."""
MOST_ON_THE_WAY: Final = 50
"""So many withdrawals of one coin are looked at for a deposit: nobody has more on their way, and a file could."""

Fits = Callable[[Movement, Movement], bool]


@dataclass(frozen=True, slots=True)
class Paired:
    """All records with the pairs made into transfers, how many those are, and what is left without a partner."""

    records: tuple[Record, ...]
    transfers: int
    unpaired_deposits: int
    unpaired_withdrawals: int


@exact
def paired(records: Iterable[Record]) -> Paired:
    """Put deposits to the withdrawals they come from: first by the transaction, then by an amount that fits."""
    all_records = list(records)
    search = _Search(
        sorted(_of_kind(all_records, MovementKind.WITHDRAWAL), key=_order),
        sorted(_of_kind(all_records, MovementKind.DEPOSIT), key=_order),
    )
    search.by_transaction()
    search.by_amount()
    ends = {deposit.stem for deposit in search.pairs.values()}
    kept = [each for each in all_records if not (_is_a(each, MovementKind.DEPOSIT) and each.stem in ends)]
    made = tuple(
        _transfer(each, search.pairs[each.stem])
        if isinstance(each, Movement) and _is_a(each, MovementKind.WITHDRAWAL) and each.stem in search.pairs
        else each
        for each in kept
    )
    found = len(search.pairs)
    return Paired(made, found, len(search.coming) - found, len(search.going) - found)


@dataclass(slots=True)
class _Search:
    """Withdrawals and deposits in the order of time, and which deposit was found for which withdrawal."""

    going: list[Movement]
    coming: list[Movement]
    pairs: dict[str, Movement] = field(default_factory=dict)

    def by_transaction(self) -> None:
        """Those that share one, the earliest first."""
        candidates: dict[tuple[str, str], list[Movement]] = {}
        for withdrawal in self.going:
            if withdrawal.txid:
                candidates.setdefault((withdrawal.txid, withdrawal.moved.asset), []).append(withdrawal)
        for deposit in self.coming:
            some = candidates.get((deposit.txid, deposit.moved.asset), [])
            self._take(deposit, some, 0, _has_the_transaction)

    def by_amount(self) -> None:
        """Those that came in time with nearly all of it, the earliest first."""
        open_ones: dict[str, list[Movement]] = {}
        for withdrawal in self.going:
            if withdrawal.stem not in self.pairs:
                open_ones.setdefault(withdrawal.moved.asset, []).append(withdrawal)
        ends = {deposit.stem for deposit in self.pairs.values()}
        for deposit in self.coming:
            if deposit.stem not in ends:
                some = open_ones.get(deposit.moved.asset, [])
                first = bisect_left(some, deposit.at - LONGEST_WAY, key=lambda each: each.at)
                self._take(deposit, some, first, _has_the_amount)

    def _take(self, deposit: Movement, open_ones: list[Movement], first: int, fits: Fits) -> None:
        last = min(first + MOST_ON_THE_WAY, len(open_ones))
        place = next((place for place in range(first, last) if fits(deposit, open_ones[place])), None)
        if place is not None:
            self.pairs[open_ones.pop(place).stem] = deposit


def _of_kind(records: Iterable[Record], kind: MovementKind) -> list[Movement]:
    return [each for each in records if isinstance(each, Movement) and each.kind is kind]


def _is_a(record: Record, kind: MovementKind) -> bool:
    return isinstance(record, Movement) and record.kind is kind


def _order(movement: Movement) -> tuple[object, ...]:
    return movement.at, movement.stem


def _between_two_accounts(deposit: Movement, withdrawal: Movement) -> bool:
    return deposit.moved.asset == withdrawal.moved.asset and deposit.account != withdrawal.account


def _has_the_transaction(deposit: Movement, withdrawal: Movement) -> bool:
    same = bool(deposit.txid) and deposit.txid == withdrawal.txid
    return same and _between_two_accounts(deposit, withdrawal) and _arrived(deposit) <= _left(withdrawal)


def _has_the_amount(deposit: Movement, withdrawal: Movement) -> bool:
    in_time = withdrawal.at - CLOCKS_APART <= deposit.at <= withdrawal.at + LONGEST_WAY
    if not in_time or not _between_two_accounts(deposit, withdrawal):
        return False
    arrived, sent = _arrived(deposit), withdrawal.moved.quantity
    return is_what_is_left_of(arrived, sent) or is_what_is_left_of(arrived, _left(withdrawal))


def _arrived(deposit: Movement) -> Quantity:
    return Quantity(deposit.moved.quantity - deposit.fee_in_kind)


def _left(withdrawal: Movement) -> Quantity:
    return Quantity(withdrawal.moved.quantity + withdrawal.fee_in_kind)


def _transfer(withdrawal: Movement, deposit: Movement) -> Movement:
    """What arrived, with all that was lost on the way as its fee."""
    arrived, asset = _arrived(deposit), withdrawal.moved.asset
    lost = Quantity(_left(withdrawal) - arrived)
    others = tuple(fee for fee in (*withdrawal.fees, *deposit.fees) if fee.asset != asset)
    return replace(
        withdrawal,
        kind=MovementKind.TRANSFER,
        moved=Amount(asset, arrived),
        fees=(*others, *([FeePaid(asset, lost)] if lost else [])),
        to_account=deposit.account,
    )
