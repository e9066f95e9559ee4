"""How venues are doing: what becomes of the calls that are made anyway, and what is asked from time to time beside.

Calls are heard as they are made. Status, clock, coins, withdrawals and the key's rights are asked on a timer of their
own, venue by venue and one call at a time, so that neither a look nor an order waits for more than one of them; what
cannot be had is an unavailable signal. All of it is in memory, of bounded size, and begins anew with each start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from engine.model.errors import Fault, VenueError
from engine.model.ids import Asset, VenueName
from engine.model.ledger import Withdrawal, WithdrawalState
from engine.model.market import OrderBook
from engine.model.venue import KeyRights, VenueProbe
from engine.model.venue_signals import CoinState, Signal, VenueSignals
from engine.ports import Clock, Venue
from engine.run.call_record import CallRecord

FIRST_ASKED_AFTER: Final = timedelta(seconds=20)
"""A start has enough to load."""
ASKED_EVERY: Final = timedelta(minutes=5)
"""A handful of requests to each venue: the strictest allows one of these every three seconds or so."""
KNOWN_FOR: Final = 3 * ASKED_EVERY
"""What was told longer ago says nothing of now."""
LONGEST_ANSWER: Final = timedelta(seconds=20)
LOOKED_BACK: Final = timedelta(days=14)
"""A withdrawal that is still on its way after that halted its venue long ago."""
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a venue told when it was asked last; None where it did not."""

    probe: VenueProbe | None = None
    coins: tuple[CoinState, ...] | None = None
    withdrawals: tuple[Withdrawal, ...] | None = None
    rights: KeyRights | None = None


NO_ANSWERS: Final = _Answers()


@dataclass(slots=True)
class _Known:
    """What is known of one venue."""

    calls: CallRecord = field(default_factory=CallRecord)
    held: frozenset[Asset] | None = None
    """What it held at the last look; None before the first."""
    tops: dict[tuple[Asset, Asset], OrderBook] = field(default_factory=dict)
    """The last best price and quantity of each market, whenever it was."""
    moved_at: datetime | None = None
    asked_at: datetime | None = None
    answers: _Answers = NO_ANSWERS
    closed: dict[Asset, datetime] = field(default_factory=dict)
    """Since when coins are closed that were so when they were last told of."""
    first_rights: KeyRights | None = None


