"""The world that a newcomer meets: two exchanges and about 100,000 USD spread over both."""

import base64
from decimal import Decimal

from bot.sandbox.exchange.config import (
    BookConfig,
    FeeConfig,
    InstrumentConfig,
    KeyConfig,
    VenueConfig,
    WorldConfig,
)
from bot.sandbox.market import MarketConfig
from bot.sandbox.price_paths import AssetConfig

BINANCE_KEY = KeyConfig("sandbox-binance-key", "sandbox-binance-secret")
BINANCE_WITHDRAWAL_KEY = KeyConfig(
    "sandbox-binance-withdrawal-key", "sandbox-binance-secret", ("read", "trade", "withdraw")
)
KRAKEN_KEY = KeyConfig("sandbox-kraken-key", base64.b64encode(b"sandbox-kraken-secret").decode())
KRAKEN_WITHDRAWAL_KEY = KeyConfig("sandbox-kraken-withdrawal-key", KRAKEN_KEY.secret, ("read", "trade", "withdraw"))


def default_world(seed: int = 7, csv: str | None = None) -> WorldConfig:
    """Binance and Kraken on one market; prices follow from the seed, or from `csv` where it lists the asset."""
    assets = {
        "BTC": AssetConfig(Decimal(60_000), volatility=0.55, correlation=0.9),
        "ETH": AssetConfig(Decimal(3_000), volatility=0.75, correlation=0.8),
        "SOL": AssetConfig(Decimal(150), volatility=1.0, correlation=0.7),
        "BNB": AssetConfig(Decimal(600), volatility=0.6, correlation=0.7),
        "USDT": AssetConfig(Decimal(1), pegged=True),
        "USDC": AssetConfig(Decimal(1), pegged=True),
    }
    return WorldConfig(MarketConfig(seed=seed, assets=assets, csv=csv), (_binance(), _kraken()))


def _binance() -> VenueConfig:
    return VenueConfig(
        name="binance",
        dialect="binance",
        prefix="/binance",
        markets=(
            _market("BTC/USDT", "0.01", "0.00001", "0.00001", "5"),
            _market("ETH/USDT", "0.01", "0.0001", "0.0001", "5"),
            _market("SOL/USDT", "0.01", "0.001", "0.001", "5"),
            _market("BNB/USDT", "0.01", "0.001", "0.001", "5"),
            _market("USDC/USDT", "0.0001", "1", "1", "5"),
        ),
        balances=_amounts(BTC="0.45", ETH="5", SOL="40", USDT="10000"),
        keys=(BINANCE_KEY, BINANCE_WITHDRAWAL_KEY),
    )


def _kraken() -> VenueConfig:
    return VenueConfig(
        name="kraken",
        dialect="kraken",
        prefix="/kraken",
        markets=(
            _market("BTC/USD", "0.1", "0.00000001", "0.00005", "0.5"),
            _market("BTC/USDT", "0.1", "0.00000001", "0.00005", "0.5", depth="0.4"),
            _market("ETH/USD", "0.01", "0.00000001", "0.001", "0.5"),
            _market("ETH/USDT", "0.01", "0.00000001", "0.001", "0.5", depth="0.4"),
            _market("SOL/USD", "0.01", "0.00000001", "0.02", "0.5"),
            _market("SOL/USDT", "0.01", "0.00000001", "0.02", "0.5", depth="0.4"),
            _market("USDT/USD", "0.00001", "0.00000001", "5", "0.5"),
            _market("USDC/USD", "0.0001", "0.00000001", "5", "0.5"),
        ),
        balances=_amounts(BTC="0.3", ETH="3.3333", SOL="26.6666", USD="6000", USDT="4000"),
        keys=(KRAKEN_KEY, KRAKEN_WITHDRAWAL_KEY),
        fees=FeeConfig(maker=Decimal("0.0016"), taker=Decimal("0.0026"), mode="quote"),
        book=BookConfig(spread_bps=Decimal(3), level_gap_bps=Decimal(2), level_depth=Decimal(12_000)),
    )


def _market(symbol: str, *limits: str, depth: str = "1") -> InstrumentConfig:
    """`limits` are tick, step, smallest quantity and smallest notional."""
    base, quote = symbol.split("/")
    tick, step, min_quantity, min_notional = (Decimal(limit) for limit in limits)
    return InstrumentConfig(base, quote, tick, step, min_quantity, min_notional, depth_factor=Decimal(depth))


def _amounts(**amounts: str) -> dict[str, Decimal]:
    return {asset: Decimal(amount) for asset, amount in amounts.items()}
