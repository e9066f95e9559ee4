"""The journal's first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.column_types import ExactDecimal, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_event()
    _create_plans()
    _create_orders()
    _create_standing()
    _create_fills()
    _create_fill_fees()
    _create_decisions()
    _create_chat_tables()


def downgrade() -> None:
    for table in ["card", "outbox", "decision", "blob", "standing", "fill_fee", "fill", "plan_order", "plan", "event"]:
        op.drop_table(table)


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("portfolio", sa.Text, nullable=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("stream_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("ts_event", Instant, nullable=False),
        sa.Column("ts_recorded", Instant, nullable=False),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.Column("causation_seq", sa.Integer),
        sa.Column("payload", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_event"),
        sa.UniqueConstraint("stream", "stream_version", name="uq_event_stream_stream_version"),
    )
    op.create_index("ix_event_kind", "event", ["kind"])


def _create_plans() -> None:
    op.create_table(
        "plan",
        sa.Column("plan_id", sa.Text, nullable=False),
        sa.Column("portfolio", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name="pk_plan"),
    )
    op.create_index("ix_plan_portfolio_created_at", "plan", ["portfolio", "created_at"])
    # As each database writes the condition itself: SQLite uses a partial index only where the query says the same.
    op.create_index(
        "uq_plan_one_open",
        "plan",
        ["portfolio"],
        unique=True,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )


def _create_orders() -> None:
    op.create_table(
        "plan_order",
        sa.Column("client_order_id", sa.Text, nullable=False),
        sa.Column("plan_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("client_order_id", name="pk_plan_order"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.plan_id"], name="fk_plan_order_plan_id"),
    )
    op.create_index("ix_plan_order_plan_id", "plan_order", ["plan_id"])


def _create_standing() -> None:
    op.create_table(
        "standing",
        sa.Column("portfolio", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("portfolio", name="pk_standing"),
    )


def _create_fills() -> None:
    op.create_table(
        "fill",
        sa.Column("venue", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("client_order_id", sa.Text, nullable=False),
        sa.Column("plan_id", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("quote", sa.Text, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("quantity", ExactDecimal, nullable=False),
        sa.Column("price", ExactDecimal, nullable=False),
        sa.Column("traded_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("venue", "id", name="pk_fill"),
        sa.ForeignKeyConstraint(["client_order_id"], ["plan_order.client_order_id"], name="fk_fill_client_order_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.plan_id"], name="fk_fill_plan_id"),
        sa.ForeignKeyConstraint(["seq"], ["event.seq"], name="fk_fill_seq"),
    )
    op.create_index("ix_fill_client_order_id", "fill", ["client_order_id"])
    op.create_index("ix_fill_plan_id", "fill", ["plan_id"])


def _create_fill_fees() -> None:
    op.create_table(
        "fill_fee",
        sa.Column("venue", sa.Text, nullable=False),
        sa.Column("fill_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("quantity", ExactDecimal, nullable=False),
        sa.PrimaryKeyConstraint("venue", "fill_id", "position", name="pk_fill_fee"),
        sa.ForeignKeyConstraint(["venue", "fill_id"], ["fill.venue", "fill.id"], name="fk_fill_fee_venue_fill_id"),
    )


def _create_decisions() -> None:
    op.create_table(
        "blob",
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_blob"),
    )
    op.create_table(
        "decision",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("portfolio", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("engine_version", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("lots", sa.Text, nullable=False),
        sa.Column("history", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_decision"),
        sa.UniqueConstraint("id", name="uq_decision_id"),
        sa.ForeignKeyConstraint(["snapshot"], ["blob.hash"], name="fk_decision_snapshot"),
        sa.ForeignKeyConstraint(["lots"], ["blob.hash"], name="fk_decision_lots"),
        sa.ForeignKeyConstraint(["history"], ["blob.hash"], name="fk_decision_history"),
    )
    op.create_index("ix_decision_portfolio", "decision", ["portfolio"])


def _create_chat_tables() -> None:
    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("portfolio", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.ForeignKeyConstraint(["seq"], ["event.seq"], name="fk_outbox_seq"),
    )
    op.create_index(
        "ix_outbox_untold",
        "outbox",
        ["portfolio", "seq"],
        sqlite_where=sa.text("told = 0"),
        postgresql_where=sa.text("NOT told"),
    )
    op.create_table(
        "card",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("key", "chat_id", name="pk_card"),
    )
