"""Losses on what was bought again: how far they do not count, and whose basis they become instead.

The replay tells what is opened and moved, and looks back at its matches before every entry. Nothing of this is made
where the profile switches it off.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final, NamedTuple, Protocol

from engine.account.lots.pieces import Piece
from engine.account.lots.pools import AveragePool, Pool
from engine.account.lots.rules import LotRules
from engine.model.errors import InvalidValue
from engine.model.holding import local_date
from engine.model.ids import Asset
from engine.model.lots import OPENS, Account, Entry, EntryKind, LotMethod, Match, OrderKey, Scope, Term
from engine.model.money import ZERO, ratio, total
from engine.model.tax import WashSale

BOUGHT: Final = frozenset({EntryKind.ACQUIRE})
"""What counts as buying again for a replacement lot: "by purchase or by [a taxable] exchange" (26 USC 1091(a))."""
ACQUIRED: Final = frozenset({EntryKind.ACQUIRE, EntryKind.INCOME})
"""What counts for a superficial loss: whatever is acquired (Income Tax Act, section 54, "superficial loss")."""


class Books(NamedTuple):
    """What the replay has written so far; losses that do not count are marked in it."""

    matches: list[Match]
    results: dict[int, list[Decimal]]
    """The short and the long gains of every year."""
    pools: Mapping[tuple[Account, Asset], Pool]


class Washes(Protocol):
    """What a rule about losses is to the replay."""

    def opened(self, entry: Entry, piece: Piece) -> Sequence[Piece]:
        """What is to be put into the pool for a new lot."""
        ...

    def moved(self, source: Piece, piece: Piece, account: Account) -> None:
        """A transfer has brought a part of a lot to an account."""
        ...

    def look_back(self) -> None:
        """Judge the losses of the matches that came since the last time."""
        ...


def washes_of(ordered: Sequence[Entry], rules: LotRules, books: Books) -> Washes | None:
    """The rule that the profile asks for; None where it asks for none."""
    if rules.profile is None or rules.profile.wash_sale is WashSale.OFF:
        return None
    judge = _Judge(rules, books)
    methods = rules.methods
    if methods == {LotMethod.AVERAGE}:
        return SuperficialLosses(ordered, judge)
    if judge.enforces and LotMethod.AVERAGE in methods:
        raise InvalidValue(
            "method", "average cannot be mixed with another while wash sales are enforced; use one alone"
        )
    return ReplacementLots(judge)


class _Judge:
    """What both rules share: the window, and how a match is marked."""

    def __init__(self, rules: LotRules, books: Books) -> None:
        assert rules.profile is not None, "a rule about losses is a profile's"
        self.rules = rules
        self.pools = books.pools
        self.enforces = rules.profile.wash_sale is WashSale.ENFORCE
        self.window = timedelta(days=rules.profile.wash_days)
        self._books = books
        self._seen = 0

    def day(self, match: Match | Entry) -> date:
        """The date of it on the taxpayer's calendar."""
        return local_date(match.at, self.rules.zone)

    def place(self, account: Account, asset: Asset) -> tuple[Account, Asset]:
        """Where the pool is that an account's units lie in."""
        return ("" if self.rules.scope is Scope.UNIVERSAL else account), asset

    def fresh_matches(self) -> Iterator[tuple[int, Match]]:
        """The matches that nobody has looked at yet, with their places, as far as a gain is booked."""
        matches, begin = self._books.matches, self._seen
        self._seen = len(matches)
        yield from ((n, matches[n]) for n in range(begin, self._seen) if matches[n].proceeds is not None)

    def mark(self, number: int, denied: Decimal) -> None:
        """So much more of a match's loss does not count; zero: it counts, and is flagged."""
        match = self._books.matches[number]
        self._books.matches[number] = match._replace(disallowed=match.disallowed + denied, is_washed=True)
        self._books.results[self.rules.year_of(match.at)][match.term is Term.LONG] += denied


@dataclass(slots=True)
class _Loss:
    """A match's loss, and how much of it has been bought again."""

    number: int
    lot: str | None
    sold_on: date
    held_for: timedelta
    quantity: Decimal
    amount: Decimal
    replaced: Decimal = ZERO
    denied: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """Units that have not been bought again."""
        return self.quantity - self.replaced

    def replace(self, units: Decimal) -> Decimal:
        """So many units more are bought again: the part of the loss that goes with them."""
        self.replaced += units
        upto = self.amount if not self.left else ratio(self.amount * self.replaced, self.quantity)
        more, self.denied = upto - self.denied, upto
        return more


