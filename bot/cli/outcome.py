"""How commands end, and how they print."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from bot.config.mistakes import ConfigMistakes, Mistake

DONE: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2
STANDARD_INPUT: Final = "-"


class CommandFailed(Exception):
    """A command could not do its work. The message is one sentence with the remedy."""


def say(line: str = "") -> None:
    """One line on standard output."""
    sys.stdout.write(f"{line}\n")


def say_json(record: object, *, indent: int | None = 2) -> None:
    """A record as JSON on standard output, its keys sorted; on one line without an indent, which is much faster."""
    say(json.dumps(record, indent=indent, sort_keys=True, ensure_ascii=False))


def read_input(path: str) -> str:
    """The text of a file; of standard input for `-`. Raises ConfigMistakes where there is none to be read."""
    name = "standard input" if path == STANDARD_INPUT else path
    try:
        content = sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        problem = f"cannot be read ({error.strerror}); check the path, or write - for standard input"
        raise ConfigMistakes([Mistake(name, problem)]) from None
    except UnicodeDecodeError:
        raise ConfigMistakes([Mistake(name, "is not UTF-8 text; save it as UTF-8")]) from None
