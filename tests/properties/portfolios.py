"""Portfolios made at random: one to four venues, two to six assets, several quotes, and markets of every kind.

Each grows from one seed, so that most of them have something to trade: what is drawn bit by bit mostly has not.
"""

from __future__ import annotations

import os
import random
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Final

from hypothesis import strategies as st

from engine.decide.pipeline import decide
from engine.model.decision import Decision, DecisionInputs, RequestKind, Standing
from engine.model.ids import Asset, VenueName
from engine.model.market import FeeCurrency, Instrument, Level, OrderBook
from engine.model.money import EXACT, Bps, Money, Price, Quantity, Weight
from engine.model.policy import Bucket, DriftMode, Limits, Policy, Target, Trigger, Unmanaged
from engine.model.portfolio import Balance, Snapshot, VenueHealth, VenueSnapshot
from tests.builders import T0

COINS = ("BTC", "ETH", "SOL", "XMR")
QUOTES = ("USDT", "USD", "EUR")
STEPS = ("1", "0.1", "0.001", "0.00001", "0.00000001", "3", "0.025")
FEES = ("0", "0.001", "0.0026", "-0.0002", "0.02")
PRICES = ("60000", "3000", "150.5", "1", "0.00002")
HOSTILE_PRICES = ("0.0000000001", "1", "1000000000000")
SEEDS: Final = 2**40 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 100
"""The suite tries every property on the same portfolios, so that each is decided on once for all of them."""


