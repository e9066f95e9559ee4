"""What the venues show for the legs of a plan: their markets, books and balances, read together per venue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from engine.execute.routing import Sight
from engine.model.errors import VenueError
from engine.model.ids import LegId, VenueName
from engine.model.money import ZERO
from engine.model.plan import Leg
from engine.model.portfolio import Balance
from engine.ports import Venue

ReadBalances = Callable[[Venue], Awaitable[tuple[Balance, ...]]]


async def sights_of(
    legs: Iterable[Leg], venues: Mapping[VenueName, Venue], balances: ReadBalances, others: Collection[VenueName] = ()
) -> dict[LegId, tuple[Sight, ...]]:
    """What each leg's own venue shows for it; behind that, for a leg in slices, what `others` do that have its market.

    `balances` reads a venue's balances as a plan may spend them.
    A venue that fails gives its legs a sight that says so.
    """
    wanted = list(legs)
    by_venue: dict[VenueName, list[Leg]] = {}
    for leg in wanted:
        # One that is not cut trades where its card says, whatever becomes of the legs beside it.
        for name in dict.fromkeys((leg.venue, *(sorted(others) if leg.slices else ()))):
            by_venue.setdefault(name, []).append(leg)
    found = await asyncio.gather(*(_at(name, venues.get(name), own, balances) for name, own in by_venue.items()))
    seen = dict(zip(by_venue, found, strict=True))
    return {leg.id: _of_leg(leg, seen) for leg in wanted}


def _of_leg(leg: Leg, seen: Mapping[VenueName, Mapping[LegId, Sight]]) -> tuple[Sight, ...]:
    others = (sights.get(leg.id) for name, sights in seen.items() if name != leg.venue)
    return (seen[leg.venue][leg.id], *(sight for sight in others if sight and sight.instrument))


async def _at(name: VenueName, venue: Venue | None, legs: list[Leg], balances: ReadBalances) -> dict[LegId, Sight]:
    if venue is None:
        return {leg.id: Sight(name, problem="it is no longer configured") for leg in legs}
    try:
        return await _read(venue, legs, balances)
    except VenueError as error:
        return {leg.id: Sight(name, problem=error.message) for leg in legs}


async def _read(venue: Venue, legs: list[Leg], read_balances: ReadBalances) -> dict[LegId, Sight]:
    assets = frozenset(asset for leg in legs for asset in (leg.base, leg.quote))
    markets = {(i.base, i.quote): i for i in await venue.instruments(assets)}
    wanted = sorted({(leg.base, leg.quote) for leg in legs} & set(markets))
    books, balances = await asyncio.gather(venue.books([markets[key] for key in wanted]), read_balances(venue))
    book_of = {(book.base, book.quote): book for book in books}
    free = {balance.asset: balance.free for balance in balances}
    return {
        leg.id: Sight(
            venue=venue.name,
            instrument=markets.get((leg.base, leg.quote)),
            book=book_of.get((leg.base, leg.quote)),
            free_base=free.get(leg.base, ZERO),
            free_quote=free.get(leg.quote, ZERO),
            problem="" if (leg.base, leg.quote) in markets else f"it has no market {leg.symbol}",
        )
        for leg in legs
    }
