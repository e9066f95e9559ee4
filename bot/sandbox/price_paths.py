"""Price paths: what one unit of an asset costs in USD as a function of time alone.

Seeded prices are a geometric Brownian motion built by midpoints, which gives any instant, past or
future, without walking to it; replayed prices come from a wide CSV file of closes.
"""

import csv
import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from statistics import NormalDist
from typing import Protocol

from pydantic import ConfigDict

_BLOCK = 1 << 17  # seconds, a power of two: halving it ends at exactly one second
_YEAR = 365.25 * 86_400
_PEG_STEP = 900
_PEG_WIDTH = 0.0004
_CACHE_LIMIT = 300_000
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class AssetConfig:
    """How one asset's price in USD moves: `price` at the start, yearly `volatility` and `drift` as fractions.

    `correlation` is the share of the movement that all assets have in common. A `pegged` asset wanders
    within a few basis points of its price instead.
    """

    price: Decimal
    volatility: float = 0.6
    drift: float = 0.0
    correlation: float = 0.7
    pegged: bool = False
    __pydantic_config__ = ConfigDict(extra="forbid")


class PricePath(Protocol):
    """The undisturbed price of one asset over path time, in seconds since the epoch."""

    def price(self, at: float) -> Decimal | None:
        """USD per unit; None while the asset is not listed."""

    def instants(self, start: float, end: float) -> list[float]:
        """Instants in the interval that show its extremes well enough for a candle, ends included."""