class VenueWatch:
    """Watches the venues of one portfolio."""

    def __init__(self, venues: Mapping[VenueName, Venue], clock: Clock, asked_every: timedelta = ASKED_EVERY) -> None:
        self._venues = dict(sorted(venues.items()))
        self._clock = clock
        self._asked_every = asked_every
        self._known = {name: _Known() for name in self._venues}
        self._asking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to ask from time to time, where there is anybody to ask."""
        if self._asking is None and self._venues:
            self._asking = asyncio.create_task(self._ask_for_ever(), name="venue watch")
            self._asking.add_done_callback(_tell_of_defect)

    async def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
            self._asking = None

    async def heard(self, venue: VenueName, call: Awaitable[Told], *, is_timed: bool = True) -> Told:
        """Make a call that is made anyway, and remember what became of it. Raises what the call raises.

        What is not timed, as it may take long or is answered from memory, counts where it fails.
        """
        began = self._clock.now()
        try:
            result = await call
        except VenueError as error:
            self.failed(venue, error.fault)
            raise
        if is_timed and venue in self._known:
            self._known[venue].calls.succeeded(self._clock.now() - began)
        return result

    def failed(self, venue: VenueName, fault: Fault) -> None:
        """A call came to nothing."""
        if venue in self._known:
            self._known[venue].calls.failed(fault)

    def saw(self, venue: VenueName, held: Iterable[Asset], books: Iterable[OrderBook]) -> None:
        """A venue showed this at a look: whether any of its best prices or quantities has changed is remembered."""
        known, now = self._known[venue], self._clock.now()
        known.held = frozenset(held)
        for book in books:
            top, market = book.top, (book.base, book.quote)
            last = known.tops.get(market)
            if last is None or (top.bids, top.asks) != (last.bids, last.asks):
                known.moved_at = now
            known.tops[market] = top

    def signals(self, venue: VenueName) -> VenueSignals:
        """All that is known of a venue now."""
        known, now = self._known[venue], self._clock.now()
        is_fresh = known.asked_at is not None and now - known.asked_at <= KNOWN_FOR
        told = known.answers if is_fresh else NO_ANSWERS
        status = told.probe if told.probe and told.probe.tells_status else None
        return VenueSignals(
            calls=known.calls.outcomes,
            latency_p95=known.calls.p95,
            latency_usual=known.calls.usual,
            clock_skew=_certain_skew(told.probe) if told.probe else None,
            online=status.online if status else None,
            status=status.status if status else "",
            coins=tuple(coin for coin in told.coins or () if known.held is None or coin.asset in known.held),
            pending_since=_pending_since(told.withdrawals or ()),
            key_problem=told.rights.problem_words if told.rights else "",
            rights_gained=_gained(known.first_rights, told.rights),
            books_still_since=known.moved_at,
            unavailable=_untold(known.calls, told),
        )

    async def ask(self, name: VenueName) -> None:
        """Ask a venue for what is not heard by the way. Never raises for its sake."""
        venue, known = self._venues[name], self._known[name]
        since, held = self._clock.now() - LOOKED_BACK, known.held
        probe = await _answer(venue.probe)
        coins = None if held is None else await _answer(lambda: venue.coin_states(held))
        withdrawals = await _answer(lambda: venue.withdrawals(since))
        rights = await _answer(venue.key_rights)
        if rights is not None and rights.problem:
            rights = None
        known.answers = _Answers(probe, self._since(known, coins), withdrawals, rights)
        known.first_rights = known.first_rights or rights
        known.asked_at = self._clock.now()

    async def _ask_for_ever(self) -> None:
        await self._clock.sleep(min(FIRST_ASKED_AFTER, self._asked_every))
        while True:
            for name in self._venues:
                await self.ask(name)
                await self._clock.sleep(self._asked_every / len(self._venues))

    def _since(self, known: _Known, coins: tuple[CoinState, ...] | None) -> tuple[CoinState, ...] | None:
        """With the instant since when each coin is closed. What is not told of now stays as it was."""
        if coins is None:
            return None
        now = self._clock.now()
        for coin in coins:
            if coin.withdraw:
                known.closed.pop(coin.asset, None)
            elif coin.withdraw is False:
                known.closed.setdefault(coin.asset, now)
        return tuple(
            CoinState(coin.asset, coin.deposit, coin.withdraw, None if coin.withdraw else known.closed.get(coin.asset))
            for coin in coins
        )


async def _answer(ask: Callable[[], Awaitable[Told]]) -> Told | None:
    """What a venue says; None where it does not."""
    try:
        async with asyncio.timeout(LONGEST_ANSWER.total_seconds()):
            return await ask()
    except (VenueError, TimeoutError):
        return None


def _untold(calls: CallRecord, told: _Answers) -> tuple[Signal, ...]:
    """The signals of which nothing is known."""
    is_known = {
        Signal.CALLS: calls.outcomes is not None,
        Signal.LATENCY: calls.p95 is not None,
        Signal.CLOCK: told.probe is not None,
        Signal.STATUS: told.probe is not None and told.probe.tells_status,
        Signal.COINS: told.coins is not None,
        Signal.WITHDRAWALS: told.withdrawals is not None,
        Signal.KEY: told.rights is not None,
    }
    return tuple(signal for signal, known in is_known.items() if not known)


def _certain_skew(probe: VenueProbe) -> timedelta:
    """By how much the clocks differ at the least: what was measured is off by half the time of the answer at most."""
    certain = max(abs(probe.clock_skew) - probe.latency / 2, timedelta(0))
    return certain if probe.clock_skew > timedelta(0) else -certain


def _pending_since(withdrawals: Iterable[Withdrawal]) -> datetime | None:
    return min((each.at for each in withdrawals if each.state is WithdrawalState.ON_ITS_WAY), default=None)


def _gained(first: KeyRights | None, now: KeyRights | None) -> tuple[str, ...]:
    """What a key may do that it might not at first. To move assets out is never right, whenever it began."""
    if first is None or now is None:
        return ()
    gained = {
        "withdraw": now.can_withdraw,
        "trade": now.can_trade and not first.can_trade,
        "be used from any address": first.ip_restricted and not now.ip_restricted,
    }
    return (*(word for word, is_new in gained.items() if is_new), *sorted(set(now.unknown) - set(first.unknown)))


def _tell_of_defect(task: asyncio.Task[None]) -> None:
    """To the log at once: what was known grows old by itself, and says so."""
    if not task.cancelled() and (error := task.exception()) is not None:
        told = {"message": "the watch over venues met an error that was not foreseen", "exception": error}
        task.get_loop().call_exception_handler(told)
