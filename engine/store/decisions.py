"""The archive of decisions: each in full, its large inputs kept once by the hash of their content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from engine.model.canonical import primitive, text_of
from engine.model.decision import Decision
from engine.model.events import SCHEMA_VERSION
from engine.model.ids import DecisionId, PortfolioId
from engine.store import codec
from engine.store.schema import blob, decision
from engine.store.upserts import Row, insert_missing

ID_LENGTH: Final = 16
LARGE_INPUTS: Final = ("snapshot", "lots", "history")
"""The inputs that are kept as blobs; the decision's row names each by its hash."""


def decision_id(value: Decision) -> DecisionId:
    """The first hex digits of its digest."""
    return DecisionId(value.digest[:ID_LENGTH])


@dataclass(frozen=True, slots=True)
class Archive:
    """The decisions of one portfolio."""

    portfolio: PortfolioId

    def save(self, connection: sa.Connection, value: Decision, created_at: datetime) -> DecisionId:
        """Keep a decision; keeping it again changes nothing."""
        record: dict[str, Any] = primitive(value)
        digest = hashlib.sha256(text_of(record).encode()).hexdigest()
        blobs = {name: text_of(record["inputs"].pop(name)) for name in LARGE_INPUTS}
        hashes = {name: hashlib.sha256(content.encode()).hexdigest() for name, content in blobs.items()}
        row = {
            "id": digest[:ID_LENGTH],
            "portfolio": self.portfolio,
            "created_at": created_at,
            "engine_version": value.engine_version,
            "digest": digest,
            "schema_version": SCHEMA_VERSION,
            "payload": text_of(record),
        }
        contents: list[Row] = [{"hash": hashes[name], "payload": blobs[name]} for name in LARGE_INPUTS]
        insert_missing(connection, blob, contents)
        insert_missing(connection, decision, [row | hashes], ("id",))
        return DecisionId(digest[:ID_LENGTH])

    def load(self, connection: sa.Connection, wanted: DecisionId) -> Decision | None:
        """A decision by its id."""
        return self._load(connection, self._query().where(decision.c.id == wanted))

    def load_latest(self, connection: sa.Connection) -> Decision | None:
        """The decision that was stored last."""
        return self._load(connection, self._query().order_by(decision.c.seq.desc()).limit(1))

    def _query(self) -> sa.Select[Any]:
        return sa.select(decision).where(decision.c.portfolio == self.portfolio)

    def _load(self, connection: sa.Connection, query: sa.Select[Any]) -> Decision | None:
        row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        hashes = [row[name] for name in LARGE_INPUTS]
        found = connection.execute(sa.select(blob.c.hash, blob.c.payload).where(blob.c.hash.in_(hashes)))
        contents = {each.hash: each.payload for each in found}
        record: dict[str, Any] = json.loads(row["payload"])
        for name in LARGE_INPUTS:
            record["inputs"][name] = json.loads(contents[row[name]])
        return codec.read_decision(row["schema_version"], text_of(record))
