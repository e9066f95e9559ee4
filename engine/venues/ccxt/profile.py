"""What differs between the exchanges that ccxt signs for: one `Profile` per exchange, a table of figures and functions.

The functions speak the exchange's own words through `Api` and hand back our records. ccxt signs, paces and names the
errors; the figures are read from the exchange's own text, so that no float and no rounding comes between.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Protocol

from engine.model.ids import Asset, VenueName
from engine.model.ledger import Deposit, Withdrawal
from engine.model.market import FeeCurrency, OrderBook
from engine.model.money import ZERO, Price, Quantity, total
from engine.model.order import HistoricTrade, OrderReport, OrderRequest
from engine.model.portfolio import Balance
from engine.model.venue import Capabilities, KeyRights
from engine.model.venue_signals import CoinState

Payload = Any
"""Decoded JSON of a venue: numbers are texts, and nothing about its shape is certain."""
Period = tuple[datetime, datetime]
"""From one instant to another."""


@dataclass(frozen=True, slots=True)
class Signing:
    """The instant that a request is signed for, the present where there is none, and headers that go with it."""

    at: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


NOW: Final = Signing()


class Api(Protocol):
    """Calls of one exchange. Both raise `errors.CallFailed`."""

    @property
    def has_key(self) -> bool:
        """Private calls can be made."""
        ...

    async def public(self, method: str, params: Mapping[str, object]) -> Payload:
        """Call an endpoint without a key, on the connection for market data."""
        ...

    async def private(self, method: str, params: Mapping[str, object], signing: Signing = NOW) -> Payload:
        """Call an endpoint with the key."""
        ...


@dataclass(frozen=True, slots=True)
class Fees:
    """Fractions of the notional."""

    taker: Decimal
    maker: Decimal


@dataclass(frozen=True, slots=True)
class Market:
    """A listed spot market in the exchange's own terms. `listed_fees` are those of the lowest tier."""

    id: str
    base: Asset
    quote: Asset
    active: bool
    price_tick: Decimal
    amount_step: Decimal
    min_amount: Decimal
    min_notional: Decimal
    listed_fees: Fees

    @property
    def symbol(self) -> str:
        """BASE/QUOTE."""
        return f"{self.base}/{self.quote}"


@dataclass(frozen=True, slots=True)
class Listing:
    """All that an exchange lists: spot markets by symbol, and our name of each of its asset ids."""

    markets: Mapping[str, Market]
    assets: Mapping[str, Asset]


@dataclass(frozen=True, slots=True)
class Holdings:
    """An account's balances. `left_out` is held, and not spendable on the spot market: staked, lent, held back."""

    spendable: tuple[Balance, ...]
    left_out: tuple[Balance, ...] = ()

    def balances(self) -> tuple[Balance, ...]:
        """One balance for each asset, with what is not spendable told apart."""
        own = {balance.asset: balance for balance in self.spendable}
        nothing = Quantity(ZERO)
        return tuple(
            replace(own.get(asset, Balance(asset, nothing)), kept=Quantity(total(self._kept(asset))))
            for asset in sorted(own.keys() | {balance.asset for balance in self.left_out})
        )

    def _kept(self, asset: Asset) -> list[Quantity]:
        return [balance.total for balance in self.left_out if balance.asset == asset]


@dataclass(frozen=True, slots=True)
class Status:
    """What the exchange says of itself."""

    online: bool
    text: str
    is_told: bool = True
    """Whether it says anything of itself; where it does not, `online` means that it answers."""


@dataclass(frozen=True, slots=True)
class Placement:
    """An order with the market that it is for, and the name of the venue its fills are reported for."""

    venue: VenueName
    order: OrderRequest
    market: Market


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """How an exchange says no. All by its own codes or by parts of its message, in lower case.

    A part that is nothing but digits is a whole code: messages are full of figures.
    """

    read: Callable[[Payload], tuple[str, str]]
    """Code and message of an answer; two empty texts where it is no error."""
    uncertain: frozenset[str] = frozenset()
    """Parts of code or message that leave open whether an order exists, whatever class ccxt gives them."""
    key_refused: frozenset[str] = frozenset()
    """Codes that mean that the key is not accepted, whatever class ccxt gives them."""
    refused: frozenset[str] = frozenset()
    """Parts of code or message of a certain refusal that ccxt has no class for."""
    try_later: frozenset[str] = frozenset()
    """Parts of code or message that mean: certainly not placed, may be tried again."""
    credentials: str = "key and secret"
    """What to check where the key is refused."""


@dataclass(frozen=True, slots=True)
class Candle:
    """A day of a market: when it was over, its last price, and what was traded in it, in base."""

    at: datetime
    close: Price
    volume: Quantity


@dataclass(frozen=True, slots=True)
class Profile:
    """One exchange. `hosts` are the only ones its requests may go to."""

    ccxt_id: str
    hosts: frozenset[str]
    capabilities: Capabilities
    fee_currency: FeeCurrency
    errors: ErrorWords
    read_market: Callable[[Mapping[str, Any]], Market]
    fetch_tops: Callable[[Api, Sequence[Market], datetime], Awaitable[tuple[OrderBook, ...]]]
    """The best bid and ask of several markets in one request; a market without both is left out."""
    fetch_book: Callable[[Api, Market, datetime], Awaitable[OrderBook]]
    fetch_candles: Callable[[Api, Market, Period], Awaitable[tuple[Candle, ...]]]
    """The days (UTC) that begin in a period of half a year at the most; others may be among them."""
    fetch_status: Callable[[Api], Awaitable[Status]]
    fetch_time: Callable[[Api], Awaitable[datetime]]
    fetch_fees: Callable[[Api, Sequence[Market]], Awaitable[Mapping[str, Fees]]]
    fetch_holdings: Callable[[Api, Listing], Awaitable[Holdings]]
    fetch_deposits: Callable[[Api, VenueName, Listing, Period], Awaitable[tuple[Deposit, ...]]]
    fetch_withdrawals: Callable[[Api, VenueName, Listing, Period], Awaitable[tuple[Withdrawal, ...]]]
    fetch_trades: Callable[[Api, VenueName, Sequence[Market], Period], Awaitable[tuple[HistoricTrade, ...]]]
    """The account's own trades in these markets, in any order; others of a time outside may be among them."""
    fetch_key_rights: Callable[[Api], Awaitable[KeyRights]]
    place: Callable[[Api, Placement], Awaitable[OrderReport]]
    find: Callable[[Api, Placement], Awaitable[OrderReport | None]]
    cancel: Callable[[Api, Placement], Awaitable[None]]
    options: Mapping[str, object] = field(default_factory=dict)
    fetch_coins: Callable[[Api, Listing, frozenset[Asset]], Awaitable[tuple[CoinState, ...]]] | None = None
    """Which of these coins can be moved; None where the exchange does not tell."""
    coins_are_public: bool = False
    """No key is needed for that."""
