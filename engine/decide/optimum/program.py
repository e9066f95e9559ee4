"""The plan as a linear program: how much to trade on each lane, so that least stays out of place, at the least cost.

One column for each level of each book, in units of value at marks; one for the value that is left after all costs; one
for what each name has outside its tolerance. Rows keep every place from spending more than it has and brings in, and
measure the weights by the value that is left: they are exact weights after costs, although the program is linear.

What is outside comes first: no trade costs as much as what it puts in place is worth here. A unit of cost weighs three
of what is outside, so that burning value to shrink the whole never pays.

Floats live in this package alone: whoever uses the amounts rounds them to steps by exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from engine.decide.lanes import Lane, Place
from engine.decide.optimum.problem import WHOLE, Problem
from engine.decide.optimum.solver import INFINITE, Model, Solver
from engine.decide.ordering import Passage
from engine.model.ids import Asset, VenueName
from engine.model.market import Side

COST_OVER_OUTSIDE: Final = 3.0
"""Burned value shrinks what is outside by at most twice itself: its own name's, and the others' share of the whole."""
SHARE_OF_TIES: Final = 1e-6
"""By so much the last lane in the order of keys is dearer than the first: equals are told apart by it."""
COST_OF_MOVING: Final = 0.01
"""What a transfer must bring into place for each unit, so that no more is moved than helps."""
FULL: Final = 1 - 1e-9
MORE: Final = 8
"""How much further into a book is looked where it was not far enough."""
NOTHING: Final = 1e-6
"""An amount that is no trade: what the solver's tolerances leave behind."""
LEFT: Final = 0
"""The column of the value that is left after all costs."""


