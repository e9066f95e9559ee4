"""The signs that a venue shows of being unwell, one function for each thing that is looked at. Nothing is weighed here.

A function gives the signs of its kinds, or None where what it looks at is not known: then what stood before stands on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.decide.guards.venue_prices import PriceGap, is_usable
from engine.model.errors import Fault
from engine.model.health import HealthLimits, SignKind, StandingSign
from engine.model.money import ONE, ZERO
from engine.model.portfolio import VenueHealth, VenueSnapshot
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.venue_signals import NOTHING_KNOWN, CallOutcomes, CoinState, Signal, VenueSignals

BY_THE_VENUE: Final = (Fault.NETWORK, Fault.KEY, Fault.OTHER)
"""Not that we asked too often, and not maintenance, which has a patience of its own."""
CLEARS_AT: Final = Decimal("0.8")
"""A figure that was beyond its limit is still too high until it is a fifth below: else a sign comes and goes."""
R: Final = ReasonCode


@dataclass(frozen=True, slots=True)
class Around:
    """What a venue is judged beside: the other venues, and what nobody has explained."""

    gap: PriceGap | None = None
    stands_still: bool = False
    """Its books have not changed for a while in which those of another venue have."""
    dropped: Decimal | None = ZERO
    """What is gone without a word, as a fraction of what lay there; None where that cannot be priced."""
    dropped_since: datetime | None = None
    own_connection: bool = False
    """Calls to every venue fail."""


@dataclass(frozen=True, slots=True)
class Case:
    """One venue at one look, with what stood before."""

    venue: VenueSnapshot
    around: Around
    earlier: Mapping[SignKind, StandingSign]
    limits: HealthLimits
    now: datetime

    @property
    def signals(self) -> VenueSignals:
        """What is known of it."""
        return self.venue.signals or NOTHING_KNOWN

    def stood(self, kind: SignKind) -> datetime:
        """Since when a sign that is there now has been."""
        return self.earlier[kind].since if kind in self.earlier else self.now

    def is_beyond(self, kind: SignKind, figure: Decimal, limit: Decimal) -> bool:
        """Strictly beyond a limit; once it is, until it is well below."""
        return figure > (limit * CLEARS_AT if kind in self.earlier else limit)


Signs = list[StandingSign] | None
Look = Callable[[Case], Signs]


def signs_of(case: Case) -> tuple[StandingSign, ...]:
    """All signs that stand, in the order of their kinds."""
    found: list[StandingSign] = []
    for kinds, look in LOOKS:
        seen = look(case)
        found += [case.earlier[kind] for kind in kinds if kind in case.earlier] if seen is None else seen
    return tuple(sorted(found, key=lambda sign: sign.kind))


def _calls(case: Case) -> Signs:
    calls, limits = case.signals.calls, case.limits
    if calls is None:
        return None
    why = _why_calls(case, calls)
    found, by_it = list[StandingSign](), calls.failed_by(*BY_THE_VENUE)
    if calls.all_failed >= limits.calls_fail:
        since = case.stood(SignKind.CALLS_FAIL)
        found.append(StandingSign(SignKind.CALLS_FAIL, since, Decimal(calls.all_failed), why))
    if by_it >= limits.most_calls_fail:
        # Time in which the fault was more likely ours does not count against the venue.
        since = case.now if case.around.own_connection else case.stood(SignKind.MOST_CALLS_FAIL)
        found.append(StandingSign(SignKind.MOST_CALLS_FAIL, since, Decimal(by_it), why))
    return found


def _why_calls(case: Case, calls: CallOutcomes) -> Reason:
    name, failed, looked_at = case.venue.name, calls.all_failed, calls.looked_at
    if case.around.own_connection:
        return reason(R.HEALTH_OWN_CONNECTION, venue=name, failed=failed, looked_at=looked_at)
    return reason(R.HEALTH_CALLS_FAIL, venue=name, failed=failed, looked_at=looked_at, fault=_commonest(calls))


def _commonest(calls: CallOutcomes) -> str:
    return min(calls.failed, key=lambda each: (-each[1], each[0]))[0] if calls.failed else ""


def _latency(case: Case) -> Signs:
    p95, usual = case.signals.latency_p95, case.signals.latency_usual
    if p95 is None:
        return None
    took, limit = _seconds(p95), _seconds(case.limits.slow)
    if not case.is_beyond(SignKind.SLOW, took, limit):
        return []
    figures = {"p95_seconds": took, "usual_seconds": _seconds(usual or p95), "limit_seconds": limit}
    why = reason(R.HEALTH_SLOW, venue=case.venue.name, **figures)
    return [StandingSign(SignKind.SLOW, case.stood(SignKind.SLOW), took, why)]


def _clock(case: Case) -> Signs:
    if case.signals.clock_skew is None:
        return None
    skew, limit = _seconds(case.signals.clock_skew), _seconds(case.limits.clock_skew)
    if not case.is_beyond(SignKind.CLOCK_OFF, abs(skew), limit):
        return []
    why = reason(R.HEALTH_CLOCK_OFF, venue=case.venue.name, skew_seconds=skew, limit_seconds=limit)
    return [StandingSign(SignKind.CLOCK_OFF, case.stood(SignKind.CLOCK_OFF), abs(skew), why)]


def _status(case: Case) -> Signs:
    """Down by its own word: its status page's, or that of most calls."""
    signals, kind = case.signals, SignKind.NOT_ONLINE
    away = signals.calls.failed_by(Fault.MAINTENANCE) if signals.calls else 0
    if signals.online is None and away < case.limits.most_calls_fail:
        return None
    if signals.online and away < case.limits.most_calls_fail:
        return []
    since, words = case.stood(kind), signals.status if signals.online is False else Fault.MAINTENANCE.value
    why = reason(R.HEALTH_NOT_ONLINE, venue=case.venue.name, status=words, since=since)
    return [StandingSign(kind, since, ONE, why)]


