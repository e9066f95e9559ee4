"""Lots by brute force: fractions and plain lists, searched from the beginning for every sale.

It shares no code with the engine, and knows nothing of heaps, of shares that are cut to 18 decimals, or of time zones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

Account = str
Used = dict[tuple[str, str], list[Fraction]]


@dataclass(frozen=True)
class Happening:
    """A line of a history. `value` is a cost or proceeds; None: no gain is booked."""

    name: str
    at: datetime
    kind: str
    account: Account
    quantity: Fraction
    value: Fraction | None = None
    to: Account = ""
    fee: Fraction = Fraction(0)
    fee_value: Fraction | None = None


@dataclass
class Holding:
    """A lot in one place; `per_unit` is what a unit cost when it was bought, `number` its place among lots by age."""

    name: str
    account: Account
    bought: datetime
    number: int
    quantity: Fraction
    basis: Fraction
    per_unit: Fraction


@dataclass
class Outcome:
    """Per sale and lot: quantity, cost, proceeds (of what has any), and the same by term."""

    used: Used = field(default_factory=dict)
    gain: dict[str, Fraction] = field(default_factory=lambda: {"short": Fraction(0), "long": Fraction(0)})
    income: Fraction = Fraction(0)
    held: list[Holding] = field(default_factory=list)


ORDER: dict[str, Callable[[Holding], tuple[Fraction, int]]] = {
    "fifo": lambda lot: (Fraction(lot.number), lot.number),
    "lifo": lambda lot: (Fraction(-lot.number), lot.number),
    "hifo": lambda lot: (-lot.per_unit, lot.number),
    "lofo": lambda lot: (lot.per_unit, lot.number),
    "average": lambda lot: (Fraction(lot.number), lot.number),
}


def in_time(history: list[Happening]) -> list[Happening]:
    """Purchases of one instant come first, by name; the rest as it is written."""
    opening = [h for h in history if h.kind in ("acquire", "income")]
    other = [h for h in history if h not in opening]
    opening.sort(key=lambda h: (len(h.name), h.name))
    return sorted(opening + other, key=lambda h: h.at)


def is_long(bought: datetime, sold: datetime) -> bool:
    """After the same date of the next year."""
    month, day = (3, 1) if (bought.month, bought.day) == (2, 29) else (bought.month, bought.day)
    return (sold.year, sold.month, sold.day) > (bought.year + 1, month, day)


class ByLots:
    """All methods that take whole lots, and the average of each place."""

    def __init__(self, method: str, *, universal: bool) -> None:
        self.method, self.universal = method, universal
        self.outcome = Outcome()

    def run(self, history: list[Happening]) -> Outcome:
        for number, h in enumerate(in_time(history)):
            if h.kind in ("acquire", "income"):
                assert h.value is not None
                self.outcome.held.append(
                    Holding(h.name, h.account, h.at, number, h.quantity, h.value, h.value / h.quantity)
                )
                self.outcome.income += h.value if h.kind == "income" else 0
                self.level(h.account)
            elif h.kind == "transfer":
                if h.fee:
                    self.sell(h, h.fee, h.fee_value)
                if not self.universal and h.to != h.account:
                    self.move(h)
            else:
                self.sell(h, h.quantity, h.value)
        self.outcome.held = [lot for lot in self.outcome.held if lot.quantity]
        return self.outcome

    def here(self, account: Account) -> list[Holding]:
        lots = [lot for lot in self.outcome.held if lot.quantity and (self.universal or lot.account == account)]
        return sorted(lots, key=ORDER[self.method])

    def level(self, account: Account) -> None:
        """At the average, every unit of a place costs the same from now on."""
        if self.method == "average" and (lots := self.here(account)):
            unit = sum(lot.basis for lot in lots) / sum(lot.quantity for lot in lots)
            for lot in lots:
                lot.basis = unit * lot.quantity

    def take(self, account: Account, quantity: Fraction) -> list[Holding]:
        """Cut so much off the lots of a place."""
        taken = []
        for lot in self.here(account):
            part = min(quantity, lot.quantity)
            if part:
                cost = lot.basis * part / lot.quantity
                taken.append(Holding(lot.name, lot.account, lot.bought, lot.number, part, cost, lot.per_unit))
                lot.quantity, lot.basis, quantity = lot.quantity - part, lot.basis - cost, quantity - part
        assert quantity == 0, "a history that does not sell more than there is"
        return taken

    def sell(self, h: Happening, quantity: Fraction, proceeds: Fraction | None) -> None:
        for part in self.take(h.account, quantity):
            row = self.outcome.used.setdefault((h.name, part.name), [Fraction(0)] * 3)
            own = Fraction(0) if proceeds is None else proceeds * part.quantity / quantity
            self.outcome.used[h.name, part.name] = [
                before + more for before, more in zip(row, (part.quantity, part.basis, own), strict=True)
            ]
            if proceeds is not None:
                self.outcome.gain["long" if is_long(part.bought, h.at) else "short"] += own - part.basis

    def move(self, h: Happening) -> None:
        for part in self.take(h.account, h.quantity):
            part.account = h.to
            self.outcome.held.append(part)
        self.level(h.to)


@dataclass
class UkOutcome:
    """Per day of sale and rule: quantity and cost; and what is left in the pool."""

    used: dict[tuple[date, str], list[Fraction]]
    gain: Fraction
    pool: tuple[Fraction, Fraction]


def by_uk_rules(history: list[Happening]) -> UkOutcome:
    """Every unit sold looks for a purchase of its day, then of the next thirty days, then goes to the pool."""
    bought: dict[date, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    sold: dict[date, Fraction] = defaultdict(Fraction)
    brought = free = Fraction(0)
    gone: list[tuple[date, Fraction, Fraction | None]] = []
    for h in history:
        if h.kind in ("acquire", "income"):
            assert h.value is not None
            bought[h.at.date()][0] += h.quantity
            bought[h.at.date()][1] += h.value
        else:
            quantity, value = (h.fee, h.fee_value) if h.kind == "transfer" else (h.quantity, h.value)
            sold[h.at.date()] += quantity
            gone.append((h.at.date(), quantity, value))
    unit = {day: cost / quantity for day, (quantity, cost) in bought.items()}
    free_of = {day: quantity for day, (quantity, _) in bought.items()}
    open_of = dict(sold)
    used: dict[tuple[date, str], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])

    def match(day: date, other: date, rule: str) -> None:
        part = min(open_of[day], free_of[other])
        if part:
            open_of[day] -= part
            free_of[other] -= part
            used[day, rule][0] += part
            used[day, rule][1] += part * unit[other]

    for day in sorted(sold):
        if day in bought:
            match(day, day, "same_day")
    for day in sorted(sold):
        for other in sorted(bought):
            if 0 < (other - day).days <= 30:
                match(day, other, "30_day")
    quantity = basis = Fraction(0)
    for day in sorted({*bought, *sold}):
        if day in bought:
            quantity += free_of[day]
            basis += free_of[day] * unit[day]
        part = open_of.get(day, Fraction(0))
        if part:
            used[day, "s104"][0] += part
            used[day, "s104"][1] += basis * part / quantity
            basis, quantity = basis - basis * part / quantity, quantity - part
    cost_of = {day: sum(row[1] for (on, _), row in used.items() if on == day) for day in sold}
    for day, units, value in gone:
        if value is not None and units:
            brought += value
            free += cost_of[day] * units / sold[day]
    return UkOutcome(dict(used), brought - free, (quantity, basis))
