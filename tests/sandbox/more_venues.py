"""Sandbox exchanges that only tests trade on: the demo has the two of the default world."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.sandbox.exchange.config import FeeConfig, InstrumentConfig, KeyConfig, VenueConfig, WorldConfig
from bot.sandbox.exchange.defaults import default_world

OKX_KEY = KeyConfig("sandbox-okx-key", "sandbox-okx-secret", passphrase="sandbox-okx-passphrase")


def every_exchange() -> WorldConfig:
    """The default world, with an exchange of each further dialect."""
    world = default_world()
    return replace(world, venues=(*world.venues, okx_venue()))


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


def market(symbol: str, tick: str, step: str, min_quantity: str, min_notional: str = "0") -> InstrumentConfig:
    """A market by its limits."""
    base, quote = symbol.split("/")
    return InstrumentConfig(base, quote, Decimal(tick), Decimal(step), Decimal(min_quantity), Decimal(min_notional))
