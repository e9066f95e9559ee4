"""What a venue offers: instruments with their steps and fees, order books, and marks in the numeraire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.errors import InvalidValue
from engine.model.ids import Asset, VenueName
from engine.model.money import ONE, ZERO, Price, Quantity


class Side(StrEnum):
    """Which way base goes: a buy takes asks, a sell takes bids."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 where base comes in, -1 where it goes out."""
        return 1 if self is Side.BUY else -1


class FeeCurrency(StrEnum):
    """What a venue takes its fee in."""

    QUOTE = "quote"
    RECEIVED = "received"
    """Base on a buy, quote on a sell."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A spot market of one venue. Fees are fractions of the notional of the account's own tier."""

    venue: VenueName
    base: Asset
    quote: Asset
    taker_fee: Decimal
    maker_fee: Decimal
    price_tick: Price
    amount_step: Quantity
    min_amount: Quantity
    min_notional: Decimal
    fee_currency: FeeCurrency = FeeCurrency.QUOTE

    def __post_init__(self) -> None:
        where = f"{self.venue} {self.symbol}"
        for name, step in (("price_tick", self.price_tick), ("amount_step", self.amount_step)):
            if step <= 0:
                raise InvalidValue(f"{where} {name}", "must be above 0")
        for name, least in (("min_amount", self.min_amount), ("min_notional", self.min_notional)):
            if least < 0:
                raise InvalidValue(f"{where} {name}", "must not be negative")
        for name, fee in (("taker_fee", self.taker_fee), ("maker_fee", self.maker_fee)):
            if not -ONE < fee < ONE:
                raise InvalidValue(f"{where} {name}", "must be a fraction such as 0.001")
        if self.base == self.quote:
            raise InvalidValue(where, "base and quote must differ")

    @property
    def symbol(self) -> str:
        """BASE/QUOTE."""
        return f"{self.base}/{self.quote}"


@dataclass(frozen=True, slots=True)
class Level:
    """So much base at one price of a book."""

    price: Price
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class OrderBook:
    """One market's book, best first on both sides, at the instant the venue gave it."""

    base: Asset
    quote: Asset
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    as_of: datetime

    def __post_init__(self) -> None:
        where = f"book {self.base}/{self.quote}"
        for name, levels in (("bids", self.bids), ("asks", self.asks)):
            for level in levels:
                if level.price <= 0 or level.quantity <= 0:
                    raise InvalidValue(f"{where} {name}", "every price and quantity must be above 0")
        if any(a.price < b.price for a, b in zip(self.bids, self.bids[1:], strict=False)):
            raise InvalidValue(f"{where} bids", "must be sorted, highest price first")
        if any(a.price > b.price for a, b in zip(self.asks, self.asks[1:], strict=False)):
            raise InvalidValue(f"{where} asks", "must be sorted, lowest price first")

    @property
    def is_two_sided(self) -> bool:
        """Both sides hold something."""
        return bool(self.bids and self.asks)

    @property
    def is_crossed(self) -> bool:
        """The best bid is at or above the best ask: the book is wrong or stale."""
        return self.is_two_sided and self.bids[0].price >= self.asks[0].price

    @property
    def mid(self) -> Price:
        """Half-way between best bid and best ask. Only of a two-sided book."""
        return Price((self.bids[0].price + self.asks[0].price) / 2)

    @property
    def top(self) -> OrderBook:
        """The best level of both sides alone."""
        return OrderBook(self.base, self.quote, self.bids[:1], self.asks[:1], self.as_of)

    def side_taken(self, side: Side) -> tuple[Level, ...]:
        """The levels that an order on `side` would take."""
        return self.asks if side is Side.BUY else self.bids


Close = tuple[datetime, Price]
"""When a day was over, and the last price in it."""
DayVolume = tuple[datetime, Quantity]
"""When a day was over, and what was traded in it, in base."""


@dataclass(frozen=True, slots=True)
class MarkSource:
    """One venue's word on a price, and why it was left out where it was."""

    venue: VenueName
    symbol: str
    price: Price
    age_seconds: Decimal = ZERO
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """The price of an asset in the numeraire, with the words it is the median of."""

    asset: Asset
    price: Price
    sources: tuple[MarkSource, ...] = ()
