"""Numbers as people and spreadsheets write them. Whether commas are decimal is judged for a whole file at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from bot.config.mistakes import shown
from engine.model.errors import InvalidValue
from engine.model.money import EXACT, decimal_of

AS_IT_WOULD_BE_RIGHT: Final = "write it with a point and without separators, such as 1234.56"
PLAIN: Final = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,30})?")
SPACES: Final = re.compile(r"[\s\u00a0\u202f'’_]")
SIGNS: Final = re.compile(r"^(?P<sign>[-+\u2212]?)[$€£¥₿]?(?P<rest>.*)$")
GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:(?P<mark>[.,])\d{3})(?:(?P=mark)\d{3})*")
"""Groups of three: `1,234` and `1.234` may be thousands."""
EXPONENT: Final = re.compile(r"[eE][-+]?\d+$")
UNIT: Final = re.compile(
    r"^(?P<number>[-+\u2212]?[$€£¥₿]?[\d.,'’\s]*\d(?:[eE]-?\d+)?)\s*(?P<unit>[A-Za-z][A-Za-z0-9.]*)?$"
)


def with_unit(text: str) -> tuple[str, str]:
    """The number and the name of a coin right behind it, as Binance writes: `0.0010BTC`."""
    found = UNIT.match(text)
    return (found["number"], found["unit"] or "") if found else (text, "")


class DecimalMark:
    """Whether a file has a decimal point or a decimal comma, by those of its numbers that leave no doubt."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts` are all cells of the file that should hold a number."""
        self._sure: set[str] = set()
        for text in texts:
            if text and not ("." in self._sure and PLAIN.fullmatch(text)):
                self._sure |= {mark for mark in (_certain_mark(_bare(with_unit(text)[0])),) if mark}
        self._has_comma = "," in self._sure

    def number(self, text: str) -> Decimal:
        """A number of this file, exact. Raises InvalidValue, with an empty field."""
        if not self._has_comma and PLAIN.fullmatch(text):
            # As nearly all numbers are: a file can hold a million.
            return EXACT.create_decimal(text)
        bare = _bare(text)
        if bare.startswith("(") and bare.endswith(")"):
            bare = f"-{bare[1:-1]}"
        return decimal_of(self._normal(bare, text), "") if _looks_right(bare) else _refuse(text)

    def _normal(self, bare: str, text: str) -> str:
        mark = _certain_mark(bare)
        if mark is None:
            mark = self._only_mark(text) if "," in bare else next(iter(self._sure)) if len(self._sure) == 1 else "."
        whole, _, fraction = bare.partition(mark)
        if re.search(r"[.,]", whole) and not GROUPED.fullmatch(EXPONENT.sub("", whole).lstrip("-")):
            _refuse(text)
        return whole.replace(",", "").replace(".", "") + (f".{fraction}" if fraction else "")

    def _only_mark(self, text: str) -> str:
        if len(self._sure) == 1:
            return next(iter(self._sure))
        raise InvalidValue("", f"{shown(text)} can be read in two ways; {AS_IT_WOULD_BE_RIGHT}")


def _refuse(text: str) -> Decimal:
    raise InvalidValue("", f"{shown(text)} is no number; {AS_IT_WOULD_BE_RIGHT}")


def _bare(text: str) -> str:
    found = SIGNS.match(SPACES.sub("", text))
    if found is None:
        return text
    return ("-" if found["sign"] in ("-", "\u2212") else "") + found["rest"]


def _looks_right(bare: str) -> bool:
    digits = EXPONENT.sub("", bare).lstrip("-")
    return (
        digits.isascii()
        and bool(digits)
        and digits[0] in "0123456789.,"
        and digits.replace(".", "").replace(",", "").isdecimal()
    )


def _certain_mark(bare: str) -> str | None:
    """The decimal mark that a number must have, alone; None where it has none or could have either."""
    digits = EXPONENT.sub("", bare).lstrip("-")
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return max(".,", key=digits.rindex)
    if points + commas > 1:
        # Of several marks of one kind none is decimal: the other one is.
        return "," if points else "."
    if not points + commas or GROUPED.fullmatch(digits):
        return None
    return "." if points else ","
