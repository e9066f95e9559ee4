"""What can be measured in one source text or its syntax tree: sizes, arguments, annotations, broad excepts, mocks."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from tests.architecture.sources import Definition, Function, definitions

BROAD = ("Exception", "BaseException")


class Spread(NamedTuple):
    """Median, 90th percentile and largest of some sizes."""

    median: float
    ninth: int
    largest: int

    def __str__(self) -> str:
        return f"{self.median:.0f} / {self.ninth} / {self.largest}"


class Broad(NamedTuple):
    """A place that catches whatever comes, and whether it raises something in the end."""

    line: int
    caught: str
    raises: bool


def spread(sizes: list[int]) -> Spread:
    """How sizes are distributed; there must be one at least."""
    ordered = sorted(sizes)
    return Spread(median(ordered), ordered[min(len(ordered) * 9 // 10, len(ordered) - 1)], ordered[-1])


def filled_lines(text: str) -> int:
    """How many lines are not blank."""
    return sum(bool(line.strip()) for line in text.splitlines())


def comments(text: str) -> int:
    """How many comments there are, those behind code too."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sum(token.type == tokenize.COMMENT for token in tokens)


def height(node: ast.stmt) -> int:
    """Lines from a statement's first word to its end; decorators are not counted."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def lines_of(function: Function) -> int:
    """Lines of the signature and the body, without the docstring."""
    return height(function) - (height(function.body[0]) if ast.get_docstring(function) is not None else 0)


def arguments(function: Function) -> list[ast.arg]:
    """What a caller can pass by name or place: neither `self` and `cls` nor `*args` and `**kwargs`."""
    listed = [*function.args.posonlyargs, *function.args.args]
    if listed and listed[0].arg in ("self", "cls"):
        del listed[0]
    return [*listed, *function.args.kwonlyargs]


def methods(node: ast.ClassDef) -> int:
    """How many functions a class defines in its own body."""
    return sum(isinstance(inner, Function) for inner in node.body)


def public(tree: ast.AST) -> Iterator[Definition]:
    """Classes, functions and methods that others may use: no underscore before any part of the name, none local."""
    for name, node in definitions(tree):
        if not any(part.startswith(("_", "<")) for part in name.split(".")):
            yield node


def slots(function: Function) -> list[ast.expr | None]:
    """The annotation, or None, of each parameter and of the returned value; an `__init__` needs none for the latter."""
    variadic = [arg for arg in (function.args.vararg, function.args.kwarg) if arg is not None]
    found = [arg.annotation for arg in (*arguments(function), *variadic)]
    return found if function.name == "__init__" else [*found, function.returns]


def anys(tree: ast.AST) -> int:
    """How often annotations say `Any`."""
    return sum(_name(node) == "Any" for annotation in _annotations(tree) for node in ast.walk(annotation))


def _annotations(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, Function) and node.returns is not None:
            yield node.returns


def broad_excepts(tree: ast.AST) -> list[Broad]:
    """Handlers of any error at all, and contexts that suppress it."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and (caught := _broad(node.type)):
            raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            found.append(Broad(node.lineno, caught, raises))
        elif isinstance(node, ast.Call) and _name(node.func) == "suppress":
            found += [Broad(node.lineno, caught, raises=False) for each in node.args if (caught := _broad(each))]
    return sorted(found)


def _broad(caught: ast.expr | None) -> str:
    """The name of the broad error among those that are caught, or an empty text."""
    if caught is None:
        return "everything"
    named = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return next((name for each in named if (name := _name(each)) in BROAD), "")


def mocks(tree: ast.AST) -> int:
    """How often something of `unittest.mock` is used."""
    known = {alias.asname or alias.name.partition(".")[0] for alias in _mocks_imported(tree)}
    return sum(isinstance(node, ast.Name) and node.id in known for node in ast.walk(tree))


def _mocks_imported(tree: ast.AST) -> Iterator[ast.alias]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "unittest.mock":
            yield from node.names
        elif isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module == "unittest"):
            yield from (alias for alias in node.names if alias.name in ("mock", "unittest.mock"))


def patches(tree: ast.AST) -> int:
    """How often pytest's `monkeypatch` is told to change something."""
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return sum(isinstance(func, ast.Attribute) and _name(func.value) == "monkeypatch" for func in called)


def _name(node: ast.AST) -> str:
    """The last part of a dotted name, or an empty text where there is no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
