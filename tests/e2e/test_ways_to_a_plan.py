"""What else than drift leads to a plan, and what becomes of one where the trades are pretended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.sandbox.exchange.orders import Side
from engine.clock import ManualClock, SystemClock
from engine.model.canonical import digest_of
from engine.model.events import Draft, PolicyAdopted, portfolio_stream
from tests.e2e.records import journal_of
from tests.e2e.stage import BINANCE_LOOK, Stage, Tables

SIMULATION: Tables = {
    "": {"mode": "simulation"},
    # One market: simulation keeps to the exchange's request rates, which would make a slow test of more.
    "targets": {"BTC": 0.6, "ETH": None, "SOL": None, "cash": 0.4},
    "buckets": {"cash": ["USDT"]},
    "venues.binance": {"key_env": None, "secret_env": None, "holdings": {"BTC": "0.5", "USDT": "15000"}},
    "venues.kraken": None,
}


async def test_new_money_buys_what_is_underweight_and_sells_nothing(stage: Stage) -> None:
    """A deposit of cash is told of, and its plan only buys."""
    await stage.start_bot()
    await stage.looks()
    await stage.control("balance", venue="binance", asset="USDT", delta="20000")
    await stage.ada.shows("💰 20,000 USDT came in on binance")
    card = await stage.ada.shows("waits for approval", "New money came in: 20,000.00 USDT")
    assert "SELL" not in card.text
    await stage.ada.presses("Approve")
    await stage.ada.shows("completed after")
    assert {order.side for order in stage.accounts.orders()} == {Side.BUY}
    spent = sum(order.cost for order in stage.accounts.orders())
    assert Decimal(15_000) < spent <= Decimal(20_000)
    await stage.looks()
    assert stage.ada.messages("waits for approval") == []


def calendar(hours_ago: int, grace: str) -> Tables:
    """A schedule with one date a day, so many hours ago."""
    date = datetime.now(UTC) - timedelta(hours=hours_ago)  # noqa: TID251 - the bot runs on the real clock
    every = f"{date.minute} {date.hour} * * *"
    return {"trigger": {"kind": "calendar", "every": every, "misfire_grace": grace}}


async def test_a_date_that_was_missed_is_offered_and_run_when_asked_for(stage: Stage) -> None:
    """It passed longer ago than the grace while the bot was down: nothing is planned unasked."""
    tables = calendar(hours_ago=3, grace="1h")
    await _adopted_a_month_ago(stage, tables)
    await stage.shock(ETH="1.16", BTC="0.90")
    await stage.start_bot(tables)
    offer = await stage.ada.shows("📅 The date", "was missed", "Run it now?")
    await stage.looks()
    assert stage.ada.messages("waits for approval") == []
    assert stage.ada.messages("Run it now?") == [offer]
    await stage.ada.presses("Run now", offer.id)
    await stage.ada.shows("waits for approval", "One of you asked for a plan")


async def test_a_date_that_was_missed_by_little_is_made_good(stage: Stage) -> None:
    """Within the grace the plan comes by itself, for any drift, and for this date once."""
    tables = calendar(hours_ago=3, grace="6h")
    await _adopted_a_month_ago(stage, tables)
    await stage.shock(ETH="1.05")
    await stage.start_bot(tables)
    await stage.ada.shows("📅 The date", "has come. A plan follows.")
    await stage.ada.shows("waits for approval", "Widest drift: ETH")
    await stage.ada.presses("Reject")
    await stage.looks(3)
    assert len(stage.ada.messages("Plan ")) == 1


async def test_simulation_pretends_its_fills_and_remembers_them(stage: Stage) -> None:
    """Without keys, on the exchange's public data: no order reaches it, and a restart keeps what was traded."""
    before = stage.accounts.balances()
    await stage.start_bot(SIMULATION)
    await stage.ada.shows("🟨 SIMULATION", "waits for approval")
    await stage.ada.presses("Approve")
    report = await stage.ada.shows("🟨 SIMULATION", "completed after")
    assert "SELL BTC" in report.text
    held = _holdings((await stage.ada.asks("/portfolio", "🏦 binance")).text)
    assert set(held) == {"BTC", "USDT"}

    await stage.stop_bot()
    await stage.start_bot(SIMULATION)
    assert _holdings((await stage.ada.asks("/portfolio", "🏦 binance")).text) == held
    assert stage.accounts.orders() == []
    assert stage.accounts.balances() == before
    assert stage.requests[BINANCE_LOOK] == 0


async def _adopted_a_month_ago(stage: Stage, tables: Tables) -> None:
    """The schedule has been counting for a month: a bot ran with this policy then, and not since."""
    settings = stage.settings(tables)
    clock = ManualClock(SystemClock().now() - timedelta(days=30))
    fact = PolicyAdopted(digest_of(settings.policy), settings.policy)
    async with journal_of(stage) as journal:
        await journal.append([Draft(portfolio_stream(settings.portfolio), fact, clock.now())])


def _holdings(view: str) -> dict[str, str]:
    """The quantities under the venues of a portfolio, as they are shown."""
    return dict(line.split()[:2] for line in view.split("🏦", 1)[1].splitlines() if len(line.split()) == 3)
