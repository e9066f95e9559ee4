"""How much is traded on each lane: the program's optimum under all limits, on the venues' steps.

The program is solved without limits first, so that what a limit keeps out is known and can be told. Every limit that a
solution breaks is then added and it is solved again, until none is broken: limits that do not matter cost nothing.
A lane that would trade less than an order may be is closed, or raised to the least order, whichever leaves the better
rest; at the end each of these choices is turned over once more, with all the others in sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

from engine.decide.lanes import Lane, objections
from engine.decide.optimum.circles import waiting_circle
from engine.decide.optimum.problem import WHOLE, Problem
from engine.decide.optimum.program import NOTHING, Program
from engine.decide.optimum.rounding import COARSE, LaneBounds, Trade, on_step, rounded
from engine.decide.optimum.solver import INFINITE, SolverFailed
from engine.decide.optimum.transfers import Moved, best_transfer
from engine.decide.optimum.whole_numbers import searched
from engine.model.money import Quantity
from engine.model.policy import Limits
from engine.model.reasons import Reason

SLACK: Final = 1e-9
WORTH_CHANGING: Final = 1e-4
"""A choice is turned over for no less than this, in basis points of the whole."""
WORTH_OPENING: Final = 0.05
"""What fixing a step must leave behind before lanes that rest are looked at again."""
WORTH_SEARCHING: Final = 0.3
"""What least orders and steps must leave behind before they are searched together."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A quantity that the optimum without limits would have traded, and the limits that were in its way."""

    lane: Lane
    wished: Quantity
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Solved:
    """What is to be traded, what the limits kept out, and the transfer by hand that would help most."""

    trades: tuple[Trade, ...]
    cuts: tuple[Cut, ...]
    transfer: Moved | None


def solve(problem: Problem, limits: Limits) -> Solved:
    """The best quantities. Raises SolverFailed."""
    if not (isfinite(problem.unit) and problem.unit > 0):
        raise SolverFailed("what is held is worth more than can be counted")
    needs, bounds = list(problem.needs), LaneBounds(problem, limits)
    while True:
        program = Program(problem, needs)
        program.solve_deep_enough()
        search = _Search(problem, limits, program, bounds)
        amounts = search.best()
        short = program.short(amounts)
        if not short:
            return Solved(rounded(problem, bounds, amounts), tuple(search.cuts.values()), search.transfer)
        needs = [program.further(n, amounts[n]) if n in short else need for n, need in enumerate(program.needs)]


