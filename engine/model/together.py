"""How far assets move together: what statistics of past prices come to, as the decimals that are decided by."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.model.ids import Asset


@dataclass(frozen=True, slots=True)
class MeasuredPair:
    """Two assets, the first by name first, and their correlation."""

    first: Asset
    second: Asset
    correlation: Decimal

    @property
    def name(self) -> str:
        """BTC/ETH."""
        return pair_name(self.first, self.second)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A figure of now against its own past."""

    now: Decimal
    days: int
    """So many days it is known for."""
    needed: int
    """So many it takes to tell what is usual; with fewer, the figures below are None."""
    enter: Decimal | None
    """The quantile of its past at which something begins ..."""
    leave: Decimal | None
    """... and the one at which it is over."""
    rank: Decimal | None
    """The share of those days on which it was lower."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An asset that too little is known of: its days, alone or in common with the others, and how many it takes."""

    asset: Asset
    days: int
    needed: int


@dataclass(frozen=True, slots=True)
class Together:
    """Of the assets that enough is known of. Of fewer than two, there is neither an average nor a pair."""

    assets: tuple[Asset, ...]
    left_out: tuple[LeftOut, ...]
    average: Ranked | None = None
    bets: Ranked | None = None
    pairs: tuple[MeasuredPair, ...] = ()
    """Every pair, the most correlated first."""


def pair_name(first: Asset, second: Asset) -> str:
    """What a pair is called, and how a condition names it."""
    return f"{first}/{second}"
