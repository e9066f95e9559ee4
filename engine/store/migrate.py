"""Bring a database to the shape this program expects, at start and in one transaction."""

from __future__ import annotations

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
    config = _config(connection)
    script = ScriptDirectory.from_config(config)
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        _refuse_foreign_tables(connection, file)
    elif revision not in {known.revision for known in script.walk_revisions()}:
        raise _newer(file)
    if revision != script.get_current_head():
        command.upgrade(config, "head")
    newest = sa.select(schema.event.c.schema_version).order_by(schema.event.c.seq.desc()).limit(1)
    if (connection.scalar(newest) or 0) > SCHEMA_VERSION:
        raise _newer(file)


def _config(connection: sa.Connection) -> Config:
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    # A per cent sign would be read as an interpolation.
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _refuse_foreign_tables(connection: sa.Connection, file: str) -> None:
    if sa.inspect(connection).get_table_names():
        raise JournalUnavailable(f"The database {file} belongs to another program: name another file.")


def _newer(file: str) -> JournalUnavailable:
    return JournalUnavailable(
        f"The database {file} was written by a newer version of Equipoise: update the program, or restore a backup."
    )
