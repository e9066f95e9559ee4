"""The purchases and losses of the last weeks, which a sale or a purchase of now may clash with. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.model.ids import Asset
from engine.model.lots import Entry, EntryKind, Match
from engine.model.money import ZERO, Money, exact
from engine.model.plan_tax import RecentTrade

CLASH: Final = timedelta(days=30)
"""The window of the wash sale, the superficial loss and the 30-day rule alike."""


@exact
def recent_trades(entries: Iterable[Entry], matches: Iterable[Match], now: datetime) -> tuple[RecentTrade, ...]:
    """Of every asset, the last purchase, sale, and sale at a loss within the window, in the order of their names."""
    since = now - CLASH
    bought: dict[Asset, datetime] = {}
    for entry in entries:
        if entry.kind is EntryKind.ACQUIRE and since <= entry.at <= now:
            bought[entry.asset] = max(entry.at, bought.get(entry.asset, entry.at))
    losses: dict[tuple[Asset, datetime, str], Decimal] = defaultdict(lambda: ZERO)
    for match in matches:
        if match.gain is not None and since <= match.at <= now:
            losses[match.asset, match.at, match.entry] += match.gain
    sold = {(asset, at): gain for (asset, at, _), gain in sorted(losses.items())}
    at_a_loss = {place: gain for place, gain in sold.items() if gain < 0}
    told = {*dict(sorted(sold)).items(), *dict(sorted(at_a_loss)).items()}
    return (
        *(RecentTrade(asset, at, is_sale=False) for asset, at in sorted(bought.items())),
        *(RecentTrade(*place, is_sale=True, loss=Money(max(-sold[place], ZERO))) for place in sorted(told)),
    )
