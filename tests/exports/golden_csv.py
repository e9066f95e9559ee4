"""Compare tables with what a reviewer has read and approved: `UPDATE_GOLDEN=1` writes the files anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from bot.exports.csv_text import csv_text
from bot.exports.sheets import Sheet

FOLDER: Final = Path(__file__).parent / "golden"


def assert_golden(name: str, sheet: Sheet) -> None:
    """Fail where the CSV of a table differs from the file of that name."""
    path = FOLDER / f"{name}.csv"
    text = csv_text(sheet)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"no golden file {path.name}: run once with UPDATE_GOLDEN=1, and read it"
    assert text == path.read_text(encoding="utf-8")
