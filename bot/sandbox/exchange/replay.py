"""The world of a replay: two exchanges that trade whatever assets a file of closes has on its first day."""

import csv
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from bot.sandbox.exchange.config import InstrumentConfig, VenueConfig, WorldConfig
from bot.sandbox.exchange.defaults import default_world
from bot.sandbox.market import MarketConfig
from bot.sandbox.price_paths import AssetConfig

INVESTED = Decimal(80_000)
"""USD in the replayed assets at the start; the cash is what the default venues hold."""
SHARE_ON_FIRST = Decimal("0.6")
TICK_SHARE = Decimal("0.00001")
STEP_VALUE = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class _Asset:
    name: str
    price: Decimal


def replay_world(closes: Path, seed: int) -> WorldConfig:
    """The default two venues with the file's assets instead of their own, in equal parts.

    Raises ValueError for a file without prices.
    """
    assets = listed_at_start(closes)
    base = default_world(seed)
    pegged = {name: asset for name, asset in base.market.assets.items() if asset.pegged}
    moving = {asset.name: AssetConfig(asset.price) for asset in assets}
    market = MarketConfig(seed=seed, assets=pegged | moving, csv=str(closes))
    first, second = base.venues
    return WorldConfig(
        market,
        (
            _with_assets(first, assets, ("USDT",), SHARE_ON_FIRST),
            _with_assets(second, assets, ("USD", "USDT"), 1 - SHARE_ON_FIRST),
        ),
    )


def listed_at_start(closes: Path) -> tuple[_Asset, ...]:
    """The assets that have a price in the file's first row. Raises ValueError where there is none."""
    with closes.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        header, first = next(rows, []), next(rows, [])
    found = tuple(
        _Asset(name.strip().upper(), Decimal(price))
        for name, price in zip(header[1:], first[1:], strict=False)
        if price.strip()
    )
    if not found:
        raise ValueError(f"{closes}: write timestamp,BTC,ETH,… in the first line and prices below it")
    return found


def _with_assets(
    venue: VenueConfig, assets: tuple[_Asset, ...], quotes: tuple[str, ...], share: Decimal
) -> VenueConfig:
    stable = {market.base for market in venue.markets} & {"USDT", "USDC"}
    markets = [market for market in venue.markets if market.base in stable]
    markets += [_market(asset, quote) for asset in assets for quote in quotes]
    balances = {name: amount for name, amount in venue.balances.items() if name.startswith("USD")}
    for asset in assets:
        step = _power_of_ten(STEP_VALUE / asset.price)
        balances[asset.name] = INVESTED * share / len(assets) / asset.price // step * step
    return VenueConfig(
        venue.name, venue.dialect, venue.prefix, tuple(markets), balances, venue.keys, venue.fees, venue.book
    )


def _market(asset: _Asset, quote: str) -> InstrumentConfig:
    step = _power_of_ten(STEP_VALUE / asset.price)
    return InstrumentConfig(asset.name, quote, _power_of_ten(asset.price * TICK_SHARE), step, step, Decimal(5))


def _power_of_ten(value: Decimal) -> Decimal:
    """The smallest power of ten that is not below a value, at most 1 and at least 1e-8."""
    exponent = int(value.log10().to_integral_value(rounding=ROUND_CEILING))
    return Decimal(1).scaleb(max(-8, min(0, exponent)))