def _books(case: Case) -> Signs:
    venue = case.venue
    if venue.health is VenueHealth.UNREACHABLE or not venue.instruments:
        return None
    markets = len(venue.instruments)
    unusable = markets - sum(1 for book in venue.books if is_usable(book, case.now, case.limits.book_age))
    if case.around.stands_still:
        unusable = markets
    if unusable * 2 <= markets:
        return []
    why = reason(R.HEALTH_BOOKS_UNUSABLE, venue=venue.name, unusable=unusable, markets=markets)
    return [StandingSign(SignKind.BOOKS_UNUSABLE, case.stood(SignKind.BOOKS_UNUSABLE), Decimal(unusable), why)]


def _withdrawals(case: Case) -> Signs:
    def is_closed(coin: CoinState) -> bool | None:
        return None if coin.withdraw is None else not coin.withdraw

    return _closed(case, SignKind.WITHDRAWALS_CLOSED, R.HEALTH_WITHDRAWALS_CLOSED, is_closed)


def _deposits(case: Case) -> Signs:
    def is_closed(coin: CoinState) -> bool | None:
        return None if coin.deposit is None else not coin.deposit

    return _closed(case, SignKind.DEPOSITS_CLOSED, R.HEALTH_DEPOSITS_CLOSED, is_closed)


def _closed(case: Case, kind: SignKind, code: ReasonCode, is_closed: Callable[[CoinState], bool | None]) -> Signs:
    coins = case.signals.coins
    if not case.signals.tells(Signal.COINS) or (coins and all(is_closed(coin) is None for coin in coins)):
        return None
    before = case.earlier[kind].subjects if kind in case.earlier else ()
    # A coin that was closed and is not told of now has not been opened by that.
    shut = [c for c in coins if is_closed(c) or (is_closed(c) is None and c.asset in before)]
    if not shut:
        return []
    since = case.stood(kind)
    if kind is SignKind.WITHDRAWALS_CLOSED:
        since = min([since, *(coin.closed_since for coin in shut if coin.closed_since)])
    names = tuple(coin.asset for coin in shut)
    why = reason(code, venue=case.venue.name, assets=", ".join(names), since=since)
    return [StandingSign(kind, since, Decimal(len(shut)), why, names)]


