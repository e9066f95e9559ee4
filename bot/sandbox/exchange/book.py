"""The order book of a sandbox market: liquidity of others around a moving price.

Every level follows from the seed and the price alone. What is taken from it stays taken until the
price moves by a tick; then the book is laid out afresh.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from bot.sandbox.exchange.config import BookConfig, InstrumentConfig
from bot.sandbox.exchange.orders import Order, Side

_BPS = Decimal(10_000)


@dataclass(slots=True)
class Level:
    """A price, and the base quantity that others offer at it."""

    price: Decimal
    quantity: Decimal


class SyntheticBook:
    """Bids and asks of others in one market."""

    def __init__(self, instrument: InstrumentConfig, config: BookConfig, seed: str) -> None:
        """Equal seeds and equal prices give equal books."""
        self._instrument = instrument
        self._config = config
        self._seed = seed
        self._mid: Decimal | None = None
        self._levels: dict[Side, list[Level]] = {Side.BUY: [], Side.SELL: []}

    def reshape(self, config: BookConfig) -> None:
        """Use another shape from the next look on, which also restores what was taken."""
        self._config = config
        self._mid = None

    def move_to(self, mid: Decimal, base_in_usd: Decimal) -> None:
        """Let the price be `mid`; a move of less than a tick changes nothing."""
        tick = self._instrument.tick
        rounded = max(tick, (mid / tick).to_integral_value(ROUND_HALF_EVEN) * tick)
        if rounded == self._mid:
            return
        self._mid = rounded
        depth = self._config.level_depth * self._instrument.depth_factor / base_in_usd
        bids = [Level(price, Decimal(0)) for price in self._bid_prices(rounded)]
        floor = bids[0].price if bids else Decimal(0)
        asks = [Level(price, Decimal(0)) for price in self._ask_prices(rounded, floor)]
        for side, levels in ((Side.BUY, bids), (Side.SELL, asks)):
            self._fill_in(side, levels, depth)
            self._levels[side] = levels

    def levels(self, side: Side) -> list[Level]:
        """What others offer: bids for BUY, asks for SELL, best first."""
        return [level for level in self._levels[side] if level.quantity > 0]

    def take(self, side: Side, price: Decimal, quantity: Decimal) -> None:
        """Remove liquidity that an order of ours used up."""
        for level in self._levels[side]:
            if level.price == price:
                level.quantity -= quantity

    def _distances(self) -> Iterable[Decimal]:
        half = self._config.spread_bps / 2
        return ((half + k * self._config.level_gap_bps) / _BPS for k in range(self._config.levels))

    def _bid_prices(self, mid: Decimal) -> list[Decimal]:
        tick, prices, limit = self._instrument.tick, [], mid
        for distance in self._distances():
            price = min((mid * (1 - distance) / tick).to_integral_value(ROUND_FLOOR) * tick, limit)
            if price <= 0:
                break
            prices.append(price)
            limit = price - tick
        return prices

    def _ask_prices(self, mid: Decimal, best_bid: Decimal) -> list[Decimal]:
        tick, prices, limit = self._instrument.tick, [], best_bid + self._instrument.tick
        for distance in self._distances():
            price = max((mid * (1 + distance) / tick).to_integral_value(ROUND_CEILING) * tick, limit)
            prices.append(price)
            limit = price + tick
        return prices

    def _fill_in(self, side: Side, levels: list[Level], depth: Decimal) -> None:
        step = self._instrument.step
        generator = random.Random(f"{self._seed}|{side}|{self._mid}")
        for level in levels:
            share = Decimal(generator.randrange(50, 151)) / 100
            level.quantity = max(step, (depth * share / step).to_integral_value(ROUND_FLOOR) * step)


def with_own_orders(side: Side, levels: Iterable[Level], orders: Iterable[Order]) -> list[tuple[Decimal, Decimal]]:
    """The public view of one side, best first: others' liquidity and our own resting orders."""
    total = {level.price: level.quantity for level in levels}
    for order in orders:
        if order.side is side and order.price is not None:
            total[order.price] = total.get(order.price, Decimal(0)) + order.remaining
    return sorted(total.items(), reverse=side is Side.BUY)
