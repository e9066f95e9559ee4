"""What is wrong with a file that a person wrote: every mistake at once, each with its key and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.config.secrets import without_secrets

SHOWN_LENGTH: Final = 40
KEY_MARK: Final = "[key]"
SECRET_NAMES: Final = frozenset(
    {"token", "key", "secret", "api_key", "apikey", "api_secret", "password", "passphrase", "private_key", "mnemonic"}
)
EXPECTED: Final = {
    "missing": "is missing; add it",
    "bool_type": "expected true or false, without quotes",
    "int_type": "expected a whole number, without quotes",
    "string_type": "expected text in quotes",
    "list_type": "expected a list in square brackets",
    "dict_type": "expected a table of keys and values",
    "model_type": "expected a table of keys and values",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong: `key` is the path to it, `problem` says what is wrong and what would be right."""

    key: str
    problem: str

    def __str__(self) -> str:
        return f"{self.key}: {self.problem}"


class ConfigMistakes(Exception):
    """A file that cannot be used. `mistakes` are all that were found, one line each; no secret is in any of them."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = tuple(dict.fromkeys(mistakes))
        super().__init__("\n".join(map(str, self.mistakes)))


def path_text(loc: Iterable[int | str]) -> str:
    """The path to a key as people write it, on one line: `venues[0].balances.BTC`."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part != KEY_MARK:
            name = without_secrets(part if part.isprintable() else ascii(part))
            text += f".{name}" if text else name
    return text or "the file"


def mistakes_of(error: ValidationError, model: type[BaseModel]) -> list[Mistake]:
    """Each of pydantic's errors in our words. `model` is what was read: it knows the keys that would be right."""
    return [Mistake(path_text(e["loc"]), _problem(e, model)) for e in error.errors(include_url=False)]


def _problem(error: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(error["loc"], model)
    if kind in {"enum", "literal_error"}:
        return f"expected {context['expected']}, got {shown(error['input'])}"
    if kind == "value_error":
        return str(context["error"])
    return EXPECTED.get(kind, error["msg"])


def shown(value: object) -> str:
    """A wrong value as the person wrote it, cut short."""
    text = without_secrets(repr(value) if isinstance(value, str) else str(value))
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"


def _unknown_key(loc: Sequence[int | str], model: type[BaseModel]) -> str:
    *parents, leaf = map(str, loc)
    known = known_keys(model)
    beside = [path for path in known if len(path) == len(loc) and _matches(path[:-1], parents)]
    if leaf.lower() in SECRET_NAMES:
        return _inline_secret(leaf, [path[-1] for path in beside])
    near = difflib.get_close_matches(leaf, [path[-1] for path in beside], n=1)
    if near:
        return f"is not known; did you mean {near[0]}?"
    elsewhere = [path_text(path) for path in known if path[-1] == leaf]
    if elsewhere:
        return f"is not known here; did you mean {elsewhere[0]}?"
    return f"is not known; known here are {', '.join(path[-1] for path in beside)}"


def _inline_secret(name: str, beside: Sequence[str]) -> str:
    ways = [key for key in beside if key.endswith(("_env", "_file"))]
    own = [key for key in ways if key.startswith(f"{name}_")] or ways
    if not own:
        return "a secret does not belong in this file; remove it"
    return (
        "a secret does not belong in this file; put it into an environment variable, or into a file that only you can "
        f"read (mode 600), and name that in {' or '.join(own)}"
    )


def _matches(pattern: Sequence[str], parents: Sequence[str]) -> bool:
    return all(p in {"NAME", parent} for p, parent in zip(pattern, parents, strict=True))


def known_keys(model: type[BaseModel]) -> list[tuple[str, ...]]:
    """The path of every key of a model, tables included. NAME stands for a name of the user's own or a list's index."""
    found: list[tuple[str, ...]] = []
    for name, field in model.model_fields.items():
        path: tuple[str, ...] = (field.alias or name,)
        found.append(path)
        inner, named = _model_inside(field)
        if inner is not None:
            path = (*path, "NAME") if named else path
            found += [(*path, *rest) for rest in known_keys(inner)]
    return found


def _model_inside(field: FieldInfo) -> tuple[type[BaseModel] | None, bool]:
    """The table that a field holds, and whether it holds several under names or in a list."""
    pending: list[tuple[object, bool]] = [(field.annotation, False)]
    while pending:
        annotation, named = pending.pop()
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return annotation, named
        several = getattr(annotation, "__origin__", None) in {dict, list, tuple}
        pending += [(argument, named or several) for argument in get_args(annotation)]
    return None, False


def without(raw: Mapping[str, object], locs: Iterable[Sequence[int | str]]) -> dict[str, object]:
    """A copy of a file's content without what is wrong at the given places."""
    kept = {key: without(value, ()) if isinstance(value, Mapping) else value for key, value in raw.items()}
    for loc in locs:
        _remove(kept, [part for part in loc if part != KEY_MARK])
    return kept


def _remove(table: dict[str, object], loc: Sequence[int | str]) -> None:
    """Remove what is at a place: where nothing is there (a key is missing) or it is no table, what holds it."""
    if not loc or not isinstance(loc[0], str) or loc[0] not in table:
        return
    key, rest = loc[0], loc[1:]
    inner = table[key]
    if rest and isinstance(inner, dict) and rest[0] in inner:
        _remove(inner, rest)
    else:
        del table[key]