class Maker:
    """Makes one portfolio from a seed."""

    def __init__(self, seed: int, prices: tuple[str, ...]) -> None:
        self.random = random.Random(seed)
        self.coins = COINS[: self.random.randint(1, 4)]
        self.quotes = QUOTES[: self.random.choice((1, 1, 2, 3))]
        self.price = {coin: Decimal(self.random.choice(prices)) for coin in self.coins}
        self.price |= dict(zip(QUOTES, (Decimal(1), Decimal("0.99"), Decimal("1.1")), strict=True))

    def inputs(self) -> DecisionInputs:
        """All that a decision depends on; mostly somebody asks for a plan."""
        request = RequestKind.MANUAL if self.one_in(1.5) else RequestKind.SCHEDULED
        return DecisionInputs(self.snapshot(), self.policy(), Standing(), T0, request)

    def snapshot(self) -> Snapshot:
        """What one to four venues show."""
        venues = tuple(self.venue(VenueName(f"v{n}")) for n in range(self.random.randint(1, 4)))
        marks = tuple((Asset(a), Price(p)) for a, p in self.price.items()) if self.one_in(3) else ()
        return Snapshot(T0, Asset("USDT"), venues, marks)

    def venue(self, name: VenueName) -> VenueSnapshot:
        """Most pairs are listed, most assets held, and most venues healthy."""
        pairs = [(coin, quote) for coin in self.coins for quote in self.quotes]
        pairs += [("ETH", "BTC")] * ("ETH" in self.coins) + [("USDT", "USD")] * ("USD" in self.quotes)
        markets = [self.market(name, base, quote) for base, quote in pairs if not self.one_in(4)]
        held = [asset for asset in (*self.coins, *self.quotes) if not self.one_in(3)]
        return VenueSnapshot(
            name,
            VenueHealth.DEGRADED if self.one_in(12) else VenueHealth.HEALTHY,
            T0,
            tuple(self.balance(asset) for asset in held),
            tuple(instrument for instrument, _ in markets),
            tuple(book for _, book in markets),
        )

    def balance(self, asset: str) -> Balance:
        """Worth up to 20,000; now and then nothing, or half of it in open orders."""
        worth = Decimal(0 if self.one_in(6) else self.random.randint(0, 2_000_000)) / 100
        free = EXACT.quantize(EXACT.divide(worth, self.price[asset]), Decimal("1e-12"))
        return Balance(Asset(asset), Quantity(free), Quantity(free if self.one_in(8) else Decimal(0)))

    def market(self, venue: VenueName, base: str, quote: str) -> tuple[Instrument, OrderBook]:
        """A market around its price. Now and then its book lacks a side, is old, or far off."""
        price = EXACT.divide(self.price[base], self.price[quote])
        tick = EXACT.scaleb(Decimal(self.random.choice((1, 5))), Decimal(price.adjusted() - self.random.randint(2, 6)))
        instrument = Instrument(
            venue,
            Asset(base),
            Asset(quote),
            Decimal(self.random.choice(FEES)),
            Decimal(0),
            Price(tick),
            Quantity(self.step(price)),
            Quantity(Decimal(self.random.choice(("0", "0", "0.001", "2")))),
            Decimal(self.random.choice((0, 5, 500))),
            self.random.choice(list(FeeCurrency)),
        )
        off, half = (price * self.random.randint(least, 30) / 10_000 for least in (-30, 0))
        bids = self.levels(price + off - half, -tick)
        asks = self.levels(price + off + half + tick, tick)
        age = timedelta(seconds=90 if self.one_in(20) else 5)
        sides = (() if self.one_in(25) else bids, () if self.one_in(25) else asks)
        return instrument, OrderBook(Asset(base), Asset(quote), *sides, T0 - age)

    def step(self, price: Decimal) -> Decimal:
        """Mostly worth less than 10, at times far more."""
        fine = EXACT.scaleb(Decimal(1), Decimal(-max(price.adjusted(), 0) - self.random.randint(0, 4)))
        return Decimal(self.random.choice(STEPS)) if self.one_in(3) else fine

    def levels(self, best: Decimal, outwards: Decimal) -> tuple[Level, ...]:
        """One to five levels from the best on, each further out, on the tick; worth up to 50,000 each."""
        found, tick = list[Level](), abs(outwards)
        price = max(EXACT.divide(best, tick).to_integral_value() * tick, tick)
        for _ in range(self.random.randint(1, 5)):
            worth = Decimal(self.random.randint(1, 50_000))
            quantity = EXACT.quantize(EXACT.divide(worth, price), Decimal("1e-15"))
            found += [Level(Price(price), Quantity(quantity))] if quantity else []
            price += outwards * self.random.randint(1, 20)
            if price <= 0:
                break
        return tuple(found)

    def policy(self) -> Policy:
        """Targets in whole percent over some of the assets, with cash alone or in a bucket."""
        bucket = self.one_in(2)
        names = [coin for coin in self.coins if not self.one_in(4)] + (["cash"] if bucket else list(self.quotes))
        cuts = sorted(self.random.randint(0, 100) for _ in names[1:])
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
        choose = self.random.choice
        return Policy(
            targets=tuple(Target(n, Weight(Decimal(p) / 100)) for n, p in zip(names, parts, strict=True)),
            buckets=(Bucket("cash", (Asset("USDT"), Asset("USD"))),) if bucket else (),
            unmanaged=choose(list(Unmanaged)),
            trigger=Trigger(drift_mode=choose(list(DriftMode))),
            rebalance_to=Decimal(choose(("0", "0.5", "1"))),
            limits=Limits(
                slice_max=Money(Decimal(choose((50, 400, 5_000, 1_000_000)))),
                min_trade=Money(Decimal(choose((0, 10, 500)))),
                max_cost_bps=Bps(Decimal(choose((50, 300, 10_000)))),
                tolerance=Weight(Decimal(choose(("0", "0.0005")))),
                depth_multiple=Decimal(choose((0, 1, 3))),
                max_slippage_bps=Bps(Decimal(choose((5, 50, 500)))),
            ),
        )

    def one_in(self, many: float) -> bool:
        """True once in so many times."""
        return self.random.random() < 1 / many


def portfolios(prices: tuple[str, ...] = PRICES) -> st.SearchStrategy[DecisionInputs]:
    """Portfolios with prices from this list."""
    return st.integers(0, SEEDS - 1).map(lambda seed: Maker(seed, prices).inputs())


@cache
def decided(inputs: DecisionInputs) -> Decision:
    """The decision on these inputs."""
    return decide(inputs)
