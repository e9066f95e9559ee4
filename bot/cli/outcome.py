"""How commands end, and how they print."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

DONE: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2


class CommandFailed(Exception):
    """A command could not do its work. The message is one sentence with the remedy."""


def say(line: str = "") -> None:
    """One line on standard output."""
    sys.stdout.write(f"{line}\n")


def say_json(record: object) -> None:
    """A record as JSON on standard output, its keys sorted."""
    say(json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False))


def read_input(path: str) -> str:
    """The text of a file; of standard input for `-`. Raises OSError."""
    return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
