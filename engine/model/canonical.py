"""The one text form of a record, by which two records are the same: canonical JSON and its SHA-256.

Sorted keys, no spaces, decimals as plain text without trailing zeros, instants as ISO 8601 in UTC.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from engine.model.ids import Digest
from engine.model.money import plain


def primitive(value: object) -> object:
    """A record as JSON's own types. Raises TypeError for anything that has no canonical form, floats included."""
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, enum.Enum)):
        return value
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return plain(Decimal(value // timedelta(microseconds=1)) / 1_000_000)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: primitive(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): primitive(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [primitive(item) for item in value]
    raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical_json(value: object) -> str:
    """The canonical text of a record."""
    return json.dumps(primitive(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(value: object) -> Digest:
    """SHA-256 of the canonical text, as lower-case hex."""
    return Digest(hashlib.sha256(canonical_json(value).encode()).hexdigest())


def instant_text(instant: datetime) -> str:
    """An instant in UTC, to the microsecond where it has one, with a Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
