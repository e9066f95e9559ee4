"""The house in its parts, and what was measured in each: sizes with their places, counts, and shares."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tests.architecture import measures
from tests.architecture.imports import cycles, graph_of
from tests.architecture.measures import Broad
from tests.architecture.sources import Definition, Function, definitions, files, module_of, name_of, text_of, tree_of


class Sized(NamedTuple):
    """A file or function with one of its sizes, and where it stands."""

    size: int
    name: str
    place: str


class LongClass(NamedTuple):
    """A class by its lines, with how many methods they are."""

    lines: int
    methods: int
    name: str


@dataclass(frozen=True)
class Group:
    """Some files that are measured together."""

    name: str
    paths: Sequence[Path]

    @cached_property
    def modules(self) -> frozenset[str]:
        """The names that the files are imported by."""
        return frozenset(map(module_of, self.paths))

    @cached_property
    def files(self) -> list[Sized]:
        """All files by their lines, longest first."""
        return _largest_first(Sized(len(text_of(path).splitlines()), "", name_of(path)) for path in self.paths)

    @cached_property
    def functions(self) -> list[Sized]:
        """All functions by the lines of signature and body, longest first."""
        return _largest_first(Sized(measures.lines_of(f), name, place) for place, name, f in self._functions())

    @cached_property
    def signatures(self) -> list[Sized]:
        """All functions by the number of their arguments, most first."""
        return _largest_first(Sized(len(measures.arguments(f)), name, place) for place, name, f in self._functions())

    @cached_property
    def longest_class(self) -> LongClass:
        """The class of the most lines."""
        classes = [(name, node) for _, name, node in self._definitions if isinstance(node, ast.ClassDef)]
        return max(LongClass(measures.height(node), measures.methods(node), name) for name, node in classes)

    @cached_property
    def tests(self) -> list[int]:
        """The lines of each test function, with its docstring."""
        return [measures.height(f) for _, _, f in self._functions() if f.name.startswith("test_")]

    @cached_property
    def broad_excepts(self) -> list[tuple[str, Broad]]:
        """Where any error at all is caught, and how."""
        found = [(path, broad) for path in self.paths for broad in measures.broad_excepts(tree_of(path))]
        return [(f"{name_of(path)}:{broad.line}", broad) for path, broad in found]

    @cached_property
    def filled_lines(self) -> int:
        """Lines of all files that are not blank."""
        return sum(measures.filled_lines(text_of(path)) for path in self.paths)

    @property
    def comments(self) -> int:
        """Comments of all files."""
        return sum(measures.comments(text_of(path)) for path in self.paths)

    @property
    def documented(self) -> float:
        """The share of public classes, functions and methods that have a docstring, in percent."""
        return _documented([node for path in self.paths for node in measures.public(tree_of(path))])

    @property
    def documented_functions(self) -> float:
        """The same share of functions alone, in percent: inner ones too, and those of private classes."""
        return _documented([f for _, _, f in self._functions() if not f.name.startswith("_")])

    @property
    def annotated_functions(self) -> float:
        """The share of functions that are annotated from the first parameter to the returned value, in percent."""
        return _percent([None not in measures.slots(f) for _, _, f in self._functions()])

    @property
    def annotated_slots(self) -> float:
        """The share of all parameters and returned values that are annotated, in percent."""
        return _percent([slot is not None for _, _, f in self._functions() for slot in measures.slots(f)])

    def total(self, count: Callable[[ast.Module], int]) -> int:
        """What is counted in each syntax tree, of all of them."""
        return sum(count(tree_of(path)) for path in self.paths)

    @cached_property
    def _definitions(self) -> list[tuple[str, str, Definition]]:
        """Place, qualified name and syntax tree of all classes and functions."""
        found = [(path, name, node) for path in self.paths for name, node in definitions(tree_of(path))]
        return [(f"{name_of(path)}:{node.lineno}", name, node) for path, name, node in found]

    def _functions(self) -> list[tuple[str, str, Function]]:
        return [(place, name, node) for place, name, node in self._definitions if isinstance(node, Function)]


class Cycles(NamedTuple):
    """The circles that imports go in, as names of modules: through all imports, or through those at load only."""

    everywhere: list[list[str]]
    at_load: list[list[str]]


class House(NamedTuple):
    """All that is measured: the program in its parts and as a whole, and the tests of it."""

    parts: list[Group]
    program: Group
    tests: Group
    cycles: Cycles

    @property
    def groups(self) -> list[Group]:
        """The parts of the program, and the tests."""
        return [*self.parts, self.tests]


def survey() -> House:
    """The house as it stands. The sandbox is a part of its own: it is no bot, but what the bot is tried against."""
    sandbox = files("bot/sandbox")
    bot = [path for path in files("bot") if path not in sandbox]
    parts = [Group("engine", files("engine")), Group("bot", bot), Group("bot/sandbox", sandbox)]
    program, tests = Group("this house", files("engine", "bot")), Group("tests", files("tests"))
    return House(parts, program, tests, _cycles([*program.paths, *tests.paths]))


def _cycles(paths: Sequence[Path]) -> Cycles:
    trees = {module_of(path): tree_of(path) for path in paths}
    packages = {module_of(path) for path in paths if path.name == "__init__.py"}
    return Cycles(
        everywhere=cycles(graph_of(trees, at_load=False, packages=packages)),
        at_load=cycles(graph_of(trees, at_load=True, packages=packages)),
    )


def _largest_first(sized: Iterable[Sized]) -> list[Sized]:
    return sorted(sized, key=lambda each: (-each.size, each.place))


def _documented(nodes: Sequence[Definition]) -> float:
    return _percent([ast.get_docstring(node) is not None for node in nodes])


def _percent(hits: Sequence[bool]) -> float:
    return 100 * sum(hits) / len(hits) if hits else 0.0
