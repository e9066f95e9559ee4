"""A sandbox for every test that asks for one, and a process that a command leaves as it found it."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from bot.logs import NOISY
from tests.cli.processes import plant_canaries
from tests.e2e.stage import Stage, raised_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A served sandbox whose every secret is a canary."""
    async with raised_stage(tmp_path) as raised:
        plant_canaries(raised)
        yield raised


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Commands set up logging and the umask for a process of their own."""
    root, umask = logging.getLogger(), os.umask(0o022)
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in NOISY}
    yield
    os.umask(umask)
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()
