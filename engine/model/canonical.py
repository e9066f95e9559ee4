"""The one text form of a record, by which two records are the same: canonical JSON and its SHA-256.

Sorted keys, no spaces, decimals as plain text without trailing zeros, instants as ISO 8601 in UTC.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, Final

from engine.model.ids import Digest
from engine.model.money import plain

_JSON: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def primitive(value: object) -> Any:
    """A record as JSON's own types. Raises TypeError for anything that has no canonical form, floats included."""
    kind: type = type(value)
    return _form_of(kind)(value)


def canonical_json(value: object) -> str:
    """The canonical text of a record: that of its primitive form, written without building that first."""
    kind: type = type(value)
    return _WRITER_OF[kind](value)


def text_of(value: object) -> str:
    """The canonical text of what is made of JSON's own types already."""
    return _JSON.encode(value)


def digest_of(value: object) -> Digest:
    """SHA-256 of the canonical text, as lower-case hex."""
    return Digest(hashlib.sha256(canonical_json(value).encode()).hexdigest())


def instant_text(instant: datetime) -> str:
    """An instant in UTC, to the microsecond where it has one, with a Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


@cache
def _form_of(kind: type) -> Callable[[Any], object]:
    """How values of a type are written: found once for each, as a decision holds tens of thousands of values."""
    if issubclass(kind, enum.Enum):
        return lambda value: value.value
    if dataclasses.is_dataclass(kind):
        names = tuple(f.name for f in dataclasses.fields(kind))
        return lambda value: {name: primitive(getattr(value, name)) for name in names}
    for known, form in _FORMS:
        if issubclass(kind, known):
            return form
    raise TypeError(f"no canonical form for {kind.__name__}")


class _Writers(dict[type, Callable[[Any], str]]):
    """How values of a type are written as text: found once for each."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        writer = self[kind] = self._found(kind)
        return writer

    def _found(self, kind: Any) -> Callable[[Any], str]:
        if issubclass(kind, enum.Enum):
            return {member: text_of(member.value) for member in kind}.__getitem__
        if dataclasses.is_dataclass(kind):
            return _record_writer(kind)
        for known, writer in _WRITERS:
            if issubclass(kind, known):
                return writer
        form = _form_of(kind)
        return lambda value: text_of(form(value))


_WRITER_OF: Final = _Writers()


def _record_writer(kind: Any) -> Callable[[Any], str]:
    keys = tuple((f'"{name}":', name) for name in _names_of(kind))

    def write(record: object) -> str:
        values = [(key, getattr(record, name)) for key, name in keys]
        return f"{{{','.join([key + _WRITER_OF[type(value)](value) for key, value in values])}}}"

    return write


def _write_list(items: Sequence[object]) -> str:
    of_decimals = _write_decimal_records(items) if len(items) > 1 and dataclasses.is_dataclass(items[0]) else None
    return of_decimals or f"[{','.join([_WRITER_OF[type(item)](item) for item in items])}]"


def _write_decimal_records(items: Sequence[object]) -> str | None:
    """The list of records that hold decimals alone, such as the levels of a book; None where it is another.

    A decision holds tens of thousands of them: they are written without a call for each.
    """
    kind: Any = type(items[0])
    if {*map(type, items)} != {kind}:
        return None
    names = _names_of(kind)
    columns: list[list[Any]] = [list(map(attrgetter(name), items)) for name in names]
    if any({*map(type, column)} != {Decimal} for column in columns):
        return None
    texts = list(map(plain, columns[0]))
    for name, column in zip(names[1:], columns[1:], strict=True):
        texts = list(map(f'","{name}":"'.join, zip(texts, map(plain, column), strict=True)))
    first = f'{{"{names[0]}":"'
    between = '"},' + first
    return f'[{first}{between.join(texts)}"}}]'


@cache
def _names_of(kind: Any) -> tuple[str, ...]:
    return tuple(sorted(field.name for field in dataclasses.fields(kind)))


def _write_decimal(value: Decimal) -> str:
    return f'"{plain(value)}"'


_WRITERS: Final[tuple[tuple[type, Callable[[Any], str]], ...]] = (
    (Decimal, _write_decimal),
    (str, json.encoder.encode_basestring),
    (tuple, _write_list),
    (list, _write_list),
)


def _as_it_is(value: object) -> object:
    return value


def _seconds_text(duration: timedelta) -> str:
    return plain(Decimal(duration // timedelta(microseconds=1)) / 1_000_000)


def _each(values: Iterable[object]) -> list[object]:
    return [primitive(item) for item in values]


def _by_name(values: Mapping[object, object]) -> dict[str, object]:
    return {str(key): primitive(item) for key, item in values.items()}


_FORMS: Final[tuple[tuple[type, Callable[[Any], object]], ...]] = (
    (type(None), _as_it_is),
    (bool, _as_it_is),
    (int, _as_it_is),
    (str, _as_it_is),
    (Decimal, plain),
    (datetime, instant_text),
    (date, date.isoformat),
    (time, time.isoformat),
    (timedelta, _seconds_text),
    (Mapping, _by_name),
    (tuple, _each),
    (list, _each),
)
