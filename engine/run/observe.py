"""Look at all venues at once and make the snapshot of one instant. A venue that fails keeps its last known balances."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final, TypeVar

from engine.decide.guards.correlation import LEAST_COINS
from engine.decide.guards.look import coins_of
from engine.model.decision import PriceSeries, Standing
from engine.model.errors import Fault, VenueError
from engine.model.guards import Stance, StopKind
from engine.model.ids import Asset, VenueName
from engine.model.ledger import Deposit, Transit, Withdrawal
from engine.model.money import EXACT, ZERO, Quantity
from engine.model.order import HistoricTrade
from engine.model.policy import Policy, TriggerKind
from engine.model.portfolio import Balance, Snapshot, VenueHealth, VenueSnapshot
from engine.model.target_changes import SignalReading
from engine.model.target_models import ModelKind, ModelStance
from engine.ports import Clock, PriceHistory, SignalSource, Venue, VolumeHistory
from engine.run.usual_markets import UsualMarkets
from engine.run.venue_watch import ASKED_EVERY, VenueWatch

LONGEST_LOOK: Final = timedelta(seconds=60)
"""Venues that allow one request a second are given the time for a book of every market."""
NONE: Final = Quantity(ZERO)
ON_THE_WAY: Final = VenueName("in transit")
"""No name of a user's venue has a space."""
Record = TypeVar("Record", Deposit, Withdrawal)
RECORDS_LOOKED_BACK: Final = timedelta(days=7)
"""A deposit can be recorded under the time it was sent and be credited days later."""


@dataclass(frozen=True, slots=True)
class VenueState:
    """How a venue did when it was last looked at."""

    name: VenueName
    health: VenueHealth
    problem: str
    looked_at: datetime
    answered_at: datetime | None
    took: timedelta


@dataclass(frozen=True, slots=True)
class Aside:
    """What is looked at and not traded: watched places, what stays on a venue in any case, other prices."""

    watched: tuple[VenueSnapshot, ...] = ()
    reserves: Mapping[VenueName, Mapping[Asset, Quantity]] = field(default_factory=dict)
    reference: Venue | None = None
    """Where the numeraire is priced that no venue quotes: it is looked at, and nothing else."""
    history: PriceHistory | None = None
    """Where past prices are known from; without one, nothing of the past is known."""
    volumes: VolumeHistory | None = None
    """Where it is known from what a day trades; without it, nobody can tell how long selling takes."""
    signal: SignalSource | None = None
    """Where the number is read from that targets may follow."""


NOTHING_ASIDE: Final = Aside()


