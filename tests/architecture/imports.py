"""Which modules import which, and where that goes round in a circle."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.util import resolve_name

from tests.architecture.sources import Function

Graph = Mapping[str, Collection[str]]
"""The modules that each module imports, by name."""
TYPES_ONLY = ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def graph_of(trees: Mapping[str, ast.Module], *, at_load: bool, packages: Collection[str] = ()) -> Graph:
    """The imports among these modules.

    `at_load` leaves out those that wait for a call or serve the type checker only; `packages` names the modules that
    are an `__init__`, from which relative imports start one level higher.
    """
    return {
        module: {
            target
            for node in _statements(tree, at_load=at_load)
            for name in _names(node, module if module in packages else module.rpartition(".")[0])
            if (target := name if name in trees else name.rpartition(".")[0]) in trees
        }
        for module, tree in trees.items()
    }


def _statements(tree: ast.AST, *, at_load: bool) -> Iterator[ast.AST]:
    """All statements, inner ones too, or only those that are executed when the module is imported."""
    for node in _inside(tree, at_load=at_load):
        if not isinstance(node, ast.expr):
            yield node
            yield from _statements(node, at_load=at_load)


def _inside(node: ast.AST, *, at_load: bool) -> Iterable[ast.AST]:
    if at_load and isinstance(node, Function):
        return ()
    if at_load and isinstance(node, ast.If) and ast.unparse(node.test) in TYPES_ONLY:
        return node.orelse
    return ast.iter_child_nodes(node)


def _names(node: ast.AST, package: str) -> Iterator[str]:
    """What an import asks for, with its module before it: whether it is a module itself cannot be seen here."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = resolve_name("." * node.level + (node.module or ""), package)
        yield from (f"{module}.{alias.name}" for alias in node.names)


def cycles(graph: Graph) -> list[list[str]]:
    """The modules of each circle, the largest first: each of them can be reached from each other one."""
    reached = {module: _reached(graph, module) for module in graph}
    circles = {frozenset(other for other in reached[module] if module in reached[other]) for module in graph}
    return sorted((sorted(circle) for circle in circles if circle), key=lambda circle: (-len(circle), circle))


def _reached(graph: Graph, start: str) -> set[str]:
    """All modules that one leads to: itself only where there is a way back."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = set(graph[waiting.pop()]) - found
        found |= new
        waiting += new
    return found
