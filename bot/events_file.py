"""The events file of `equipoise lots`: a history as JSON, read into entries of the ledger.

Every mistake is found at once, each with its path in the file. A file can hold events by the hundred thousand: it is
read by hand, as a validator with a model per event would take longer than the matching.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeAlias

from bot.config.mistakes import ConfigMistakes, Mistake, path_text, shown
from bot.json_text import Loc, parsed
from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.lots import Entry, EntryKind, LotPick
from engine.model.money import ONE, ZERO, decimal_of, exact

SCHEMA: Final = "equipoise-events/1"
KINDS: Final = {
    kind.value: kind
    for kind in (EntryKind.ACQUIRE, EntryKind.INCOME, EntryKind.DISPOSE, EntryKind.REDUCE, EntryKind.TRANSFER)
}
FILE_KEYS: Final = frozenset({"schema", "currency", "events"})
EVENT_KEYS: Final = frozenset(
    {"id", "t", "asset", "account", "kind", "qty", "price", "fee", "cost", "proceeds", "lots"}
    | {"to_account", "fee_qty", "fee_proceeds"}
)
NUMBERS: Final = ("qty", "price", "fee", "cost", "proceeds", "fee_qty", "fee_proceeds")
SHORT_NUMBER: Final = 30
"""A text of so many digits and a point holds no number that is too long."""
VALUED: Final = frozenset({EntryKind.ACQUIRE, EntryKind.INCOME, EntryKind.DISPOSE})
MAY_BE_NEGATIVE: Final = frozenset({"cost", "proceeds", "fee_proceeds", "fee"})
YEARS: Final = range(2, 9998)
"""Whose days, and the same days a year later, every calendar has."""
ANY_ASSET: Final = Asset("X")
ANY_ACCOUNT: Final = "main"

Event: TypeAlias = Mapping[str, object]


def load_events(text: str) -> tuple[Entry, ...]:
    """Read an events file. Raises ConfigMistakes."""
    return entries_of(*parsed(text))


@exact
def entries_of(raw: object, repeated: Sequence[Mistake] = ()) -> tuple[Entry, ...]:
    """Read the content of an events file; `repeated` is what was found in its text. Raises ConfigMistakes."""
    reader = _Reader()
    entries = reader.read(raw)
    if repeated or reader.mistakes:
        raise ConfigMistakes([*repeated, *reader.mistakes])
    return entries


class _Reader:
    """Reads events, and goes on after a mistake."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def read(self, raw: object) -> tuple[Entry, ...]:
        """All events that can be read."""
        if not isinstance(raw, dict):
            self._mistake((), "expected an object with schema and events")
            return ()
        if raw.get("schema") != SCHEMA:
            self._mistake(("schema",), f'expected "{SCHEMA}"')
        if not isinstance(raw.get("currency", ""), str):
            self._mistake(("currency",), f"expected a name in quotes, got {shown(raw['currency'])}")
        for key in sorted(raw.keys() - FILE_KEYS):
            self._mistake((key,), f"is not known; known here are {', '.join(sorted(FILE_KEYS))}")
        events = raw.get("events")
        if not isinstance(events, list):
            self._mistake(("events",), "expected a list of events")
            return ()
        entries = tuple(entry for place, event in enumerate(events) if (entry := self._entry(place, event)))
        if self.mistakes or len({entry.id for entry in entries}) < len(entries):
            self._find_repeated(events)
        return entries

    def _mistake(self, loc: Loc, problem: str) -> None:
        self.mistakes.append(Mistake(path_text(loc), problem))

    def _entry(self, place: int, event: object) -> Entry | None:
        if not isinstance(event, dict):
            self._mistake(("events", place), "expected an object")
            return None
        if not EVENT_KEYS.issuperset(event):
            for key in sorted(event.keys() - EVENT_KEYS):
                self._mistake(("events", place, key), f"is not known; known here are {', '.join(sorted(EVENT_KEYS))}")
        try:
            return _entry_of(event)
        except InvalidValue:
            for error in _mistakes_of(event):
                self._mistake(("events", place, *([error.field] if error.field else [])), error.problem)
            return None

    def _find_repeated(self, events: list[Any]) -> None:
        first: dict[object, int] = {}
        for place, event in enumerate(events):
            name = event.get("id") if isinstance(event, dict) else None
            if isinstance(name, str) and first.setdefault(name, place) != place:
                problem = f"{shown(name)} is there already at events[{first[name]}]; rename one"
                self._mistake(("events", place, "id"), problem)


