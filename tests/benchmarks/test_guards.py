"""What guards look at: all statistics of two years of hourly prices of twenty assets, first and again."""

from __future__ import annotations

import math
import random
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from statistics import median
from typing import Final

import pytest

from engine.decide.guards.guarded import under_guard
from engine.decide.statistics import covariance, diversification, ewma, panel, regimes, weights
from engine.model.conditions import GuardStanding
from engine.model.decision import DecisionInputs, PriceSeries, Standing
from engine.model.ids import Asset
from engine.model.lots import Lot
from engine.model.money import ONE, Price, Quantity
from tests import builders as b
from tests.benchmarks.figures import note, spread
from tests.builders import T0, Market

pytestmark = pytest.mark.benchmark

ASSETS: Final = tuple(Asset(f"A{number:02d}") for number in range(20))
HOURS: Final = 2 * 365 * 24
AGAIN: Final = 50
AGAIN_GOAL_SECONDS: Final = 0.01
GUARDS_GOAL_SECONDS: Final = 0.02


@pytest.mark.parametrize(("name", "step"), [("hourly returns", panel.HOUR), ("daily returns", panel.DAY)])
def test_statistics(name: str, step: timedelta) -> None:
    """A first look reads 350,000 prices, a later one at the same series none. Memory is beside that of the prices."""
    prices, others = hourly(seed=7), hourly(seed=8)
    grown = tuple(PriceSeries(each.asset, (*each.closes, (T0 + panel.DAY, each.closes[-1][1]))) for each in prices)
    tracemalloc.start()
    look(others, step)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    first = seconds(partial(look, prices, step))
    taken = [seconds(partial(look, prices, step, number)) for number in range(AGAIN)]
    after_a_close = seconds(partial(look, grown, step, 24 * 60 * 60))
    what = f"statistics: 20 assets × 2 years of hours, {name}"
    note(f"{what}, first look", f"{1000 * first:.0f} ms")
    note(f"{what}, the same series again", spread(taken), "p50 10 ms", median(taken) < AGAIN_GOAL_SECONDS)
    note(f"{what}, after one more close", f"{1000 * after_a_close:.0f} ms")
    note(f"{what}, memory", f"{most / 2**20:.0f} MB at most, {kept / 2**20:.0f} MB kept")


def test_all_guards() -> None:
    """Everything that guards do at one look: venues judged, twenty stops, correlations, caps, targets in force."""
    prices = hourly(seed=7)
    before = under_guard(portfolio(prices, GuardStanding(traded=())))
    standing = replace(GuardStanding(traded=()), stops=before.found.stops or (), prices=noted(prices))
    others = portfolio(hourly(seed=8), standing)
    tracemalloc.start()
    under_guard(others)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    first = seconds(partial(under_guard, portfolio(prices, standing)))
    later = [portfolio(prices, standing, second) for second in range(AGAIN)]
    taken = [seconds(partial(under_guard, inputs)) for inputs in later]
    what = "all guards: 20 assets × 2 years of hours"
    note(f"{what}, first look", f"{1000 * first:.0f} ms")
    note(f"{what}, the same series again", spread(taken), "p50 20 ms", median(taken) < GUARDS_GOAL_SECONDS)
    note(f"{what}, memory", f"{most / 2**20:.0f} MB at most, {kept / 2**20:.0f} MB kept")


def portfolio(prices: tuple[PriceSeries, ...], standing: GuardStanding, later: int = 0) -> DecisionInputs:
    """Twenty coins of equal weight and a tenth in cash on two exchanges, bought a year ago."""
    marks = {str(each.asset): each.closes[-1][1] for each in prices}
    units = {name: str(round(4500 / price, 6)) for name, price in marks.items()}
    targets = dict.fromkeys(units, "0.045") | {"USDT": "0.1"}
    markets = [
        Market(f"{name}/USDT", str(round(price, 4)), spread="0.0002", tick="0.0001") for name, price in marks.items()
    ]
    venues = (b.venue("alpha", units | {"USDT": "5000"}, *markets), b.venue("beta", {"USDT": "5000"}, *markets))
    lots = tuple(
        Lot(name, Asset(name), "alpha", T0 - timedelta(days=365), Quantity(Decimal(units[name])), 4500 * ONE)
        for name in units
    )
    seen, now = b.snapshot(*venues), T0 + timedelta(seconds=later)
    return DecisionInputs(seen, b.policy(targets), Standing(guards=standing), now, lots=lots, history=prices)


def noted(prices: tuple[PriceSeries, ...]) -> tuple[tuple[datetime, tuple[tuple[Asset, Price], ...]], ...]:
    """The prices of the last day, hour by hour."""
    return tuple(
        (T0 - timedelta(hours=hour), tuple((each.asset, each.closes[-1 - hour][1]) for each in prices))
        for hour in reversed(range(24))
    )


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def look(prices: tuple[PriceSeries, ...], step: timedelta, later: int = 0) -> None:
    """All figures of now, with what each has been where it is told by its past."""
    found = panel.returns_panel(prices, ASSETS, T0 + timedelta(seconds=later), step)
    assert found is not None
    of_now = covariance.covariance(found)
    before = diversification.diversification_history(found)
    assert of_now is not None
    assert before is not None
    assert diversification.average_correlation(of_now) is not None
    assert before.average_correlation.quantile(0.9) is not None
    assert before.effective_bets.quantile(0.1) is not None
    assert diversification.effective_bets(of_now) > 1
    assert len(diversification.pairs_by_correlation(of_now)) == 190
    assert diversification.diversification_ratio(of_now) is not None
    assert len(ewma.volatilities(found)) == 20
    assert all(regimes.regimes(volatility) for volatility in ewma.volatility_history(found).values())
    assert weights.risk_parity(of_now) is not None


def hourly(seed: int) -> tuple[PriceSeries, ...]:
    """Prices that move together for the most part."""
    draw = random.Random(seed)
    market = [draw.gauss(0, 0.006) for _ in range(HOURS)]
    return tuple(PriceSeries(asset, closes(market, draw)) for asset in ASSETS)


def closes(market: list[float], draw: random.Random) -> tuple[tuple[datetime, Price], ...]:
    level, found = math.log(100), []
    for hour, move in enumerate(market):
        level += move + draw.gauss(0, 0.004)
        found.append((T0 - timedelta(hours=HOURS - 1 - hour), Price(Decimal(f"{math.exp(level):.8f}"))))
    return tuple(found)
