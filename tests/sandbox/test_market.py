"""The sandbox's clock and its moving prices."""

import math
import statistics
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from bot.sandbox.clock import SandboxClock
from bot.sandbox.market import Market, MarketConfig
from bot.sandbox.price_paths import AssetConfig
from tests.sandbox.exchange_fixtures import START, Steady

ASSETS = {
    "BTC": AssetConfig(Decimal(60_000), volatility=0.55, correlation=0.9),
    "ETH": AssetConfig(Decimal(3_000), volatility=0.75, correlation=0.8),
    "USDT": AssetConfig(Decimal(1), pegged=True),
}
HOUR = 3600
CLOSES = "timestamp,BTC,ETH\n2024-01-01,40000,\n2024-01-02,42000,2300\n2024-01-04,41000.5,2400\n"


def market(config: MarketConfig | None = None, steady: Steady | None = None) -> Market:
    clock = SandboxClock(START, 1.0, steady or Steady())
    return Market(config or MarketConfig(seed=7, assets=ASSETS), clock.start, clock.now)


def replay(tmp_path: Path, text: str = CLOSES, between: str = "hold") -> Market:
    file = tmp_path / "closes.csv"
    file.write_text(text)
    return market(MarketConfig(assets=ASSETS, csv=str(file), between=between))  # type: ignore[arg-type]


def returns(prices: list[float]) -> list[float]:
    return [math.log(after / before) for before, after in pairwise(prices)]


def hourly(source: Market, asset: str, hours: int) -> list[float]:
    start = START.timestamp()
    return [float(source.price(asset, start + k * HOUR) or 0) for k in range(hours)]


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_clock_runs_at_its_speed_and_changes_it_without_a_jump() -> None:
    """At 600x ten seconds are a hundred minutes; a change of speed keeps the time reached."""
    steady = Steady(5.0)
    clock = SandboxClock(START, 600.0, steady)
    steady.seconds += 10
    assert (clock.now() - START).total_seconds() == 6000
    clock.set_speed(1.0)
    assert (clock.now() - START).total_seconds() == 6000
    steady.seconds += 10
    assert (clock.now() - START).total_seconds() == 6010


def test_clock_refuses_nonsense() -> None:
    """A start without time zone and a negative speed are errors."""
    with pytest.raises(ValueError, match="time zone"):
        SandboxClock(datetime(2024, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="speed"):
        SandboxClock(START, -1.0)


def test_equal_seeds_give_equal_prices_in_any_order() -> None:
    """A price depends on seed and time alone, not on what was asked before."""
    one, two = market(), market()
    times = [START.timestamp() + k * 977.0 for k in range(-200, 200)]
    forward = [one.price("BTC", moment) for moment in times]
    backward = [two.price("BTC", moment) for moment in reversed(times)]
    assert forward == backward[::-1]
    assert forward != [market(MarketConfig(seed=8, assets=ASSETS)).price("BTC", moment) for moment in times]


def test_prices_start_as_configured_and_move_as_configured() -> None:
    """The first price is the configured one, and hourly returns have the yearly volatility asked for."""
    source = market()
    assert source.price("BTC", START.timestamp()) == 60_000
    measured = statistics.stdev(returns(hourly(source, "BTC", 4000))) * math.sqrt(24 * 365.25)
    assert measured == pytest.approx(0.55, rel=0.06)


def test_assets_move_together() -> None:
    """The shared motion shows as the correlation that the shares imply."""
    source = market()
    bitcoin, ether = (returns(hourly(source, asset, 4000)) for asset in ("BTC", "ETH"))
    assert statistics.correlation(bitcoin, ether) == pytest.approx(0.9 * 0.8, abs=0.05)


def test_a_pegged_asset_stays_near_its_price() -> None:
    """A stablecoin moves, by a few basis points at most."""
    prices = hourly(market(), "USDT", 500)
    assert 0.9995 < min(prices) < max(prices) < 1.0005


def test_replay_tells_the_last_close(tmp_path: Path) -> None:
    """A close holds until the next row; before its first row an asset is not listed; the last one stays."""
    source = replay(tmp_path)
    assert source.price("BTC", at("2023-12-31")) is None
    assert source.price("ETH", at("2024-01-01")) is None
    assert source.price("BTC", at("2024-01-03T23:59:59")) == 42_000
    assert source.price("BTC", at("2024-01-04")) == Decimal("41000.5")
    assert source.price("ETH", at("2025-01-01")) == 2_400
    assert source.price("USDT", at("2024-01-01")) is not None


def test_replay_can_glide(tmp_path: Path) -> None:
    """With between = "linear" the price between two rows lies between them."""
    assert replay(tmp_path, between="linear").price("BTC", at("2024-01-03")) == Decimal("41500.25")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,BTC\n", "header"),
        ("timestamp,BTC\n2024-01-01,1,2\n", ":2: 3 cells"),
        ("timestamp,BTC\nyesterday,1\n", ":2: timestamp yesterday"),
        ("timestamp,BTC\n2024-01-02,1\n2024-01-01,1\n", ":3: timestamp 2024-01-01 does not come after"),
        ("timestamp,BTC\n2024-01-01,-5\n", ":2: BTC must be a price above 0"),
        ("timestamp,BTC\n2024-01-01,n/a\n", ":2: BTC must be a price above 0"),
    ],
)
def test_replay_names_the_line_of_a_mistake(tmp_path: Path, text: str, words: str) -> None:
    """A file that cannot be read says where and why."""
    with pytest.raises(ValueError, match=words):
        replay(tmp_path, text)


def test_a_shock_lasts_and_leaves_the_past_alone() -> None:
    """After a shock of 0.9 every later price is nine tenths of what it would be; earlier ones stay."""
    steady = Steady()
    calm, shaken = market(), market(steady=steady)
    steady.seconds = 100
    shaken.shock("BTC", Decimal("0.9"))
    now = START.timestamp() + 100
    for moment, factor in ((now - 1, 1), (now, Decimal("0.9")), (now + 86_400, Decimal("0.9"))):
        undisturbed = calm.price("BTC", moment)
        assert undisturbed is not None
        assert shaken.price("BTC", moment) == undisturbed * factor
    with pytest.raises(ValueError, match="unknown asset"):
        shaken.shock("DOGE", Decimal(2))


def test_a_frozen_market_stands_still_and_goes_on_without_a_jump() -> None:
    """While frozen, no price moves; after the thaw it goes on from where it stood."""
    steady = Steady(60)
    source = market(steady=steady)
    steady.seconds = 120
    frozen_at = source.now()
    price, later = source.price("BTC", frozen_at), source.price("BTC", frozen_at + 50)
    source.freeze()
    steady.seconds = 120 + 3600
    assert source.price("BTC", source.now()) == price
    source.thaw()
    assert source.price("BTC", source.now()) == price
    assert source.price("BTC", source.now() + 50) == later
