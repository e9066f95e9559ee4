"""Where Alembic runs the revisions: on the connection, and in the transaction, that it is handed."""

from __future__ import annotations

from alembic import context

from engine.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
