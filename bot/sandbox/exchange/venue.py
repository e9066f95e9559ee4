"""One sandbox exchange without its dialect: markets, books, one account, keys and state of service."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

from bot.sandbox.exchange.account import ZERO, Account, Balance, InsufficientFunds, Transfer, TransferStatus
from bot.sandbox.exchange.book import SyntheticBook, with_own_orders
from bot.sandbox.exchange.config import BookConfig, InstrumentConfig, KeyConfig, VenueConfig, VenueStatus
from bot.sandbox.exchange.matching import MatchingEngine
from bot.sandbox.exchange.orders import Order, OrderRejected, OrderRequest, RejectReason, Side, symbol_of
from bot.sandbox.market import Market

_BPS = Decimal(10_000)
_SAMPLES = 32


@dataclass(slots=True)
class CoinFlags:
    """Whether a coin can be deposited and withdrawn."""

    deposit: bool = True
    withdraw: bool = True


class Venue:
    """State and market of one exchange. Symbols are the sandbox's own, such as BTC/USDT."""

    def __init__(self, config: VenueConfig, market: Market, seed: int, wall: Callable[[], float]) -> None:
        """`wall` tells real time in seconds since the epoch."""
        self.config = config
        self.market = market
        self._wall = wall
        self.clock_ahead_seconds = 0.0
        """Of real time."""
        self.instruments = {symbol_of(instrument): instrument for instrument in config.markets}
        self.account = Account({asset: Balance(free) for asset, free in config.balances.items()})
        self.keys: dict[str, KeyConfig] = {key.key: key for key in config.keys}
        self.status: VenueStatus = "online"
        self.coins: dict[str, CoinFlags] = {asset: CoinFlags() for asset in self._traded_assets()}
        self.premium_bps = config.premium_bps
        self.engine = MatchingEngine(self.account, config.fees, self._usd_now, self.wall)
        self._seed = f"{seed}|{config.name}"
        self._shape = config.book
        self._books: dict[str, SyntheticBook] = {}
        self._advanced = market.now()

    def wall(self) -> float:
        """The time by the venue's own clock, in seconds since the epoch."""
        return self._wall() + self.clock_ahead_seconds

    def mid(self, symbol: str, at: float) -> Decimal | None:
        """The price between bid and ask at a market time; None if an asset of the pair is not listed."""
        instrument = self.instruments[symbol]
        base, quote = self.market.price(instrument.base, at), self.market.price(instrument.quote, at)
        if base is None or quote is None:
            return None
        return base / quote * (1 + self.premium_bps / _BPS)

    def is_listed(self, symbol: str) -> bool:
        """Whether the market exists and has a price now."""
        return symbol in self.instruments and self.mid(symbol, self.market.now()) is not None

    def depth(self, symbol: str, side: Side) -> list[tuple[Decimal, Decimal]]:
        """Price and quantity of every level, best first, our own orders among them."""
        return with_own_orders(side, self._book(symbol).levels(side), self.engine.orders.open(symbol))

    def place(self, request: OrderRequest) -> Order:
        """Place an order at the present price; raises OrderRejected."""
        return self.engine.place(request, self._book(symbol_of(request.instrument)))

    def advance(self) -> None:
        """Let resting orders meet every price since the last call, not only the one of this moment."""
        now, since = self.market.now(), self._advanced
        self._advanced = now
        count = min(_SAMPLES, max(1, int(now - since)))
        for symbol in {symbol_of(order.instrument) for order in self.engine.orders.open()}:
            for k in range(1, count + 1):
                book = self._book_at(symbol, since + (now - since) * k / count)
                if book is not None:
                    self.engine.match_resting(symbol, book)

    def transfer(
        self,
        asset: str,
        delta: Decimal,
        *,
        status: TransferStatus = "done",
        age_seconds: float = 0.0,
        txid: str | None = None,
        fee: Decimal = ZERO,
    ) -> Transfer:
        """Book a deposit (above zero) or a withdrawal that began `age_seconds` ago.

        A pending deposit is not credited yet, and a failed withdrawal is not debited. Raises ValueError if less is
        free than is withdrawn.
        """
        if delta < 0 and status != "failed":
            try:
                self.account.debit(asset, fee - delta)
            except InsufficientFunds as error:
                raise ValueError(f"{self.config.name} has less than {fee - delta} {asset} free") from error
        elif delta > 0 and status == "done":
            self.account.credit(asset, delta)
        number = len(self.account.transfers) + 1
        transfer = Transfer(
            id=number,
            kind="deposit" if delta >= 0 else "withdrawal",
            asset=asset,
            amount=abs(delta),
            time=self.wall() - age_seconds,
            status=status,
            txid=txid or f"{self.config.name}-tx-{number}",
            fee=fee,
        )
        self.account.transfers.append(transfer)
        return transfer

    def reshape(self, spread_bps: Decimal | None, level_depth: Decimal | None) -> None:
        """Change spread and depth of all books; what is None stays."""
        if spread_bps is not None:
            self._shape = replace(self._shape, spread_bps=spread_bps)
        if level_depth is not None:
            self._shape = replace(self._shape, level_depth=level_depth)
        for book in self._books.values():
            book.reshape(self._shape)

    @property
    def shape(self) -> BookConfig:
        """The present shape of the books."""
        return self._shape

    def _book(self, symbol: str) -> SyntheticBook:
        book = self._book_at(symbol, self.market.now())
        if book is None:
            raise OrderRejected(RejectReason.NOT_LISTED)
        return book

    def _book_at(self, symbol: str, at: float) -> SyntheticBook | None:
        mid, base_in_usd = self.mid(symbol, at), self.market.price(self.instruments[symbol].base, at)
        if mid is None or base_in_usd is None:
            return None
        if symbol not in self._books:
            seed = f"{self._seed}|{symbol}"
            self._books[symbol] = SyntheticBook(self.instruments[symbol], self._shape, seed)
        self._books[symbol].move_to(mid, base_in_usd)
        return self._books[symbol]

    def _usd_now(self, asset: str) -> Decimal | None:
        return self.market.price(asset, self.market.now())

    def _traded_assets(self) -> list[str]:
        pairs = [(instrument.base, instrument.quote) for instrument in self.config.markets]
        return list(dict.fromkeys([*self.config.balances, *(asset for pair in pairs for asset in pair)]))


def to_tick(price: Decimal, instrument: InstrumentConfig) -> Decimal:
    """The nearest price that the market allows."""
    return (price / instrument.tick).to_integral_value(ROUND_HALF_EVEN) * instrument.tick