def _pending(case: Case) -> Signs:
    since = case.signals.pending_since
    if not case.signals.tells(Signal.WITHDRAWALS):
        return None
    if since is None or case.now - since < case.limits.pending_degrades:
        return []
    age = _seconds(case.now - since)
    why = reason(R.HEALTH_WITHDRAWAL_PENDING, venue=case.venue.name, since=since, age_seconds=age)
    return [StandingSign(SignKind.WITHDRAWAL_PENDING, since, age, why)]


def _key(case: Case) -> Signs:
    signals, name = case.signals, case.venue.name
    if not signals.tells(Signal.KEY):
        return None
    if signals.rights_gained:
        since = case.stood(SignKind.KEY_GAINED_RIGHTS)
        why = reason(R.HEALTH_KEY_GAINED_RIGHTS, venue=name, rights=", ".join(signals.rights_gained))
        return [StandingSign(SignKind.KEY_GAINED_RIGHTS, since, ONE, why, signals.rights_gained)]
    if signals.key_problem:
        why = reason(R.HEALTH_KEY_UNUSABLE, venue=name, problem=signals.key_problem)
        return [StandingSign(SignKind.KEY_UNUSABLE, case.stood(SignKind.KEY_UNUSABLE), ONE, why)]
    return []


def _price(case: Case) -> Signs:
    gap, limits = case.around.gap, case.limits
    if gap is None:
        return None
    found = list[StandingSign]()
    for kind, limit in ((SignKind.PRICE_OFF, limits.price_off), (SignKind.PRICE_FAR_OFF, limits.price_far_off)):
        if case.is_beyond(kind, gap.deviation, limit):
            since = case.stood(kind)
            figures = {"deviation": gap.deviation, "limit": limit}
            words = {"venue": case.venue.name, "witnesses": str(gap.witnesses)}
            why = reason(R.HEALTH_PRICE_OFF, since=since, **words, **figures)
            # Of two venues that contradict each other, nobody can tell by the price alone which is wrong.
            found.append(StandingSign(kind, since, gap.deviation, why, can_halt=gap.witnesses > 1))
    return found


def _drop(case: Case) -> Signs:
    share, kind = case.around.dropped, SignKind.BALANCE_DROPPED
    if share is None:
        return None
    if share <= case.limits.balance_drop:
        return []
    since = case.around.dropped_since or case.stood(kind)
    why = reason(R.HEALTH_BALANCE_DROPPED, venue=case.venue.name, share=share, since=since)
    return [StandingSign(kind, since, share, why)]


def _seconds(duration: timedelta) -> Decimal:
    return Decimal(duration // timedelta(milliseconds=1)) / 1000


LOOKS: Final[tuple[tuple[tuple[SignKind, ...], Look], ...]] = (
    ((SignKind.CALLS_FAIL, SignKind.MOST_CALLS_FAIL), _calls),
    ((SignKind.SLOW,), _latency),
    ((SignKind.CLOCK_OFF,), _clock),
    ((SignKind.NOT_ONLINE,), _status),
    ((SignKind.BOOKS_UNUSABLE,), _books),
    ((SignKind.WITHDRAWALS_CLOSED,), _withdrawals),
    ((SignKind.DEPOSITS_CLOSED,), _deposits),
    ((SignKind.WITHDRAWAL_PENDING,), _pending),
    ((SignKind.KEY_UNUSABLE, SignKind.KEY_GAINED_RIGHTS), _key),
    ((SignKind.PRICE_OFF, SignKind.PRICE_FAR_OFF), _price),
    ((SignKind.BALANCE_DROPPED,), _drop),
)
"""What is looked at, and the kinds of signs that it can show."""


SUSPICIOUS: Final = frozenset(
    {SignKind.WITHDRAWALS_CLOSED, SignKind.WITHDRAWAL_PENDING, SignKind.BALANCE_DROPPED, SignKind.BOOKS_UNUSABLE}
)
"""Signs that make a venue's prices no witness against others: what lies there may be worth less than elsewhere."""
