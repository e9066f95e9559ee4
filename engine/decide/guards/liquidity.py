"""Liquidity of what is held: whether it could be sold in time, and whether its markets are as they use to be.

How long selling takes follows from what a day trades over all venues that trade it. A market's spread and depth of now
are held against that market's own last week. Depth is seen only where whole books are read: a look at the best prices
alone does not end what a look at the books has found.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from engine.decide.guards.look import Look
from engine.model.conditions import Finding, Level, Stage
from engine.model.guards import Rule, Stance
from engine.model.ids import Asset
from engine.model.market import OrderBook
from engine.model.market_usual import MarketUsual
from engine.model.money import ZERO, Quantity, ratio, total
from engine.model.portfolio import VenueHealth, VenueSnapshot
from engine.model.reasons import Reason, ReasonCode, reason
from engine.pricing.book_shape import depth_within, spread_bps

OVER_AT: Final = Decimal("0.8")
"""A condition is over at so much of its limit: one that trembles at the limit is told of once."""
LEAST_HOURS: Final = 24
"""Of fewer hours nothing is said about what is usual on a market: a day has quiet and busy ones."""
NEVER: Final = Decimal(9999)
"""Days, where nothing is traded."""


def liquidities(look: Look) -> tuple[Finding, ...]:
    """What is seen of every coin that is held, and of the markets where it lies."""
    if look.guards.liquidity.stance is Stance.OFF:
        return ()
    seen = (*_exits(look), *_markets(look))
    return (*seen, *_hidden(look, frozenset(finding.subject for finding in seen)))


def _exits(look: Look) -> Iterator[Finding]:
    rule = look.guards.liquidity
    for asset in look.coins:
        units = look.held.get(asset, ZERO)
        if not units:
            continue
        volume = _day_volume(look, asset)
        if volume is None:
            yield _finding(look, asset, Level.UNARMED, reason(ReasonCode.VOLUME_UNKNOWN, asset=asset))
            continue
        days = min(ratio(units, rule.participation * volume), NEVER) if volume else NEVER
        over = rule.days_to_exit * OVER_AT
        level = Level.HIT if days > rule.days_to_exit else Level.CLEAR if days < over else Level.HOLD
        code = ReasonCode.EXIT_SLOW if level is Level.HIT else ReasonCode.EXIT_QUICK
        figures = {"days": days, "limit": rule.days_to_exit, "units": units, "share": rule.participation}
        yield _finding(look, asset, level, reason(code, asset=asset, volume=volume, **figures))


def _day_volume(look: Look, asset: Asset) -> Decimal | None:
    """Over all venues of which it is known; None where it is of none."""
    usual = (market for venue in look.inputs.snapshot.venues for market in venue.usual if market.base == asset)
    known = [market.day_volume for market in usual if market.day_volume is not None]
    return total(known) if known else None


def _markets(look: Look) -> Iterator[Finding]:
    for venue in look.inputs.snapshot.venues:
        here = {balance.asset for balance in venue.balances if balance.total}
        watched = [market for market in venue.usual if market.base in here]
        if watched and all(market.spread_bps is None for market in watched):
            hours = max(market.hours for market in watched)
            why = reason(ReasonCode.MARKET_RECORD_SHORT, venue=venue.name, hours=hours, needed=LEAST_HOURS)
            yield _finding(look, venue.name, Level.UNARMED, why)
        for market in watched:
            book = venue.book(market.base, market.quote)
            if market.spread_bps is None or book is None or not book.is_two_sided or book.is_crossed:
                yield from _unseen(look, venue, market, book)
            else:
                yield from _market(look, venue, market, book)


def _market(look: Look, venue: VenueSnapshot, market: MarketUsual, book: OrderBook) -> Iterator[Finding]:
    """What stands or is not as usual: twenty coins have a hundred markets."""
    rule, subject = look.guards.liquidity, _subject(venue, market)
    usual, spread = market.spread_bps or ZERO, spread_bps(book)
    depth = _depth(look, book)
    is_wide = spread > usual * rule.spread_multiple
    is_calm = spread < usual * rule.spread_multiple * OVER_AT
    thinnest = None if market.depth is None else market.depth * rule.depth_share
    is_thin = depth is not None and thinnest is not None and depth < thinnest
    is_deep = depth is not None and (thinnest is None or depth * OVER_AT > thinnest)
    stands = _stands(look, subject)
    level = Level.HIT if is_wide or is_thin else Level.CLEAR if is_calm and (is_deep or not stands) else Level.HOLD
    # The best prices alone cannot tell that a thin book has filled up; a wide one they can.
    if level is Level.HOLD and depth is None and is_calm and not _was_thin(look, subject):
        level = Level.CLEAR
    if level is Level.CLEAR and not stands:
        return
    code = ReasonCode.MARKET_STRAINED if level is Level.HIT else ReasonCode.MARKET_AT_EASE
    # Told only where it is what was found: that is how it is known later that the best prices cannot end it.
    deep = {"depth": depth, "usual_depth": market.depth} if is_thin and depth and market.depth else {}
    figures = {"spread": spread, "usual_spread": usual, **deep}
    yield _finding(look, subject, level, reason(code, venue=venue.name, symbol=market.symbol, **figures))


def _depth(look: Look, book: OrderBook) -> Quantity | None:
    """None where only the best prices were read."""
    is_whole = len(book.bids) > 1 or len(book.asks) > 1
    return depth_within(book, look.inputs.policy.limits.depth_bps) if is_whole else None


def _unseen(look: Look, venue: VenueSnapshot, market: MarketUsual, book: OrderBook | None) -> Iterator[Finding]:
    """What stands of a market is not over where its record has begun anew, or its book cannot be read."""
    if not _stands(look, _subject(venue, market)):
        return
    if market.spread_bps is None:
        why = reason(ReasonCode.MARKET_RECORD_SHORT, venue=venue.name, hours=market.hours, needed=LEAST_HOURS)
    else:
        code = ReasonCode.BOOK_CROSSED if book is not None and book.is_crossed else ReasonCode.BOOK_ONE_SIDED
        why = reason(code, venue=venue.name, symbol=market.symbol)
    yield _finding(look, _subject(venue, market), Level.UNARMED, why)


def _hidden(look: Look, seen: frozenset[str]) -> Iterator[Finding]:
    """What stands is not over where a venue has not answered yet: it is not known what lies there."""
    silent = (VenueHealth.UNREACHABLE, VenueHealth.HALTED)
    venues = look.inputs.snapshot.venues
    unknown = next((v for v in venues if v.health in silent and v.observed_at is None and not v.balances), None)
    if unknown is None:
        return
    why = reason(ReasonCode.VENUE_UNREACHABLE, venue=unknown.name, age_seconds="unknown", problem=unknown.problem)
    for condition in look.standing.conditions:
        if condition.rule is Rule.LIQUIDITY and condition.stage is not Stage.OVER and condition.subject not in seen:
            yield _finding(look, condition.subject, Level.UNARMED, why)


def _subject(venue: VenueSnapshot, market: MarketUsual) -> str:
    return f"{venue.name} {market.symbol}"


def _stands(look: Look, subject: str) -> bool:
    return any(c.key == (Rule.LIQUIDITY, subject) and c.stage is not Stage.OVER for c in look.standing.conditions)


def _was_thin(look: Look, subject: str) -> bool:
    """Whether what stands was found in whole books."""
    own = (c.reason for c in look.standing.conditions if c.key == (Rule.LIQUIDITY, subject))
    return any(why.get("depth") for why in own)


def _finding(look: Look, subject: str, level: Level, why: Reason) -> Finding:
    rule = look.guards.liquidity
    return Finding(Rule.LIQUIDITY, subject, level, why, rule.stance, lasting=rule.lasting, calm=rule.lasting)
