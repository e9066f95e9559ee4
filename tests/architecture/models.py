"""The open-source projects that this one learns from, as figures to compare with."""

from __future__ import annotations

from typing import Final, NamedTuple


class Figures(NamedTuple):
    """What one project is compared by, as text; a dash where there is no such figure.

    Three numbers are the median, the 90th percentile and the largest; one in brackets counts the methods. A cycle is
    given by its modules, first with all imports and then with those at load: 1 says that there is none.
    """

    name: str
    file_lines: str
    function_lines: str
    largest_class: str
    comments: str
    documented: str
    annotated: str
    broad: str
    test_lines: str
    mocks: str
    tests_to_code: str
    cycle: str


_MEASURED: Final = """
nautilus_trader | 160 / 827 / 3821  | 10 / 46 / 421 | 3719 (97)  | 10.1 |  59 |  96 | 2.9  | 20 | 0.36 | 2.1 | 17 of 22
Lean            | 106 / 209 / 455   | 6 / 26 / 44   | —          | 29.5 | 100 | 100 | 0    | —  | —    | —   | —
beancount       | 156 / 602 / 1875  | 9 / 42 / 252  | 998 (42)   |  9.3 |  90 |  28 | 0.25 | 12 | 0.05 | 1.1 | 4 / 1
cosmicpython    | 42 / 91 / 121     | 4 / 11 / 31   | 43 (10)    |  2.2 |   0 |  46 | 3.5  | 8  | 0.06 | 1.0 | 1 / 1
httpx           | 249 / 642 / 2020  | 6 / 31 / 133  | 713 (42)   |  6.3 |  48 | 100 | 1.4  | 8  | 0.01 | 1.0 | 11 / 1
sqlite-utils    | 77 / 3814 / 5548  | 9 / 62 / 460  | 3223 (59)  |  4.0 |  77 |  50 | 0.7  | 12 | 0.01 | 1.5 | 1 / 1
stamina         | 42 / 196 / 914    | 7 / 23 / 92   | 192        |  6.2 |  55 | 100 | 0.9  | 18 | 0.03 | 1.6 | 5 / 1
structlog       | 246 / 990 / 1250  | 4 / 20 / 134  | 671 (41)   |  5.3 |  81 | 100 | 0.4  | 10 | 0.05 | 1.3 | 4 / 1
dbos            | 224 / 1300 / 6604 | 9 / 52 / 1089 | 6022 (137) |  5.2 |  39 |  96 | 4.6  | 25 | 0.12 | 1.4 | 18 / 1
"""
"""Lean is its algorithm framework only; its comments are licences for the most part, and the language is typed.

The cycle of nautilus_trader is one of packages, not of modules.
"""

MODELS: Final = [Figures(*(cell.strip() for cell in line.split("|"))) for line in _MEASURED.strip().splitlines()]
