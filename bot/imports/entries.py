"""Trades and movements as entries of the ledger: one rule for files, for an exchange's history and for whoever asks.

A trade is a sale of what was given and a purchase of what was got. The numeraire is money and makes no entries. A fee
counts once: it is part of the cost of a purchase, or comes off the proceeds of a sale. Of a trade between two coins it
belongs to the purchase where the base was bought, else to the sale.

An id is a stem, by which the trade is known, and behind it which side of the trade it is, as in the ledger of the
bot's own fills.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from bot.imports.records import Amount, Movement, MovementKind, Record, Swap, Terms
from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.lots import Entry, EntryKind
from engine.model.money import ZERO, exact, plain, ratio, total
from engine.model.order import FeePaid

OUT, IN, FEE = ":out", ":in", ":fee"
KINDS: Final = {
    MovementKind.INCOME: EntryKind.INCOME,
    MovementKind.SPEND: EntryKind.DISPOSE,
    MovementKind.FEE: EntryKind.FEE,
    MovementKind.LOSS: EntryKind.REDUCE,
    MovementKind.WITHDRAWAL: EntryKind.REDUCE,
    MovementKind.DEPOSIT: EntryKind.OPENING,
    MovementKind.OPENING: EntryKind.OPENING,
    MovementKind.TRANSFER: EntryKind.TRANSFER,
}
NEEDS_A_VALUE: Final = frozenset({MovementKind.INCOME, MovementKind.SPEND, MovementKind.FEE})
LOSES_ITS_FEE: Final = frozenset({MovementKind.DEPOSIT, MovementKind.INCOME, MovementKind.OPENING})
"""Of these less arrived than the row says."""


@exact
def entries_of(record: Record, terms: Terms) -> tuple[Entry, ...]:
    """What a record adds to the ledger. Raises InvalidValue where something has no value, with the remedy."""
    try:
        return _of_swap(record, terms) if isinstance(record, Swap) else _of_movement(record, terms)
    except ArithmeticError:
        raise InvalidValue("", "the quantity and the price are too far apart to be of a trade; check both") from None


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both sides with their fees: what really went and came, and what either was worth."""

    spent: Decimal
    received: Decimal
    proceeds: Decimal
    basis: Decimal


def _of_swap(swap: Swap, terms: Terms) -> tuple[Entry, ...]:
    if swap.spent.asset == swap.received.asset:
        raise InvalidValue("", f"{swap.spent.asset} is given for itself; write what was paid for it")
    value = _value_of_swap(swap, terms)
    is_purchase = swap.spent.asset == terms.numeraire or (swap.received.asset != terms.numeraire and swap.is_purchase)
    own, third = _fees_apart(swap)
    paid = _fee_entries(swap, third, terms)
    sides = _with_fees(swap, value, own, is_purchase=is_purchase)
    more = total(entry_value for _, entry_value in paid)
    sides = replace(
        sides,
        basis=sides.basis + (more if is_purchase else ZERO),
        proceeds=sides.proceeds - (ZERO if is_purchase else more),
    )
    legs = tuple(leg for leg in (_out(swap, value, sides), _in(swap, value, sides)) if leg.asset != terms.numeraire)
    return (*legs, *(entry for entry, _ in paid if entry is not None))


def _out(swap: Swap, value: Decimal, sides: _Sides) -> Entry:
    price = ratio(value, swap.spent.quantity)
    kind, asset = EntryKind.DISPOSE, swap.spent.asset
    return Entry(swap.stem + OUT, swap.at, kind, asset, swap.account, sides.spent, sides.proceeds, price)


def _in(swap: Swap, value: Decimal, sides: _Sides) -> Entry:
    if sides.received <= 0:
        raise InvalidValue("fee", f"takes all of the {swap.received.asset} that was bought; check the fee")
    price = ratio(value, swap.received.quantity)
    kind, asset = EntryKind.ACQUIRE, swap.received.asset
    return Entry(swap.stem + IN, swap.at, kind, asset, swap.account, sides.received, sides.basis, price)


def _value_of_swap(swap: Swap, terms: Terms) -> Decimal:
    """What was traded, in the numeraire: as money if one side is, as the row says, or by the price of either side."""
    for side in (swap.spent, swap.received):
        if side.asset == terms.numeraire:
            return side.quantity
    if swap.value is not None:
        return swap.value
    for side in (swap.received, swap.spent) if not swap.is_purchase else (swap.spent, swap.received):
        price = terms.price_at(side.asset, swap.at)
        if price is not None:
            return price * side.quantity
    raise _no_value(f"{swap.spent.asset} given for {swap.received.asset}", terms)


def _no_value(what: str, terms: Terms) -> InvalidValue:
    money = terms.numeraire
    return InvalidValue("value", f'nobody knows what {what} was worth in {money}; add a column "value {money}"')


def _fees_apart(swap: Swap) -> tuple[tuple[FeePaid, ...], tuple[FeePaid, ...]]:
    """Fees of a coin that was traded, and all others; the numeraire is among the others unless it was traded."""
    traded = {swap.spent.asset, swap.received.asset}
    fees = [fee for fee in swap.fees if fee.quantity]
    return tuple(fee for fee in fees if fee.asset in traded), tuple(fee for fee in fees if fee.asset not in traded)


