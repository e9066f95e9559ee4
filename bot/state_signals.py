"""What a state file says of how venues are doing, and of what is usual on their markets, as the engine's records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.config.fields import number
from bot.config.mistakes import Mistake, path_text
from bot.json_text import Loc
from bot.state_schema import JudgedEntry, QuestionEntry, SignalsEntry, SignEntry, VenueEntry
from engine.model.health import StandingSign, VenueStanding
from engine.model.ids import VenueName
from engine.model.ledger import BalanceChange, Question
from engine.model.market_usual import MarketUsual
from engine.model.money import ZERO, Bps, Quantity
from engine.model.portfolio import VenueHealth
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.venue_signals import CallOutcomes, CoinState, Signal, VenueSignals

FROM_A_FILE: Final[Reason] = reason(ReasonCode.TOLD_BY_FILE)
TOLD_BY: Final[Mapping[Signal, tuple[str, ...]]] = {
    Signal.CALLS: ("calls",),
    Signal.LATENCY: ("latency_p95_seconds", "latency_usual_seconds"),
    Signal.CLOCK: ("clock_skew_seconds",),
    Signal.STATUS: ("online", "status"),
    Signal.COINS: ("coins",),
    Signal.WITHDRAWALS: ("pending_since",),
    Signal.KEY: ("key_problem", "rights_gained"),
}
"""The keys that tell a signal."""


def signals_of(entry: SignalsEntry) -> VenueSignals:
    """What is known of a venue."""
    calls = entry.calls
    return VenueSignals(
        calls=CallOutcomes(calls.looked_at, tuple(calls.failed.items())) if calls is not None else None,
        latency_p95=entry.latency_p95_seconds,
        latency_usual=entry.latency_usual_seconds,
        clock_skew=entry.clock_skew_seconds,
        online=entry.online,
        status=entry.status,
        coins=tuple(CoinState(c.asset, c.deposit, c.withdraw, c.closed_since) for c in entry.coins),
        pending_since=entry.pending_since,
        key_problem=entry.key_problem,
        rights_gained=tuple(entry.rights_gained),
        books_still_since=entry.books_still_since,
        unavailable=tuple(entry.unavailable),
    )


def usual_of(venue: VenueEntry) -> tuple[MarketUsual, ...]:
    """What is usual on the markets of which the file says it, in the order of their symbols."""
    told = [(m.base, m.quote, m.usual) for m in venue.markets if m.usual is not None]
    return tuple(
        MarketUsual(
            base=base,
            quote=quote,
            hours=usual.hours,
            spread_bps=None if usual.spread_bps is None else Bps(usual.spread_bps),
            depth=None if usual.depth is None else Quantity(usual.depth),
            day_volume=None if usual.day_volume is None else Quantity(usual.day_volume),
        )
        for base, quote, usual in sorted(told, key=lambda market: market[:2])
    )


def judgements_of(entries: Iterable[JudgedEntry]) -> tuple[VenueStanding, ...]:
    """How venues were judged last, in the order of their names."""
    return tuple(_standing(entry) for entry in sorted(entries, key=lambda entry: entry.venue))


def questions_of(entries: Iterable[QuestionEntry]) -> tuple[Question, ...]:
    """What nobody has explained, the oldest first."""
    ordered = sorted(entries, key=lambda entry: (entry.since, entry.venue, sorted(entry.changes.items())))
    return tuple(
        Question(
            id=f"q{place}",
            venue=VenueName(entry.venue),
            changes=tuple(BalanceChange(asset, Quantity(change)) for asset, change in sorted(entry.changes.items())),
            since=entry.since,
        )
        for place, entry in enumerate(ordered, 1)
    )


def signal_mistakes(signals: Mapping[str, object], loc: Loc) -> Iterator[Mistake]:
    """What contradicts itself in what is told of a venue, by the file's own content."""
    unavailable = signals.get("unavailable")
    for place, name in enumerate(unavailable if isinstance(unavailable, list) else ()):
        told = next((key for key in _keys_of(name) if key in signals), None)
        if told is not None:
            problem = f"{name} cannot be unavailable and told of in {told}; remove one of both"
            yield Mistake(path_text((*loc, "unavailable", place)), problem)
    calls = signals.get("calls")
    if isinstance(calls, dict) and _is_more_than_all(calls.get("failed"), calls.get("looked_at")):
        problem = "no more calls can have failed than were looked at; raise looked_at or lower it"
        yield Mistake(path_text((*loc, "calls", "failed")), problem)


def _keys_of(name: object) -> tuple[str, ...]:
    return TOLD_BY[Signal(name)] if isinstance(name, str) and name in {*Signal} else ()


def _is_more_than_all(failed: object, looked_at: object) -> bool:
    try:
        counts = [number(count) for count in failed.values()] if isinstance(failed, dict) else []
        return sum(counts, ZERO) > number(looked_at)
    except ValueError:
        # One of them is no number: that is a mistake of its own.
        return False


def _standing(entry: JudgedEntry) -> VenueStanding:
    return VenueStanding(
        venue=VenueName(entry.venue),
        health=entry.health,
        since=entry.since,
        signs=_signs(entry.signs),
        clean_since=entry.clean_since,
        accepted=_signs(entry.accepted),
        halted_by=(FROM_A_FILE,) if entry.health is VenueHealth.HALTED else (),
    )


def _signs(entries: Iterable[SignEntry]) -> tuple[StandingSign, ...]:
    ordered = sorted(entries, key=lambda entry: entry.kind)
    return tuple(StandingSign(e.kind, e.since, e.measure, FROM_A_FILE, tuple(e.subjects)) for e in ordered)
