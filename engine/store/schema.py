"""The journal's tables, one shape for SQLite and PostgreSQL. The migrations build them; a test compares the two.

`event` is the truth and is only ever added to. `plan`, `plan_order`, `fill`, `fill_fee` and `standing`, with the
books in it, are folded from it and can be dropped and folded again. `decision` and `blob` keep evaluations, `outbox`
and `card` what the chat was told.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from engine.store.column_types import ExactDecimal, Instant

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = sa.MetaData(naming_convention=NAMING)

event = Table(
    "event",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("portfolio", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("stream_version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("ts_event", Instant, nullable=False),
    Column("ts_recorded", Instant, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("causation_seq", Integer),
    Column("payload", Text, nullable=False),
    sa.UniqueConstraint("stream", "stream_version"),
    Index("ix_event_kind", "kind"),
)

plan = Table(
    "plan",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    Column("portfolio", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("is_open", sa.Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("ix_plan_portfolio_created_at", "portfolio", "created_at"),
)
Index(
    "uq_plan_one_open",
    plan.c.portfolio,
    unique=True,
    sqlite_where=sa.text("is_open = 1"),
    postgresql_where=plan.c.is_open,
)

plan_order = Table(
    "plan_order",
    METADATA,
    Column("client_order_id", Text, primary_key=True),
    Column("plan_id", Text, ForeignKey("plan.plan_id"), nullable=False, index=True),
)

fill = Table(
    "fill",
    METADATA,
    Column("venue", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("client_order_id", Text, ForeignKey("plan_order.client_order_id"), nullable=False, index=True),
    Column("plan_id", Text, ForeignKey("plan.plan_id"), nullable=False, index=True),
    Column("seq", Integer, ForeignKey("event.seq"), nullable=False),
    Column("base", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("quantity", ExactDecimal, nullable=False),
    Column("price", ExactDecimal, nullable=False),
    Column("traded_at", Instant, nullable=False),
)

fill_fee = Table(
    "fill_fee",
    METADATA,
    Column("venue", Text, primary_key=True),
    Column("fill_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("asset", Text, nullable=False),
    Column("quantity", ExactDecimal, nullable=False),
    sa.ForeignKeyConstraint(["venue", "fill_id"], ["fill.venue", "fill.id"]),
)

standing = Table(
    "standing",
    METADATA,
    Column("portfolio", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("books", Text, nullable=False, server_default='{"adopted":[],"lines":[],"since":null}'),
)

blob = Table(
    "blob",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("payload", Text, nullable=False),
)

decision = Table(
    "decision",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("portfolio", Text, nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("engine_version", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("snapshot", Text, ForeignKey("blob.hash"), nullable=False),
    Column("lots", Text, ForeignKey("blob.hash"), nullable=False),
    Column("history", Text, ForeignKey("blob.hash"), nullable=False),
)

outbox = Table(
    "outbox",
    METADATA,
    Column("seq", Integer, ForeignKey("event.seq"), primary_key=True, autoincrement=False),
    Column("portfolio", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("told", sa.Boolean, nullable=False),
)
Index(
    "ix_outbox_untold",
    outbox.c.portfolio,
    outbox.c.seq,
    sqlite_where=sa.not_(outbox.c.told),
    postgresql_where=sa.not_(outbox.c.told),
)

card = Table(
    "card",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", sa.BigInteger, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
