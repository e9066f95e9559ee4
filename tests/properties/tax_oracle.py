"""The least tax of some sales by trying all ways to serve them, unit by unit; and the tax itself, told in another way.

It shares no code with the engine: fractions, and the tax on a stretch of income as the area under the marginal rate.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

Rates = list[tuple[Fraction, Fraction]]
Result = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Law:
    """How a year's short and long results are taxed; `before` are those that the year has seen already."""

    short: Rates
    long: Rates
    income: Fraction
    nets: bool
    cap: Fraction
    carried: Fraction
    allowance: Fraction
    free_below: Fraction
    inclusion: Fraction
    before: Result

    def tax(self, short: Fraction, long: Fraction) -> Fraction:
        """What is due; below zero where a loss saves tax."""
        short, long = (short + self.before[0]) * self.inclusion, (long + self.before[1]) * self.inclusion
        if self.nets and short * long < 0:
            rest = short + long
            short, long = (rest, Fraction(0)) if abs(short) >= abs(long) else (Fraction(0), rest)
        loss = max(-short, Fraction(0)) + (max(-long, Fraction(0)) if self.nets else 0)
        short, long = max(short, Fraction(0)), max(long, Fraction(0))
        if self.nets and short + long < self.free_below:
            short = long = Fraction(0)
        if not self.nets and short < self.free_below:
            # Where terms are kept apart, the limit is one of short gains: the others have their own rate.
            short = Fraction(0)
        off = min(short, self.allowance)
        short, long = short - off, long - min(long, self.allowance - off)
        middle = self.income + short
        due = area(self.short, self.income, middle) + area(self.long, middle, middle + long)
        deducted = min(loss, self.cap)
        return due - area(self.short, self.income - deducted, self.income) - (loss - deducted) * self.carried


def area(rates: Rates, low: Fraction, high: Fraction) -> Fraction:
    """The tax on income from one level to another; below the first step its rate holds on."""
    edges = sorted({low, high, *(level for level, _ in rates if low < level < high)})
    due = Fraction(0)
    for begin, end in pairwise(edges):
        rate = next((own for level, own in reversed(rates) if level <= begin), rates[0][1])
        due += (end - begin) * rate
    return due


@dataclass(frozen=True)
class Stock:
    """One asset: lots as (units, cost of one, whether long), and sales as (units, price of one)."""

    lots: list[tuple[int, Fraction, bool]]
    sales: list[tuple[int, Fraction]]

    def results(self) -> set[Result]:
        """All that the sales can come to, in whole units."""
        states = {(Fraction(0), Fraction(0), tuple(units for units, _, _ in self.lots))}
        for wanted, price in self.sales:
            states = {self._served(state, way, price) for state in states for way in ways(wanted, state[2])}
        return {(short, long) for short, long, _ in states}

    def _served(
        self, state: tuple[Fraction, Fraction, tuple[int, ...]], way: tuple[int, ...], price: Fraction
    ) -> tuple[Fraction, Fraction, tuple[int, ...]]:
        gain = {False: state[0], True: state[1]}
        for units, (_, cost, is_long) in zip(way, self.lots, strict=True):
            gain[is_long] += units * (price - cost)
        return gain[False], gain[True], tuple(a - b for a, b in zip(state[2], way, strict=True))


def ways(wanted: int, stock: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """All ways to take so many units from some piles."""
    if not stock:
        if wanted == 0:
            yield ()
        return
    for units in range(min(wanted, stock[0]) + 1):
        for rest in ways(wanted - units, stock[1:]):
            yield (units, *rest)


def least_tax(law: Law, stocks: list[Stock]) -> Fraction:
    """By trying everything."""
    whole = {(Fraction(0), Fraction(0))}
    for stock in stocks:
        results = stock.results()
        whole = {(a + c, b + d) for a, b in whole for c, d in results}
    return min(law.tax(*result) for result in whole)


class Lawmaker:
    """Laws and stocks at random, all of them small."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def law(self) -> Law:
        pick, some = self.random.choice, self.random.randrange
        return Law(
            short=self._rates(),
            long=self._rates(),
            income=Fraction(pick([0, 0, 20, 50])),
            nets=self.random.random() < 0.7,
            cap=Fraction(pick([0, 0, 10, 30])),
            carried=Fraction(pick([0, 0, 5, 15, 30]), 100),
            allowance=Fraction(pick([0, 0, 0, 10, 25])),
            free_below=Fraction(pick([0, 0, 0, 20, 50])),
            inclusion=Fraction(pick([2, 2, 2, 1]), 2),
            before=(Fraction(pick([0, some(-60, 60)])), Fraction(pick([0, some(-60, 60)]))),
        )

    def _rates(self) -> Rates:
        if self.random.random() < 0.5:
            return [(Fraction(0), Fraction(self.random.choice([0, 10, 15, 20, 25, 37]), 100))]
        levels = [0, *sorted(self.random.sample(range(5, 120, 5), self.random.randrange(1, 3)))]
        rates = sorted(self.random.sample([0, 10, 15, 20, 25, 30, 37, 45], len(levels)))
        return [(Fraction(level), Fraction(rate, 100)) for level, rate in zip(levels, rates, strict=True)]

    def stocks(self) -> list[Stock]:
        return [self._stock() for _ in range(self.random.choice([1, 1, 2, 2, 3]))]

    def _stock(self) -> Stock:
        some = self.random.randrange
        lots = [(some(1, 4), Fraction(some(0, 30)), self.random.random() < 0.5) for _ in range(some(1, 5))]
        left, sales = sum(units for units, _, _ in lots), []
        for _ in range(self.random.choice([1, 1, 2, 3])):
            if left:
                units = some(1, min(left, 3) + 1)
                left -= units
                sales.append((units, Fraction(some(0, 30))))
        return Stock(lots, sales)
