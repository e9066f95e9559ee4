"""The one way by which facts reach the journal: stamped by the clock, told to listeners once they are on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.model.events import Draft, Event, Fact, StreamId, plan_stream, portfolio_stream
from engine.model.ids import PlanId, PortfolioId
from engine.ports import Clock, Expectation, Journal


class Scribe:
    """Writes facts of one portfolio."""

    def __init__(self, journal: Journal, clock: Clock, portfolio: PortfolioId) -> None:
        self.journal = journal
        self._clock = clock
        self._portfolio = portfolio
        self._listeners: list[Callable[[tuple[Event, ...]], None]] = []
        self._in_doubt: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[tuple[Event, ...]], None]) -> None:
        """Call `listener` with the events of every append, after it is durable. It must return at once."""
        self._listeners.append(listener)

    def when_in_doubt(self, forget: Callable[[], None]) -> None:
        """Call `forget` where an append failed or was given up: it may be on disk all the same, and nobody was told."""
        self._in_doubt.append(forget)

    async def note(self, *facts: Fact) -> tuple[Event, ...]:
        """Write facts about the portfolio as a whole."""
        stream = portfolio_stream(self._portfolio)
        return await self.write([(stream, fact) for fact in facts])

    async def version(self) -> int:
        """How far the portfolio's own stream is: what is written on what was read since can name it."""
        return await self.journal.version(portfolio_stream(self._portfolio))

    async def note_at(self, version: int, *facts: Fact) -> tuple[Event, ...]:
        """Write facts about the portfolio whose stream is still at `version`. Raises ConcurrentWrite otherwise."""
        stream = portfolio_stream(self._portfolio)
        return await self.write([(stream, fact) for fact in facts], Expectation({stream: version}))

    async def note_plan(self, plan: PlanId, version: int, *facts: Fact) -> tuple[Event, ...]:
        """Write facts about a plan that is still at `version`. Raises ConcurrentWrite where it has moved on."""
        stream = plan_stream(plan)
        return await self.write([(stream, fact) for fact in facts], Expectation({stream: version}))

    async def write(
        self, facts: Sequence[tuple[StreamId, Fact]], expected: Expectation | None = None
    ) -> tuple[Event, ...]:
        """Write facts of several streams in one transaction."""
        if not facts:
            return ()
        now = self._clock.now()
        try:
            events = await self.journal.append([Draft(stream, fact, now) for stream, fact in facts], expected)
        except BaseException:
            for forget in self._in_doubt:
                forget()
            raise
        for listener in self._listeners:
            listener(events)
        return events
