"""The event table: facts written once, and read back as they were."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.model.errors import ConcurrentWrite
from engine.model.events import SCHEMA_VERSION, Draft, Event, StreamId
from engine.model.ids import PortfolioId
from engine.store import codec
from engine.store.projections import numbered, recorded
from engine.store.schema import event

INSERT: Final = sa.insert(event).returning(event.c.seq, sort_by_parameter_order=True)
VERSIONS: Final = (
    sa.select(event.c.stream, sa.func.max(event.c.stream_version))
    .where(event.c.stream.in_(sa.bindparam("streams", expanding=True)))
    .group_by(event.c.stream)
)


def stream_versions(connection: sa.Connection, streams: Collection[StreamId]) -> dict[StreamId, int]:
    """The versions of some streams; those without a fact are left out."""
    rows = connection.execute(VERSIONS, {"streams": streams})
    return {StreamId(stream): version for stream, version in rows}


def read_streams(connection: sa.Connection, portfolio: PortfolioId, streams: Collection[StreamId]) -> tuple[Event, ...]:
    """All facts of some streams, oldest first."""
    query = sa.select(event).where(event.c.stream.in_(streams), event.c.portfolio == portfolio)
    rows = connection.execute(query.order_by(event.c.seq))
    return tuple(event_of(row) for row in rows.mappings())


def read_kinds(connection: sa.Connection, portfolio: PortfolioId, kinds: Collection[str]) -> tuple[Event, ...]:
    """All facts of some kinds, oldest first."""
    query = sa.select(event).where(event.c.kind.in_(kinds), event.c.portfolio == portfolio)
    rows = connection.execute(query.order_by(event.c.seq))
    return tuple(event_of(row) for row in rows.mappings())


def insert_events(
    connection: sa.Connection,
    portfolio: PortfolioId,
    drafts: Sequence[Draft],
    versions: Mapping[StreamId, int],
    recorded_at: datetime,
) -> tuple[Event, ...]:
    """Write facts behind those that are there. Raises ConcurrentWrite where someone else took their places."""
    places = numbered(drafts, versions)
    rows = [_row(portfolio, draft, place, recorded_at) for draft, place in zip(drafts, places, strict=True)]
    try:
        seqs = connection.scalars(INSERT, rows).all()
    except IntegrityError as error:
        raise ConcurrentWrite("a stream has grown since it was read: read it again") from error
    return tuple(
        recorded(draft, seq, place, recorded_at) for draft, seq, place in zip(drafts, seqs, places, strict=True)
    )


def event_of(row: Mapping[Any, Any]) -> Event:
    """An event from its row. Raises JournalUnavailable where its fact cannot be understood."""
    return Event(
        seq=row["seq"],
        stream=row["stream"],
        stream_version=row["stream_version"],
        fact=codec.read_fact(row["kind"], row["schema_version"], row["payload"]),
        ts_event=row["ts_event"],
        ts_recorded=row["ts_recorded"],
        correlation_id=row["correlation_id"],
        causation_seq=row["causation_seq"],
    )


def _row(portfolio: PortfolioId, draft: Draft, stream_version: int, recorded_at: datetime) -> dict[str, object]:
    return {
        "portfolio": portfolio,
        "stream": draft.stream,
        "stream_version": stream_version,
        "kind": type(draft.fact).__name__,
        "schema_version": SCHEMA_VERSION,
        "ts_event": draft.at,
        "ts_recorded": recorded_at,
        "correlation_id": draft.correlation_id,
        "causation_seq": draft.causation_seq,
        "payload": codec.write(draft.fact),
    }