@dataclass(frozen=True, slots=True, order=True)
class Transfer:
    """Something that a person could move by hand from one venue to another."""

    asset: Asset
    from_venue: VenueName
    to_venue: VenueName


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The levels of a lane's book: how much each offers, and what one unit of it does to the lane's two assets."""

    offers: Sequence[float]
    base: float
    quote: Sequence[float]

    def beyond(self, first: int) -> _Pieces:
        """Those from the `first` on."""
        return _Pieces(self.offers[first:], self.base, self.quote[first:])


class Program:
    """One problem in the solver's hands. Amounts are of base at its mark, in basis points of the whole."""

    def __init__(self, problem: Problem, needs: Sequence[float]) -> None:
        """`needs`: how far into the book of each lane is looked at first; see `short`."""
        self._problem = problem
        self.needs = list(needs)
        """How far into the book of each lane was looked."""
        self._pieces = [_pieces(lane, problem, need) for lane, need in zip(problem.lanes, needs, strict=True)]
        self._columns: list[list[int]] = [[] for _ in problem.lanes]
        """Of each lane, those of its pieces."""
        self._lanes: dict[int, int] = {}
        """The lane of each of these columns."""
        self._names: dict[str, int] = {}
        self._lane_rows: dict[int, int] = {}
        self._choices: dict[int | None, int] = {}
        self._places: dict[Place, int] = {}
        self._values: dict[str, int] = {}
        self._outside: list[int] = []
        self._solver = Solver(self._model())

    def solve(self) -> list[float]:
        """The amount on each lane. Raises SolverFailed."""
        self._solver.solve()
        return self.amounts

    def solve_deep_enough(self) -> list[float]:
        """The same, looking further into the books that are used up. Only before any lane is bounded."""
        amounts = self.solve()
        while short := self.short(amounts):
            for number in short:
                self._look_further(number, self.further(number, amounts[number]))
            amounts = self.solve()
        return amounts

    @property
    def amounts(self) -> list[float]:
        """The amount on each lane in the last solution."""
        amounts, values = [0.0] * len(self._columns), self._solver.values
        for column, lane in self._lanes.items():
            if values[column] > 0:
                amounts[lane] += values[column]
        return amounts

    @property
    def outside(self) -> float:
        """What the last solution leaves outside the tolerances, in basis points of the whole."""
        return sum(self._solver.values[column] for column in self._outside)

    def passages(self) -> dict[int, Passage[float]]:
        """What each lane that trades takes and brings in the last solution."""
        found = {}
        for number, amount in enumerate(self.amounts):
            if amount > NOTHING:
                found[number] = self._passage(number)
        return found

    def _passage(self, number: int) -> Passage[float]:
        lane, pieces = self._problem.lanes[number], self._pieces[number]
        taken = [self._solver.values[column] for column in self._columns[number]]
        base = abs(sum(taken) * pieces.base)
        quote = abs(sum(x * price for x, price in zip(taken, pieces.quote, strict=True)))
        spent, brought = (quote, base) if lane.side is Side.BUY else (base, quote)
        return Passage(lane.spends, lane.brings, spent, brought)

    def short(self, amounts: Sequence[float]) -> tuple[int, ...]:
        """The lanes that were used up, of which only a part was looked at."""
        return tuple(
            number
            for number, used in enumerate(amounts)
            if used > NOTHING and used > FULL * sum(self._pieces[number].offers) >= FULL * self.needs[number]
        )

    def further(self, number: int, used: float) -> float:
        """How far to look into the book of a lane that was used up."""
        return MORE * max(self.needs[number], used)

    @property
    def objective(self) -> float:
        """What the last solution leaves outside and costs, each with its weight; only differences mean anything."""
        return self._solver.objective

    def worth(self) -> dict[Place, float]:
        """What one more unit of value in each place would spare, by the last solution."""
        return {place: self._solver.duals[row] for place, row in self._places.items()}

    def between(self, lane: int, least: float, most: float) -> None:
        """A lane trades no less and no more than this."""
        if lane not in self._lane_rows:
            self._lane_rows[lane] = self._solver.add_row(least, most, dict.fromkeys(self._columns[lane], 1.0))
        else:
            self._solver.set_row(self._lane_rows[lane], least, most)

    def dearness(self, lane: int) -> float:
        """What a unit on a lane would cost that the last solution leaves alone; nothing where it trades."""
        return max(0.0, self._solver.reduced_costs[self._columns[lane][0]])

    def all_or_least(self, lane: int, least: float, most: float) -> None:
        """A lane is closed, or trades between these, and then its opposite is closed.

        The program is a search for whole numbers from now on.
        """
        choice = self._choices[lane] = self._solver.add_whole(1.0)
        opposite = self._problem.opposite(lane)
        if opposite in self._choices:
            self._solver.add_row(0.0, 1.0, {choice: 1.0, self._choices[opposite]: 1.0})
        ones = dict.fromkeys(self._columns[lane], 1.0)
        self._solver.add_row(0.0, INFINITE, {**ones, choice: -least})
        self._solver.add_row(-INFINITE, 0.0, {**ones, choice: -most})

    def in_steps(self, lane: int, step: float, most: float) -> None:
        """A lane trades whole steps. The program is a search for whole numbers from now on."""
        steps = self._solver.add_whole(float(int(most / step + 1e-9)))
        self._solver.add_row(0.0, 0.0, {**dict.fromkeys(self._columns[lane], 1.0), steps: -step})

    def search(self, nodes: int) -> bool:
        """Find the best whole numbers within so many nodes; whether any were found."""
        return self._solver.solve_within(nodes)

    def rest(self, lanes: Collection[int]) -> None:
        """These lanes are left alone, and no others."""
        columns = [column for lane in lanes for column in self._columns[lane]]
        self._solver.rest(columns)

    def forbid_crossing(self) -> None:
        """What is above its destination may not be led below it to fill a least order, and the other way round.

        Its tolerance and the nearest step are not beyond it.
        """
        for name in self._problem.values:
            above = self._problem.gaps[name] > 0
            side = -1 if above else 1
            edge = _edge(self._problem, name, side) + side * float(self._problem.half_step[name])
            bounds = (0.0, INFINITE) if above else (-INFINITE, 0.0)
            self._solver.add_row(*bounds, {self._values[name]: 1.0, LEFT: -edge})

    def try_transfer(self, transfer: Transfer) -> tuple[float, float]:
        """What a transfer would bring into place or spare, and how much it would move. It is undone at once."""
        before = self._solver.objective
        here, there = (transfer.from_venue, transfer.asset), (transfer.to_venue, transfer.asset)
        entries = {self._places[here]: -1.0, self._places[there]: 1.0}
        column = self._solver.add_column(COST_OF_MOVING, self._problem.free_value(here), entries)
        self._solver.solve()
        gain, moved = before - self._solver.objective, self._solver.values[column]
        self._solver.close_column(column)
        return gain, moved

    def _model(self) -> Model:
        """Columns: what is left, then of each name its value and what is outside, then the pieces of the lanes."""
        problem, model = self._problem, Model()
        whole = model.add_row(0.0, 0.0)
        rows = {}
        for name, value in problem.values.items():
            held = float(value) * problem.unit
            rows[name] = (model.add_row(-held, -held), model.add_row(-INFINITE, 0.0), model.add_row(0.0, INFINITE))
        edges = [(over, -_edge(problem, name, 1)) for name, (_, over, _) in rows.items()]
        edges += [(under, -_edge(problem, name, -1)) for name, (_, _, under) in rows.items()]
        model.add_column(-COST_OVER_OUTSIDE, INFINITE, [(whole, 1.0), *edges])
        for name, (own, over, under) in rows.items():
            self._outside.append(model.add_column(1.0, INFINITE, [(over, -1.0), (under, 1.0)]))
            entries = [(whole, -1.0), (own, -1.0), (over, 1.0), (under, 1.0)]
            self._values[name] = model.add_column(0.0, INFINITE, entries)
        self._names = {name: own for name, (own, _, _) in rows.items()}
        self._places = {place: model.add_row(-problem.free_value(place), INFINITE) for place in problem.places}
        for number, pieces in enumerate(self._pieces):
            self._add(model, number, pieces)
        return model

    def _look_further(self, number: int, need: float) -> None:
        known, self.needs[number] = len(self._pieces[number].offers), need
        self._pieces[number] = _pieces(self._problem.lanes[number], self._problem, need)
        self._add(self._solver, number, self._pieces[number].beyond(known))

    def _add(self, program: Model | Solver, number: int, pieces: _Pieces) -> None:
        """Pieces of a lane's book as columns."""
        instrument = self._problem.lanes[number].market.instrument
        base_name, quote_name = (self._names[self._problem.names[a]] for a in (instrument.base, instrument.quote))
        base_place, quote_place = (self._places[instrument.venue, a] for a in (instrument.base, instrument.quote))
        # Better than estimated is no reason to trade more: it must never make going to and fro pay.
        extra = max(float(self._problem.extra_bps[number]), 0.0) / WHOLE
        cost = COST_OVER_OUTSIDE * extra + SHARE_OF_TIES * number / len(self._problem.lanes)
        base = [pieces.base] * len(pieces.offers)
        entries = [(base_place, base), (quote_place, pieces.quote)]
        if base_name == quote_name:
            entries.append((base_name, [pieces.base + quote for quote in pieces.quote]))
        else:
            entries += [(base_name, base), (quote_name, pieces.quote)]
        columns = program.add_columns(cost, pieces.offers, entries)
        self._columns[number] += columns
        self._lanes.update(dict.fromkeys(columns, number))


def _edge(problem: Problem, name: str, sign: int) -> float:
    """The weight at which a name's tolerance ends, above (1) or below (-1) its destination."""
    return float(problem.destination[name]) + sign * float(problem.tolerance[name])


def _pieces(lane: Lane, problem: Problem, need: float) -> _Pieces:
    """The levels of a lane's book up to the first with which it offers what is needed."""
    marks, sign = lane.market.marks, lane.side.sign
    per_unit = float(marks.base) * problem.unit
    to_value = -sign * float(lane.paid_share) * float(marks.quote) / float(marks.base)
    offers, quote, offered = [], [], 0.0
    for level in lane.levels:
        offer = float(level.quantity) * per_unit
        offers.append(offer)
        quote.append(float(level.price) * to_value)
        offered += offer
        if offered >= need:
            break
    return _Pieces(offers, sign * float(lane.received_share), quote)
