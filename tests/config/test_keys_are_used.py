"""A key that the file may have leads somewhere: one that is read and then forgotten would be obeyed by nobody."""

from __future__ import annotations

import ast

from bot.config.mistakes import known_keys
from bot.config.tables import FileTables
from tests.architecture.sources import files, tree_of

WHOLE_TABLES = frozenset({"trigger"})
"""They are handed on with all their keys at once."""
READERS = ("policy_file.py", "tax_policy.py", "risk_policy.py", "model_policy.py", "load.py", "accounts.py")


def test_every_key_is_handed_on() -> None:
    """Named where tables become settings or a policy."""
    read = {
        node.attr
        for path in files("bot/config")
        if path.name in READERS
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
    }
    leaves = {path for path in known_keys(FileTables) if path[-1] != "NAME"}
    forgotten = {path for path in leaves if path[0] not in WHOLE_TABLES and _attribute(path[-1]) not in read}
    assert forgotten == set()


def _attribute(key: str) -> str:
    """What a key is called in its table: Python keeps some words for itself."""
    return {"json": "as_json", "min": "least", "max": "most"}.get(key, key)
