"""How coins move together, made with few words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import combinations

from engine.model.ids import Asset
from engine.model.together import LeftOut, MeasuredPair, Ranked, Together

CORRELATIONS = {("BTC", "ETH"): "0.9254", ("BTC", "SOL"): "0.71", ("ETH", "SOL"): "0.7841"}


def ranked(now: str, rank: str | None, days: int = 151) -> Ranked:
    known = None if rank is None else Decimal(rank)
    return Ranked(Decimal(now), days, 90, known and Decimal("0.9"), known and Decimal("0.7"), known)


AVERAGE, BETS = ranked("0.8065", "0.62"), ranked("1.7334", "0.3245")


def together(
    correlations: Mapping[tuple[str, str], str] = CORRELATIONS,
    average: Ranked = AVERAGE,
    bets: Ranked = BETS,
    left_out: Mapping[str, int] | None = None,
) -> Together:
    """What is measured of these pairs."""
    pairs = [MeasuredPair(Asset(one), Asset(other), Decimal(c)) for (one, other), c in correlations.items()]
    return Together(
        assets=tuple(sorted({Asset(name) for pair in correlations for name in pair})),
        left_out=tuple(LeftOut(Asset(name), days, 30) for name, days in (left_out or {}).items()),
        average=average,
        bets=bets,
        pairs=tuple(sorted(pairs, key=lambda pair: (-pair.correlation, pair.name))),
    )


def of_many(count: int) -> Together:
    """Coins whose correlations run from 0.99 down, some of them below zero."""
    names = [f"C{number:02d}" for number in range(count)]
    pairs = list(combinations(names, 2))
    step = Decimal("1.2") / len(pairs)
    return together(
        {pair: str((Decimal("0.99") - place * step).quantize(Decimal("0.0001"))) for place, pair in enumerate(pairs)}
    )
