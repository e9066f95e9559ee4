"""Withdrawals and deposits of different histories that are two ends of one transfer between own accounts. Pure.

One file tells of both at the most by chance; two files, or a file and what a venue recorded, tell of an end each.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from engine.model.ids import Asset
from engine.model.ledger import CLOCKS_APART, is_what_is_left_of
from engine.model.lots import Entry, EntryKind
from engine.model.money import exact

LONGEST_WAY: Final = timedelta(days=3)
"""What comes later than that is taken for another."""


@exact
def paired_up(entries: Sequence[Entry], stated: Collection[str]) -> tuple[list[Entry], tuple[str, ...]]:
    """The entries with such ends made into transfers, and the names of the deposits that are part of one now.

    The earliest deposit takes the earliest withdrawal of another account that fits by time and amount. A deposit whose
    cost somebody has `stated` stays what they say it is.
    """
    leaving: dict[Asset, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=_order):
        if entry.kind is EntryKind.REDUCE:
            leaving[entry.asset].append(entry)
    coming = [e for e in entries if e.kind is EntryKind.OPENING and e.id not in stated]
    ends: dict[str, Entry] = {}
    for deposit in sorted(coming, key=_order):
        withdrawal = _origin(deposit, leaving[deposit.asset], ends)
        if withdrawal is not None:
            ends[withdrawal.id] = deposit
    absorbed = tuple(sorted(deposit.id for deposit in ends.values()))
    gone = set(absorbed)
    return [_transfer(e, ends[e.id]) if e.id in ends else e for e in entries if e.id not in gone], absorbed


def _order(entry: Entry) -> tuple[object, str]:
    return entry.at, entry.id


def _origin(deposit: Entry, leaving: Sequence[Entry], taken: Collection[str]) -> Entry | None:
    first = bisect_left(leaving, deposit.at - LONGEST_WAY, key=lambda entry: entry.at)
    for withdrawal in leaving[first:]:
        if withdrawal.at > deposit.at + CLOCKS_APART:
            return None
        fits = withdrawal.account != deposit.account and is_what_is_left_of(deposit.quantity, withdrawal.quantity)
        if fits and withdrawal.id not in taken:
            return withdrawal
    return None


def _transfer(withdrawal: Entry, deposit: Entry) -> Entry:
    """What did not arrive was the fee of the way."""
    return withdrawal._replace(
        kind=EntryKind.TRANSFER,
        at=min(withdrawal.at, deposit.at),
        quantity=deposit.quantity,
        to_account=deposit.account,
        fee_quantity=withdrawal.quantity - deposit.quantity,
    )