@dataclass(slots=True)
class _Search:
    """One run of the program through all limits. Lanes are told by their place in the problem."""

    problem: Problem
    limits: Limits
    program: Program
    bounds: LaneBounds
    cuts: dict[int, Cut] = field(default_factory=dict)
    capped: set[int] = field(default_factory=set)
    """The lanes that may trade no more than cost and depth allow."""
    raised: dict[int, bool] = field(default_factory=dict)
    """The lanes of which it was decided whether they trade their least order (True) or nothing."""
    fixed: dict[int, float] = field(default_factory=dict)
    """The lanes with coarse steps that trade just so much."""
    resting: set[int] = field(default_factory=set)
    """The lanes that are left alone while coarse steps are fixed."""
    relaxed: float = 0.0
    """The objective without least orders and steps: nothing can be better."""
    transfer: Moved | None = None

    def best(self) -> list[float]:
        """The amounts of the best solution that breaks no limit, on the coarse steps."""
        amounts = self.on_coarse_steps(self.within_limits())
        objective = self.program.objective
        if objective > self.relaxed + WORTH_SEARCHING:
            known = {n: amount for n, amount in enumerate(amounts) if amount > NOTHING}
            better = searched(self.problem, self.program.needs, self.bounds, known, objective)
            return better or amounts
        return amounts

    def within_limits(self) -> list[float]:
        """The amounts of the best solution that breaks no limit."""
        amounts = self._capped(self._solve())
        self.relaxed = self.program.objective
        self.transfer = best_transfer(self.problem, self.program)
        if self._too_small(amounts):
            self.program.forbid_crossing()
            amounts = self._solve()
        amounts = self._with_least_orders(amounts)
        return self._reconsidered() if self.raised else amounts

    def on_coarse_steps(self, amounts: list[float]) -> list[float]:
        """Fix the lanes whose steps are worth something on them, the coarsest first, and the rest around each."""
        self._rest(n for n, amount in enumerate(amounts) if amount <= NOTHING)
        while (number := self._coarsest(amounts)) is not None:
            before = self.program.objective
            self._fix(number, amounts[number])
            amounts = self._solve()
            if self.program.objective > before + WORTH_OPENING:
                amounts = self._with_more_lanes()
        return amounts

    # --- cost and depth ----------------------------------------------------------------------------------------------

    def _capped(self, amounts: list[float]) -> list[float]:
        """Solve until neither cost nor depth is beyond its limit, and there is an order of execution."""
        while True:
            used = {n: amount for n, amount in enumerate(amounts) if amount > NOTHING}
            over = [n for n, amount in used.items() if n not in self.capped and self._is_over(n, amount)]
            for number in over:
                self._note_cut(number, used[number])
                self.capped.add(number)
                self._apply(number)
            if not over and not self._broke_a_circle():
                return amounts
            amounts = self._solve()

    def _is_over(self, number: int, amount: float) -> bool:
        return amount > self.bounds.most(number) * (1 + SLACK) + NOTHING

    def _broke_a_circle(self) -> bool:
        """Close, of trades that wait for one another, the one without which the rest is best."""
        circle = self._circle()
        outcomes = []
        for number in circle:
            before = self.raised.get(number)
            outcomes.append((self._objective_if(number, raised=False), number))
            self._set(number, raised=before)
        if outcomes:
            self._set(min(outcomes)[1], raised=False)
        return bool(circle)

    def _circle(self) -> tuple[int, ...]:
        return waiting_circle(self.program, self.problem, self.bounds)

    # --- least orders ------------------------------------------------------------------------------------------------

    def _too_small(self, amounts: Sequence[float]) -> list[int]:
        """The lanes under their least order, that which is furthest under it first."""
        used = (
            (n, amount)
            for n, amount in enumerate(amounts)
            if amount > NOTHING and n not in self.raised and n not in self.fixed
        )
        shares = {n: share for n, amount in used if (share := amount / self.bounds.least(n)) < 1 - SLACK}
        return sorted(shares, key=lambda n: (shares[n], self.problem.lanes[n].key))

    def _with_least_orders(self, amounts: list[float]) -> list[float]:
        """Solve until no lane trades less than an order may be."""
        while small := self._too_small(amounts):
            self._decide(small[0], amounts[small[0]])
            amounts = self._capped(self._solve())
        return amounts

    def _decide(self, number: int, amount: float) -> None:
        """Close a lane, or raise it to its least order: whichever leaves the better rest."""
        self._note_cut(number, amount)
        closed, raised = self._objective_if(number, raised=False), self._objective_if(number, raised=True)
        self._set(number, raised=raised < closed - SLACK)

    def _reconsidered(self) -> list[float]:
        """Turn each choice over once, and keep it so where that leaves less and breaks no limit."""
        self._solve()
        best = self.program.objective
        for number, now in list(self.raised.items()):
            other = self._objective_if(number, raised=not now)
            if other < best - WORTH_CHANGING and self._keeps_limits():
                best = other
            else:
                self._set(number, raised=now)
        self._move_least_orders(best)
        return self._solve()

    def _move_least_orders(self, best: float) -> None:
        """A least order goes where it is cheapest: a lane of the same asset that was closed before may take its place.

        It was closed while the next one still seemed to do with less than a least order.
        """
        for number in [n for n, up in self.raised.items() if up]:
            here = number
            for other in self._closed_beside(number):
                self._set(here, raised=False)
                moved = self._objective_if(other, raised=True)
                if moved < best - WORTH_CHANGING and self._keeps_limits():
                    best, here = moved, other
                else:
                    self._set(other, raised=False)
                    self._set(here, raised=True)

    def _closed_beside(self, number: int) -> list[int]:
        """The closed lanes that trade a lane's asset the same way, in the order of their keys."""
        own, lanes = self.problem.lanes[number], self.problem.lanes
        closed = (n for n, up in self.raised.items() if not up and lanes[n].side is own.side)
        same = (n for n in closed if lanes[n].market.instrument.base == own.market.instrument.base)
        return sorted(same, key=lambda n: lanes[n].key)

    def _keeps_limits(self) -> bool:
        amounts = self.program.amounts
        over = any(amount > NOTHING and self._is_over(n, amount) for n, amount in enumerate(amounts))
        return not (over or self._too_small(amounts) or self._circle())

    def _objective_if(self, number: int, *, raised: bool) -> float:
        """The objective with a lane raised or closed; infinite where that is impossible. It stays so."""
        if raised and self.bounds.least(number) > self.bounds.most(number):
            return INFINITE
        self._set(number, raised=raised)
        return self._objective()

    def _objective(self) -> float:
        try:
            self.program.solve()
        except SolverFailed:
            return INFINITE
        return self.program.objective

    # --- coarse steps ------------------------------------------------------------------------------------------------

    def _coarsest(self, amounts: Sequence[float]) -> int | None:
        """The lane that trades on the coarsest step of those that are not fixed yet."""
        free = [n for n, amount in enumerate(amounts) if amount > NOTHING and n not in self.fixed]
        steps = {n: step for n in free if (step := self.bounds.step(n)) > COARSE}
        return min(steps, key=lambda n: (-steps[n], self.problem.lanes[n].key), default=None)

    def _with_more_lanes(self) -> list[float]:
        """Where a coarse step left much behind, see whether lanes that rested can take it."""
        best, raised, resting, fixed = self.program.objective, dict(self.raised), self.resting, dict(self.fixed)
        self._rest(())
        amounts = self._with_least_orders(self._capped(self._solve()))
        if self.program.objective < best - WORTH_CHANGING:
            self._rest(n for n in resting if amounts[n] <= NOTHING)
            return amounts
        self.raised, self.fixed = raised, fixed
        self._rest(resting)
        for number in range(len(self.problem.lanes)):
            self._apply(number)
        return self._solve()

    def _rest(self, lanes: Iterable[int]) -> None:
        """These are left alone, and no others."""
        self.resting = set(lanes)
        self.program.rest(self.resting)

    def _fix(self, number: int, amount: float) -> None:
        """Fix a lane at the step below or above its amount, whichever leaves the better rest; at nothing else."""
        lane, (least, most) = self.problem.lanes[number], self.bounds.exact(number)
        near = on_step(self.problem, lane, amount)
        other = near - lane.step if self.problem.amount(lane, near) > amount else near + lane.step
        tries = [
            self.problem.amount(lane, Quantity(quantity)) for quantity in (near, other) if least <= quantity <= most
        ]
        outcomes = [(self._objective_at(number, tried), tried) for tried in tries]
        best = min(outcomes, default=(INFINITE, 0.0))
        self.fixed[number] = best[1] if best[0] < INFINITE else 0.0
        self._apply(number)

    def _objective_at(self, number: int, amount: float) -> float:
        self.program.between(number, amount, amount)
        return self._objective()

    # --- all of them -------------------------------------------------------------------------------------------------

    def _solve(self) -> list[float]:
        """The best amounts. Least orders that cannot be paid any more are given up, the last decided first."""
        while True:
            try:
                return self.program.solve()
            except SolverFailed:
                if not self._gave_one_up():
                    raise

    def _gave_one_up(self) -> bool:
        if self.fixed:
            number, _ = self.fixed.popitem()
            self._set(number, raised=False)
            return True
        raised = [number for number, up in self.raised.items() if up]
        if raised:
            self._set(raised[-1], raised=False)
        return bool(raised)

    def _set(self, number: int, *, raised: bool | None) -> None:
        """Raise a lane, close it, or leave it as it was before anything was decided."""
        self.raised.pop(number, None)
        if raised is not None:
            self.raised[number] = raised
        self._apply(number)
        opposite = self.problem.opposite(number)
        if opposite is not None:
            self._apply(opposite)

    def _apply(self, number: int) -> None:
        """Tell the program what a lane may trade. What is sold to fill a least order is not bought back."""
        raised, opposite = self.raised.get(number), self.problem.opposite(number)
        if number in self.fixed:
            self.program.between(number, self.fixed[number], self.fixed[number])
            return
        if raised is False or self._is_held(opposite):
            self.program.between(number, 0.0, 0.0)
            return
        most = self.bounds.most(number) if number in self.capped else WHOLE
        least = self.bounds.least(number)
        self.program.between(number, least if raised else 0.0, most if most >= least else 0.0)

    def _is_held(self, number: int | None) -> bool:
        """Whether a lane trades in any case."""
        return number is not None and bool(self.raised.get(number) or self.fixed.get(number))

    def _note_cut(self, number: int, amount: float) -> None:
        lane = self.problem.lanes[number]
        wished = max(on_step(self.problem, lane, amount), lane.step)
        found = objections(lane, Quantity(min(wished, lane.depth)), self.limits)
        if found and number not in self.cuts:
            self.cuts[number] = Cut(lane, wished, found)
