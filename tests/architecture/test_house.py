"""What `make house` measures, on sources of a few lines."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from tests.architecture import measures
from tests.architecture.imports import Graph, cycles, graph_of
from tests.architecture.measures import Broad
from tests.architecture.sources import Function, definitions, name_of, text_of
from tests.architecture.survey import Group, survey


def parsed(text: str) -> ast.Module:
    return ast.parse(dedent(text))


def function(text: str) -> Function:
    """The only one of a text."""
    (found,) = (node for _, node in definitions(parsed(text)) if isinstance(node, Function))
    return found


def graph(texts: dict[str, str], *, at_load: bool = False) -> Graph:
    return graph_of({name: parsed(text) for name, text in texts.items()}, at_load=at_load)


DOCUMENTED = '''
    @cache
    def double(number):
        """Two of it.

        Always.
        """
        twice = 2 * number
        return twice
'''


def test_a_docstring_is_no_line_of_its_function() -> None:
    """Nor is a decorator: what remains are the signature and two lines."""
    assert measures.lines_of(function(DOCUMENTED)) == 3
    assert measures.height(function(DOCUMENTED)) == 7


def test_of_some_sizes_nine_in_ten_are_below_the_ninth() -> None:
    """It is one of them; the median may lie between two."""
    assert measures.spread([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) == (5.5, 10, 10)
    assert measures.spread(list(range(20))) == (9.5, 18, 19)
    assert str(measures.spread([7])) == "7 / 7 / 7"


def test_a_blank_line_is_not_filled_and_a_hash_in_a_text_is_no_comment() -> None:
    """A comment behind code is one."""
    text = '# first\n\nsign = "# no comment"  # second\n'
    assert measures.filled_lines(text) == 2
    assert measures.comments(text) == 2


def test_arguments_are_what_a_caller_passes() -> None:
    """By place or by name, one by one."""
    passed = measures.arguments(function("def f(self, first, /, second, *rest, third=3, **more): ..."))
    assert [arg.arg for arg in passed] == ["first", "second", "third"]


def test_only_names_that_others_may_use_are_public() -> None:
    """What is inside of something private is private too, and a local function is nobody's."""
    tree = parsed("""
        class Open:
            def __init__(self): ...
            def used(self):
                def local(): ...
            def _unused(self): ...
        class _Closed:
            def reached(self): ...
    """)
    assert [node.name for node in measures.public(tree)] == ["Open", "used"]


@pytest.mark.parametrize(
    ("text", "annotated"),
    [
        ("def f(one: int) -> int: ...", [True, True]),
        ("def f(one, *rest: int): ...", [False, True, False]),
        ("def __init__(self, one: int): ...", [True]),
    ],
)
def test_each_parameter_and_the_returned_value_can_be_annotated(text: str, annotated: list[bool]) -> None:
    """Except for `self`, and for what an `__init__` returns."""
    assert [slot is not None for slot in measures.slots(function(text))] == annotated


def test_any_is_counted_where_it_annotates() -> None:
    """Inside of other types too, but not where it is imported or is a value."""
    tree = parsed("""
        from typing import Any
        Json = dict[str, Any]
        known: typing.Any = Any
        def f(one: dict[str, Any], two: int) -> Any: ...
    """)
    assert measures.anys(tree) == 3


@pytest.mark.parametrize(
    ("handler", "found"),
    [
        ("except Exception: pass", [Broad(3, "Exception", raises=False)]),
        ("except (ValueError, BaseException): raise", [Broad(3, "BaseException", raises=True)]),
        ("except: pass", [Broad(3, "everything", raises=False)]),
        ("except builtins.Exception as e: raise Refused from e", [Broad(3, "Exception", raises=True)]),
        ("except (ValueError, OSError): pass", []),
    ],
)
def test_a_broad_except_is_found(handler: str, found: list[Broad]) -> None:
    """With its line, what it catches, and whether the error is dealt with there for good."""
    assert measures.broad_excepts(ast.parse(f"try:\n    act()\n{handler}\n")) == found


