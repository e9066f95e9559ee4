"""What a sandbox world consists of: plain records that read from and write to JSON.

Quantities, prices and rates are decimals (strings in JSON). Every mistake in a document is
reported with the path of its key.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, cast

from pydantic import ConfigDict, TypeAdapter

from bot.sandbox.market import MarketConfig

Permission = Literal["read", "trade", "withdraw", "transfer"]
VenueStatus = Literal["online", "maintenance", "cancel_only", "post_only"]
FeeMode = Literal["received", "quote", "coin"]
STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class InstrumentConfig:
    """One traded pair: price `tick`, quantity `step`, `min_quantity` in base, `min_notional` in quote."""

    base: str
    quote: str
    tick: Decimal
    step: Decimal
    min_quantity: Decimal
    min_notional: Decimal
    max_quantity: Decimal = Decimal(1_000_000)
    depth_factor: Decimal = Decimal(1)
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class KeyConfig:
    """An API key with its rights. `extra` is merged into what the venue says about the key.

    Kraken: `extra = {"permissions": ["some-new-word"]}` adds words. The secret of a Kraken key is base64, that of
    a Coinbase key the private half of a P-256 key in PEM. OKX and KuCoin keys have a `passphrase`.
    Bybit: `extra = {"permissions": {"Wallet": ["AccountTransfer"]}}` adds words to its groups.
    KuCoin: `extra = {"permission": "General,Spot"}` replaces them all.
    """

    key: str
    secret: str
    permissions: tuple[Permission, ...] = ("read", "trade")
    ip_restricted: bool = True
    enabled: bool = True
    extra: dict[str, Any] = field(default_factory=dict)
    passphrase: str = ""
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class FeeConfig:
    """Fee rates as fractions, and what they are paid in.

    mode "received": from the bought asset; "quote": always in quote; "coin": in `coin` at a discount
    while enough of it is free, else as "received".
    """

    maker: Decimal = Decimal("0.001")
    taker: Decimal = Decimal("0.001")
    mode: FeeMode = "received"
    coin: str = "BNB"
    coin_discount: Decimal = Decimal("0.25")
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class BookConfig:
    """Shape of every book of a venue: full `spread_bps`, distance of the levels, USD offered on each."""

    levels: int = 25
    spread_bps: Decimal = Decimal(2)
    level_gap_bps: Decimal = Decimal("1.5")
    level_depth: Decimal = Decimal(20_000)
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class VenueConfig:
    """One exchange: its dialect, where it is mounted, what it trades, and one account with its keys."""

    name: str
    dialect: Literal["binance", "kraken", "coinbase", "okx", "bybit", "kucoin"]
    prefix: str
    markets: tuple[InstrumentConfig, ...]
    balances: dict[str, Decimal] = field(default_factory=dict)
    keys: tuple[KeyConfig, ...] = ()
    fees: FeeConfig = field(default_factory=FeeConfig)
    book: BookConfig = field(default_factory=BookConfig)
    premium_bps: Decimal = Decimal(0)
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """The market and the venues that trade on it."""

    market: MarketConfig
    venues: tuple[VenueConfig, ...]
    __pydantic_config__ = STRICT


_WORLD = TypeAdapter(WorldConfig)


def world_from_dict(document: dict[str, Any]) -> WorldConfig:
    """Read a JSON document; raises ValueError naming every key that is wrong."""
    return _WORLD.validate_python(document)


def world_to_dict(config: WorldConfig) -> dict[str, Any]:
    """The same world as JSON-ready values, decimals as strings."""
    return cast(dict[str, Any], _WORLD.dump_python(config, mode="json"))
