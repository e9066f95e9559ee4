"""INSERT that says what becomes of a row that is already there, on any of the databases. Statements are built once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Row = dict[str, object]


def upsert(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Row], key: tuple[str, ...], replacing: tuple[str, ...]
) -> None:
    """Insert rows; where one with its key is there, replace these columns of it."""
    connection.execute(_upsert(connection.dialect.name, table, key, replacing), rows)


def insert_missing(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Row], key: tuple[str, ...] | None = None
) -> None:
    """Insert rows; where one with its key is there (with any unique key of it, where none is named), leave that."""
    connection.execute(_insert_missing(connection.dialect.name, table, key), rows)


@cache
def _upsert(dialect: str, table: sa.Table, key: tuple[str, ...], replacing: tuple[str, ...]) -> sa.Insert:
    insert = _insert(dialect, table)
    return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in replacing})


@cache
def _insert_missing(dialect: str, table: sa.Table, key: tuple[str, ...] | None) -> sa.Insert:
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=key)


def _insert(dialect: str, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
