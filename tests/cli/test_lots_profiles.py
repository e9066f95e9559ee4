"""`equipoise lots --profile`: the law says which methods there are, and which losses count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.cli.outcome import DONE

BOUGHT_AGAIN = """{"schema": "equipoise-events/1", "currency": "USD", "events": [
    {"id": "a", "t": "2025-01-01T00:00:00Z", "kind": "acquire", "qty": "1", "cost": "100"},
    {"id": "s", "t": "2025-03-01T00:00:00Z", "kind": "dispose", "qty": "1", "proceeds": "60"},
    {"id": "b", "t": "2025-03-05T00:00:00Z", "kind": "acquire", "qty": "1", "cost": "60"}]}"""


@pytest.fixture
def events(tmp_path: Path) -> str:
    path = tmp_path / "events.json"
    path.write_text(BOUGHT_AGAIN, encoding="utf-8")
    return str(path)


def sale(events: str, method: str, profile: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["lots", events, "--method", method, "--profile", profile, "--json"]) == DONE
    (match,) = json.loads(capsys.readouterr().out)["matches"]
    return {key: match.get(key) for key in ("gain", "wash", "disallowed")}


def test_a_loss_that_was_bought_again_is_flagged_or_denied(events: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert sale(events, "fifo", "us", capsys) == {"gain": "-40", "wash": True, "disallowed": None}
    assert sale(events, "average", "ca", capsys) == {"gain": "0", "wash": True, "disallowed": "40"}
    assert sale(events, "fifo", "de", capsys) == {"gain": "-40", "wash": None, "disallowed": None}
    assert sale(events, "uk_s104", "uk", capsys) == {"gain": "0", "wash": None, "disallowed": None}


@pytest.mark.parametrize(("method", "profile", "allowed"), [("hifo", "uk", "uk_s104"), ("fifo", "ca", "average")])
def test_a_method_that_is_not_the_laws_is_refused(
    events: str, method: str, profile: str, allowed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lots", events, "--method", method, "--profile", profile, "--json"]) != DONE
    said = capsys.readouterr()
    assert f"method: {method} is not for the profile {profile}; choose of {allowed}" in said.err
    assert not said.out
