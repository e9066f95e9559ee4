"""Benchmarks are collected with `-m benchmark` alone: `make benchmarks`. What they measured is printed as one table."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.benchmarks.figures import FIGURES, table
from tests.benchmarks.sandbox_process import SandboxProcess, wide_world

MANY_MARKETS: Final = 800


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave them out of every other run."""
    return None if "benchmark" in str(config.getoption("markexpr")) else True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured, and what the machine was doing beside it."""
    if FIGURES:
        load = ", ".join(f"{figure:.2f}" for figure in os.getloadavg())
        terminalreporter.section("measured")
        terminalreporter.write_line(table(FIGURES))
        terminalreporter.write_line(
            f"Python {platform.python_version()}, {os.cpu_count()} cores, load over 1, 5 and 15 minutes: {load}"
        )


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    """The default sandbox as a process of its own."""
    with SandboxProcess.started(tmp_path) as process:
        yield process


@pytest.fixture
def wide_sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    """Two exchanges of 800 markets each."""
    with SandboxProcess.started(tmp_path, wide_world(MANY_MARKETS)) as process:
        yield process
