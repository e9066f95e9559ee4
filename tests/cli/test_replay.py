"""`equipoise replay`: a stored decision is decided again, and must come out the same."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.config.load import load_policy
from bot.state_file import load_state
from engine.api import decide
from engine.clock import SystemClock
from engine.model.ids import PortfolioId
from engine.store.journal import open_journal
from tests.cli.processes import TOKEN
from tests.cli.test_plan import POLICY, state

CONFIG = """
[targets]
BTC = 0.5
USDT = 0.5
[telegram]
token_env = "BOT_TOKEN"
[venues.kraken]
exchange = "kraken"
holdings = {{ USDT = 1000 }}
[database]
url = "sqlite:///{folder}/journal.sqlite"
"""
Replay = Callable[..., int]


@pytest.fixture
def replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Replay:
    """The command on a journal in the test's folder."""
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(folder=tmp_path))
    return lambda wanted, *options: main(["replay", wanted, "--config", str(config), *options])


@pytest.fixture
def stored(tmp_path: Path) -> str:
    """The id of a decision in that journal."""

    async def keep() -> str:
        journal = await open_journal(
            f"sqlite+aiosqlite:///{tmp_path}/journal.sqlite", PortfolioId("main"), SystemClock()
        )
        try:
            return await journal.save_decision(decide(load_state(json.dumps(state()), load_policy(POLICY))))
        finally:
            await journal.close()

    return asyncio.run(keep())


def tamper(folder: Path, old: str, new: str) -> None:
    """Change the text of the stored decision behind the program's back."""
    with sqlite3.connect(folder / "journal.sqlite") as database:
        changed = database.execute(
            "UPDATE decision SET payload = replace(payload, ?, ?) WHERE instr(payload, ?)", (old, new, old)
        )
        assert changed.rowcount == 1
    database.close()


@pytest.mark.parametrize("named", [True, False])
def test_the_same_engine_agrees(replay: Replay, stored: str, capsys: pytest.CaptureFixture[str], named: bool) -> None:
    """Byte for byte, by its id and as the newest."""
    assert replay(stored if named else "latest") == 0
    assert capsys.readouterr().out.startswith("agrees byte for byte (engine ")
    assert replay(stored, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["agrees"], told["same_engine_version"]) == (True, True)
    assert told["stored"] == told["again"]


def test_a_changed_outcome_is_shown(
    tmp_path: Path, replay: Replay, stored: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It fails, and the difference names what was stored and what follows now."""
    tamper(tmp_path, '"side":"sell"', '"side":"buy"')
    assert replay(stored) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("differs: decided by engine ")
    assert any(line.startswith("-") and '"side": "buy"' in line for line in lines)
    assert any(line.startswith("+") and '"side": "sell"' in line for line in lines)
    assert replay(stored, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["agrees"], told["same_engine_version"]) == (False, True)
    assert told["stored"] != told["again"]


def test_another_engine_may_differ(
    tmp_path: Path, replay: Replay, stored: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """After an upgrade the difference is shown, and is no failure."""
    tamper(tmp_path, '"side":"sell"', '"side":"buy"')
    tamper(tmp_path, '"engine_version":"', '"engine_version":"0.')
    assert replay(stored) == 0
    assert "differs: decided by engine 0." in capsys.readouterr().out


def test_a_decision_that_is_not_there_is_named(replay: Replay, stored: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what can be asked for instead."""
    assert replay("0123456789abcdef") == 1
    assert capsys.readouterr() == (
        "",
        "there is no decision 0123456789abcdef; check its id, `latest` is the newest\n",
    )


def test_an_empty_journal_has_no_newest(replay: Replay, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what to do about it."""
    assert replay("latest") == 1
    assert capsys.readouterr().err == (
        "no decision is kept in this database yet; let the bot look at the portfolio first\n"
    )
