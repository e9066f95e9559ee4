"""The United Kingdom's share matching: what is bought the same day, then in the next 30 days, then the pool.

All that one person holds of a token is one, wherever it lies; what is bought or sold of it on one day is one
transaction (TCGA 1992, sections 104, 105 and 106A; HMRC's manual CRYPTO22250 and following).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from engine.account.lots.pieces import Piece
from engine.account.lots.rules import LotRules
from engine.model.errors import InvalidValue
from engine.model.holding import local_date
from engine.model.ids import Asset
from engine.model.lots import (
    OPENS,
    Account,
    Entry,
    EntryKind,
    Income,
    Lot,
    Match,
    Missing,
    Settlement,
    Shortfall,
    Term,
    UkRule,
)
from engine.model.money import ZERO, Quantity, plain, ratio, total

BUY_BACK_DAYS: Final = timedelta(days=30)


class Sold(NamedTuple):
    """Units that an entry used up; `proceeds` None where no gain is booked."""

    entry: Entry
    quantity: Decimal
    proceeds: Decimal | None


class Covered(NamedTuple):
    """So much of a day's sales, and what it cost by one of the rules."""

    quantity: Decimal
    cost: Decimal
    rule: UkRule


@dataclass(slots=True)
class Day:
    """What happened to one token on one day."""

    bought: Piece | None = None
    sold: list[Sold] = field(default_factory=list)
    covered: list[Covered] = field(default_factory=list)
    opened: list[Entry] = field(default_factory=list)

    @property
    def open_quantity(self) -> Decimal:
        """What was sold and is not covered by any purchase yet."""
        return total(sold.quantity for sold in self.sold) - total(covered.quantity for covered in self.covered)

    def cover(self, piece: Piece, rule: UkRule) -> None:
        """Match what is still open with a purchase, as far as it goes."""
        part = piece.take(min(self.open_quantity, piece.left))
        self.covered.append(Covered(part.quantity, part.cost, rule))


def settle_uk(ordered: Sequence[Entry], rules: LotRules) -> Settlement:
    """Match a history, given in the order of time. Raises InvalidValue where more is sold than is known."""
    days = _days(ordered, rules)
    tokens = [_Token(asset, own, rules) for asset, own in sorted(days.items())]
    for token in tokens:
        token.settle()
    income = tuple(
        Income(e.id, e.at, e.asset, e.account, e.quantity, e.value or ZERO)
        for e in ordered
        if e.kind is EntryKind.INCOME
    )
    matches = sorted((match for token in tokens for match in token.matches), key=lambda match: match.at)
    missing = sorted((each for token in tokens for each in token.missing), key=lambda each: each.at)
    held = _held(ordered)
    remaining = tuple(lot for token in tokens for lot in token.remaining(held[token.asset]))
    return Settlement(tuple(matches), remaining, tuple(missing), income)


def _days(ordered: Iterable[Entry], rules: LotRules) -> dict[Asset, dict[date, Day]]:
    """What happened to every token, day by day on the taxpayer's calendar."""
    days: defaultdict[Asset, defaultdict[date, Day]] = defaultdict(lambda: defaultdict(Day))
    for entry in ordered:
        day = days[entry.asset][local_date(entry.acquired_at or entry.at, rules.zone)]
        if entry.kind in OPENS:
            day.opened.append(entry)
        elif entry.kind is not EntryKind.TRANSFER:
            day.sold.append(Sold(entry, entry.quantity, entry.value))
        elif entry.fee_quantity:
            day.sold.append(Sold(entry, entry.fee_quantity, entry.fee_value))
    return {asset: dict(sorted(own.items())) for asset, own in days.items()}


