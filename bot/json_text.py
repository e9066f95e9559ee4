"""JSON that people and other programs write, with exact numbers; a key that is there twice is found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal

from bot.config.mistakes import ConfigMistakes, Mistake, path_text

Loc = tuple[int | str, ...]


class RepeatedKey:
    """Stands where one object of the file has a key twice: which value is meant cannot be told."""


def parsed(text: str) -> tuple[object, list[Mistake]]:
    """The content of a JSON text, its numbers as decimals, and the keys that are there twice.

    Raises ConfigMistakes with the place of a syntax error.
    """
    repeated: list[str] = []

    def without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
        content = dict(pairs)
        if len(content) == len(pairs):
            return content
        counts = Counter(key for key, _ in pairs)
        repeated.extend(key for key, count in counts.items() if count > 1)
        return {key: value if counts[key] == 1 else RepeatedKey() for key, value in pairs}

    content = _content(text, without_repetition)
    places = _repeated_keys(content, ()) if repeated else ()
    return content, [Mistake(path_text(loc), "is there twice; keep one") for loc in places]


def _content(text: str, hook: Callable[[list[tuple[str, object]]], dict[str, object]]) -> object:
    try:
        # Decimal reads NaN and Infinity too: they are refused where they stand, with their path.
        return json.loads(
            text,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=Decimal,
            object_pairs_hook=hook,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ConfigMistakes([Mistake(where, f"is no JSON ({error.msg.lower()}); correct the line")]) from None
    except RecursionError:
        raise ConfigMistakes([Mistake("the file", "is nested too deeply; write it as documented")]) from None
    except ArithmeticError:
        raise ConfigMistakes([Mistake("the file", "holds a number that cannot be read; correct it")]) from None


def _repeated_keys(value: object, loc: Loc) -> Iterator[Loc]:
    """The places of keys that one object has twice."""
    if isinstance(value, RepeatedKey):
        yield loc
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _repeated_keys(inner, (*loc, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _repeated_keys(inner, (*loc, place))
