"""The border of what the sales of one instant can come to in (short, long) gains, and the point of least tax on it.

Inside one pool and one term, the lots of highest basis are the best to use up. What is left to choose is how many units
come from the short lots and, where the pool sells at several prices, which sales those units are booked against. Either
choice moves along a convex chain, short gains rising and long gains falling. The chains of several pools add up to one
when their edges are put in the order of their slopes; the least tax lies at a vertex of it, or where an edge crosses a
place at which the tax bends.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from engine.account.lots.tax_due import Kinks
from engine.model.money import ONE, ZERO, ratio, total


class Units(NamedTuple):
    """Units at one price: of a sale, what they bring; of a lot, what they cost."""

    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """So many units from the short lots of a pool, booked against the units of its sales from `start` on, which are in
    the order of their prices, lowest first.
    """

    short_units: Decimal
    start: Decimal


class Edge(NamedTuple):
    """A step along a pool's chain: `short` more of short gains and `long` more of long ones, which is less of them."""

    pool: int
    short: Decimal
    long: Decimal
    origin: Choice
    goal: Choice

    def at(self, fraction: Decimal) -> Choice:
        """The choice so far along."""
        x, y = self.origin, self.goal
        return Choice(
            x.short_units + ratio(fraction * (y.short_units - x.short_units), ONE),
            x.start + ratio(fraction * (y.start - x.start), ONE),
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """A pool's border from its least short gain on; the edges get less and less steep."""

    start: Choice
    short: Decimal
    long: Decimal
    edges: tuple[Edge, ...]


class Line:
    """What a number of units comes to, taken in a given order: linear between the units' ends."""

    def __init__(self, units: Sequence[Units]) -> None:
        self.ends = [ZERO]
        self.sums = [ZERO]
        for each in units:
            self.ends.append(self.ends[-1] + each.quantity)
            self.sums.append(self.sums[-1] + each.quantity * each.price)
        self._prices = [each.price for each in units]

    def upto(self, quantity: Decimal) -> Decimal:
        """The sum of the first so many units."""
        place = self._place(quantity)
        return self.sums[place] + (quantity - self.ends[place]) * self._prices[place] if self._prices else ZERO

    def price_at(self, quantity: Decimal) -> Decimal:
        """The price of the unit that comes after so many."""
        return self._prices[self._place(quantity)]

    def price_before(self, quantity: Decimal) -> Decimal:
        """The price of the last of so many units."""
        return self._prices[max(bisect_left(self.ends, quantity) - 1, 0)]

    def _place(self, quantity: Decimal) -> int:
        return min(bisect_right(self.ends, quantity), len(self._prices)) - 1


class PoolSale:
    """The sales of one pool at one instant, with the lots that they can take: dearest first, by term."""

    def __init__(self, sales: Sequence[Units], short: Sequence[Units], long: Sequence[Units]) -> None:
        cheap_first = sorted(sales, key=lambda units: units.price)
        self.quantity = total(each.quantity for each in sales)
        self.proceeds = Line(cheap_first)
        self._dear_first = Line(cheap_first[::-1])
        self._short, self._long = Line(short), Line(long)
        self.least_short = max(ZERO, self.quantity - self._long.ends[-1])
        self.most_short = min(self.quantity, self._short.ends[-1])

    def result(self, choice: Choice) -> tuple[Decimal, Decimal]:
        """Short and long gain of a choice."""
        whole = self.proceeds.upto(self.quantity)
        booked = self.proceeds.upto(choice.start + choice.short_units) - self.proceeds.upto(choice.start)
        long_units = self.quantity - choice.short_units
        return booked - self._short.upto(choice.short_units), whole - booked - self._long.upto(long_units)

    def chain(self, pool: int) -> Chain:
        """The pool's border."""
        choices = self._corners()
        points = [self.result(choice) for choice in choices]
        edges = tuple(
            Edge(pool, after[0] - before[0], after[1] - before[1], origin, goal)
            for (before, after), (origin, goal) in zip(pairwise(points), pairwise(choices), strict=True)
        )
        return Chain(choices[0], *points[0], tuple(edge for edge in edges if edge.short or edge.long))

    def _corners(self) -> list[Choice]:
        """From the least short gain to the least long one, through the least sum of both."""
        cheap = self._turn(lambda x: self.proceeds.price_at(x) < self._short.price_at(x))
        middle = self._turn(lambda x: self._short.price_at(x) > self._spared(x))
        dear = self._turn(lambda x: self._dear_first.price_at(x) > self._spared(x))
        corners = [Choice(x, ZERO) for x in self._steps(cheap, middle)]
        corners += [Choice(middle, start) for start in self._starts(middle)]
        corners += [Choice(x, self.quantity - x) for x in self._steps(middle, dear)]
        return [c for number, c in enumerate(corners) if number == 0 or c != corners[number - 1]]

    def _spared(self, x: Decimal) -> Decimal:
        """The unit cost of the long unit that one more short unit, after so many, takes the place of."""
        return self._long.price_before(self.quantity - x)

    def _starts(self, x: Decimal) -> list[Decimal]:
        """From the cheapest sales to the dearest, every place at which the price of either end changes."""
        last = self.quantity - x
        found = {ZERO, last, *self.proceeds.ends, *(end - x for end in self.proceeds.ends)}
        return sorted(start for start in found if ZERO <= start <= last)

    def _breaks(self) -> list[Decimal]:
        """The numbers of short units at which a price changes, least first."""
        found = {self.least_short, self.most_short, *self._short.ends, *self.proceeds.ends, *self._dear_first.ends}
        found |= {self.quantity - end for end in self._long.ends}
        return sorted(x for x in found if self.least_short <= x <= self.most_short)

    def _turn(self, goes_on: Callable[[Decimal], bool]) -> Decimal:
        """How many short units are best, where `goes_on` says whether one more is better after so many."""
        breaks = self._breaks()
        return next((x for x in breaks[:-1] if not goes_on(x)), breaks[-1])

    def _steps(self, first: Decimal, last: Decimal) -> list[Decimal]:
        low, high = min(first, last), max(first, last)
        between = [x for x in self._breaks() if low <= x <= high]
        return between if first <= last else between[::-1]


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the whole border, and the choice of every pool that leads there."""

    short: Decimal
    long: Decimal
    choices: tuple[Choice, ...]


def least_taxed(chains: Sequence[Chain], bends: Kinks, tax: Callable[[Decimal, Decimal], Decimal]) -> Point:
    """The point of least tax on the border of several pools together; of equals, the one of the least gain.

    `tax` is asked for short and long gains of these sales; `bends` are in terms of them.
    """
    best: tuple[tuple[Decimal, Decimal, Decimal], int, Decimal] | None = None
    walk = _Walk(chains)
    for number, (short, long, edge) in enumerate(walk.stops()):
        for fraction in (ONE, *_crossings(edge, short, long, bends)) if edge else (ONE,):
            at = (short, long) if edge is None else _along(edge, short, long, fraction)
            rank = (tax(*at), at[0] + at[1], at[0])
            if best is None or rank < best[0]:
                best = rank, number, fraction
    assert best is not None, "a walk has its start at least"
    return walk.point(best[1], best[2])


class _Walk:
    """Along the sum of several chains: their edges in the order of their slopes."""

    def __init__(self, chains: Sequence[Chain]) -> None:
        self._chains = chains
        self._edges = sorted((edge for chain in chains for edge in chain.edges), key=_slope)
        self._start = total(chain.short for chain in chains), total(chain.long for chain in chains)

    def stops(self) -> Iterator[tuple[Decimal, Decimal, Edge | None]]:
        """The start; then every edge with where it begins."""
        short, long = self._start
        yield short, long, None
        for edge in self._edges:
            yield short, long, edge
            short, long = short + edge.short, long + edge.long

    def point(self, stop: int, fraction: Decimal) -> Point:
        """So far along the edge of a stop."""
        choices = [chain.start for chain in self._chains]
        short, long = self._start
        for number, edge in enumerate(self._edges[:stop], start=1):
            part = fraction if number == stop else ONE
            choices[edge.pool] = edge.goal if part == ONE else edge.at(part)
            short, long = _along(edge, short, long, part)
        return Point(short, long, tuple(choices))


def _slope(edge: Edge) -> tuple[int, Decimal]:
    """Steepest fall first."""
    return (1, edge.long / edge.short) if edge.short else (0, ZERO)


def _along(edge: Edge, short: Decimal, long: Decimal, fraction: Decimal) -> tuple[Decimal, Decimal]:
    return short + edge.short * fraction, long + edge.long * fraction


def _crossings(edge: Edge, short: Decimal, long: Decimal, bends: Kinks) -> Iterator[Decimal]:
    """How far along an edge the tax bends."""
    yield from _reached(short, edge.short, bends.short)
    yield from _reached(long, edge.long, bends.long)
    yield from _reached(short + long, edge.short + edge.long, bends.both)


def _reached(origin: Decimal, step: Decimal, levels: Sequence[Decimal]) -> Iterator[Decimal]:
    low, high = min(origin, origin + step), max(origin, origin + step)
    for level in levels[bisect_right(levels, low) : bisect_left(levels, high)]:
        yield (level - origin) / step
