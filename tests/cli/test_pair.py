"""`equipoise pair`: a code that is printed once and kept as a hash."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.e2e.phone import Phone
from tests.e2e.stage import Stage, Tables

NOBODY: Tables = {"telegram": {"allowed_users": []}}


def written(folder: Path) -> bytes:
    """Everything that lies in the database's files."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("journal.sqlite*")))


async def issue(stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    config, environ = stage.write_config(NOBODY)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert await asyncio.to_thread(main, ["pair", str(config)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "within 60 minutes" in out
    (code,) = re.findall(r"^    (\S+)$", out, re.MULTILINE)
    return str(code)


async def test_only_the_hash_of_the_code_is_on_disk(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever reads the database cannot become the owner, and nobody else can read it."""
    code = await issue(stage, monkeypatch, capsys)
    content = written(stage.folder)
    assert hashlib.sha256(code.encode()).hexdigest().encode() in content
    assert code.encode() not in content
    assert {path.stat().st_mode & 0o077 for path in stage.folder.glob("journal.sqlite*")} == {0}


async def test_whoever_sends_the_code_becomes_the_owner(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of two codes only the newer one counts."""
    earlier = await issue(stage, monkeypatch, capsys)
    code = await issue(stage, monkeypatch, capsys)
    await stage.start_bot(NOBODY)
    stranger: Phone = stage.ada
    await stranger.writes(earlier)
    await stranger.writes(f" {code.lower()} ")
    greeting = await stranger.shows("Hello Ada")
    assert stranger.messages()[0].id == greeting.id
