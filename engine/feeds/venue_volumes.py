"""What a day trades on a market, as its venue tells: asked for once a day and kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from engine.model.errors import VenueError
from engine.model.ids import VenueName
from engine.model.market import Instrument
from engine.model.money import Quantity, exact
from engine.ports import Venue

LOOKED_BACK: Final = timedelta(days=7)
LEAST_DAYS: Final = 3
"""Of fewer days it is not known what a day trades."""
ASKED_AGAIN_AFTER: Final = timedelta(hours=24)
ASKED_AGAIN_AFTER_SILENCE: Final = timedelta(minutes=10)
LONGEST_ANSWER: Final = timedelta(seconds=20)
"""A look waits for it: what does not come by then comes with a later one."""

Key = tuple[VenueName, str]


@dataclass(frozen=True, slots=True)
class _Told:
    asked_at: datetime
    volume: Quantity | None


class VenueVolumes:
    """The day's volumes of what some venues trade. Its own notes are all that it keeps."""

    def __init__(self, venues: Mapping[VenueName, Venue]) -> None:
        self._venues = venues
        self._told: dict[Key, _Told] = {}

    async def day_volumes(self, markets: Sequence[Instrument], now: datetime) -> Mapping[Key, Quantity]:
        """What a day trades on these markets, in base, by venue and symbol; without those of which it is not known.

        Never raises for a venue's sake.
        """
        due = {(m.venue, m.symbol): m for m in markets if self._is_due((m.venue, m.symbol), now)}
        asked = await asyncio.gather(*(self._ask(market, now) for market in due.values()))
        self._told |= {key: _Told(now, volume) for key, volume in zip(due, asked, strict=True)}
        keys = [(market.venue, market.symbol) for market in markets]
        return {key: told.volume for key in keys if (told := self._told.get(key)) and told.volume is not None}

    def _is_due(self, key: Key, now: datetime) -> bool:
        told = self._told.get(key)
        patience = ASKED_AGAIN_AFTER if told and told.volume is not None else ASKED_AGAIN_AFTER_SILENCE
        return told is None or now - told.asked_at >= patience

    async def _ask(self, market: Instrument, now: datetime) -> Quantity | None:
        venue = self._venues.get(market.venue)
        if venue is None:
            return None
        try:
            async with asyncio.timeout(LONGEST_ANSWER.total_seconds()):
                told = await venue.daily_volumes(market, now - LOOKED_BACK)
        except (VenueError, TimeoutError):
            return None
        return _usual([volume for _, volume in told])


@exact
def _usual(volumes: Sequence[Quantity]) -> Quantity | None:
    return Quantity(median(volumes)) if len(volumes) >= LEAST_DAYS else None
