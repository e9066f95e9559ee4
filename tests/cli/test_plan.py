"""`equipoise plan`: a state and a policy in, a decision out, and every mistake named at once."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from tests.cli.processes import equipoise

POLICY = "[targets]\nBTC = 0.5\nUSDT = 0.5\n"
CALM = "[targets]\nBTC = 0.6\nUSDT = 0.4\n"


def state(**changes: Any) -> dict[str, Any]:
    """60,000 in Bitcoin and 40,000 in cash, on books that hold enough of both."""
    market = {
        "base": "BTC",
        "quote": "USDT",
        "taker_fee": "0.001",
        "maker_fee": "0.001",
        "price_tick": "0.01",
        "amount_step": "0.00001",
        "min_amount": "0",
        "min_notional": "5",
        "bids": [["59990", "50"]],
        "asks": [["60010", "50"]],
    }
    venue = {
        "name": "alpha",
        "health": "healthy",
        "balances": {"BTC": "1", "USDT": "40000"},
        "locked": {},
        "markets": [market],
    }
    whole = {
        "schema": "equipoise-state/1",
        "as_of": "2026-01-01T00:00:00Z",
        "numeraire": "USD",
        "marks": {"BTC": "60000", "USDT": "1"},
        "venues": [venue],
    }
    return whole | changes


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """The paths of a state and a policy that calls for a plan."""
    paths = tmp_path / "state.json", tmp_path / "policy.toml"
    paths[0].write_text(json.dumps(state()))
    paths[1].write_text(POLICY)
    return paths


def plan(state: Path | str, policy: Path | str, *options: str) -> int:
    return main(["plan", "--state", str(state), "--policy", str(policy), *options])


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    """The JSON on standard output; there must be nothing on standard error."""
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def refused(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The mistakes on standard error; there must be nothing on standard output."""
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def test_a_plan_has_the_documented_names(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Verdict, drift, legs with their costs, weights after, what is left over and what was dropped."""
    assert plan(*files, "--json") == 0
    decision = printed(capsys)
    assert {"schema", "digest", "verdict", "drift", "plan", "vetoes"} <= decision.keys()
    assert decision["schema"] == "equipoise-decision/1"
    assert (decision["verdict"]["fired"], decision["verdict"]["kind"]) == (True, "threshold")
    assert decision["drift"]["BTC"].items() >= {"weight": "0.6", "target": "0.5", "absolute": "0.1"}.items()
    made = decision["plan"]
    named = {"digest", "legs", "cost", "naive_cost", "weights_after", "residual", "dropped", "suggested_transfers"}
    assert named <= made.keys()
    (leg,) = made["legs"]
    assert {"id", "quantity", "limit_price", "expected_price", "notional", "lots", "reasons"} <= leg.keys()
    assert [leg[key] for key in ("venue", "base", "quote", "side")] == ["alpha", "BTC", "USDT", "sell"]
    assert {"fee", "spread", "impact", "gas", "tax", "total"} <= leg["cost"].keys()
    assert all(isinstance(reason["code"], str) for reason in leg["reasons"])
    assert 0.499 < float(made["weights_after"]["BTC"]) < 0.501


def test_nothing_to_be_traded_is_done_too(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0, with a null where the plan would be."""
    files[1].write_text(CALM)
    assert plan(*files, "--json") == 0
    decision = printed(capsys)
    assert (decision["plan"], decision["verdict"]["fired"]) == (None, False)


def test_now_makes_a_plan_whatever_the_drift(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Two points of drift are within the band, and are traded when somebody asks for it."""
    files[1].write_text("[targets]\nBTC = 0.58\nUSDT = 0.42\n")
    assert plan(*files, "--json") == 0
    assert printed(capsys)["plan"] is None
    assert plan(*files, "--json", "--now") == 0
    decision = printed(capsys)
    assert decision["verdict"]["kind"] == "manual"
    assert decision["plan"]["legs"]


async def test_the_same_input_gives_the_same_bytes(files: tuple[Path, Path]) -> None:
    """In two processes, whatever the order of what the state lists."""
    arguments = ("plan", "--state", files[0], "--policy", files[1], "--json")
    first = await equipoise(*arguments)
    turned = dict(reversed(state().items()))
    files[0].write_text(json.dumps(turned))
    assert await equipoise(*arguments) == first
    assert (first.status, first.err) == (0, "")


async def test_either_file_can_be_standard_input(files: tuple[Path, Path]) -> None:
    """A dash stands for it; both at once cannot be told apart."""
    by_file = await equipoise("plan", "--state", files[0], "--policy", files[1], "--json")
    by_pipe = await equipoise("plan", "--state", "-", "--policy", files[1], "--json", given=files[0].read_bytes())
    assert by_pipe == by_file
    with_policy = await equipoise("plan", "--state", files[0], "--policy", "-", "--json", given=POLICY.encode())
    assert with_policy == by_file


def test_both_files_from_standard_input_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    """It is bad input, and says what to do."""
    assert plan("-", "-", "--json") == 2
    assert refused(capsys) == ["--policy: is standard input beside --state; name a file for one of them"]


def test_every_mistake_of_both_files_is_named_at_once(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line each, with the key's path, and nothing on standard output."""
    bad = state(vanues=[], as_of="yesterday")
    bad["venues"][0]["balances"]["BTC"] = "-1"
    files[0].write_text(json.dumps(bad))
    files[1].write_text("[targets]\nBTC = 0.6\nUSDT = 0.5\n[triger]\nkind = 'threshold'\n")
    assert plan(*files, "--json") == 2
    mistakes = refused(capsys)
    assert [line.partition(":")[0] for line in mistakes] == [
        "targets",
        "triger",
        "as_of",
        "venues[0].balances.BTC",
        "vanues",
    ]
    assert mistakes[1].endswith("did you mean trigger?")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"schema": ', "line 1, column 12: is no JSON"),
        (b"\xff\xfe\x00", "state.json: is not UTF-8 text; save it as UTF-8"),
        (b"[1]", "the file: expected a table"),
        (b"", "line 1, column 1: is no JSON"),
        (json.dumps(state()).replace('"1"', "NaN", 1).encode(), "marks.USDT: "),
    ],
)
def test_a_state_that_is_none_is_refused(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    """Broken text never becomes a stack trace."""
    files[0].write_bytes(content)
    assert plan(*files, "--json") == 2
    (mistake,) = refused(capsys)
    assert words in mistake


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both, where both are missing."""
    assert plan(tmp_path / "s.json", tmp_path / "p.toml") == 2
    assert [line.partition(" (")[0] for line in refused(capsys)] == [
        f"{tmp_path}/p.toml: cannot be read",
        f"{tmp_path}/s.json: cannot be read",
    ]


def test_standard_input_that_is_no_text_is_refused(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a file would be."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe")))
    assert plan("-", files[1]) == 2
    assert refused(capsys) == ["standard input: is not UTF-8 text; save it as UTF-8"]


def test_numbers_of_json_are_read_exactly(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """A bare 0.1 is a tenth, and thirty digits stay thirty digits."""
    whole = json.dumps(state()).replace('"40000"', "40000.100000000000000000000000000001")
    files[0].write_text(whole)
    assert plan(*files, "--json") == 0
    assert printed(capsys)["valuation"]["total_value"] == "100000.100000000000000000000000000001"


def test_without_json_people_can_read_it(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Weights, reasons, legs and the cost."""
    assert plan(*files) == 0
    out = capsys.readouterr().out
    assert "BTC          60.00% of  50.00%" in out
    assert "alpha: sell" in out
    assert "cost " in out.splitlines()[-1]
