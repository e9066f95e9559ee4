"""Every reason has its sentence, with its figures in it."""

from __future__ import annotations

import ast
import inspect
import re
from decimal import Decimal

import pytest

from bot.chat.render.reasons import CLAUSES, clause, sentence
from bot.sandbox.telegram.html_markup import parse_html
from engine.model import reasons as model
from engine.model.reasons import Reason, ReasonCode, reason
from tests.chat import builders as a


def operand_names() -> dict[ReasonCode, tuple[str, ...]]:
    """The operands that each code's own documentation names in brackets."""
    [cls] = [
        n for n in ast.parse(inspect.getsource(model)).body if isinstance(n, ast.ClassDef) and n.name == "ReasonCode"
    ]
    found = {}
    for assigned, said in zip(cls.body, cls.body[1:], strict=False):
        if isinstance(assigned, ast.Assign) and isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant):
            code = ReasonCode(ast.literal_eval(assigned.value))
            named = re.search(r"\[([^\]]+)\]", str(said.value.value))
            found[code] = tuple(named.group(1).split(", ")) if named else ()
    return found


OPERANDS = operand_names()
WORDS = {"mode": "absolute", "health": "degraded", "every": "monthly", "timezone": "UTC", "error": "KeyError"}
INSTANTS = ("until", "date", "deadline")
NAMES = ("name", "venue", "asset", "symbol", "problem", "plan", "by", "leg", "order", "code", "message", "others")


def example(code: ReasonCode) -> Reason:
    values: dict[str, str] = {}
    for number, name in enumerate(OPERANDS[code], start=1):
        if name in WORDS:
            values[name] = WORDS[name]
        elif name in INSTANTS:
            values[name] = "2026-03-02T13:30:00Z"
        else:
            values[name] = f"<{name}>" if name in NAMES else f"0.{number}1"
    return Reason(code, tuple(sorted(values.items())))


def test_every_code_is_documented_and_has_a_sentence() -> None:
    """A new code cannot be forgotten here."""
    assert set(CLAUSES) == set(ReasonCode) == set(OPERANDS)


@pytest.mark.parametrize("code", list(ReasonCode))
def test_sentences(code: ReasonCode) -> None:
    """Each is one valid, escaped sentence."""
    html = sentence(example(code), a.a_frame())
    text, _ = parse_html(html)
    assert html.endswith(".") and not html.endswith("..")
    assert 15 <= len(text) <= 200
    assert text[0].isupper() or text[0] in "<0123456789"
    assert "<b>" not in html and "None" not in text


@pytest.mark.parametrize("code", list(ReasonCode))
def test_reasons_without_operands_do_not_fail(code: ReasonCode) -> None:
    """A record of an older version may lack an operand: the sentence is poorer, and there."""
    parse_html(sentence(Reason(code), a.a_frame()))


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            a.over_threshold(),
            "BTC 38.3 % against 33.3 %: +5.0 points, +15 % of target, beyond its limit of 4.0 points",
        ),
        (reason(ReasonCode.PAUSED, by=12345, until="resumed"), "planning is paused until somebody resumes it"),
        (
            reason(ReasonCode.VENUE_UNREACHABLE, venue="kraken", age_seconds="unknown", problem=""),
            "the venue kraken is out of reach; its balances are not known",
        ),
        (
            reason(ReasonCode.PRICE_OUTSIDE_BOUND, best="none", bound=Decimal(3015)),
            "the book is empty, beyond the approved bound of 3,015: it is waited for, not chased",
        ),
        (Reason(ReasonCode.REJECTED_BY_VENUE, (("code", ""), ("message", ""))), "the venue refused the order"),
        (
            reason(ReasonCode.BOOK_TOO_THIN, depth="0", needed=Decimal(2), depth_bps="0"),
            "the book holds too little: 0 units, where 2 are needed",
        ),
        (reason(ReasonCode.TIME_OVER, deadline=a.T0), "its time was over at 14:02"),
    ],
)
def test_wording(found: Reason, text: str) -> None:
    """Operands that are words instead of figures are told in words."""
    assert clause(found, a.a_frame()) == text


def test_relative_limit() -> None:
    """In relative mode the limit is a fraction of the target."""
    found = dict(a.over_threshold().operands) | {"mode": "relative", "threshold": "0.1"}
    text = clause(reason(ReasonCode.DRIFT_OVER_THRESHOLD, **found), a.a_frame())
    assert text.endswith("beyond its limit of 10.0 % of target")
