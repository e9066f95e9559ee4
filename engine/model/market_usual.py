"""What is usual on a market: what a day trades there, how far bid and ask are apart, and how much lies near them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.ids import Asset
from engine.model.money import Bps, Quantity


@dataclass(frozen=True, slots=True)
class MarketUsual:
    """Of one market of one venue, by what was seen before now. What too little is known of is None."""

    base: Asset
    quote: Asset
    hours: int = 0
    """So many hours it was looked at within the last week, each once."""
    spread_bps: Bps | None = None
    """Between bid and ask, of the price in their middle: the median of those hours."""
    depth: Quantity | None = None
    """The base near the best price, on the side that holds less of it: the median of the hours with whole books."""
    day_volume: Quantity | None = None
    """What a day trades, in base: the median of the last week."""

    @property
    def symbol(self) -> str:
        """BASE/QUOTE."""
        return f"{self.base}/{self.quote}"