@dataclass(slots=True)
class _Bought:
    """A lot that was bought, as long as it can stand for units that were sold; `free` of its units do so for none."""

    piece: Piece
    on: date
    account: Account
    free: Decimal

    @property
    def left(self) -> Decimal:
        """Units that are still held and replace none."""
        return min(self.free, self.piece.left)


class ReplacementLots:
    """Section 1091 of the Internal Revenue Code: the loss becomes basis of the lots that were bought instead.

    Losses are taken in the order of the sales, and lots in the order in which they were bought (26 CFR 1.1091-1(b) to
    (d)); the basis is raised by 1091(d), and the time for which the sold units were held counts for the new ones
    (1223(3)). The rest of the lot that was sold itself replaces nothing (Rev. Rul. 56-602).
    """

    def __init__(self, judge: _Judge) -> None:
        self._judge = judge
        self._bought: defaultdict[Asset, list[_Bought]] = defaultdict(list)
        self._losses: defaultdict[Asset, deque[_Loss]] = defaultdict(deque)

    def opened(self, entry: Entry, piece: Piece) -> Sequence[Piece]:
        """The lot, without what of it replaces units that were sold before; that comes as lots of its own."""
        if entry.kind not in BOUGHT:
            return (piece,)
        bought = _Bought(piece, self._judge.day(entry), entry.account, piece.left)
        losses = self._losses[entry.asset]
        pieces: list[Piece] = []
        while losses and bought.left:
            if losses[0].sold_on + self._judge.window >= bought.on:
                pieces += self._washed(losses[0], bought)
            if bought.left:
                losses.popleft()
        if bought.left:
            self._bought[entry.asset].append(bought)
        return (piece, *pieces) if piece.left else pieces

    def moved(self, source: Piece, piece: Piece, account: Account) -> None:
        """What a transfer brings elsewhere can still stand for units that are sold."""
        for recent in self._bought.values():
            for bought in recent:
                if bought.piece is source:
                    free = min(bought.free, piece.left)
                    bought.free -= free
                    insort(recent, _Bought(piece, bought.on, account, free), key=_age)
                    return

    def look_back(self) -> None:
        """Set new losses against lots that were bought before; what is left waits for lots to come."""
        for number, match in self._judge.fresh_matches():
            gain = match.gain
            if gain is None or gain >= 0 or match.acquired_at is None:
                continue
            held_for = match.at - match.acquired_at
            loss = _Loss(number, match.lot, self._judge.day(match), held_for, match.quantity, -gain)
            self._set_against(loss, match.asset)
            if loss.left:
                self._losses[match.asset].append(loss)

    def _set_against(self, loss: _Loss, asset: Asset) -> None:
        """Let what was bought within the window before a sale stand for it, oldest first; drop what is used up."""
        recent, first, place = self._bought[asset], loss.sold_on - self._judge.window, 0
        while loss.left and place < len(recent):
            bought = recent[place]
            if bought.on >= first:
                for new in self._washed(loss, bought):
                    self._judge.pools[self._judge.place(bought.account, asset)].add(new)
            if bought.on < first or not bought.left:
                del recent[place]
            else:
                place += 1

    def _washed(self, loss: _Loss, bought: _Bought) -> Iterator[Piece]:
        """Let a lot stand for what was sold, as far as it goes. Where the rule is enforced, that part is a new lot."""
        units = min(loss.left, bought.left)
        if units <= 0 or bought.piece.lot == loss.lot:
            return
        denied = loss.replace(units)
        bought.free -= units
        self._judge.mark(loss.number, denied if self._judge.enforces else ZERO)
        if self._judge.enforces:
            yield self._replacement(bought.piece, units, denied, loss.held_for)

    def _replacement(self, piece: Piece, units: Decimal, denied: Decimal, held_for: timedelta) -> Piece:
        basis = piece.take(units).cost + denied
        unit_cost = basis / units if self._judge.rules.order_key is OrderKey.UNIT_COST else piece.unit_cost
        new = Piece(piece.lot, piece.acquired_at - held_for, piece.rank, units, basis, unit_cost)
        new.is_known = piece.is_known
        return new


def _age(bought: _Bought) -> int:
    return bought.piece.rank


@dataclass(slots=True)
class _Acquired:
    """Units that were acquired on a day; `free` of them stand for none that were sold."""

    on: date
    quantity: Decimal
    free: Decimal


