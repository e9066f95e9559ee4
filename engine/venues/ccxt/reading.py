"""Reads of a venue: repeated a few times where that helps, and their failures told as VenueErrors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from engine.model.errors import InvalidValue, NotSent, Refused, VenueError
from engine.model.ids import VenueName
from engine.ports import Clock
from engine.venues.ccxt.errors import CallFailed, read_error
from engine.venues.ccxt.parse import NotUnderstood
from engine.venues.ccxt.profile import NOW, Api, ErrorWords, Payload, Signing

PAUSES = (timedelta(milliseconds=250), timedelta(seconds=1))
"""Before the second and the third attempt. There is no fourth."""

TOO_MANY_REQUESTS = frozenset({"RateLimitExceeded", "DDoSProtection"})
"""Asking again at once is what gets an address banned."""

Result = TypeVar("Result")


A_WHILE = timedelta(seconds=15)
MOST_WAITS = 20
"""For one request: five minutes, in which any venue lets one more through."""


class PatientApi:
    """An exchange's calls for a long history: one that is turned away for its rate is made again after a while.

    Others of the venue's calls go their own way meanwhile. For reads alone: nothing that has an effect is sent twice.
    """

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    @property
    def has_key(self) -> bool:
        """The exchange's own."""
        return self._api.has_key

    async def public(self, method: str, params: Mapping[str, object]) -> Payload:
        """Call an endpoint without a key."""
        return await self._in_time(lambda: self._api.public(method, params))

    async def private(self, method: str, params: Mapping[str, object], signing: Signing = NOW) -> Payload:
        """Call an endpoint with the key."""
        return await self._in_time(lambda: self._api.private(method, params, signing))

    async def _in_time(self, call: Callable[[], Awaitable[Payload]]) -> Payload:
        for _ in range(MOST_WAITS):
            try:
                return await call()
            except CallFailed as failure:
                if not failure.is_a(TOO_MANY_REQUESTS):
                    raise
                await self._clock.sleep(A_WHILE)
        return await call()


class Reader:
    """Reads from one venue. Nothing that has an effect may go through it."""

    def __init__(self, venue: VenueName, words: ErrorWords, clock: Clock) -> None:
        self._venue = venue
        self._words = words
        self._clock = clock

    async def read(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """The result of a read. Raises Refused at once, and NotSent after the last attempt."""
        for pause in PAUSES:
            try:
                return await self._once(call)
            except NotSent as error:
                if isinstance(error.__cause__, CallFailed) and error.__cause__.is_a(TOO_MANY_REQUESTS):
                    raise
                await self._clock.sleep(pause)
        return await self._once(call)

    async def _once(self, call: Callable[[], Awaitable[Result]]) -> Result:
        try:
            return await call()
        except CallFailed as failure:
            raise read_error(self._venue, failure, self._words) from failure
        except InvalidValue as error:
            raise unreadable(self._venue, error) from error
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
            raise NotSent(self._venue, "its answer could not be read") from error


def unreadable(venue: VenueName, error: InvalidValue) -> VenueError:
    """A value that is there and not understood stays so; one that is missing may come with the next answer."""
    if isinstance(error, NotUnderstood):
        return Refused(venue, f"{error.field}: {error.problem}")
    return NotSent(venue, f"its answer could not be read: {error}")
