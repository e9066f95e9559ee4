"""`equipoise run` where it cannot begin: one clear sentence with the remedy, no stack trace, no secret."""

from __future__ import annotations

import asyncio
import gc
import os
import re
from pathlib import Path

import pytest

from bot.__main__ import main
from engine.store.database_file import hold
from tests.cli.processes import Ended, assert_clean, equipoise
from tests.e2e.stage import HastyClock, Stage, Tables

NOWHERE = "http://127.0.0.1:9"


async def refused(stage: Stage, tables: Tables | None = None) -> Ended:
    """Run it with some keys changed. It must end by itself, print nothing, and give nothing away."""
    config, environ = stage.write_config(tables)
    ended = await equipoise("run", config, environ=environ)
    assert ended.out == ""
    assert_clean(ended.err)
    return ended


async def test_nobody_may_use_it(stage: Stage) -> None:
    """A bot that nobody can talk to does not start; how to begin is told."""
    ended = await refused(stage, {"telegram": {"allowed_users": []}})
    assert ended.status == 1
    (sentence,) = ended.mistakes
    assert sentence.startswith("telegram.allowed_users is empty and nobody is paired")
    assert "`equipoise pair CONFIG`" in sentence


async def test_a_second_instance_on_one_database(stage: Stage) -> None:
    """Two bots on one journal would trade twice: the second one says who holds it."""
    file = stage.folder / "journal.sqlite"
    held = await asyncio.to_thread(hold, file)
    try:
        ended = await refused(stage)
    finally:
        held.release()
    assert ended.status == 1
    (sentence,) = ended.mistakes
    assert sentence == (
        f"another Equipoise is already running on this database ({file}, process {os.getpid()}): "
        "stop it first, or give this one a database of its own."
    )


def test_an_empty_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything that is needed at least is named at once."""
    config = tmp_path / "config.toml"
    config.write_text("")
    assert main(["run", str(config)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.partition(":")[0] for line in err.splitlines()] == ["targets", "telegram", "venues"]
    assert all("name" in line or "such as" in line for line in err.splitlines())


BAD: dict[str, tuple[Tables, str, int, str]] = {
    "weights": (
        {"targets": {"BTC": 0.47}},
        "",
        2,
        "targets: the weights sum to 1.02; change them so that they sum to 1",
    ),
    "a venue twice": ({}, "[venues.kraken]", 2, "line N: venues.kraken is there twice; rename one"),
    "a folder": (
        {"database": {"url": "sqlite:///FOLDER"}},
        "",
        1,
        "The database FOLDER is a folder: name a file in it.",
    ),
    "no database": (
        {"database": {"url": "sqlite:///FOLDER/config.toml"}},
        "",
        1,
        "The file FOLDER/config.toml is not a database: restore it from a backup, or name another file.",
    ),
    "a simulation without its first balances": (
        {"": {"mode": "simulation"}, "venues.kraken": {"base_url": NOWHERE}},
        "",
        1,
        "kraken: no connection could be made; a simulation begins with its balances: "
        "check network and keys, or write holdings into [venues.kraken]",
    ),
    "a simulation with a wrong secret": (
        {"": {"mode": "simulation"}, "venues.binance": {"secret_env": "BOT_TOKEN"}},
        "",
        1,
        "binance: the API key was refused; check key and secret in [venues.binance], and its IP allow-list; "
        "a simulation begins with its balances: check network and keys, or write holdings into [venues.binance]",
    ),
    "a path through a file": (
        {"database": {"url": "sqlite:///FOLDER/config.toml/journal.sqlite"}},
        "",
        1,
        "The database FOLDER/config.toml/journal.sqlite has a file where its path needs a folder: name another path.",
    ),
    "PostgreSQL": (
        {"database": {"url": "postgresql://equipoise@localhost/main"}},
        "",
        2,
        "database.url: PostgreSQL comes with a later version; write sqlite:///~/path/to/file",
    ),
}


@pytest.mark.parametrize("case", BAD)
async def test_each_gives_one_sentence_with_the_remedy(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """The status tells what is to be corrected: 2 the file, 1 the machine."""
    monkeypatch.setattr("bot.cli.run.system_clock", HastyClock)
    tables, appended, status, sentence = BAD[case]
    config, environ = stage.write_config(tables)
    text = config.read_text(encoding="utf-8").replace("FOLDER", str(stage.folder))
    config.write_text(f"{text}{appended}\n", encoding="utf-8")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert await asyncio.to_thread(main, ["run", str(config)]) == status
    # A connection that was left open says so on standard error when it is cleared away.
    gc.collect()
    out, err = capsys.readouterr()
    assert (out, re.sub(r"line \d+", "line N", err)) == ("", sentence.replace("FOLDER", str(stage.folder)) + "\n")
