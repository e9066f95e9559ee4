"""The moving market of the sandbox: what one unit of an asset costs in USD at a market time.

A price is a function of the seed (or of a replayed file) and the market time, so that the past can
be asked for and two runs agree. On top of that a test or a demonstration may shock a price or make
the market stand still.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict

from bot.sandbox.price_paths import AssetConfig, BrownianMotion, PeggedPath, PricePath, SeededPath, read_closes

_USD = "USD"


@dataclass(frozen=True, slots=True)
class MarketConfig:
    """Prices of the whole world: seeded, or replayed from a wide CSV file where it lists the asset.

    `between` says what happens between two rows of the file: "hold" keeps the last close, "linear" glides.
    """

    seed: int = 7
    assets: dict[str, AssetConfig] = field(default_factory=dict)
    csv: str | None = None
    between: Literal["hold", "linear"] = "hold"
    __pydantic_config__ = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Bend:
    """A disturbance that can be taken back: from `since` on the price glides to `factor` times its own until `until`,
    and stays there until `ended`. Market times in seconds.
    """

    since: float
    until: float
    factor: Decimal
    ended: float = math.inf

    def at(self, moment: float) -> Decimal:
        """What the price is multiplied by at a market time."""
        if not self.since <= moment < self.ended:
            return Decimal(1)
        if moment >= self.until:
            return self.factor
        share = Decimal(repr(round((moment - self.since) / (self.until - self.since), 6)))
        return 1 + (self.factor - 1) * share


class Market:
    """Prices of all assets, with the disturbances that a test or a demonstration adds."""

    def __init__(self, config: MarketConfig, start: datetime, now: Callable[[], datetime]) -> None:
        """`start` is when seeded prices have their configured value; `now` tells the market time.

        Raises ValueError for a CSV file that cannot be read as one.
        """
        self._now = now
        self._paths = _paths(config, start.timestamp())
        self._shocks: dict[str, list[tuple[float, Decimal]]] = {}
        self._bends: dict[str, list[Bend]] = {}
        self._pegged = tuple(name for name, asset in config.assets.items() if asset.pegged)
        self._freezes: list[tuple[float, float]] = []
        self._frozen_since: float | None = None

    @property
    def assets(self) -> tuple[str, ...]:
        """All assets that have a price path, listed yet or not."""
        return tuple(self._paths)

    @property
    def pegged(self) -> tuple[str, ...]:
        """Those of them that are stablecoins."""
        return self._pegged

    @property
    def frozen(self) -> bool:
        """Whether the market stands still."""
        return self._frozen_since is not None

    def now(self) -> float:
        """The market time in seconds since the epoch."""
        return self._now().timestamp()

    def price(self, asset: str, at: float) -> Decimal | None:
        """USD per unit of the asset at a market time; None if it is not listed then."""
        path = self._paths.get(asset)
        price = path.price(self._path_time(at)) if path else None
        if price is None:
            return Decimal(1) if asset == _USD else None
        for since, factor in self._shocks.get(asset, ()):
            if at >= since:
                price *= factor
        for bend in self._bends.get(asset, ()):
            price *= bend.at(at)
        return +price

    def instants(self, asset: str, start: float, end: float) -> list[float]:
        """Market times in the interval at which the asset's price is worth a look, ends included."""
        path = self._paths.get(asset)
        if path is None:
            return [start, end]
        lag = end - self._path_time(end)
        inner = path.instants(self._path_time(start), self._path_time(end))[1:-1]
        return [start, *(at + lag for at in inner), end]

    def shock(self, asset: str, factor: Decimal) -> None:
        """Multiply the price from now on, for good; raises ValueError for an unknown asset or factor <= 0."""
        self._check(asset, factor)
        self._shocks.setdefault(asset, []).append((self.now(), factor))

    def bend(self, asset: str, factor: Decimal, seconds: float) -> None:
        """Let the price glide to so many times its own within so many market seconds, until `straighten`.

        Raises ValueError like `shock`.
        """
        self._check(asset, factor)
        now = self.now()
        self._bends.setdefault(asset, []).append(Bend(now, now + seconds, factor))

    def straighten(self) -> None:
        """Take every bend back from now on; what was, was."""
        now = self.now()
        for asset, bends in self._bends.items():
            self._bends[asset] = [replace(bend, ended=min(bend.ended, now)) for bend in bends]

    def _check(self, asset: str, factor: Decimal) -> None:
        if asset not in self._paths:
            raise ValueError(f"unknown asset {asset}: one of {', '.join(self._paths)}")
        if not (factor.is_finite() and factor > 0):
            raise ValueError(f"factor must be above 0, not {factor}")

    def freeze(self) -> None:
        """Let every price stand still until `thaw`."""
        if self._frozen_since is None:
            self._frozen_since = self.now()

    def thaw(self) -> None:
        """Go on from where the prices stood; what the market would have done meanwhile comes later."""
        if self._frozen_since is not None:
            self._freezes.append((self._frozen_since, self.now()))
            self._frozen_since = None

    def _path_time(self, at: float) -> float:
        if self._frozen_since is not None:
            at = min(at, self._frozen_since)
        return at - sum(max(0.0, min(at, end) - since) for since, end in self._freezes)


def _paths(config: MarketConfig, origin: float) -> dict[str, PricePath]:
    shared = BrownianMotion(config.seed, "shared")
    paths: dict[str, PricePath] = {}
    for name, asset in config.assets.items():
        if asset.pegged:
            paths[name] = PeggedPath(asset.price, config.seed, name)
        else:
            paths[name] = SeededPath(asset, BrownianMotion(config.seed, name), shared, origin)
    if config.csv is not None:
        paths |= read_closes(Path(config.csv), glide=config.between == "linear")
    return paths
