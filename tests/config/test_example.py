"""The example file documents every key with its default, and can be used as it is."""

from __future__ import annotations

import itertools
import re
import tomllib
from decimal import Decimal
from pathlib import Path

from bot.config.load import load_settings
from bot.config.mistakes import known_keys
from bot.config.tables import FileTables

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
COMMENTED_KEY = re.compile(r"^# (?=[a-z_]+ = )", re.MULTILINE)
OWN_CHOICES = {"targets", "buckets", "venues", "watched", "telegram.token_env"}


def keys(table: dict[str, object], pattern: set[tuple[str, ...]], path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The paths of a file's keys; a name of the user's own counts as NAME where the models say so."""
    found = set()
    for key, value in table.items():
        own = (*path, "NAME")
        here = own if any(known[: len(own)] == own for known in pattern) else (*path, key)
        found.add(here)
        if isinstance(value, dict) and any(known[: len(here)] == here and known != here for known in pattern):
            found |= keys(value, pattern, here)
    return found


def test_every_key_is_in_the_example() -> None:
    """With its commented keys switched on, the example holds exactly the keys that the models know."""
    known = set(known_keys(FileTables))
    text = COMMENTED_KEY.sub("", EXAMPLE.read_text(encoding="utf-8"))
    documented = {path for path in keys(tomllib.loads(text), known) if path[-1] != "NAME"}
    assert documented == known


def test_every_default_in_the_example_is_the_default() -> None:
    """What is not commented out, and not a choice of one's own, changes nothing when it is removed."""
    raw = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"), parse_float=Decimal)
    written, default = FileTables.model_validate(raw).model_dump(), FileTables().model_dump()
    for tables in (written, default):
        for choice in OWN_CHOICES:
            table, _, key = choice.partition(".")
            if key:
                del tables[table][key]
            else:
                del tables[table]
    assert written == default


def test_every_key_has_a_comment() -> None:
    """The line before each key that stands for itself explains it."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for before, line in itertools.pairwise(lines)
        if re.match(r"[a-z_]+ = ", line) and not before.startswith("#") and line != 'cash = ["USDT", "USDC"]'
    ]
    assert bare == ["cash = 0.2"]


def test_the_example_can_be_used_as_it_is() -> None:
    """With a token in the variable that it names, the simulation can start."""
    settings = load_settings(
        EXAMPLE.read_text(encoding="utf-8"),
        environ={"EQUIPOISE_TELEGRAM_TOKEN": "4242:" + "t" * 35},
        home=Path("/home/ada"),
    )
    assert settings.mode == "simulation"
    assert [venue.name for venue in settings.venues] == ["kraken"]
