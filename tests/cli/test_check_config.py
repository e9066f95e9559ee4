"""`equipoise check-config`: what is wrong with a file, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.config.quotes import exchanges
from tests.cli.processes import CANARY, TOKEN

APOSTROPHE = "'"
GOOD = """
[targets]
BTC = 0.6
USDT = 0.4
[telegram]
token_env = "BOT_TOKEN"
[venues.kraken]
exchange = "kraken"
holdings = { USDT = 1000 }
"""
BAD = GOOD.replace("0.6", "0.7").replace('"kraken"', '"kracken"')


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with two mistakes; its token is in the environment."""
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    path = tmp_path / "config.toml"
    path.write_text(BAD)
    return path


def test_a_file_in_order_is_summed_up(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its mode first: it decides whose money is at stake."""
    config.write_text(GOOD)
    assert main(["check-config", str(config)]) == 0
    assert capsys.readouterr() == (f"{config} is in order: mode simulation, 2 targets, 1 venues\n", "")
    assert main(["check-config", str(config), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "mode": "simulation", "warnings": []}


def test_mistakes_go_to_standard_error(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, and status 2."""
    assert main(["check-config", str(config)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.partition(":")[0] for line in err.splitlines()] == ["targets", "venues.kraken.exchange"]


def test_json_lists_the_mistakes_with_their_keys(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For programs they are on standard output."""
    assert main(["check-config", str(config), "--json"]) == 2
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (err, told["ok"]) == ("", False)
    assert [mistake["key"] for mistake in told["mistakes"]] == ["targets", "venues.kraken.exchange"]
    assert f"expected {exchanges(APOSTROPHE)}" in told["mistakes"][1]["problem"]


def test_many_targets_get_a_warning(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It can be used all the same."""
    targets = "\n".join(f"A{number} = 0.025" for number in range(40))
    config.write_text(GOOD.replace("BTC = 0.6\nUSDT = 0.4", targets))
    assert main(["check-config", str(config), "--json"]) == 0
    (warning,) = json.loads(capsys.readouterr().out)["warnings"]
    assert warning.startswith("targets: 40 assets")


def test_a_secret_in_the_file_is_not_repeated(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither under the right name nor where a variable's name belongs."""
    config.write_text(GOOD.replace('token_env = "BOT_TOKEN"', f'token = "{TOKEN}"\ntoken_env = "{TOKEN}"'))
    assert main(["check-config", str(config)]) == 2
    err = capsys.readouterr().err
    assert "telegram.token" in err
    assert CANARY not in err
