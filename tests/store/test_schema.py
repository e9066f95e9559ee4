"""The tables: what the migrations build is what the program expects, on both kinds of database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from engine.store.column_types import ExactDecimal, Instant
from engine.store.migrate import VERSION_TABLE, upgrade
from engine.store.schema import METADATA

POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]
LONG = Decimal("115792089237316195423570985008687907853269984665640564039457584007913129.639935")


def shape(connection: sa.Connection) -> set[str]:
    """Every table and index, as the database has it, one clause apart from the other."""
    found = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name != ?", (VERSION_TABLE,)
    )
    statements = (re.sub(r"[\s\"]+", " ", sql) for (sql,) in found)
    return {" ".join(sorted(statement.split(", "))) for statement in statements}


def test_the_migrations_build_the_schema() -> None:
    """Tables, columns, keys, partial indexes: the same from the revisions as from the program's own description."""
    shapes = []
    for build in (METADATA.create_all, lambda connection: upgrade(connection, "x")):
        engine = sa.create_engine("sqlite://")
        with engine.begin() as connection:
            build(connection)
            shapes.append(shape(connection))
        engine.dispose()
    assert shapes[0] == shapes[1]
    assert len(shapes[0]) > 10


def test_an_upgrade_of_what_is_up_to_date_changes_nothing() -> None:
    """So it can run at every start."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        upgrade(connection, "x")
        before = shape(connection)
        upgrade(connection, "x")
        assert shape(connection) == before
    engine.dispose()


def test_the_schema_suits_postgresql() -> None:
    """Figures are numbers without bounds, instants know their zone, and one open plan is the database's own rule."""
    tables = {name: str(CreateTable(table).compile(dialect=POSTGRESQL)) for name, table in METADATA.tables.items()}
    assert "quantity NUMERIC NOT NULL" in tables["fill"]
    assert "ts_event TIMESTAMP WITH TIME ZONE NOT NULL" in tables["event"]
    assert "seq SERIAL NOT NULL" in tables["event"]
    (one_open,) = (index for index in METADATA.tables["plan"].indexes if index.unique)
    assert str(CreateIndex(one_open).compile(dialect=POSTGRESQL)).endswith("ON plan (portfolio) WHERE is_open")


@pytest.fixture
def table() -> sa.Table:
    return sa.Table("figures", sa.MetaData(), sa.Column("number", ExactDecimal), sa.Column("at", Instant))


def kept(table: sa.Table, **values: object) -> sa.Row[Any, Any]:
    """What a row holds after it was written."""
    engine = sa.create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            table.create(connection)
            connection.execute(sa.insert(table).values(**values))
            return connection.execute(sa.select(table.c.number, table.c.at)).one()
    finally:
        engine.dispose()


@pytest.mark.parametrize("number", ["0.1", "1.50", "1E-18", "0", "-0.30000000000000004", str(LONG)])
def test_a_decimal_is_kept_digit_by_digit(table: sa.Table, number: str) -> None:
    """Trailing zeros too: it is never normalised."""
    found = kept(table, number=Decimal(number)).number
    assert found is not None
    assert format(found, "f") == format(Decimal(number), "f")


@pytest.mark.parametrize(("value", "error"), [(0.1, TypeError), ("0.1", TypeError), (Decimal("NaN"), ValueError)])
def test_what_is_no_exact_decimal_is_refused(table: sa.Table, value: object, error: type[Exception]) -> None:
    """A float would have lost its digits before."""
    with pytest.raises((error, sa.exc.StatementError)) as caught:
        kept(table, number=value)
    assert isinstance(getattr(caught.value, "orig", None) or caught.value, error)


def test_instants_are_kept_in_utc(table: sa.Table) -> None:
    """Of one length, so that their text sorts as they do."""
    tokyo = timezone(timedelta(hours=9))
    found = kept(table, at=datetime(2026, 1, 1, 9, tzinfo=tokyo)).at
    assert found == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.utcoffset() == timedelta(0)
    with pytest.raises((ValueError, sa.exc.StatementError), match="time zone"):
        kept(table, at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_nothing_stays_nothing(table: sa.Table) -> None:
    """An absent value is not zero."""
    assert tuple(kept(table)) == (None, None)