class _Token:
    """One token, and its pool of section 104."""

    def __init__(self, asset: Asset, days: dict[date, Day], rules: LotRules) -> None:
        self.asset = asset
        self._days = days
        self._rules = rules
        self._quantity = ZERO
        self._basis = ZERO
        self._is_known = True
        self.matches: list[Match] = []
        self.missing: list[Missing] = []

    def settle(self) -> None:
        """Same day for all, then the next 30 days in the order of the sales, then the pool."""
        for day in self._days.values():
            if day.opened:
                day.bought = _bought(day.opened)
                if day.sold:
                    day.cover(day.bought, UkRule.SAME_DAY)
        purchases = [(on, day.bought) for on, day in self._days.items() if day.bought]
        first = 0
        for on, day in self._days.items():
            while first < len(purchases) and purchases[first][0] <= on:
                first += 1
            self._cover_by_later(day, on, purchases[first : first + BUY_BACK_DAYS.days])
        for day in self._days.values():
            self._through_pool(day)

    def remaining(self, held: dict[Account, Decimal]) -> Iterator[Lot]:
        """The pool, account by account where the accounts add up to it."""
        if not self._quantity:
            return
        since = min(entry.acquired_at or entry.at for day in self._days.values() for entry in day.opened)
        accounts = sorted((account, units) for account, units in held.items() if units)
        if total(held.values()) != self._quantity or any(units < 0 for _, units in accounts):
            accounts = [("", self._quantity)]
        gone = given = ZERO
        for account, units in accounts:
            gone += units
            upto = self._basis if gone == self._quantity else ratio(self._basis * gone, self._quantity)
            yield Lot("", self.asset, account, since, Quantity(units), upto - given, self._is_known)
            given = upto

    def _cover_by_later(self, day: Day, on: date, purchases: Sequence[tuple[date, Piece]]) -> None:
        for bought_on, piece in purchases:
            if bought_on - on > BUY_BACK_DAYS or not day.open_quantity:
                return
            if piece.left:
                day.cover(piece, UkRule.THIRTY_DAYS)

    def _through_pool(self, day: Day) -> None:
        if day.bought and day.bought.left:
            self._quantity += day.bought.left
            self._basis += day.bought.basis_left
        self._is_known = self._is_known and all(entry.value is not None for entry in day.opened)
        wanted = day.open_quantity
        known = min(wanted, self._quantity)
        if known:
            cost = self._basis if known == self._quantity else ratio(self._basis * known, self._quantity)
            self._quantity -= known
            self._basis -= cost
            day.covered.append(Covered(known, cost, UkRule.POOL))
        if wanted > known:
            self._note_missing(day, wanted - known)
        self._book(day)

    def _note_missing(self, day: Day, quantity: Decimal) -> None:
        last = day.sold[-1].entry
        if self._rules.shortfall is Shortfall.ERROR:
            problem = f"uses up {plain(quantity)} {self.asset} more than is known; add what came before, or let the"
            raise InvalidValue(last.id, f"{problem} shortfall be zero_basis")
        self.missing.append(Missing(last.id, last.at, self.asset, last.account, quantity))
        day.covered.append(Covered(quantity, ZERO, UkRule.POOL))

    def _book(self, day: Day) -> None:
        """Every rule covers the same fraction of each of the day's sales, so that they are one transaction."""
        whole = total(sold.quantity for sold in day.sold)
        end = ZERO
        for sold in day.sold:
            begin, end = end, end + sold.quantity
            shares, upto = [], ZERO
            for quantity, cost, rule in day.covered:
                before, upto = upto, upto + quantity
                units = [_cell(edge, upto, whole) - _cell(edge, before, whole) for edge in (begin, end)]
                costs = [_cell(edge, cost, whole) for edge in (begin, end)]
                shares.append(Covered(units[1] - units[0], costs[1] - costs[0], rule))
            self._book_one(sold, shares)

    def _book_one(self, sold: Sold, shares: Sequence[Covered]) -> None:
        whole = total(share.quantity for share in shares)
        gone = given = ZERO
        for place, share in enumerate(shares, start=1):
            gone += share.quantity
            proceeds = None
            if sold.proceeds is not None:
                upto = sold.proceeds if place == len(shares) else ratio(sold.proceeds * gone, whole)
                proceeds, given = upto - given, upto
            e = sold.entry
            self.matches.append(
                Match(
                    e.id,
                    e.at,
                    None,
                    None,
                    self.asset,
                    e.account,
                    share.quantity,
                    proceeds,
                    share.cost,
                    Term.NONE,
                    share.rule,
                    self._is_known,
                )
            )


def _cell(units: Decimal, amount: Decimal, whole: Decimal) -> Decimal:
    """What falls on the first so many units of a day, of an amount that falls on all of them; exact at both ends.

    Differences of it add up to the day's quantities by sale as well as by rule.
    """
    if units == whole:
        return amount
    return units if amount == whole else ratio(units * amount, whole)


def _bought(opened: Sequence[Entry]) -> Piece:
    quantity, basis = total(e.quantity for e in opened), total(e.value or ZERO for e in opened)
    return Piece(None, opened[0].at, 0, quantity, basis)


def _held(ordered: Iterable[Entry]) -> dict[Asset, dict[Account, Decimal]]:
    """How much of what lies where, by the entries."""
    held: dict[Asset, dict[Account, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for entry in ordered:
        lies = held[entry.asset]
        if entry.kind in OPENS:
            lies[entry.account] += entry.quantity
            continue
        lies[entry.account] -= entry.quantity + entry.fee_quantity
        if entry.kind is EntryKind.TRANSFER:
            lies[entry.to_account] += entry.quantity
    return held
