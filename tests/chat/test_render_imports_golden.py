"""Golden files of what is said about a file before it is imported."""

from __future__ import annotations

from bot.chat.render.imports import KINDS, LineProblem, import_preview_card
from engine.model.lots import EntryKind
from tests.chat import builders as a
from tests.chat.golden_file import assert_golden
from tests.chat.tax_builders import a_preview


def test_a_file_in_order() -> None:
    """What it would add, how its columns are read, and two buttons."""
    assert_golden("import", import_preview_card(a_preview()))


def test_a_file_with_mistakes() -> None:
    """Each with its line; it cannot be imported."""
    problems = (
        LineProblem(17, "Amount", "expected a decimal number, got 'one'"),
        LineProblem(1204, "", a.HOSTILE),
    )
    assert_golden("import_problems", import_preview_card(a_preview(problems=problems)))


def test_a_file_that_comes_again() -> None:
    """Nothing is added twice."""
    card = import_preview_card(a_preview(kinds=(), known=54, assets=(), columns=(), unread=()))
    assert_golden("import_known", card)
    assert card.keyboard == ()


def test_every_kind_has_words() -> None:
    """A new one must not come to the card without them."""
    assert set(KINDS) == set(EntryKind)
