"""Past prices of several assets on one grid of instants, and the log returns between its neighbours.

The grid is that of whole steps since 1970 in UTC: ends of days, or full hours. A point's price is the last one of the
step that ends there; a step that is not over yet has none, so that all looks within it see the same panel. A step
without a price stays empty: it has no return, and neither has the step after it. No price is carried on or made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

import numpy as np

from engine.decide.statistics.arrays import Floats, Whole, fixed
from engine.decide.statistics.memo import Slot
from engine.model.decision import PriceSeries
from engine.model.ids import Asset
from engine.model.market import Close

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
YEAR: Final = timedelta(days=365)
LONGEST: Final = timedelta(days=6 * 365)
"""What is older than this, seen from the newest price, is left out: it has no weight, and takes memory."""
MOST_SERIES: Final = 64
MOST_PANELS: Final = 8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MICROSECONDS_IN_ONE: Final = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class ReturnsPanel:
    """A column for each asset, a row for each step. The same object for the same prices, as long as it is remembered.

    `log_prices` has one row more than `returns`: row n of these leads from point n to point n + 1. NaN is unknown.
    """

    assets: tuple[Asset, ...]
    step: timedelta
    first_step: int
    """The first point, in whole steps since 1970."""
    log_prices: Floats
    returns: Floats

    @property
    def last(self) -> datetime:
        """The last point at which anything has a price."""
        return self.instant(len(self.log_prices) - 1)

    def instant(self, point: int) -> datetime:
        """When a row of `log_prices` was."""
        return _EPOCH + (self.first_step + int(point)) * self.step

    def known(self) -> dict[Asset, int]:
        """How many returns each asset has."""
        counts = np.isfinite(self.returns).sum(axis=0)
        return {asset: int(count) for asset, count in zip(self.assets, counts, strict=True)}

    def known_beside(self, others: Sequence[Asset]) -> dict[Asset, int]:
        """How many returns each asset has on the steps at which all of `others` have one."""
        finite = np.isfinite(self.returns)
        shared = np.take(finite, [self.assets.index(asset) for asset in others], axis=1).all(axis=1)
        counts = finite[shared].sum(axis=0)
        return {asset: int(count) for asset, count in zip(self.assets, counts, strict=True)}

    def day_ends(self) -> Whole:
        """The rows of `returns` that are the last of their day in UTC, and the last of all."""
        ends = (self.first_step + 1 + np.arange(len(self.returns), dtype=np.int64)) * _microseconds(self.step)
        days = -(-ends // _microseconds(DAY))
        is_last = np.append(days[1:] != days[:-1], True) if len(days) else np.zeros(0, dtype=np.bool_)
        return np.flatnonzero(is_last).astype(np.int64)


def returns_panel(
    history: Sequence[PriceSeries], assets: Sequence[Asset], now: datetime, step: timedelta = DAY
) -> ReturnsPanel | None:
    """The panel of these assets, in this order, of the steps that were over at an instant.

    An asset of which nothing is known has a column without prices. None where nothing is known of any.
    """
    series = {each.asset: each for each in history}
    sources = tuple(series.get(asset) for asset in assets)
    last = (now - _EPOCH) // step
    slot = _panel_slot(tuple(assets), step)
    return slot.of(sources, last, lambda: _panel(tuple(assets), sources, last, step))


def _panel(
    assets: tuple[Asset, ...], sources: tuple[PriceSeries | None, ...], last: int, step: timedelta
) -> ReturnsPanel | None:
    columns = [_on_grid(each, last, step) for each in sources]
    begun = [steps for steps, _ in columns if len(steps)]
    if not begun:
        return None
    end = max(int(steps[-1]) for steps in begun)
    first = max(min(int(steps[0]) for steps in begun), end - LONGEST // step)
    log_prices = np.full((end - first + 1, len(assets)), np.nan)
    for number, (steps, prices) in enumerate(columns):
        recent = steps >= first
        # Where a step has several prices, the last one assigned stays: that is the step's last price.
        log_prices[steps[recent] - first, number] = prices[recent]
    return ReturnsPanel(assets, step, first, fixed(log_prices), fixed(np.diff(log_prices, axis=0)))


def _on_grid(series: PriceSeries | None, last: int, step: timedelta) -> tuple[Whole, Floats]:
    """To which steps a series' prices belong, none after `last`, in the order of time; a price must be above zero."""
    if series is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    slot = _read_slot(series.asset)
    read = slot.of((series,), 0, lambda: _read(series.closes, slot.last))
    steps = -(-read.instants // _microseconds(step))
    order = np.argsort(read.instants, kind="stable")
    order = order[(steps[order] <= last) & np.isfinite(read.log_prices[order])]
    return steps[order], read.log_prices[order]


@dataclass(frozen=True, slots=True)
class _Read:
    """Closes, their instants in microseconds since 1970, and the logarithms of the prices; NaN where there is none."""

    closes: tuple[Close, ...]
    instants: Whole
    log_prices: Floats


def _read(closes: tuple[Close, ...], before: _Read | None) -> _Read:
    """What follows on closes that were read before is read alone: a series grows at its end, and loses its oldest."""
    if before is not None and closes:
        dropped = int(np.searchsorted(before.instants, _instants(closes[:1])[0]))
        shared = before.closes[dropped:]
        if shared and closes[: len(shared)] == shared:
            fresh = closes[len(shared) :]
            instants = np.append(before.instants[dropped:], _instants(fresh))
            return _Read(closes, instants, np.append(before.log_prices[dropped:], _log_prices(fresh)))
    return _Read(closes, _instants(closes), _log_prices(closes))


def _instants(closes: tuple[Close, ...]) -> Whole:
    seconds = np.array([at.timestamp() for at, _ in closes], dtype=np.float64)
    return np.rint(seconds * _MICROSECONDS_IN_ONE).astype(np.int64)


def _log_prices(closes: tuple[Close, ...]) -> Floats:
    prices = np.array([float(price) for _, price in closes], dtype=np.float64)
    return np.log(prices, out=np.full_like(prices, np.nan), where=prices > 0)


@lru_cache(maxsize=MOST_PANELS)
def _panel_slot(assets: tuple[Asset, ...], step: timedelta) -> Slot[ReturnsPanel | None]:  # noqa: ARG001
    return Slot()


@lru_cache(maxsize=MOST_SERIES)
def _read_slot(asset: Asset) -> Slot[_Read]:  # noqa: ARG001
    return Slot()


def _microseconds(span: timedelta) -> int:
    return span // _MICROSECOND