def _entry_of(event: Event) -> Entry:
    """One event. Raises InvalidValue with the key of the first mistake."""
    kind, asset = _kind(event), Asset(_text(event, "asset", ANY_ASSET))
    account, quantity = _text(event, "account", ANY_ACCOUNT), _quantity(event, kind)
    head = _text(event, "id"), _instant(event), kind, asset, account, quantity
    picks = _picks(event) if "lots" in event else ()
    if kind is EntryKind.TRANSFER:
        fee = _number(event, "fee_qty") or ZERO, _number(event, "fee_proceeds")
        return Entry(*head, None, None, _text(event, "to_account"), *fee, picks)
    if kind is EntryKind.REDUCE:
        return Entry(*head, picks=picks)
    value, price = _value_and_price(event, kind, quantity)
    return Entry(*head, value, price, "", ZERO, None, picks)


def _mistakes_of(event: Event) -> list[InvalidValue]:
    """All that is wrong with an event: one mistake a key."""
    checks: list[Callable[[], object]] = [
        partial(_kind, event),
        partial(_text, event, "id"),
        partial(_instant, event),
        partial(_text, event, "asset", ANY_ASSET),
        partial(_text, event, "account", ANY_ACCOUNT),
        *(partial(_number, event, key) for key in NUMBERS),
        lambda: _quantity(event, _kind(event)),
        lambda: _text(event, "to_account") if _kind(event) is EntryKind.TRANSFER else "",
        lambda: _value_and_price(event, _kind(event), ONE) if _kind(event) in VALUED else (),
        lambda: _picks(event) if "lots" in event else (),
    ]
    found: dict[str, InvalidValue] = {}
    for check in checks:
        try:
            check()
        except InvalidValue as error:
            found.setdefault(error.field, error)
    return list(found.values())


def _kind(event: Event) -> EntryKind:
    name = event.get("kind")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise InvalidValue("kind", f"expected one of {', '.join(KINDS)}, got {shown(name)}")
    return kind


def _quantity(event: Event, kind: EntryKind) -> Decimal:
    quantity = _number(event, "qty")
    if quantity is None:
        raise InvalidValue("qty", "is missing; add it")
    if not quantity and kind is not EntryKind.TRANSFER:
        raise InvalidValue("qty", f"must be above 0, got {quantity}")
    return quantity


def _value_and_price(event: Event, kind: EntryKind, quantity: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """What was paid in all, or what was got after the fee, and the price of one without it.

    What is written outright wins over the price. A sale that says neither books no gain.
    """
    price, fee = _number(event, "price"), _number(event, "fee") or ZERO
    if kind is EntryKind.DISPOSE:
        proceeds = _number(event, "proceeds")
        return (price * quantity - fee if proceeds is None and price is not None else proceeds), price
    cost = _number(event, "cost")
    if cost is None:
        if price is None:
            raise InvalidValue("cost", "is missing; add it, or a price")
        return price * quantity + fee, price
    return cost, (cost - fee) / quantity if price is None else price


def _number(event: Event, key: str) -> Decimal | None:
    value = event.get(key)
    if value is None:
        return None
    if type(value) is str and len(value) <= SHORT_NUMBER and value.replace(".", "", 1).isdecimal():
        return Decimal(value)
    number = decimal_of(value, key)
    if number < 0 and key not in MAY_BE_NEGATIVE:
        raise InvalidValue(key, f"must not be below 0, got {shown(value)}")
    return number


def _text(event: Event, key: str, default: str | None = None) -> str:
    value = event.get(key, default)
    if isinstance(value, str) and value and value.isprintable():
        return value
    raise InvalidValue(key, "is missing; add it" if value is None else f"expected a name in quotes, got {shown(value)}")


def _instant(event: Event) -> datetime:
    value = event.get("t")
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at.year not in YEARS:
        problem = f"expected a time with its zone, such as 2026-01-01T00:00:00Z, got {shown(value)}"
        raise InvalidValue("t", problem)
    return at


def _picks(event: Event) -> tuple[LotPick, ...]:
    lots = event["lots"]
    if not isinstance(lots, list) or not all(isinstance(lot, str) and lot for lot in lots):
        raise InvalidValue("lots", f"expected a list of lots' ids, got {shown(lots)}")
    return tuple(LotPick(lot) for lot in lots)
