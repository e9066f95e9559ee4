"""TOML with exact numbers, and its syntax errors in our words."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from typing import Final

from bot.config.mistakes import ConfigMistakes, Mistake

AT_LINE: Final = re.compile(r"(?P<what>.*) \(at (line (?P<line>\d+), column \d+|end of document)\)", re.DOTALL)
TWICE: Final = re.compile(r"Cannot declare \((?P<parts>.*)\) twice")


def parse_toml(text: str) -> dict[str, object]:
    """Read TOML with its numbers as decimals. Raises ConfigMistakes with the line of a syntax error."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigMistakes([_syntax_mistake(str(error), text)]) from None
    except RecursionError:
        raise ConfigMistakes([Mistake("the file", "is nested too deeply; write plain tables")]) from None
    except (ValueError, ArithmeticError):
        raise ConfigMistakes([Mistake("the file", "holds a number or date that cannot be read; correct it")]) from None


def _syntax_mistake(message: str, text: str) -> Mistake:
    found = AT_LINE.fullmatch(message)
    what = found["what"] if found else message
    line = int(found["line"]) if found and found["line"] else max(1, len(text.splitlines()))
    table = TWICE.fullmatch(what)
    if table is not None:
        name = ".".join(re.findall(r"'([^']*)'", table["parts"]))
        what = f"{name} is there twice; " + ("rename one" if name.startswith("venues.") else "keep one")
    elif what == "Cannot overwrite a value":
        what = "a key is there twice in one table; keep one"
    else:
        what = f"is no TOML ({what[:1].lower()}{what[1:]}); correct the line"
    return Mistake(f"line {line}", what)
