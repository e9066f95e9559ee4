"""The events file of `equipoise lots`: a history as JSON, read into entries of the ledger.

Every mistake is found at once, each with its path in the file. A file can hold events by the hundred thousand: it is
read by hand, as a validator with a model per event would take longer than the matching.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from bot.config.mistakes import ConfigMistakes, Mistake, path_text, shown
from bot.json_text import Loc, parsed
from engine.model.errors import InvalidValue
from engine.model.ids import Asset
from engine.model.lots import Entry, EntryKind, LotPick
from engine.model.money import EXACT, ZERO, decimal_of, exact

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
SHORT_NUMBER: Final = 30
"""A text of so many digits and a point holds no number that is too long."""
PLAIN_NUMBER: Final = re.compile(r"[0-9]+\.?[0-9]*").fullmatch
MAY_BE_NEGATIVE: Final = frozenset({"cost", "proceeds", "fee_proceeds", "fee"})
ANY_ASSET: Final = Asset("X")
ANY_ACCOUNT: Final = "main"


@exact
def load_events(text: str) -> tuple[Entry, ...]:
    """Read an events file. Raises ConfigMistakes."""
    raw, repeated = parsed(text)
    reader = _Reader()
    entries = reader.read(raw)
    if repeated or reader.mistakes:
        raise ConfigMistakes([*repeated, *reader.mistakes])
    return entries


class _Reader:
    """Reads events, and goes on after a mistake."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self._seen: dict[str, int] = {}

    def read(self, raw: object) -> tuple[Entry, ...]:
        """All events that can be read."""
        if not isinstance(raw, dict):
            self._mistake((), "expected an object with schema and events")
            return ()
        if raw.get("schema") != SCHEMA:
            self._mistake(("schema",), f'expected "{SCHEMA}"')
        for key in sorted(raw.keys() - FILE_KEYS):
            self._mistake((key,), f"is not known; known here are {', '.join(sorted(FILE_KEYS))}")
        events = raw.get("events")
        if not isinstance(events, list):
            self._mistake(("events",), "expected a list of events")
            return ()
        return tuple(entry for place, event in enumerate(events) if (entry := self._entry(place, event)))

    def _mistake(self, loc: Loc, problem: str) -> None:
        self.mistakes.append(Mistake(path_text(loc), problem))

    def _entry(self, place: int, event: object) -> Entry | None:
        if not isinstance(event, dict):
            self._mistake(("events", place), "expected an object")
            return None
        for key in () if event.keys() <= EVENT_KEYS else sorted(event.keys() - EVENT_KEYS):
            self._mistake(("events", place, key), f"is not known; known here are {', '.join(sorted(EVENT_KEYS))}")
        try:
            entry = _entry_of(event)
        except InvalidValue as error:
            self._mistake(("events", place, *([error.field] if error.field else [])), error.problem)
            return None
        first = self._seen.setdefault(entry.id, place)
        if first != place:
            self._mistake(("events", place, "id"), f"{shown(entry.id)} is there already at events[{first}]; rename one")
        return entry


def _kind(event: Mapping[str, object]) -> EntryKind:
    name = event.get("kind")
    if not isinstance(name, str) or name not in KINDS:
        raise InvalidValue("kind", f"expected one of {', '.join(KINDS)}, got {shown(name)}")
    return KINDS[name]


def _entry_of(event: Mapping[str, object]) -> Entry:
    """One event. Raises InvalidValue with its key."""
    kind = _kind(event)
    quantity = _number(event, "qty")
    if quantity is None:
        raise InvalidValue("qty", "is missing; add it")
    if quantity <= 0 and not (kind is EntryKind.TRANSFER and quantity == 0):
        raise InvalidValue("qty", f"must be above 0, got {quantity}")
    own = _own_part(kind, event, quantity)
    picks = _picks(event) if "lots" in event else ()
    asset, account = _text(event, "asset", ANY_ASSET), _text(event, "account", ANY_ACCOUNT)
    return Entry(_text(event, "id"), _instant(event), kind, Asset(asset), account, quantity, *own, picks=picks)


OwnPart = tuple[Decimal | None, Decimal | None, str, Decimal, Decimal | None]


def _own_part(kind: EntryKind, event: Mapping[str, object], quantity: Decimal) -> OwnPart:
    """What only some kinds have: value, price, where to, and the fee of the way."""
    if kind is EntryKind.REDUCE:
        return None, None, "", ZERO, None
    if kind is EntryKind.TRANSFER:
        goal = _text(event, "to_account")
        return None, None, goal, _number(event, "fee_qty") or ZERO, _number(event, "fee_proceeds")
    price, fee = _number(event, "price"), _number(event, "fee") or ZERO
    value = _value(kind, event, quantity, price, fee)
    if price is None and kind is not EntryKind.DISPOSE and value is not None:
        price = (value - fee) / quantity
    return value, price, "", ZERO, None


def _value(
    kind: EntryKind, event: Mapping[str, object], quantity: Decimal, price: Decimal | None, fee: Decimal
) -> Decimal | None:
    """What was paid in all, or what was got after the fee; what is written outright wins over the price.

    A sale that says neither books no gain.
    """
    if kind is EntryKind.DISPOSE:
        proceeds = _number(event, "proceeds")
        return price * quantity - fee if proceeds is None and price is not None else proceeds
    cost = _number(event, "cost")
    if cost is not None:
        return cost
    if price is None:
        raise InvalidValue("cost", "is missing; add it, or a price")
    return price * quantity + fee


def _number(event: Mapping[str, object], key: str) -> Decimal | None:
    value = event.get(key)
    if value is None:
        return None
    if type(value) is str and len(value) <= SHORT_NUMBER and PLAIN_NUMBER(value):
        number = EXACT.create_decimal(value)
    else:
        number = decimal_of(value, key)
    if number < 0 and key not in MAY_BE_NEGATIVE:
        raise InvalidValue(key, f"must not be below 0, got {shown(value)}")
    return number


def _text(event: Mapping[str, object], key: str, default: str | None = None) -> str:
    value = event.get(key, default)
    if isinstance(value, str) and value and value.isprintable():
        return value
    raise InvalidValue(key, "is missing; add it" if value is None else f"expected a name in quotes, got {shown(value)}")


def _instant(event: Mapping[str, object]) -> datetime:
    value = event.get("t")
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        problem = f"expected a time with its zone, such as 2026-01-01T00:00:00Z, got {shown(value)}"
        raise InvalidValue("t", problem)
    return at


def _picks(event: Mapping[str, object]) -> tuple[LotPick, ...]:
    lots = event["lots"]
    if not isinstance(lots, list) or not all(isinstance(lot, str) and lot for lot in lots):
        raise InvalidValue("lots", f"expected a list of lots' ids, got {shown(lots)}")
    return tuple(LotPick(lot) for lot in lots)
