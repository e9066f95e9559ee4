"""The bodies of the sandbox's controls."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.sandbox.exchange.account import TransferStatus
from bot.sandbox.exchange.config import STRICT, FeeConfig, Permission, VenueStatus
from bot.sandbox.exchange.orders import Side


@dataclass(frozen=True, slots=True)
class PriceCommand:
    """POST price: multiply the price by `factor`, or set it to `price` in USD, from now on."""

    asset: str
    factor: Decimal | None = None
    price: Decimal | None = None
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class BalanceCommand:
    """POST balance: a deposit (`delta` above zero) or withdrawal by hand.

    `silent` leaves no record of it. A pending one is under way: a deposit is not credited yet. Two with one `txid` are
    the two ends of one transfer; a withdrawal's `fee` is taken beside its amount.
    """

    venue: str
    asset: str
    delta: Decimal
    status: TransferStatus = "done"
    age_seconds: float = 0.0
    silent: bool = False
    txid: str | None = None
    fee: Decimal = Decimal(0)
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class SpeedCommand:
    """POST speed: market seconds per real second."""

    speed: float
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class FreezeCommand:
    """POST freeze: let the market stand still, or go on with `frozen` false."""

    frozen: bool = True
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class KeyCommand:
    """POST key: change what is given of a key, or add a key with its `secret`."""

    venue: str
    key: str
    secret: str | None = None
    permissions: tuple[Permission, ...] | None = None
    ip_restricted: bool | None = None
    enabled: bool | None = None
    extra: dict[str, Any] | None = None
    passphrase: str | None = None
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class CoinCommand:
    """Whether a coin can be deposited and withdrawn; what is left out stays."""

    deposit: bool | None = None
    withdraw: bool | None = None
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class VenueCommand:
    """POST venue: change what is given of a venue's state of service, prices, fees and books."""

    venue: str
    status: VenueStatus | None = None
    coins: dict[str, CoinCommand] = field(default_factory=dict)
    premium_bps: Decimal | None = None
    fees: FeeConfig | None = None
    spread_bps: Decimal | None = None
    level_depth: Decimal | None = None
    clock_ahead_seconds: float | None = None
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class HaltCommand:
    """POST event/halt: a venue closes all withdrawals, and goes from bad to worse."""

    venue: str
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class SlowCommand:
    """POST event/slow: a venue answers every call so many seconds late."""

    venue: str
    seconds: float = 6.0
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class DepegCommand:
    """POST event/depeg: a stablecoin goes `to` so many USD within so many seconds of real time; 0: at once."""

    asset: str
    to: Decimal = Decimal("0.93")
    seconds: float = 60.0
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class CrashCommand:
    """POST event/crash: an asset's price falls by so many percent at once."""

    asset: str
    percent: Decimal
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class TradeCommand:
    """POST trade: an outside trader hits our resting orders. `symbol` like BTC/USDT, `side` the outsider's."""

    venue: str
    symbol: str
    side: Side
    price: Decimal
    quantity: Decimal
    __pydantic_config__ = STRICT