def draw(*key: object) -> float:
    """A number strictly between 0 and 1 that depends on nothing but the key."""
    digest = blake2b("\x1f".join(map(str, key)).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") + 0.5) / 2.0**64


def dyadic_instants(start: float, end: float, origin: float) -> list[float]:
    """Ends of the interval and a few points between, on a grid that neighbouring intervals share."""
    step = 1 << max(0, int(math.log2(max(1.0, (end - start) / 4))))
    first = math.floor((start - origin) / step) + 1
    last = math.ceil((end - origin) / step) - 1
    return [start, *(origin + k * step for k in range(first, last + 1)), end]


class BrownianMotion:
    """A standard Brownian motion in units of the root of a second, zero at time 0, at any instant."""

    def __init__(self, *key: object) -> None:
        """Equal keys give equal motions."""
        self._key = key
        self._edges = {0: 0.0}
        self._cache: dict[tuple[int, int, int], float] = {}

    def at(self, seconds: int) -> float:
        """The value at a whole number of seconds from time 0, which may be negative."""
        block, offset = divmod(seconds, _BLOCK)
        left, right = 0, _BLOCK
        low, high = self._edge(block), self._edge(block + 1)
        while offset != left:
            middle = (left + right) // 2
            value = self._midpoint(block, left, right, (low + high) / 2)
            if offset < middle:
                right, high = middle, value
            else:
                left, low = middle, value
        return low

    def _midpoint(self, block: int, left: int, right: int, mean: float) -> float:
        node = (block, left, right)
        value = self._cache.get(node)
        if value is None:
            if len(self._cache) > _CACHE_LIMIT:
                self._cache.clear()
            value = mean + math.sqrt(right - left) / 2 * self._normal(*node)
            self._cache[node] = value
        return value

    def _edge(self, block: int) -> float:
        step = 1 if block >= 0 else -1
        known = block
        while known not in self._edges:
            known -= step
        while known != block:
            increment = math.sqrt(_BLOCK) * self._normal("edge", min(known, known + step))
            self._edges[known + step] = self._edges[known] + step * increment
            known += step
        return self._edges[block]

    def _normal(self, *node: object) -> float:
        return _NORMAL.inv_cdf(draw(*self._key, *node))


class SeededPath:
    """Geometric Brownian motion around the configured price, sharing one motion with all assets."""

    def __init__(self, asset: AssetConfig, own: BrownianMotion, shared: BrownianMotion, origin: float) -> None:
        """The price is the configured one at `origin`."""
        self._asset = asset
        self._own = own
        self._shared = shared
        self._origin = math.floor(origin)

    def price(self, at: float) -> Decimal | None:
        """USD per unit; changes once a second of market time."""
        asset = self._asset
        seconds = math.floor(at) - self._origin
        motion = asset.correlation * self._shared.at(seconds)
        motion += math.sqrt(1 - asset.correlation**2) * self._own.at(seconds)
        growth = (asset.drift - asset.volatility**2 / 2) * seconds / _YEAR
        return _exact(float(asset.price) * math.exp(growth + asset.volatility * motion / math.sqrt(_YEAR)))

    def instants(self, start: float, end: float) -> list[float]:
        """A shared dyadic grid: its points cost least."""
        return dyadic_instants(start, end, self._origin)


class PeggedPath:
    """A stablecoin: glides between points a few basis points off its price."""

    def __init__(self, price: Decimal, *key: object) -> None:
        """Equal keys give equal paths."""
        self._price = float(price)
        self._key = key

    def price(self, at: float) -> Decimal | None:
        """USD per unit."""
        index, offset = divmod(math.floor(at), _PEG_STEP)
        before, after = (2 * draw(*self._key, index + k) - 1 for k in (0, 1))
        deviation = before + (after - before) * offset / _PEG_STEP
        return _exact(self._price * (1 + _PEG_WIDTH * deviation))

    def instants(self, start: float, end: float) -> list[float]:
        """A shared dyadic grid."""
        return dyadic_instants(start, end, 0.0)


class ReplayPath:
    """Closes from a file: known from the first row that has one; the last one holds for ever."""

    def __init__(self, times: list[float], closes: list[Decimal], *, glide: bool) -> None:
        """Two lists of equal length, times ascending."""
        self._times = times
        self._closes = closes
        self._glide = glide

    def price(self, at: float) -> Decimal | None:
        """The last close at or before `at`, or the point between two closes; None before the first."""
        index = bisect_right(self._times, at) - 1
        if index < 0:
            return None
        close = self._closes[index]
        if not self._glide or index + 1 == len(self._times):
            return close
        share = (at - self._times[index]) / (self._times[index + 1] - self._times[index])
        return close + (self._closes[index + 1] - close) * Decimal(repr(round(share, 6)))

    def instants(self, start: float, end: float) -> list[float]:
        """The rows of the file within the interval: between them nothing is lower or higher."""
        first, last = bisect_right(self._times, start), bisect_right(self._times, end)
        return [start, *self._times[first:last], end]


def read_closes(file: Path, *, glide: bool) -> dict[str, ReplayPath]:
    """Read `timestamp,BTC,ETH,…` (ISO 8601 or epoch seconds, ascending); an empty cell is not listed yet.

    Raises ValueError that names the line and the column of what cannot be read.
    """
    with file.open(newline="", encoding="utf-8-sig") as handle:
        reader = csv.reader(handle)
        header = next(reader, [])
        if len(header) < 2 or header[0] != "timestamp":
            raise ValueError(f"{file.name}: the header must read timestamp,ASSET,… and not {header}")
        series: dict[str, tuple[list[float], list[Decimal]]] = {name: ([], []) for name in header[1:]}
        latest = -math.inf
        for line, row in enumerate(reader, start=2):
            latest = _read_row(f"{file.name}:{line}", row, latest, series)
    return {name: ReplayPath(times, closes, glide=glide) for name, (times, closes) in series.items()}


def _read_row(place: str, row: list[str], latest: float, series: dict[str, tuple[list[float], list[Decimal]]]) -> float:
    if len(row) != len(series) + 1:
        raise ValueError(f"{place}: {len(row)} cells where the header has {len(series) + 1}")
    at = _instant(place, row[0])
    if at <= latest:
        raise ValueError(f"{place}: timestamp {row[0]} does not come after the one before it")
    for cell, (name, (times, closes)) in zip(row[1:], series.items(), strict=True):
        if cell.strip():
            try:
                close = Decimal(cell.strip())
            except ArithmeticError:
                close = Decimal("NaN")
            if not (close.is_finite() and close > 0):
                raise ValueError(f"{place}: {name} must be a price above 0 or empty, not {cell}")
            times.append(at)
            closes.append(close)
    return at


def _instant(place: str, text: str) -> float:
    try:
        if text.strip().replace(".", "", 1).isdecimal():
            return float(text)
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{place}: timestamp {text} is not an ISO 8601 date and time") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _exact(value: float) -> Decimal:
    return Decimal(f"{value:.10g}")
