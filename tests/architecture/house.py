"""`python -m tests.architecture.house`: how big and how well kept the house is, part by part and beside the models."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.architecture import measures
from tests.architecture.measures import spread
from tests.architecture.models import MODELS, Figures
from tests.architecture.survey import Group, House, Sized, survey

WIDTH: Final = 170
"""Characters of a printed line at most: the figures of the models need so many."""
SHOWN: Final = 10
MOST_ARGUMENTS: Final = 5
NOTHING: Final = "—"
NAMES: Final = "names"
"""The one column whose texts may take several lines."""


def main() -> int:
    """Measure, and print the figures, those of the models, and the places to look at first."""
    house = survey()
    page = Console(file=sys.stdout, width=WIDTH, highlight=False)
    page.print(_figures(house))
    page.print(_beside_the_models(house))
    page.print(_places("Longest files", "lines", house, lambda group: group.files[:SHOWN]))
    page.print(_places("Longest functions", "lines", house, lambda group: group.functions[:SHOWN]))
    page.print(_places(f"More than {MOST_ARGUMENTS} arguments", "arguments", house, _widest))
    page.print(_broad_excepts(house))
    page.print(_cycles(house))
    return 0


def _figures(house: House) -> Table:
    """A row for each measure, a column for each part."""
    groups = house.groups
    table = _table("The house; per 100 and per 1,000 count lines that are not blank", "", *(g.name for g in groups))
    for name, measure in _MEASURES.items():
        table.add_row(name, *map(measure, groups))
    table.add_row(
        "modules in the largest import cycle, all / at load", *(_cycle_sizes(house, group) for group in groups)
    )
    table.add_row("test lines : code lines", *(NOTHING for _ in house.parts), _tests_to_code(house))
    return table


_MEASURES: Final[dict[str, Callable[[Group], str]]] = {
    "files": lambda group: f"{len(group.files)}",
    "lines": lambda group: f"{sum(file.size for file in group.files):,}",
    "lines of a file, median / p90 / max": lambda group: _spread(group.files),
    "functions": lambda group: f"{len(group.functions):,}",
    "lines of a function without its docstring": lambda group: _spread(group.functions),
    "lines of the largest class (methods)": lambda group: _longest_class(group),
    "most arguments of a function": lambda group: _largest(group.signatures),
    f"functions with more than {MOST_ARGUMENTS} arguments": lambda group: f"{len(_widest(group))}",
    "comments per 100 lines": lambda group: _comments(group),
    "public names with a docstring": lambda group: f"{group.documented:.0f} %",
    "functions annotated throughout": lambda group: f"{group.annotated_functions:.0f} %",
    "`Any` in annotations": lambda group: f"{group.total(measures.anys)}",
    "broad excepts": lambda group: f"{len(group.broad_excepts)}",
    "broad excepts per 1,000 lines": lambda group: _broad(group),
    "test functions": lambda group: f"{len(group.tests):,}" if group.tests else NOTHING,
    "lines of a test": lambda group: f"{spread(group.tests)}" if group.tests else NOTHING,
    "mocks per test": lambda group: _per_test(group, measures.mocks),
    "monkeypatches per test": lambda group: _per_test(group, measures.patches),
}


def _beside_the_models(house: House) -> Table:
    """A row for this house as a whole, and one for each model."""
    table = _table("Beside the models", *_COLUMNS)
    table.caption, table.caption_justify = _ON_THE_COLUMNS, "left"
    table.add_row(*_own_figures(house), end_section=True)
    for model in MODELS:
        table.add_row(*model)
    return table


_COLUMNS: Final = (
    "",
    "file lines",
    "function lines",
    "largest class",
    "comments\nper 100",
    "documented\n%",
    "annotated\n%",
    "broad excepts\nper 1,000",
    "test\nlines",
    "mocks\nper test",
    "tests\n: code",
    "cycle",
)


_ON_THE_COLUMNS: Final = (
    "Documented are functions without a leading underscore; annotated are parameters and returned values.\n"
    "Test lines are a median, with docstrings; mocks include monkeypatches; a cycle by size, all imports / at load.\n"
)


def _own_figures(house: House) -> Figures:
    program, tests = house.program, house.tests
    longest = program.longest_class
    return Figures(
        name=program.name,
        file_lines=_spread(program.files),
        function_lines=_spread(program.functions),
        largest_class=f"{longest.lines} ({longest.methods})",
        comments=_comments(program),
        documented=f"{program.documented_functions:.0f}",
        annotated=f"{program.annotated_slots:.0f}",
        broad=_broad(program),
        test_lines=f"{spread(tests.tests).median:.0f}",
        mocks=_per_test(tests, lambda tree: measures.mocks(tree) + measures.patches(tree)),
        tests_to_code=_tests_to_code(house),
        cycle=_cycle_sizes(house, program),
    )


def _places(title: str, unit: str, house: House, of: Callable[[Group], Sequence[Sized]]) -> Table:
    """A row for each place of a group, and the next group after a line."""
    table = _table(title, "", unit, "place")
    for group in house.groups:
        for each in of(group):
            table.add_row(group.name, f"{each.size}", f"{each.place} {each.name}")
        table.add_section()
    return table


def _broad_excepts(house: House) -> Table:
    table = _table("Broad excepts", "", "place", "catches", "afterwards")
    for group in house.groups:
        for place, broad in group.broad_excepts:
            table.add_row(group.name, place, broad.caught, "raises" if broad.raises else "goes on")
        table.add_section()
    return table


def _cycles(house: House) -> Table:
    table = _table("Import cycles", "", "modules", NAMES)
    for through, found in (("all imports", house.cycles.everywhere), ("at load", house.cycles.at_load)):
        for cycle in found or [[]]:
            table.add_row(through, f"{len(cycle)}", ", ".join(cycle) or NOTHING)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, no_wrap=column != NAMES)
    return table


def _spread(sized: Iterable[Sized]) -> str:
    return f"{spread([each.size for each in sized])}"


def _largest(sized: Sequence[Sized]) -> str:
    return f"{sized[0].size} {sized[0].name}"


def _longest_class(group: Group) -> str:
    longest = group.longest_class
    return f"{longest.lines} {longest.name} ({longest.methods})"


def _widest(group: Group) -> list[Sized]:
    return [each for each in group.signatures if each.size > MOST_ARGUMENTS]


def _comments(group: Group) -> str:
    return f"{100 * group.comments / group.filled_lines:.1f}"


def _broad(group: Group) -> str:
    return f"{1000 * len(group.broad_excepts) / group.filled_lines:.2f}"


def _per_test(group: Group, count: Callable[[ast.Module], int]) -> str:
    return f"{group.total(count) / len(group.tests):.2f}" if group.tests else NOTHING


def _tests_to_code(house: House) -> str:
    return f"{house.tests.filled_lines / house.program.filled_lines:.1f}"


def _cycle_sizes(house: House, group: Group) -> str:
    """The sizes of the largest cycles that a group has a part in; a module alone is one of 1."""
    return " / ".join(
        f"{max((len(cycle) for cycle in cycles if group.modules.intersection(cycle)), default=1)}"
        for cycles in house.cycles
    )


if __name__ == "__main__":
    sys.exit(main())
