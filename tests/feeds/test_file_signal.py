"""A number in a file: read as it is, and what is no number is told of."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.feeds.file_signal import FileSignal

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def written(path: Path, content: bytes, ago: timedelta = timedelta(hours=1)) -> Path:
    """A file that was last written so long before now."""
    path.write_bytes(content)
    at = (NOW - ago).timestamp()
    os.utime(path, (at, at))
    return path


@pytest.mark.parametrize(("content", "number"), [(b"0.025\n", "0.025"), (b" -3 ", "-3"), (b"1e3", "1000")])
async def test_the_number_that_stands_there_is_read(tmp_path: Path, content: bytes, number: str) -> None:
    """With or without a line break."""
    reading = await FileSignal(written(tmp_path / "signal", content)).read(NOW)
    assert (reading.value, reading.at, reading.problem) == (Decimal(number), NOW, "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "expected a decimal number"),
        (b"soon", "expected a decimal number"),
        (b"NaN", "expected a finite number"),
        (b"1\n2\n", "expected a decimal number"),
        (b"\xff\xfe", "holds no number"),
        (b"1" * 300, "holds more than a number"),
    ],
)
async def test_what_is_no_number_is_told_of(tmp_path: Path, content: bytes, said: str) -> None:
    """It counts as not read."""
    reading = await FileSignal(written(tmp_path / "signal", content)).read(NOW)
    assert reading.value is None and said in reading.problem


async def test_a_file_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    """Whoever writes it may have moved."""
    reading = await FileSignal(tmp_path / "signal").read(NOW)
    assert reading.problem.startswith("the file cannot be read")


async def test_what_was_written_long_ago_is_no_signal_of_today(tmp_path: Path) -> None:
    """The program that writes it may have died."""
    reading = await FileSignal(written(tmp_path / "signal", b"1", timedelta(days=8))).read(NOW)
    assert reading.problem == "the file: was written 8 days ago"
