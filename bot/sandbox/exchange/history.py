"""What a venue says about the past of its markets: candles and the statistics of the last 24 hours.

On the wire every time is real time. The market may run in another year or at another speed, so its
past is told as if it had run at normal speed until now: one real hour ago is one market hour ago.
"""

from dataclasses import dataclass
from decimal import Decimal

from bot.sandbox.exchange.orders import Side
from bot.sandbox.exchange.venue import Venue, to_tick
from bot.sandbox.price_paths import draw

_DAY = 86_400
_TURNS_PER_DAY = 50


@dataclass(frozen=True, slots=True)
class Candle:
    """Prices within one interval; `opened` in wall seconds, `volume` in base."""

    opened: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    trades: int


@dataclass(frozen=True, slots=True)
class Ticker:
    """The last 24 hours of a market; quantities in base."""

    day: Candle
    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal


@dataclass(frozen=True, slots=True)
class _Present:
    """One moment on both clocks, in seconds since the epoch: read once, so that they agree."""

    wall: float
    market: float

    def market_time(self, wall: float) -> float:
        """The market time that is told as this real time; never later than now."""
        return self.market if wall >= self.wall else self.market - (self.wall - wall)


def ticker(venue: Venue, symbol: str) -> Ticker | None:
    """The statistics of the last 24 hours; None while the market is not listed."""
    if not venue.is_listed(symbol):
        return None
    present = _Present(venue.wall(), venue.market.now())
    day = _candle(venue, symbol, present, present.wall - _DAY, _DAY)
    bids, asks = venue.depth(symbol, Side.BUY)[:1], venue.depth(symbol, Side.SELL)[:1]
    if day is None or not bids or not asks:
        return None
    return Ticker(day, *bids[0], *asks[0])


def candles(venue: Venue, symbol: str, interval: int, first: int, count: int) -> list[Candle]:
    """Up to `count` candles of `interval` seconds, opened at `first` (a multiple of it) and after.

    The last one may be unfinished; intervals in which the market was not listed are left out.
    """
    present = _Present(venue.wall(), venue.market.now())
    opens = range(first, min(int(present.wall), first + (count - 1) * interval) + 1, interval)
    found = (_candle(venue, symbol, present, opened, interval) for opened in opens)
    return [candle for candle in found if candle is not None]


def days_since(venue: Venue, symbol: str, since: float, most: int) -> list[Candle]:
    """The daily candles from the one that holds `since` (wall seconds) on, the newest `most` of them, oldest first."""
    today = int(venue.wall()) // _DAY
    first = max(int(since) // _DAY, today - most + 1)
    return candles(venue, symbol, _DAY, first * _DAY, most)


def _candle(venue: Venue, symbol: str, present: _Present, opened: float, interval: int) -> Candle | None:
    instrument = venue.instruments[symbol]
    start, end = present.market_time(opened), present.market_time(opened + interval)
    instants = venue.market.instants(instrument.base, start, end)
    known = [price for at in instants if (price := venue.mid(symbol, at)) is not None]
    if not known:
        return None
    prices = [to_tick(price, instrument) for price in known]
    volume = _volume(venue, symbol, int(opened) // interval, interval, known[-1])
    return Candle(int(opened), prices[0], max(prices), min(prices), prices[-1], *volume)


def _volume(venue: Venue, symbol: str, index: int, interval: int, price: Decimal) -> tuple[Decimal, int]:
    """A plausible traded quantity, steady for a given interval, and the number of its trades."""
    instrument, shape = venue.instruments[symbol], venue.config.book
    daily = shape.level_depth * shape.levels * instrument.depth_factor * _TURNS_PER_DAY
    share = Decimal(repr(round(0.5 + draw(venue.config.name, symbol, interval, index), 6)))
    quantity = daily * share * interval / _DAY / price
    return (quantity / instrument.step).to_integral_value() * instrument.step, 1 + interval // 2
