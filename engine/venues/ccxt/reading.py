"""Reads of a venue: repeated a few times where that helps, and their failures told as VenueErrors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from engine.model.errors import InvalidValue, NotSent, Refused, VenueError
from engine.model.ids import VenueName
from engine.ports import Clock
from engine.venues.ccxt.errors import CallFailed, read_error
from engine.venues.ccxt.parse import NotUnderstood
from engine.venues.ccxt.profile import ErrorWords

PAUSES = (timedelta(milliseconds=250), timedelta(seconds=1))
"""Before the second and the third attempt. There is no fourth."""

TOO_MANY_REQUESTS = frozenset({"RateLimitExceeded", "DDoSProtection"})
"""Asking again at once is what gets an address banned."""

Result = TypeVar("Result")


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