@dataclass(slots=True)
class _History:
    """What of one asset was acquired when, and how much of it was held at the end of which day."""

    acquired: list[_Acquired] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    held: list[Decimal] = field(default_factory=list)

    def add(self, day: date, entry: Entry) -> None:
        """Go on by one entry."""
        if entry.kind in ACQUIRED:
            self.acquired.append(_Acquired(day, entry.quantity, entry.quantity))
        change = entry.quantity if entry.kind in OPENS else -entry.quantity
        if entry.kind is EntryKind.TRANSFER:
            change = -entry.fee_quantity
        self.days.append(day)
        self.held.append((self.held[-1] if self.held else ZERO) + change)

    def held_at_end_of(self, day: date) -> Decimal:
        """How much was held, wherever."""
        place = bisect_right(self.days, day)
        return self.held[place - 1] if place else ZERO

    def acquired_between(self, first: date, last: date) -> list[_Acquired]:
        """What was acquired from one day to the other, both included."""
        begin = bisect_left(self.acquired, first, key=lambda each: each.on)
        return self.acquired[begin : bisect_right(self.acquired, last, key=lambda each: each.on)]


class SuperficialLosses:
    """Canada's superficial losses: what is denied becomes cost of the pool.

    Denied is the loss times min(S, P, B) / S, with S units sold, P acquired in the window, and B held at its end
    (Income Tax Act, sections 54 and 40(2)(g)(i); the fraction is the Canada Revenue Agency's). It is added to the
    adjusted cost base by 53(1)(f): at the sale where anything is left to carry it, else with the next purchase. What
    stands for one sale does not stand for another.
    """

    def __init__(self, ordered: Iterable[Entry], judge: _Judge) -> None:
        self._judge = judge
        self._histories: defaultdict[Asset, _History] = defaultdict(_History)
        self._waiting: defaultdict[Asset, list[tuple[int, Decimal]]] = defaultdict(list)
        for entry in ordered:
            self._histories[entry.asset].add(judge.day(entry), entry)

    def opened(self, entry: Entry, piece: Piece) -> Sequence[Piece]:
        """The lot, dearer by the losses that found nothing to become the cost of."""
        for number, denied in self._waiting.pop(entry.asset, ()):
            piece.basis += denied
            self._judge.mark(number, denied)
        return (piece,)

    def moved(self, source: Piece, piece: Piece, account: Account) -> None:
        """A pool's cost goes with its units: nothing is to be done."""

    def look_back(self) -> None:
        """Judge the losses of whole sales."""
        for _, group in groupby(self._judge.fresh_matches(), key=lambda each: each[1].entry):
            sale = list(group)
            gain = total(match.gain for _, match in sale if match.gain is not None)
            if gain < 0:
                self._judge_sale(sale, -gain)

    def _judge_sale(self, sale: Sequence[tuple[int, Match]], loss: Decimal) -> None:
        sold = total(match.quantity for _, match in sale)
        units = self._replaced(sale[0][1], sold)
        if not units:
            return
        denied = (loss if units == sold else ratio(loss * units, sold)) if self._judge.enforces else ZERO
        shares = list(_shared(denied, sold, sale))
        if denied and not self._has_carrier(sale[0][1], denied):
            self._waiting[sale[0][1].asset] += shares
            return
        for number, share in shares:
            self._judge.mark(number, share)

    def _replaced(self, match: Match, sold: Decimal) -> Decimal:
        """How many of the sold units were acquired again and kept: min(S, P, B)."""
        history, day = self._histories[match.asset], self._judge.day(match)
        acquired = history.acquired_between(day - self._judge.window, day + self._judge.window)
        free = total(each.free for each in acquired)
        taken = total(each.quantity for each in acquired) - free
        units = left = max(min(sold, free, history.held_at_end_of(day + self._judge.window) - taken), ZERO)
        for each in acquired:
            used = min(left, each.free)
            each.free -= used
            left -= used
        return units

    def _has_carrier(self, match: Match, denied: Decimal) -> bool:
        """Add to the cost of the pool that sold, or of another one of the asset; False where nothing is left."""
        own = self._judge.place(match.account, match.asset)
        others = sorted(place for place in self._judge.pools if place[1] == match.asset and place != own)
        pools = (self._judge.pools[place] for place in (own, *others))
        return any(isinstance(pool, AveragePool) and pool.raise_basis(denied) for pool in pools)


def _shared(amount: Decimal, sold: Decimal, sale: Sequence[tuple[int, Match]]) -> Iterator[tuple[int, Decimal]]:
    """An amount shared out among a sale's matches by their quantities; the shares add up to it."""
    gone = given = ZERO
    for number, match in sale:
        gone += match.quantity
        upto = amount if gone == sold else ratio(amount * gone, sold)
        yield number, upto - given
        given = upto
