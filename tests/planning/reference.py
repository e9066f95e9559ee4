"""The exact optimum of a portfolio, as a mixed-integer program that prunes nothing and rounds nothing afterwards.

It is written from the rules: a quantity for every level of every book, whole numbers of steps where a step is worth
anything, a choice for every minimum. Slow, and only as fast as it must be to say how good a plan is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from engine.model.decision import DecisionInputs
from engine.model.market import Side
from tests.planning.checker import Held

WHOLE = 10_000.0
FINE = 0.002
"""A step that is worth less than this, in basis points of the whole, is taken as none."""


@dataclass(frozen=True)
class Optimum:
    """In basis points of the whole. `is_proven` where the solver came to its end."""

    outside_bps: float
    cost_bps: float
    is_proven: bool
    bound: float
    """No plan has a lower objective."""


class _Writer:
    """Collects columns and rows."""

    def __init__(self) -> None:
        self.h = highspy.Highs()
        self.h.setOptionValue("output_flag", False)
        self.columns: list[tuple[float, float, float, bool]] = []
        self.rows: list[tuple[float, float, dict[int, float]]] = []

    def column(self, cost: float, upper: float, *, whole: bool = False) -> int:
        self.columns.append((cost, 0.0, upper, whole))
        return len(self.columns) - 1

    def row(self, lower: float, upper: float, entries: dict[int, float]) -> None:
        self.rows.append((lower, upper, entries))

    def solve(self, seconds: float) -> tuple[Any, Any, bool]:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.columns), len(self.rows)
        lp.col_cost_ = np.array([c[0] for c in self.columns])
        lp.col_lower_ = np.array([c[1] for c in self.columns])
        lp.col_upper_ = np.array([c[2] for c in self.columns])
        lp.row_lower_ = np.array([r[0] for r in self.rows])
        lp.row_upper_ = np.array([r[1] for r in self.rows])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(r[2]) for r in self.rows)])
        lp.a_matrix_.index_ = np.array([c for r in self.rows for c in r[2]])
        lp.a_matrix_.value_ = np.array([v for r in self.rows for v in r[2].values()])
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger if c[3] else kinds.kContinuous for c in self.columns]
        for name, value in (("time_limit", seconds), ("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-4), ("threads", 1)):
            self.h.setOptionValue(name, value)
        for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance", "mip_feasibility_tolerance"):
            self.h.setOptionValue(name, 1e-8)
        self.h.passModel(lp)
        self.h.run()
        proven = self.h.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return self.h.getSolution().col_value, self.h.getInfo(), proven


def optimum(inputs: DecisionInputs, destination: dict[str, float], seconds: float = 60) -> Optimum:
    """The best that can be done with a portfolio, costs weighing as the rules say."""
    policy, snapshot = inputs.policy, inputs.snapshot
    marks = {str(asset): float(price) for asset, price in snapshot.given_marks}
    free = {(str(v.name), str(b.asset)): float(b.free) for v in snapshot.venues for b in v.balances}
    values = {t.name: 0.0 for t in policy.targets}
    for (_, asset), quantity in free.items():
        values[str(policy.name_of(asset))] += quantity * marks[asset]  # type: ignore[arg-type]
    unit = WHOLE / sum(values.values())
    w = _Writer()
    left = w.column(-3.0, np.inf)
    out = {name: w.column(1.0, np.inf) for name in values}
    moves: dict[str, dict[int, float]] = {name: {} for name in values}
    places: dict[tuple[str, str], dict[int, float]] = {}
    lost = {left: 1.0}
    for venue in snapshot.venues:
        for instrument in venue.instruments:
            book = venue.book(instrument.base, instrument.quote)
            assert book is not None
            base, quote, fee = str(instrument.base), str(instrument.quote), float(instrument.taker_fee)
            choices: dict[int, float] = {}
            for side in Side:
                sign = side.sign
                columns = {}
                for level in book.side_taken(side):
                    x = w.column(0.0, float(level.quantity) * marks[base] * unit)
                    columns[x] = 1.0
                    paid = float(level.price) * marks[quote] / marks[base] * (1 + sign * fee)
                    for asset, change in ((base, float(sign)), (quote, -sign * paid)):
                        name = str(policy.name_of(asset))  # type: ignore[arg-type]
                        moves[name][x] = moves[name].get(x, 0.0) + change
                        places.setdefault((str(venue.name), asset), {})[x] = change
                    lost[x] = sign * (paid - 1)
                best = float(book.side_taken(side)[0].price)
                least = max(
                    float(instrument.min_amount),
                    float(instrument.min_notional) / best,
                    float(policy.limits.min_trade) / marks[base],
                )
                most = min(sum(w.columns[x][2] for x in columns), WHOLE)
                choice = w.column(0.0, 1.0, whole=True)
                choices[choice] = 1.0
                w.row(0.0, np.inf, {**columns, choice: -least * marks[base] * unit})
                w.row(-np.inf, 0.0, {**columns, choice: -most})
                step = float(instrument.amount_step) * marks[base] * unit
                if step > FINE:
                    steps = w.column(0.0, np.floor(most / step + 1e-9), whole=True)
                    w.row(0.0, 0.0, {**columns, steps: -step})
            # Nobody buys and sells on one market, though it would help to fill a minimum.
            w.row(0.0, 1.0, choices)
    w.row(WHOLE, WHOLE, lost)
    tolerance = float(policy.limits.tolerance)
    for name, value in values.items():
        held = value * unit
        w.row(-np.inf, -held, {**moves[name], left: -(destination[name] + tolerance), out[name]: -1.0})
        w.row(-held, np.inf, {**moves[name], left: -(destination[name] - tolerance), out[name]: 1.0})
    for (venue_name, asset), entries in places.items():
        w.row(-free.get((venue_name, asset), 0.0) * marks[asset] * unit, np.inf, entries)
    solution, info, proven = w.solve(seconds)
    outside = sum(solution[column] for column in out.values())
    return Optimum(
        outside_bps=outside * WHOLE / solution[left],
        cost_bps=WHOLE - solution[left],
        is_proven=proven,
        bound=info.mip_dual_bound + 3 * WHOLE,
    )


__all__ = ["Held", "Optimum", "optimum"]
