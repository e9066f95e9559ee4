"""When the slices of a leg are due: evenly over the horizon, or where the day's volume lies, each a bit off the beat.

The beat is hidden from those who look for it, and the same for the same plan: the jitter is drawn from the plan's and
the leg's names, so that a process that comes back after a crash finds the very instants of the one before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.model.ids import LegId, PlanId
from engine.model.money import exact, total
from engine.model.plan import PlanTrigger
from engine.model.plan_facts import Pace
from engine.model.policy import Limits, Slicing

HOUR: Final = timedelta(hours=1)
MICROSECOND: Final = timedelta(microseconds=1)
HOURS_OF_DAY: Final = 24
DRAWN_FROM: Final = Decimal(2**32)
VOLUME_BY_HOUR: Final = tuple(
    Decimal(share)
    for share in (44, 40, 36, 32, 31, 31, 34, 38, 40, 37, 36, 38, 46, 59, 69, 65, 58, 48, 43, 42, 38, 30, 32, 33)
)
"""The day's volume by the hour in UTC, in thousandths: medians of BTC, ETH and SOL against USDT since 2022."""


def pace_of(limits: Limits, trigger: PlanTrigger) -> Pace:
    """How a plan's orders go out under a policy's limits. A risk exit takes minutes, and waits for no maker's fill."""
    urgent = trigger is PlanTrigger.RISK
    return Pace(
        horizon=min(limits.horizon, limits.risk_horizon) if urgent else limits.horizon,
        jitter=limits.jitter,
        volume_by_hour=VOLUME_BY_HOUR if limits.slicing is Slicing.VWAP else (),
        maker_wait=None if urgent else limits.maker_wait,
        slippage=limits.max_slippage_bps,
    )


@exact
def due_times(pace: Pace, start: datetime, count: int, plan: PlanId, leg: LegId) -> tuple[datetime, ...]:
    """When each of `count` slices is due, in their order; the first at once."""
    shares = [Decimal(number) / count for number in range(count)]
    beats = [_instant(pace, start, share) for share in shares]
    ends = [*beats[1:], start + pace.horizon]
    jittered = (
        beat + _scaled(end - beat, pace.jitter * _draw(f"{plan}|{leg}|{number}"))
        for number, (beat, end) in enumerate(zip(beats, ends, strict=True), start=1)
    )
    return (start, *list(jittered)[1:]) if count else ()


def _instant(pace: Pace, start: datetime, share: Decimal) -> datetime:
    """The instant by which so much of the horizon's volume has been traded."""
    if not pace.volume_by_hour:
        return start + _scaled(pace.horizon, share)
    parts = _parts(pace.volume_by_hour, start, start + pace.horizon)
    wanted = share * total(weight for _, _, weight in parts)
    for begin, end, weight in parts:
        if wanted < weight:
            return begin + _scaled(end - begin, wanted / weight)
        wanted -= weight
    return start + pace.horizon


def _parts(volume: Sequence[Decimal], start: datetime, end: datetime) -> list[tuple[datetime, datetime, Decimal]]:
    """The hours of the horizon, cut at its ends, each with its share of the day's volume."""
    parts = []
    begin = start
    while begin < end:
        until = min(end, begin.replace(minute=0, second=0, microsecond=0) + HOUR)
        length = Decimal((until - begin) // MICROSECOND) / (HOUR // MICROSECOND)
        parts.append((begin, until, volume[begin.hour % HOURS_OF_DAY] * length))
        begin = until
    return parts


def _scaled(duration: timedelta, share: Decimal) -> timedelta:
    return timedelta(microseconds=int(Decimal(duration // MICROSECOND) * share))


def _draw(name: str) -> Decimal:
    """A number from 0 to 1 that is the same for the same name, and looks like any other."""
    digest = hashlib.sha256(name.encode()).digest()
    return Decimal(int.from_bytes(digest[:4], "big")) / DRAWN_FROM
