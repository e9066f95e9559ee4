"""Connections to the journal's database: one that writes, a few that read, set up so that nothing is lost.

SQLite in WAL mode with synchronous=FULL keeps what was committed through a crash of the program or of the machine.
The writer begins IMMEDIATE: without that, two read-modify-writes lose updates silently. Readers see one consistent
state and never wait for the writer.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection

from engine.model.errors import InvalidValue, JournalUnavailable
from engine.store import failures
from engine.store.database_file import HeldFile, hold

T = TypeVar("T")
Work = Callable[[sa.Connection], T]
Settle = Callable[[T | None], None]

DRIVER = "sqlite+aiosqlite"
READERS = 4
LONGEST_QUEUE = timedelta(hours=1)
"""For a connection: every transaction ends by itself long before."""


class Database:
    """A database that this process alone uses."""

    def __init__(self, held: HeldFile, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self.writer = writer
        self.reader = reader
        self._held = held
        self._one_at_a_time = asyncio.Lock()
        self._under_way: set[asyncio.Task[object]] = set()
        self._closed = False

    @property
    def path(self) -> Path:
        """The database's file."""
        return self._held.path

    async def write(self, work: Work[T], settle: Settle[T] = lambda _: None) -> T:
        """Run `work` in one transaction: all of it takes place, or nothing. Raises JournalUnavailable.

        Before anyone else writes, `settle` is told what was committed, or None where the transaction failed: a commit
        that failed may be on the disk all the same.
        """
        return await self._carried_to_its_end(self._write(work, settle))

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one consistent state, without waiting for a writer. Raises JournalUnavailable."""
        return await self._carried_to_its_end(self._run(self.reader, work))

    async def close(self) -> None:
        """Finish what is under way and let go of the file."""
        self._closed = True
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self.reader.dispose()
        await self.writer.dispose()
        self._held.release()

    async def _write(self, work: Work[T], settle: Settle[T]) -> T:
        async with self._one_at_a_time:
            done: T | None = None
            try:
                done = await self._run(self.writer, work)
                return done
            finally:
                settle(done)

    async def _run(self, engine: AsyncEngine, work: Work[T]) -> T:
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(_in_transaction, work)
        except (IntegrityError, ProgrammingError):
            raise
        except (DatabaseError, DBAPIError, sqlite3.Error) as error:
            raise failures.of_database(str(self.path), error) from error

    async def _carried_to_its_end(self, running: Coroutine[Any, Any, T]) -> T:
        """Shield it: a caller that is cancelled half-way must not leave a transaction of which nobody knows the end."""
        if self._closed:
            running.close()
            raise JournalUnavailable(f"The database {self.path} was closed: start the program again.")
        task = asyncio.ensure_future(running)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)


def _in_transaction(connection: sa.Connection, work: Work[T]) -> T:
    try:
        with connection.begin():
            return work(connection)
    except BaseException:
        _end_transaction(connection)
        raise


def _end_transaction(connection: sa.Connection) -> None:
    """After a failure, in the commit too: the pool does not look whether a connection has a transaction left, and one
    that had would keep the database locked.
    """
    try:
        connection.connection.rollback()
    except (DBAPIError, sqlite3.Error):
        connection.invalidate()


def open_database(url: str, busy_timeout: timedelta) -> Database:
    """Take the file that `url` names and make its engines. Raises InvalidValue on a url that cannot serve, and
    JournalUnavailable.
    """
    parsed = _parsed(url)
    held = hold(Path(parsed.database or ""))
    parsed = parsed.set(database=str(held.path))
    return Database(held, _writer(parsed, busy_timeout), _reader(parsed, busy_timeout))


def _parsed(url: str) -> URL:
    expected = f"expected {DRIVER}:////folder/file.sqlite"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidValue("database.url", expected) from error
    if parsed.drivername != DRIVER or parsed.database in (None, "", ":memory:"):
        raise InvalidValue("database.url", expected)
    return parsed


def _writer(url: URL, busy_timeout: timedelta) -> AsyncEngine:
    settings = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
    engine = _engine(url, pool_size=1)
    _set_up(engine, (_patience(busy_timeout), *settings), "BEGIN IMMEDIATE")
    return engine


def _reader(url: URL, busy_timeout: timedelta) -> AsyncEngine:
    engine = _engine(url, pool_size=READERS)
    _set_up(engine, (_patience(busy_timeout), "query_only=ON", "foreign_keys=ON"), "BEGIN")
    return engine


def _engine(url: URL, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=LONGEST_QUEUE.total_seconds(),
        pool_reset_on_return=None,
        connect_args={"isolation_level": None},
    )


def _patience(busy_timeout: timedelta) -> str:
    return f"busy_timeout={busy_timeout // timedelta(milliseconds=1)}"


def _set_up(engine: AsyncEngine, pragmas: tuple[str, ...], begin: str) -> None:
    def on_connect(connection: DBAPIConnection, _record: object) -> None:
        _run_plain(connection, *(f"PRAGMA {pragma}" for pragma in pragmas))

    def on_begin(connection: sa.Connection) -> None:
        _run_plain(connection.connection, begin)

    sa.event.listen(engine.sync_engine, "connect", on_connect)
    sa.event.listen(engine.sync_engine, "begin", on_begin)


def _run_plain(connection: DBAPIConnection | PoolProxiedConnection, *statements: str) -> None:
    """Past SQLAlchemy's own machinery, which takes longer to run a BEGIN than the database does."""
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
