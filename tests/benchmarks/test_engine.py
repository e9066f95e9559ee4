"""The engine by itself: one decision, and one fact on disk."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from bot.config.load import load_policy
from bot.state_file import load_state
from engine.api import decide
from engine.clock import SystemClock
from engine.model.events import Draft, Evaluated, portfolio_stream
from engine.model.ids import PortfolioId
from engine.store.journal import open_journal
from tests.benchmarks.figures import note, spread

pytestmark = pytest.mark.benchmark

DECISIONS: Final = 100
APPENDS: Final = 300
LEVELS: Final = 100
PRICES: Final = {"BTC": 60000, "ETH": 3000, "SOL": 150, "BNB": 600}
POLICY: Final = "[targets]\nBTC = 0.4\nETH = 0.2\nSOL = 0.1\nBNB = 0.1\nUSDT = 0.2\n"


def test_decide() -> None:
    """Two venues, five assets, books of a hundred levels a side, and a plan as the outcome."""
    inputs = load_state(json.dumps(state()), load_policy(POLICY))
    assert decide(inputs).outcome.plan is not None
    taken = []
    for _ in range(DECISIONS):
        begun = time.perf_counter()
        decide(inputs)
        taken.append(time.perf_counter() - begun)
    note("decide: 2 venues × 5 assets, 100 levels a side", spread(taken))


async def test_journal_append(tmp_path: Path) -> None:
    """One fact in one transaction that survives a crash of the machine."""
    main, clock, taken = PortfolioId("main"), SystemClock(), []
    journal = await open_journal(f"sqlite+aiosqlite:///{tmp_path}/journal.sqlite", main, clock)
    try:
        for _ in range(APPENDS):
            begun = time.perf_counter()
            await journal.append([Draft(portfolio_stream(main), Evaluated(None, False, ()), clock.now())])
            taken.append(time.perf_counter() - begun)
    finally:
        await journal.close()
    note("journal: append one fact, synced", spread(taken))


def state() -> dict[str, Any]:
    """Half of everything in Bitcoin, the rest in cash: something is to be traded on every market."""
    return {
        "schema": "equipoise-state/1",
        "as_of": "2026-01-01T00:00:00Z",
        "numeraire": "USDT",
        "venues": [venue(name) for name in ("alpha", "beta")],
    }


def venue(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "health": "healthy",
        "balances": {"BTC": "1", "USDT": "60000"},
        "markets": [market(base, Decimal(price)) for base, price in PRICES.items()],
    }


def market(base: str, price: Decimal) -> dict[str, Any]:
    """A book a basis point apart from level to level, with 20,000 on each."""
    step = price / 10_000
    amount = format((20_000 / price).quantize(Decimal("0.0001")), "f")
    return {
        "base": base,
        "quote": "USDT",
        "taker_fee": "0.001",
        "maker_fee": "0.001",
        "price_tick": "0.01",
        "amount_step": "0.0001",
        "min_amount": "0",
        "min_notional": "5",
        "bids": [[str(price - step * level), amount] for level in range(1, LEVELS + 1)],
        "asks": [[str(price + step * level), amount] for level in range(1, LEVELS + 1)],
    }
