"""`equipoise lots` as tests call it: a history of two purchases and a sale, and what is printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main

CHEAP = {"id": "cheap", "t": "2023-01-01T00:00:00Z", "kind": "acquire", "qty": "2", "price": "10", "fee": "1"}
DEAR = {"id": "dear", "t": "2023-02-01T00:00:00Z", "kind": "acquire", "qty": "2", "price": "30"}
SALE = {"id": "sale", "t": "2024-01-15T00:00:00Z", "kind": "dispose", "qty": "3", "price": "50", "fee": "6"}


def history(*events: Any, **more: Any) -> dict[str, Any]:
    """The content of an events file."""
    return {"schema": "equipoise-events/1", "currency": "USD", "events": events} | more


def written(path: Path, *events: Any, **more: Any) -> Path:
    """An events file."""
    path.write_text(json.dumps(history(*events, **more)))
    return path


def lots(file: Path | str, *options: str, method: str = "fifo") -> int:
    return main(["lots", str(file), "--method", method, *options])


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
