"""Records as text and back: canonical JSON out, checked frozen dataclasses in, equal to what was written.

A record is kept with the version of its shape. When a shape changes, `UPCASTERS` gets a row that brings the older text
up; what is on disk is never rewritten.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator, ValidationError, core_schema

from engine.model.canonical import canonical_json, text_of
from engine.model.decision import Decision, Standing
from engine.model.errors import InvalidValue, JournalUnavailable
from engine.model.events import FACTS, SCHEMA_VERSION, Fact
from engine.model.ledger import Books

JsonObject: TypeAlias = dict[str, Any]
Upcaster: TypeAlias = Callable[[JsonObject], JsonObject]

UPCASTERS: Final[dict[tuple[str, int], Upcaster]] = {}
"""(kind, version) -> how its object becomes one of the next version; no row where nothing changed."""

MICROSECONDS_IN_SECOND = 1_000_000


def write(record: object) -> str:
    """The text of a record. Raises TypeError where it holds a float or anything else without a canonical form."""
    return canonical_json(record)


def read_fact(kind: str, version: int, text: str) -> Fact:
    """A fact from its text. Raises JournalUnavailable where this program cannot understand it."""
    if kind not in FACTS:
        raise JournalUnavailable(
            f"The journal holds a fact named {kind}, which this version of Equipoise does not know: update the program."
        )
    fact: Fact = _read(FACTS[kind], version, text)
    return fact


def read_standing(version: int, text: str) -> Standing:
    """A standing from its text. Raises JournalUnavailable."""
    standing: Standing = _read(Standing, version, text)
    return standing


def read_books(version: int, text: str) -> Books:
    """The books from their text. Raises JournalUnavailable."""
    books: Books = _read(Books, version, text)
    return books


def read_decision(version: int, text: str) -> Decision:
    """A decision from its text, inputs included. Raises JournalUnavailable."""
    decision: Decision = _read(Decision, version, text)
    return decision


def _read(shape: type, version: int, text: str) -> Any:
    kind = shape.__name__
    if version > SCHEMA_VERSION:
        raise JournalUnavailable(
            f"The journal holds a {kind} written by a newer version of Equipoise: update the program."
        )
    try:
        # Strict: JSON text becomes a decimal, an instant or an enum, and nothing is guessed beyond that.
        return _validator(shape).validate_json(_brought_up(kind, version, text), strict=True)
    except (ValidationError, InvalidValue, json.JSONDecodeError) as error:
        raise JournalUnavailable(
            f"The journal holds a {kind} that cannot be read back: restore the database from a backup, "
            "or report this if no other program has changed it."
        ) from error


def _brought_up(kind: str, version: int, text: str) -> str:
    if version == SCHEMA_VERSION:
        return text
    record: JsonObject = json.loads(text)
    for older in range(version, SCHEMA_VERSION):
        if (kind, older) in UPCASTERS:
            record = UPCASTERS[kind, older](record)
    return text_of(record)


@cache
def _validator(shape: type) -> SchemaValidator:
    schema = TypeAdapter(shape).core_schema
    return SchemaValidator(_exact(schema))


def _exact(schema: Any) -> Any:
    """Pydantic's schema as exact as the text: a field too many is refused, and durations are read as canonical JSON
    writes them, where pydantic expects ISO 8601.
    """
    if isinstance(schema, dict):
        if schema.get("type") == "timedelta":
            return core_schema.no_info_plain_validator_function(_duration)
        parts = {key: _exact(value) for key, value in schema.items()}
        return parts | {"extra_behavior": "forbid"} if schema.get("type") == "dataclass-args" else parts
    if isinstance(schema, list):
        return [_exact(item) for item in schema]
    if isinstance(schema, tuple):
        return tuple(_exact(item) for item in schema)
    return schema


def _duration(text: object) -> timedelta:
    try:
        seconds = Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        seconds = None
    if seconds is None or not seconds.is_finite():
        raise ValueError("a duration is a text with its seconds")
    return timedelta(microseconds=int(seconds * MICROSECONDS_IN_SECOND))
