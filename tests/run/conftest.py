"""Desks for tests: every life of the program that a test starts is ended with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from engine.model.money import use_exact_context
from tests.run.desk import Desk

OpenDesk = Callable[..., Desk]


@pytest.fixture
async def open_desk() -> AsyncIterator[OpenDesk]:
    """Makes desks; takes what `Desk` takes."""
    use_exact_context()
    opened: list[Desk] = []

    def make(**more: Any) -> Desk:
        opened.append(Desk(**more))
        return opened[-1]

    yield make
    for desk in opened:
        for engine in desk.lives:
            await engine.stop()


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    """One venue with too much bitcoin and too little ether."""
    return open_desk()
