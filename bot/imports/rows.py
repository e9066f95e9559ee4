"""One row of a file as a record. Every mistake names the column it is in."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final, TypeVar

from bot.config.mistakes import shown
from bot.imports.dates import DateOrder
from bot.imports.layout import Field, Layout
from bot.imports.names import asset_named, pair_named
from bot.imports.numbers import DecimalMark, with_unit
from bot.imports.records import Amount, Movement, MovementKind, Record, Skipped, Swap, Terms
from bot.imports.table import Line
from bot.imports.words import RowKind, is_done, kind_of
from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.money import ZERO, Quantity, exact
from engine.model.order import FeePaid

ACCOUNT_NAME: Final = re.compile(r"[^\W][\w .()&/-]{0,39}")
CONVERTED: Final = re.compile(r"Converted (?P<sent>[\d.,]+) (?P<what>\S+) to (?P<got>[\d.,]+) (?P<into>\S+)")
"""How Coinbase writes of a conversion what it came to, in the note."""
ROUNDED: Final = Decimal("0.01")
"""A total may differ from quantity times price by this part, as prices are rounded."""
MOVEMENTS: Final = {
    RowKind.DEPOSIT: MovementKind.DEPOSIT,
    RowKind.WITHDRAWAL: MovementKind.WITHDRAWAL,
    RowKind.TRANSFER: MovementKind.TRANSFER,
    RowKind.INCOME: MovementKind.INCOME,
    RowKind.SPEND: MovementKind.SPEND,
    RowKind.FEE: MovementKind.FEE,
    RowKind.LOSS: MovementKind.LOSS,
    RowKind.OPENING: MovementKind.OPENING,
}
TRADES: Final = frozenset({RowKind.BUY, RowKind.SELL, RowKind.TRADE})

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading:
    """What holds for all rows of a file."""

    layout: Layout
    terms: Terms
    mark: DecimalMark
    dates: DateOrder
    known: Collection[str]
    """Names of assets that stand in the file: a market's name is taken apart by them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row in the words of our fields. Whatever it reads raises InvalidValue, with the column's header."""

    line: Line
    reading: Reading

    def text(self, field: Field) -> str:
        """The cell; empty where there is none."""
        place = self.reading.layout.places.get(field)
        return "" if place is None or place >= len(self.line.cells) else self.line.cells[place]

    def header(self, field: Field, otherwise: str | None = None) -> str:
        """The name of a column in the file; where there is none, what it would have to say."""
        place = self.reading.layout.places.get(field)
        if place is None and otherwise is not None:
            return otherwise
        return field.value if place is None else self.reading.layout.headers[place]

    def needed(self, field: Field) -> str:
        """The cell, which must hold something."""
        text = self.text(field)
        if not text:
            raise InvalidValue(self.header(field), "is empty; fill it in")
        return text

    def read(self, field: Field, read: Callable[[str], Value]) -> Value:
        """The cell, read by a function that knows nothing of columns."""
        try:
            return read(self.needed(field))
        except InvalidValue as error:
            raise InvalidValue(error.field or self.header(field), error.problem) from None

    def number(self, field: Field) -> Decimal | None:
        """A number, its coin left aside; None where there is none."""
        if not self.text(field):
            return None
        return self.read(field, lambda text: self.reading.mark.number(with_unit(text)[0]))

    def needed_number(self, field: Field) -> Decimal:
        """A number that must be there."""
        self.needed(field)
        return self.number(field) or ZERO

    def unit(self, field: Field) -> Asset | None:
        """The coin behind a number: `0.1BTC`."""
        unit = with_unit(self.text(field))[1]
        return self.asset(unit) if unit else None

    def asset(self, text: str) -> Asset:
        """An asset by its name."""
        return asset_named(text, is_kraken=self.reading.layout.format.is_kraken)

    def asset_in(self, field: Field) -> Asset:
        """The asset that a cell names."""
        return self.read(field, self.asset)

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.read(Field.AT, self.reading.dates.instant)

    @property
    def account(self) -> str:
        """Where it happened."""
        text = self.text(Field.ACCOUNT)
        if not text or not self.reading.layout.format.knows_accounts:
            return self.reading.terms.account
        return self.account_in(Field.ACCOUNT)

    def account_in(self, field: Field) -> str:
        """The account that a cell names."""
        return self.reading.terms.account_named(self.read(field, _account))

    @property
    def kind(self) -> RowKind | None:
        """What it tells of; None where it does not say."""
        words = self.reading.layout.format.words
        for field in (Field.SUBKIND, Field.KIND):
            text = self.text(field)
            if text.lower() in words:
                return words[text.lower()]
            if text and (field is Field.KIND or _is_known(text)):
                return self.read(field, kind_of)
        return self.reading.layout.format.kind

    @property
    def value(self) -> Decimal | None:
        """What it was worth in the numeraire, where the row says it in the numeraire."""
        currency = self.text(Field.VALUE_ASSET)
        is_ours = not currency or self.asset_in(Field.VALUE_ASSET) == self.reading.terms.numeraire
        value = self.number(Field.VALUE) if is_ours else None
        return None if value is None else abs(value)

    @property
    def quote(self) -> Asset:
        """What prices and totals are in: the numeraire, where the row does not say."""
        return self.asset_in(Field.QUOTE) if self.text(Field.QUOTE) else self.reading.terms.numeraire

    def is_left_out(self) -> bool:
        """It did not take place."""
        return bool(self.text(Field.STATUS)) and not self.read(Field.STATUS, is_done)


def _account(text: str) -> str:
    if not ACCOUNT_NAME.fullmatch(text):
        raise InvalidValue("", f"{shown(text)} is no name of an account; write up to 40 letters and digits")
    return text


def _is_known(text: str) -> bool:
    try:
        kind_of(text)
    except InvalidValue:
        return False
    return True


@exact
def record_of(row: Row, stem: str) -> Record | Skipped:
    """What a row tells of. Raises InvalidValue with the column."""
    if row.is_left_out():
        return Skipped.NOT_DONE
    kind = row.kind
    if kind is RowKind.INTERNAL:
        return Skipped.INTERNAL
    if row.text(Field.SENT) or row.text(Field.RECEIVED):
        return _two_sided(row, kind, stem)
    if kind is None:
        raise InvalidValue(row.header(Field.KIND), "does not say what the row is; add a column type with buy, sell, …")
    if kind is RowKind.TRADE:
        return _converted(row, stem)
    if kind in TRADES:
        return _trade(row, kind, stem)
    return _movement(row, kind, stem)


def _trade(row: Row, kind: RowKind, stem: str) -> Record | Skipped:
    base, quote = _market(row)
    quantity = abs(row.needed_number(Field.QUANTITY))
    if not quantity:
        return Skipped.NOTHING
    cost = _total(row, quantity, quote)
    bought, paid = Amount(base, quantity), Amount(quote, cost)
    is_purchase = kind is RowKind.BUY
    spent, received = (paid, bought) if is_purchase else (bought, paid)
    by_default = received.asset if row.reading.layout.format.fee_is_of_what_was_received else quote
    return Swap(
        stem, row.at, row.account, spent, received, is_purchase, _fees(row, by_default), row.value,
        row.number(Field.FEE_VALUE),
    )  # fmt: skip


def _market(row: Row) -> tuple[Asset, Asset]:
    if row.text(Field.PAIR):
        known, units = row.reading.known, (row.unit(Field.QUANTITY), row.unit(Field.TOTAL))
        is_kraken = row.reading.layout.format.is_kraken
        return row.read(
            Field.PAIR, lambda text: pair_named(text, lambda name: name in known or name in units, is_kraken=is_kraken)
        )
    return _asset(row), row.quote


def _asset(row: Row) -> Asset:
    return row.asset_in(Field.BASE if row.text(Field.BASE) else Field.ASSET)


def _total(row: Row, quantity: Decimal, quote: Asset) -> Decimal:
    """What was paid or got in the quote, without the fee."""
    cost, price = row.number(Field.TOTAL), row.number(Field.PRICE)
    if cost is None and price is not None:
        cost = price * quantity
    if cost is None and quote == row.reading.terms.numeraire:
        cost = row.value
    if cost is None:
        raise InvalidValue(row.header(Field.TOTAL), "is missing, and so is a price; fill in one of them")
    cost = abs(cost)
    if price is not None and abs(cost - abs(price) * quantity) > ROUNDED * max(cost, ZERO):
        problem = "is not quantity times price; leave the fee out of it, or leave the column out"
        raise InvalidValue(row.header(Field.TOTAL), problem)
    return cost


def _fees(row: Row, by_default: Asset) -> tuple[FeePaid, ...]:
    fee = row.number(Field.FEE)
    if not fee:
        return ()
    if fee < 0:
        raise InvalidValue(row.header(Field.FEE), "is below 0; write fees without a sign, and a rebate as an income")
    asset = row.unit(Field.FEE) or (row.asset_in(Field.FEE_ASSET) if row.text(Field.FEE_ASSET) else by_default)
    return (FeePaid(asset, Quantity(fee)),)


def _two_sided(row: Row, kind: RowKind | None, stem: str) -> Record | Skipped:
    sent, received = _side(row, Field.SENT, Field.SENT_ASSET), _side(row, Field.RECEIVED, Field.RECEIVED_ASSET)
    if sent is None and received is None:
        return Skipped.NOTHING
    moved = received or sent
    if sent is not None and received is not None:
        fees = _fees(row, received.asset)
        return Swap(
            stem, row.at, row.account, sent, received, kind is RowKind.BUY, fees, row.value,
            row.number(Field.FEE_VALUE),
        )  # fmt: skip
    if moved is None or kind in TRADES:
        raise InvalidValue(
            row.header(Field.SENT if sent is None else Field.RECEIVED), "is empty; a trade has two sides"
        )
    otherwise = MovementKind.WITHDRAWAL if received is None else MovementKind.DEPOSIT
    return _moved(row, otherwise if kind is None else MOVEMENTS[kind], moved, stem)


def _side(row: Row, quantity: Field, asset: Field) -> Amount | None:
    number = row.number(quantity)
    if not number:
        return None
    return Amount(row.unit(quantity) or row.asset_in(asset), abs(number))


def _converted(row: Row, stem: str) -> Record:
    found = CONVERTED.search(row.text(Field.NOTE))
    if found is None:
        raise InvalidValue(row.header(Field.KIND), "is a trade, and the row has one side; write buy or sell")
    sent, got = (row.reading.mark.number(found[name]) for name in ("sent", "got"))
    gave, into = Amount(row.asset(found["what"]), sent), Amount(row.asset(found["into"]), got)
    value = row.number(Field.TOTAL) if row.quote == row.reading.terms.numeraire else None
    # What Coinbase calls its fee here lies in the price: less arrives, and that is what the note says.
    return Swap(stem, row.at, row.account, gave, into, is_purchase=False, value=row.value or value)


def _movement(row: Row, kind: RowKind, stem: str) -> Record | Skipped:
    quantity = abs(row.needed_number(Field.QUANTITY))
    if not quantity:
        return Skipped.NOTHING
    moved = Amount(row.unit(Field.QUANTITY) or _asset(row), quantity)
    return _moved(row, MOVEMENTS[kind], moved, stem)


def _moved(row: Row, kind: MovementKind, moved: Amount, stem: str) -> Record:
    to_account = row.account_in(Field.TO_ACCOUNT) if row.text(Field.TO_ACCOUNT) else ""
    if kind is MovementKind.WITHDRAWAL and to_account:
        kind = MovementKind.TRANSFER
    if kind is MovementKind.TRANSFER and to_account in ("", row.account):
        problem = "does not say where it went; write another account, or deposit or withdrawal as the type"
        raise InvalidValue(row.header(Field.TO_ACCOUNT), problem)
    made = Movement(
        stem, row.at, row.account, kind, moved, _fees(row, moved.asset), _worth(row, moved), row.text(Field.TXID)
    )
    return replace(made, to_account=to_account) if kind is MovementKind.TRANSFER else made


def _worth(row: Row, moved: Amount) -> Decimal | None:
    if row.value is not None or row.quote != row.reading.terms.numeraire:
        return row.value
    cost, price = row.number(Field.TOTAL), row.number(Field.PRICE)
    if cost is not None:
        return abs(cost)
    return None if price is None else price * moved.quantity


def zone_of(layout: Layout, in_header: tzinfo | None, otherwise: tzinfo, utc: tzinfo) -> tzinfo:
    """The zone of times that do not name theirs: the header's, the format's, or the person's."""
    return in_header or (utc if layout.format.is_utc else otherwise)
