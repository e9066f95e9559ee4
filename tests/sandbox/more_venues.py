"""Sandbox exchanges that only tests trade on: the demo has the two of the default world."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.sandbox.exchange.config import FeeConfig, InstrumentConfig, KeyConfig, VenueConfig, WorldConfig
from bot.sandbox.exchange.defaults import default_world


def pem_key(number: int) -> str:
    """The private half of a P-256 key, as Coinbase hands it out."""
    key = ec.derive_private_key(number, ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


COINBASE_KEY = KeyConfig("organizations/sandbox/apiKeys/trading", pem_key(20_260_101))
OKX_KEY = KeyConfig("sandbox-okx-key", "sandbox-okx-secret", passphrase="sandbox-okx-passphrase")
BYBIT_KEY = KeyConfig(
    "sandbox-bybit-key",
    "sandbox-bybit-secret",
    extra={"permissions": {"Wallet": ["AccountTransfer"]}},
)
KUCOIN_KEY = KeyConfig("sandbox-kucoin-key", "sandbox-kucoin-secret", passphrase="sandbox-kucoin-passphrase")


def every_exchange() -> WorldConfig:
    """The default world, with an exchange of each further dialect."""
    world = default_world()
    return replace(world, venues=(*world.venues, coinbase_venue(), okx_venue(), bybit_venue(), kucoin_venue()))


def coinbase_venue() -> VenueConfig:
    """Coinbase: markets in dollars, fees in quote."""
    return VenueConfig(
        name="coinbase",
        dialect="coinbase",
        prefix="/coinbase",
        markets=(
            market("BTC/USD", "0.01", "0.00000001", "0.00005", "1"),
            market("ETH/USD", "0.01", "0.00000001", "0.001", "1"),
            market("USDT/USD", "0.0001", "0.01", "1", "1"),
        ),
        balances={"BTC": Decimal("0.3"), "ETH": Decimal(3), "USD": Decimal(10_000)},
        keys=(COINBASE_KEY,),
        fees=FeeConfig(maker=Decimal("0.004"), taker=Decimal("0.006"), mode="quote"),
    )


def okx_venue() -> VenueConfig:
    """OKX: no smallest notional, fees in what is received."""
    return VenueConfig(
        name="okx",
        dialect="okx",
        prefix="/okx",
        markets=(
            market("BTC/USDT", "0.1", "0.00000001", "0.0001"),
            market("ETH/USDT", "0.01", "0.000001", "0.001"),
            market("USDC/USDT", "0.0001", "0.000001", "1"),
        ),
        balances={"BTC": Decimal("0.3"), "ETH": Decimal(3), "USDT": Decimal(10_000)},
        keys=(OKX_KEY,),
        fees=FeeConfig(maker=Decimal("0.0008"), taker=Decimal("0.001")),
    )


def bybit_venue() -> VenueConfig:
    """Bybit: fees in what is received."""
    return VenueConfig(
        name="bybit",
        dialect="bybit",
        prefix="/bybit",
        markets=(
            market("BTC/USDT", "0.01", "0.000001", "0.000011", "5"),
            market("ETH/USDT", "0.01", "0.00001", "0.0001", "5"),
            market("SOL/USDT", "0.01", "0.001", "0.01", "5"),
            market("USDC/USDT", "0.0001", "0.01", "1", "1"),
        ),
        balances={"BTC": Decimal("0.4"), "ETH": Decimal(4), "SOL": Decimal(30), "USDT": Decimal(12_000)},
        keys=(BYBIT_KEY,),
    )


def kucoin_venue() -> VenueConfig:
    """KuCoin: fees in quote."""
    return VenueConfig(
        name="kucoin",
        dialect="kucoin",
        prefix="/kucoin",
        markets=(
            market("BTC/USDT", "0.1", "0.00000001", "0.000011", "0.1"),
            market("ETH/USDT", "0.01", "0.0000001", "0.0001", "0.1"),
            market("SOL/USDT", "0.001", "0.0001", "0.01", "0.1"),
            market("USDC/USDT", "0.0001", "0.0001", "0.1", "0.1"),
        ),
        balances={"BTC": Decimal("0.4"), "ETH": Decimal(4), "SOL": Decimal(30), "USDT": Decimal(12_000)},
        keys=(KUCOIN_KEY,),
        fees=FeeConfig(mode="quote"),
    )


def market(symbol: str, tick: str, step: str, min_quantity: str, min_notional: str = "0") -> InstrumentConfig:
    """A market by its limits."""
    base, quote = symbol.split("/")
    return InstrumentConfig(base, quote, Decimal(tick), Decimal(step), Decimal(min_quantity), Decimal(min_notional))
