"""Whether a venue can be relied on: points from its signs, and from those healthy, degraded or halted, with hysteresis.

A sign that counts is worth half of a halt, a grave one all of it. Signs of service (failed calls, slow answers, books
that stand still) mostly have one cause, so that the worst of them counts; signs that assets are not safe (withdrawals
closed or slow, prices off) count together, as several of them at once are what the past failures of exchanges began
with.

Degraded lasts until nothing has been wrong for a while; halted until a person resumes the venue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.decide.guards.health_signs import SUSPICIOUS, Around, Case, signs_of
from engine.decide.guards.venue_prices import Prices, price_gap, prices
from engine.model.errors import Fault
from engine.model.health import (
    DEGRADED_AT,
    HALTED_AT,
    HINT,
    HealthLimits,
    SignKind,
    StandingSign,
    VenueStanding,
    VenueVerdict,
)
from engine.model.ids import VenueName
from engine.model.ledger import Question
from engine.model.money import ZERO, exact, ratio
from engine.model.portfolio import Snapshot, VenueHealth, VenueSnapshot
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.venue_signals import NOTHING_KNOWN, Signal

PLACES_TO_TRADE: Final = frozenset(
    {VenueHealth.HEALTHY, VenueHealth.DEGRADED, VenueHealth.HALTED, VenueHealth.UNREACHABLE}
)
WORSE_BY: Final = Decimal("1.5")
"""So many times as bad as a person accepted it: then it counts again."""
AT_ONCE: Final = timedelta(0)

SERVICE: Final = frozenset(
    {
        SignKind.CALLS_FAIL,
        SignKind.MOST_CALLS_FAIL,
        SignKind.SLOW,
        SignKind.CLOCK_OFF,
        SignKind.NOT_ONLINE,
        SignKind.BOOKS_UNUSABLE,
    },
)
"""It does not work as it should. A person cannot accept these: with them, nothing can be traded."""


def sweep(
    snapshot: Snapshot,
    standings: Mapping[VenueName, VenueStanding],
    limits: HealthLimits,
    questions: Sequence[Question],
    now: datetime,
) -> tuple[tuple[VenueVerdict, VenueStanding], ...]:
    """Judge every venue of a snapshot that can be traded on, in the order of their names.

    To be given the snapshot as it was observed, before verdicts are put into it.
    """
    around = surroundings(snapshot, standings, limits, questions, now)
    return tuple(
        judge(venue, around[venue.name], standings.get(venue.name), limits, now)
        for venue in snapshot.venues
        if venue.name in around
    )


@exact
def judge(
    venue: VenueSnapshot, around: Around, standing: VenueStanding | None, limits: HealthLimits, now: datetime
) -> tuple[VenueVerdict, VenueStanding]:
    """Judge one venue by what it shows and by what stood before."""
    before = standing or VenueStanding(venue.name, VenueHealth.HEALTHY, now)
    signs = signs_of(Case(venue, around, {sign.kind: sign for sign in (*before.accepted, *before.signs)}, limits, now))
    counted, accepted = _apart(signs, before.accepted)
    points = {sign.kind: _points(sign, limits, now) for sign in counted}
    score = _score(points)
    is_clean = all(sign.kind is SignKind.DEPOSITS_CLOSED for sign in counted)
    clean_since = (before.clean_since or now) if is_clean else None
    why = _reasons(counted, points)
    health = _health(before, score, clean_since, limits, now)
    after = VenueStanding(
        venue=venue.name,
        health=health,
        since=before.since if health is before.health else now,
        signs=counted,
        clean_since=clean_since,
        accepted=accepted,
        halted_by=() if health is not VenueHealth.HALTED else before.halted_by or _grave(counted, points),
    )
    return VenueVerdict(venue.name, health, score, (*why, *_remarks(venue, after, score, limits))), after


def _reasons(counted: Sequence[StandingSign], points: Mapping[SignKind, int]) -> tuple[Reason, ...]:
    """Why the signs that have any points do, the gravest first, and each thing once."""
    ordered = sorted((sign for sign in counted if points[sign.kind]), key=lambda s: (-points[s.kind], s.kind))
    once = {sign.why.code: sign.why for sign in reversed(ordered)}
    return tuple(once[code] for code in dict.fromkeys(sign.why.code for sign in ordered))


def _grave(counted: Sequence[StandingSign], points: Mapping[SignKind, int]) -> tuple[Reason, ...]:
    """Why the signs halt that do so by themselves; where none does, those that do together."""
    alone = [sign for sign in counted if points[sign.kind] >= HALTED_AT]
    return _reasons(alone or [sign for sign in counted if sign.kind not in SERVICE], points)


def resumed(standing: VenueStanding, now: datetime) -> VenueStanding:
    """A venue that a person has resumed: signs that stand are accepted as they are, and others begin anew.

    What is accepted counts again where it gets worse. That it does not work cannot be accepted, but is given its
    patience anew.
    """
    accepted = {sign.kind: sign for sign in (*standing.accepted, *standing.signs) if sign.kind not in SERVICE}
    return VenueStanding(
        venue=standing.venue,
        health=VenueHealth.HEALTHY,
        since=now,
        clean_since=now,
        accepted=tuple(accepted[kind] for kind in sorted(accepted)),
    )


# --- points ----------------------------------------------------------------------------------------------------------


def _points(sign: StandingSign, limits: HealthLimits, now: datetime) -> int:
    if sign.kind is SignKind.DEPOSITS_CLOSED:
        return HINT
    degrades, halts = _patience(sign.kind, limits)
    lasted = now - sign.since
    if halts is not None and sign.can_halt and lasted >= halts:
        return HALTED_AT
    return DEGRADED_AT if lasted >= degrades else 0


def _patience(kind: SignKind, limits: HealthLimits) -> tuple[timedelta, timedelta | None]:
    """How long a sign lasts before it degrades and before it halts; None where it never halts by itself."""
    match kind:
        case SignKind.MOST_CALLS_FAIL:
            return AT_ONCE, limits.most_calls_fail_for
        case SignKind.NOT_ONLINE:
            return AT_ONCE, limits.offline_for
        case SignKind.WITHDRAWALS_CLOSED:
            return AT_ONCE, limits.withdrawals_closed_for
        case SignKind.WITHDRAWAL_PENDING:
            return limits.pending_degrades, limits.pending_halts
        case SignKind.PRICE_OFF:
            return limits.price_off_for, None
        case SignKind.PRICE_FAR_OFF:
            return AT_ONCE, limits.price_off_for
        case SignKind.KEY_GAINED_RIGHTS | SignKind.BALANCE_DROPPED:
            return AT_ONCE, AT_ONCE
        case _:
            return AT_ONCE, None


def _score(points: Mapping[SignKind, int]) -> int:
    service = max((n for kind, n in points.items() if kind in SERVICE), default=0)
    price = max(points.get(SignKind.PRICE_OFF, 0), points.get(SignKind.PRICE_FAR_OFF, 0))
    others = SERVICE | {SignKind.PRICE_OFF, SignKind.PRICE_FAR_OFF}
    return min(max(service, price + sum(n for kind, n in points.items() if kind not in others)), HALTED_AT)


def _health(
    before: VenueStanding, score: int, clean_since: datetime | None, limits: HealthLimits, now: datetime
) -> VenueHealth:
    if before.health is VenueHealth.HALTED or score >= HALTED_AT:
        return VenueHealth.HALTED
    if score >= DEGRADED_AT:
        return VenueHealth.DEGRADED
    is_over = clean_since is not None and now - clean_since >= limits.recover_after
    return VenueHealth.HEALTHY if is_over else before.health


def _apart(
    signs: Sequence[StandingSign], accepted: Sequence[StandingSign]
) -> tuple[tuple[StandingSign, ...], tuple[StandingSign, ...]]:
    """The signs that count, and those that a person has accepted and that are no worse than they were then."""
    known = {sign.kind: sign for sign in accepted}
    counted, still = list[StandingSign](), list[StandingSign]()
    for sign in signs:
        then = known.get(sign.kind)
        if then and sign.measure <= then.measure * WORSE_BY and set(sign.subjects) <= set(then.subjects):
            still.append(replace(then, subjects=sign.subjects))
        else:
            counted.append(sign)
    return tuple(counted), tuple(still)


def _remarks(venue: VenueSnapshot, after: VenueStanding, score: int, limits: HealthLimits) -> tuple[Reason, ...]:
    """What is to be said beside the signs: what is waited for, and what the venue does not tell."""
    said = []
    if after.health is VenueHealth.HALTED:
        said += [why for why in after.halted_by if score < DEGRADED_AT]
        said.append(reason(ReasonCode.HEALTH_AWAITS_PERSON, venue=venue.name, since=after.since))
    elif after.health is VenueHealth.DEGRADED and after.clean_since is not None:
        until = after.clean_since + limits.recover_after
        said.append(reason(ReasonCode.HEALTH_RECOVERING, venue=venue.name, until=until))
    blind = (venue.signals or NOTHING_KNOWN).unavailable
    if {Signal.COINS, Signal.STATUS, Signal.KEY, Signal.WITHDRAWALS} & set(blind):
        said.append(reason(ReasonCode.HEALTH_BLIND, venue=venue.name, signals=", ".join(blind)))
    return tuple(said)


# --- what a venue is judged beside ------------------------------------------------------------------------------------


@exact
def surroundings(
    snapshot: Snapshot,
    standings: Mapping[VenueName, VenueStanding],
    limits: HealthLimits,
    questions: Sequence[Question],
    now: datetime,
) -> dict[VenueName, Around]:
    """What each venue that can be traded on is judged beside."""
    judged = [venue for venue in snapshot.venues if venue.health in PLACES_TO_TRADE]
    # Of a single venue nobody can tell whose connection it is, and nothing is gained by waiting for a person: nothing
    # can be traded elsewhere, and the guards of what lies there would stand still until somebody is awake.
    own_connection = bool(judged) and all(_is_cut_off(venue, limits) for venue in judged)
    everywhere, moving = prices(snapshot, limits.book_age), {v.name for v in judged if _moves(v, limits, now)}
    alone = dict[VenueName, Around]()
    for venue in judged:
        share, since = _drop(venue, questions, everywhere)
        still = venue.name not in moving and bool(moving) and _books_known(venue)
        alone[venue.name] = Around(None, still, share, since, own_connection)
    suspects = {v.name for v in judged if _is_suspect(v, alone[v.name], standings.get(v.name), limits, now)}
    for venue in judged:
        # Books that stand still have no price of their own to be off.
        if not alone[venue.name].stands_still:
            gap = price_gap(venue, snapshot, suspects, limits.book_age)
            alone[venue.name] = replace(alone[venue.name], gap=gap)
    return alone


def _is_suspect(
    venue: VenueSnapshot, around: Around, standing: VenueStanding | None, limits: HealthLimits, now: datetime
) -> bool:
    """Whether what it says of prices proves nothing against others."""
    if standing and standing.health is VenueHealth.HALTED:
        return True
    earlier = {sign.kind: sign for sign in standing.signs} if standing else {}
    return any(sign.kind in SUSPICIOUS for sign in signs_of(Case(venue, around, earlier, limits, now)))


def _is_cut_off(venue: VenueSnapshot, limits: HealthLimits) -> bool:
    calls = venue.signals.calls if venue.signals else None
    return calls is not None and calls.failed_by(Fault.NETWORK) >= limits.calls_fail


def _books_known(venue: VenueSnapshot) -> bool:
    return bool(venue.books) and venue.signals is not None and venue.signals.books_still_since is not None


def _moves(venue: VenueSnapshot, limits: HealthLimits, now: datetime) -> bool:
    """Whether its books have changed lately. Nobody knows of one that was not looked at twice."""
    still = venue.signals.books_still_since if venue.signals else None
    return still is not None and _books_known(venue) and now - still < limits.books_still_for


def _drop(
    venue: VenueSnapshot, questions: Sequence[Question], everywhere: Prices
) -> tuple[Decimal | None, datetime | None]:
    """What is gone unexplained, as a fraction of what lay there, and since when; None where it cannot be priced."""
    own = [question for question in questions if question.venue == venue.name]
    gone = [change for question in own for change in question.changes if change.quantity < 0]
    if not gone:
        return ZERO, None
    priced = [change for change in gone if change.asset in everywhere]
    if not priced:
        return None, None
    lost = -sum((change.quantity * everywhere[change.asset] for change in priced), ZERO)
    left = sum((b.total * everywhere[b.asset] for b in venue.balances if b.asset in everywhere), ZERO)
    return ratio(lost, lost + left), min(question.since for question in own)