def _with_fees(swap: Swap, value: Decimal, fees: Sequence[FeePaid], *, is_purchase: bool) -> _Sides:
    spent, received = swap.spent.quantity, swap.received.quantity
    proceeds = basis = value
    for fee in fees:
        if fee.asset == swap.spent.asset:
            spent += fee.quantity
            if is_purchase:
                worth = _share(value, fee.quantity, swap.spent.quantity)
                proceeds, basis = proceeds + worth, basis + worth
        else:
            received -= fee.quantity
            if not is_purchase:
                worth = _share(value, fee.quantity, swap.received.quantity)
                proceeds, basis = proceeds - worth, basis - worth
    return _Sides(spent, received, proceeds, basis)


def _share(value: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """What a part is worth. Exact where the whole is its own value, as the numeraire's is."""
    return part if value == whole else ratio(value * part, whole)


def _fee_entries(record: Record, fees: Sequence[FeePaid], terms: Terms) -> list[tuple[Entry | None, Decimal]]:
    """Fees of other coins with what they were worth; of the numeraire nothing but its worth."""
    coins = [fee.asset for fee in fees if fee.asset != terms.numeraire]
    made: list[tuple[Entry | None, Decimal]] = []
    for fee in fees:
        if fee.asset == terms.numeraire:
            made.append((None, fee.quantity))
            continue
        worth = _fee_worth(record, fee, terms, is_only=len(coins) == 1)
        side = f"{FEE}{sum(entry is not None for entry, _ in made) or ''}"
        # A rebate is bought for what it takes off the cost.
        kind = EntryKind.FEE if fee.quantity > 0 else EntryKind.ACQUIRE
        value = abs(worth)
        entry = Entry(record.stem + side, record.at, kind, fee.asset, record.account, abs(fee.quantity), value)
        made.append((entry, worth))
    return made


def _fee_worth(record: Record, fee: FeePaid, terms: Terms, *, is_only: bool) -> Decimal:
    if isinstance(record, Swap) and record.fee_value is not None and is_only:
        return record.fee_value
    price = terms.price_at(fee.asset, record.at)
    if price is None:
        money = terms.numeraire
        raise InvalidValue(
            "fee",
            f"nobody knows what the fee of {plain(fee.quantity)} {fee.asset} was worth in {money}; "
            f'add a column "fee value {money}"',
        )
    return price * fee.quantity


def _of_movement(movement: Movement, terms: Terms) -> tuple[Entry, ...]:
    others = [fee for fee in movement.fees if fee.asset != movement.moved.asset and fee.quantity]
    paid = [entry for entry, _ in _fee_entries(movement, others, terms) if entry is not None]
    if movement.moved.asset == terms.numeraire:
        return tuple(paid)
    if movement.kind is MovementKind.TRANSFER:
        return (_transfer(movement, terms), *paid)
    own_fee = movement.fee_in_kind
    quantity = movement.moved.quantity - (own_fee if movement.kind in LOSES_ITS_FEE else ZERO)
    if quantity <= 0:
        raise InvalidValue("fee", f"takes all of the {movement.moved.asset}; check the fee")
    moved = Amount(movement.moved.asset, quantity)
    if movement.kind not in LOSES_ITS_FEE and own_fee:
        paid.append(_own_fee(movement, own_fee, terms, len(paid)))
    entry = Entry(
        movement.stem + (IN if movement.kind in LOSES_ITS_FEE else OUT),
        movement.at,
        KINDS[movement.kind],
        moved.asset,
        movement.account,
        moved.quantity,
        _value_of_movement(movement, moved, terms),
    )
    return (entry, *paid)


def _value_of_movement(movement: Movement, moved: Amount, terms: Terms) -> Decimal | None:
    """What a deposit cost and what a withdrawal was worth is told by nobody: an opening's cost is the row's or none."""
    if movement.kind is MovementKind.OPENING:
        return movement.value
    if movement.kind not in NEEDS_A_VALUE:
        return None
    if movement.value is not None:
        return movement.value
    price = terms.price_at(moved.asset, movement.at)
    if price is None:
        raise _no_value(f"{plain(moved.quantity)} {moved.asset}", terms)
    return price * moved.quantity


def _own_fee(movement: Movement, quantity: Decimal, terms: Terms, others: int) -> Entry:
    """A withdrawal's fee in its own coin: sold for what it was worth, and without a gain where nobody knows."""
    asset = movement.moved.asset
    kind, value = EntryKind.FEE, _worth_if_known(asset, quantity, movement, terms)
    name = f"{movement.stem}{FEE}{others or ''}"
    return Entry(name, movement.at, kind, asset, movement.account, quantity, value)


def _transfer(movement: Movement, terms: Terms) -> Entry:
    fee, asset = movement.fee_in_kind, movement.moved.asset
    return Entry(
        movement.stem + OUT,
        movement.at,
        EntryKind.TRANSFER,
        asset,
        movement.account,
        movement.moved.quantity,
        to_account=movement.to_account,
        fee_quantity=fee,
        fee_value=_worth_if_known(asset, fee, movement, terms) if fee else None,
    )


def _worth_if_known(asset: Asset, quantity: Decimal, movement: Movement, terms: Terms) -> Decimal | None:
    price = terms.price_at(asset, movement.at)
    return None if price is None else price * quantity
