"""HiGHS, held to what a decision may depend on: one thread, a fixed seed, no time limit, tolerances of our own.

It is loaded when the first plan is made: a look that trades nothing needs none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final

from engine.model.errors import EngineError

if TYPE_CHECKING:
    from highspy import Highs

INFINITE: Final = float("inf")
TOLERANCES: Final = (1e-9, 1e-9, 1e-7, 1e-6)
"""Held tightest first; the wider ones are for what is too badly scaled for that."""
OPTIONS: Final[Mapping[str, bool | int | float | str]] = {
    "output_flag": False,
    "threads": 1,
    "presolve": "off",
    "parallel": "off",
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-3,
    "mip_feasibility_tolerance": 1e-8,
}


class SolverFailed(EngineError):
    """The solver found no optimum, although trading nothing is always allowed."""


@dataclass(slots=True)
class Model:
    """A linear program that is being written down: columns from 0 on with a cost, and rows with bounds."""

    costs: list[float] = field(default_factory=list)
    uppers: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    """Where the entries of each column begin, and where the last ones end."""
    rows: list[int] = field(default_factory=list)
    coefficients: list[float] = field(default_factory=list)
    row_lowers: list[float] = field(default_factory=list)
    row_uppers: list[float] = field(default_factory=list)

    def add_row(self, lower: float, upper: float) -> int:
        """A row without entries; its number."""
        self.row_lowers.append(lower)
        self.row_uppers.append(upper)
        return len(self.row_lowers) - 1

    def add_column(self, cost: float, upper: float, entries: Sequence[tuple[int, float]]) -> int:
        """A column with its entries, each row once; its number."""
        self.costs.append(cost)
        self.uppers.append(upper)
        for row, coefficient in entries:
            self.rows.append(row)
            self.coefficients.append(coefficient)
        self.starts.append(len(self.rows))
        return len(self.costs) - 1

    def add_columns(
        self, cost: float, uppers: Sequence[float], entries: Sequence[tuple[int, Sequence[float]]]
    ) -> range:
        """Columns of one cost and in the same rows, each row with the coefficient of each; their numbers."""
        first, begin, width = len(self.costs), len(self.rows), len(entries)
        self.costs += [cost] * len(uppers)
        self.uppers += uppers
        self.rows += [row for row, _ in entries] * len(uppers)
        self.coefficients += chain.from_iterable(zip(*(coefficients for _, coefficients in entries), strict=True))
        self.starts += range(begin + width, len(self.rows) + 1, width)
        return range(first, len(self.costs))


class Solver:
    """A model in the solver's hands. It can be narrowed, and solved again from where it stands."""

    def __init__(self, model: Model) -> None:
        self._highs = _highs_with(model)
        self._uppers = model.uppers
        self._resting: list[int] = []
        self._tolerate(TOLERANCES[0])
        self.values: list[float] = []
        """Of each column, after `solve`."""
        self.reduced_costs: list[float] = []
        """Of each column, after `solve`: what a unit of it would cost that the solution does not take."""
        self.duals: list[float] = []
        """Of each row: what one more unit of its bound is worth."""
        self.objective = 0.0

    def solve(self) -> None:
        """Find the optimum. Raises SolverFailed."""
        from highspy import HighsModelStatus

        for tolerance in TOLERANCES:
            self._highs.run()
            status = self._highs.getModelStatus()
            if status not in (HighsModelStatus.kUnknown, HighsModelStatus.kSolveError):
                break
            # It lost its way from where it stood: it starts afresh, and is held less tightly.
            self._highs.clearSolver()
            self._tolerate(tolerance)
        self._tolerate(TOLERANCES[0])
        if status != HighsModelStatus.kOptimal:
            raise SolverFailed(f"the solver ended with {self._highs.modelStatusToString(status)}")
        solution = self._highs.getSolution()
        self.values, self.duals = list(solution.col_value), list(solution.row_dual)
        self.reduced_costs = list(solution.col_dual)
        self.objective = float(self._highs.getObjectiveValue())

    def _tolerate(self, tolerance: float) -> None:
        self._highs.setOptionValue("primal_feasibility_tolerance", tolerance)
        self._highs.setOptionValue("dual_feasibility_tolerance", tolerance)

    def add_row(self, lower: float, upper: float, entries: Mapping[int, float]) -> int:
        """A further row; its number."""
        from numpy import array, float64, int32

        columns, coefficients = array(list(entries), int32), array(list(entries.values()), float64)
        self._highs.addRow(lower, upper, len(entries), columns, coefficients)
        return int(self._highs.getNumRow()) - 1

    def rest(self, columns: Sequence[int]) -> None:
        """These columns are nothing from now on; those that were so before are free again."""
        from numpy import array, float64, int32, zeros

        for others, uppers in (
            (self._resting, [self._uppers[c] for c in self._resting]),
            (columns, [0.0] * len(columns)),
        ):
            if others:
                numbers = array(others, int32)
                self._highs.changeColsBounds(len(others), numbers, zeros(len(others)), array(uppers, float64))
        self._resting = list(columns)

    def set_row(self, row: int, lower: float, upper: float) -> None:
        """New bounds of a row."""
        self._highs.changeRowBounds(row, lower, upper)

    def add_column(self, cost: float, upper: float, entries: Mapping[int, float]) -> int:
        """A further column from 0 on; its number."""
        from numpy import array, float64, int32

        rows, coefficients = array(list(entries), int32), array(list(entries.values()), float64)
        self._highs.addCol(cost, 0.0, upper, len(entries), rows, coefficients)
        return int(self._highs.getNumCol()) - 1

    def add_columns(
        self, cost: float, uppers: Sequence[float], entries: Sequence[tuple[int, Sequence[float]]]
    ) -> range:
        """Further columns of one cost and in the same rows, each row with the coefficient of each; their numbers."""
        from numpy import array, float64, full, int32, zeros

        first, width, count = int(self._highs.getNumCol()), len(entries), len(uppers)
        starts, rows = array(range(0, width * count, width), int32), array([row for row, _ in entries] * count, int32)
        coefficients = array([coefficients for _, coefficients in entries], float64).T.ravel()
        bounds = zeros(count), array(uppers, float64)
        self._highs.addCols(count, full(count, cost), *bounds, width * count, starts, rows, coefficients)
        self._uppers = [*self._uppers, *uppers]
        return range(first, first + count)

    def add_whole(self, upper: float) -> int:
        """A further column that takes whole numbers from 0 on; its number."""
        from highspy import HighsVarType

        column = self.add_column(0.0, upper, {})
        self._highs.changeColIntegrality(column, HighsVarType.kInteger)
        return column

    def solve_within(self, nodes: int) -> bool:
        """Find the best whole numbers within so many nodes of the search; whether any were found."""
        from highspy import SolutionStatus

        self._highs.setOptionValue("mip_max_nodes", nodes)
        self._highs.run()
        found = self._highs.getInfo().primal_solution_status == int(SolutionStatus.kSolutionStatusFeasible)
        if found:
            self.values = list(self._highs.getSolution().col_value)
            self.objective = float(self._highs.getObjectiveValue())
        return bool(found)

    def close_column(self, column: int) -> None:
        """A column is nothing from now on."""
        self._highs.changeColBounds(column, 0.0, 0.0)


def _highs_with(model: Model) -> Highs:
    from highspy import Highs, HighsLp, MatrixFormat
    from numpy import array, float64, int32, zeros

    lp = HighsLp()
    lp.num_col_, lp.num_row_ = len(model.costs), len(model.row_lowers)
    lp.col_cost_ = array(model.costs, float64)
    lp.col_lower_, lp.col_upper_ = zeros(len(model.costs)), array(model.uppers, float64)
    lp.row_lower_, lp.row_upper_ = array(model.row_lowers, float64), array(model.row_uppers, float64)
    lp.a_matrix_.format_ = MatrixFormat.kColwise
    lp.a_matrix_.start_ = array(model.starts, int32)
    lp.a_matrix_.index_ = array(model.rows, int32)
    lp.a_matrix_.value_ = array(model.coefficients, float64)
    highs = Highs()  # type: ignore[no-untyped-call]
    for option, value in OPTIONS.items():
        highs.setOptionValue(option, value)
    highs.passModel(lp)
    return highs
