"""Bring a database to the shape this program expects, at start and in one transaction."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.model.errors import JournalUnavailable
from engine.model.events import SCHEMA_VERSION
from engine.store import schema

VERSION_TABLE = "alembic_version"


def upgrade(connection: sa.Connection, file: str) -> None:
    """Run the revisions that are missing. Raises JournalUnavailable where the database is newer than this program, or
    belongs to another one.
    """
    script = _revisions()
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        _refuse_foreign_tables(connection, file)
    elif revision not in {known.revision for known in script.walk_revisions()}:
        raise _newer(file)
    if revision != script.get_current_head():
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    newest = sa.select(schema.event.c.schema_version).order_by(schema.event.c.seq.desc()).limit(1)
    if (connection.scalar(newest) or 0) > SCHEMA_VERSION:
        raise _newer(file)


@cache
def _revisions() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    # A per cent sign would be read as an interpolation.
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _refuse_foreign_tables(connection: sa.Connection, file: str) -> None:
    if sa.inspect(connection).get_table_names():
        raise JournalUnavailable(f"The database {file} belongs to another program: name another file.")


def _newer(file: str) -> JournalUnavailable:
    return JournalUnavailable(
        f"The database {file} was written by a newer version of Equipoise: update the program, or restore a backup."
    )
