"""The program's own source files, read as text and as syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


def files(*packages: str) -> list[Path]:
    """All modules of these packages, in the order of their paths."""
    return [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


def name_of(path: Path) -> str:
    """A file's place in the repository."""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """The name that a file is imported by; a package's is that of its folder."""
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def text_of(path: Path) -> str:
    """What a module's file says."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(text_of(path), name_of(path))


def functions(path: Path) -> Iterator[Function]:
    """All functions and methods of a module, inner ones too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, Function):
            yield node


def definitions(tree: ast.AST, within: str = "") -> Iterator[tuple[str, Definition]]:
    """All classes, functions and methods, inner ones too, by their qualified names."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Definition):
            yield within + node.name, node
            inside = "." if isinstance(node, ast.ClassDef) else ".<locals>."
            yield from definitions(node, within + node.name + inside)
        elif not isinstance(node, ast.expr):
            yield from definitions(node, within)
