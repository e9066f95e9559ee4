"""The journal's database inside a killable process: the real SQLAlchemy and aiosqlite code, without its threads.

What aiosqlite would hand to a thread runs at once, so that it is the same in every run of a seed. Statements and
commits can fail as SQLite's do, before they took effect or after it. A kill does what the kernel does to a process:
open transactions are gone, and the lock on the file is let go.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine

import engine.store.connection
from engine.store.database_file import HeldFile, hold

TROUBLES: Final = (
    ("database is locked", sqlite3.SQLITE_BUSY),
    ("disk I/O error", sqlite3.SQLITE_IOERR),
    ("database or disk is full", sqlite3.SQLITE_FULL),
)
MEMORY_DISK: Final = Path("/dev/shm")
FALLIBLE: Final = frozenset({"execute", "executemany", "commit"})
SLOW_STATEMENTS: Final = 0.25
FINAL_SETTING, QUICK_SETTING = "PRAGMA synchronous=FULL", "PRAGMA synchronous=OFF"
"""Killing a process loses nothing that the operating system was given: only the writing to the disk is spared."""


class Disk:
    """The database's file, with the connections of the living process. `trouble` is how often a call fails."""

    def __init__(self, path: Path, seed: str) -> None:
        self.path = path
        self.trouble = 0.0
        self.troubles = 0
        """How many calls have failed."""
        self.on_commit: Callable[[], None] = lambda: None
        self._random = random.Random(seed)
        self._connections: list[_Connection] = []
        self._held: list[HeldFile] = []

    @contextmanager
    def plugged_in(self) -> Iterator[None]:
        """Have the store work on this disk for as long as the block lasts."""
        with ExitStack() as patches:
            patches.enter_context(patch.object(aiosqlite, "connect", self._connect))
            patches.enter_context(patch.object(engine.store.connection, "hold", self._hold))
            for name, make in WARM_ENGINES.items():
                patches.enter_context(patch.object(engine.store.connection, name, make))
            yield

    def kill(self) -> None:
        """What becomes of a killed process's files."""
        for connection in self._connections:
            connection.end()
        for held in self._held:
            held.release()
        self._connections, self._held = [], []

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Look at what is on disk, past the program."""
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            yield connection
        finally:
            connection.close()

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Do what aiosqlite's thread would do, or fail as SQLite would."""
        name = function.__name__
        if name not in FALLIBLE:
            return function(*arguments)
        fails = self._random.random() < self.trouble
        if fails and not (late := name == "commit" and self._random.random() < 0.5):
            self._raise()
        writes = name == "commit" and _connection_of(function).writes
        answer = function(*_quickened(function, arguments))
        if writes:
            self.on_commit()
        if fails and late:
            self._raise()
        return answer

    def takes_time(self, function: Callable[..., Any]) -> bool:
        """Whether others run before the answer is there: after every commit, and after some statements."""
        name = function.__name__
        return name == "commit" or (name == "execute" and self._random.random() < SLOW_STATEMENTS)

    def _raise(self) -> None:
        self.troubles += 1
        words, code = self._random.choice(TROUBLES)
        error = sqlite3.OperationalError(words)
        error.sqlite_errorcode = code
        raise error

    def _connect(self, database: str, **settings: Any) -> aiosqlite.Connection:
        def connector() -> sqlite3.Connection:
            connection = sqlite3.connect(database, factory=_Connection, **settings)
            self._connections.append(connection)
            return connection

        return _InlineConnection(connector, self)

    def _hold(self, path: Path) -> HeldFile:
        held = hold(path)
        self._held.append(held)
        return held


class _Connection(sqlite3.Connection):
    """A connection that can be ended in the midst of what it does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writes = False
        self._cursors: weakref.WeakSet[sqlite3.Cursor] = weakref.WeakSet()

    def cursor(self, *args: Any, **kwargs: Any) -> sqlite3.Cursor:
        cursor = super().cursor(*args, **kwargs)
        self._cursors.add(cursor)
        return cursor

    def end(self) -> None:
        """A cursor left open would keep SQLite's lock after the connection is closed."""
        with suppress(sqlite3.Error):
            if self.in_transaction:
                self.rollback()
            for cursor in list(self._cursors):
                cursor.close()
        self.close()


class _InlineConnection(aiosqlite.Connection):
    """An aiosqlite connection whose calls are made at once."""

    def __init__(self, connector: Callable[[], sqlite3.Connection], disk: Disk) -> None:
        super().__init__(connector, 64)
        self._disk = disk
        self._tx = _InlineQueue()
        self._thread = _NoThread()

    async def _execute(self, fn: Callable[..., Any], *args: Any, **_: Any) -> Any:
        if not self._connection:
            raise ValueError("Connection closed")
        try:
            return self._disk.call(fn, *args)
        finally:
            if self._disk.takes_time(fn):
                await asyncio.sleep(0)

    def __del__(self) -> None:
        """Nobody closes the connections of a killed process."""


class _NoThread:
    daemon = True

    def start(self) -> None:
        """There is nothing to start."""


class _InlineQueue:
    """Stands where aiosqlite's thread takes what opens and closes its connection from."""

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, function = item
        answer = function()
        if future is not None:
            future.set_result(answer)


def _warm(make: Callable[..., AsyncEngine]) -> Callable[..., AsyncEngine]:
    """Engines with fresh connections that know the statements already: compiling them is a tenth of a short life."""
    made = cache(make)

    def fresh(*settings: Any) -> AsyncEngine:
        warm = made(*settings)
        warm.sync_engine.pool = warm.sync_engine.pool.recreate()
        return warm

    return fresh


WARM_ENGINES: Final = {name: _warm(getattr(engine.store.connection, name)) for name in ("_writer", "_reader")}


def _quickened(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    if arguments and arguments[0] == FINAL_SETTING:
        return (QUICK_SETTING, *arguments[1:])
    if arguments and arguments[0] == "BEGIN IMMEDIATE":
        _connection_of(function).writes = True
    return arguments


def _connection_of(function: Callable[..., Any]) -> _Connection:
    owner: Any = function.__self__  # type: ignore[attr-defined]
    return owner.connection if isinstance(owner, sqlite3.Cursor) else owner


def scratch_folder() -> Path:
    """A folder for databases, in memory where the machine has such a disk."""
    return Path(tempfile.mkdtemp(prefix="equipoise-simulation-", dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None))


def fresh_copy(template: Path, path: Path) -> None:
    """An empty journal in the place of whatever is there."""
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)
    shutil.copyfile(template, path)
