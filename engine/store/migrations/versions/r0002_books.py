"""The books beside the standing: what every venue should hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NO_BOOKS = '{"adopted":[],"lines":[],"since":null}'


def upgrade() -> None:
    op.add_column("standing", sa.Column("books", sa.Text, nullable=False, server_default=NO_BOOKS))


def downgrade() -> None:
    with op.batch_alter_table("standing") as table:
        table.drop_column("books")
