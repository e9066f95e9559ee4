"""Portfolios for the planner: one to five venues, five to fifteen assets, one to three quotes, and books, minimums and
steps as they are found at exchanges. Each grows from one seed."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_EVEN, Decimal

from engine.model.decision import DecisionInputs, RequestKind, Standing
from engine.model.ids import Asset, VenueName
from engine.model.market import Instrument, Level, OrderBook
from engine.model.money import Bps, Money, Price, Quantity, Weight, exact
from engine.model.policy import Bucket, Limits, Policy, Target
from engine.model.portfolio import Balance, Snapshot, VenueHealth, VenueSnapshot
from tests.builders import T0

QUOTES = ("USDT", "USDC", "EUR")
WORTH = {"USDT": "1", "USDC": "0.9997", "EUR": "1.08"}
FEES = ("0", "0.0005", "0.001", "0.0016", "0.0026", "0.004")
COINS = tuple(f"C{n:02}" for n in range(14))


class Maker:
    """Makes one portfolio from a seed. `size` fixes venues, assets and levels where it is given."""

    def __init__(self, seed: int, size: tuple[int, int, int] | None = None) -> None:
        self.random = random.Random(seed)
        venues, assets, self.depth = size or (
            self.random.randint(1, 5),
            self.random.randint(5, 15),
            self.random.randint(8, 50),
        )
        self.quotes = QUOTES[: self.random.choice((1, 2, 3))]
        self.coins = COINS[: assets - len(self.quotes)]
        self.names = [VenueName(f"v{n}") for n in range(venues)]
        self.whole = 10 ** self.random.uniform(4, 6.5)
        self.price = {coin: 10 ** self.random.uniform(-2, 4.8) for coin in self.coins}
        self.price |= {quote: float(WORTH[quote]) for quote in self.quotes}

    @exact
    def inputs(self) -> DecisionInputs:
        """All that a decision depends on; somebody asks for a plan."""
        shares = self._shares()
        venues = tuple(self._venue(name, shares[name]) for name in self.names)
        marks = tuple((Asset(asset), Price(_decimal(price, 9))) for asset, price in self.price.items())
        seen = Snapshot(T0, Asset("USDT"), venues, marks)
        return DecisionInputs(seen, self._policy(), Standing(), T0, RequestKind.MANUAL)

    def _shares(self) -> dict[VenueName, dict[str, float]]:
        """What of the whole lies where: a few large holdings, many small ones."""
        draws = {
            venue: {
                asset: self.random.gammavariate(0.7, 1) * (self.random.random() < 0.8)
                for asset in (*self.coins, *self.quotes)
            }
            for venue in self.names
        }
        whole = sum(sum(own.values()) for own in draws.values())
        return {venue: {a: draw / whole for a, draw in own.items()} for venue, own in draws.items()}

    def _venue(self, name: VenueName, shares: dict[str, float]) -> VenueSnapshot:
        pairs = [
            (c, q) for c in self.coins for q in self.quotes if self.random.random() < (0.9 if q == "USDT" else 0.5)
        ]
        pairs += [(a, b) for a, b in (("USDC", "USDT"), ("EUR", "USDT")) if a in self.quotes and self._happens(0.7)]
        fee = self.random.choice(FEES)
        markets = [self._market(name, base, quote, fee) for base, quote in pairs]
        balances = tuple(
            Balance(Asset(asset), Quantity(_decimal(share * self.whole / self.price[asset], 8)))
            for asset, share in shares.items()
            if share
        )
        instruments, books = tuple(i for i, _ in markets), tuple(book for _, book in markets)
        return VenueSnapshot(name, VenueHealth.HEALTHY, T0, balances, instruments, books)

    def _market(self, venue: VenueName, base: str, quote: str, fee: str) -> tuple[Instrument, OrderBook]:
        price = self.price[base] / self.price[quote] * (1 + self.random.gauss(0, 2e-4))
        tick = Decimal(1).scaleb(Decimal.from_float(price).adjusted() - 6)
        step_worth = 10 ** (self.random.uniform(-3, -0.5) if self._happens(0.9) else self.random.uniform(0, 1.5))
        step = Decimal(1).scaleb(Decimal.from_float(step_worth / self.price[base]).adjusted())
        half = self.random.uniform(0.5, 6) * 1e-4
        instrument = Instrument(
            venue=venue,
            base=Asset(base),
            quote=Asset(quote),
            taker_fee=Decimal(fee),
            maker_fee=Decimal(0),
            price_tick=Price(tick),
            amount_step=Quantity(step),
            min_amount=Quantity(step),
            min_notional=Decimal(self.random.choice((0, 5, 10))),
        )
        bids, asks = (self._levels(price * (1 + sign * half), sign, tick) for sign in (-1, 1))
        return instrument, OrderBook(Asset(base), Asset(quote), bids, asks, T0)

    def _levels(self, price: float, sign: int, tick: Decimal) -> tuple[Level, ...]:
        found, size = [], 10 ** self.random.uniform(2.5, 4.5)
        for _ in range(self.depth):
            worth = size * self.random.lognormvariate(0, 1)
            at = (Decimal.from_float(price) / tick).to_integral_value(ROUND_HALF_EVEN) * tick
            found.append(Level(Price(at), Quantity(max(_decimal(worth / price, 8), Decimal("1e-8")))))
            price *= 1 + sign * self.random.expovariate(1) * 2e-4
        return tuple(found)

    def _policy(self) -> Policy:
        bucket = len(self.quotes) > 1 and self._happens(0.4)
        names = [*self.coins, *(["cash"] if bucket else self.quotes)]
        draws = [self.random.gammavariate(1.5, 1) for _ in names]
        parts = [int(10_000 * draw / sum(draws)) for draw in draws]
        parts[-1] += 10_000 - sum(parts)
        return Policy(
            targets=tuple(Target(n, Weight(Decimal(part) / 10_000)) for n, part in zip(names, parts, strict=True)),
            buckets=(Bucket("cash", tuple(Asset(quote) for quote in self.quotes)),) if bucket else (),
            limits=Limits(
                min_trade=Money(Decimal(10)),
                max_cost_bps=Bps(Decimal(1_000)),
                tolerance=Weight(Decimal(self.random.choice(("0.0005", "0.002")))),
                depth_multiple=Decimal(0),
            ),
        )

    def _happens(self, chance: float) -> bool:
        return self.random.random() < chance


def _decimal(value: float, decimals: int) -> Decimal:
    return Decimal.from_float(value).quantize(Decimal(1).scaleb(-decimals))
