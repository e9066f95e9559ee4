"""The journal in a database: the `Journal` port over SQLAlchemy. Every write is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from engine.execute.plan_state import PlanState
from engine.model.decision import Decision, Standing
from engine.model.events import Draft, Event, Fact, StreamId, plan_stream
from engine.model.ids import ClientOrderId, DecisionId, PlanId, PortfolioId
from engine.model.ledger import Books
from engine.ports import CardRecord, Clock, Expectation, OutboxRow, PlanSummary
from engine.store import appending, event_log, folded_tables, head, telling
from engine.store.appending import Appended, Appending
from engine.store.connection import Database, open_database
from engine.store.decisions import Archive
from engine.store.head import Head
from engine.store.migrate import upgrade
from engine.store.projections import is_announced

BUSY_TIMEOUT = timedelta(seconds=5)


class SqlJournal:
    """A portfolio's journal in a database. Made by `open_journal`; raises JournalUnavailable where that fails."""

    def __init__(self, database: Database, portfolio: PortfolioId, clock: Clock) -> None:
        self._db = database
        self._portfolio = portfolio
        self._clock = clock
        self._decisions = Archive(portfolio)
        self._cards = telling.RecentCards()
        self._head: Head | None = None
        self._untold = telling.Untold()

    async def append(self, drafts: Sequence[Draft], expected: Expectation | None = None) -> tuple[Event, ...]:
        """Write facts, their projections and their outbox rows together, or nothing.

        Raises ConcurrentWrite, JournalUnavailable, InvalidValue where a fact is in the wrong stream, and
        ImpossiblePlanEvent, ImpossibleOrderEvent or UnknownRecord where a plan's life has no place for it.
        """
        wanted = Appending(self._portfolio, tuple(drafts), expected, self._clock.now())
        appended = await self._db.write(lambda connection: wanted.run(connection, self._head), self._settle)
        return appended.events

    async def stream(self, stream: StreamId) -> tuple[Event, ...]:
        """All facts of one stream, oldest first."""
        return await self._db.read(
            partial(event_log.read_streams, portfolio=self._portfolio, streams=(stream,)),
        )

    async def version(self, stream: StreamId) -> int:
        """How many facts a stream has."""
        known = (await self._at_its_end()).version(stream)
        if known is not None:
            return known
        versions = await self._db.read(partial(event_log.stream_versions, streams=(stream,)))
        return versions.get(stream, 0)

    async def facts(self, *kinds: type[Fact]) -> tuple[Event, ...]:
        """All facts of some kinds, oldest first."""
        names = [kind.__name__ for kind in kinds]
        return await self._db.read(partial(event_log.read_kinds, portfolio=self._portfolio, kinds=names))

    async def standing(self) -> Standing:
        """What the portfolio's and the plans' facts leave behind for the next decision."""
        return (await self._at_its_end()).standing

    async def books(self) -> Books:
        """What every venue should hold by all facts."""
        return (await self._at_its_end()).books

    async def plan(self, plan: PlanId) -> PlanState | None:
        """The state of one plan, folded from its stream."""
        stream = plan_stream(plan)
        at_hand = (await self._at_its_end()).plans.get(stream)
        if at_hand is not None:
            return at_hand
        read = await self._db.read(partial(head.read_plans, portfolio=self._portfolio, streams=(stream,)))
        return read.get(stream)

    async def open_plan(self) -> PlanState | None:
        """The one plan that is not at its end, if there is one."""
        return (await self._at_its_end()).open_plan

    async def plans(self, limit: int) -> tuple[PlanSummary, ...]:
        """The newest plans."""
        return await self._db.read(partial(folded_tables.newest_plans, portfolio=self._portfolio, limit=limit))

    async def order(self, client_order_id: ClientOrderId) -> PlanId | None:
        """The plan that an order belongs to."""
        named = partial(folded_tables.plan_of_order, client_order_id=client_order_id)
        return await self._db.read(partial(named, portfolio=self._portfolio))

    async def save_decision(self, decision: Decision) -> DecisionId:
        """Keep a decision in full: its large inputs once, by content hash. Saving it again changes nothing."""
        return await self._db.write(partial(self._decisions.save, value=decision, created_at=self._clock.now()))

    async def decision(self, decision: DecisionId) -> Decision | None:
        """A stored decision, whole."""
        return await self._db.read(partial(self._decisions.load, wanted=decision))

    async def latest_decision(self) -> Decision | None:
        """The newest stored decision."""
        return await self._db.read(self._decisions.load_latest)

    async def outbox(self, limit: int) -> tuple[OutboxRow, ...]:
        """Facts that are still to be told, oldest first."""
        if self._untold.is_nothing:
            return ()
        as_of = self._untold.announced
        rows = await self._db.read(partial(telling.untold, portfolio=self._portfolio, limit=limit))
        if len(rows) < limit:
            self._untold.seen_whole(rows, as_of)
        return rows

    async def mark_told(self, seqs: Sequence[int]) -> None:
        """These facts have been told."""
        await self._db.write(partial(telling.mark_told, seqs=seqs))
        self._untold.told(seqs)

    async def mark_failed(self, seqs: Sequence[int]) -> None:
        """Telling these failed once more."""
        await self._db.write(partial(telling.count_failure, seqs=seqs))

    async def card(self, key: str, chat_id: int) -> CardRecord | None:
        """The message that stands for something in a chat."""
        known = self._cards.get(key, chat_id)
        if known is None:
            known = await self._db.read(partial(telling.read_card, key=key, chat_id=chat_id))
        return known

    async def put_card(self, card: CardRecord) -> None:
        """Remember, or replace, the message that stands for something in a chat."""
        await self._db.write(partial(telling.write_card, record=card), self._cards.settle(card))

    async def refold(self) -> None:
        """Drop all that is folded from the facts, and fold it again."""
        await self._db.write(partial(appending.refold, portfolio=self._portfolio), lambda _: self._settle(None))

    async def close(self) -> None:
        """Finish what is under way and let go of the database."""
        await self._db.close()

    async def _at_its_end(self) -> Head:
        """The head, loaded where it is not known. Writers wait meanwhile: none may be missing in it."""
        known = self._head
        if known is None:
            known = await self._db.write(self._load, self._keep)
        return known

    def _load(self, connection: sa.Connection) -> Head:
        return self._head or head.load(connection, self._portfolio)

    def _settle(self, appended: Appended | None) -> None:
        if appended is None or any(map(is_announced, appended.events)):
            self._untold.announced += 1
        self._keep(appended.head if appended else None)

    def _keep(self, known: Head | None) -> None:
        self._head = known


async def open_journal(
    url: str, portfolio: PortfolioId, clock: Clock, *, busy_timeout: timedelta = BUSY_TIMEOUT
) -> SqlJournal:
    """Open the journal of a portfolio: take the database for this process, bring it up to date, and check it.

    `url` is sqlite+aiosqlite:////folder/file.sqlite. Raises InvalidValue on any other kind, and JournalUnavailable,
    with the remedy, where the database cannot be used.
    """
    database = open_database(url, busy_timeout)
    try:
        await database.write(partial(_prepare, portfolio=portfolio, file=str(database.path)))
    except BaseException:
        await database.close()
        raise
    return SqlJournal(database, portfolio, clock)


def _prepare(connection: sa.Connection, portfolio: PortfolioId, file: str) -> None:
    upgrade(connection, file)
    folded_tables.make_standing(connection, portfolio)
    if folded_tables.is_outdated(connection, portfolio):
        appending.refold(connection, portfolio)
