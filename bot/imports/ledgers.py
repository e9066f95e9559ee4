"""Exports that list changes of balances: rows that belong together are one trade, and all others stand alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from bot.imports.layout import Field
from bot.imports.records import Amount, Record, Skipped, Swap
from bot.imports.rows import Row, record_of
from bot.imports.words import RowKind
from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.money import ZERO, Quantity, exact
from engine.model.order import FeePaid

PARTS_OF_TRADES: Final = frozenset({RowKind.BUY, RowKind.SELL, RowKind.TRADE, RowKind.FEE})


def together(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows by the trade that they are of, in the order of the file; a row that is of none is a group of itself."""
    groups: dict[object, list[Row]] = {}
    for row in rows:
        groups.setdefault(_tie(row), []).append(row)
    return list(groups.values())


def _tie(row: Row) -> object:
    """What rows of one trade have in common: a reference, or where there is none, the instant."""
    reference, at = row.text(Field.GROUP), row.text(Field.AT)
    try:
        kind = row.kind
    except InvalidValue:
        # It is told as the mistake that it is when the row is read.
        return row.line.number
    if row.reading.layout.format.group_is_id:
        return reference if reference and kind is not RowKind.INTERNAL else row.line.number
    return (reference, at) if kind in PARTS_OF_TRADES else row.line.number


@exact
def record_of_group(rows: Sequence[Row], stem: str) -> Record | Skipped:
    """What rows that belong together tell of. Raises InvalidValue with the column of the first."""
    # Kraken lists what is not settled yet without an id, and again with one when it is.
    settled = [row for row in rows if row.text(Field.ID) or Field.ID not in row.reading.layout.places]
    if not settled:
        return Skipped.NOT_DONE
    first = settled[0]
    if len(settled) == 1 and first.kind not in PARTS_OF_TRADES - {RowKind.FEE}:
        return record_of(first, stem)
    changes, fees = _sums(settled)
    if len(settled) > 1 and not any(changes.values()):
        # It went and came back.
        return Skipped.NOT_DONE
    spent = [Amount(asset, -change) for asset, change in changes.items() if change < 0]
    received = [Amount(asset, change) for asset, change in changes.items() if change > 0]
    if len(spent) != 1 or len(received) != 1:
        raise InvalidValue(first.header(Field.KIND), _problem(settled, len(spent), len(received)))
    # The side of the order is not told; a fee of what was spent is one of the purchase.
    is_purchase = any(fee.asset == spent[0].asset for fee in fees)
    return Swap(stem, first.at, first.account, spent[0], received[0], is_purchase, fees)


def name_of_group(rows: Sequence[Row]) -> str:
    """The id of what rows that belong together tell of; empty where they have none."""
    first = rows[0]
    if first.reading.layout.format.group_is_id:
        return first.text(Field.GROUP)
    return min(row.text(Field.ID) for row in rows)


def _sums(rows: Sequence[Row]) -> tuple[dict[Asset, Decimal], tuple[FeePaid, ...]]:
    changes: dict[Asset, Decimal] = {}
    fees: dict[Asset, Decimal] = {}
    for row in rows:
        asset, change = row.asset_in(Field.ASSET), row.needed_number(Field.QUANTITY)
        if row.kind is RowKind.FEE:
            fees[asset] = fees.get(asset, ZERO) - change
        else:
            changes[asset] = changes.get(asset, ZERO) + change
        fees[asset] = fees.get(asset, ZERO) + (row.number(Field.FEE) or ZERO)
    return changes, tuple(FeePaid(asset, Quantity(fee)) for asset, fee in fees.items() if fee)


def _problem(rows: Sequence[Row], spent: int, received: int) -> str:
    if len(rows) == 1:
        return "is a trade, and its other side is missing; export the whole of the time"
    return (
        f"lines {', '.join(str(row.line.number) for row in rows[:5])} belong together, and {spent} coins went for "
        f"{received}: which for which cannot be told; import the export of trades instead"
    )
