"""What every test runs under, as `equipoise` itself does: exact decimals, and waiting times as durations."""

from __future__ import annotations

import os
from decimal import DefaultContext, setcontext
from pathlib import Path

import pytest

# Read by python-telegram-bot when it raises RetryAfter; without it, it warns.
os.environ.setdefault("PTB_TIMEDELTA", "1")

from engine.model.money import use_exact_context

SANDBOX = Path(__file__).parent / "sandbox"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Set the decimal context before any fixture runs: the sandbox is a program of its own, with Python's default."""
    if SANDBOX in item.path.parents:
        setcontext(DefaultContext.copy())
    else:
        use_exact_context()
