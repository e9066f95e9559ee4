"""What was measured, each beside its goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final


@dataclass(frozen=True)
class Figure:
    """One measurement in words; `within` says whether the goal was met, None where there is none."""

    what: str
    measured: str
    goal: str = ""
    within: bool | None = None


FIGURES: Final[list[Figure]] = []
"""All figures of this run, in the order in which they were taken."""


def note(what: str, measured: str, goal: str = "", within: bool | None = None) -> None:
    """Keep a figure for the table."""
    FIGURES.append(Figure(what, measured, goal, within))


def spread(seconds: Sequence[float]) -> str:
    """Median, 95th percentile and maximum of some durations, in milliseconds."""
    figures = median(seconds), percentile_95(seconds), max(seconds)
    p50, p95, longest = (f"{1000 * figure:.1f}" for figure in figures)
    return f"p50 {p50} ms, p95 {p95} ms, max {longest} ms (n = {len(seconds)})"


def percentile_95(seconds: Sequence[float]) -> float:
    """The 95th percentile of some durations, in seconds."""
    return quantiles(seconds, n=20, method="inclusive")[-1]


def table(figures: Sequence[Figure]) -> str:
    """One line for each figure."""
    marks = {True: "met", False: "MISSED", None: ""}
    rows = [(f.what, f.measured, f.goal, marks[f.within]) for f in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
