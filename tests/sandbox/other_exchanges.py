"""The exchanges that are simulated for tests alone: the demo shows two, and the bot knows more."""

from __future__ import annotations

from decimal import Decimal

from bot.sandbox.exchange.config import FeeConfig, InstrumentConfig, KeyConfig, VenueConfig

BYBIT_KEY = KeyConfig(
    "sandbox-bybit-key",
    "sandbox-bybit-secret",
    extra={"permissions": {"Wallet": ["AccountTransfer"]}},
)
KUCOIN_KEY = KeyConfig("sandbox-kucoin-key", "sandbox-kucoin-secret", passphrase="sandbox-kucoin-passphrase")


def market(symbol: str, *limits: str) -> InstrumentConfig:
    """`limits` are tick, step, smallest quantity and smallest notional."""
    base, quote = symbol.split("/")
    tick, step, min_quantity, min_notional = (Decimal(limit) for limit in limits)
    return InstrumentConfig(base, quote, tick, step, min_quantity, min_notional)


BALANCES = {"BTC": Decimal("0.4"), "ETH": Decimal(4), "SOL": Decimal(30), "USDT": Decimal(12_000)}

BYBIT = VenueConfig(
    name="bybit",
    dialect="bybit",
    prefix="/bybit",
    markets=(
        market("BTC/USDT", "0.01", "0.000001", "0.000011", "5"),
        market("ETH/USDT", "0.01", "0.00001", "0.0001", "5"),
        market("SOL/USDT", "0.01", "0.001", "0.01", "5"),
        market("USDC/USDT", "0.0001", "0.01", "1", "1"),
    ),
    balances=BALANCES,
    keys=(BYBIT_KEY,),
    fees=FeeConfig(maker=Decimal("0.001"), taker=Decimal("0.001"), mode="received"),
)

KUCOIN = VenueConfig(
    name="kucoin",
    dialect="kucoin",
    prefix="/kucoin",
    markets=(
        market("BTC/USDT", "0.1", "0.00000001", "0.000011", "0.1"),
        market("ETH/USDT", "0.01", "0.0000001", "0.0001", "0.1"),
        market("SOL/USDT", "0.001", "0.0001", "0.01", "0.1"),
        market("USDC/USDT", "0.0001", "0.0001", "0.1", "0.1"),
    ),
    balances=BALANCES,
    keys=(KUCOIN_KEY,),
    fees=FeeConfig(maker=Decimal("0.001"), taker=Decimal("0.001"), mode="quote"),
)

OTHERS = (BYBIT, KUCOIN)
