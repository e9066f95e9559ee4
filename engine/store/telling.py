"""What people are told: facts that wait for their messages, and the messages that stand for something in a chat."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from engine.model.ids import PortfolioId
from engine.ports import CardRecord, OutboxRow
from engine.store.event_log import event_of
from engine.store.folded_tables import insert_into
from engine.store.schema import card, event, outbox


def untold(connection: sa.Connection, portfolio: PortfolioId, limit: int) -> tuple[OutboxRow, ...]:
    """Facts that are still to be told, oldest first."""
    query = (
        sa.select(event, outbox.c.attempts)
        .join_from(outbox, event)
        .where(outbox.c.portfolio == portfolio, sa.not_(outbox.c.told))
        .order_by(outbox.c.seq)
        .limit(limit)
    )
    rows = connection.execute(query).mappings()
    return tuple(OutboxRow(event_of(row), row["attempts"]) for row in rows)


def mark_told(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """These need no message any more."""
    connection.execute(sa.update(outbox).where(outbox.c.seq.in_(seqs)).values(told=True))


def count_failure(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Telling these failed once more."""
    connection.execute(sa.update(outbox).where(outbox.c.seq.in_(seqs)).values(attempts=outbox.c.attempts + 1))


def read_card(connection: sa.Connection, key: str, chat_id: int) -> CardRecord | None:
    """The message that stands for something in a chat."""
    query = sa.select(card).where(card.c.key == key, card.c.chat_id == chat_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else CardRecord(row.key, row.chat_id, row.message_id, row.content_hash, row.updated_at)


def write_card(connection: sa.Connection, record: CardRecord) -> None:
    """Insert or replace it."""
    values = {
        "message_id": record.message_id,
        "content_hash": record.content_hash,
        "updated_at": record.updated_at,
    }
    insert = insert_into(connection, card).values(key=record.key, chat_id=record.chat_id, **values)
    connection.execute(insert.on_conflict_do_update(index_elements=["key", "chat_id"], set_=values))