def test_a_broad_suppression_is_found() -> None:
    """It is an except by another name."""
    tree = ast.parse("with suppress(OSError, Exception):\n    act()\n")
    assert measures.broad_excepts(tree) == [Broad(1, "Exception", raises=False)]


@pytest.mark.parametrize(
    "text",
    [
        "from unittest.mock import Mock, patch as swap\nMock()\nswap('x')",
        "from unittest import mock\nmock.Mock()\nmock.patch('x')",
        "import unittest.mock\nunittest.mock.Mock()\nunittest.mock.patch('x')",
        "from rival import Mock\nfrom unittest.mock import patch\nMock()\npatch('x')\npatch('y')",
    ],
)
def test_mocks_are_those_of_the_standard_library(text: str) -> None:
    """However they are imported; the import itself is no use."""
    assert measures.mocks(ast.parse(text)) == 2


def test_a_monkeypatch_counts_when_it_changes_something() -> None:
    """A fixture that only passes it on changes nothing."""
    tree = parsed("""
        def test_it(monkeypatch):
            monkeypatch.setenv("A", "1")
            Stage(monkeypatch).monkeypatch.setattr("a.b", 1)
    """)
    assert measures.patches(tree) == 2


def test_two_modules_that_import_each_other_are_a_cycle() -> None:
    """A third one that imports them is no part of it."""
    found = cycles(graph({"one": "import two", "two": "from one import name", "three": "import one, two"}))
    assert found == [["one", "two"]]


@pytest.mark.parametrize(
    "late",
    [
        "def f():\n    import one",
        "if TYPE_CHECKING:\n    import one",
        "if typing.TYPE_CHECKING:\n    import one",
    ],
)
def test_an_import_that_waits_closes_no_cycle_at_load(late: str) -> None:
    """But it does among all imports."""
    texts = {"one": "import two", "two": late}
    assert cycles(graph(texts)) == [["one", "two"]]
    assert cycles(graph(texts, at_load=True)) == []


def test_an_import_in_a_branch_or_a_class_is_one_at_load() -> None:
    """As is what stands beside a branch for the type checker."""
    one = "try:\n    import two\nexcept ImportError: pass"
    two = "if TYPE_CHECKING:\n    pass\nelse:\n    class Late:\n        import one"
    assert cycles(graph({"one": one, "two": two}, at_load=True)) == [["one", "two"]]


def test_a_name_is_of_the_module_that_it_stands_in() -> None:
    """Unless it is a module itself; from a package, relative imports start inside of it."""
    trees = {
        "a": ast.parse("from .b import name"),
        "a.b": ast.parse("from a import c"),
        "a.c": ast.parse("from . import b, name\nimport os.path"),
    }
    assert graph_of(trees, at_load=True, packages={"a"}) == {"a": {"a.b"}, "a.b": {"a.c"}, "a.c": {"a", "a.b"}}


def test_the_house_is_found() -> None:
    """A moved folder must not be measured as an empty one, and no file belongs to two parts."""
    house = survey()
    assert all(len(group.paths) > 50 for group in house.groups)
    parted = [path for part in house.parts for path in part.paths]
    assert sorted(parted) == sorted(house.program.paths)


def only_this_file() -> Group:
    (path,) = (path for path in survey().tests.paths if path.name == "test_house.py")
    return Group("alone", [path])


def test_the_largest_come_first_and_can_be_opened() -> None:
    """A place is the file and the line that an editor goes to."""
    group = only_this_file()
    for largest_first in (group.functions, group.signatures):
        sizes = [each.size for each in largest_first]
        assert sizes == sorted(sizes, reverse=True)
    name, line = group.functions[0].place.split(":")
    assert name == name_of(group.paths[0])
    assert text_of(group.paths[0]).splitlines()[int(line) - 1].startswith(f"def {group.functions[0].name}(")


def test_a_share_is_of_all() -> None:
    """Here every function says its types, and each test what it is about, but no helper does as much."""
    group = only_this_file()
    assert group.annotated_functions == group.annotated_slots == 100
    assert 80 < group.documented == group.documented_functions < 100