class Observer:
    """Looks at the venues of one portfolio, and remembers what each last showed."""

    def __init__(
        self,
        venues: Mapping[VenueName, Venue],
        clock: Clock,
        policy: Policy,
        numeraire: Asset | None,
        aside: Aside = NOTHING_ASIDE,
        asked_every: timedelta = ASKED_EVERY,
    ) -> None:
        """`asked_every`: how often each venue is asked for what no look shows."""
        self._venues = dict(sorted(venues.items()))
        self._clock = clock
        self._policy = policy
        self._numeraire = numeraire
        self._watched = aside.watched
        self._reserves = aside.reserves
        self._reference = aside.reference
        self._history = aside.history
        self._usual = UsualMarkets(policy, aside.volumes)
        self._signal = aside.signal
        self._last: dict[VenueName, VenueSnapshot] = {}
        self.states: dict[VenueName, VenueState] = {}
        self.watch = VenueWatch(venues, clock, asked_every)
        """How the venues are doing beside what they hold."""

    @property
    def numeraire(self) -> Asset | None:
        """The currency that values are told in; None before any venue has shown a market."""
        return self._numeraire

    def remember(self, snapshot: Snapshot) -> None:
        """Start from what an earlier life of the program saw last."""
        if any(venue.instruments for venue in snapshot.venues):
            # Where no venue had shown a market, the numeraire was only a stopgap.
            self._numeraire = self._numeraire or snapshot.numeraire
        for venue in snapshot.venues:
            if venue.name in self._venues:
                self._last.setdefault(venue.name, replace(venue, in_question=False))

    async def look(self, *, whole_books: bool) -> Snapshot:
        """The snapshot of now, with the best prices alone, or with whole books, which take a venue longer.

        Never raises for a venue's sake: a venue that fails is unreachable in it.
        """
        seen = await asyncio.gather(
            *(self._look_at(venue, lambda v: self._read(v, whole_books)) for venue in self._venues.values()),
            *([self._look_at(self._reference, self._read_prices)] if self._reference else []),
        )
        self._numeraire = self._numeraire or commonest_quote(seen)
        # Of the instant at which prices were read: what is usual may be waited for.
        now = self._clock.now()
        known = await self._usual.told(seen, now, whole_books=whole_books)
        return Snapshot(now, self._numeraire or Asset("USD"), (*known, *self._watched))

    async def balances(self, venue: Venue) -> tuple[Balance, ...]:
        """What a venue holds, with what stays there in any case kept out of reach. Raises VenueErrors."""
        reserve = self._reserves.get(venue.name, {})
        return tuple(b.holding_back(reserve.get(b.asset, NONE)) for b in await venue.balances())

    async def past_prices(self, snapshot: Snapshot) -> tuple[PriceSeries, ...]:
        """What the policy wants to know of the past, and no more: it is kept with every decision."""
        if self._history is None or not looks_back(self._policy):
            return ()
        return await self._history.daily_closes(frozenset(self._policy.managed_assets), snapshot)

    async def signal(self) -> SignalReading | None:
        """The number that the policy's model follows; None where it follows none, or a person typed it."""
        model = self._policy.model
        follows = model.kind is ModelKind.SIGNALS and model.stance is not ModelStance.OFF
        if not follows or model.signals.value is not None:
            return None
        if self._signal is None:
            return SignalReading(self._clock.now(), None, "no source is configured")
        return await self._signal.read(self._clock.now())

    async def past_closes(self) -> tuple[PriceSeries, ...]:
        """The daily closes of the policy's assets, as far back as they are known."""
        if self._history is None:
            return ()
        seen = await self.look(whole_books=False)
        return await self._history.daily_closes(frozenset(self._policy.managed_assets), seen)

    async def trades(self, venue: VenueName, since: datetime) -> tuple[HistoricTrade, ...]:
        """All that a venue knows of the account's trades among the policy's assets and the money that they are in.

        Raises VenueErrors.
        """
        money = {self._numeraire} if self._numeraire else set()
        shown = {i.quote for i in self._last[venue].instruments} if venue in self._last else set()
        return await self._venues[venue].trades(since, frozenset({*self._policy.managed_assets, *money, *shown}))

    async def movements(self, since: datetime) -> tuple[tuple[Deposit, ...], tuple[Withdrawal, ...]]:
        """What the venues have recorded of money that came and went, since an instant that is not too long ago.

        A venue that cannot tell now is asked again at the next look; of a key that may never see them, what came or
        went is asked about, and `doctor` says so.
        """
        start = max(since, self._clock.now() - RECORDS_LOOKED_BACK)
        venues = self._venues.values()
        came, went = await asyncio.gather(
            asyncio.gather(*(_records(venue.deposits, start) for venue in venues)),
            asyncio.gather(*(_records(venue.withdrawals, start) for venue in venues)),
        )
        return (
            tuple(record for records in came for record in records if record.at >= since),
            tuple(record for records in went for record in records if record.at >= since),
        )

    async def _look_at(self, venue: Venue, read: Callable[[Venue], Awaitable[VenueSnapshot]]) -> VenueSnapshot:
        start = self._clock.now()
        try:
            async with asyncio.timeout(LONGEST_LOOK.total_seconds()):
                snapshot = await read(venue)
        except (VenueError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                self.watch.failed(venue.name, Fault.NETWORK)
            snapshot = self._unreachable(venue.name, _words(error))
        else:
            self._last[venue.name] = snapshot
        now = self._clock.now()
        health = VenueHealth.HEALTHY if snapshot.health is VenueHealth.REFERENCE else snapshot.health
        self.states[venue.name] = VenueState(
            venue.name, health, snapshot.problem, now, snapshot.observed_at, now - start
        )
        return replace(snapshot, signals=self.watch.signals(venue.name)) if venue.name in self._venues else snapshot

    async def _read(self, venue: Venue, whole_books: bool) -> VenueSnapshot:
        heard = partial(self.watch.heard, venue.name)
        balances = await heard(self.balances(venue))
        # Markets come from memory mostly, and a venue may allow one book a second: neither tells how quick it is.
        instruments = await heard(venue.instruments(self._assets_of_interest(balances)), is_timed=False)
        books = await heard(
            venue.books(instruments) if whole_books else venue.tops(instruments), is_timed=not whole_books
        )
        self.watch.saw(venue.name, (balance.asset for balance in balances), books)
        return VenueSnapshot(
            name=venue.name,
            health=VenueHealth.HEALTHY,
            observed_at=self._clock.now(),
            balances=balances,
            instruments=instruments,
            books=books,
        )

    async def _read_prices(self, venue: Venue) -> VenueSnapshot:
        """The best prices of the markets in which the numeraire is one side."""
        listed = await venue.instruments(self._assets_of_interest(()))
        own = tuple(i for i in listed if self._numeraire in (i.base, i.quote))
        tops = await venue.tops(own)
        return VenueSnapshot(venue.name, VenueHealth.REFERENCE, self._clock.now(), instruments=own, books=tops)

    def _assets_of_interest(self, balances: tuple[Balance, ...]) -> frozenset[Asset]:
        """Everything managed or held, and the currencies that prices are told in."""
        own = {self._numeraire} if self._numeraire else set()
        watched = {balance.asset for place in self._watched for balance in place.balances}
        return frozenset(set(self._policy.managed_assets) | {b.asset for b in balances} | watched | own)

    def _unreachable(self, name: VenueName, problem: str) -> VenueSnapshot:
        last = self._last.get(name)
        if last is None:
            return VenueSnapshot(name, VenueHealth.UNREACHABLE, None, problem=problem)
        return replace(last, health=VenueHealth.UNREACHABLE, problem=problem, books=())


def looks_back(policy: Policy) -> bool:
    """Whether anything in a policy asks what prices were."""
    stops = policy.guards.stop_loss
    kinds = {stops.of(asset).kind for asset in policy.managed_assets if stops.of(asset).stance is not Stance.OFF}
    compared = policy.guards.correlation.stance is not Stance.OFF and len(coins_of(policy)) >= LEAST_COINS
    has_model = policy.model.stance is not ModelStance.OFF
    adapts = policy.trigger.kind is TriggerKind.ADAPTIVE
    return has_model or adapts or StopKind.TRAILING in kinds or compared


def commonest_quote(venues: list[VenueSnapshot] | tuple[VenueSnapshot, ...]) -> Asset | None:
    """The quote currency of most venues, then of most markets, ties by name; None where no venue showed a market."""
    by_venue = Counter(quote for v in venues for quote in {i.quote for i in v.instruments})
    by_market = Counter(i.quote for v in venues for i in v.instruments)
    return min(by_venue, key=lambda q: (-by_venue[q], -by_market[q], q)) if by_venue else None


async def _records(ask: Callable[[datetime], Awaitable[tuple[Record, ...]]], since: datetime) -> tuple[Record, ...]:
    try:
        async with asyncio.timeout(LONGEST_LOOK.total_seconds()):
            return await ask(since)
    except (VenueError, TimeoutError):
        return ()


def with_open_matters(seen: Snapshot, standing: Standing) -> Snapshot:
    """A look with what is known beyond it: venues that wait for a word, and what is on its way between them."""
    asked = {question.venue for question in standing.questions}
    venues = tuple(replace(venue, in_question=venue.name in asked) for venue in seen.venues)
    return replace(seen, venues=(*venues, *_on_the_way(standing.transits)))


def _on_the_way(transits: Sequence[Transit]) -> tuple[VenueSnapshot, ...]:
    if not transits:
        return ()
    sums: dict[Asset, Decimal] = {}
    for transit in transits:
        sums[transit.asset] = EXACT.add(sums.get(transit.asset, ZERO), transit.quantity)
    balances = tuple(Balance(asset, Quantity(quantity)) for asset, quantity in sums.items())
    since = min(transit.since for transit in transits)
    return (VenueSnapshot(ON_THE_WAY, VenueHealth.IN_TRANSIT, since, balances),)


def _words(error: VenueError | TimeoutError) -> str:
    return error.message if isinstance(error, VenueError) else "it did not answer in time"
