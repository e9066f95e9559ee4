"""House rules that a reader would otherwise have to watch over: sizes, exact money, documented reasons, empty doors."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from engine.model.reasons import ReasonCode
from engine.ports import Venue
from tests.architecture.sources import ROOT, files, functions, name_of, tree_of

LONGEST_FILE = 350
LONGEST_FUNCTION = 50
MONEY = ("engine/model", "engine/account", "engine/pricing", "engine/decide", "engine/execute", "engine/run")
FLOATS = (
    "engine/decide/optimum/",
    "engine/decide/statistics/",
    "engine/decide/volatility.py",
    "engine/decide/models/view.py",
    "engine/decide/models/volatility.py",
    "engine/decide/models/risk.py",
    "engine/decide/models/trends.py",
)
"""Solvers and statistics: what leaves them is on a step, or a factor to so many decimals."""
PROGRAM = files("engine", "bot")


def test_the_sources_are_found() -> None:
    """A moved folder must not make these tests pass by finding nothing."""
    assert len(PROGRAM) > 100
    assert len(files(*MONEY)) > 30


def test_a_file_is_short_enough_to_be_read() -> None:
    """At most 350 lines."""
    assert [name_of(p) for p in PROGRAM if len(p.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE] == []


def test_a_function_is_short_enough_to_be_read() -> None:
    """At most 50 lines."""
    every = [(path, function) for path in PROGRAM for function in functions(path)]
    long = [(path, f) for path, f in every if (f.end_lineno or f.lineno) - f.lineno >= LONGEST_FUNCTION]
    assert [f"{name_of(path)} {f.name}" for path, f in long] == []


def inexact(path: Path) -> list[str]:
    """Where a module calls float or round, or writes a binary fraction."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("float", "round"):
            found.append(f"{node.func.id}() in line {node.lineno}")
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(f"{node.value} in line {node.lineno}")
    return found


def test_money_is_computed_exactly() -> None:
    """No float and no round where money is decided on: quantities are decimals, rounded to a step by name.

    Solvers and statistics are the exception, and are named.
    """
    exact = [path for path in files(*MONEY) if not name_of(path).startswith(FLOATS)]
    assert {name_of(path): found for path in exact if (found := inexact(path))} == {}


def test_every_reason_is_documented() -> None:
    """Each code is followed by a sentence that says what it means, and is the name in small letters."""
    (declared,) = [
        node
        for node in tree_of(ROOT / "engine/model/reasons.py").body
        if isinstance(node, ast.ClassDef) and node.name == ReasonCode.__name__
    ]
    documented = [
        first.targets[0].id
        for first, second in zip(declared.body, declared.body[1:], strict=False)
        if isinstance(first, ast.Assign)
        and isinstance(first.targets[0], ast.Name)
        and isinstance(second, ast.Expr)
        and isinstance(second.value, ast.Constant)
        and isinstance(second.value.value, str)
    ]
    assert documented == [code.name for code in ReasonCode]
    assert all(code.value == code.name.lower() for code in ReasonCode)


def test_packages_of_the_engine_open_no_doors() -> None:
    """An `__init__` that imports would pull the shell into the core."""
    doors = [path for path in files("engine") if path.name == "__init__.py"]
    assert doors
    assert [name_of(path) for path in doors if path.read_text(encoding="utf-8").strip()] == []


ENDPOINT = re.compile(r"[a-z]\w*?(?P<does>Get|Post|Put|Patch|Delete)[A-Z]\w+")
READ_BY_POST = {
    "privatePostBalanceEx",
    "privatePostClosedOrders",
    "privatePostDepositStatus",
    "privatePostGetApiKeyInfo",
    "privatePostOpenOrders",
    "privatePostTradesHistory",
    "privatePostTradeVolume",
    "privatePostWithdrawStatus",
}
"""On Kraken every question about an account is one."""
PLACE_OR_CANCEL = {
    "privateDeleteHfOrdersClientOrderClientOid",
    "privateDeleteOrder",
    "privatePostAddOrder",
    "privatePostCancelOrder",
    "privatePostHfOrders",
    "privatePostOrder",
    "privatePostTradeCancelOrder",
    "privatePostTradeOrder",
    "privatePostV5OrderCancel",
    "privatePostV5OrderCreate",
    "v3PrivatePostBrokerageOrders",
    "v3PrivatePostBrokerageOrdersBatchCancel",
}


def test_no_venue_is_asked_to_move_anything_out() -> None:
    """What is asked of an exchange with an effect is to place or to cancel an order. The port has no other word."""
    called = {
        node.value: match["does"]
        for path in files("engine/venues")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (match := ENDPOINT.fullmatch(node.value))
    }
    assert len(called) > 60
    assert {name for name, does in called.items() if does != "Get"} == READ_BY_POST | PLACE_OR_CANCEL
    assert [name for name in vars(Venue) if name.startswith(("transfer", "withdraw", "send"))] == ["withdrawals"]
